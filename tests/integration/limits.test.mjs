// What floods meet, and people do not: each limit at a setting that a test
// reaches, from several addresses of this machine.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Wire } from '../sio/wire.mjs';
import { raw } from '../support/http.mjs';
import { call, collect, next } from '../support/socket.mjs';
import { password, share, stackFor, startStack, waitFor } from '../support/stack.mjs';

let stack;
let people = 0;

before(async () => {
  stack = await startStack({
    set: {
      auth_rate: 5, auth_burst: 30,
      register_rate: 20, register_burst: 8,
      login_failures: 3, login_lock_ms: 600_000, login_lock_max_ms: 3_600_000,
      socket_rate: 10, socket_burst: 30,
      write_rate: 2, write_burst: 45,
      log_level: 'debug',
    },
  });
});
after(() => stack.stop());

const name = (stem) => `${stem}${(people += 1)}`;
/* Each test comes from addresses of its own. */
let address = 1;
const newAddress = () => `127.0.${(address += 1) >> 7}.${(address & 127) + 1}`;

const login = (body, from = newAddress()) => stack.api('/api/auth/login', { body, from });
const register = (from, username = name('flood')) =>
  stack.api('/api/auth/register', { body: { username, password }, from });

async function person(username = name('ann')) {
  const answer = await register(newAddress(), username);
  assert.equal(answer.status, 201, answer.text);
  return stack.person(answer.body);
}

function assertLimited(answer, code) {
  assert.equal(answer.status, 429, answer.text);
  assert.equal(answer.body.error.code, code);
  assert.match(answer.headers.get('retry-after'), /^[1-9]\d*$/);
  return Number(answer.headers.get('retry-after'));
}

/* Asked as often as it takes: an address gets a place back every few seconds,
 * however long the requests take. -> by when it says to try again */
const untilLimited = (ask) => waitFor('it to be limited', async () => {
  const answers = await Promise.all(Array.from({ length: 4 }, ask));
  for (const { status, text } of answers) assert.ok([201, 429].includes(status), text);
  const limited = answers.find(({ status }) => status === 429);
  return limited && assertLimited(limited, 'rate_limited');
});

/* A socket there whose network is lost as soon as it is connected. */
async function fallSilent({ url }, { token }) {
  const { port } = new URL(url);
  const wire = await Wire.open({ port, ws: url.replace('http', 'ws') }, {}, { path: '/socket.io/' });
  wire.pong = false;
  wire.send(`40${JSON.stringify({ token })}`);
  await wire.take(2); // open, CONNECT
}

/* ---- by account ---- */

test('each wrong password past the first few locks for longer, up to a limit', async (t) => {
  const brief = await stackFor(t, { set: { login_failures: 3, login_lock_ms: 1500, login_lock_max_ms: 4000 } });
  const { user: { username } } = await brief.register(name('ann'));
  const guess = (given) => brief.api('/api/auth/login', { body: { username, password: given }, from: newAddress() });
  let began; // when the guess was sent that locks
  for (let i = 0; i < 3; i++) {
    began = Date.now();
    assert.equal((await guess('not this')).status, 401);
  }

  for (const [most, again] of [[1500, 'not this'], [3000, 'not this'], [4000, password]]) {
    let sent;
    let answer;
    for (;;) {
      sent = Date.now();
      answer = await guess(again);
      if (answer.status !== 429) break;
      assert.ok(assertLimited(answer, 'locked') <= Math.ceil(most / 1000));
      await sleep(50);
    }
    assert.equal(answer.status, again === password ? 200 : 401, answer.text);
    const took = Date.now() - began;
    assert.ok(took >= most && took < (most + 1500) * share(), `${took} ms, not ${most}`);
    began = sent;
  }
  // A right one forgets them all.
  for (let i = 0; i < 3; i++) assert.equal((await guess('not this')).status, 401);
  const last = await guess('not this');
  assert.ok(last.status === 401 || assertLimited(last, 'locked') <= 2);
});

/* [from home], who registered there. */
async function atHome(username = name('zo\u00eb'), email = `${name('z')}@x.example`) {
  const home = newAddress();
  const made = await stack.api('/api/auth/register', { body: { username, email, password }, from: home });
  assert.equal(made.status, 201, made.text);
  return { home, username, email, ...stack.person(made.body) };
}

