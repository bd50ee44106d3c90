// palabre-pushd between sockets and workers, with workers that misbehave.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Polling, Wire } from '../sio/wire.mjs';
import { frame, record } from '../support/fastcgi.mjs';
import { Pushd, START, answerWith, goodAnswer, people } from '../support/pushd.mjs';
import { settles } from '../support/settles.mjs';
import { call, collect, next } from '../support/socket.mjs';
import { freePort, share, waitFor } from '../support/stack.mjs';

const conversation = 'cccccccccccccccccccccccc';
const both = [`u:${people.ann}`, `u:${people.bob}`];
let pushd;
let open;

beforeEach(async () => {
  open = [];
  pushd = await new Pushd({ presence_grace_ms: 1000, typing_stop_ms: 300 }).start();
});
afterEach(async () => {
  for (const socket of open) socket.disconnect();
  await pushd.stop();
});

async function connect(name) {
  const socket = await pushd.connect(name);
  open.push(socket);
  return socket;
}

/* Of a message with that seq. */
const position = (seq) => (0x100 + seq).toString(16).padStart(24, '0');

function message(seq) {
  return frame('EVENT', {
    rooms: both, conversationId: conversation, seq, position: position(seq), from: people.ann,
  }, ['message:new', { seq }]);
}

function commandsNamed(name) {
  return pushd.calls.flat().filter(({ head }) => head.command === name);
}

/* ---- the workers on rt.sock ---- */

test('one request cannot make the workers look at hundreds of tokens', async () => {
  const url = `${pushd.url}/socket.io/?EIO=4&transport=polling`;
  const { sid } = JSON.parse((await (await fetch(url)).text()).slice(1));
  const asked = Array(400).fill('40{"token":"x"}\x1e41').join('\x1e');
  const [ann] = await Promise.all([connect('ann'),
    fetch(`${url}&sid=${sid}`, { method: 'POST', body: asked })]);
  assert.equal((await call(ann, 'send-message', { content: 'hello' })).ok, true);
  const tokens = commandsNamed('session').map(({ payload }) => JSON.parse(payload).token);
  assert.ok(tokens.filter((token) => token === 'x').length <= 1, `asked ${tokens.length} times`);
});

test('an answer that ends half way is asked for again, and each command is run in order', async () => {
  const ann = await connect('ann');
  let lost = 0;
  pushd.answer = (commands) => {
    if (lost++ < 2) return null;
    return answerWith(...commands.map(goodAnswer));
  };
  const answers = await Promise.all(
    ['one', 'two', 'three'].map((content) => call(ann, 'send-message', { content })));

  assert.deepEqual(answers.map(({ ok }) => ok), [true, true, true]);
  const sent = commandsNamed('send');
  const last = sent.slice(-3).map(({ payload }) => JSON.parse(payload).content);
  assert.deepEqual(last, ['one', 'two', 'three']);
  // Every retry of a message names the clientId of the first try.
  const names = (content) => new Set(sent
    .filter(({ payload }) => JSON.parse(payload).content === content)
    .map(({ head }) => head.clientId));
  assert.equal(names('one').size, 1);
  assert.ok((await pushd.stats()).rtLost >= 2);
});

test('what was under way when an answer was lost is looked for in the store', async () => {
  const ann = await connect('ann');
  await sleep(100);
  const before = commandsNamed('recent').length;
  let lost = false;
  pushd.answer = (commands) => {
    if (!lost && commands.some(({ head }) => head.command === 'send')) {
      lost = true;
      return null;
    }
    return answerWith(...commands.map((one) => (one.head.command === 'recent'
      ? Buffer.concat([message(7), goodAnswer(one)]) : goodAnswer(one))));
  };
  const heard = next(ann, 'message:new');
  await call(ann, 'send-message', { content: 'x' });
  assert.equal((await heard).seq, 7);
  assert.ok(commandsNamed('recent').length > before);
  assert.equal((await pushd.stats()).healed, 1);
});

