// What operators see and do over REST, what of it is written down, and what
// is none of theirs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { assertError } from '../support/http.mjs';
import { operations } from '../support/description.mjs';
import { mongodbOf } from '../support/mongodb.mjs';
import { call, collect, ending, next } from '../support/socket.mjs';
import { asOwnerOf, password, startStack, waitFor } from '../support/stack.mjs';

const SERVER = '000000000000000000000001';
const NOBODY = '0190000000000000000000b2';
let stack;
let boss;
let people = 0;

before(async () => {
  stack = await startStack({ set: { login_failures: 2, login_lock_ms: 60000 } });
  boss = await operator();
});
after(() => stack.stop());

const name = (stem) => `${stem}${(people += 1)}`;
const user = () => stack.register(name('ann'));
const guest = () => stack.guest(name('zoe'));
const operator = () => stack.operator(name('op'));
const write = (who, content = 'help') => who.api('/api/messages', { body: { recipient_id: SERVER, content } });
const act = (target, body, method) => boss.api(`/api/operator/${target}`, { body, method });
const audit = async (query = '') => (await boss.api(`/api/operator/audit${query}`)).body;

test('operators see who wrote, what they wrote, and answer them', async () => {
  const [zoe, ann] = [await guest(), await user()];
  await write(zoe, 'first');
  await write(ann, 'second');
  const { items } = (await boss.api('/api/operator/clients?limit=2')).body;
  assert.deepEqual(items.map(({ client }) => client._id), [ann.id, zoe.id]);
  assert.deepEqual(items.map(({ conversation }) => [conversation.title, conversation.unread]),
    [[ann.user.username, 1], [zoe.user.username, 1]]);
  const page = (await boss.api('/api/operator/clients?limit=1')).body;
  assert.equal(page.more, true);
  const rest = (await boss.api(`/api/operator/clients?limit=1&before=${page.items[0].conversation._id}`)).body;
  assert.equal(rest.items[0].client._id, zoe.id);

  const seen = (await boss.api(`/api/operator/clients/${zoe.id}/messages`)).body;
  assert.deepEqual(seen.items.map(({ content }) => content), ['first']);
  const socket = await zoe.connect();
  const heard = next(socket, 'message:new');
  const answered = await act(`clients/${zoe.id}/messages`, { content: 'how?', clientId: 'x' });
  assert.equal(answered.status, 201, answered.text);
  assert.equal((await heard)._id, answered.body._id);
  assert.equal((await act(`clients/${zoe.id}/messages`, { content: 'how?', clientId: 'x' })).body.duplicate, true);
  assertError(await act(`clients/${zoe.id}/messages`, { content: 'why?', clientId: 'x' }), 409, 'client_id_reused');
  assertError(await act(`clients/${zoe.id}/messages`, {}), 400, 'invalid', 'content');

  const silent = await user();
  assert.deepEqual((await boss.api(`/api/operator/clients/${silent.id}/messages`)).body.items, []);
  assert.equal((await act(`clients/${silent.id}/messages`, { content: 'hello' })).status, 201);
});

test('an operator sees which reactions are their own, and not those of another one', async () => {
  const [zoe, other] = [await guest(), await operator()];
  const { _id } = (await write(zoe)).body;
  await boss.api(`/api/messages/${_id}/reactions`, { method: 'PUT', body: { emoji: '👍', on: true } });
  for (const [who, mine] of [[boss, true], [other, false]]) {
    const { items } = (await who.api(`/api/operator/clients/${zoe.id}/messages`)).body;
    const [{ conversation }] = (await who.api('/api/operator/clients?limit=1')).body.items;
    for (const { reactions } of [items[0], conversation.lastMessage]) assert.deepEqual(reactions.map((one) => one.mine), [mine]);
  }
});

test('a guest who is gone is still in the list, by their name', async () => {
  const zoe = await guest();
  await write(zoe);
  await zoe.api('/api/auth/logout', { method: 'POST' });
  await stack.api('/api/auth/guest', { body: { username: zoe.user.username } });
  const { items } = (await boss.api('/api/operator/clients')).body;
  const row = items.find(({ conversation }) => conversation.title === zoe.user.username);
  assert.equal(row.client, null);
  assert.equal(row.conversation.lastMessage.content, 'help');
});

