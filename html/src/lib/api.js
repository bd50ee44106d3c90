/*
 * api - REST calls with the token. Every failure is an ApiError with a
 * stable code; `offline` and `timeout` are ours, the rest are the server's.
 */

import { ApiError, errorOf } from './api-error.js';
import { under } from './base.js';
import { hearDate } from './server-clock.js';
import { upload } from './upload.js';

export { ApiError };

const TIMEOUT_MS = 15000; // for a whole answer
const PATIENCE_MS = 3500; // for its beginning, where another way is tried then
const FILE_MS = 120000; // for all of a file
const EXPORT_MS = 1200000; // for all of all that is theirs
const FLUSH_MS = 600;
const FLUSH = 6; // as many as a browser keeps to one server

/* What a socket's acknowledgement says no with. */
export function refusalOf(answer) {
  const { code = 'internal', message, retryAfter } = answer?.error ?? {};
  return new ApiError({ code, message, retryAfter });
}

/* token() gives the current token; onUnauthorized(token) hears of every 401
 * that an authorized call got, with the token that was refused. */
export function createApi({ token, onUnauthorized, timeoutMs = TIMEOUT_MS }) {
  const line = createLine(timeoutMs);
  const request = (...what) => ask(line, ...what);
  const heard = (used, answer) =>
    answer.catch((error) => {
      if (error.status === 401) onUnauthorized(used);
      throw error;
    });
  const call = (method, path, body, patience) => {
    const used = token();
    return heard(used, request(method, path, body, used, patience));
  };
  const bytes = (path, ms) => {
    const used = token();
    return heard(used, bytesOf(path, used, ms));
  };
  return {
    /* The connections that were there are dead: what is under way on them
     * fails as `offline`, what is asked from now on takes new ones. */
    reconnect: line.reconnect,
    register: (form) => request('POST', '/api/auth/register', form),
    login: (form) => request('POST', '/api/auth/login', form),
    guest: (form) => request('POST', '/api/auth/guest', form),
    health: () => request('GET', '/api/health'),
    logout: () => call('POST', '/api/auth/logout', {}),
    refresh: () => call('POST', '/api/auth/refresh', {}),
    password: (form) => call('POST', '/api/auth/password', form),
    sessions: () => call('GET', '/api/auth/sessions'),
    endSession: (id) => call('DELETE', `/api/auth/sessions/${id}`),
    me: () => call('GET', '/api/users/me'),
    profile: (changes) => call('PATCH', '/api/users/profile', changes),
    erase: (password) => call('DELETE', '/api/users/me', { password }),
    /* all of one's own, a Blob */
    exportAll: () => bytes('/api/users/me/export', EXPORT_MS),
    user: (id) => call('GET', `/api/users/${id}`),
    users: (limit) => call('GET', `/api/users?${query({ limit })}`),
    /* what a list or a search says as `more` */
    more: (address) => call('GET', address),
    search: (q) => call('GET', `/api/users/search?${query({ q })}`),
    conversations: (before) =>
      call('GET', `/api/conversations?${query({ before })}`),
    conversation: (id) => call('GET', `/api/conversations/${id}`),
    history: (which) =>
      call('GET', `/api/messages/conversation?${query(which)}`),
    /* which: {q, conversationId, from, before, limit} */
    searchMessages: (which) => call('GET', `/api/messages/search?${query(which)}`),
    /* which: {before} */
    files: (id, which) => call('GET', `/api/conversations/${id}/files?${query(which)}`),
    send: (message) => call('POST', '/api/messages', message),
    edit: (id, words) => call('PUT', `/api/messages/${id}`, words),
    remove: (id) => call('DELETE', `/api/messages/${id}`),
    react: (id, emoji, on) => call('PUT', `/api/messages/${id}/reactions`, { emoji, on }),
    report: (id, reason) => call('POST', `/api/messages/${id}/report`, { reason }),
    received: (pointer) => call('POST', '/api/messages/received', pointer),
    read: (pointer) => call('POST', '/api/messages/read', pointer),
    blocks: () => call('GET', '/api/users/blocks'),
    block: (id) => call('PUT', `/api/users/${id}/block`),
    unblock: (id) => call('DELETE', `/api/users/${id}/block`),
    createGroup: (form) => call('POST', '/api/conversations', form),
    changeGroup: (id, changes) => call('PATCH', `/api/conversations/${id}`, changes),
    /* which: {after, q, limit} */
    members: (id, which) => call('GET', `/api/conversations/${id}/members?${query(which)}`),
    addMembers: (id, userIds) => call('POST', `/api/conversations/${id}/members`, { userIds }),
    removeMember: (id, userId) =>
      call('DELETE', `/api/conversations/${id}/members/${userId}`),
    leaveGroup: (id) => call('DELETE', `/api/conversations/${id}/members/me`),
    makeLink: (id, expiresIn) =>
      call('POST', `/api/conversations/${id}/link`, { expiresIn }),
    revokeLink: (id) => call('DELETE', `/api/conversations/${id}/link`),
    changeOwn: (id, own) => call('PATCH', `/api/conversations/${id}/own`, own),
    join: (code) => call('POST', '/api/join', { code }),
    /* {answer, cancel()}, see lib/upload.js */
    upload: (file, onProgress) => {
      const used = token();
      const { answer, cancel } = upload(`/api/files?${query({ name: file.name })}`, file, { token: used, onProgress });
      return { answer: heard(used, answer), cancel };
    },
    file: (id, small) => bytes(`/api/files/${id}${small ? '?preview=1' : ''}`),
    /* of operators */
    clients: (before) => call('GET', `/api/operator/clients?${query({ before, limit: 100 })}`),
    clientHistory: (id, which) => call('GET', `/api/operator/clients/${id}/messages?${query(which)}`),
    answerClient: (id, message) => call('POST', `/api/operator/clients/${id}/messages`, message),
    kick: (id) => call('POST', `/api/operator/clients/${id}/kick`, {}),
    silence: (id, seconds) => call('POST', `/api/operator/clients/${id}/mute`, { seconds }),
    unlock: (id) => call('POST', `/api/operator/users/${id}/unlock`, {}),
    server: () => call('GET', '/api/operator/server'),
    changeServer: (changes) => call('PATCH', '/api/operator/server', changes),
    addresses: () => call('GET', '/api/operator/blocks'),
    blockAddress: (address, seconds) => call('POST', '/api/operator/blocks', { address, seconds }),
    unblockAddress: (address) =>
      call('DELETE', `/api/operator/blocks/${encodeURIComponent(address)}`),
    audit: (which) => call('GET', `/api/operator/audit?${query(which)}`),
    reports: (which) => call('GET', `/api/operator/reports?${query(which)}`),
    figures: () => call('GET', '/api/operator/figures'),
    sync: (known) => call('POST', '/api/sync', known, PATIENCE_MS),
  };
}