const nonsense = [
  ['no FastCGI', Buffer.from('HTTP/1.1 200 OK\r\n\r\n')],
  ['another status', Buffer.concat([
    record(6, Buffer.from('Status: 500\r\n\r\n')), record(3, Buffer.alloc(8))])],
  ['no result', answerWith()],
  ['a result that is no object', answerWith(frame('RESULT', '[]'))],
  ['one result too many', answerWith(
    ...Array(9).fill(frame('RESULT', { ok: true }, { ok: true })))],
  ['a command', answerWith(frame('COMMAND', {}))],
  ['an event without rooms', answerWith(frame('EVENT', {}), frame('RESULT', { ok: true }, {}))],
  ['a frame longer than any', answerWith(Buffer.from('7fffffff02', 'hex'))],
];
for (const [what, bytes] of nonsense) {
  test(`workers that answer with ${what} do no harm`, async () => {
    const ann = await connect('ann');
    let left = 2;
    pushd.answer = (commands) => (left-- > 0
      ? bytes : answerWith(...commands.map(goodAnswer)));
    const answer = await call(ann, 'send-message', { content: 'x' });
    assert.equal(answer.ok, true);
    assert.ok((await pushd.stats()).rtLost >= 1);
  });
}

/* What waits when such an answer comes is sent once, but maybe where only a head
 * is wrong, which is read last; and looked for is what was written since the call
 * that it is of. */
const heads = ['a result that is no object', 'an event without rooms'];
for (const [what, bytes] of nonsense) {
  test(`what waits behind an answer with ${what} is run once`, async () => {
    const ann = await connect('ann');
    const worker = await pushd.worker();
    await waitFor('what HELLO asks', () =>
      ['recent', 'sessions'].every((name) => commandsNamed(name).length > 0));
    const looked = commandsNamed('recent').length;
    let asked;
    pushd.answer = (commands, connection) => {
      if (asked || !commands.some(({ head }) => head.command === 'send')) {
        return answerWith(...commands.map(goodAnswer));
      }
      asked = connection;
      return '';
    };
    const heard = next(ann, 'message:new');
    const first = call(ann, 'send-message', { content: 'first' });
    await waitFor('the first call', () => asked);
    worker.send(message(7));
    await heard;
    const second = call(ann, 'send-message', { content: 'second' });
    await waitFor('the second', async () => (await pushd.stats()).queueDepth === 1);
    asked.write(bytes);
    assert.deepEqual([(await first).ok, (await second).ok], [true, true]);
    const times = commandsNamed('send').filter(({ payload }) => payload.includes('second')).length;
    assert.ok(times === 1 || (times === 2 && heads.includes(what)), `${times} times`);
    await waitFor('the question', () =>
      commandsNamed('recent').slice(looked).some(({ head }) => head.after < position(7)));
  });
}

test('without an answer the outcome of a command is unknown after two seconds', async () => {
  const ann = await connect('ann');
  pushd.answer = () => Buffer.alloc(0);
  const before = Date.now();
  const answer = await call(ann, 'send-message', { content: 'x' });
  assert.equal(answer.error.code, 'outcome_unknown');
  const took = Date.now() - before;
  assert.ok(took >= 1900 && took < 2500 * share(), `${took} ms`);
});

/* Ann and nine others, who are connected. */
async function ten() {
  const names = ['ann', ...Array.from({ length: 9 }, (_, i) => `friend${i}`)];
  names.forEach((name, i) => { people[name] ??= `${i}`.repeat(24); });
  return { names, sockets: await Promise.all(names.map((name) => connect(name))) };
}

/* That of the two which has Ann's first message never says a word again. */
for (const oneWriter of [false, true]) {
  test(`what waits for a frozen worker goes to the other one, in order (${oneWriter ? 'one writer' : 'many'})`, async () => {
    pushd.oneWriter = oneWriter;
    const { names, sockets } = await ten();
    const [ann] = sockets;
    const said = [];
    let frozen = null;
    let since;
    pushd.answer = (commands, connection) => {
      if (commands.some(({ payload }) => payload.includes('freeze'))) [frozen, since] = [connection, Date.now()];
      if (connection === frozen) return '';
      said.push(...commands.map(({ head, payload }) => [head.userId, payload]));
      return answerWith(...commands.map(goodAnswer));
    };
    const first = call(ann, 'send-message', { content: 'freeze' });
    await waitFor('the freeze', () => frozen);
    const answers = Promise.all(sockets.slice(1).flatMap((socket) =>
      [1, 2, 3].map((n) => call(socket, 'send-message', { content: `${n}` }))));
    const soon = Date.now() - since < 50;
    const order = await Promise.race([answers.then(() => 'moved'), first.then(() => 'timed out')]);
    assert.equal(order, 'moved', 'before anything times out');
    assert.ok((await answers).every(({ ok }) => ok), JSON.stringify(await answers));
    for (const name of names.slice(1)) {
      const mine = said.filter(([id]) => id === people[name]).map(([, text]) => JSON.parse(text));
      assert.deepEqual(mine.map(({ content }) => content), ['1', '2', '3'], name);
    }
    assert.equal((await first).error.code, 'outcome_unknown');
    assert.equal((await call(ann, 'send-message', { content: 'x' })).ok, true);
    // Of many, what comes 100 ms later goes to the other one without waiting first.
    if (oneWriter || soon) assert.ok((await pushd.stats()).rtMoved > 0);
  });
}

