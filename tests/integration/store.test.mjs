// A store that does not answer: 503 within two seconds, and no restart when it
// is back.
import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { lockStore } from '../support/lock.mjs';
import { call } from '../support/socket.mjs';
import { share, startStack, waitFor } from '../support/stack.mjs';

const PROMISED_MS = 2000;
let stack;
let ann;
let bob;
let conversation;

before(async () => {
  stack = await startStack();
  [ann, bob] = await Promise.all([stack.register('ann'), stack.register('bob')]);
  conversation = (await send('first')).body.conversationId;
});
after(() => stack.stop());

function send(content, clientId) {
  return ann.api('/api/messages',
    { body: { recipient_id: bob.id, content, ...(clientId && { clientId }) } });
}

function database() {
  return path.join(stack.dir, 'palabre.db');
}

async function assertUnavailable(request, label) {
  const began = Date.now();
  const answer = await request();
  const took = Date.now() - began;
  assert.equal(answer.status, 503, `${label}: ${answer.text}`);
  assert.equal(answer.body.error.code, 'store_unavailable', label);
  assert.match(answer.headers.get('retry-after'), /^\d+$/, label);
  assert.ok(took < PROMISED_MS * share(), `${label}: ${took} ms`);
}

const writes = [
  ['a message', () => send('x', 'lost-1')],
  ['a pointer', () => bob.api('/api/messages/read',
    { body: { conversationId: conversation, seq: 1 } })],
  ['an old page, which marks read', () => bob.api(`/api/messages/${ann.id}`)],
];
const reads = [
  ['the list', () => bob.api('/api/conversations')],
  ['history', () => bob.api(`/api/messages/conversation?with=${ann.id}`)],
  ['a sync', () => bob.api('/api/sync', { body: {} })],
];

test('while another process writes, reading goes on and writing says so', async () => {
  const socket = await ann.connect();
  const release = await lockStore(stack);
  try {
    await Promise.all(writes.map(([label, request]) => assertUnavailable(request, label)));
    for (const [label, request] of reads) assert.equal((await request()).status, 200, label);
    const health = () => stack.api('/api/health');
    await waitFor('every worker says so', async () =>
      (await Promise.all(Array.from({ length: 8 }, health))).every(({ status, body }) =>
        status === 503 && body.store === 'down'));
    await Promise.all(Array.from({ length: 20 }, (_, i) =>
      assertUnavailable(() => send('x'), `one of a crowd, ${i}`)));
    /* Where a busy machine makes the answer late it is another one: then again. */
    const refused = await waitFor('an answer in time', async () => {
      const answer = await call(socket, 'send-message',
        { to: bob.id, content: 'x', clientId: 'lost-2' }, 10000);
      return answer.error?.code !== 'outcome_unknown' && answer;
    });
    assert.equal(refused.ok, false);
    assert.equal(refused.error.code, 'unavailable');
  } finally {
    await release();
  }
  assert.equal((await send('x', 'lost-1')).status, 201);
  const sent = await call(socket, 'send-message',
    { to: bob.id, content: 'x', clientId: 'lost-2' });
  assert.equal(sent.ok, true);
  assert.deepEqual((await reads[1][1]()).body.items.map(({ content }) => content),
    ['first', 'x', 'x']);
});

test('a store that is gone is missed by everyone, and found again', async () => {
  const away = `${database()}.away`;
  renameSync(database(), away);
  try {
    await waitFor('it is missed', async () => (await reads[0][1]()).status === 503);
    for (const [label, request] of [...reads, ...writes]) await assertUnavailable(request, label);
    assert.equal((await stack.api('/api/health')).status, 503);
  } finally {
    renameSync(away, database());
  }
  for (const [label, request] of reads) assert.equal((await request()).status, 200, label);
  assert.equal((await stack.api('/api/health')).status, 200);
  assert.equal((await send('again')).status, 201);
});

test('the operator reads why, and not once a request', async () => {
  const lines = stack.log('palabre-api').split('\n').filter((line) => / store: /.test(line));
  assert.ok(lines.length >= 1, stack.log('palabre-api').slice(-2000));
  const last = new Map(); // worker -> when it said so
  let pauses = 0;
  for (const line of lines) {
    const [, time, pid] = line.match(/^(\S+) \w+ palabre-\w+\[(\d+)\]/);
    const at = Date.parse(time);
    if (last.has(pid)) {
      assert.ok(at - last.get(pid) >= 900, `${pid} after ${at - last.get(pid)} ms`);
      pauses += 1;
    }
    last.set(pid, at);
  }
  assert.ok(pauses > 0, lines.join('\n'));
});
