/* api-error - a failure with a stable code; `offline` and `timeout` are ours, the
 * rest are the server's. */

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
