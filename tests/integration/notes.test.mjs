// What one notes for oneself: a direct conversation with nobody else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertError } from '../support/http.mjs';
import { call, collect } from '../support/socket.mjs';
import { startStack, waitFor } from '../support/stack.mjs';

let stack;

before(async () => {
  stack = await startStack();
});
after(() => stack.stop());

const someone = (stem) => stack.newcomer(stem);

test('what one notes comes to all one\'s devices once, and is read', async () => {
  const [ann, bob] = await Promise.all([someone('ann'), someone('bob')]);
  const sockets = await Promise.all([ann.connect(), ann.connect()]);
  const heard = sockets.map((socket) => collect(socket, 'message:new'));
  const begun = sockets.map((socket) => collect(socket, 'conversation:new'));
  const his = collect(await bob.connect(), 'message:new');
  const sent = await ann.api('/api/messages', { body: { recipient_id: ann.id, content: 'milk' } });
  assert.equal(sent.status, 201);
  assert.deepEqual([sent.body.sender, sent.body.recipient], [ann.id, ann.id]);
  const { message } = await call(sockets[0], 'send-message', { to: ann.id, content: 'eggs' });
  assert.equal(message.conversationId, sent.body.conversationId);
  await waitFor('both notes', () => heard.every((events) => events.length === 2));
  await sleep(300);
  for (const events of heard) assert.deepEqual(events.map(({ content }) => content), ['milk', 'eggs']);
  assert.ok(begun.every((events) => events.length > 0));
  const [row] = (await ann.api('/api/conversations')).body;
  assert.deepEqual([row.kind, row.otherUser._id, row.unread, row.readSeq], ['direct', ann.id, 0, 2]);
  assert.deepEqual(row.members.map(({ userId }) => userId), [ann.id]);
  const history = await ann.api(`/api/messages/conversation?with=${ann.id}`);
  assert.deepEqual(history.body.items.map(({ content }) => content), ['milk', 'eggs']);
  assert.equal(his.length, 0);
  assertError(await bob.api(`/api/conversations/${row._id}`), 404, 'not_found');
  assertError(await bob.api('/api/messages', { body: { conversationId: row._id, content: 'x' } }), 404, 'not_found');
});

test('notes are synced, edited and deleted as all else', async () => {
  const ann = await someone('ann');
  const before = (await ann.api('/api/sync', { body: {} })).body;
  const { _id, conversationId } = (await ann.api('/api/messages', { body: { recipient_id: ann.id, content: 'milk' } })).body;
  const synced = (await ann.api('/api/sync', { body: { epoch: before.epoch } })).body;
  assert.deepEqual(synced.new.map((one) => one._id), [conversationId]);
  assert.equal((await ann.api(`/api/messages/${_id}`, { method: 'PUT', body: { content: 'oat milk' } })).body.content, 'oat milk');
  assert.equal((await ann.api(`/api/messages/${_id}`, { method: 'DELETE' })).status, 200);
  const { changes } = (await ann.api('/api/sync', { body: { epoch: before.epoch, conversations: { [conversationId]: { seq: 1, change: 0 } } } })).body;
  assert.equal(changes.length, 2);
});
