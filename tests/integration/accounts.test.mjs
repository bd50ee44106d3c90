// Sessions, passwords, profiles, roles and what an operator does to accounts:
// each over REST, and on the sockets that it concerns.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { call, collect, next } from '../support/socket.mjs';
import { password, startStack } from '../support/stack.mjs';
import { tokenUntil } from '../support/tokens.mjs';

const NOBODY = '0123456789abcdef01234567';
const NEW_PASSWORD = 'battery staple';
let stack;
let people = 0;

before(async () => {
  stack = await startStack({ set: { auth_rate: 1000, auth_burst: 1000 } });
});
after(() => stack.stop());

const name = (stem) => `${stem}${(people += 1)}`;
const login = (body, headers) => stack.api('/api/auth/login', { body, headers });

async function signIn(person, headers) {
  const answer = await login({ username: person.user.username, password }, headers);
  assert.equal(answer.status, 200, answer.text);
  return stack.person(answer.body);
}

function assertError(answer, status, code, field) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.body.error.code, code);
  assert.equal(answer.body.error.field, field);
}

/* What a socket is told when its session ends: {reason}, once it is closed. */
function ending(socket) {
  return Promise.all([next(socket, 'session-expired'), once(socket, 'disconnect', { signal: AbortSignal.timeout(6000) })])
    .then(([{ reason }]) => reason);
}

async function assertLives(socket) {
  assert.deepEqual((await call(socket, 'watch-presence', { ids: [] })).ok, true);
}

/* ---- sessions ---- */

test('a refreshed token is another of the same session, which lives on', async () => {
  const ann = await stack.register(name('ann'));
  const first = JSON.parse(Buffer.from(ann.token.split('.')[1], 'base64url'));
  const old = stack.person({ ...ann, token: tokenUntil(stack, ann.token, Date.now() + 60e3) });

  const earlier = (await old.api('/api/auth/sessions')).body.items;
  assert.ok(Date.parse(earlier[0].expiresAt) > Date.now() + 6 * 86400e3);
  await sleep(1100);
  const answer = await old.api('/api/auth/refresh', { method: 'POST' });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body.user._id, ann.id);
  assert.ok(Date.parse(answer.body.expiresAt) > Date.parse(earlier[0].expiresAt));
  const second = JSON.parse(Buffer.from(answer.body.token.split('.')[1], 'base64url'));
  assert.equal(second.sid, first.sid);
  assert.ok(second.exp > first.exp && second.iat > first.iat);

  const fresh = stack.person(answer.body);
  const [session, ...others] = (await fresh.api('/api/auth/sessions')).body.items;
  assert.deepEqual(others, []);
  assert.equal(session.expiresAt, answer.body.expiresAt);
  assert.equal((await old.api('/api/users/me')).status, 200, 'the old one goes on');
  await fresh.api('/api/auth/logout', { method: 'POST' });
  assertError(await fresh.api('/api/auth/refresh', { method: 'POST' }), 401, 'session_expired');
});

test('one sees where one is signed in, and nobody else does', async () => {
  const ann = await stack.register(name('ann'));
  // UTF-8, as some send it, and more than is kept; a header is bytes to Node
  const agent = Buffer.from(`Phone ${'é'.repeat(200)}`).toString('latin1');
  const phone = await signIn(ann, { 'User-Agent': agent });
  await stack.register(name('bob'));
  const { status, body } = await phone.api('/api/auth/sessions');

  assert.equal(status, 200);
  assert.equal(body.items.length, 2);
  const [here, there] = body.items;
  assert.deepEqual([here.current, there.current], [true, false]);
  assert.equal(here.agent, `Phone ${'é'.repeat(125)}`);
  assert.equal(here.address, '127.0.0.1');
  assert.ok(here.lastUsed >= there.lastUsed);
  assert.ok(Date.parse(here.expiresAt) > Date.now() + 6 * 86400e3);
});

test('to end a session elsewhere closes its sockets at once, and no others', async () => {
  const ann = await stack.register(name('ann'));
  const phone = await signIn(ann);
  const [mine, his, polling] = await Promise.all(
    [ann.connect(), phone.connect(), phone.connect({ transports: ['polling'] })]);
  const { items } = (await ann.api('/api/auth/sessions')).body;
  const other = items.find(({ current }) => !current);
  const ended = Promise.all([ending(his), ending(polling)]);

  assert.equal((await ann.api(`/api/auth/sessions/${other._id}`, { method: 'DELETE' })).status, 200);
  assert.deepEqual(await ended, ['revoked', 'revoked']);
  assertError(await phone.api('/api/users/me'), 401, 'session_expired');
  await assertLives(mine);
  assertError(await ann.api(`/api/auth/sessions/${other._id}`, { method: 'DELETE' }),
    404, 'not_found');
});

