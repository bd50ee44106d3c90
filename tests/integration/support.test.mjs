// Support: whoever writes to the server writes to all operators at once, who
// answer and read as one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertError } from '../support/http.mjs';
import { call, collect, enterSocket, next } from '../support/socket.mjs';
import { startStack, waitFor } from '../support/stack.mjs';

const SERVER = '000000000000000000000001';
let stack;
let people = 0;

before(async () => {
  stack = await startStack({
    set: { presence_grace_ms: 100, guest_direct: 'off' },
  });
});
after(() => stack.stop());

const name = (stem) => `${stem}${(people += 1)}`;
const user = () => stack.register(name('ann'));
const guest = () => stack.guest(name('zoe'));
const operator = () => stack.operator(name('op'));

const write = (who, content = 'help', more = {}) =>
  who.api('/api/messages', { body: { recipient_id: SERVER, content, ...more } });
const history = async (who, conversationId) =>
  who.api(`/api/messages/conversation?conversationId=${conversationId}`);
const answerIn = (who, conversationId, content) =>
  who.api('/api/messages', { body: { conversationId, content } });

test('what a guest or a user writes to the server, all operators hear and answer', async () => {
  const [one, other] = [await operator(), await operator()];
  const desks = await Promise.all([one.connect(), other.connect()]);
  for (const who of [await guest(), await user()]) {
    const socket = await who.connect();
    const opened = next(socket, 'conversation:new');
    const heard = [socket, ...desks].map((each) => collect(each, 'message:new'));
    const old = [socket, ...desks].map((each) => collect(each, 'broadcast_message'));

    const sent = await write(who);
    assert.equal(sent.status, 201, sent.text);
    const { conversationId, _id } = sent.body;
    assert.equal(sent.body.recipient, null);
    const conversation = await opened;
    assert.deepEqual([conversation._id, conversation.kind, conversation.title],
      [conversationId, 'support', who.user.username]);
    assert.deepEqual(conversation.members.map(({ userId }) => userId).sort(), [SERVER, who.id].sort());
    await waitFor('all to hear it', () => heard.every(({ length }) => length === 1));
    for (const [{ content, sender }] of heard) assert.deepEqual([content, sender], ['help', who.id]);
    for (const [event] of old) {
      assert.deepEqual(event, {
        id: _id, from: who.id, username: who.user.username, message: 'help',
        timestamp: sent.body.createdAt, client_id: who.id,
      });
    }
    const answered = await answerIn(one, conversationId, 'how?');
    assert.equal(answered.status, 201, answered.text);
    await waitFor('the answer', () => heard.every(({ length }) => length === 2));
    assert.deepEqual(heard[0][1].senderName, one.user.username);
    assert.equal((await history(who, conversationId)).body.items.length, 2);
    assert.equal((await history(other, conversationId)).body.items.length, 2);
    assert.deepEqual((await who.api('/api/conversations')).body.map(({ _id: id, unread }) => [id, unread]),
      [[conversationId, 1]]);
    const byName = await who.api(`/api/messages/conversation?with=${SERVER}`);
    assert.equal(byName.body.conversationId, conversationId);
    socket.disconnect();
  }
});

test('send_message of the Flask chat goes to support, and back by client_id', async () => {
  const [desk, zoe] = [await operator(), await guest()];
  const [desks, socket] = [await desk.connect(), await zoe.connect()];
  const heard = collect(desks, 'broadcast_message');
  const asked = await call(socket, 'send_message', { message: 'help', client_id: desk.id });
  assert.equal(asked.ok, true);
  assert.equal(asked.message.content, 'help');
  await waitFor('it', () => heard.length === 1);
  assert.deepEqual([heard[0].id, heard[0].client_id], [asked.id, zoe.id]);

  const answer = next(socket, 'broadcast_message');
  const answered = await call(desks, 'send_message', { message: 'how?', client_id: zoe.id, clientId: 'a' });
  assert.equal(answered.message.clientId, 'a');
  assert.deepEqual([(await answer).message, (await answer).from], ['how?', desk.id]);
  const again = await call(desks, 'send_message', { message: 'how?', client_id: zoe.id, clientId: 'a' });
  assert.equal(again.duplicate, true);
  for (const [who, said, code] of [
    [socket, {}, 'invalid'], [socket, { message: ' ' }, 'invalid'], [socket, { message: 'x'.repeat(5001) }, 'invalid'],
    [desks, { message: 'x' }, 'invalid'], [desks, { message: 'x', client_id: 'zoe' }, 'invalid'],
    [desks, { message: 'x', client_id: '0190000000000000000000b2' }, 'not_found'],
    [desks, { message: 'x', client_id: desk.id }, 'not_found'],
  ]) {
    assert.equal((await call(who, 'send_message', said)).error.code, code, JSON.stringify(said));
  }
});