test('who guesses locks a name for strangers alone, not where its user is at home', async () => {
  const ann = await atHome();
  for (const who of [ann.username, ann.username.toUpperCase(), ann.username]) {
    assert.equal((await login({ username: who, password: 'not this' })).status, 401);
  }
  assertLimited(await login({ username: ann.username, password }), 'locked');
  assert.equal((await login({ username: ann.username, password }, ann.home)).status, 200);
  // Nor does the lock say which address belongs to the name: that was not guessed at.
  assert.equal((await login({ email: ann.email, password: 'not this' })).status, 401);
  assert.equal((await login({ email: ann.email, password })).status, 200);
  // Whoever is signed in may change the password all the same.
  const changed = await ann.api('/api/auth/password',
    { body: { password, newPassword: 'another horse' }, from: newAddress() });
  assert.equal(changed.status, 200, changed.text);

  // At home one is judged by what was typed there.
  for (let i = 0; i < 3; i += 1) {
    assert.equal((await login({ username: ann.username, password: 'not this' }, ann.home)).status, 401);
  }
  assertLimited(await login({ username: ann.username, password: 'another horse' }, ann.home), 'locked');
});

test('a session that guesses at its own password locks itself out, and nobody else', async () => {
  const ann = await atHome();
  const other = stack.person((await login({ username: ann.username, password }, ann.home)).body);
  const change = (who, given) =>
    who.api('/api/auth/password', { body: { password: given, newPassword: password }, from: newAddress() });
  for (let i = 0; i < 3; i += 1) assert.equal((await change(other, 'not this')).status, 403);
  assertLimited(await change(other, password), 'locked');
  assert.equal((await change(ann, password)).status, 200);
});

test('an operator forgets wrong passwords', async () => {
  const ann = await atHome();
  for (const [from, who] of [[newAddress(), { username: ann.username }], [newAddress(), { email: ann.email }],
    [ann.home, { username: ann.username }]]) {
    for (let i = 0; i < 3; i += 1) await login({ ...who, password: 'not this' }, from);
    assertLimited(await login({ ...who, password }, from), 'locked');
  }
  const { stdout } = await stack.ctl('user', 'unlock', ann.username);
  assert.match(stdout, /has no wrong passwords any more/);
  assert.equal((await login({ username: ann.username, password })).status, 200);
  assert.equal((await login({ email: ann.email, password })).status, 200);
  assert.equal((await login({ username: ann.username, password }, ann.home)).status, 200);
});

test('known and unknown names cost as many hashes and hear the same words', async () => {
  const { user: { username: known } } = await person();
  const unknown = name('nobody');
  const hashes = () => stack.log('palabre-api').split('a password was hashed').length - 1;
  /* What six guesses hear, and how many hashes each cost. */
  const guess = async (who) => {
    const heard = [];
    for (let i = 0; i < 6; i++) {
      const earlier = hashes();
      const { status, body, headers } = await login({ ...who, password: 'not this' });
      heard.push([status, body, headers.has('retry-after'), headers.get('www-authenticate'),
        hashes() - earlier]);
    }
    return heard;
  };

  const one = await guess({ username: known });
  assert.deepEqual(one.map(([status]) => status), [401, 401, 401, 429, 429, 429]);
  assert.deepEqual(one.map((heard) => heard.at(-1)), [1, 1, 1, 0, 0, 0]);
  assert.deepEqual(await guess({ username: unknown }), one);
  assert.deepEqual(await guess({ email: `${unknown}@x.example` }), one);
  // In other letters it is the same nobody.
  assertLimited(await login({ username: unknown.toUpperCase(), password }), 'locked');
  // To be locked before there is such a user locks nobody out afterwards.
  const late = await atHome(unknown);
  assert.equal((await login({ username: unknown, password }, late.home)).status, 200);
});

test('what is no password at all is not hashed, for nobody and for somebody', async () => {
  const { user: { username } } = await person();
  const earlier = stack.log('palabre-api').split('a password was hashed').length;
  for (const who of [username, name('nobody')]) {
    const answer = await login({ username: who, password: 'x'.repeat(1000) });
    assert.equal(answer.status, 401);
    assert.equal(answer.body.error.code, 'invalid_credentials');
  }
  assert.equal(stack.log('palabre-api').split('a password was hashed').length, earlier);
});

test('what is no name at all keeps no worker busy', async () => {
  for (const username of ['x'.repeat(15000), `a${'\u0301\u0316'.repeat(3500)}`]) {
    const answer = await login({ username, password });
    assert.equal(answer.status, 401, answer.text);
    assert.equal(answer.body.error.code, 'invalid_credentials');
  }
});

/* ---- by user ---- */

