// What a user alone has of a conversation, on all their devices: pinned,
// archived, marked unread, and what they are writing there. Mute is in
// groups.test.mjs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertError } from '../support/http.mjs';
import { collect } from '../support/socket.mjs';
import { startStack, waitFor } from '../support/stack.mjs';

let stack;

before(async () => {
  stack = await startStack({ set: { write_rate: 100, write_burst: 1000 } });
});
after(() => stack.stop());

const someone = (stem) => stack.newcomer(stem);
const send = async (from, to, content, more = {}) =>
  (await from.api('/api/messages', { body: { recipient_id: to.id, content, ...more } })).body;
const change = (who, id, body) => who.api(`/api/conversations/${id}/own`, { method: 'PATCH', body });
const look = async (who, id) => (await who.api(`/api/conversations/${id}`)).body;

async function pair() {
  const [ann, bob] = await Promise.all([someone('ann'), someone('bob')]);
  const { conversationId: id } = await send(bob, ann, 'Hello');
  return { ann, bob, id };
}

/* What all of one's devices hear of it, and what one asks for. */
async function assertChanged(who, id, body, wanted) {
  const sockets = await Promise.all([who.connect(), who.connect()]);
  const heard = sockets.map((socket) => collect(socket, 'conversation:own'));
  const { status, body: own, text } = await change(who, id, body);
  assert.equal(status, 200, text);
  await waitFor('both devices', () => heard.every((events) => events.length === 1));
  for (const [event] of heard) assert.deepEqual(event, own);
  const { conversationId, ...fields } = own;
  assert.equal(conversationId, id);
  for (const row of [await look(who, id), (await who.api('/api/conversations')).body.find(({ _id }) => _id === id)]) {
    for (const [name, value] of Object.entries(fields)) assert.deepEqual(row[name], value, name);
  }
  for (const [name, value] of Object.entries(wanted)) assert.deepEqual(own[name], value, name);
  for (const socket of sockets) socket.disconnect();
  return own;
}

test('a conversation is pinned on all devices of one of its members, and for nobody else', async () => {
  const { ann, bob, id } = await pair();
  const his = collect(await bob.connect(), 'conversation:own');
  const { pinnedAt } = await assertChanged(ann, id, { pinned: true }, { archivedSeq: null, own: 1 });
  assert.ok(Math.abs(Date.parse(pinnedAt) - Date.now()) < 60e3, pinnedAt);
  assert.equal((await look(bob, id)).pinnedAt, null);
  await assertChanged(ann, id, { pinned: false }, { pinnedAt: null, own: 2 });
  assert.equal(his.length, 0);
});

test('the sixth that one pins is refused, and those that are pinned stay', async () => {
  const ann = await someone('ann');
  const ids = [];
  for (let n = 0; n < 6; n += 1) ids.push((await send(await someone('bob'), ann, 'x')).conversationId);
  for (const id of ids.slice(0, 5)) assert.equal((await change(ann, id, { pinned: true })).status, 200);
  assertError(await change(ann, ids[5], { pinned: true }), 409, 'too_many_pinned');
  assert.equal((await change(ann, ids[0], { pinned: true })).status, 200, 'it is pinned already');
  await change(ann, ids[0], { pinned: false });
  assert.equal((await change(ann, ids[5], { pinned: true })).status, 200);
});

test('what is archived knows what was its newest message, and is not pinned', async () => {
  const { ann, bob, id } = await pair();
  await change(ann, id, { pinned: true });
  await assertChanged(ann, id, { archived: true }, { archivedSeq: 1, pinnedAt: null });
  await send(bob, ann, 'again');
  assert.equal((await look(ann, id)).archivedSeq, 1);
  assert.equal((await look(bob, id)).archivedSeq, null);
  await assertChanged(ann, id, { archived: false }, { archivedSeq: null });
});

test('what was put away is not brought back by what one does not see', async () => {
  const { ann, bob, id } = await pair();
  await ann.api(`/api/users/${bob.id}/block`, { method: 'PUT' });
  await assertChanged(ann, id, { archived: true }, { archivedSeq: 1 });
  await send(bob, ann, 'hidden');
  await assertChanged(ann, id, { mutedUntil: 'forever' }, { archivedSeq: 1 });
});

