// Who is blocked is not heard, not seen, and not told.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { assertError } from '../support/http.mjs';
import { mongodbOf } from '../support/mongodb.mjs';
import { call, collect, next } from '../support/socket.mjs';
import { asOwnerOf, startStack, waitFor } from '../support/stack.mjs';

const NOBODY = '0190000000000000000000b2';
let stack;

before(async () => { stack = await startStack({ set: { lobby: 'on', presence_grace_ms: 500 } }); });
after(() => stack.stop());

const person = (name) => stack.newcomer(name);

const trio = () => Promise.all(['ann', 'bob', 'cat'].map(person));
const block = (who, whom) => who.api(`/api/users/${whom.id}/block`, { method: 'PUT' });
const unblock = (who, whom) => who.api(`/api/users/${whom.id}/block`, { method: 'DELETE' });

async function say(from, to, content, more = {}) {
  const answer = await from.api('/api/messages', { body: { recipient_id: to.id, content, ...more } });
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

async function history(who, other) {
  const answer = await who.api(`/api/messages/conversation?with=${other.id}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.body.items;
}

const page = async (who, other, number = 1, limit = 2) =>
  (await who.api(`/api/messages/${other.id}?page=${number}&limit=${limit}`)).body.items.map(({ content }) => content);

/* Of a new socket of theirs. */
async function firstPresence(who) {
  const socket = io(stack.url, { auth: { token: who.token }, transports: ['websocket'],
    forceNew: true, reconnection: false });
  try {
    return await next(socket, 'presence');
  } finally {
    socket.disconnect();
  }
}

test('what a blocked person writes is sent for them, and nothing for who blocks them', async () => {
  const [ann, bob] = await trio();
  await say(bob, ann, 'one');
  const hers = await ann.connect();
  const his = await bob.connect();
  const heard = collect(hers, 'message:new');
  const own = collect(his, 'message:new');
  assert.deepEqual((await block(ann, bob)).body, { userId: bob.id, blocked: true });

  const hidden = await say(bob, ann, 'two', { clientId: 'two' });
  assert.equal(hidden.status, 'sent');
  assert.equal(hidden.kind, 'text');
  assert.equal(Object.hasOwn(hidden, 'unseen'), false, 'they are not told');
  const bySocket = await call(his, 'send-message', { to: ann.id, content: 'three' });
  assert.equal(bySocket.ok, true);
  await waitFor('his own devices', () => own.length === 2);

  const [row] = (await ann.api('/api/conversations')).body;
  assert.deepEqual([row.lastMessage.content, row.unread, row.lastSeq], ['one', 1, 3]);
  assert.equal(row.updatedAt, row.lastMessage.createdAt);
  const rows = await history(ann, bob);
  assert.deepEqual(rows.map(({ kind, content, clientId, senderName }) => [kind, content, clientId, senderName]),
    [['text', 'one', null, bob.user.username], ['hidden', '', null, ''], ['hidden', '', null, '']]);
  assert.deepEqual(await page(ann, bob), ['one'], 'the old pages leave them out, and are read');
  assert.deepEqual((await history(bob, ann)).map(({ content, status }) => [content, status]),
    [['one', 'sent'], ['two', 'sent'], ['three', 'sent']], 'nor do they see that it was read');
  assert.equal((await ann.api('/api/conversations')).body[0].unread, 0);

  assert.deepEqual((await unblock(ann, bob)).body, { userId: bob.id, blocked: false });
  const four = await say(bob, ann, 'four');
  await waitFor('the next', () => heard.length === 1);
  assert.equal(heard[0]._id, four._id);
  assert.equal((await call(hers, 'message-read', { conversationId: four.conversationId, seq: 4 })).ok, true);
  assert.deepEqual((await history(ann, bob)).map(({ kind }) => kind), ['text', 'hidden', 'hidden', 'text']);
  assert.deepEqual((await history(bob, ann)).map(({ status, unseen }) => [status, unseen]),
    [['read', undefined], ['sent', true], ['sent', true], ['read', undefined]]);
  assert.deepEqual(await page(ann, bob), ['four', 'one']);
  assert.deepEqual(await page(ann, bob, 2), []);
  assert.deepEqual(await page(bob, ann, 2), ['two', 'one']);
});

/* Marks have come past it since, and stand still anew. */
test('what one block hid is not taken for read while another one goes on', async () => {
  const [ann, bob] = await trio();
  await say(bob, ann, 'one');
  await block(ann, bob);
  await say(bob, ann, 'two');
  await unblock(ann, bob);
  const { conversationId } = await say(bob, ann, 'three');
  await ann.api('/api/messages/read', { body: { conversationId, seq: 3 } });
  await block(ann, bob);
  await say(bob, ann, 'four');
  assert.deepEqual((await history(bob, ann)).map(({ status, unseen }) => [status, unseen]),
    [['read', undefined], ['sent', true], ['read', undefined], ['sent', undefined]]);
});

test('who blocks is not shown how far the other one reads from then on', async () => {
  const [ann, bob] = await trio();
  const reach = async (what, seq) =>
    assert.equal((await bob.api(`/api/messages/${what}`, { body: { conversationId, seq } })).status, 200);
  const hers = await ann.connect();
  const [heard, received] = [collect(hers, 'message:read'), collect(hers, 'message:received')];
  const shown = async () => {
    const row = (await ann.api('/api/conversations')).body.find(({ _id }) => _id === conversationId);
    return [...(await history(ann, bob)).map(({ status }) => status), row.members.find(({ userId }) => userId === bob.id).readSeq];
  };
  const { conversationId } = await say(ann, bob, 'one');
  await say(ann, bob, 'two');
  await say(ann, bob, 'three');
  await reach('read', 1);
  await waitFor('that he read', () => heard.length === 1);
  await block(ann, bob);
  await reach('read', 2);
  await reach('received', 3);
  assert.deepEqual(await shown(), ['read', 'sent', 'sent', 1]);
  await unblock(ann, bob);
  await waitFor('how far he is by now', () => heard.some(({ userId, readSeq }) => userId === bob.id && readSeq === 2) &&
    received.some(({ userId, receivedSeq }) => userId === bob.id && receivedSeq === 3));
  assert.deepEqual(await shown(), ['read', 'read', 'received', 2]);
});

test('who is blocked edits for themselves alone, and is not told', async () => {
  const [ann, bob] = await trio();
  const { _id, conversationId } = await say(bob, ann, 'one');
  const { epoch } = (await ann.api('/api/sync', { body: {} })).body;
  await ann.api('/api/messages/read', { body: { conversationId, seq: 1 } });
  const hers = collect(await ann.connect(), 'message:updated');
  const his = collect(await bob.connect(), 'message:updated');
  const edit = (content) => bob.api(`/api/messages/${_id}`, { method: 'PUT', body: { content } });
  await block(ann, bob);
  const answer = await edit('a zebra');
  assert.equal(answer.status, 200);
  await waitFor('his own devices', () => his.length === 1);
  for (const message of [answer.body, his[0], (await edit('a zebra')).body])
    assert.deepEqual([message.content, message.edited, message.status], ['a zebra', true, 'read']);

  const finds = async (who, q) => (await who.api(`/api/messages/search?q=${q}`)).body.items.map(({ content }) => content);
  const last = async (who) => (await who.api('/api/conversations')).body[0].lastMessage.content;
  const assertSees = async (who, other, content, edited) => {
    assert.deepEqual((await history(who, other)).map((message) => [message.content, message.edited]), [[content, edited]]);
    assert.equal(await last(who), content);
  };
  await assertSees(bob, ann, 'a zebra', true);
  await assertSees(ann, bob, 'one', false);
  assert.deepEqual([await finds(bob, 'zebra'), await finds(bob, 'one')], [['a zebra'], []]);
  assert.deepEqual([await finds(ann, 'zebra'), await finds(ann, 'one')], [[], ['one']]);
  const { body } = await ann.api('/api/sync', { body: { epoch, conversations: { [conversationId]: { seq: 1, change: 0 } } } });
  assert.deepEqual(body.changes.map(({ message }) => [message.content, message.edited]), [['one', false]]);

  await unblock(ann, bob);
  await assertSees(bob, ann, 'a zebra', true);
  await assertSees(ann, bob, 'one', false);
  assert.equal(hers.length, 0);
  assert.equal((await edit('a zebra')).status, 200, 'the same again is for both now');
  await waitFor('hers', () => hers.length === 1);
  assert.equal(hers[0].content, 'a zebra');
  await assertSees(ann, bob, 'a zebra', true);
});

test('who is blocked deletes what they wrote before for both', async () => {
  const [ann, bob] = await trio();
  const { _id } = await say(bob, ann, 'one');
  const hers = collect(await ann.connect(), 'message:deleted');
  await block(ann, bob);
  await bob.api(`/api/messages/${_id}`, { method: 'PUT', body: { content: 'two' } });
  assert.equal((await bob.api(`/api/messages/${_id}`, { method: 'DELETE' })).status, 200);
  await waitFor('hers', () => hers.length === 1);
  assert.deepEqual((await history(ann, bob)).map(({ content, deleted }) => [content, deleted]), [['', true]]);
});

test('a client of who blocks catches up to what a fresh one sees', async () => {
  const [ann, bob] = await trio();
  const { conversationId } = await say(bob, ann, 'one');
  const { epoch } = (await ann.api('/api/sync', { body: {} })).body;
  await block(ann, bob);
  const { _id } = await say(bob, ann, 'two');
  await bob.api(`/api/messages/${_id}`, { method: 'PUT', body: { content: 'TWO' } });
  await unblock(ann, bob);
  await say(bob, ann, 'three');
  const { body } = await ann.api('/api/sync', { body: { epoch, conversations: { [conversationId]: { seq: 1, change: 0 } } } });
  assert.deepEqual(body.messages.map(({ seq, kind, content }) => [seq, kind, content]),
    [[2, 'hidden', ''], [3, 'text', 'three']]);
  assert.deepEqual(body.changes.map(({ message }) => [message.kind, message.content, message.edited]), [['hidden', '', false]]);
});

test('a blocked stranger opens no conversation, until they are heard', async () => {
  const [ann, bob] = await trio();
  const hers = await ann.connect();
  const opened = collect(hers, 'conversation:new');
  await block(ann, bob);
  const first = await say(bob, ann, 'hello');
  assert.deepEqual((await ann.api('/api/conversations')).body, []);
  assert.deepEqual((await ann.api('/api/sync', { body: {} })).body.new, []);
  assertError(await ann.api(`/api/conversations/${first.conversationId}`), 404, 'not_found');
  assert.deepEqual(await history(ann, bob), []);
  await unblock(ann, bob);
  await say(bob, ann, 'again');
  await waitFor('it opens', () => opened.length === 1);
  assert.equal(opened[0].lastMessage.content, 'again');
  assert.deepEqual((await history(ann, bob)).map(({ kind }) => kind), ['hidden', 'text']);
});

/* Nor in the lists of the lobby. */
test('neither sees the other come, go or type, wherever one looks', async () => {
  const [ann, bob, cat] = await trio();
  await say(ann, bob, 'hi');
  const hers = await ann.connect();
  const his = await bob.connect();
  const other = await cat.connect();
  const events = ['user-online', 'user-offline', 'user-status', 'typing', 'presence', 'clients_update'];
  const listed = ({ clients_update: lists }, id) => lists.at(-1)?.clients.some((client) => client.id === id);
  const [mine, theirs, all] = [hers, his, other].map((socket) => Object.fromEntries(
    events.map((name) => [name, collect(socket, name)])));
  const of = (list, id) => list.filter(({ userId, from }) => (userId ?? from) === id);
  await block(ann, bob);
  await waitFor('both seem to go', () =>
    of(mine['user-offline'], bob.id).length === 1 && of(theirs['user-offline'], ann.id).length === 1);
  await waitFor('the lists are without them', () =>
    listed(mine, bob.id) === false && listed(theirs, ann.id) === false && listed(all, ann.id) && listed(all, bob.id));
  assert.equal(mine.clients_update.at(-1).total, all.clients_update.at(-1).total - 1);
  for (const [socket, to] of [[hers, bob], [his, ann]]) {
    assert.equal((await call(socket, 'typing', { to: to.id })).ok, true);
    assert.deepEqual((await call(socket, 'watch-presence', { ids: [to.id, cat.id] })).online, [cat.id]);
  }
  for (const [who, whom] of [[ann, bob], [bob, ann]]) {
    const user = (await who.api(`/api/users/${whom.id}`)).body;
    assert.deepEqual([user.status, user.lastSeen], ['offline', user.createdAt]);
    const inList = (await who.api(`/api/users?query=${whom.user.username}`)).body.items[0];
    assert.deepEqual([inList.status, inList.lastSeen], ['offline', user.createdAt]);
    const { otherUser } = (await who.api('/api/conversations')).body[0];
    assert.deepEqual([otherUser.status, otherUser.lastSeen], ['offline', user.createdAt]);
  }
  await waitFor('he is online for others', async () => (await cat.api(`/api/users/${bob.id}`)).body.status === 'online');
  await bob.api('/api/users/profile', { method: 'PATCH', body: { statusText: 'busy' } });
  await waitFor('others hear of it', () => of(all['user-status'], bob.id).some(({ statusText }) => statusText === 'busy'));
  const present = await firstPresence(ann);
  assert.ok(present.online.includes(cat.id) && !present.online.includes(bob.id));
  assert.ok(!of(mine['user-status'], bob.id).some(({ statusText }) => statusText === 'busy'));
  await waitFor('the list has it', () =>
    all.clients_update.at(-1).clients.some(({ id, status }) => id === bob.id && status === 'busy'));
  await cat.api('/api/users/profile', { method: 'PATCH', body: { statusText: 'idle' } });
  await waitFor('and hers is newer', () =>
    mine.clients_update.at(-1).clients.some(({ id, status }) => id === cat.id && status === 'idle'));
  assert.ok(!listed(mine, bob.id));
  assert.equal(of(mine.typing, bob.id).length + of(theirs.typing, ann.id).length, 0);

  await unblock(ann, bob);
  await waitFor('both are back', () =>
    of(mine['user-online'], bob.id).length > 0 && of(theirs['user-online'], ann.id).length > 0);
  await waitFor('in the lists, too', () => listed(mine, bob.id) && listed(theirs, ann.id));
  await waitFor('and when asked for', async () => (await ann.api(`/api/users/${bob.id}`)).body.status === 'online');
});

test('when a block ends both are told what the other shows, also of who is not here', async () => {
  const [ann, bob, cat] = await trio();
  const sockets = [await ann.connect(), await bob.connect()];
  const [hers, his] = sockets.map((socket) => collect(socket, 'user-status'));
  const told = (list, { id }, ...how) =>
    list.filter(({ userId, status, statusText }) => userId === id && status === how[0] && statusText === how[1]).length;
  await block(ann, bob);
  await waitFor('they seem to go', () => told(hers, bob, 'offline', '') === 1 && told(his, ann, 'offline', '') === 1);
  await ann.api('/api/users/profile', { method: 'PATCH', body: { statusText: 'at sea' } });
  await bob.api('/api/users/profile', { method: 'PATCH', body: { statusText: 'ashore' } });
  await unblock(ann, bob);
  await waitFor('that they come, and what they show', () =>
    told(hers, bob, 'online', 'ashore') >= 2 && told(his, ann, 'online', 'at sea') >= 2);
  sockets[0].disconnect();
  await block(bob, ann);
  await waitFor('she seems to go', () => told(his, ann, 'offline', 'at sea') === 1);
  await waitFor('she goes', async () => (await cat.api(`/api/users/${ann.id}`)).body.status === 'offline');
  await ann.api('/api/users/profile', { method: 'PATCH', body: { statusText: 'asleep' } });
  await unblock(bob, ann);
  await waitFor('what she shows', () => told(his, ann, 'offline', 'asleep') >= 1);
});

/* What they do next may be announced by another worker, whose frame pushd might
 * read first. */
test('who blocks, or changes what is shown, has an answer when pushd has taken it', async () => {
  const [ann, bob, boss] = await trio();
  assert.equal((await stack.ctl('user', 'role', boss.user.username, 'operator')).code, 0);
  const pushd = stack.pid('palabre-pushd');
  const acts = {
    block: () => block(ann, bob),
    profile: () => ann.api('/api/users/profile', { method: 'PATCH', body: { statusText: 'busy' } }),
    server: () => boss.api('/api/operator/server', { method: 'PATCH', body: { statusText: 'open' } }),
  };
  for (const [what, act] of Object.entries(acts)) {
    const began = Date.now();
    process.kill(pushd, 'SIGSTOP');
    const answered = act().then((answer) => ({ ...answer, at: Date.now() }));
    await sleep(200);
    const going = Date.now();
    process.kill(pushd, 'SIGCONT');
    const { status, at, text } = await answered;
    assert.equal(status, 200, text);
    assert.ok(at >= going || at - began >= 500, `${what}: ${at - began} ms`);
  }
});

test('of two who block each other, one alone does not bring them together', async () => {
  const [ann, bob] = await trio();
  const hers = await ann.connect();
  await bob.connect();
  await block(ann, bob);
  await block(bob, ann);
  const online = collect(hers, 'user-online');
  await unblock(ann, bob);
  assert.equal((await ann.api(`/api/users/${bob.id}`)).body.status, 'offline');
  assert.equal(online.length, 0);
  assertError(await bob.api('/api/messages', { body: { recipient_id: ann.id, content: 'x' } }), 403, 'blocking');
});

/* A page whose messages are long is cut by bytes. */
test('whoever goes by pages sees all that there is to see', async () => {
  const [ann, bob] = await trio();
  for (let i = 0; i < 3; i += 1) await say(bob, ann, `short ${i}`);
  await block(ann, bob);
  for (let i = 0; i < 20; i += 1) await say(bob, ann, 'hidden');
  await unblock(ann, bob);
  for (let i = 0; i < 57; i += 1) await say(bob, ann, `${i} ${'\u{1f600}'.repeat(4980)}`);
  const seen = [];
  let target = `/api/messages/${bob.id}?limit=80`;
  for (let pages = 0; target; pages += 1) {
    assert.ok(pages < 10);
    const { body, headers } = await ann.api(target);
    seen.push(...body.items.filter(({ kind }) => kind === 'text').map(({ seq }) => seq));
    target = /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
  }
  assert.deepEqual(seen.sort((a, b) => a - b),
    [1, 2, 3, ...Array.from({ length: 57 }, (_, i) => 24 + i)]);
});

test('receipts stop, too', async () => {
  const [ann, bob] = await trio();
  const { conversationId } = await say(bob, ann, 'one');
  await say(ann, bob, 'answer');
  const hers = await ann.connect();
  const his = await bob.connect();
  const [mine, theirs] = [collect(hers, 'message:read'), collect(his, 'message:read')];
  await say(bob, ann, 'two');
  await block(ann, bob);
  assert.equal((await call(hers, 'message-read', { conversationId, seq: 3 })).ok, true);
  await waitFor('her own devices', () => mine.some(({ userId }) => userId === ann.id));
  assert.equal((await call(his, 'message-read', { conversationId, seq: 3 })).ok, true);
  const pointers = async (who) => (await who.api('/api/sync', { body: {
    epoch: (await who.api('/api/sync', { body: {} })).body.epoch, conversations: { [conversationId]: { seq: 3, change: 0 } } } }))
    .body.pointers[conversationId].find(({ userId }) => userId === ann.id).readSeq;
  assert.equal(await pointers(ann), 3);
  assert.equal(await pointers(bob), 2);
  assert.equal((await history(bob, ann)).at(-1).status, 'sent');
  assert.ok(!theirs.some(({ userId }) => userId === ann.id));
  await unblock(ann, bob);
  await waitFor('once it ends, how far she is', () => theirs.some(({ userId, readSeq }) => userId === ann.id && readSeq === 3));
});

test('whom one blocks is known on all one\'s devices, and to nobody else', async () => {
  const [ann, bob, cat] = await trio();
  const sockets = await Promise.all([ann.connect(), ann.connect(), bob.connect()]);
  const [one, other, his] = sockets.map((socket) => collect(socket, 'user:blocked'));
  await block(ann, bob);
  await block(ann, bob);
  await block(ann, cat);
  await waitFor('both devices', () => one.length === 2 && other.length === 2);
  assert.deepEqual(one[0], { userId: bob.id, blocked: true });
  assert.deepEqual((await ann.api('/api/users/blocks')).body.items.map(({ _id }) => _id), [cat.id, bob.id]);
  assert.deepEqual((await bob.api('/api/users/blocks')).body.items, []);
  await unblock(ann, bob);
  await unblock(ann, bob);
  await waitFor('both devices again', () => other.length === 3);
  assert.equal(his.length, 0);
});

test('who is blocked adds nobody to a group, and in one they share they are heard', async () => {
  const [ann, bob] = await trio();
  const { _id } = (await ann.api('/api/conversations', { body: { title: 'x', members: [bob.id] } })).body;
  await block(ann, bob);
  assertError(await bob.api('/api/conversations', { body: { title: 'y', members: [ann.id] } }), 403, 'add_declined', ann.id);
  const heard = next(await ann.connect(), 'message:new');
  await bob.api('/api/messages', { body: { conversationId: _id, content: 'to all' } });
  assert.equal((await heard).content, 'to all');
});

/* They block a thousand, in the store. */
async function blockThousand(ann) {
  const mongodb = mongodbOf(stack);
  const store = path.join(stack.dir, 'palabre.db');
  if (mongodb) {
    const documents = Array.from({ length: 1000 }, () => ({
      _id: { $oid: randomBytes(12).toString('hex') }, blocker: { $oid: ann.id }, blocked: { $oid: randomBytes(12).toString('hex') },
      received: 0n, read: 0n, at: 0n,
    }));
    return mongodb({ insert: 'user_block', documents });
  }
  const [program, ...args] = asOwnerOf(store, ['python3', '-c', `import os, sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=10) as db: db.executemany(
  "INSERT INTO user_block (blocker, blocked, received_seq, read_seq, created_at) VALUES (?, ?, 0, 0, 0)",
  [(bytes.fromhex(sys.argv[2]), os.urandom(12)) for _ in range(1000)])`, store, ann.id]);
  return execFileSync(program, args);
}

test('nobody blocks more than a thousand', async () => {
  const [ann, bob] = await trio();
  await blockThousand(ann);
  assertError(await block(ann, bob), 409, 'too_many_blocks');
  assert.equal((await bob.api(`/api/users/${ann.id}/block`, { method: 'PUT' })).status, 200);
});

test('what is asked for in a wrong way is refused', async () => {
  const [ann, bob] = await trio();
  assertError(await ann.api(`/api/users/${NOBODY}/block`, { method: 'PUT' }), 404, 'not_found');
  assertError(await ann.api('/api/users/x/block', { method: 'PUT' }), 404, 'not_found');
  assertError(await ann.api('/api/users/x/block', { method: 'DELETE' }), 404, 'not_found');
  assertError(await ann.api(`/api/users/${NOBODY}/block`, { method: 'DELETE' }), 404, 'not_found');
  assertError(await block(ann, ann), 400, 'invalid', 'id');
  assertError(await unblock(ann, ann), 400, 'invalid', 'id');
  await block(ann, bob);
  assertError(await ann.api('/api/messages', { body: { recipient_id: bob.id, content: 'x' } }), 403, 'blocking');
  const ack = await call(await ann.connect(), 'send-message', { to: bob.id, content: 'x' });
  assert.equal(ack.error.code, 'blocking');
});