test('nobody ends the session of another, or one that is none', async () => {
  const ann = await stack.register(name('ann'));
  const bob = await stack.register(name('bob'));
  const [{ _id }] = (await bob.api('/api/auth/sessions')).body.items;

  for (const id of [_id, NOBODY, 'x', '%2e%2e']) {
    assertError(await ann.api(`/api/auth/sessions/${id}`, { method: 'DELETE' }), 404, 'not_found');
  }
  assert.equal((await bob.api('/api/users/me')).status, 200);
});

for (const [method, target, body] of [
  ['POST', '/api/auth/logout', { everywhere: true }], ['DELETE', '/api/auth/sessions'],
]) {
  test(`to sign out everywhere by ${method} ${target} closes every socket, by any transport`, async () => {
    const ann = await stack.register(name('ann'));
    const phone = await signIn(ann);
    const sockets = await Promise.all([ann.connect(), phone.connect(),
      phone.connect({ transports: ['polling'] })]);
    const ended = Promise.all(sockets.map(ending));

    assert.equal((await ann.api(target, { method, body })).status, 200);
    assert.deepEqual(await ended, ['logout', 'logout', 'logout']);
    await assert.rejects(phone.connect(), { message: 'Unauthorized' });
    assertError(await ann.api('/api/users/me'), 401, 'session_expired');
  });
}

/* ---- tokens on open sockets ---- */

test('when its token expires a socket is told and closed', async () => {
  const ann = await stack.register(name('ann'));
  const until = Math.ceil(Date.now() / 1000) * 1000 + 1000;
  const sockets = await Promise.all(['websocket', 'polling'].map((transport) =>
    stack.connectSocket(tokenUntil(stack, ann.token, until), { transports: [transport] })));

  assert.deepEqual(await Promise.all(sockets.map(ending)), ['expired', 'expired']);
  assert.ok(Date.now() >= until && Date.now() < until + 2500, `${Date.now() - until} ms`);
});

test('renew swaps the token, so that the socket outlives the old one', async () => {
  const ann = await stack.register(name('ann'));
  const until = Math.ceil(Date.now() / 1000) * 1000 + 1000;
  const socket = await stack.connectSocket(tokenUntil(stack, ann.token, until));
  const expired = collect(socket, 'session-expired');

  const answer = await call(socket, 'renew', { token: ann.token });
  assert.equal(answer.ok, true, JSON.stringify(answer));
  assert.ok(Date.parse(answer.expiresAt) > Date.now() + 6 * 86400e3);
  await sleep(until + 1500 - Date.now());
  assert.deepEqual(expired, []);
  await assertLives(socket);
});

test('after renew it is the new session that counts', async () => {
  const ann = await stack.register(name('ann'));
  const again = await signIn(ann);
  const socket = await ann.connect();

  assert.equal((await call(socket, 'renew', { token: again.token })).ok, true);
  await ann.api('/api/auth/logout', { method: 'POST' });
  await assertLives(socket);
  const ended = ending(socket);
  await again.api('/api/auth/logout', { method: 'POST' });
  assert.equal(await ended, 'logout');
});

test('renew takes no token of another, no forged one and none that is over', async () => {
  const ann = await stack.register(name('ann'));
  const bob = await stack.register(name('bob'));
  const gone = await signIn(ann);
  await gone.api('/api/auth/logout', { method: 'POST' });
  const socket = await ann.connect();
  const heard = next(socket, 'message:new');

  for (const [token, code] of [[bob.token, 'forbidden'], ['x', 'unauthorized'],
    [undefined, 'unauthorized'], [gone.token, 'session_expired'],
    [tokenUntil(stack, ann.token, Date.now() - 1000), 'session_expired']]) {
    const { ok, error } = await call(socket, 'renew', { token });
    assert.equal(ok, false);
    assert.equal(error.code, code);
  }
  await assertLives(socket);
  await bob.api('/api/messages', { body: { recipient_id: ann.id, content: 'for ann' } });
  assert.equal((await heard).content, 'for ann');
});

/* ---- the password ---- */

