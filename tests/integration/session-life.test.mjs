// How long a session lives: by a clock that is days ahead.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { assertError } from '../support/http.mjs';
import { ending } from '../support/socket.mjs';
import { startStack, temporaryDirectory } from '../support/stack.mjs';

const DAY_MS = 86400 * 1000;
const dir = temporaryDirectory();
const began = Date.now();
let stack;
let first; // the token of sign-up
let second; // ... and the one that was got for it

before(async () => {
  stack = await startStack({ dir });
  first = (await stack.register('ann')).token;
});
after(async () => {
  await stack.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function on(day) {
  for (const socket of stack.sockets) socket.disconnect();
  stack.run.child.kill('SIGTERM');
  await stack.run.ended;
  stack = await startStack({ dir, env: { PALABRE_TEST_CLOCK_OFFSET_MS: String(day * DAY_MS) } });
}

const daysIn = (time) => Math.round((Date.parse(time) - began) / DAY_MS);
const refresh = (token) => stack.api('/api/auth/refresh', { method: 'POST', token });

test('to use a session keeps it, but a token has its week', async () => {
  await on(5);
  assert.equal((await stack.api('/api/users/me', { token: first })).status, 200);
  const { items: [session] } = (await stack.api('/api/auth/sessions', { token: first })).body;
  assert.deepEqual([daysIn(session.createdAt), daysIn(session.lastUsed)], [0, 5]);
  const { status, body } = await refresh(first);
  assert.deepEqual([status, daysIn(body.expiresAt)], [200, 12]);
  second = body.token;
});

test('who asked for another token in time is still signed in', async () => {
  await on(10);
  assertError(await stack.api('/api/users/me', { token: first }), 401, 'session_expired');
  await assert.rejects(stack.connectSocket(first), { message: 'Unauthorized' });
  const socket = await stack.connectSocket(second);
  const ended = ending(socket);
  assert.equal((await stack.api('/api/auth/logout', { method: 'POST', token: second })).status, 200);
  assert.equal(await ended, 'logout');
});

/* It is day 10. */
test('after a clock that was ahead nobody was seen, and nothing used, later than now', async () => {
  const [cat, dan] = [await stack.register('cat'), await stack.register('dan')];
  await cat.connect();
  await on(9);
  const now = () => Date.now() + 9 * DAY_MS;
  const { lastSeen } = (await stack.api(`/api/users/${cat.id}`, { token: dan.token })).body;
  assert.ok(Date.parse(lastSeen) <= now(), lastSeen);
  const { items: [{ lastUsed }] } = (await stack.api('/api/auth/sessions', { token: dan.token })).body;
  assert.ok(Date.parse(lastUsed) <= now(), lastUsed);
  await stack.connectSocket(cat.token);
  await on(9);
  const again = (await stack.api(`/api/users/${cat.id}`, { token: dan.token })).body.lastSeen;
  assert.ok(Date.parse(again) > Date.parse(lastSeen), 'seen meanwhile');
});