test('an operator may write first, and who is here hears it at once', async () => {
  const [desk, zoe] = [await operator(), await guest()];
  const [desks, socket] = [await desk.connect(), await zoe.connect()];
  const [opened, heard] = [next(socket, 'conversation:new'), next(socket, 'message:new')];
  await call(desks, 'send_message', { message: 'may I help?', client_id: zoe.id });
  assert.equal((await opened).title, zoe.user.username);
  assert.equal((await heard).content, 'may I help?');
  const later = next(socket, 'message:new');
  await call(desks, 'send_message', { message: 'still here', client_id: zoe.id });
  assert.equal((await later).content, 'still here');
});

test('operators share one read mark, and the client sees ticks as from one', async () => {
  const [one, other, zoe] = [await operator(), await operator(), await guest()];
  const socket = await zoe.connect();
  const { conversationId, _id } = (await write(zoe)).body;
  const read = next(socket, 'message:read');
  const marked = await one.api('/api/messages/read', { body: { conversationId, seq: 1 } });
  assert.deepEqual(marked.body, { conversationId, userId: SERVER, receivedSeq: 1, readSeq: 1 });
  const { messageId, userId } = await read;
  assert.deepEqual([messageId, userId], [_id, SERVER]);
  assert.equal((await history(zoe, conversationId)).body.items[0].status, 'read');
  const { body } = await other.api(`/api/conversations/${conversationId}`);
  assert.deepEqual([body.unread, body.readSeq], [0, 1]);

  const answered = await answerIn(other, conversationId, 'yes?');
  assert.equal((await history(one, conversationId)).body.items[1].status, 'sent');
  await zoe.api('/api/messages/read', { body: { conversationId, seq: 2 } });
  const [, mine] = (await history(one, conversationId)).body.items;
  assert.deepEqual([mine._id, mine.status], [answered.body._id, 'read']);
});

test('support is nobody else\'s, and an operator edits only what they wrote', async () => {
  const [desk, other, zoe, eve] = [await operator(), await operator(), await guest(), await user()];
  const { conversationId, _id } = (await write(zoe, 'secret')).body;
  const mine = (await answerIn(desk, conversationId, 'mine')).body;
  const strange = await eve.connect();
  for (const answer of [await history(eve, conversationId), await answerIn(eve, conversationId, 'x'),
    await eve.api('/api/messages/read', { body: { conversationId, seq: 1 } }),
    await eve.api(`/api/messages/${_id}`, { method: 'PUT', body: { content: 'x' } })]) {
    assertError(answer, 404, 'not_found');
  }
  assert.equal((await call(strange, 'send-message', { conversationId, content: 'x' })).error.code, 'not_found');
  for (const id of [_id, mine._id]) {
    assertError(await other.api(`/api/messages/${id}`, { method: 'PUT', body: { content: 'x' } }), 403, 'forbidden');
  }
  assert.equal((await desk.api(`/api/messages/${mine._id}`, { method: 'PUT', body: { content: 'better' } })).body.content, 'better');
  assertError(await write(desk), 404, 'not_found');
});

test('a socket that comes later, and sync, have all of it', async () => {
  const [desk, zoe] = [await operator(), await guest()];
  const { conversationId } = (await write(zoe)).body;
  const known = (await zoe.api('/api/sync', { body: {} })).body;
  assert.deepEqual(known.new.map(({ _id, lastSeq }) => [_id, lastSeq]), [[conversationId, 1]]);
  await answerIn(desk, conversationId, 'how?');
  const at = { epoch: known.epoch, conversations: { [conversationId]: { seq: 1, change: 0 } } };
  const missed = async (who) => {
    const { messages, gone, reset } = (await who.api('/api/sync', { body: at })).body;
    return [messages.map(({ content }) => content), gone, reset];
  };
  assert.deepEqual(await missed(zoe), [['how?'], [], []]);
  assert.deepEqual(await missed(desk), [[], [], [conversationId]], 'an operator looks at it, which is written down');
  assert.deepEqual((await history(desk, conversationId)).body.items.map(({ content }) => content), ['help', 'how?']);
  const socket = await zoe.connect();
  const heard = next(socket, 'message:new');
  await answerIn(desk, conversationId, 'hello?');
  assert.equal((await heard).content, 'hello?');
});