test('a new password ends the other sessions and keeps this one', async () => {
  const ann = await stack.register(name('ann'));
  const phone = await signIn(ann);
  const [mine, his] = await Promise.all([ann.connect(), phone.connect()]);
  const ended = ending(his);

  const answer = await ann.api('/api/auth/password',
    { body: { password, newPassword: NEW_PASSWORD } });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(await ended, 'password');
  assertError(await phone.api('/api/users/me'), 401, 'session_expired');
  assert.equal((await ann.api('/api/users/me')).status, 200);
  await assertLives(mine);
  const { username } = ann.user;
  assertError(await login({ username, password }), 401, 'invalid_credentials');
  assert.equal((await login({ username, password: NEW_PASSWORD })).status, 200);
});

test('nobody comes in by the old password while it is changed', async () => {
  for (let i = 0; i < 3; i++) {
    const ann = await stack.register(name('ann'));
    const { username } = ann.user;
    const [changed, ...tries] = await Promise.all([
      ann.api('/api/auth/password', { body: { password, newPassword: NEW_PASSWORD } }),
      ...Array.from({ length: 8 }, () => login({ username, password })),
    ]);

    assert.equal(changed.status, 200, changed.text);
    for (const { status, body } of tries) {
      assert.ok(status === 200 || status === 401 || status === 429, `${status}`);
      if (status === 200) {
        assertError(await stack.api('/api/users/me', { token: body.token }), 401, 'session_expired');
      }
    }
  }
});

test('of two who change a password at once one does, and stays', async () => {
  const ann = await stack.register(name('ann'));
  const both = [ann, await signIn(ann)];
  const answers = await Promise.all(both.map((device, i) => device.api('/api/auth/password',
    { body: { password, newPassword: `${NEW_PASSWORD} ${i}` } })));
  const winner = answers.findIndex(({ status }) => status === 200);

  assert.equal((await both[winner].api('/api/users/me')).status, 200);
  assertError(await both[1 - winner].api('/api/users/me'), 401, 'session_expired');
  assert.ok([401, 403].includes(answers[1 - winner].status), answers[1 - winner].text);
  assert.equal((await login({ username: ann.user.username,
    password: `${NEW_PASSWORD} ${winner}` })).status, 200);
});

test('a wrong password changes nothing, and counts as one at login', async () => {
  const ann = await stack.register(name('ann'));
  const phone = await signIn(ann);
  const change = (body) => ann.api('/api/auth/password', { body });

  for (let i = 0; i < 5; i++) {
    assertError(await change({ password: 'not this', newPassword: NEW_PASSWORD }),
      403, 'wrong_password', 'password');
  }
  const locked = await change({ password, newPassword: NEW_PASSWORD });
  assertError(locked, 429, 'locked');
  assert.equal(locked.headers.get('retry-after'), '1');
  assertError(await login({ username: ann.user.username, password }), 429, 'locked');
  await sleep(1050);
  assert.equal((await login({ username: ann.user.username, password })).status, 200);
  assert.equal((await phone.api('/api/users/me')).status, 200);
});

test('what is no password is refused by name before anything is hashed', async () => {
  const ann = await stack.register(name('ann'));

  for (const [body, field] of [
    [{ newPassword: NEW_PASSWORD }, 'password'], [{ password }, 'newPassword'],
    [{ password, newPassword: '12345' }, 'newPassword'],
    [{ password, newPassword: 'x'.repeat(129) }, 'newPassword'],
    [{ password, newPassword: null }, 'newPassword'],
    [{ password: 7, newPassword: NEW_PASSWORD }, 'password'],
  ]) {
    assertError(await ann.api('/api/auth/password', { body }), 400, 'invalid', field);
  }
  assertError(await stack.api('/api/auth/password',
    { body: { password, newPassword: NEW_PASSWORD } }), 401, 'unauthorized');
});

/* ---- the profile ---- */

test('a profile changes what is given, for everyone and for signing in', async () => {
  const stem = name('ann');
  const ann = await stack.register(stem, { email: `${stem}@x.example`, avatar: '🦊' });
  const bob = await stack.register(name('bob'));

  const put = await ann.api('/api/users/profile', {
    method: 'PUT',
    body: { username: `${stem}Ève`, displayName: '  Ève L.  ', statusText: 'in a meeting' },
  });
  assert.equal(put.status, 200, put.text);
  assert.deepEqual(
    [put.body.username, put.body.displayName, put.body.statusText, put.body.avatar, put.body.email],
    [`${stem}Ève`, 'Ève L.', 'in a meeting', '🦊', `${stem}@x.example`]);
  const patch = await ann.api('/api/users/profile',
    { method: 'PATCH', body: { avatar: '', email: '', displayName: null } });
  assert.deepEqual([patch.body.avatar, patch.body.email, patch.body.displayName],
    ['', null, 'Ève L.']);

  const seen = (await bob.api(`/api/users/${ann.id}`)).body;
  assert.deepEqual([seen.username, seen.statusText, seen.avatar],
    [`${stem}Ève`, 'in a meeting', '']);
  assert.equal((await login({ username: `${stem}ève`.toUpperCase(), password })).status, 200);
  assertError(await login({ username: stem, password }), 401, 'invalid_credentials');
  assertError(await login({ email: `${stem}@x.example`, password }), 401, 'invalid_credentials');
});

