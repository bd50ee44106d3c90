// The lobby: one conversation of everyone who is here, where it is on.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertError } from '../support/http.mjs';
import { call, collect, enterSocket, next } from '../support/socket.mjs';
import { startStack, waitFor } from '../support/stack.mjs';

const LOBBY = '000000000000000000000002';
let stack;
let people = 0;

before(async () => {
  stack = await startStack({ set: { lobby: 'on' } });
});
after(() => stack.stop());

const name = (stem) => `${stem}${(people += 1)}`;
const user = () => stack.register(name('ann'));
const guest = () => stack.guest(name('zoe'));
const say = (who, content, more) => who.api('/api/messages', { body: { conversationId: LOBBY, content, ...more } });
const history = async (who, query = '') =>
  who.api(`/api/messages/conversation?conversationId=${LOBBY}${query}`);

async function enter(who) {
  const entered = await enterSocket(stack.url, { token: who.token });
  stack.sockets.add(entered.socket);
  await waitFor('the lobby', () => entered.heard.some(([event]) => event === 'lobby'));
  return { ...entered, lobby: entered.heard.find(([event]) => event === 'lobby')[1] };
}

test('who comes sees the last 50, and hears what everyone says', async () => {
  const [ann, zoe] = [await user(), await guest()];
  const early = await enter(ann);
  assert.equal(early.lobby.conversationId, LOBBY);
  for (let i = 1; i <= 60; i += 1) {
    const sent = await say(ann, `number ${i}`);
    assert.equal(sent.status, 201, sent.text);
    assert.equal(sent.body.recipient, null);
  }
  const late = await enter(zoe);
  assert.equal(late.lobby.items.length, 50);
  assert.deepEqual([late.lobby.items[0].content, late.lobby.items[49].content], ['number 11', 'number 60']);
  const heard = [early, late].map(({ socket }) => [collect(socket, 'message:new'), collect(socket, 'broadcast_message')]);
  const sent = await call(late.socket, 'send_message', { message: 'hello all' });
  await waitFor('all hear it', () => heard.every(([one, other]) => one.length === 1 && other.length === 1));
  for (const [[one], [other]] of heard) {
    assert.deepEqual([one._id, one.content, one.conversationId, one.status], [sent.id, 'hello all', LOBBY, 'sent']);
    assert.deepEqual([other.id, other.message, other.client_id], [sent.id, 'hello all', null]);
  }
});

test('it is read, synced and edited as any conversation, without members or marks', async () => {
  const [ann, zoe] = [await user(), await guest()];
  const { seq, _id } = (await say(ann, 'first')).body;
  const known = (await zoe.api(`/api/conversations/${LOBBY}`)).body;
  assert.deepEqual([known.kind, known.members, known.unread, known.lastSeq], ['lobby', [], 0, seq]);
  const { epoch } = (await zoe.api('/api/sync', { body: {} })).body;
  await say(zoe, 'second', { replyTo: _id });
  assert.equal((await ann.api(`/api/messages/${_id}`, { method: 'PUT', body: { content: 'edited' } })).body.content, 'edited');
  const at = { epoch, conversations: { [LOBBY]: { seq, change: known.lastChange } } };
  const { messages, changes, pointers } = (await ann.api('/api/sync', { body: at })).body;
  assert.deepEqual(messages.map(({ content }) => content), ['second']);
  assert.deepEqual(changes.map(({ message }) => message.content), ['edited']);
  assert.deepEqual(pointers[LOBBY], []);
  const { items } = (await history(zoe, '&limit=2')).body;
  assert.deepEqual(items.map(({ content }) => content), ['edited', 'second']);
  assertError(await ann.api('/api/messages/read', { body: { conversationId: LOBBY, seq } }), 404, 'not_found');
  assertError(await zoe.api(`/api/messages/${_id}`, { method: 'DELETE' }), 403, 'forbidden');
});

test('all are told who is here, but not from where', async () => {
  const [ann, zoe] = [await enter(await user()), await guest()];
  const came = next(ann.socket, 'clients_update', ({ clients }) => clients.some(({ id }) => id === zoe.id));
  await enter(zoe);
  const { clients } = await came;
  assert.deepEqual(clients.find(({ id }) => id === zoe.id), { id: zoe.id, username: zoe.user.username, avatar: '', status: '' });
});

test('typing in it is seen by all', async () => {
  const [ann, zoe] = [await enter(await user()), await guest()];
  const { socket } = await enter(zoe);
  const seen = next(ann.socket, 'typing', ({ from }) => from === zoe.id);
  await call(socket, 'typing', { conversationId: LOBBY });
  assert.equal((await seen).conversationId, LOBBY);
});

test('long messages make what one sees at first no longer than 64 KiB', async () => {
  const ann = await user();
  for (let i = 0; i < 20; i += 1) await say(ann, `${i} ${'é'.repeat(4990)}`);
  const { lobby } = await enter(await user());
  assert.ok(lobby.items.length > 1 && lobby.items.length < 10, String(lobby.items.length));
  assert.match(lobby.items.at(-1).content, /^19 /);
  assert.ok(JSON.stringify(lobby).length < 70000);
});

test('where there is no lobby nobody writes or reads there', async () => {
  const closed = await startStack();
  try {
    const ann = await closed.register('ann');
    for (const answer of [
      await ann.api('/api/messages', { body: { conversationId: LOBBY, content: 'x' } }),
      await ann.api(`/api/messages/conversation?conversationId=${LOBBY}`),
      await ann.api(`/api/conversations/${LOBBY}`),
    ]) {
      assertError(answer, 404, 'not_found');
    }
    const { socket, heard } = await enterSocket(closed.url, { token: ann.token });
    closed.sockets.add(socket);
    const sent = await call(socket, 'send_message', { message: 'help' });
    assert.notEqual(sent.message.conversationId, LOBBY, 'it goes to support');
    assert.ok(!heard.some(([event]) => event === 'lobby'));
  } finally {
    await closed.stop();
  }
});
