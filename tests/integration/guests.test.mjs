// People without an account: how they come, who they are afterwards, and what
// they may and may not do, route by route (authorization.test.mjs has each event).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { cellOf } from '../support/authorization.mjs';
import { operations } from '../support/description.mjs';
import { assertError } from '../support/http.mjs';
import { endLineClients, lineConnection } from '../support/lines.mjs';
import { mongodbOf } from '../support/mongodb.mjs';
import { call, collect, ending, enterSocket, next } from '../support/socket.mjs';
import { asOwnerOf, freePort, startStack, temporaryDirectory, waitFor } from '../support/stack.mjs';
import { tokenUntil } from '../support/tokens.mjs';

const NOBODY = '0190000000000000000000b2';
const DAY_MS = 86400e3;
let stack;
let open; // where guests and others may write to each other
let linePort; // of that one
let people = 0;

before(async () => {
  linePort = await freePort();
  [stack, open] = await Promise.all([
    startStack({ set: { presence_grace_ms: 100 } }),
    startStack({ set: { guest_direct: 'on', presence_grace_ms: 100, line_port: linePort } }),
  ]);
});
after(() => {
  endLineClients();
  return Promise.all([stack?.stop(), open?.stop()]);
});

const name = (stem) => `${stem}${(people += 1)}`;
const come = (body, options, where = stack) => where.api('/api/auth/guest', { body, ...options });

const guest = (stem = 'zoe', where = stack) => where.guest(name(stem));

/* By a socket: {socket, heard}. */
async function enter(auth, options = {}, where = stack) {
  const entered = await enterSocket(where.url, auth, options);
  where.sockets.add(entered.socket);
  return entered;
}

/* ---- coming and going on ---- */

test('a guest comes with a name, is a guest, and goes on with their token', async () => {
  const answer = await come({ username: 'Z', displayName: ' Zoe ', avatar: '🦊', statusText: 'hi' });
  assert.equal(answer.status, 201);
  const { token, user, expiresAt } = answer.body;
  assert.deepEqual([user.username, user.displayName, user.avatar, user.statusText, user.role, user.email],
    ['Z', 'Zoe', '🦊', 'hi', 'guest', null]);
  assert.ok(Math.abs(Date.parse(expiresAt) - Date.now() - DAY_MS) < 60e3);
  const zoe = stack.person({ token, user });
  assert.equal((await zoe.api('/api/users/me')).body._id, user._id);

  const old = stack.person({ user, token: tokenUntil(stack, token, Date.now() + 60e3) });
  const again = (await old.api('/api/auth/refresh', { method: 'POST' })).body;
  assert.equal(again.user._id, user._id);
  assert.ok(Math.abs(Date.parse(again.expiresAt) - Date.now() - DAY_MS) < 60e3, 'a day more, not a week');
  const [session] = (await zoe.api('/api/auth/sessions')).body.items;
  assert.equal(session.expiresAt, again.expiresAt);
});

test('a guest comes by a socket, hears first who they are, and is the same after a refresh', async () => {
  for (const options of [{}, { transports: ['polling'] }]) {
    const username = name('max');
    const { socket, heard } = await enter({ username, statusText: 'new here', token: '' }, options);
    await waitFor('their token', () => heard.length > 0);
    const [[event, { token, user, expiresAt }]] = heard;
    assert.equal(event, 'guest');
    assert.deepEqual([user.username, user.role, user.statusText], [username, 'guest', 'new here']);
    assert.ok(Math.abs(Date.parse(expiresAt) - Date.now() - DAY_MS) < 60e3);
    socket.disconnect();

    const again = await enter({ token, username });
    const me = (await stack.person({ token, user }).api('/api/users/me')).body;
    assert.equal(me._id, user._id);
    const ack = await call(again.socket, 'renew', { token });
    assert.equal(ack.ok, true);
    assert.ok(!again.heard.some(([what]) => what === 'guest'), 'nobody new has come');
    assert.equal((await stack.api('/api/auth/sessions', { token })).body.items.length, 1);
  }
});

test('a name is one living person\'s: a user\'s, a guest\'s, and free when that one has gone', async () => {
  const ann = await stack.register(name('ann'));
  const zoe = await guest();
  for (const username of [ann.user.username.toUpperCase(), zoe.user.username.toUpperCase()]) {
    assertError(await come({ username }), 409, 'taken', 'username');
    const refused = await enter({ username }).then(() => null, (error) => error);
    assert.deepEqual(refused.data, { code: 'taken', field: 'username' });
  }
  const { username } = zoe.user;
  assertError(await stack.api('/api/auth/register', { body: { username, password: 'battery staple' } }), 409, 'taken', 'username');
  assert.equal((await zoe.api('/api/auth/logout', { method: 'POST' })).status, 200);
  const next_ = await come({ username });
  assert.equal(next_.status, 201);
  assert.notEqual(next_.body.user._id, zoe.id);
  assert.equal((await ann.api(`/api/users/${zoe.id}`)).status, 404, 'the first has gone for good');
});