test('nobody gives himself a role, another life or another password', async () => {
  const ann = await stack.register(name('ann'));
  const answer = await ann.api('/api/users/profile', {
    method: 'PATCH',
    body: {
      role: 'operator', disabled: true, _id: NOBODY, id: NOBODY, password: NEW_PASSWORD,
      passwordHash: 'x', createdAt: '1970-01-01T00:00:00.000Z', mutedUntil: 0, statusText: 'x',
    },
  });

  assert.equal(answer.status, 200, answer.text);
  const me = (await ann.api('/api/users/me')).body;
  assert.deepEqual([me._id, me.role, me.createdAt, me.statusText],
    [ann.id, 'user', ann.user.createdAt, 'x']);
  assert.equal((await login({ username: me.username, password })).status, 200);
  const eve = await stack.api('/api/auth/register',
    { body: { username: name('eve'), password, role: 'operator', _id: NOBODY } });
  assert.equal(eve.body.user.role, 'user');
  assert.notEqual(eve.body.user._id, NOBODY);
});

test('what a profile cannot be is refused by name', async () => {
  const ann = await stack.register(name('ann'));

  for (const [body, field] of [
    [{ username: 'ab' }, 'username'], [{ username: 'a b c' }, 'username'],
    [{ username: 'a@bc' }, 'username'], [{ username: 'x'.repeat(33) }, 'username'],
    [{ username: 'abc\u202e' }, 'username'], [{ username: 'abc\u0000' }, 'username'],
    [{ username: 7 }, 'username'], [{ username: '' }, 'username'],
    [{ displayName: 'x'.repeat(65) }, 'displayName'],
    [{ displayName: 'a\u202eb' }, 'displayName'],
    [{ statusText: 'x'.repeat(141) }, 'statusText'], [{ statusText: 'a\nb' }, 'statusText'],
    [{ avatar: 'javascript:alert(1)' }, 'avatar'], [{ avatar: ['x'] }, 'avatar'],
    [{ email: 'nobody' }, 'email'], [{ email: 'a@b@c' }, 'email'],
  ]) {
    assertError(await ann.api('/api/users/profile', { method: 'PUT', body }), 400, 'invalid', field);
  }
  assert.deepEqual((await ann.api('/api/users/me')).body.username, ann.user.username);
});

test('a name or email of another is taken, one\'s own in other letters is not', async () => {
  const bob = await stack.register(name('Straße'), { email: `${name('b')}@x.example` });
  const ann = await stack.register(name('ann'));
  const put = (body) => ann.api('/api/users/profile', { method: 'PUT', body });

  assertError(await put({ username: bob.user.username.replace('ß', 'SS'), statusText: 'no' }),
    409, 'taken', 'username');
  assertError(await put({ email: bob.user.email.toUpperCase() }), 409, 'taken', 'email');
  assert.equal((await ann.api('/api/users/me')).body.statusText, '');
  const answer = await put({ username: ann.user.username.toUpperCase() });
  assert.equal(answer.body.username, ann.user.username.toUpperCase());
});

test('of many at once only one gets a name, in whatever case', async () => {
  const stem = name('ΣΊΣΥΦΟΣ');
  const spellings = [stem, stem.toLowerCase(), stem.normalize('NFD'),
    stem.toLowerCase().replace('ς', 'σ')];
  const answers = await Promise.all(Array.from({ length: 16 }, (_, i) =>
    stack.api('/api/auth/register', { body: { username: spellings[i % 4], password } })));

  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  for (const answer of answers.filter(({ status }) => status !== 201)) {
    assertError(answer, 409, 'taken', 'username');
  }
  const movers = await Promise.all(Array.from({ length: 6 }, () => stack.register(name('mover'))));
  const wanted = name('Wanted');
  const moved = await Promise.all(movers.map((mover, i) => mover.api('/api/users/profile',
    { method: 'PUT', body: { username: i % 2 ? wanted : wanted.toUpperCase() } })));
  assert.deepEqual(moved.map(({ status }) => status).sort(), [200, 409, 409, 409, 409, 409]);
});

