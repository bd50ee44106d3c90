// Sessions and passwords: each over REST, and on the sockets that it concerns.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertError } from '../support/http.mjs';
import { assertLives, call, collect, ending, next } from '../support/socket.mjs';
import { password, share, startStack } from '../support/stack.mjs';
import { tokenUntil } from '../support/tokens.mjs';

const NOBODY = '0123456789abcdef01234567';
const NEW_PASSWORD = 'battery staple';
let stack;
let people = 0;

before(async () => {
  stack = await startStack({ set: { login_lock_ms: 5000 } });
});
after(() => stack.stop());

const name = (stem) => `${stem}${(people += 1)}`;
const login = (body, headers) => stack.api('/api/auth/login', { body, headers });

async function signIn(person, headers) {
  const answer = await login({ username: person.user.username, password }, headers);
  assert.equal(answer.status, 200, answer.text);
  return stack.person(answer.body);
}

/* ---- where one is signed in ---- */

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

/* When a token ends that one can be connected with before. */
const inSeconds = () => Math.ceil(Date.now() / 1000) * 1000 + 3000 * Math.ceil(Math.min(share(), 4) / 2);

test('when its token expires a socket is told and closed', async () => {
  const ann = await stack.register(name('ann'));
  const until = inSeconds();
  const sockets = await Promise.all(['websocket', 'polling'].map((transport) =>
    stack.connectSocket(tokenUntil(stack, ann.token, until), { transports: [transport] })));

  assert.deepEqual(await Promise.all(sockets.map(ending)), ['expired', 'expired']);
  assert.ok(Date.now() >= until && Date.now() < until + 2500 * share(), `${Date.now() - until} ms`);
});

test('renew swaps the token, so that the socket outlives the old one', async () => {
  const ann = await stack.register(name('ann'));
  const until = inSeconds();
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

test('a wrong password changes nothing, and counts for the session that said it', async () => {
  const ann = await stack.register(name('ann'));
  const phone = await signIn(ann);
  const change = (body) => ann.api('/api/auth/password', { body });

  let began;
  for (let i = 0; i < 5; i++) {
    began = Date.now();
    assertError(await change({ password: 'not this', newPassword: NEW_PASSWORD }),
      403, 'wrong_password', 'password');
  }
  const locked = await change({ password, newPassword: NEW_PASSWORD });
  assertError(locked, 429, 'locked');
  const wait = Number(locked.headers.get('retry-after'));
  assert.ok(wait <= 5 && wait >= 5 - (Date.now() - began) / 1000, `${wait} s`);
  assert.equal((await login({ username: ann.user.username, password })).status, 200);
  await sleep(5050);
  assert.equal((await change({ password, newPassword: password })).status, 200);
  assertError(await phone.api('/api/users/me'), 401, 'session_expired');
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
  assertError(await ann.api('/api/auth/password', { body: { password, newPassword: 'Password123' } }),
    400, 'common_password', 'newPassword');
  assertError(await stack.api('/api/auth/password',
    { body: { password, newPassword: NEW_PASSWORD } }), 401, 'unauthorized');
});
