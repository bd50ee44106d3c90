// rt.sock: what a worker answers to pushd, and to what pushd would never say.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Workers, command, frame } from '../support/fastcgi.mjs';

let workers;
let ann;
let bob;

async function register(username) {
  const answer = await workers.api('/api/auth/register',
    { pool: 'auth', body: { username, password: 'correct horse' } });
  assert.equal(answer.status, 201);
  const { token, user } = answer.body;
  const { frames } = await workers.rt(command({ command: 'session' }, { token }));
  return { token, id: user._id, session: frames[0].head.sessionId };
}

before(async () => {
  workers = new Workers();
  await workers.ready();
  ann = await register('ann');
  bob = await register('bob');
});
after(() => workers.stop());

function send(clientId, payload, more = {}) {
  return command(
    { command: 'send', userId: ann.id, sessionId: ann.session, clientId, ...more },
    payload ?? { to: bob.id, content: clientId });
}

async function stored() {
  const answer = await workers.api(
    `/api/messages/conversation?with=${bob.id}&limit=100`, { token: ann.token });
  return answer.body.items.map(({ content }) => content);
}

test('a session says who it is and where they belong', async () => {
  const { status, frames } = await workers.rt(
    command({ command: 'session', address: '::1', agent: 'test' }, { token: ann.token }));

  assert.equal(status, 200);
  const { head } = frames[0];
  assert.equal(head.ok, true);
  assert.equal(head.user._id, ann.id);
  assert.equal(head.user.email, undefined);
  assert.deepEqual(head.rooms, [`u:${ann.id}`]);
  assert.match(head.asOf, /^[0-9a-f]{24}$/, 'a position');
  assert.ok(head.expiresAt > Date.now() + 6 * 86400000);
});

test('a batch answers each command in its order, events before their result', async () => {
  const { frames } = await workers.rt(
    send('a1'), send('a2', { to: bob.id }), send('a3', '{"to":'), send('a1'), send('a4'));

  assert.deepEqual(frames.map(({ kind }) => kind), [
    // everyone sees the conversation, both are contacts, then the message
    'EVENT', 'JOIN', 'EVENT', 'RESULT',
    'RESULT', 'RESULT', 'RESULT',
    'EVENT', 'RESULT',
  ]);
  const results = frames.filter(({ kind }) => kind === 'RESULT');
  assert.deepEqual(results.map(({ head }) => head.code),
    [undefined, 'invalid', 'invalid_json', undefined, undefined]);
  assert.deepEqual(results.map(({ lines }) => lines[0].ok), [true, false, false, true, true]);
  assert.equal(results[3].lines[0].duplicate, true);
  assert.equal(results[3].lines[0].id, results[0].lines[0].id);
  assert.deepEqual(await stored(), ['a1', 'a4']);
});

test('sixty-four writes are one call', async () => {
  const before = (await stored()).length;
  const { frames } = await workers.rt(
    ...Array.from({ length: 30 }, (_, i) => send(`b${i}`)),
    ...Array.from({ length: 34 }, () => command({ command: 'recent', after: 'f'.repeat(24) })));

  assert.equal(frames.filter(({ kind, head }) => kind === 'RESULT' && head.ok).length, 64);
  assert.equal((await stored()).length, before + 30);
});

test('recent repeats what was written', async () => {
  const sent = await workers.api('/api/messages',
    { token: ann.token, body: { recipient_id: bob.id, content: 'new' } });
  const { frames } = await workers.rt(command({ command: 'recent', after: '0'.repeat(24) }));

  assert.ok(frames.some(({ kind, lines }) =>
    kind === 'EVENT' && lines[0][0] === 'message:new' && lines[0][1]._id === sent.body._id));
  // ... and the conversation that the first message of this file opened, before it.
  const names = frames.filter(({ kind }) => kind === 'EVENT').map(({ lines }) => lines[0][0]);
  assert.equal(names.filter((name) => name === 'conversation:new').length, 1);
  assert.ok(names.indexOf('conversation:new') < names.indexOf('message:new'));
  assert.equal(frames.at(-1).head.more, false);
});

test('a malformed call is refused whole and its worker lives on', async () => {
  const before = await stored();
  const long = Buffer.from([0xff, 0xff, 0xff, 0xff, 9]);
  const cases = [
    Buffer.alloc(0),
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    long,
    Buffer.concat([send('c1'), Buffer.from([0])]),
    send('c2').subarray(0, 20),
    Buffer.concat([send('c3'), frame('EVENT', { rooms: [] }, [])]),
    Buffer.concat([send('c4'), command('[]')]),
    Buffer.concat([send('c5'), command({ command: 7 })]),
    Buffer.concat([send('c6'), command('{"command":"send"')]),
    Buffer.concat(Array.from({ length: 65 }, (_, i) => send(`c7${i}`))),
  ];
  for (const [i, body] of cases.entries()) {
    const { status } = await workers.rt(body);
    assert.equal(status, 400, `case ${i}`);
  }
  assert.equal((await workers.rt(Buffer.alloc(5 * 1024 * 1024))).status, 413);
  assert.deepEqual(await stored(), before);
  assert.doesNotMatch(workers.log, /was killed|ended with/);
});

/* So that pushd has one of them write. */
test('workers say that their store has one writer at a time', async () => {
  const { frames } = await workers.rt(command({ command: 'sessions', sessions: [] }));
  assert.equal(frames[0].head.oneWriter, true);
});

test('a session that is gone, or of another, writes nothing', async () => {
  const before = await stored();
  const other = await register('cat');
  await workers.api('/api/auth/logout', { method: 'POST', token: other.token });

  const { frames } = await workers.rt(
    send('d1', undefined, { userId: other.id, sessionId: other.session }),
    send('d2', undefined, { sessionId: other.session }),
    send('d3', undefined, { userId: other.id }),
    send('d4', undefined, { sessionId: 'x' }),
    command({ command: 'session' }, { token: other.token }),
    command({ command: 'session' }, { token: 'a.b.c' }));
  assert.deepEqual(frames.map(({ head }) => head.code), [
    'session_expired', 'session_expired', 'session_expired', 'invalid',
    'session_expired', 'unauthorized',
  ]);
  assert.deepEqual(await stored(), before);
});