test('a user writes so much a second, over REST and sockets together, and nobody else is slowed', async () => {
  const [ann, bob] = await Promise.all([person(), person()]);
  const sockets = await Promise.all([ann.connect(), ann.connect()]);
  const began = Date.now();
  const rest = (i) => ann.api('/api/messages', { body: { recipient_id: bob.id, content: `${i}` } });
  const live = (i) => call(sockets[i % 2], 'send-message', { to: bob.id, content: `${i}` });
  const answers = await Promise.all(Array.from({ length: 35 }, (_, i) => [rest(i), live(i)]).flat());
  const refused = answers.filter(({ status, ok }) => status === 429 || ok === false);
  const most = 45 + 2 * Math.ceil((Date.now() - began) / 1000) + 1;
  assert.ok(answers.length - refused.length <= most, `${answers.length - refused.length} of ${most}`);
  assert.ok(answers.length - refused.length >= 45);

  const [other, socket] = [refused.find(({ status }) => status === 429), refused.find(({ ok }) => ok === false)];
  for (const seconds of [other && assertLimited(other, 'rate_limited'), socket?.error.retryAfter]) {
    if (seconds !== undefined) assert.ok(seconds >= 1 && seconds <= 2, `${seconds}`);
  }
  if (socket) assert.equal(socket.error.code, 'rate_limited');
  const more = async () => {
    let answer;
    do answer = await rest('more'); while (answer.status === 201);
    return answer;
  };
  await more();
  const reply = await bob.api('/api/messages', { body: { recipient_id: ann.id, content: 'free' } });
  assert.equal(reply.status, 201);
  await sleep(1000 * assertLimited(await more(), 'rate_limited'));
  assert.equal((await rest('again')).status, 201);
});

test('what was there already costs nothing', async () => {
  const [ann, bob] = await Promise.all([person(), person()]);
  const socket = await ann.connect();
  const body = { recipient_id: bob.id, content: 'once', clientId: 'free-1' };
  assert.equal((await ann.api('/api/messages', { body })).status, 201);
  for (let i = 0; i < 60; i += 1) {
    assert.equal((await ann.api('/api/messages', { body })).status, 200);
    if (i % 6 === 0) {
      const { ok, duplicate } = await call(socket, 'send-message', { to: bob.id, content: 'once', clientId: 'free-1' });
      assert.deepEqual([ok, duplicate], [true, true]);
    }
  }
});

/* ---- by address ---- */

test('an address that guesses at many names is told to wait, and it alone', async () => {
  const [flood, other] = [newAddress(), newAddress()];
  const { user: { username } } = await person();
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) =>
    login({ username: `${name('guess')}-${i}`, password: 'not this' }, flood)));
  const limited = answers.filter(({ status }) => status === 429);

  assert.ok(answers.length - limited.length >= 31, `${limited.length}`);
  assert.ok(limited.length >= 10, `${limited.length}`);
  for (const answer of limited) assertLimited(answer, 'rate_limited');
  assert.equal((await login({ username, password }, other)).status, 200);
  await sleep(1000 * assertLimited(limited[0], 'rate_limited') + 200);
  assert.equal((await login({ username, password }, flood)).status, 200);
});

test('an address that registers people is told to wait, and it alone', async () => {
  const [flood, other] = [newAddress(), newAddress()];
  const began = Date.now();
  const answers = await Promise.all(Array.from({ length: 30 }, () => register(flood)));
  const limited = answers.filter(({ status }) => status === 429);
  const made = answers.filter(({ status }) => status === 201).length;
  const most = 9 + Math.floor((Date.now() - began) / 3000);

  assert.ok(made >= 9 && made <= most, `${made}, not 9 to ${most}`);
  assert.equal(limited.length, 30 - made);
  assert.ok(limited.length > 0);
  for (const answer of limited) assert.equal(assertLimited(answer, 'rate_limited'), 3);
  assert.equal((await register(other)).status, 201);
  // Its people may sign in and change their passwords all the while.
  const { user } = answers.find(({ status }) => status === 201).body;
  const there = await login({ username: user.username, password }, flood);
  assert.equal(there.status, 200);
  const changed = await stack.api('/api/auth/password', {
    from: flood, token: there.body.token, body: { password, newPassword: 'another one' },
  });
  assert.equal(changed.status, 200, changed.text);
  await sleep(3200);
  assert.equal((await register(flood)).status, 201);
  await untilLimited(() => register(flood));
});

test('a slash at its end changes nothing about a route, nor about its limit', async () => {
  const from = newAddress();
  const ask = (route) => stack.api(`/api/auth/${route}`,
    { body: { username: name('slash'), password }, from });
  const made = await ask('register/');
  assert.equal(made.status, 201);
  const { username } = made.body.user;
  assert.equal((await stack.api('/api/auth/login/', { body: { username, password }, from })).status, 200);
  for (let i = 0; i < 8; i++) assert.equal((await ask('register/')).status, 201);
  assert.equal(await untilLimited(() => ask('register/')), 3);
});