/* Which connections such commands came by. */
function connectionsOf(seen, ...names) {
  return new Set(seen.filter(({ name }) => names.includes(name)).map(({ connection }) => connection));
}

test('to a store that has one writer at a time one connection writes, and the other reads', async () => {
  pushd.oneWriter = true;
  let seen = [];
  pushd.answer = (commands, connection) => {
    seen.push(...commands.map(({ head }) => ({ name: head.command, connection })));
    return answerWith(...commands.map(goodAnswer));
  };
  await connect('bob');
  const { names, sockets } = await ten();
  // One that is answered late is helped by the other: then again.
  await settles(async () => {
    seen = [];
    const newcomers = await Promise.all(names.map((name) => connect(name)));
    await Promise.all(sockets.flatMap((socket) => [
      call(socket, 'send-message', { content: 'x' }),
      call(socket, 'message-read', { id: conversation }),
    ]));
    for (const socket of newcomers) socket.disconnect();
    const writing = connectionsOf(seen, 'send', 'pointer');
    const reading = connectionsOf(seen, 'session');
    assert.equal(writing.size, 1);
    assert.equal(reading.size, 1);
    assert.notEqual([...writing][0], [...reading][0]);
  });
});

test('to any other store all connections write', async () => {
  const writing = new Set();
  const { sockets } = await ten();
  pushd.answer = (commands, connection) => {
    if (commands.some(({ head }) => head.command === 'send')) writing.add(connection);
    return answerWith(...commands.map(goodAnswer));
  };
  await Promise.all(sockets.map((socket) => call(socket, 'send-message', { content: 'x' })));
  assert.equal(writing.size, 2);
});

test('of one user 256 commands are under way at most, on all of their sockets', async () => {
  await pushd.stop();
  pushd = await new Pushd({ socket_burst: 1000 }).start();
  const [first, second, bob] = [await connect('ann'), await connect('ann'), await connect('bob')];
  const silent = ({ head }) => head.userId === people.ann;
  pushd.answer = (commands) => (commands.some(silent) ? '' : answerWith(...commands.map(goodAnswer)));
  const send = (socket) => call(socket, 'send-message', { content: 'x' });
  const asked = Array.from({ length: 300 }, (_, i) => send(i % 2 ? first : second));
  await sleep(1000 * (await asked.at(-1)).error.retryAfter);
  assert.notEqual((await send(first)).error.code, 'rate_limited', 'it was passed on');
  const codes = (await Promise.all(asked)).map(({ error }) => error.code);
  const count = (code) => codes.filter((one) => one === code).length;
  assert.deepEqual([count('unavailable') + count('outcome_unknown'), count('rate_limited')], [256, 44]);
  pushd.answer = (commands) => answerWith(...commands.map(goodAnswer));
  await waitFor('the workers', async () => (await send(first)).ok);
  assert.equal((await send(bob)).ok, true);
});

test('commands that wait for a stuck worker leave room for who comes', async () => {
  await pushd.stop();
  pushd = await new Pushd({ socket_burst: 1000 }).start();
  pushd.oneWriter = true;
  const names = Array.from({ length: 17 }, (_, i) => `sender${i}`);
  names.forEach((name, i) => { people[name] ??= `${i + 10}`.repeat(12); });
  const sockets = await Promise.all(names.map((name) => connect(name)));
  let stuck;
  pushd.answer = (commands, connection) => {
    if (commands.some(({ head }) => head.command === 'send')) stuck ??= connection;
    return connection === stuck ? '' : answerWith(...commands.map(goodAnswer));
  };
  const full = new Promise((resolve) => {
    for (const socket of sockets) {
      for (let i = 0; i < 256; i++) {
        socket.emit('send-message', { content: 'x' }, ({ error }) => {
          if (error?.code === 'unavailable') resolve();
        });
      }
    }
  });
  await full;
  const came = await Promise.race([connect('bob').then(() => 'came'), sleep(5000).then(() => 'waits')]);
  assert.equal(came, 'came');
});