test('who sees him hears of a new status, and old messages keep the old name', async () => {
  const ann = await stack.register(name('ann'));
  const bob = await stack.register(name('bob'));
  const [anns, bobs] = await Promise.all([ann.connect(), bob.connect()]);
  const sent = (await ann.api('/api/messages',
    { body: { recipient_id: bob.id, content: 'before' } })).body;
  const told = (socket, text) => next(socket, 'user-status',
    ({ userId, statusText }) => userId === ann.id && statusText === text);
  const both = Promise.all([told(anns, 'away'), told(bobs, 'away')]);

  await ann.api('/api/users/profile',
    { method: 'PUT', body: { statusText: 'away', displayName: 'Somebody Else' } });
  for (const { status, lastSeen } of await both) {
    assert.equal(status, 'online');
    assert.ok(Math.abs(Date.parse(lastSeen) - Date.now()) < 5000);
  }
  const { items } = (await bob.api(`/api/messages/conversation?with=${ann.id}`)).body;
  assert.equal(items[0].senderName, sent.senderName);
  const later = (await ann.api('/api/messages',
    { body: { recipient_id: bob.id, content: 'after' } })).body;
  assert.equal(later.senderName, 'Somebody Else');

  const cat = await stack.register(name('cat')); // without a socket
  const offline = next(bobs, 'user-status', ({ userId }) => userId === cat.id);
  await cat.api('/api/users/profile', { method: 'PUT', body: { statusText: 'asleep' } });
  assert.deepEqual(await offline, {
    userId: cat.id, status: 'offline', lastSeen: cat.user.createdAt, statusText: 'asleep',
  });
});

/* ---- the operator ---- */

test('an operator makes an account, whose password is on no command line', async () => {
  const username = name('Zoë');
  const made = await stack.ctlGiven(`${password}\n`, 'user', 'add', username, `${username}@x.example`);
  assert.deepEqual([made.code, made.stderr], [0, ''], made.stderr);
  const answer = await login({ email: `${username.toUpperCase()}@x.example`, password });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual([answer.body.user.username, answer.body.user.role], [username, 'user']);
});

test('what an operator gets wrong is one clear line', async () => {
  const ann = await stack.register(name('ann'), { email: `${name('a')}@x.example` });
  const { username, email } = ann.user;
  for (const [input, words, code, line] of [
    [`${password}\n`, ['add', username.toUpperCase()], 1, /this username is taken/],
    [`${password}\n`, ['add', name('eve'), email], 1, /this email is taken/],
    [`${password}\n`, ['add', 'a b'], 1, /3 to 32 characters|no spaces/],
    [`${password}\n`, ['add', name('eve'), 'nobody'], 1, /not an email address/],
    ['12345\n', ['add', name('eve')], 1, /6 to 128 characters/],
    ['', ['add', name('eve')], 1, /no password on standard input/],
    ['\n', ['password', username], 1, /no password on standard input/],
    [`${password}\n`, ['password', 'nobody-at-all'], 1, /there is no such user/],
    ['', ['disable', 'nobody-at-all'], 1, /there is no such user/],
    ['', ['role', username, 'king'], 1, /a role is user or operator/],
    ['', ['role', username, 'guest'], 1, /a role is user or operator/],
  ]) {
    const answer = await stack.ctlGiven(input, 'user', ...words);
    assert.deepEqual([answer.code, answer.stdout], [code, ''], words.join(' '));
    assert.match(answer.stderr, line);
    assert.equal(answer.stderr.trimEnd().split('\n').length, 1, answer.stderr);
  }
  for (const words of [['user'], ['user', 'add'], ['user', 'role', username], ['user', 'dance'],
    ['user', 'disable', username, 'now'], ['verify', 'now']]) {
    const answer = await stack.ctlGiven('', ...words);
    assert.equal(answer.code, 2, words.join(' '));
    assert.notEqual(answer.stderr, '');
  }
  assert.equal((await ann.api('/api/users/me')).status, 200);
});