test('what is no name is refused, over REST and by a socket', async () => {
  for (const [body, field] of [
    [{ username: '' }, 'username'], [{ username: 'a b' }, 'username'], [{ username: 'a@b' }, 'username'],
    [{ username: 'x'.repeat(33) }, 'username'], [{ username: 7 }, 'username'], [{}, 'username'],
    [{ username: 'x1', displayName: 'x'.repeat(65) }, 'displayName'], [{ username: 'x1', avatar: 'javascript:1' }, 'avatar'],
    [{ username: 'x1', avatar: NOBODY }, 'avatar'], // a file id
    [{ username: 'x1', statusText: 'x'.repeat(141) }, 'statusText'],
  ]) {
    const answer = await come(body);
    assertError(answer, 400, 'invalid', field);
    if (typeof body.username !== 'string' || body.username === '') continue;
    const refused = await enter(body).then(() => null, (error) => error);
    assert.deepEqual(refused.data, { code: 'invalid', field });
    assert.equal(refused.message, answer.body.error.message);
  }
  for (const auth of [{}, { username: '' }, { username: 7 }, { token: 'x', username: 'x1' }]) {
    await assert.rejects(enter(auth), { message: 'Unauthorized' });
  }
});

test('guests come as often as people register, over REST and sockets together', async () => {
  const strict = await startStack({ set: { register_rate: 1, register_burst: 2 } });
  try {
    const began = Date.now(); // from when on one more may come in a minute
    const least = () => 58 - (Date.now() - began) / 1000;
    assert.equal((await come({ username: 'one' }, {}, strict)).status, 201);
    await enter({ username: 'two' }, {}, strict);
    const answer = await come({ username: 'three' }, {}, strict);
    assertError(answer, 429, 'rate_limited');
    assert.ok(Number(answer.headers.get('retry-after')) > least());
    const refused = await enter({ username: 'three' }, {}, strict).then(() => null, (error) => error);
    assert.equal(refused.data.code, 'rate_limited');
    assert.ok(refused.data.retryAfter > least());
    assert.equal((await come({ username: 'three' }, { from: '127.0.0.2' }, strict)).status, 201);
  } finally {
    await strict.stop();
  }
});

test('where guests are off none comes, and those who are here have to go', async () => {
  const closing = await startStack();
  const { socket, heard } = await enter({ username: 'Zoe' }, {}, closing);
  await waitFor('their token', () => heard.length > 0);
  const [[, { token }]] = heard;
  socket.disconnect();
  closing.run.child.kill('SIGTERM');
  await closing.run.ended;
  const closed = await startStack({ dir: closing.dir, set: { guests: 'off' } });
  try {
    assertError(await come({ username: 'Max' }, {}, closed), 403, 'guests_closed');
    const refused = await enter({ username: 'Max' }, {}, closed).then(() => null, (error) => error);
    assert.deepEqual(refused.data, { code: 'guests_closed' });
    assertError(await closed.api('/api/users/me', { token }), 401, 'session_expired');
    await assert.rejects(enter({ token }, {}, closed), { data: { code: 'session_expired' } });
  } finally {
    await closed.stop();
  }
});

/* In the store of one that has ended. */
async function endSession(of, id) {
  const mongodb = mongodbOf(of);
  const store = path.join(of.dir, 'palabre.db');
  if (mongodb) return mongodb({ update: 'session', updates: [{ q: { user: { $oid: id } }, u: { $set: { expiresAt: 1n } } }] });
  const [program, ...words] = asOwnerOf(store, ['python3', '-c',
    'import sqlite3,sys; c=sqlite3.connect(sys.argv[1]);'
    + 'c.execute("UPDATE session SET expires_at = 1 WHERE lower(hex(user_id)) = ?", (sys.argv[2],)); c.commit()',
    store, id]);
  return execFileSync(program, words);
}