test('a refused token is a connect_error Unauthorized', async () => {
  await assert.rejects(connect('nobody'), (error) => {
    assert.equal(error.message, 'Unauthorized');
    assert.deepEqual(error.data, { code: 'unauthorized' });
    return true;
  });
});

/* ---- the workers on notify.sock ---- */

test('an announced message reaches both once, however often it is announced', async () => {
  const [ann, bob] = [await connect('ann'), await connect('bob')];
  const heard = [collect(ann, 'message:new'), collect(bob, 'message:new')];
  const workers = [await pushd.worker(), await pushd.worker()];
  for (const worker of workers) worker.send(message(1), message(2));
  // What each says last comes after all that it said twice.
  workers[0].send(message(3), message(5));
  workers[1].send(message(4));
  for (const list of heard) {
    const seqs = () => list.map(({ seq }) => seq);
    await waitFor('the messages', () => [4, 5].every((last) => seqs().includes(last)));
    assert.deepEqual(seqs().filter((seq) => seq !== 4), [1, 2, 3, 5]);
    assert.equal(list.length, 5);
  }
});

test('a worker that ends without BYE has its last events looked for', async () => {
  const ann = await connect('ann');
  const worker = await pushd.worker();
  await waitFor('the look after HELLO', () => commandsNamed('recent').length > 0);
  assert.equal(commandsNamed('recent')[0].head.after, START);
  worker.send(message(3), frame('POSITION', { position: position(4) }));
  await sleep(100);
  const before = commandsNamed('recent').length;
  const heard = next(ann, 'message:new', ({ seq }) => seq === 5);
  pushd.answer = (commands) => answerWith(...commands.map((one) => Buffer.concat([
    ...(one.head.command === 'recent' ? [message(5)] : []), goodAnswer(one)])));
  worker.socket.destroy();
  assert.equal((await heard).seq, 5);
  // The hole before that message may be asked for, too, but not from there.
  const asked = commandsNamed('recent').slice(before).map(({ head }) => head.after);
  assert.equal(asked[0], position(4));
  assert.equal(asked.filter((after) => after === position(4)).length, 1, `${asked}`);
});

test('a worker that says BYE has not', async () => {
  await connect('ann');
  const worker = await pushd.worker();
  await waitFor('the look after HELLO', () => commandsNamed('recent').length > 0);
  await sleep(100);
  const before = commandsNamed('recent').length;
  worker.send(frame('BYE', {}));
  worker.socket.end();
  await worker.ended;
  await sleep(200);
  assert.equal(commandsNamed('recent').length, before);
});

test('a missing message is asked for after 200 ms', async () => {
  const ann = await connect('ann');
  const heard = collect(ann, 'message:new');
  const worker = await pushd.worker();
  await waitFor('the look after HELLO', () => commandsNamed('recent').length > 0);
  pushd.answer = (commands) => answerWith(...commands.map((one) => Buffer.concat([
    ...(one.head.command === 'recent' ? [message(1), message(2), message(3)] : []),
    goodAnswer(one)])));
  worker.send(message(1), message(3));
  await waitFor('the missing message', () => heard.length === 3);
  assert.deepEqual(heard.map(({ seq }) => seq), [1, 3, 2]);
});

for (const [what, bytes] of [
  ['no HELLO first', message(1)],
  ['HELLO twice', Buffer.concat([frame('HELLO', {}), frame('HELLO', {})])],
  ['an unknown kind', Buffer.concat([frame('HELLO', {}), Buffer.from('0000000163', 'hex')])],
  ['a length beyond all', Buffer.concat([frame('HELLO', {}), Buffer.from('ffffffff02', 'hex')])],
  ['an event whose head is no JSON', Buffer.concat([frame('HELLO', {}), frame('EVENT', 'x')])],
  ['a question that asks nothing', Buffer.concat([frame('HELLO', {}), frame('PRESENCE', {})])],
  ['a result', Buffer.concat([frame('HELLO', {}), frame('RESULT', { ok: true })])],
  ['something after BYE', Buffer.concat([
    frame('HELLO', {}), frame('BYE', {}), frame('BYE', {})])],
]) {
  test(`a worker that says ${what} is hung up on, and the store is asked`, async () => {
    const ann = await connect('ann');
    const worker = await pushd.worker({ hello: false });
    worker.send(bytes);
    await worker.ended;
    await waitFor('the look', () => commandsNamed('recent').length > 0);
    assert.equal((await pushd.stats()).workersMalformed, 1);
    assert.equal((await call(ann, 'send-message', { content: 'x' })).ok, true);
  });
}

