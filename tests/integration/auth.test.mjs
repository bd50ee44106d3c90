// Accounts, sessions and the directory, through nginx.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { assertError } from '../support/http.mjs';
import { mongodbOf } from '../support/mongodb.mjs';
import { assertLives } from '../support/socket.mjs';
import { asOwnerOf, password, startStack, waitFor } from '../support/stack.mjs';
import { forgedTokens } from '../support/tokens.mjs';

let stack;
let people = 0;

before(async () => {
  stack = await startStack();
});
after(() => stack.stop());

const name = (stem) => `${stem}${(people += 1)}`;
/* What the store has of their password, which becomes that one. */
async function setHash(id, hash) {
  const mongodb = mongodbOf(stack);
  if (mongodb) {
    const q = { _id: { $oid: id } };
    if (hash !== undefined) await mongodb({ update: 'user', updates: [{ q, u: { $set: { passwordHash: hash } } }] });
    return (await mongodb({ find: 'user', filter: q })).match(/passwordHash\0.{4}([^\0]*)/s)[1];
  }
  const file = path.join(stack.dir, 'palabre.db');
  const [program, ...args] = asOwnerOf(file, ['python3', '-c', `import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as db:
    if len(sys.argv) > 3: db.execute('UPDATE user SET password_hash = ? WHERE id = ?', (sys.argv[3], bytes.fromhex(sys.argv[2])))
    print(db.execute('SELECT password_hash FROM user WHERE id = ?', (bytes.fromhex(sys.argv[2]),)).fetchone()[0])
db.close()`, file, id, ...hash === undefined ? [] : [hash]]);
  return execFileSync(program, args, { encoding: 'utf8' }).trim();
}

const login = (body) => stack.api('/api/auth/login', { body });

test('who registers is signed in and finds themselves', async () => {
  const username = name('ann');
  const answer = await stack.api('/api/auth/register', {
    body: { username, password, email: `${username}@Mail.Example`, avatar: '🦊' },
  });
  assert.equal(answer.status, 201);
  assert.ok(Date.parse(answer.body.expiresAt) > Date.now() + 6 * 86400e3);
  const me = await stack.api('/api/users/me', { token: answer.body.token });
  assert.equal(me.status, 200);
  assert.equal(me.body._id, answer.body.user._id);
  assert.equal(me.body.email, `${username}@mail.example`);
  assert.equal(me.body.avatar, '🦊');
  assert.equal(me.body.displayName, username);
  assert.equal(me.body.role, 'user');
  assert.match(me.body.createdAt, /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/);
  assert.ok(!answer.text.includes('argon2'));
});

test('email, username and login all sign in, in any case', async () => {
  const username = name('Éva');
  const email = `${name('eva')}@x.example`;
  await stack.register(username, { email });
  for (const who of [{ email }, { email: email.toUpperCase() }, { username },
    { username: username.toLowerCase() }, { login: username }, { login: email },
    { login: email.replace('@', '＠') }]) {
    const answer = await login({ ...who, password });
    assert.equal(answer.status, 200, JSON.stringify(who));
    assert.equal(answer.body.user.username, username);
    assert.equal(answer.body.user.status, 'online');
  }
});

test('a password of another system is as it was there, and is hashed anew at the first sign-in', async () => {
  const { user } = await stack.register(name('old'));
  const issued = (await stack.ctl('token', 'issue', user.username)).stdout.trim();
  const socket = await stack.connectSocket(issued);
  // bcrypt's of the password
  await setHash(user._id, '$2b$10$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu');
  const hash = () => setHash(user._id);
  assertError(await login({ username: user.username, password: `${password}r` }), 401, 'invalid_credentials');
  assert.match(await hash(), /^\$2b\$/);
  const first = await login({ username: user.username, password });
  assert.equal(first.status, 200, first.text);
  assert.match(await hash(), /^\$argon2id\$/);
  // It is the same password still: nobody is signed out.
  for (const token of [first.body.token, issued]) {
    assert.equal((await stack.api('/api/users/me', { token })).status, 200);
  }
  await assertLives(socket);
  assert.equal((await login({ username: user.username, password })).status, 200);
  assertError(await login({ username: user.username, password: `${password}r` }), 401, 'invalid_credentials');
});