test('who is kicked is out everywhere at once, a guest for good', async () => {
  for (const who of [await guest(), await user()]) {
    const socket = await who.connect();
    const ended = ending(socket);
    assert.equal((await act(`clients/${who.id}/kick`, {})).status, 200);
    assert.equal(await ended, 'kicked');
    assertError(await who.api('/api/users/me'), 401, 'session_expired');
  }
});

test('who is muted writes nothing until then, and may take back what they wrote', async () => {
  const [zoe, ann] = [await guest(), await user()];
  const bob = await user();
  for (const who of [zoe, ann]) {
    const socket = await who.connect();
    const { _id } = (await write(who)).body;
    const muted = await act(`clients/${who.id}/mute`, { seconds: 3600 });
    assert.ok(Math.abs(Date.parse(muted.body.mutedUntil) - Date.now() - 3600e3) < 60e3);
    assertError(await write(who), 403, 'muted');
    assertError(await who.api('/api/messages', { body: { recipient_id: who === ann ? bob.id : SERVER, content: 'x' } }), 403, 'muted');
    for (const [event, said] of [['send_message', { message: 'x' }], ['send-message', { to: SERVER, content: 'x' }]]) {
      assert.equal((await call(socket, event, said)).error.code, 'muted');
    }
    assertError(await who.api(`/api/messages/${_id}`, { method: 'PUT', body: { content: 'x' } }), 403, 'muted');
    assert.equal((await who.api(`/api/messages/${_id}`, { method: 'DELETE' })).status, 200);
    assert.deepEqual((await act(`clients/${who.id}/mute`, { seconds: 0 })).body, { mutedUntil: null });
    assert.equal((await write(who)).status, 201);
    await act(`clients/${who.id}/mute`, { seconds: 1 });
    await waitFor('its end', async () => (await write(who)).status === 201, 5000);
  }
  for (const seconds of [-1, 1.5, 'x', 366 * 86400 + 1, null]) {
    assertError(await act(`clients/${ann.id}/mute`, { seconds }), 400, 'invalid', 'seconds');
  }
});

test('who is muted shows others nothing new otherwise either, but reads, leaves, reports and has their own settings', async () => {
  const [ann, cat] = [await user(), await user()];
  const ask = (method, target, body) => ann.api(`/api/${target}`, { method, body });
  const group = (await ask('POST', 'conversations', { title: 'us', members: [cat.id] })).body;
  const { _id } = (await cat.api('/api/messages', { body: { recipient_id: ann.id, content: 'hello' } })).body;
  await ask('PUT', 'users/profile', { statusText: 'here' });
  await act(`clients/${ann.id}/mute`, { seconds: 3600 });
  for (const [method, target, body] of [
    ['POST', 'conversations', { title: 'BUY MY STUFF', members: [cat.id] }],
    ['PATCH', `conversations/${group._id}`, { title: 'BUY MY STUFF' }],
    ['PATCH', `conversations/${group._id}`, { avatar: '🛒' }],
    ['POST', `conversations/${group._id}/members`, { userId: boss.id }],
    ...['PUT', 'PATCH'].map((change) => [change, 'users/profile', { statusText: 'BUY MY STUFF' }]),
    ['PUT', 'users/profile', { displayName: 'BUY MY STUFF' }],
    ['PUT', 'users/profile', { avatar: '🛒' }],
    ['PUT', 'users/profile', { username: 'buy_my_stuff' }],
  ]) {
    assertError(await ask(method, target, body), 403, 'muted');
  }
  assert.equal((await cat.api(`/api/conversations/${group._id}`)).body.title, 'us');
  for (const [method, target, body] of [
    ['PUT', 'users/profile', { username: ann.user.username, statusText: 'here', hidesLastSeen: true }],
    ['PUT', 'users/profile', { statusText: '' }],
    ['GET', `conversations/${group._id}`], ['GET', `messages/conversation/${cat.id}`],
    ['POST', `messages/${_id}/read`],
    ['PATCH', `conversations/${group._id}/own`, { pinned: true }],
    ['POST', `messages/${_id}/report`, {}],
    ['PUT', `users/${cat.id}/block`], ['DELETE', `users/${cat.id}/block`],
    ['DELETE', `conversations/${group._id}/members`],
  ]) {
    const { status, text } = await ask(method, target, body);
    assert.ok(status < 300, `${method} ${target}: ${status} ${text}`);
  }
  await act(`clients/${ann.id}/mute`, { seconds: 0 });
  assert.equal((await ask('POST', 'conversations', { title: 'again', members: [cat.id] })).status, 201);
});