test('a worker beyond the 512 is hung up on, and the store is asked for what it had to say', async () => {
  const ann = await connect('ann');
  for (let i = 0; i < 512; i++) await pushd.worker({ hello: false });
  await waitFor('all of them', async () => (await pushd.stats()).workers === 512);
  assert.equal(commandsNamed('recent').length, 0);
  pushd.answer = (commands) => answerWith(...commands.map((one) => Buffer.concat([
    ...(one.head.command === 'recent' ? [message(5)] : []), goodAnswer(one)])));
  const heard = next(ann, 'message:new');
  const refused = await pushd.worker({ hello: false });
  await refused.ended;
  assert.equal((await heard).seq, 5);
  const { workers, workersLost } = await pushd.stats();
  assert.deepEqual({ workers, workersLost }, { workers: 512, workersLost: 1 });
});

test('workers are told who is online, by id and by number', async () => {
  await connect('ann');
  const worker = await pushd.worker();
  worker.send(
    frame('PRESENCE', { id: 1 }, Object.values(people).join('')),
    frame('PRESENCE', { id: 2, limit: 10 }),
    frame('PRESENCE', { id: 3, limit: 0 }));
  await waitFor('the answers', () => worker.frames().length === 3);
  assert.deepEqual(worker.frames().map(({ kind, head, payload }) => [kind, head, payload]), [
    ['PRESENCE', { id: 1 }, Object.keys(people).map((name) => (name === 'ann' ? 1 : 0)).join('')],
    ['PRESENCE', { id: 2, online: [people.ann] }, ''],
    ['PRESENCE', { id: 3, online: [] }, ''],
  ]);
});

test('a revoked session hears why, and its socket is closed for good', async () => {
  const ann = await connect('ann');
  const worker = await pushd.worker();
  const why = next(ann, 'session-expired');
  const gone = new Promise((resolve) => { ann.once('disconnect', resolve); });
  worker.send(frame('REVOKE',
    { userId: people.ann, sid: 'session-ann', reason: 'logged_out' }));
  assert.deepEqual(await why, { reason: 'logged_out' });
  assert.equal(await gone, 'io server disconnect');
});

/* How a connection ends, and what the log calls it. */
const endings = {
  client_disconnect: ({ wire }) => wire.send('41'),
  transport_close: ({ wire }) => wire.close(),
  ping_timeout: ({ wire }) => { wire.pong = false; },
  protocol_error: ({ wire }) => wire.send('9'),
  too_large: ({ wire }) => wire.send('4'.repeat(1000001)),
  session_ended: ({ worker }) => worker.send(
    frame('REVOKE', { userId: people.ann, sid: 'session-ann', reason: 'logged_out' })),
  outbox_full: ({ worker }) => worker.send(frame('EVENT',
    { rooms: [`u:${people.ann}`], from: people.bob }, ['big', 'x'.repeat(70000)])),
  rooms_unknown: ({ worker }) => forget(worker, people.ann),
  shutdown: () => { pushd.child.kill(); },
};

/* So many came and went that nobody knows whether this one has left since. */
function forget(worker, userId) {
  const move = (kind, room, seq) => frame(kind, { userId, room, position: position(seq) });
  worker.send(...Array.from({ length: 17000 }, (_, i) => move('LEAVE', `c:${i.toString(16).padStart(24, '0')}`, 10 + i)),
    move('JOIN', `c:${conversation}`, 1));
}

const front = () => ({ port: new URL(pushd.url).port, ws: pushd.url.replace('http', 'ws') });

async function join(name) {
  const wire = await Wire.open(front(), {}, { path: '/socket.io/' });
  wire.send(`40{"token":"${name}"}`);
  await wire.take(3); // open, CONNECT, who is online
  return wire;
}

