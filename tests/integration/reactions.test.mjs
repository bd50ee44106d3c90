// Reactions over the real stack: who hears of them, and what stays.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertError } from '../support/http.mjs';
import { Page } from '../support/page.mjs';
import { collect, next } from '../support/socket.mjs';
import { startStack } from '../support/stack.mjs';

const THUMB = '\u{1f44d}';
const HEART = '\u2764\ufe0f';
let stack;

before(async () => { stack = await startStack(); });
after(() => stack.stop());

const pair = () => Promise.all(['ann', 'bob'].map((name) => stack.newcomer(name)));

async function say(from, to, content = 'hello') {
  const answer = await from.api('/api/messages', { body: { recipient_id: to.id, content } });
  assert.equal(answer.status, 201);
  return answer.body;
}

const put = (who, id, emoji, on = true) =>
  who.api(`/api/messages/${id}/reactions`, { method: 'PUT', body: { emoji, on } });

async function react(who, id, emoji, on) {
  const answer = await put(who, id, emoji, on);
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

async function newest(who, other) {
  const { body } = await who.api(`/api/messages/conversation?with=${other.id}`);
  return body.items.at(-1);
}

test('a reaction reaches both live, once, and stays in history, list and sync', async () => {
  const [ann, bob] = await pair();
  const sent = await say(ann, bob);
  const sockets = await Promise.all([ann.connect(), bob.connect()]);
  const heard = sockets.map((socket) => collect(socket, 'message:reaction'));
  const told = sockets.map((socket) => next(socket, 'message:reaction'));

  const answer = await react(bob, sent._id, THUMB);
  assert.deepEqual(answer.reactions, [{ emoji: THUMB, count: 1, mine: true, users: [bob.id] }]);
  for (const event of await Promise.all(told)) {
    assert.deepEqual(event, {
      conversationId: sent.conversationId, messageId: sent._id, seq: 1, change: 1, userId: bob.id, emoji: THUMB, on: true,
      reactions: [{ emoji: THUMB, count: 1, users: [bob.id] }],
    });
  }
  await react(bob, sent._id, THUMB); // the same again is nothing new
  const later = sockets.map((socket) => next(socket, 'message:reaction', ({ userId }) => userId === ann.id));
  await react(ann, sent._id, HEART);
  await Promise.all(later);
  for (const events of heard) assert.deepEqual(events.map(({ change }) => change), [1, 2]);

  const seen = [{ emoji: THUMB, count: 1, mine: false, users: [bob.id] }, { emoji: HEART, count: 1, mine: true, users: [ann.id] }];
  assert.deepEqual((await newest(ann, bob)).reactions, seen);
  const [listed] = (await ann.api('/api/conversations')).body;
  assert.deepEqual(listed.lastMessage.reactions, seen);
  const { body } = await ann.api('/api/sync', { body: { epoch: (await ann.api('/api/sync', { body: {} })).body.epoch,
    conversations: { [sent.conversationId]: { seq: 1, change: 0 } } } });
  assert.deepEqual(body.changes.map(({ kind, userId, emoji, on }) => [kind, userId, emoji, on]),
    [['reaction', bob.id, THUMB, true], ['reaction', ann.id, HEART, true]]);
  assert.deepEqual(body.changes[1].message.reactions, seen);
});

test('what was missed and what was heard make the same page', async () => {
  const [ann, bob] = await pair();
  const sent = await say(ann, bob);
  const there = await new Page(bob).listen();
  const away = new Page(bob);
  await away.sync();
  await react(ann, sent._id, THUMB);
  await react(bob, sent._id, THUMB);
  await react(bob, sent._id, HEART);
  const last = next(there.socket, 'message:reaction', ({ on }) => !on);
  await react(ann, sent._id, THUMB, false);
  await last;
  await away.sync();
  const fresh = new Page(bob);
  await fresh.sync();
  const shown = (page) => page.shown(sent.conversationId, 1).items.map(({ reactions }) => reactions);
  assert.deepEqual(shown(there), shown(fresh));
  assert.deepEqual(shown(away), shown(fresh));
  assert.deepEqual(shown(fresh)[0].map(({ emoji, mine }) => [emoji, mine]), [[THUMB, true], [HEART, true]]);
});

test('whose message was edited still sees which reaction is theirs', async () => {
  const [ann, bob] = await pair();
  const { _id } = await say(ann, bob);
  await react(ann, _id, THUMB);
  const { body } = await ann.api(`/api/messages/${_id}`, { method: 'PUT', body: { content: 'else' } });
  assert.equal(body.content, 'else');
  assert.equal(body.reactions[0].mine, true);
});

test('to a group it is the same for all who hear it', async () => {
  const [ann, bob] = await pair();
  const { _id: id } = (await ann.api('/api/conversations', { body: { title: 'x', members: [bob.id] } })).body;
  const { _id } = (await ann.api('/api/messages', { body: { conversationId: id, content: 'hi' } })).body;
  await react(ann, _id, THUMB);
  const socket = await bob.connect();
  const updated = next(socket, 'conversation:updated');
  await ann.api(`/api/conversations/${id}`, { method: 'PATCH', body: { title: 'y' } });
  const { lastMessage } = await updated;
  assert.ok(!lastMessage.reactions.some((kind) => 'mine' in kind), 'what is ann’s is not bob’s');
});

test('who came late does not hear what is reacted to a message from before', async () => {
  const [ann, bob] = await pair();
  const { _id: id } = (await ann.api('/api/conversations', { body: { title: 'x', members: [] } })).body;
  const { _id } = (await ann.api('/api/messages', { body: { conversationId: id, content: 'before bob' } })).body;
  await ann.api(`/api/conversations/${id}/members`, { body: { userId: bob.id } });
  const since = (await ann.api('/api/messages', { body: { conversationId: id, content: 'with bob' } })).body;
  const socket = await bob.connect();
  const heard = collect(socket, 'message:reaction');
  const last = next(socket, 'message:reaction', ({ messageId }) => messageId === since._id);
  await react(ann, _id, THUMB);
  await react(ann, since._id, THUMB);
  await last;
  assert.deepEqual(heard.map(({ messageId }) => messageId), [since._id]);
  assertError(await put(bob, _id, THUMB), 404, 'not_found');
});

test('who is blocked reacts for themselves alone, and is not told', async () => {
  const [ann, bob] = await pair();
  const sent = await say(ann, bob);
  await bob.api(`/api/users/${ann.id}/block`, { method: 'PUT' });
  const sockets = await Promise.all([ann.connect(), bob.connect()]);
  const [mine, theirs] = sockets.map((socket) => collect(socket, 'message:reaction'));
  const told = next(sockets[0], 'message:reaction');
  assert.deepEqual((await react(ann, sent._id, THUMB)).reactions, [{ emoji: THUMB, count: 1, mine: true, users: [ann.id] }]);
  await told;
  await bob.api(`/api/users/${ann.id}/block`, { method: 'DELETE' });
  const seen = next(sockets[1], 'message:reaction');
  await react(ann, sent._id, HEART);
  await seen;
  assert.deepEqual(mine.map(({ emoji }) => emoji), [THUMB, HEART]);
  assert.deepEqual(theirs.map(({ emoji }) => emoji), [HEART]);
  assert.deepEqual((await newest(bob, ann)).reactions.map(({ emoji }) => emoji), [HEART]);
  const { epoch } = (await bob.api('/api/sync', { body: {} })).body;
  const { body } = await bob.api('/api/sync', { body: { epoch, conversations: { [sent.conversationId]: { seq: 1, change: 0 } } } });
  assert.ok(!JSON.stringify(body).includes(THUMB));
});

test('what one may not react to, and with what', async () => {
  const [ann, bob] = await pair();
  const cat = await stack.newcomer('cat');
  const { _id } = await say(ann, bob);
  assertError(await put(cat, _id, THUMB), 404, 'not_found');
  for (const emoji of ['', 'a', 'ok', `${THUMB}${THUMB}`, '\u200d', `${THUMB} `, 'x'.repeat(100), 7, null]) {
    assertError(await put(bob, _id, emoji), 400, 'invalid', 'emoji');
  }
  assertError(await put(bob, _id, THUMB, 'yes'), 400, 'invalid', 'on');
  assertError(await bob.api(`/api/messages/${_id}/reactions`, { method: 'PUT', body: { emoji: THUMB } }), 400, 'invalid', 'on');
  await bob.api(`/api/users/${ann.id}/block`, { method: 'PUT' });
  assertError(await put(bob, _id, THUMB), 403, 'blocking');
  await bob.api(`/api/users/${ann.id}/block`, { method: 'DELETE' });
  for (let i = 0; i < 20; i += 1) await react(bob, _id, String.fromCodePoint(0x1f400 + i));
  assertError(await put(ann, _id, THUMB), 409, 'too_many_reactions');
  assert.equal((await react(ann, _id, '\u{1f400}')).reactions[0].count, 2);
  await ann.api(`/api/messages/${_id}`, { method: 'DELETE' });
  assertError(await put(bob, _id, THUMB), 403, 'forbidden');
  assert.deepEqual((await newest(bob, ann)).reactions, []);
});