test('who does not come back is forgotten, and what they wrote is not', async (t) => {
  const dir = temporaryDirectory();
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const first = await startStack({ dir, set: { guest_direct: 'on' } });
  const ann = await first.register('ann');
  const [gone, here] = [await guest('gone', first), await guest('here', first)];
  for (const one of [gone, here]) {
    assert.equal((await one.api('/api/messages', { body: { recipient_id: ann.id, content: 'hi' } })).status, 201);
  }
  first.run.child.kill('SIGTERM');
  await first.run.ended;
  await endSession(first, gone.id);
  const second = await startStack({ dir });
  try {
    const again = second.person(ann);
    await waitFor('the sweep', async () => (await again.api(`/api/users/${gone.id}`)).status === 404);
    assert.equal((await again.api(`/api/users/${here.id}`)).status, 200);
    assert.deepEqual((await again.api(`/api/messages/conversation?with=${here.id}`)).body.items.length, 1);
    const kept = (await again.api('/api/conversations')).body;
    assert.deepEqual(kept.map(({ lastMessage }) => lastMessage.content), ['hi', 'hi']);
    assert.equal((await second.ctl('verify')).code, 0);
  } finally {
    await second.stop();
  }
});

test('a guest whose session ends is told so and out', async () => {
  const zoe = await guest();
  const socket = await zoe.connect();
  const ended = ending(socket);
  await zoe.api('/api/auth/logout', { method: 'POST' });
  assert.equal(await ended, 'logout');
  assertError(await zoe.api('/api/users/me'), 401, 'session_expired');
});

/* ---- what they may do, route by route ---- */

/* Where guests may find people. */
const PEOPLE = ['listUsers', 'searchUsers'];

test('each route is open to guests, closed, or open where they may find people', async () => {
  for (const { method, path: template, operation } of operations) {
    const name_ = `${method} ${template}`;
    if (cellOf(name_, 'nobody') === 'yes') continue;
    const body = method === 'GET' || method === 'DELETE' ? undefined : {};
    const target = template.replace(/\{\w+\}/g, NOBODY);
    for (const where of [stack, open]) {
      const zoe = await guest('zoe', where);
      const answer = await zoe.api(target, { method, body });
      const closed = cellOf(name_, 'guest') === 'forbidden' && !(PEOPLE.includes(operation.operationId) && where === open);
      const what = `${name_}, ${where === open ? 'open' : 'closed'}: ${answer.text}`;
      assert.equal(answer.status === 403, closed, what);
      if (closed) assert.equal(answer.body.error.code, 'forbidden', what);
      else assert.notEqual(answer.status, 401, what);
    }
  }
});

test('a guest changes what they show of themselves, but has no address and no password', async () => {
  const zoe = await guest();
  const changed = await zoe.api('/api/users/profile', { method: 'PATCH', body: { username: name('yve'), statusText: 'here' } });
  assert.equal(changed.status, 200);
  assert.equal(changed.body.statusText, 'here');
  for (const body of [{ email: 'zoe@x.example' }, { email: 'zoe@x.example', password: '' },
    { email: 'zoe@x.example', password: 'battery staple' }]) {
    const answer = await zoe.api('/api/users/profile', { method: 'PATCH', body });
    assert.ok([400, 403].includes(answer.status), answer.text);
  }
  assert.equal((await zoe.api('/api/users/me')).body.email, null);
  const login = { username: changed.body.username, password: '' };
  assertError(await stack.api('/api/auth/login', { body: login }), 401, 'invalid_credentials');
});

test('a guest is in no directory and in no group', async () => {
  const ann = await stack.register(name('ann'));
  const zoe = await guest();
  const socket = await zoe.connect();
  assert.deepEqual((await ann.api(`/api/users?query=${zoe.user.username}`)).body.items, []);
  assert.deepEqual((await ann.api(`/api/users/search?q=${zoe.user.username}`)).body, []);
  const made = await ann.api('/api/conversations', { body: { title: 'x', members: [zoe.id] } });
  assertError(made, 404, 'not_found', zoe.id);
  socket.disconnect();
});

test('where guests may be found they are, while they are here, on a line as well', async () => {
  const [ann, zoe, lb, away] = [await open.register(name('ann')), await guest('zoe', open), name('lb'), await guest('away', open)];
  const [line, socket] = [await lineConnection(linePort, `${lb}\n`), await zoe.connect()];
  const find = async (query) => (await ann.api(`/api/users?query=${query}`)).body.items.map(({ username }) => username);
  await waitFor('both', async () => (await find(lb)).length === 1 && (await find(zoe.user.username)).length === 1);
  await waitFor('the search, too', async () =>
    (await ann.api(`/api/users/search?q=${lb.slice(0, -1)}`)).body.filter(({ username }) => username === lb).length === 1);
  assert.deepEqual(await find(away.user.username), []);
  const { body, headers } = await ann.api('/api/users?after=&limit=1');
  assert.deepEqual([body.items.length, /after=[^&]+&/.test(headers.get('link'))], [1, true], 'and pages go on');

  const other = await lineConnection(linePort, `${name('max')}\n/msg ${lb} hello\n/who\n/msg ${away.user.username} hello\n`);
  await line.says(new RegExp(`^max\\d+: hello$`, 'm'));
  await other.says(new RegExp(`^\\* Here: .*\\b${lb}\\b`, 'm'));
  await other.says('* There is nobody of that name.');

  assert.equal((await zoe.api(`/api/users/${ann.id}/block`, { method: 'PUT' })).status, 200);
  assert.deepEqual(await find(zoe.user.username), []);
  socket.disconnect();
});