for (const [reason, end] of Object.entries(endings)) {
  test(`the log says of a connection that it ended by ${reason}`, async () => {
    await pushd.stop();
    const pings = reason === 'ping_timeout' ? { ping_interval_ms: 500, ping_timeout_ms: 500 } : {};
    pushd = await new Pushd({ log_level: 'debug', outbox_max: 65536, ...pings }).start();
    const worker = await pushd.worker();
    await end({ worker, wire: await join('ann') });
    const line = await waitFor('the line', () => / disconnected .*$/m.exec(pushd.log));
    assert.match(line[0], new RegExp(`userId=${people.ann} reason=${reason}$`));
  });
}

/* What it said last is under way then, and is said again. */
test('a line whose rooms nobody knows comes back and goes on', async () => {
  await pushd.stop();
  const port = await freePort();
  const zoe = 'eeeeeeeeeeeeeeeeeeeeeeee';
  const session = () => frame('RESULT', {
    ok: true, user: { _id: zoe, username: 'zoe', role: 'guest' }, sessionId: 'session-zoe', token: 'zoe',
    expiresAt: Date.now() + 3600000, asOf: START, rooms: [`u:${zoe}`], contacts: [],
  }, { user: { _id: zoe, username: 'zoe', role: 'guest' }, token: 'zoe' });
  pushd = await new Pushd({ line_port: port }).start();
  let asked;
  pushd.answer = (commands) => {
    if (commands.some(({ head }) => head.command === 'send') && !asked) {
      asked = true;
      return '';
    }
    return answerWith(...commands.map((command) =>
      (['guest', 'session'].includes(command.head.command) ? session() : goodAnswer(command))));
  };
  const worker = await pushd.worker();
  const line = createConnection(port, '127.0.0.1');
  pushd.keep(line);
  line.write('zoe\n');
  await waitFor('she is in', () => commandsNamed('guest').length === 1);
  line.write('first\n');
  await waitFor('what she says', () => asked);
  forget(worker, zoe);
  await waitFor('she is back', () => commandsNamed('session').length === 1);
  line.write('second\n');
  const said = () => commandsNamed('send').map(({ payload }) => JSON.parse(payload).message);
  await waitFor('the second', () => said().includes('second'));
  assert.deepEqual(said(), ['first', 'first', 'second']);
});

/* Ann polls, her WebSocket was told "3probe", and her session is over. */
async function endedUpgrading() {
  const polling = await Polling.open(front(), '/socket.io/');
  await polling.post('40{"token":"ann"}');
  await polling.receive(2); // CONNECT, and who is online
  const wire = await Wire.open(front(), { sid: polling.sid }, { path: '/socket.io/' });
  wire.send('2probe');
  assert.equal(await wire.next(), '3probe');
  const worker = await pushd.worker();
  worker.send(frame('REVOKE', { userId: people.ann, sid: 'session-ann', reason: 'logged_out' }));
  await waitFor('her end', async () => (await pushd.stats()).clients === 0);
  return { polling, wire };
}

const WHY = '42["session-expired",{"reason":"logged_out"}]';

test('a session revoked in the middle of an upgrade hears why over the WebSocket', async () => {
  const { wire } = await endedUpgrading();
  wire.send('5');
  assert.deepEqual(await wire.take(2), [WHY, '41']);
  assert.equal((await wire.closed()).code, 1000);
});

test('... and over polling, if the WebSocket dies', async () => {
  const { polling, wire } = await endedUpgrading();
  wire.close();
  const heard = []; // a poll is answered with a NOOP until it has died
  while (heard.at(-1) !== '1') heard.push(...(await polling.receive(1)).filter((packet) => packet !== '6'));
  assert.deepEqual(heard, [WHY, '41', '1']);
});

/* ---- people ---- */

test('typing is heard by the other side, and its end', async () => {
  const [ann, bob] = [await connect('ann'), await connect('bob')];
  const heard = collect(bob, 'typing');
  const own = collect(ann, 'typing');
  const stopped = next(bob, 'typing-stopped');
  assert.deepEqual(await call(ann, 'typing', { to: people.bob }), { ok: true });
  assert.equal((await stopped).from, people.ann);
  assert.equal(heard[0].from, people.ann);
  assert.equal(heard[0].conversationId, (await stopped).conversationId);
  assert.equal(own.length, 0);
});

