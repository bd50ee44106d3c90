// People show the operators a message: what these see then, and that they see
// nothing else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertError } from '../support/http.mjs';
import { collect, next } from '../support/socket.mjs';
import { password, startStack, waitFor } from '../support/stack.mjs';

const NOBODY = '0190000000000000000000b2';
let stack;
let boss;
let count = 0;

const name = (stem) => `${stem}${(count += 1)}`;
const someone = (stem) => stack.register(name(stem));
const someones = (...stems) => Promise.all(stems.map(someone));

before(async () => {
  stack = await startStack({ set: { lobby: 'on' } });
  boss = await stack.operator('boss');
});
after(() => stack.stop());

const say = async (from, to, content, more = {}) => {
  const where = to.id ? { recipient_id: to.id } : { conversationId: to };
  const sent = await from.api('/api/messages', { body: { ...where, content, ...more } });
  assert.equal(sent.status, 201, sent.text);
  return sent.body;
};
const report = (who, { _id }, body = {}) => who.api(`/api/messages/${_id}/report`, { body });
const reports = async (query = '') => (await boss.api(`/api/operator/reports${query}`)).body;
const supportOf = async (who) => (await boss.api(`/api/operator/clients/${who.id}/messages`)).body.items ?? [];

test('what is reported operators see at once, with what was said before it, and nothing else', async () => {
  const [ann, bob] = await someones('ann', 'bob');
  for (const words of ['a', 'b', 'c', 'd', 'e']) await say(ann, bob, words);
  const ugly = await say(bob, ann, 'you are ugly');
  await say(bob, ann, 'said later');
  const [desk, hers, his] = await Promise.all([boss, ann, bob].map((one) => one.connect()));
  const heard = [desk, hers].map((socket) => collect(socket, 'message:new'));
  const old = collect(desk, 'broadcast_message');
  const bobs = collect(his, 'message:new');
  const read = next(hers, 'message:read');

  const answer = await report(ann, ugly, { reason: 'he is rude' });
  assert.equal(answer.status, 201, answer.text);
  const { kind, system, content, sender } = answer.body;
  assert.deepEqual([kind, sender, content], ['system', ann.id,
    `${ann.user.username} reported a message of ${bob.user.username}: he is rude`]);
  assert.deepEqual(system, { event: 'reported', place: 'direct', reason: 'he is rude',
    users: [{ _id: bob.id, name: bob.user.username }], count: 1 });

  await waitFor('all of it', () => heard.every(({ length }) => length === 6));
  const { userId, readSeq } = await read;
  assert.deepEqual([userId, readSeq], [ann.id, 6], 'what she showed is not unread');
  const said = [content, 'b', 'c', 'd', 'e', 'you are ugly'];
  for (const each of heard) assert.deepEqual(each.map((one) => one.content), said);
  assert.deepEqual(old.map(({ message }) => message), said);
  assert.deepEqual([old[0].client_id, old[5].from], [ann.id, bob.id]);
  const items = await supportOf(ann);
  assert.deepEqual(items.map((one) => one.content), said);
  assert.deepEqual(items.map((one) => one.sender), [ann, ann, ann, ann, ann, bob].map(({ id }) => id));
  assert.ok(items.every((one) => one.conversationId === answer.body.conversationId && one._id !== ugly._id));

  assert.equal((await boss.api(`/api/messages/conversation?conversationId=${ugly.conversationId}`)).status, 404);
  assert.equal((await boss.api(`/api/conversations/${ugly.conversationId}`)).status, 404);
  assertError(await bob.api(`/api/messages/conversation?conversationId=${answer.body.conversationId}`), 404, 'not_found');
  assert.deepEqual(bobs, [], 'whoever wrote it is not told');
  assert.equal((await bob.api('/api/conversations')).body.length, 1);
  for (const one of [desk, hers, his]) one.disconnect();
});

