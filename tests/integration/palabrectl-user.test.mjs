// What an operator does to accounts with palabrectl, and what that does to open
// sockets.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertError } from '../support/http.mjs';
import { assertLives, ending } from '../support/socket.mjs';
import { asOwnerOf, password, startStack } from '../support/stack.mjs';

const NEW_PASSWORD = 'battery staple';
const FAILURES = 2; // wrong passwords until a name is locked, for longer than a test takes
let stack;
let people = 0;

const assertDone = ({ code, stderr }) => assert.equal(code, 0, stderr);

before(async () => {
  stack = await startStack({ set: { login_failures: FAILURES, login_lock_ms: 600000 } });
});
after(() => stack.stop());

const name = (stem) => `${stem}${(people += 1)}`;
const login = (body) => stack.api('/api/auth/login', { body });

async function signIn(person) {
  const answer = await login({ username: person.user.username, password });
  assert.equal(answer.status, 200, answer.text);
  return stack.person(answer.body);
}

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
    ['12345\n', ['add', name('eve')], 1, /too short/],
    ['password1\n', ['add', name('eve')], 1, /tried first/],
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

test('an operator\'s new password lets in who was locked out', async () => {
  const { user } = await stack.register(name('ann'), { email: `${name('a')}@x.example` });
  const names = [{ username: user.username }, { email: user.email }];
  for (const who of names) {
    for (let i = 0; i < FAILURES; i += 1) {
      assertError(await login({ ...who, password: 'wrong one' }), 401, 'invalid_credentials');
    }
    assertError(await login({ ...who, password }), 429, 'locked');
  }
  assertDone(await stack.ctlGiven(NEW_PASSWORD, 'user', 'password', user.username));
  for (const who of names) {
    const answer = await login({ ...who, password: NEW_PASSWORD });
    assert.equal(answer.status, 200, answer.text);
  }
});

test('who is disabled is out at once and stays out until enabled', async () => {
  const ann = await stack.register(name('ann'));
  const bob = await stack.register(name('bob'));
  const socket = await ann.connect();
  const ended = ending(socket);
  const { username } = ann.user;

  assertDone(await stack.ctl('user', 'disable', username.toUpperCase()));
  assert.equal(await ended, 'disabled');
  assertError(await ann.api('/api/users/me'), 401, 'session_expired');
  assertError(await login({ username, password }), 403, 'disabled');
  assertError(await login({ username, password: 'wrong one' }), 401, 'invalid_credentials');
  await assert.rejects(ann.connect(), { message: 'Unauthorized' });
  assertError(await bob.api('/api/messages', { body: { recipient_id: ann.id, content: 'x' } }),
    404, 'not_found');

  assertDone(await stack.ctl('user', 'enable', username));
  assertError(await ann.api('/api/users/me'), 401, 'session_expired');
  const back = await signIn(ann);
  await assertLives(await back.connect());
});

/* SQL in the store, behind everybody's back; :id is who it is about. */
function behind(sql, userId, text = '') {
  const store = path.join(stack.dir, 'palabre.db');
  const [program, ...args] = asOwnerOf(store, ['python3', '-c', `import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as db: db.execute(sys.argv[2], {"id": bytes.fromhex(sys.argv[3]), "text": sys.argv[4]})`,
  store, sql, userId, text]);
  execFileSync(program, args);
}
const endSessions = (userId) => behind('DELETE FROM session WHERE user_id = :id', userId);
/* What no route lets through, and an earlier version may have. */
const setStatus = (userId, text) => behind('UPDATE user SET status_text = :text WHERE id = :id', userId, text);

test('an end that pushd was not told of is found out as soon as it may have missed one', async () => {
  const [ann, bob] = [await stack.register(name('ann')), await stack.register(name('bob'))];
  const [socket, stays] = await Promise.all([ann.connect(), bob.connect()]);
  const ended = ending(socket);
  await sleep(1000); // until the operator of the test before is forgotten
  endSessions(ann.id);
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

  assertDone(await stack.ctl('user', 'role', ann.user.username, 'operator'));
  assert.equal(await role(), 'operator');
  await assertLives(socket);
  assertDone(await stack.ctl('user', 'role', ann.user.username, 'user'));
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

const hidden = (text) => `${text}\u001b[31m`;

test('all accounts are listed, disabled ones and guests, too, and harm no terminal', async () => {
  const stem = name('list');
  const [ann, bob] = [await stack.register(`${stem}ann`), await stack.register(`${stem}bob`)];
  const guest = (await stack.api('/api/auth/guest', { body: { username: `${stem}zoe` } })).body.user;
  assert.equal((await ann.api('/api/users/profile', { method: 'PUT', body: { displayName: 'Ann Ännchen' } })).status, 200);
  setStatus(ann.id, hidden('busy'));
  assertDone(await stack.ctl('user', 'disable', bob.user.username));
  assertDone(await stack.ctl('mute', ann.user.username, '1h'));

  const { stdout } = await stack.ctl('user', 'list', stem);
  const day = /\d{4}-\d\d-\d\d/.source;
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.length, 3, stdout);
  assert.match(lines[0], new RegExp(`^user {6}muted {5}${day}  (never|${day}T\\d\\d:\\d\\d) +${stem}ann  Ann Ännchen$`));
  assert.match(lines[1], new RegExp(`^user {6}disabled  ${day}  .* ${stem}bob$`));
  assert.match(lines[2], new RegExp(`^guest {5}- {9}${day}  .* ${stem}zoe$`));
  const { items } = JSON.parse((await stack.ctl('user', 'list', stem, '--json')).stdout);
  assert.deepEqual(items.map(({ _id, disabled }) => [_id, disabled]),
    [[ann.id, false], [bob.id, true], [guest._id, false]]);
  assert.ok((await stack.ctl('user', 'list')).stdout.split('\n').length > 3);
  assert.equal((await stack.ctl('user', 'list', `${stem}nobody`)).stdout, '');
  assert.equal((await stack.ctl('user', 'list', 'a', 'b')).code, 2);
});

test('an account is shown with where it is signed in', async () => {
  const ann = await stack.register(name('ann'), { email: `${name('a')}@x.example` });
  setStatus(ann.id, hidden('busy'));
  const { stdout } = await stack.ctl('user', 'show', ann.user.email);
  for (const line of [`name          ${ann.user.username}`, 'status        busy[31m', `email         ${ann.user.email}`,
    'role          user', `id            ${ann.id}`]) assert.ok(stdout.split('\n').includes(line), `${line}\n${stdout}`);
  assert.match(stdout, /^device {8}last used \S+, .*127\.0\.0\.1$/m);
  assert.ok(!stdout.includes('\u001b'));
  const { user, sessions, ok } = JSON.parse((await stack.ctl('user', 'show', ann.user.username, '--json')).stdout);
  assert.deepEqual([ok, user._id, user.email, user.role, user.disabled, user.mutedUntil],
    [true, ann.id, ann.user.email, 'user', false, null]);
  assert.equal(sessions.length, 1);
  const nobody = await stack.ctl('user', 'show', 'nobody-at-all');
  assert.deepEqual([nobody.code, nobody.stderr], [1, 'nobody-at-all: there is no such user\n']);
});