test('a name or an email is taken in every spelling', async () => {
  const number = name('');
  const email = `${name('s')}@x.example`;
  await stack.register(`Straßeişık${number}`, { email });
  const again = (body) => stack.api('/api/auth/register', { body: { password, ...body } });
  for (const stem of ['STRASSEIŞIK', 'straẞeIŞIK', 'StrasseİŞİK', 'strassei\u0307s\u0327ik']) {
    assertError(await again({ username: stem + number }), 409, 'taken', 'username');
  }
  assertError(await again({ username: name('other'), email: email.toUpperCase() }),
    409, 'taken', 'email');
});

test('what a registration lacks is named', async () => {
  const fine = { username: 'fine', password };
  for (const [wrong, field] of [
    [{ username: 'ab' }, 'username'], [{ username: 'a b c' }, 'username'],
    [{ username: 'a@b' }, 'username'], [{ username: 'abc\u202e' }, 'username'],
    [{ username: 'x'.repeat(33) }, 'username'], [{ username: 7 }, 'username'],
    [{ username: null }, 'username'], [{ username: 'abc\u0000' }, 'username'],
    [{ password: '12345' }, 'password'], [{ password: 'x'.repeat(129) }, 'password'],
    [{ password: ['secret1'] }, 'password'],
    [{ email: 'nobody' }, 'email'], [{ email: {} }, 'email'],
    [{ avatar: 'javascript:alert(1)' }, 'avatar'],
    [{ displayName: 'x'.repeat(65) }, 'displayName'],
  ]) {
    const answer = await stack.api('/api/auth/register', { body: { ...fine, ...wrong } });
    assertError(answer, 400, 'invalid', field);
  }
  for (const common of ['12345678', 'PassWord', 'qwerty123']) {
    assertError(await stack.api('/api/auth/register', { body: { ...fine, password: common } }),
      400, 'common_password', 'password');
  }
});

test('a wrong password and an unknown name are told the same', async () => {
  const username = name('carl');
  await stack.register(username);
  const wrong = await login({ username, password: 'not this' });
  const unknown = await login({ username: 'nobody at all', password });
  assertError(wrong, 401, 'invalid_credentials');
  assert.equal(wrong.headers.get('www-authenticate'), 'Bearer');
  assert.deepEqual(unknown.body, wrong.body);
});

test('five wrong passwords lock the account for a second', async () => {
  /* On a busy machine the second may be over before anybody asks. */
  const username = await waitFor('a lock that is met', async () => {
    const one = name('dora');
    await stack.register(one);
    for (let i = 0; i < 5; i++) {
      assertError(await login({ username: one, password: 'wrong!' }), 401, 'invalid_credentials');
    }
    const answer = await login({ username: one, password });
    if (answer.status === 200) return null;
    assertError(answer, 429, 'locked');
    assert.equal(answer.headers.get('retry-after'), '1');
    return one;
  });
  await new Promise((resolve) => { setTimeout(resolve, 1050); });
  assert.equal((await login({ username, password })).status, 200);
});

test('signing out ends that session alone, everywhere ends all', async () => {
  const ann = await stack.register(name('ann'));
  const here = stack.person((await login({ username: ann.user.username, password })).body);
  const there = stack.person((await login({ username: ann.user.username, password })).body);

  assert.equal((await here.api('/api/auth/logout', { method: 'POST' })).status, 200);
  const refused = await here.api('/api/users/me');
  assertError(refused, 401, 'session_expired');
  assert.equal(refused.headers.get('www-authenticate'), 'Bearer');
  assert.equal((await there.api('/api/users/me')).status, 200);
  await ann.api('/api/auth/logout', { body: { everywhere: true } });
  assertError(await there.api('/api/users/me'), 401, 'session_expired');
  assertError(await ann.api('/api/users/me'), 401, 'session_expired');
});

test('signing out closes the sockets of that session', async () => {
  const ann = await stack.register(name('ann'));
  const other = stack.person((await login({ username: ann.user.username, password })).body);
  const [gone, stays] = await Promise.all([ann.connect(), other.connect()]);
  const closed = new Promise((resolve) => { gone.once('disconnect', resolve); });
  await ann.api('/api/auth/logout', { method: 'POST' });
  await closed;
  await assertLives(stays);
});

test('forged tokens are refused', async () => {
  const { token } = await stack.register(name('ann'));
  for (const [what, [forged, code]] of Object.entries(forgedTokens(stack, token))) {
    const answer = await stack.api('/api/users/me', { token: forged });
    assert.equal(answer.status, code ? 401 : 200, what);
    assert.equal(answer.body.error?.code, code, what);
  }
});

test('the key file is for its owner alone', () => {
  assert.equal(statSync(path.join(stack.dir, 'token.key')).mode & 0o777, 0o600);
});