test('reports are listed for operators, newest first, in pages, and both are in the audit', async () => {
  const [ann, bob] = await someones('ann', 'bob');
  const first = (await report(ann, await say(bob, ann, '1'))).body;
  const second = (await report(ann, await say(bob, ann, '2'), { reason: 'again' })).body;
  const page = await reports('?limit=1');
  assert.deepEqual([page.items.map(({ _id }) => _id), page.more], [[second._id], true]);
  assert.equal(page.items[0].system.reason, 'again');
  const rest = await reports(`?limit=1&before=${second._id}`);
  assert.deepEqual(rest.items.map(({ _id }) => _id), [first._id]);
  assertError(await boss.api('/api/operator/reports?before=x'), 400, 'invalid', 'before');
  assertError(await ann.api('/api/operator/reports'), 403, 'forbidden');
  const rows = (await boss.api('/api/operator/audit?limit=100')).body.items;
  const row = rows.find(({ detail }) => detail === second._id);
  assert.deepEqual([row.act, row.by._id, row.user._id], ['report', ann.id, bob.id]);
  assert.ok(rows.some(({ act, by }) => act === 'reports' && by._id === boss.id));
});

test('a message is reported once by one person, and stays as it was said', async () => {
  const [ann, bob, cat] = await someones('ann', 'bob', 'cat');
  const group = (await ann.api('/api/conversations', { body: { title: 'we', members: [bob.id, cat.id] } })).body._id;
  const ugly = await say(bob, group, 'ugly');
  const first = await report(ann, ugly);
  assert.equal(first.body.system.place, 'group');
  const again = await report(ann, ugly, { reason: 'another' });
  assert.deepEqual([again.status, again.body.duplicate, again.body._id], [200, true, first.body._id]);
  assert.equal((await report(cat, ugly)).status, 201, 'another one shows it too');
  await bob.api(`/api/messages/${ugly._id}`, { method: 'PUT', body: { content: 'nice' } });
  await bob.api(`/api/messages/${ugly._id}`, { method: 'DELETE' });
  assert.deepEqual((await supportOf(ann)).map(({ content }) => content).slice(1), ['ugly']);
  const copy = (await supportOf(ann))[1];
  for (const who of [ann, bob]) assert.notEqual((await who.api(`/api/messages/${copy._id}`, { method: 'DELETE' })).status, 200);
});

test('what one may not report', async () => {
  const [ann, bob, eve] = await someones('ann', 'bob', 'eve');
  const group = (await ann.api('/api/conversations', { body: { title: 'we', members: [bob.id] } })).body._id;
  const early = await say(bob, group, 'before eve');
  await ann.api(`/api/conversations/${group}/members`, { body: { userId: eve.id } });
  const seen = (await eve.api(`/api/messages/conversation?conversationId=${group}`)).body.items;
  const [joined] = seen;
  const own = await say(eve, group, 'mine');
  const gone = await say(bob, group, 'gone');
  await bob.api(`/api/messages/${gone._id}`, { method: 'DELETE' });
  const foreign = await say(ann, bob, 'between us');
  const help = await say(eve, { id: '000000000000000000000001' }, 'help');
  for (const [message, status, code] of [
    [early, 404, 'not_found'], [foreign, 404, 'not_found'], [{ _id: NOBODY }, 404, 'not_found'], [{ _id: 'x' }, 404, 'not_found'],
    [own, 403, 'forbidden'], [gone, 403, 'forbidden'], [joined, 403, 'forbidden'], [help, 403, 'forbidden'],
  ]) assertError(await report(eve, message), status, code);
  assertError(await report(boss, help), 403, 'forbidden');
  assertError(await report(boss, foreign), 404, 'not_found');

  const hers = await say(ann, group, 'hers');
  for (const reason of [7, 'x'.repeat(501), []]) assertError(await report(eve, hers, { reason }), 400, 'invalid', 'reason');
  assert.deepEqual((await supportOf(eve)).map(({ content }) => content), ['help'], 'none of it is there');
  assert.equal((await report(eve, hers, { reason: '👩'.repeat(500) })).status, 201);
  const kept = (await supportOf(eve)).map(({ content }) => content);
  assert.ok(!kept.includes('before eve') && kept.includes('hers'), 'what came before eve is not hers to show');
});

