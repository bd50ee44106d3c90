// What operators and their programs are told of the server, after traffic that
// is known.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertError } from '../support/http.mjs';
import { endLineClients, lineConnection } from '../support/lines.mjs';
import { call } from '../support/socket.mjs';
import { freePort, startStack, waitFor } from '../support/stack.mjs';

let stack, port, ann, bob, boss;

before(async () => {
  port = await freePort();
  stack = await startStack({ set: { line_port: port, api_workers: 2 } });
  [ann, bob] = await Promise.all([stack.register('ann'), stack.register('bob')]);
  await stack.register('boss');
  assert.equal((await stack.ctl('user', 'role', 'boss', 'operator')).code, 0);
  boss = await stack.login('boss');
});
after(async () => {
  endLineClients();
  await stack?.stop();
});

const figures = async () => (await boss.api('/api/operator/figures')).body;
const sum = (list) => list.reduce((all, one) => all + one, 0);
const send = (clientId) => ann.api('/api/messages', { body: { recipient_id: bob.id, content: 'x', clientId } });

test('operators alone see the figures', async () => {
  assertError(await ann.api('/api/operator/figures'), 403, 'forbidden');
  assert.equal((await boss.api('/api/operator/figures')).status, 200);
});

test('each message counts once, whichever way it came', async () => {
  const before_ = (await figures()).messages;
  for (const id of ['m1', 'm2', 'm3']) assert.equal((await send(id)).status, 201);
  assert.equal((await send('m1')).status, 200, 'a duplicate');
  const socket = await ann.connect();
  for (const id of ['m4', 'm5']) {
    assert.equal((await call(socket, 'send-message', { to: bob.id, content: 'x', clientId: id })).ok, true);
  }
  const { messages, store } = await figures();
  assert.equal(messages.total - before_.total, 5);
  assert.equal(messages.minutes.length, 60);
  assert.equal(sum(messages.minutes) - sum(before_.minutes), 5);
  assert.ok(sum(store.writes) >= 5);
  assert.ok(store.writeMicros.some((micros) => micros > 0));
  assert.ok(Math.max(...store.slowestMicros) >= Math.max(...store.writeMicros));
  for (const bytes of [store.size, store.logSize, store.diskLeft]) assert.ok(bytes > 0);
  socket.disconnect();
});

test('connections count by transport', async () => {
  const transport = ({ push: { websockets, polls, lines } }) => [websockets, polls, lines];
  await waitFor('nobody is there', async () => sum(transport(await figures())) === 0);
  const sockets = await Promise.all([ann.connect({ transports: ['websocket'] }),
    bob.connect({ transports: ['websocket'] }), bob.connect({ transports: ['polling'] })]);
  const line = await lineConnection(port, 'zoe\n');
  await waitFor('all are', async () => String(transport(await figures())) === '2,1,1');
  sockets.forEach((socket) => socket.disconnect());
  line.end();
  await waitFor('they have left', async () => sum(transport(await figures())) === 0);
});

test('what waits for a client that does not read counts in bytes', async () => {
  const line = await lineConnection(port, 'max\n');
  line.socket.pause();
  const fill = async () => {
    for (let i = 0; i < 20; i += 1) await boss.api('/api/operator/broadcast', { body: { message: 'x'.repeat(4000) } });
    return (await figures()).push.queueBytes > 10000;
  };
  await waitFor('bytes wait', fill, 30000);
  line.end();
  await waitFor('none do', async () => (await figures()).push.queueBytes === 0);
});

test('a worker that dies counts, and one that is replaced does not', async () => {
  const { workers } = await figures();
  assert.equal(workers.running, stack.children('palabre-api').length);
  process.kill(stack.workers('palabre-api')[0], 'SIGKILL');
  await waitFor('it is seen', async () => (await figures()).workers.died === workers.died + 1);
  const old = stack.workers('palabre-api');
  process.kill(stack.pid('palabre-api'), 'SIGHUP');
  await waitFor('all are new', () => stack.workers('palabre-api').every((pid) => !old.includes(pid)));
  await waitFor('nobody leaves any more', async () => (await figures()).workers.leaving === 0);
  const { died, stuck, late, running } = (await figures()).workers;
  assert.deepEqual([died, stuck, late, running], [workers.died + 1, workers.stuck, workers.late, workers.running]);
});

test('a palabre-pushd that does not answer is said not to, and keeps nobody waiting', async () => {
  const pid = stack.pid('palabre-pushd');
  process.kill(pid, 'SIGSTOP');
  try {
    const answer = await boss.api('/api/operator/figures');
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.body.push, null);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await waitFor('it does again', async () => (await figures()).push !== null);
});
