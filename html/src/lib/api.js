/*
 * api - REST calls with the token. Every failure is an ApiError with a
 * stable code; `offline` and `timeout` are ours, the rest are the server's.
 */

const TIMEOUT_MS = 15000; // for a whole answer

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

/* What a socket's acknowledgement says no with. */
export function refusalOf(answer) {
  const { code = 'internal', message, retryAfter } = answer?.error ?? {};
  return new ApiError({ code, message, retryAfter });
}

/* token() gives the current token; onUnauthorized(token) hears of every 401
 * that an authorized call got, with the token that was refused. */
export function createApi({ token, onUnauthorized, timeoutMs = TIMEOUT_MS }) {
  const request = (...what) => ask(timeoutMs, ...what);
  const call = (method, path, body) => {
    const used = token();
    return request(method, path, body, used).catch((error) => {
      if (error.status === 401) onUnauthorized(used);
      throw error;
    });
  };
  return {
    register: (form) => request('POST', '/api/auth/register', form),
    login: (form) => request('POST', '/api/auth/login', form),
    logout: () => call('POST', '/api/auth/logout', {}),
    refresh: () => call('POST', '/api/auth/refresh', {}),
    password: (form) => call('POST', '/api/auth/password', form),
    sessions: () => call('GET', '/api/auth/sessions'),
    endSession: (id) => call('DELETE', `/api/auth/sessions/${id}`),
    me: () => call('GET', '/api/users/me'),
    profile: (changes) => call('PATCH', '/api/users/profile', changes),
    user: (id) => call('GET', `/api/users/${id}`),
    users: (page, limit) => call('GET', `/api/users?${query({ page, limit })}`),
    search: (q) => call('GET', `/api/users/search?${query({ q })}`),
    conversations: () => call('GET', '/api/messages/conversations'),
    history: (which) =>
      call('GET', `/api/messages/conversation?${query(which)}`),
    send: (message) => call('POST', '/api/messages', message),
    edit: (id, content) => call('PUT', `/api/messages/${id}`, { content }),
    remove: (id) => call('DELETE', `/api/messages/${id}`),
    received: (pointer) => call('POST', '/api/messages/received', pointer),
    read: (pointer) => call('POST', '/api/messages/read', pointer),
    sync: (known) => call('POST', '/api/sync', known),
  };
}

function query(parameters) {
  const given = Object.entries(parameters).filter(([, v]) => v != null);
  return new URLSearchParams(given).toString();
}

async function ask(timeoutMs, method, path, body, token) {
  const headers = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (token) headers.Authorization = `Bearer ${token}`;
  const [response, text] = await reach(timeoutMs, path, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    cache: 'no-store',
    credentials: 'omit',
  });
  const answer = parse(text);
  if (response.ok && answer !== undefined) return answer;
  throw errorOf(response, answer);
}

async function reach(timeoutMs, path, options) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    const response = await fetch(path, { ...options, signal: abort.signal });
    return [response, await response.text()];
  } catch {
    throw new ApiError({ code: abort.signal.aborted ? 'timeout' : 'offline' });
  } finally {
    clearTimeout(timer);
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function errorOf(response, answer) {
  const error = answer?.error ?? {};
  return new ApiError({
    status: response.ok ? 502 : response.status,
    code: error.code ?? 'unavailable',
    message: error.message ?? '',
    field: error.field ?? null,
    retryAfter: Number(response.headers.get('Retry-After')) || 0,
  });
}