test('nothing is done to an operator or to the server', async () => {
  const other = await operator();
  for (const id of [other.id, boss.id, SERVER]) {
    assertError(await act(`clients/${id}/kick`, {}), 403, 'forbidden');
    assertError(await act(`clients/${id}/mute`, { seconds: 1 }), 403, 'forbidden');
  }
  assert.equal((await other.api('/api/users/me')).status, 200);
});

test('wrong passwords at an account are forgotten', async () => {
  const ann = await user();
  const login = (given, from) => stack.api('/api/auth/login', { body: { username: ann.user.username, password: given }, from });
  for (let i = 0; i < 3; i += 1) await login('wrong one', '127.0.0.9');
  assertError(await login(password, '127.0.0.9'), 429, 'locked');
  assert.equal((await act(`users/${ann.id}/unlock`, {})).status, 200);
  assert.equal((await login(password, '127.0.0.9')).status, 200);
});

test('a broadcast reaches all who are here, once, and nobody later', async () => {
  const [zoe, ann] = [await guest(), await user()];
  const sockets = await Promise.all([zoe, ann, ann, boss].map((who) => who.connect()));
  const heard = sockets.map((socket) => collect(socket, 'system_message'));
  assert.equal((await act('broadcast', { message: 'closing at six', level: 'warning' })).status, 200);
  await waitFor('all to hear', () => heard.every(({ length }) => length === 1));
  for (const [{ message, level, timestamp }] of heard) {
    assert.deepEqual([message, level], ['closing at six', 'warning']);
    assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 10000);
  }
  await act('broadcast', { message: 'that is all' });
  await waitFor('the other', () => heard.every(({ length }) => length === 2));
  assert.equal(heard[0][1].level, 'info');
  for (const [body, field] of [[{}, 'message'], [{ message: ' ' }, 'message'], [{ message: 'x'.repeat(5001) }, 'message'],
    [{ message: 'x', level: 'loud' }, 'level'], [{ message: 'x', level: 7 }, 'level']]) {
    assertError(await act('broadcast', body), 400, 'invalid', field);
  }
});

test('a broadcast by a socket says how many are here', async () => {
  const [ann, mine] = [await (await user()).connect(), await boss.connect()];
  const heard = next(ann, 'system_message');
  const { ok, reached } = await call(mine, 'broadcast', { message: 'tea', level: 'info' });
  assert.equal(ok, true);
  assert.ok(reached >= 2);
  assert.equal((await heard).message, 'tea');
  assert.equal((await call(mine, 'broadcast', {})).error.code, 'invalid');
  assert.equal((await call(ann, 'broadcast', { message: 'x' })).error.code, 'forbidden');
  assert.equal((await audit('?limit=2')).items[1].detail, 'tea');
});

