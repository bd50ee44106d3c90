/* api-error - a failure with a stable code; `offline`, `timeout` and `cancelled`
 * are ours, the rest are the server's. */

export class ApiError extends Error {
  constructor({ status = 0, code, message = '', field = null, retryAfter = 0 }) {
    super(message || code);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.field = field;
    this.retryAfter = retryAfter;
  }
}

/* Of an answer that is not what was asked for: JSON as it came, or nothing. */
export function errorOf(status, answer, retryAfter = 0) {
  const { code = 'unavailable', message, field } = answer?.error ?? {};
  return new ApiError({ status: status < 300 ? 502 : status, code, message, field, retryAfter });
}
