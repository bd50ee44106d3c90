// Somebody goes, and all that they wrote; what others have stays readable.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { assertError } from '../support/http.mjs';
import { collect, next } from '../support/socket.mjs';
import { password, startStack, waitFor } from '../support/stack.mjs';

let stack;

before(async () => { stack = await startStack(); });
after(() => stack.stop());

const person = (name) => stack.newcomer(name);

const trio = () => Promise.all(['ann', 'bob', 'cat'].map(person));
const say = async (from, body) => {
  const answer = await from.api('/api/messages', { body });
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
};
const history = async (who, id) =>
  (await who.api(`/api/messages/conversation?conversationId=${id}`)).body.items;
const go = (who, body = { password }) => who.api('/api/users/me', { method: 'DELETE', body });
const isGone = (of, who) => waitFor('it is done', async () => (await of.api(`/api/users/${who.id}`)).status === 404);
const stored = () => readdirSync(path.join(stack.dir, 'files'), { recursive: true }).filter((name) => /\/[0-9a-f]{64}$/.test(name));

test('who deletes their account is gone at once, and what they wrote soon', async () => {
  const [ann, bob, cat] = await trio();
  const first = await say(bob, { recipient_id: ann.id, content: 'my secret', clientId: 'secret-id' });
  await say(ann, { recipient_id: bob.id, content: 'kept', replyTo: first._id });
  const group = (await bob.api('/api/conversations', { body: { title: 'Garden', members: [ann.id, cat.id] } })).body;
  const name = bob.user.username;
  await say(cat, { conversationId: group._id, content: `hi @${name}, all`, mentions: [{ userId: bob.id, start: 3, length: name.length + 1 }] });
  const upload = await bob.api('/api/files', { body: Buffer.from('private'), headers: { 'Content-Type': 'application/octet-stream' } });
  await say(bob, { conversationId: group._id, attachment: upload.body._id });
  const before = stored();
  const [his, hers] = await Promise.all([bob.connect(), ann.connect()]);
  const ended = next(his, 'session-expired');
  const erased = collect(hers, 'conversation:erased');
  const updated = collect(hers, 'conversation:updated');
  const known = await Promise.all([first.conversationId, group._id].map(async (id) => [id, (await history(ann, id)).length]));

  assertError(await go(bob, {}), 400, 'invalid', 'password');
  assertError(await go(bob, { password: 'not mine at all' }), 403, 'wrong_password', 'password');
  assert.equal((await go(bob)).status, 200);
  assert.equal((await ended).reason, 'deleted');
  assert.equal((await bob.api('/api/users/me')).status, 401);
  assert.equal((await stack.api('/api/auth/login', { body: { username: name, password } })).status, 401);
  assert.deepEqual((await ann.api(`/api/users?query=${name}`)).body.items, []);
  await isGone(ann, bob);
  await waitFor('both are told', () => erased.length === 2);
  assert.deepEqual(erased.map(({ userId, kind }) => [userId, kind]), [[bob.id, 'erase'], [bob.id, 'erase']]);

  const direct = await history(ann, first.conversationId);
  assert.deepEqual(direct.map(({ content, senderName, clientId, deleted }) => [content, senderName, clientId, deleted]),
    [['', '', null, true], ['kept', ann.user.username, null, false]]);
  assert.equal(direct[1].replyTo, first._id);
  const [row] = (await ann.api('/api/conversations')).body.filter(({ _id }) => _id === first.conversationId);
  assert.equal(row.otherUser, null);
  const talk = await history(ann, group._id);
  assert.deepEqual(talk.map(({ content }) => content), [
    'Somebody made the group "Garden"', 'hi @…, all', '', 'Somebody left']);
  assert.deepEqual(talk[1].mentions, [{ userId: bob.id, start: 3, length: 2 }]);
  assert.equal(talk[2].attachment, null);
  assert.ok(updated.some(({ members }) => !members.some(({ userId }) => userId === bob.id)));
  assert.equal(stored().length, before.length - 1, 'the file is gone');

  for (const [id, seq] of known) {
    const { epoch } = (await ann.api('/api/sync', { body: {} })).body;
    const { changes } = (await ann.api('/api/sync', { body: { epoch, conversations: { [id]: { seq, change: 0 } } } })).body;
    assert.deepEqual(changes, [{ conversationId: id, change: 1, kind: 'erase', userId: bob.id }]);
  }
  const everything = JSON.stringify([await Promise.all([first.conversationId, group._id].map((id) => history(ann, id))),
    (await ann.api('/api/conversations')).body, (await ann.api('/api/sync', { body: {} })).body]);
  assert.ok(!everything.includes(name) && !everything.includes('secret'), everything);
  const { code, stdout } = await stack.ctl('verify');
  assert.equal(code, 0, stdout);
});

test('an operator deletes somebody, who is gone when the command ends', async () => {
  const [ann, bob] = await trio();
  const { conversationId } = await say(bob, { recipient_id: ann.id, content: 'x' });
  const hers = await ann.connect();
  const erased = next(hers, 'conversation:erased');
  const { code, stdout, stderr } = await stack.ctl('user', 'delete', bob.user.username);
  assert.equal(code, 0, stderr);
  assert.match(stdout, / is deleted$/m);
  assert.deepEqual(await erased, { conversationId, change: 1, kind: 'erase', userId: bob.id });
  assert.equal((await ann.api(`/api/users/${bob.id}`)).status, 404);
  assert.equal((await history(ann, conversationId))[0].content, '');
  assert.equal((await stack.ctl('user', 'delete', bob.user.username)).code, 1);
});

test('the last operator cannot go', async () => {
  const [ann, bob] = await trio();
  const made = await stack.ctl('user', 'role', ann.user.username, 'operator');
  assert.equal(made.code, 0, made.stderr);
  assertError(await go(ann), 409, 'last_operator');
  const { code, stderr } = await stack.ctl('user', 'delete', ann.user.username);
  assert.equal(code, 1);
  assert.match(stderr, /the last operator cannot go/);
  assert.equal((await ann.api('/api/users/me')).status, 200);
  assert.equal((await stack.ctl('user', 'role', bob.user.username, 'operator')).code, 0);
  assert.equal((await go(ann)).status, 200);
  await isGone(bob, ann);
});