test('a reload is no coming and going, a departure is', async () => {
  await pushd.stop();
  const grace = 1000 * Math.ceil(Math.min(3 * share(), 8));
  pushd = await new Pushd({ presence_grace_ms: grace }).start();
  const ann = await connect('ann');
  const changes = ['user-online', 'user-offline'].map((event) => collect(ann, event));
  const first = await connect('bob');
  await waitFor('online', () => changes[0].length === 1);
  first.disconnect();
  const second = await connect('bob');
  await sleep(grace + 500);
  assert.equal(changes[1].length, 0);
  second.disconnect();
  await waitFor('offline', () => changes[1].length === 1);
  assert.equal(changes[0].length, 1);
  assert.equal(changes[1][0].userId, people.bob);
  await waitFor('last-seen', () => commandsNamed('last-seen').length === 1);
  assert.equal(commandsNamed('last-seen')[0].head.users[0].userId, people.bob);
});

test('a socket that says too much is told so', async () => {
  const ann = await connect('ann');
  const answers = await Promise.all(
    Array.from({ length: 150 }, () => call(ann, 'typing', { to: people.bob })));
  assert.ok(answers.some(({ error }) => error?.code === 'rate_limited'));
  assert.ok(answers.filter(({ ok }) => ok).length >= 100);
});

/* ---- the operator ---- */

test('ctl.sock answers ping, stats and what it does not know', async () => {
  await connect('ann');
  assert.deepEqual(await pushd.control('ping'), { ok: true, pid: pushd.child.pid });
  const stats = await pushd.stats();
  assert.equal(stats.clients, 1);
  assert.equal(stats.usersOnline, 1);
  for (const line of ['nonsense', 'ping x', 'clients x']) {
    assert.equal((await pushd.control(line)).error.code, 'unknown_command', line);
  }
  const { clients, total, more } = await pushd.control('clients');
  assert.deepEqual([clients.length, more], [total, false]);
});

test('who talks without end on ctl.sock, or is one more than 32, is hung up on', async () => {
  const ask = () => {
    const socket = createConnection(pushd.socketPath('ctl'));
    socket.on('error', () => {});
    return socket;
  };
  const endless = ask().resume();
  endless.write('x'.repeat(300));
  await once(endless, 'close');

  const idle = Array.from({ length: 32 }, ask);
  await Promise.all(idle.map((socket) => once(socket, 'connect')));
  await once(ask().resume(), 'close');
  idle[0].write('ping\n');
  const [answer] = await once(idle[0], 'data');
  assert.equal(JSON.parse(answer).ok, true);
  for (const socket of idle) socket.destroy();
});

test('SIGTERM ends it within two seconds, and stores who was there last', async () => {
  await connect('ann');
  const { code, ms } = await pushd.end();
  assert.equal(code, 0);
  assert.ok(ms < 2000 * share(), `${ms} ms`);
  assert.equal(commandsNamed('last-seen')[0].head.users[0].userId, people.ann);
});

test('it starts over the socket files of one that was killed', async () => {
  await pushd.end('SIGKILL');
  pushd.spawn();
  await pushd.ready();
  assert.equal((await pushd.control('ping')).ok, true);
});

test('what it cannot listen on is named in one line', async () => {
  const second = new Pushd();
  const lines = async (set) => {
    second.set = set;
    second.spawn();
    const [code] = await second.ended;
    assert.equal(code, 1);
    return second.log.trim().split('\n');
  };
  const plain = second.socketPath('plain');
  writeFileSync(plain, '');
  for (const [set, expected] of [
    [{ ctl_socket: pushd.socketPath('ctl') }, /ctl\.sock: in use by another process$/],
    [{ notify_socket: plain }, /plain\.sock: exists and is no socket$/],
    [{ notify_socket: '/nowhere/x.sock' }, /x\.sock: there is no such directory$/],
    [{ push_socket: pushd.socketPath('push') }, /push\.sock: in use by another process$/],
    [{ ctl_socket: `/tmp/${'x'.repeat(120)}` }, / too long for a socket/],
  ]) {
    const said = await lines(set);
    assert.equal(said.length, 1, said.join('\n'));
    assert.match(said[0], expected);
  }
  await second.stop();
  assert.equal((await pushd.control('ping')).ok, true);
});
