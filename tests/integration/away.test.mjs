// While no worker answers, nobody who connects is sent away for good.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { frame } from '../support/fastcgi.mjs';
import { Pushd, answerWith, goodAnswer } from '../support/pushd.mjs';
import { call } from '../support/socket.mjs';
import { startStack, waitFor } from '../support/stack.mjs';

let pushd;
let open;

beforeEach(async () => {
  open = [];
  pushd = await new Pushd().start();
});
afterEach(async () => {
  for (const socket of open) socket.disconnect();
  await pushd.stop();
});

/* A client with its defaults, but for the transports. */
function client(url, token, transports) {
  const socket = io(url, { auth: { token }, transports, forceNew: true });
  socket.errors = [];
  socket.on('connect_error', (error) => socket.errors.push(error.message));
  open.push(socket);
  return socket;
}

for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
  test(`a client on ${transports} comes back by itself when the store is there again`, async () => {
    pushd.answer = (commands) => answerWith(...commands.map((one) =>
      (one.head.command === 'session'
        ? frame('RESULT', { ok: false, code: 'unavailable' }) : goodAnswer(one))));
    const socket = client(pushd.url, 'ann', transports);
    await waitFor('an attempt', async () => (await pushd.stats()).turnedAway > 0);
    assert.equal(socket.connected, false);
    pushd.answer = (commands) => answerWith(...commands.map(goodAnswer));
    await waitFor('connected', () => socket.connected);
    assert.ok(!socket.errors.includes('Unauthorized'), socket.errors.join());
    assert.equal((await call(socket, 'send-message', { content: 'x' })).ok, true);
    assert.equal((await pushd.stats()).sessionsRefused, 0);
  });
}

test('a bad token is refused, and the client does not try again', async () => {
  const socket = client(pushd.url, 'nobody', ['websocket']);
  await waitFor('the refusal', () => socket.errors.length > 0);
  await sleep(2500);
  assert.deepEqual(socket.errors, ['Unauthorized']);
  assert.equal(socket.active, false);
  assert.equal((await pushd.stats()).turnedAway, 0);
});

/* Over how many ms the middle half of those leave who are turned away at once. */
async function spread() {
  const left = [];
  const sockets = Array.from({ length: 200 }, () =>
    io(pushd.url, { auth: { token: 'ann' }, transports: ['websocket'], forceNew: true,
      reconnection: false }));
  for (const socket of sockets) {
    open.push(socket);
    socket.once('disconnect', () => left.push(Date.now()));
  }
  await waitFor('all have left', () => left.length === sockets.length);
  left.sort((a, b) => a - b);
  return left[150] - left[50];
}

test('those turned away leave over some seconds, not at once', async () => {
  pushd.answer = (commands) => answerWith(...commands.map((one) =>
    (one.head.command === 'session'
      ? frame('RESULT', { ok: false, code: 'unavailable' }) : goodAnswer(one))));
  // Whoever hears of it late, on a busy machine, hears of many at once.
  const spreads = [];
  do spreads.push(await spread()); while (spreads.at(-1) <= 700 && spreads.length < 3);
  assert.ok(spreads.at(-1) > 700, `${spreads.join()} ms`);
});

test('with palabre-api away for ten seconds clients come back by themselves', async () => {
  const stack = await startStack();
  try {
    const ann = await stack.register('ann');
    process.kill(stack.pid('palabre-api'), 'SIGSTOP');
    for (const pid of stack.workers('palabre-api')) process.kill(pid, 'SIGSTOP');
    const sockets = [['websocket'], ['polling', 'websocket']]
      .map((transports) => client(stack.url, ann.token, transports));
    await sleep(10000);
    assert.deepEqual(sockets.map(({ connected }) => connected), [false, false]);
    for (const pid of stack.workers('palabre-api')) process.kill(pid, 'SIGCONT');
    process.kill(stack.pid('palabre-api'), 'SIGCONT');
    for (const socket of sockets) {
      await waitFor('connected', () => socket.connected);
      assert.ok(!socket.errors.includes('Unauthorized'));
    }
  } finally {
    for (const socket of open) socket.disconnect();
    await stack.stop();
  }
});