test('to write the address in another way changes nothing', async () => {
  const ask = 'POST /api/auth/%72egister HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
  for (let i = 0; i < 9; i++) assert.match(await raw(stack.port, ask), /^HTTP\/1.1 400 /);
  await waitFor('it to be limited', async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => raw(stack.port, ask)));
    const limited = answers.filter((answer) => !answer.startsWith('HTTP/1.1 400 '));
    for (const answer of limited) assert.match(answer, /^HTTP\/1.1 429 [^]*\r\nRetry-After: 3\r\n/);
    return limited.length > 0;
  });
});

test('changes of password count against the address as logins do', async () => {
  const flood = newAddress();
  const { token } = await person();
  const answers = await Promise.all(Array.from({ length: 100 }, () =>
    stack.api('/api/auth/password',
      { from: flood, token, body: { password, newPassword: 'short' } })));
  const limited = answers.filter(({ status }) => status === 429);

  assert.ok(limited.length >= 10, `${limited.length}`);
  assertLimited(limited[0], 'rate_limited');
});

/* ---- by socket and user ---- */

test('a socket past its rate is told so, by when, and loses nothing else', async () => {
  const [ann, bob] = [await person(), await person()];
  const [socket, quiet] = await Promise.all([ann.connect(), ann.connect()]);
  const heard = collect(await bob.connect(), 'message:new');
  const answers = await Promise.all(Array.from({ length: 60 }, (_, i) =>
    call(socket, 'send-message', { to: bob.id, content: `${i}`, clientId: `c${i}` })));
  const limited = answers.filter(({ ok }) => !ok);

  assert.ok(limited.length >= 15 && limited.length <= 30, `${limited.length}`);
  for (const { error } of limited) {
    assert.deepEqual([error.code, error.retryAfter], ['rate_limited', 1]);
  }
  assert.equal((await call(quiet, 'watch-presence', { ids: [] })).ok, true, 'the other goes on');
  await sleep(1000 * limited[0].error.retryAfter);
  const lost = answers.findIndex(({ ok }) => !ok);
  assert.equal((await call(socket, 'send-message',
    { to: bob.id, content: `${lost}`, clientId: `c${lost}` })).ok, true);
  await waitFor('all that was acknowledged', () => heard.length === 60 - limited.length + 1);
  assert.equal(new Set(heard.map(({ clientId }) => clientId)).size, heard.length);
});

/* So that who is slow is not lost. */
const PLACES = { user_sockets: 3, ping_interval_ms: 1000, ping_timeout_ms: 9000 };

test('one socket too many is refused, and says when to try again', async (t) => {
  const few = await stackFor(t, { set: PLACES });
  const [ann, bob] = [await few.newcomer('ann'), await few.newcomer('bob')];
  const sockets = [];
  for (const transports of [['websocket'], ['polling'], ['websocket']]) {
    sockets.push(await ann.connect({ transports }));
  }
  for (const transports of [['websocket'], ['polling']]) {
    const { message, data } = await ann.connect({ transports }).then(assert.fail, (error) => error);
    assert.deepEqual([message, data], ['Too many sockets', { code: 'too_many_sockets', retryAfter: 11 }]);
  }

  const all = Promise.all(sockets.map((socket) => next(socket, 'message:new')));
  await bob.api('/api/messages', { body: { recipient_id: ann.id, content: 'all three' } });
  assert.deepEqual((await all).map(({ content }) => content), Array(3).fill('all three'));
});

test('a lost connection takes no place for longer than was said', async (t) => {
  const few = await stackFor(t, { set: PLACES });
  const ann = await few.newcomer('ann');
  for (let i = 0; i < 3; i++) await fallSilent(few, ann);
  const { data } = await ann.connect().then(assert.fail, (error) => error);
  await sleep(1000 * data.retryAfter);
  await ann.connect();
});

/* ---- by default ---- */

test('the defaults are for people', async () => {
  const { stdout } = await stack.ctl('--sample-config');
  const preset = Object.fromEntries([...stdout.matchAll(/^#?\s*(\w+) = (.*)$/gm)]
    .map(([, key, value]) => [key, value]));

  assert.deepEqual(
    ['auth_rate', 'auth_burst', 'register_rate', 'register_burst', 'login_failures',
      'login_lock_ms', 'login_lock_max_ms', 'socket_rate', 'socket_burst', 'user_sockets', 'write_rate', 'write_burst']
      .map((key) => Number(preset[key])),
    [10, 40, 60, 100, 5, 1000, 900000, 20, 100, 100, 20, 100]);
});