test('the directory pages by name, without the one who asks', async () => {
  const stem = name('zz');
  const all = await Promise.all(['c', 'a', 'B'].map((last) => stack.register(`${stem}${last}`)));
  const me = await stack.register(`${stem}me`);
  const list = async (query) => {
    const answer = await me.api(`/api/users?query=${stem.toUpperCase()}${query}`);
    assert.equal(answer.status, 200);
    return answer.body;
  };

  const whole = await list('');
  assert.equal(whole.total, 3);
  assert.deepEqual([whole.page, whole.limit], [1, 30]);
  assert.deepEqual(whole.items.map(({ username }) => username.slice(-1)), ['a', 'B', 'c']);
  assert.ok(whole.items.every((user) => user.email === undefined && user.status === 'offline'));
  const second = await list('&page=2&limit=2');
  assert.deepEqual(second.items.map(({ _id }) => _id), [all[0].id]);
  assert.equal((await list('&limit=5000')).limit, 100);
  for (const bad of ['&page=0', '&page=-1', '&page=x', '&limit=0', '&limit=1e3']) {
    const answer = await me.api(`/api/users?query=${stem}${bad}`);
    assertError(answer, 400, 'invalid', bad.slice(1).split('=')[0]);
  }
});

test('who has a socket is online, first in the list, and when asked for', async () => {
  const stem = name('yy');
  const [, bob, me] = await Promise.all(
    ['a', 'b', 'me'].map((last) => stack.register(`${stem}${last}`)));
  await bob.connect();
  const seen = async () => (await me.api(`/api/users?query=${stem}`)).body.items
    .map(({ username, status }) => `${username.slice(-1)} ${status}`).join();
  await waitFor('who is here is first', async () => await seen() === 'b online,a offline');
  await waitFor('and online when asked for', async () => (await me.api(`/api/users/${bob.id}`)).body.status === 'online');
});

test('search finds parts of names, q or query, and nothing for nothing', async () => {
  const stem = name('xx');
  const me = await stack.register(`${stem}me`);
  const bob = await stack.register(`${stem}Bob`);
  for (const query of [`q=${stem}bo`, `query=${stem.toUpperCase()}B`]) {
    const answer = await me.api(`/api/users/search?${query}`);
    assert.deepEqual(answer.body.map(({ _id }) => _id), [bob.id]);
  }
  for (const query of ['', '?q=', '?q=%20', '?q=%E2%80%8D', '?q=nobody-of-this-name']) {
    assert.deepEqual((await me.api(`/api/users/search${query}`)).body, []);
  }
});

test('a user of no id, or of a strange one, is not found', async () => {
  const ann = await stack.register(name('ann'));
  for (const id of ['0123456789abcdef01234567', 'x', '%27%20or%201=1', 'ME']) {
    assertError(await ann.api(`/api/users/${id}`), 404, 'not_found');
  }
});

test('health says what is up, to everyone', async () => {
  const answer = await stack.api('/api/health');
  assert.equal(answer.status, 200);
  assert.deepEqual({ ...answer.body, version: '' },
    { status: 'ok', store: 'up', push: 'up', guests: true, registration: true, contact: '', version: '' });
});

test('a password is the same however its letters are typed', async () => {
  const username = name('ren');
  const made = await stack.api('/api/auth/register', { body: { username, password: 'caf\u00e9 noir \uff11' } });
  assert.equal(made.status, 201);
  for (const typed of ['cafe\u0301 noir \uff11', 'caf\u00e9 noir 1']) {
    assert.equal((await login({ username, password: typed })).status, 200, typed);
  }
  assertError(await login({ username, password: 'cafe noir 1' }), 401, 'invalid_credentials');
});

test('where registration is closed, accounts are made by the operator, with passwords as short as is set', async () => {
  const closed = await startStack({ set: { registration: 'closed', password_min: 6, contact: 'Awa, room “3”, awa@a.example' } });
  try {
    const refused = await closed.api('/api/auth/register', { body: { username: 'ann', password } });
    assertError(refused, 403, 'registration_closed');
    const { body } = await closed.api('/api/health');
    assert.deepEqual([body.registration, body.contact], [false, 'Awa, room “3”, awa@a.example']);
    const made = await closed.ctlGiven('secret\n', 'user', 'add', 'ann');
    assert.equal(made.code, 0, made.stderr);
    const answer = await closed.api('/api/auth/login', { body: { username: 'ann', password: 'secret' } });
    assert.equal(answer.status, 200, answer.text);
  } finally {
    await closed.stop();
  }
});