test('an operator\'s new password signs the user out at once', async () => {
  const ann = await stack.register(name('ann'));
  const [socket, polling] = await Promise.all(
    [ann.connect(), ann.connect({ transports: ['polling'] })]);
  const ended = Promise.all([ending(socket), ending(polling)]);

  const answer = await stack.ctlGiven(NEW_PASSWORD, 'user', 'password', ann.user.username);
  assert.equal(answer.code, 0, answer.stderr);
  assert.deepEqual(await ended, ['password', 'password']);
  assertError(await ann.api('/api/users/me'), 401, 'session_expired');
  assert.equal((await login({ username: ann.user.username, password: NEW_PASSWORD })).status, 200);
});

test('who is disabled is out at once and stays out until enabled', async () => {
  const ann = await stack.register(name('ann'));
  const bob = await stack.register(name('bob'));
  const socket = await ann.connect();
  const ended = ending(socket);
  const { username } = ann.user;

  assert.equal((await stack.ctl('user', 'disable', username.toUpperCase())).code, 0);
  assert.equal(await ended, 'disabled');
  assertError(await ann.api('/api/users/me'), 401, 'session_expired');
  assertError(await login({ username, password }), 403, 'disabled');
  assertError(await login({ username, password: 'wrong one' }), 401, 'invalid_credentials');
  await assert.rejects(ann.connect(), { message: 'Unauthorized' });
  assertError(await bob.api('/api/messages', { body: { recipient_id: ann.id, content: 'x' } }),
    404, 'not_found');

  assert.equal((await stack.ctl('user', 'enable', username)).code, 0);
  assertError(await ann.api('/api/users/me'), 401, 'session_expired');
  const back = await signIn(ann);
  await assertLives(await back.connect());
});

test('an end that pushd was not told of is found out as soon as it may have missed one', async () => {
  const [ann, bob] = [await stack.register(name('ann')), await stack.register(name('bob'))];
  const [socket, stays] = await Promise.all([ann.connect(), bob.connect()]);
  const ended = ending(socket);
  await sleep(300); // until the operator of the test before is forgotten
  const untold = await stack.ctl('--set', 'notify_socket=/nowhere/notify.sock',
    'user', 'disable', ann.user.username);
  assert.deepEqual([untold.code, untold.stderr], [0, '']);
  const early = await Promise.race([ended, sleep(500, 'nothing yet')]);

  assert.equal(early, 'nothing yet');
  await stack.ctl('user', 'role', bob.user.username, 'user'); // says HELLO, as a new worker does
  assert.equal(await ended, 'session_expired');
  await assertLives(stays);
});

test('a role is given and taken, and seen at the next request', async () => {
  const ann = await stack.register(name('ann'));
  const role = async () => (await ann.api('/api/users/me')).body.role;
  const socket = await ann.connect();

  assert.equal((await stack.ctl('user', 'role', ann.user.username, 'operator')).code, 0);
  assert.equal(await role(), 'operator');
  await assertLives(socket);
  assert.equal((await stack.ctl('user', 'role', ann.user.username, 'user')).code, 0);
  assert.equal(await role(), 'user');
});

/* A terminal of its own, by script(1): what it shows, once the program ended. */
async function atTerminal(words, answers) {
  const quoted = words.map((word) => `'${word.replaceAll('\'', '\'\\\'\'')}'`).join(' ');
  const child = spawn('script', ['-qec', quoted, '/dev/null'],
    { stdio: ['pipe', 'pipe', 'inherit'], timeout: 20000, killSignal: 'SIGKILL' });
  let shown = '';
  let given = 0;
  child.stdout.setEncoding('utf8').on('data', (text) => {
    shown += text;
    const asked = shown.split(/Password: |Again: /).length - 1;
    for (; given < asked; given++) child.stdin.write(answers[given]);
  });
  const [code] = await once(child, 'close');
  return { code, shown };
}

test('at a terminal the password is asked for twice and not shown', async () => {
  const username = name('tty');
  const command = stack.ctlCommand('user', 'add', username);

  const differ = await atTerminal(command, [`${NEW_PASSWORD}\n`, `${password}\n`]);
  assert.equal(differ.code, 1);
  assert.match(differ.shown, /two different passwords/);
  const broken = await atTerminal(command, [`${NEW_PASSWORD}\u0003`]);
  assert.notEqual(broken.code, 0);
  const made = await atTerminal(command, [`${NEW_PASSWORD}\n`, `${NEW_PASSWORD}\n`]);
  assert.equal(made.code, 0, made.shown);
  for (const { shown } of [differ, broken, made]) {
    assert.ok(!shown.includes('staple') && !shown.includes('horse'), shown);
  }
  assert.equal((await login({ username, password: NEW_PASSWORD })).status, 200);
});