function query(parameters) {
  const given = Object.entries(parameters).filter(([, v]) => v != null);
  return new URLSearchParams(given).toString();
}

async function ask(line, method, path, body, token, patience) {
  const headers = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (token) headers.Authorization = `Bearer ${token}`;
  const [response, text] = await line.reach(path, patience, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    cache: 'no-store',
    credentials: 'omit',
  });
  const answer = parse(text);
  const next = nextOf(response);
  if (next) answer.more = next; // an array has no other room for it
  if (response.ok && answer !== undefined) return answer;
  throw errorOf(response.status, answer, Number(response.headers.get('Retry-After')) || 0);
}

/* Of a file, as a Blob. */
async function bytesOf(path, token, ms = FILE_MS) {
  let response;
  try {
    const signal = AbortSignal.timeout?.(ms);
    response = await fetch(under(path), {
      headers: { Authorization: `Bearer ${token}` },
      credentials: 'omit',
      signal,
    });
    if (response.ok) return await response.blob();
  } catch (error) {
    throw new ApiError({ code: error.name === 'TimeoutError' ? 'timeout' : 'offline' });
  }
  throw errorOf(response.status, parse(await response.text().catch(() => '')));
}

/* The requests under way, and what new ones wait for. */
function createLine(timeoutMs) {
  const underWay = new Set();
  let fresh = null; // a promise, while connections are being let go

  async function reach(path, patience, options) {
    await fresh;
    try {
      return await reachOnce(path, patience, options);
    } catch (error) {
      if (error.code !== 'no_beginning') throw error;
      await reconnect();
      return reachOnce(path, 0, options);
    }
  }

  async function reachOnce(path, patience, options) {
    const abort = new AbortController();
    const giveUp = (code) => () => abort.abort(code);
    const timer = setTimeout(giveUp('timeout'), timeoutMs);
    const impatience = patience && setTimeout(giveUp('no_beginning'), patience);
    const askedAt = Date.now();
    underWay.add(abort);
    try {
      const response = await fetch(under(path), { ...options, signal: abort.signal });
      clearTimeout(impatience);
      hearDate(response.headers.get('Date'), askedAt);
      return [response, await response.text()];
    } catch {
      throw new ApiError({ code: abort.signal.aborted ? abort.signal.reason : 'offline' });
    } finally {
      clearTimeout(timer);
      clearTimeout(impatience);
      underWay.delete(abort);
    }
  }

  function reconnect() {
    for (const abort of underWay) abort.abort('offline');
    fresh ??= flush().finally(() => {
      fresh = null;
    });
    return fresh;
  }

  return { reach, reconnect };
}

/* A browser that was not told keeps dead connections for the next request. One
 * that does not answer at once is closed by taking the question back. */
async function flush() {
  const signal = AbortSignal.timeout?.(FLUSH_MS);
  const probe = () =>
    fetch(under('/favicon.svg'), { method: 'HEAD', cache: 'no-store', credentials: 'omit', signal });
  if (signal) await Promise.allSettled(Array.from({ length: FLUSH }, probe));
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/* Where the rest is, or undefined (RFC 8288). */
const nextOf = (response) =>
  /<(\/[^>]*)>; *rel="?next\b/.exec(response.headers.get('Link') ?? '')?.[1];