test('operators are told who is here, when that changes', async () => {
  const zoe = await guest();
  const mine = await boss.connect();
  const strange = collect(await (await user()).connect(), 'clients_update');
  const came = next(mine, 'clients_update', ({ clients }) => clients.some(({ id }) => id === zoe.id));
  const socket = await zoe.connect();
  const { clients, total } = await came;
  const { since, ...row } = clients.find(({ id }) => id === zoe.id);
  assert.deepEqual(row, {
    id: zoe.id, username: zoe.user.username, avatar: '', status: '', ip: '127.0.0.1', transport: 'websocket',
  });
  assert.ok(Math.abs(Date.parse(since) - Date.now()) < 15000);
  assert.equal(total, clients.length);
  const changed = next(mine, 'clients_update', ({ clients: now }) => now.some(({ status }) => status === 'busy'));
  await zoe.api('/api/users/profile', { method: 'PATCH', body: { statusText: 'busy', avatar: '🦊' } });
  assert.equal((await changed).clients.find(({ id }) => id === zoe.id).avatar, '🦊');
  const went = next(mine, 'clients_update', ({ clients: now }) => !now.some(({ id }) => id === zoe.id));
  socket.disconnect();
  await went;
  assert.deepEqual(strange, [], 'nobody else is told');
});

test('operators list who is here, page by page, with what each of them does', async () => {
  const zoe = await guest();
  const [mine, socket, other] = [await boss.connect(), await zoe.connect(), await zoe.connect()];
  await write(zoe);
  assert.equal((await call(other, 'typing', { to: SERVER })).ok, true);
  const list = async (body = {}) => {
    const answer = await call(mine, 'list-clients', body);
    assert.equal(answer.ok, true, JSON.stringify(answer));
    return answer;
  };
  const { clients, total, more } = await list();
  assert.deepEqual([total, more], [clients.length, false]);
  const ids = clients.map(({ id }) => id);
  assert.deepEqual(ids, [...ids].sort());
  const { since, active, queue, ...row } = clients.find(({ id }) => id === zoe.id);
  assert.deepEqual(row, {
    id: zoe.id, username: zoe.user.username, avatar: '', status: '', ip: '127.0.0.1', transport: 'websocket',
    guest: true, connections: 2,
  });
  assert.ok(active >= since && Math.abs(Date.parse(active) - Date.now()) < 15000, active);
  assert.ok(queue >= 0);
  const behind = await list({ after: ids[0] });
  assert.deepEqual([behind.clients.map(({ id }) => id), behind.total], [ids.slice(1), total]);
  assert.equal((await call(mine, 'list-clients', { after: 'x' })).error.code, 'invalid');
  assert.equal((await call(socket, 'list-clients', {})).error.code, 'forbidden');
  other.disconnect();
  await waitFor('one of them to be gone', async () =>
    (await list()).clients.find(({ id }) => id === zoe.id).connections === 1);
});

test('what the server shows of itself is seen by all, at once', async () => {
  const zoe = await guest();
  const [socket] = await Promise.all([zoe.connect(), boss.connect()]);
  await waitFor('it to be there', async () => (await act('server', undefined, 'GET')).body.status === 'online');
  const told = next(socket, 'user-status', ({ userId, statusText }) => userId === SERVER && statusText === 'back at nine');
  const changed = await act('server', { displayName: 'Help desk', avatar: '☎️', statusText: 'back at nine' }, 'PATCH');
  assert.deepEqual([changed.status, changed.body.displayName, changed.body.avatar], [200, 'Help desk', '☎️']);
  assert.equal((await told).status, 'online');
  assert.equal((await zoe.api(`/api/users/${SERVER}`)).body.displayName, 'Help desk');
  assertError(await act('server', { displayName: (await user()).user.username }, 'PATCH'), 409, 'taken', 'displayName');
  assertError(await act('server', { avatar: 'javascript:1' }, 'PATCH'), 400, 'invalid', 'avatar');
  assertError(await act('server', {}, 'PATCH'), 400, 'invalid', 'displayName');
  const again = await boss.connect();
  again.disconnect();
  assert.equal((await act('server', { displayName: 'Serveur', avatar: '🙂', statusText: 'Disponible' }, 'PATCH')).body.displayName, 'Serveur');
});

