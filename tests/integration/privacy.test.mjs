// What people show of themselves.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertError } from '../support/http.mjs';
import { call, collect } from '../support/socket.mjs';
import { startStack, waitFor } from '../support/stack.mjs';

let stack;

before(async () => {
  stack = await startStack({ set: { write_rate: 100, write_burst: 1000 } });
});
after(() => stack.stop());

const someone = (stem) => stack.newcomer(stem);
const profile = async (who, body) => {
  const { status, body: user, text } = await who.api('/api/users/profile', { method: 'PATCH', body });
  assert.equal(status, 200, text);
  return user;
};
const group = async (owner, ...members) =>
  (await owner.api('/api/conversations', { body: { title: 'x', members: members.map(({ id }) => id) } })).body._id;

/* Wherever one is shown another: what is said of when they were seen. */
async function seen(who, other) {
  await who.api('/api/messages', { body: { recipient_id: other.id, content: 'x' } });
  const listed = (await who.api('/api/users?limit=100')).body.items ?? (await who.api('/api/users?limit=100')).body;
  const found = (await who.api(`/api/users/search?q=${other.user.username}`)).body;
  const rows = (await who.api('/api/conversations')).body;
  const { new: fresh } = (await who.api('/api/sync', { body: {} })).body;
  const room = await group(who, other);
  const members = (await who.api(`/api/conversations/${room}/members`)).body;
  const users = [
    (await who.api(`/api/users/${other.id}`)).body,
    ...[listed, found, members.items ?? members].flatMap((list) => [list].flat()),
    ...[...rows, ...fresh].map(({ otherUser }) => otherUser),
  ].map((one) => one?.user ?? one).filter((one) => one?._id === other.id);
  assert.ok(users.length >= 5, `${users.length}`);
  return [...new Set(users.map(({ lastSeen }) => lastSeen))];
}

test('who hides when they were here does so everywhere, and from nobody but others', async () => {
  const [ann, bob] = await Promise.all([someone('ann'), someone('bob')]);
  assert.equal((await ann.api('/api/users/me')).body.hidesLastSeen, false);
  for (const time of await seen(bob, ann)) assert.match(time, /^20/);
  const sockets = [await bob.connect(), await ann.connect()];
  const events = ['user-offline', 'user-status', 'presence'].map((name) => collect(sockets[0], name));
  const [offline, status] = events;
  await call(sockets[0], 'watch-presence', { ids: [ann.id] });
  assert.equal((await profile(ann, { hidesLastSeen: true })).hidesLastSeen, true);
  assert.match((await ann.api('/api/users/me')).body.lastSeen, /^20/, 'of oneself one knows it');
  assert.deepEqual(await seen(bob, ann), [null]);
  sockets[1].disconnect();
  await waitFor('she goes', () => offline.some(({ userId }) => userId === ann.id), 20_000);
  assert.equal(offline.find(({ userId }) => userId === ann.id).lastSeen, null);
  const gone = () => status.findLast(({ userId }) => userId === ann.id);
  await waitFor('her status', () => gone()?.status === 'offline');
  assert.equal(gone().lastSeen, null);
  await profile(ann, { statusText: 'away' });
  await waitFor('her new status', () => gone().statusText === 'away');
  assert.equal(gone().lastSeen, null);
  assert.deepEqual(await seen(bob, ann), [null]);
  (await ann.connect()).disconnect();
  const left = () => offline.filter(({ userId }) => userId === ann.id);
  await waitFor('she goes once more', () => left().length === 2, 20_000);
  assert.equal(left()[1].lastSeen, null);
  await profile(ann, { hidesLastSeen: false });
  await waitFor('it is shown again', () => gone().lastSeen !== null);
  for (const time of await seen(bob, ann)) assert.match(time, /^20/);
  sockets[0].disconnect();
});

test('whom they block sees them go, and not when', async () => {
  const [ann, bob] = await Promise.all([someone('ann'), someone('bob')]);
  await ann.api('/api/messages', { body: { recipient_id: bob.id, content: 'x' } });
  await profile(ann, { hidesLastSeen: true });
  const offline = collect(await bob.connect(), 'user-offline');
  await ann.connect();
  await ann.api(`/api/users/${bob.id}/block`, { method: 'PUT' });
  await waitFor('she seems to go', () => offline.length === 1);
  assert.deepEqual([offline[0].userId, offline[0].lastSeen], [ann.id, null]);
});

const readAll = (who, id, seq) => who.api('/api/messages/read', { body: { conversationId: id, seq } });
const row = async (who, id) => (await who.api(`/api/conversations/${id}`)).body;
const readSeq = async (who, id, of) => (await row(who, id)).members.find(({ userId }) => userId === of.id).readSeq;