test('what somebody blocked wrote is not shown to whoever blocks them, and not reported', async () => {
  const [ann, bob] = await someones('ann', 'bob');
  await say(bob, ann, 'hi');
  await ann.api(`/api/users/${bob.id}/block`, { method: 'PUT' });
  const hidden = await say(bob, ann, 'hidden');
  assertError(await report(ann, hidden), 404, 'not_found');
  const { items } = (await ann.api(`/api/messages/conversation?with=${bob.id}`)).body;
  assert.equal((await report(ann, items[0])).status, 201, 'what came before is');
  assert.deepEqual((await supportOf(ann)).map(({ content }) => content).slice(1), ['hi']);
});

test('a guest reports what they see in the lobby, and whoever is muted may report too', async () => {
  const lobby = '000000000000000000000002';
  const zoe = await stack.guest(name('zoe'));
  const bob = await someone('bob');
  const ugly = await say(bob, lobby, 'ugly');
  await boss.api(`/api/operator/clients/${zoe.id}/mute`, { body: { seconds: 60 } });
  const answer = await report(zoe, ugly, { reason: '' });
  assert.equal(answer.status, 201, answer.text);
  assert.deepEqual([answer.body.system.place, answer.body.system.reason], ['lobby', undefined]);
  assert.equal((await supportOf(zoe)).at(-1).content, 'ugly');
});

test('operators get the file that was reported, and it goes with whoever wrote it', async () => {
  const [ann, bob] = await someones('ann', 'bob');
  const file = (await bob.api('/api/files?name=a.txt', { body: Buffer.from('ugly') })).body;
  const other = (await bob.api('/api/files?name=b.txt', { body: Buffer.from('other') })).body;
  await say(bob, ann, 'look', { attachment: other._id });
  for (const words of ['1', '2', '3', '4']) await say(bob, ann, words);
  const sent = await say(bob, ann, '', { attachment: file._id });
  assert.equal((await boss.api(`/api/files/${file._id}`)).status, 404);
  await report(ann, sent, { reason: 'see the file' });
  assert.equal((await boss.api(`/api/files/${file._id}`)).text, 'ugly');
  assert.equal((await boss.api(`/api/files/${other._id}`)).status, 404, 'it was said too long before');

  assert.equal((await bob.api('/api/users/me', { method: 'DELETE', body: { password } })).status, 200);
  await waitFor('it to go', async () => (await boss.api(`/api/files/${file._id}`)).status === 404);
  await waitFor('all of it', async () => (await supportOf(ann)).every(({ sender, content }) => sender !== bob.id || content === ''));
  const [said, ...copies] = await supportOf(ann);
  assert.deepEqual([said.system.users, said.system.reason], [[{ _id: bob.id, name: '' }], 'see the file']);
  assert.ok(copies.every(({ senderName, attachment, deleted }) => senderName === '' && attachment === null && deleted));
  assert.ok(!(await boss.api(`/api/operator/reports?limit=100`)).text.includes(`"${bob.user.username}"`));
});

test('so many are reported in a day', async () => {
  const [ann, bob] = await someones('ann', 'bob');
  const messages = [];
  for (let i = 0; i <= 20; i += 1) messages.push(await say(bob, ann, `${i}`));
  // Not while somebody is being erased, as whom the test before erased may be.
  await waitFor('a report', async () => (await report(ann, messages[0])).status === 201);
  for (const message of messages.slice(1, 20)) assert.equal((await report(ann, message)).status, 201);
  const refused = await report(ann, messages[20]);
  assertError(refused, 429, 'rate_limited');
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  assert.equal((await stack.ctl('verify')).code, 0);
});