test('guests and others write to each other only where they may', async () => {
  const [ann, zoe] = [await stack.register(name('ann')), await guest()];
  const send = (from, to) => from.api('/api/messages', { body: { recipient_id: to.id, content: 'hi' } });
  assertError(await send(zoe, ann), 403, 'forbidden');
  assertError(await send(ann, zoe), 404, 'not_found');
  assertError(await send(zoe, await guest()), 403, 'forbidden');
  const said = await call(await zoe.connect(), 'send-message', { to: ann.id, content: 'hi' });
  assert.equal(said.error.code, 'forbidden');

  const [bob, max] = [await open.register(name('bob')), await guest('max', open)];
  const his = await bob.connect();
  const heard = collect(his, 'message:new');
  assert.equal((await send(max, bob)).status, 201);
  await waitFor('it', () => heard.length === 1);
  assert.equal(heard[0].senderName, max.user.username);
  assert.equal((await send(bob, max)).status, 201);
  assert.equal((await max.api('/api/users')).body.items.some(({ _id }) => _id === bob.id), true);
});

test('a guest\'s file has 2 MiB at most', async () => {
  const zoe = await guest();
  const upload = (size) => zoe.api('/api/files?name=a', { body: Buffer.alloc(size, 'x') });
  assertError(await upload(2 * 1024 * 1024 + 1), 413, 'too_large');
  const kept = await upload(2 * 1024 * 1024);
  assert.equal(kept.status, 201);
  assert.equal((await zoe.api(`/api/files/${kept.body._id}`)).status, 200);
});

/* ---- ... and what they see of each other ---- */

test('nobody sees a guest type who may not write to them, or come and go', async () => {
  const [ann, bob, zoe] = [await stack.register(name('ann')), await stack.register(name('bob')), await guest()];
  const hers = await ann.connect();
  const heard = [];
  hers.onAny((event, data) => heard.push([event, data]));
  const { socket: guests, heard: theirs } = await enter({ token: zoe.token });
  await call(guests, 'typing', { to: ann.id });
  const came = next(hers, 'user-online', ({ userId }) => userId === bob.id);
  const his = await bob.connect();
  await came;
  guests.disconnect();
  his.disconnect();
  await next(hers, 'user-offline', ({ userId }) => userId === bob.id);
  assert.ok(!JSON.stringify(heard).includes(zoe.id), JSON.stringify(heard));
  for (const one of [ann, bob]) assert.ok(!JSON.stringify(theirs).includes(one.id), JSON.stringify(theirs));
  assert.deepEqual(theirs.map(([event]) => event), ['presence']);

  const SERVER = '000000000000000000000001';
  const again = await zoe.connect();
  const changes = collect(again, 'user-online');
  assert.deepEqual((await call(again, 'watch-presence', { ids: [ann.id, SERVER] })).online, []);
  const { status, lastSeen, createdAt } = (await zoe.api(`/api/users/${ann.id}`)).body;
  assert.deepEqual([status, lastSeen], ['offline', createdAt]);
  await waitFor('she is online for others', async () => (await bob.api(`/api/users/${ann.id}`)).body.status === 'online');
  hers.disconnect();
  await waitFor('she is away', async () => (await bob.api(`/api/users/${ann.id}`)).body.status === 'offline');
  await ann.connect();
  await waitFor('she is back', async () => (await bob.api(`/api/users/${ann.id}`)).body.status === 'online');
  assert.deepEqual(changes, []);
});

test('where they may write, a guest and their contact see each other', async () => {
  const [ann, zoe] = [await open.register(name('ann')), await guest('zoe', open)];
  await zoe.api('/api/messages', { body: { recipient_id: ann.id, content: 'hi' } });
  const hers = await ann.connect();
  const online = next(hers, 'user-online', ({ userId }) => userId === zoe.id);
  const typing = next(hers, 'typing', ({ from }) => from === zoe.id);
  const { socket, heard } = await enter({ token: zoe.token }, {}, open);
  await online;
  await waitFor('who is there', () => heard.length > 0);
  assert.deepEqual(heard[0], ['presence', { online: [ann.id], offline: [] }]);
  await call(socket, 'typing', { to: ann.id });
  await typing;
});