test('typing in support is seen by its client and by the operators', async () => {
  const [desk, other, zoe, eve] = [await operator(), await operator(), await guest(), await user()];
  const [desks, others, socket, strange] = await Promise.all([desk, other, zoe, eve].map((who) => who.connect()));
  const { conversationId } = (await write(zoe)).body;
  const heard = collect(strange, 'typing');
  for (const where of [{ conversationId }, { to: SERVER }]) {
    const seen = [desks, others].map((each) => next(each, 'typing', ({ from }) => from === zoe.id));
    await call(socket, 'typing', where);
    for (const event of await Promise.all(seen)) assert.equal(event.conversationId, conversationId);
    await call(socket, 'typing-stopped', where);
  }
  const seen = [others, socket].map((each) => next(each, 'typing', ({ from }) => from === desk.id));
  await call(desks, 'typing', { conversationId });
  await Promise.all(seen);
  await call(strange, 'typing', { conversationId });
  await call(desks, 'typing', { to: eve.id });
  await waitFor('what is for her', () => heard.length > 0);
  assert.deepEqual(heard.map(({ from }) => from), [desk.id]);
});

test('operators see who of them writes to a client who is away', async () => {
  const [desk, other, zoe, eve] = [await operator(), await operator(), await guest(), await user()];
  const { conversationId } = (await write(zoe)).body;
  const [desks, others, strange] = await Promise.all([desk, other, eve].map((who) => who.connect()));
  const heard = collect(strange, 'typing');
  const seen = next(others, 'typing', ({ from }) => from === desk.id);
  await call(desks, 'typing', { conversationId });
  assert.equal((await seen).conversationId, conversationId);
  const stopped = next(others, 'typing-stopped', ({ from }) => from === desk.id);
  await answerIn(desk, conversationId, 'back?');
  assert.equal((await stopped).conversationId, conversationId);
  await call(strange, 'typing', { conversationId });
  await call(desks, 'typing', { to: eve.id });
  await waitFor('what is for her', () => heard.length > 0);
  assert.equal(heard.length, 1);
});

test('the server is there while an operator is', async () => {
  for (const socket of stack.sockets) socket.disconnect();
  const [desk, zoe] = [await operator(), await guest()];
  await waitFor('it to be away', async () => (await zoe.api(`/api/users/${SERVER}`)).body.status === 'offline');
  const socket = await zoe.connect();
  const here = next(socket, 'user-online', ({ userId }) => userId === SERVER);
  const said = next(socket, 'user-status', ({ userId }) => userId === SERVER);
  const desks = await desk.connect();
  await here;
  assert.equal((await said).statusText, 'Disponible');
  // Who is there is not asked for long.
  const shown = await waitFor('it to be shown so', async () => {
    const { body } = await zoe.api(`/api/users/${SERVER}`);
    return body.status === 'online' && body;
  });
  assert.equal(shown.displayName, 'Serveur');
  const again = await enterSocket(stack.url, { token: zoe.token });
  stack.sockets.add(again.socket);
  await waitFor('who is there', () => again.heard.length > 0);
  assert.deepEqual(again.heard[0], ['presence', { online: [SERVER], offline: [] }]);
  const away = next(socket, 'user-offline', ({ userId }) => userId === SERVER);
  desks.disconnect();
  await away;
});

test('what operators answer to a guest who is gone is not kept', async () => {
  const [desk, zoe] = [await operator(), await guest()];
  const { conversationId } = (await write(zoe)).body;
  await zoe.api('/api/auth/logout', { method: 'POST' });
  assert.equal((await stack.api('/api/auth/guest', { body: { username: zoe.user.username } })).status, 201);
  assertError(await answerIn(desk, conversationId, 'still there?'), 404, 'not_found');
  assert.equal((await history(desk, conversationId)).body.items.length, 1, 'what they wrote stays');
});