test('all that operators look at and do is in the audit, which nothing changes', async () => {
  const zoe = await guest();
  await write(zoe);
  const [{ _id: before }] = (await audit('?limit=1')).items;
  await boss.api('/api/operator/clients');
  await boss.api(`/api/operator/clients/${zoe.id}/messages`);
  await act(`clients/${zoe.id}/mute`, { seconds: 5 });
  await act('broadcast', { message: 'hello' });
  await act('server', { statusText: '' }, 'PATCH');
  await act(`clients/${zoe.id}/kick`, {});
  const { items } = await audit();
  const done = items.slice(0, items.findIndex(({ _id }) => _id === before)).reverse();
  assert.deepEqual(done.map(({ act: what, user: about, detail }) => [what, about?._id ?? null, detail]), [
    ['clients', null, ''], ['messages', zoe.id, ''], ['mute', zoe.id, ''], ['broadcast', null, 'hello'],
    ['server', SERVER, ''], ['kick', zoe.id, ''], ['audit', null, ''],
  ]);
  for (const row of done) assert.deepEqual(row.by, { _id: boss.id, username: boss.user.username });
  assert.equal(done[1].user.username, zoe.user.username);
  assert.ok(Date.parse(done[2].until) > Date.parse(done[2].at));

  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    for (const target of ['audit', `audit/${before}`]) {
      assert.ok([404, 405].includes((await act(target, method === 'DELETE' ? undefined : {}, method)).status));
    }
  }
  const store = path.join(stack.dir, 'palabre.db');
  // Which SQLite upholds, too; MongoDB has nothing for it.
  for (const sql of mongodbOf(stack) ? [] : ['DELETE FROM audit', "UPDATE audit SET detail = 'x'"]) {
    const [program, ...words] = asOwnerOf(store, ['python3', '-c',
      'import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()', store, sql]);
    assert.throws(() => execFileSync(program, words, { stdio: 'pipe' }), /the audit is only added to/);
  }
  const first = await audit('?limit=2');
  assert.equal(first.more, true);
  const second = await audit(`?limit=2&before=${first.items[1]._id}`);
  assert.ok(second.items[0]._id < first.items[1]._id);
});

test('support is looked at by no route without a row, and nothing of it comes without a look', async () => {
  const [zoe, op] = [await guest(), await stack.register(name('op'))];
  const { conversationId } = (await write(zoe, 'see me')).body;
  const own = (await write(op, 'when I was nobody')).body;
  await stack.ctl('user', 'role', op.user.username, 'operator');
  const looks = async () => (await audit('?limit=100')).items
    .filter(({ act: what, by }) => what === 'messages' && by._id === op.id).map(({ user: about }) => about._id);

  for (const target of [`/api/messages/conversation?conversationId=${conversationId}`, `/api/conversations/${conversationId}`]) {
    const before = (await looks()).length;
    const answer = await op.api(target);
    assert.equal(answer.status, 200, answer.text);
    assert.ok(answer.text.includes('see me'));
    assert.deepEqual((await looks()).slice(before), Array(1).fill(zoe.id), target);
    await zoe.api(target); // theirs, and nobody's look
    assert.equal((await looks()).length, before + 1);
  }
  const seen = (await looks()).length;
  const known = { [conversationId]: { seq: 0, change: 0 } };
  const missed = await op.api('/api/sync', { body: { epoch: (await op.api('/api/sync', { body: {} })).body.epoch, conversations: known } });
  assert.deepEqual([missed.body.messages, missed.body.reset], [[], [conversationId]]);
  assert.ok(!missed.text.includes('see me'));
  assert.equal((await op.api(`/api/messages/conversation?conversationId=${own.conversationId}`)).status, 200);
  await boss.api(`/api/operator/clients/${zoe.id}/messages`);
  assert.equal((await looks()).length, seen);
});

/* ---- who may not ---- */

