import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { createApi, refusalOf } from '../src/lib/api.js';
import { isPermanent } from '../src/lib/outbox.js';

const real = globalThis.fetch;
const refused = [];
const api = createApi({
  token: () => 'mine',
  onUnauthorized: (token) => refused.push(token),
  timeoutMs: 20,
});
const answers = (status, body, headers) => {
  globalThis.fetch = async () => new Response(body, { status, headers });
};

afterEach(() => {
  globalThis.fetch = real;
  refused.length = 0;
});

test('an answer that begins and never ends is a time-out', async () => {
  globalThis.fetch = async (path, { signal }) => new Response(new ReadableStream({
    start(stream) {
      stream.enqueue(new TextEncoder().encode('{"items":['));
      signal.addEventListener('abort', () => stream.error(signal.reason));
    },
  }));
  await assert.rejects(api.me(), { code: 'timeout', status: 0 });
});

test('no answer at all is offline', async () => {
  globalThis.fetch = async () => { throw new TypeError('Failed to fetch'); };
  await assert.rejects(api.me(), { code: 'offline' });
});

test('a refusal carries its code, field and how long to wait', async () => {
  answers(429, JSON.stringify({ error: { code: 'locked', message: 'Wait.', field: 'password' } }), { 'Retry-After': '7' });
  await assert.rejects(api.me(), { status: 429, code: 'locked', field: 'password', retryAfter: 7 });
  assert.deepEqual(refused, []);
});

test('who is unauthorized is told with the token that was', async () => {
  answers(401, JSON.stringify({ error: { code: 'session_expired' } }));
  await assert.rejects(api.me(), { code: 'session_expired' });
  assert.deepEqual(refused, ['mine']);
  await assert.rejects(api.login({}), { status: 401 });
  assert.deepEqual(refused, ['mine'], 'to sign in uses no token');
});

test('what is no JSON is no answer', async () => {
  answers(200, '<html>');
  await assert.rejects(api.me(), { status: 502, code: 'unavailable' });
});

test('a socket that refuses for now says by when', () => {
  const error = refusalOf({ ok: false, error: { code: 'rate_limited', message: 'Slow.', retryAfter: 3 } });
  assert.deepEqual([error.code, error.retryAfter, isPermanent(error)], ['rate_limited', 3, false]);
  assert.equal(refusalOf(undefined).code, 'internal');
});