test('a conversation is marked unread for oneself; nobody is told that one has read less', async () => {
  const { ann, bob, id } = await pair();
  await ann.api('/api/messages/read', { body: { conversationId: id, seq: 1 } });
  await assertChanged(ann, id, { markedUnread: true }, { markedUnread: true });
  const row = await look(bob, id);
  assert.equal(row.markedUnread, false);
  assert.equal(row.lastMessage.status, 'read');
  await assertChanged(ann, id, { markedUnread: false }, { markedUnread: false });
});

test('what one is writing is on all one\'s devices, with whom it answers and names', async () => {
  const { ann, bob, id } = await pair();
  const { _id: replyTo } = await send(bob, ann, 'which one?');
  const draft = { content: '  the 🌳 of @bob', replyTo, mentions: [{ userId: bob.id, start: 11, length: 4 }] };
  await assertChanged(ann, id, { draft }, { draft });
  assert.equal((await look(bob, id)).draft, null);
  await assertChanged(ann, id, { draft: { content: 'x' } }, { draft: { content: 'x', replyTo: null, mentions: [] } });
  await assertChanged(ann, id, { draft: null }, { draft: null });
});

test('a device that was away is told of all that changed', async () => {
  const { ann, bob, id } = await pair();
  const before = (await ann.api('/api/sync', { body: {} })).body;
  const draft = { content: 'later', replyTo: null, mentions: [] };
  await change(ann, id, { pinned: true, markedUnread: true, draft });
  const { lastSeq } = await look(ann, id);
  const { ownChanged, own } = (await ann.api('/api/sync', { body: {
    epoch: before.epoch, own: before.own, conversations: { [id]: { seq: lastSeq, change: 0 } } } })).body;
  assert.equal(ownChanged.length, 1);
  assert.deepEqual([ownChanged[0].draft, ownChanged[0].markedUnread, ownChanged[0].own], [draft, true, own]);
  assert.notEqual(ownChanged[0].pinnedAt, null);
  assert.deepEqual((await bob.api('/api/sync', { body: { epoch: before.epoch, own: 0, conversations: {} } })).body.ownChanged, []);
});

test('long drafts come in as many syncs as they need', async () => {
  const ann = await someone('ann');
  const content = `x${'\u0001'.repeat(4999)}`; // six bytes each, as JSON
  for (let n = 0; n < 40; n += 1) {
    const { _id } = (await ann.api('/api/conversations', { body: { title: `${n}`, members: [] } })).body;
    assert.equal((await change(ann, _id, { draft: { content } })).status, 200);
  }
  const drafts = new Set();
  let own = 0;
  for (let calls = 1, more = true; more; calls += 1) {
    assert.ok(calls < 10);
    const { body } = await ann.api('/api/sync', { body: { epoch: (await ann.api('/api/sync', { body: {} })).body.epoch, own,
      conversations: Object.fromEntries((await ann.api('/api/conversations')).body.map(({ _id }) => [_id, { seq: 1, change: 0 }])) } });
    for (const one of body.ownChanged) drafts.add(one.conversationId);
    assert.ok(body.ownChanged.length < 40);
    own = body.own;
    more = body.more;
  }
  assert.equal(drafts.size, 40);
});

test('what is wrong is refused by its field, and changes nothing', async () => {
  const { ann, bob, id } = await pair();
  for (const [body, field] of [
    [{}, 'mutedUntil'], [{ else: 1 }, 'mutedUntil'], [{ pinned: 1 }, 'pinned'], [{ pinned: null }, 'pinned'],
    [{ archived: 'x' }, 'archived'], [{ markedUnread: [] }, 'markedUnread'], [{ draft: 'words' }, 'draft'],
    [{ draft: {} }, 'content'], [{ draft: { content: ' ' } }, 'content'], [{ draft: { content: 'x'.repeat(5001) } }, 'content'],
    [{ draft: { content: 'x', replyTo: 'y' } }, 'replyTo'],
    [{ draft: { content: 'x', mentions: [{ userId: bob.id, start: 0, length: 2 }] } }, 'mentions'],
    [{ pinned: true, draft: 7 }, 'draft'],
  ]) {
    assertError(await change(ann, id, body), 400, 'invalid', field);
  }
  assert.equal((await look(ann, id)).own, 0);
  assertError(await change(await someone('cat'), id, { pinned: true }), 404, 'not_found');
});