test('no operator\'s route is anybody else\'s', async () => {
  const those = operations.filter(({ path: where }) => where.startsWith('/api/operator/'));
  assert.ok(those.length >= 10);
  const [ann, zoe] = [await user(), await guest()];
  const rows = (await audit('?limit=100')).items.length;
  for (const { method, path: where } of those) {
    const target = where.replace(/\{\w+\}/g, zoe.id);
    for (const who of [ann, zoe]) {
      const answer = await who.api(target, { method, ...(method !== 'GET' && method !== 'DELETE' && { body: {} }) });
      assertError(answer, 403, 'forbidden');
    }
  }
  assert.equal((await zoe.api('/api/users/me')).status, 200);
  assert.equal((await audit('?limit=100')).items.length, Math.min(100, rows + 1), 'nothing was written down but our look');
});

/* Of each room that an operator has nothing to do with: every way to look. */
test('an operator reads, writes and hears no direct conversation and no group, by no route and no room', async () => {
  const [ann, bob] = [await user(), await user()];
  const socket = await boss.connect();
  const heard = [];
  socket.onAny((event, data) => heard.push([event, JSON.stringify(data)]));
  const direct = (await ann.api('/api/messages', { body: { recipient_id: bob.id, content: 'secret direct' } })).body;
  const group = (await ann.api('/api/conversations', { body: { title: 'secret title', members: [bob.id] } })).body;
  const said = (await ann.api('/api/messages', { body: { conversationId: group._id, content: 'secret group' } })).body;
  const file = (await ann.api('/api/files?name=secret.txt', { body: Buffer.from('secret file') })).body;
  await ann.api('/api/messages', { body: { conversationId: group._id, content: '', attachment: file._id } });

  for (const [conversationId, { _id }] of [[direct.conversationId, direct], [group._id, said]]) {
    for (const [method, target, body] of [
      ['GET', `/api/messages/conversation?conversationId=${conversationId}`], ['GET', `/api/conversations/${conversationId}`],
      ['PATCH', `/api/conversations/${conversationId}`, { title: 'x' }], ['POST', `/api/conversations/${conversationId}/members`, { userId: boss.id }],
      ['POST', `/api/conversations/${conversationId}/link`, {}], ['POST', '/api/messages', { conversationId, content: 'x' }],
      ['POST', '/api/messages/read', { conversationId, seq: 1 }], ['POST', '/api/messages/received', { conversationId, seq: 1 }],
      ['PUT', `/api/messages/${_id}`, { content: 'x' }], ['DELETE', `/api/messages/${_id}`], ['POST', `/api/messages/${_id}/read`],
    ]) {
      const answer = await boss.api(target, { method, body });
      assert.equal(answer.status, 404, `${method} ${target}: ${answer.text}`);
    }
    for (const event of ['message-read', 'message-received']) {
      assert.equal((await call(socket, event, { conversationId, seq: 1 })).error.code, 'not_found');
    }
    assert.equal((await call(socket, 'send-message', { conversationId, content: 'x' })).error.code, 'not_found');
    const { messages, gone } = (await boss.api('/api/sync', { body: { conversations: { [conversationId]: { seq: 0, change: 0 } } } })).body;
    assert.deepEqual([messages, gone], [[], [conversationId]]);
  }
  assert.equal((await boss.api(`/api/files/${file._id}`)).status, 404);
  for (const id of [ann.id, bob.id]) {
    const answer = await boss.api(`/api/operator/clients/${id}/messages`);
    assert.deepEqual(answer.body.items, [], 'support alone, not what they write to each other');
  }
  assert.ok(!(await boss.api('/api/operator/clients?limit=100')).text.includes('secret'));
  await write(ann, 'to support');
  await waitFor('what is theirs', () => heard.some(([, data]) => data.includes('to support')));
  assert.ok(!heard.some(([, data]) => data.includes('secret')), JSON.stringify(heard));
});

test('what is not there is not found', async () => {
  for (const [target, body, method] of [
    [`clients/${NOBODY}/messages`, undefined, 'GET'], [`clients/${NOBODY}/messages`, { content: 'x' }],
    [`clients/${NOBODY}/kick`, {}], [`clients/${NOBODY}/mute`, { seconds: 1 }], [`users/${NOBODY}/unlock`, {}],
    ['clients/x/kick', {}],
  ]) {
    assertError(await act(target, body, method), 404, 'not_found');
  }
});