/* Whether what the first of two wrote is read, to each of all who ask. */
const ticks = async (who, id, seq) => (await who.api(`/api/messages/conversation?conversationId=${id}`)).body.items
  .find((message) => message.seq === seq).status;

test('who hides what they read does so from everybody, and sees it of nobody', async () => {
  const [ann, bob] = await Promise.all([someone('ann'), someone('bob')]);
  const { conversationId: id } = (await ann.api('/api/messages', { body: { recipient_id: bob.id, content: '1' } })).body;
  await readAll(bob, id, 1);
  assert.equal(await ticks(ann, id, 1), 'read');
  await profile(bob, { hidesReceipts: true });
  const [hers, his] = await Promise.all([ann.connect(), bob.connect()]);
  const read = [hers, his].map((socket) => collect(socket, 'message:read'));
  const received = collect(hers, 'message:received');
  assert.equal(await ticks(ann, id, 1), 'received');

  await ann.api('/api/messages', { body: { recipient_id: bob.id, content: '2' } });
  await readAll(bob, id, 2);
  await waitFor('his own device', () => read[1].some((event) => event.readSeq === 2));
  await waitFor('that it was received', () => received.some((event) => event.receivedSeq === 2));
  assert.equal(read[0].length, 0);
  assert.equal(await ticks(ann, id, 2), 'received');
  assert.equal(await readSeq(bob, id, bob), 2, 'of oneself one knows it');
  const { pointers } = (await ann.api('/api/sync', { body: { conversations: { [id]: { seq: 1, change: 0 } } } })).body;
  assert.equal(pointers[id].find(({ userId }) => userId === bob.id).readSeq, 0);

  await bob.api('/api/messages', { body: { recipient_id: ann.id, content: '3' } });
  await readAll(ann, id, 3);
  await waitFor('her own device', () => read[0].some((event) => event.userId === ann.id && event.readSeq === 3));
  assert.equal(read[1].filter(({ userId }) => userId === ann.id).length, 0);
  assert.equal(await ticks(bob, id, 3), 'received', 'nor does he see it of her');
  await profile(bob, { hidesReceipts: false });
  assert.equal(await ticks(bob, id, 3), 'read');
  assert.equal(await readSeq(ann, id, bob), 3);
});

test('in a group nobody hears what they read, and they of nobody', async () => {
  const [ann, bob, cat] = await Promise.all(['ann', 'bob', 'cat'].map(someone));
  const id = await group(ann, bob, cat);
  await profile(bob, { hidesReceipts: true });
  const [hers, his, cats] = await Promise.all([ann, bob, cat].map((who) => who.connect()));
  const [toAnn, toBob, toCat] = [hers, his, cats].map((socket) => collect(socket, 'message:read'));
  const described = collect(cats, 'conversation:updated');
  const received = collect(his, 'message:received');
  const { seq } = (await ann.api('/api/messages', { body: { conversationId: id, content: 'x' } })).body;
  await readAll(bob, id, seq);
  await readAll(cat, id, seq);
  await waitFor('cat has read it', () => toAnn.some(({ userId }) => userId === cat.id));
  await waitFor('his own', () => toBob.some(({ userId }) => userId === bob.id));
  await waitFor('that cat has it', () => received.some(({ userId, receivedSeq }) => userId === cat.id && receivedSeq === seq));
  assert.deepEqual([toAnn, toCat].map((events) => events.filter(({ userId }) => userId === bob.id).length), [0, 0]);
  assert.equal(toBob.filter(({ userId }) => userId !== bob.id).length, 0);
  const { members } = await row(ann, id);
  assert.equal(members.find(({ userId }) => userId === cat.id).readSeq, seq);
  assert.ok(members.find(({ userId }) => userId === bob.id).readSeq < seq);
  for (const member of (await row(bob, id)).members) assert.equal(member.readSeq === seq, member.userId === bob.id);
  await bob.api(`/api/conversations/${id}`, { method: 'PATCH', body: { title: 'y' } });
  await ann.api(`/api/conversations/${id}`, { method: 'PATCH', body: { title: 'z' } });
  await waitFor('both titles', () => described.some(({ title }) => title === 'z'));
  for (const { members: told } of described) assert.ok(told.every((member) => member.readSeq < seq), 'nor by what all are told');
});

test('what is no choice is refused', async () => {
  const ann = await someone('ann');
  for (const wrong of ['yes', 1, {}]) {
    for (const name of ['hidesLastSeen', 'hidesReceipts']) {
      assertError(await ann.api('/api/users/profile', { method: 'PATCH', body: { [name]: wrong } }), 400, 'invalid', name);
    }
  }
});
