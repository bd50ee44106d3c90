// What people show of themselves, and that nobody shows another's name.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertError } from '../support/http.mjs';
import { next } from '../support/socket.mjs';
import { password, startStack } from '../support/stack.mjs';

const NOBODY = '0123456789abcdef01234567';
const NEW_PASSWORD = 'battery staple';
let stack;
let people = 0;

before(async () => {
  stack = await startStack();
});
after(() => stack.stop());

const name = (stem) => `${stem}${(people += 1)}`;
const login = (body) => stack.api('/api/auth/login', { body });

test('a profile changes what is given, for everyone and for signing in', async () => {
  const stem = name('ann');
  const ann = await stack.register(stem, { email: `${stem}@x.example`, avatar: '🦊' });
  const bob = await stack.register(name('bob'));

  const put = await ann.api('/api/users/profile', {
    method: 'PUT',
    body: { username: `${stem}Ève`, displayName: '  Ève L.  ', statusText: ' in a meeting ' },
  });
  assert.equal(put.status, 200, put.text);
  assert.deepEqual(
    [put.body.username, put.body.displayName, put.body.statusText, put.body.avatar, put.body.email],
    [`${stem}Ève`, 'Ève L.', 'in a meeting', '🦊', `${stem}@x.example`]);
  const patch = await ann.api('/api/users/profile',
    { method: 'PATCH', body: { avatar: '', email: '', displayName: null, password } });
  assert.deepEqual([patch.body.avatar, patch.body.email, patch.body.displayName],
    ['', null, 'Ève L.']);

  const seen = (await bob.api(`/api/users/${ann.id}`)).body;
  assert.deepEqual([seen.username, seen.statusText, seen.avatar],
    [`${stem}Ève`, 'in a meeting', '']);
  assert.equal((await login({ username: `${stem}ève`.toUpperCase(), password })).status, 200);
  assertError(await login({ username: stem, password }), 401, 'invalid_credentials');
  assertError(await login({ email: `${stem}@x.example`, password }), 401, 'invalid_credentials');
});

test('a name and a status may be of any script, joiners and all', async () => {
  const ann = await stack.register(name('ann'));
  for (const text of ['علی‌رضا', 'می‌روم', 'ක්‍රි', '👩‍🚀 ünï', '王小明']) {
    const answer = await ann.api('/api/users/profile',
      { method: 'PUT', body: { displayName: text, statusText: text } });
    assert.deepEqual([answer.status, answer.body.displayName, answer.body.statusText], [200, text, text]);
  }
});

test('nobody gives themselves a role, another life or another password', async () => {
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
  assertError(await put({ email: bob.user.email.toUpperCase(), password }), 409, 'taken', 'email');
  assert.equal((await ann.api('/api/users/me')).body.statusText, '');
  const answer = await put({ username: ann.user.username.toUpperCase() });
  assert.equal(answer.body.username, ann.user.username.toUpperCase());
});

test('an email address changes with the password alone', async () => {
  const stem = name('ann');
  const ann = await stack.register(stem, { email: `${stem}@x.example` });
  const put = (body) => ann.api('/api/users/profile', { method: 'PUT', body });
  const email = `${stem}@y.example`;

  assertError(await put({ email, statusText: 'no' }), 400, 'invalid', 'password');
  assertError(await put({ email, password: 'not this', statusText: 'no' }), 403, 'wrong_password', 'password');
  assertError(await put({ email: '' }), 400, 'invalid', 'password');
  assert.deepEqual([(await ann.api('/api/users/me')).body.email, (await ann.api('/api/users/me')).body.statusText],
    [`${stem}@x.example`, '']);
  // The one that is there already is none that changes.
  assert.equal((await put({ email: `${stem}@X.example`, statusText: 'yes' })).status, 200);
  const changed = await put({ email, password });
  assert.deepEqual([changed.status, changed.body.email], [200, email]);
  assert.equal((await login({ email, password })).status, 200);
});

test('a name changes three times a day, and nobody takes the old one for a month', async () => {
  const ann = await stack.register(name('ann'));
  const bob = await stack.register(name('bob'));
  const put = (who, username) => who.api('/api/users/profile', { method: 'PUT', body: { username } });

  for (const stem of ['anne', 'anna', 'annie']) assert.equal((await put(ann, name(stem))).status, 200);
  const refused = await put(ann, name('annika'));
  assertError(refused, 429, 'rate_limited', 'username');
  assert.match(refused.headers.get('retry-after'), /^[1-9]\d*$/);
  assertError(await put(bob, ann.user.username), 409, 'taken', 'username');
  assertError(await stack.api('/api/auth/register', { body: { username: ann.user.username, password } }),
    409, 'taken', 'username');
});

test('of many at once only one gets a name, in whatever case', async () => {
  const stem = name('ΣΊΣΥΦΟΣ');
  const spellings = [stem, stem.toLowerCase(), stem.normalize('NFD'),
    stem.toLowerCase().replace('ς', 'σ'), stem.toLocaleUpperCase('el')];
  const answers = await Promise.all(Array.from({ length: 16 }, (_, i) =>
    stack.api('/api/auth/register', { body: { username: spellings[i % 5], password } })));

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

test('who sees them hears of a new status, and old messages keep the old name', async () => {
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
