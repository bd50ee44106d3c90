// Whatever is thrown at the running product, from any side: it is answered or
// hung up on, nobody dies of it, and people go on talking.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { record } from '../support/fastcgi.mjs';
import { call, connectSocket, next } from '../support/socket.mjs';
import { sanitized, startStack, waitFor } from '../support/stack.mjs';
import { forgedTokens } from '../support/tokens.mjs';

const NOBODY = '0123456789abcdef01234567';
const NOTHING = Buffer.alloc(0);
/* No promise, but before the ten seconds after which who says nothing has to go. */
const HUNG_UP_MS = 9000;
let stack;
let anna;
let bert;
let annaHears;
let daemon;
let supervisor;
let said = 0;

before(async () => {
  stack = await startStack({
    set: { socket_rate: 1000, socket_burst: 1000 },
  });
  anna = await stack.register('anna');
  bert = await stack.register('bert');
  annaHears = await anna.connect();
  daemon = stack.pid('palabre-pushd');
  supervisor = stack.pid('palabre-api');
});
after(() => stack.stop());

/* The same processes as before, and a message gets through. */
async function unharmed(what) {
  const text = `after ${what} ${(said += 1)}`;
  const heard = next(annaHears, 'message:new', ({ content }) => content === text);
  const sent = await bert.api('/api/messages', { body: { recipient_id: anna.id, content: text } });
  assert.equal(sent.status, 201, `${what}: ${sent.text}`);
  await heard;
  assert.equal(stack.pid('palabre-pushd'), daemon, what);
  assert.equal(stack.pid('palabre-api'), supervisor, what);
  assert.doesNotMatch(stack.log('palabre-api'), /killed by signal|ended with status/, what);
}

/* What a peer says to these bytes, and whether it hung up within ms. */
function throwAt(target, bytes, { ms = 500, end = false } = {}) {
  return new Promise((resolve, reject) => {
    const socket = connect(target);
    const heard = [];
    const finish = (closed) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ closed, text: Buffer.concat(heard).toString('latin1') });
    };
    const timer = setTimeout(() => finish(false), ms);
    socket.on('error', (error) => (error.code === 'EPIPE' || error.code === 'ECONNRESET'
      ? finish(true) : reject(error)));
    socket.on('data', (chunk) => heard.push(chunk));
    socket.on('close', () => finish(true));
    socket.write(bytes);
    if (end) socket.end();
  });
}

test('every route that reads a body refuses every bad one', async () => {
  const routes = [
    ['POST', '/api/auth/register'], ['POST', '/api/auth/login'], ['POST', '/api/messages'],
    ['POST', '/api/messages/received'], ['POST', '/api/messages/read'], ['POST', '/api/sync'],
  ];
  const bodies = {
    truncated: '{"content":"x',
    'no JSON': '<message>x</message>',
    'no object': '["x"]',
    'two values': '{} {}',
    deep: `${'{"a":'.repeat(50)}1${'}'.repeat(50)}`,
    'very deep': '['.repeat(10000),
    'not UTF-8': Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]),
    noise: randomBytes(2000),
    'wrong types': JSON.stringify({
      email: 1, username: [], password: {}, content: 1, recipient_id: 1, clientId: {},
      conversationId: [], seq: 'x', epoch: 1, conversations: [1],
    }),
  };
  for (const [method, route] of routes) {
    for (const [what, body] of Object.entries(bodies)) {
      const answer = await anna.api(route, { method, body });
      assert.equal(answer.status, 400, `${route} ${what}: ${answer.text}`);
      assert.match(answer.body.error.code, /^[a-z_]+$/);
      assert.equal(typeof answer.body.error.message, 'string');
    }
    const huge = await anna.api(route, { method, body: `{"a":"${'x'.repeat(1 << 20)}"}` });
    assert.equal(huge.status, 413, route);
    assert.equal(huge.body.error.code, 'too_large');
  }
  await unharmed('bad bodies');
});

/* The most that any worker ever had, or what they have now, in MB. */
function memory(line) {
  const of = (pid) => Number(readFileSync(`/proc/${pid}/status`, 'utf8')
    .match(new RegExp(`${line}:\\s+(\\d+) kB`))[1]) / 1024;
  return Math.max(...stack.workers('palabre-api').map(of));
}

test('a body of very many values is refused before it is a tree, and leaves no memory taken', async () => {
  const rest = memory('VmRSS');
  const empty = (count) => `{"conversations":{},"x":[${'{},'.repeat(count)}{}]}`;
  for (const [route, count] of [['/api/sync', 340000], ['/api/sync', 50001], ['/api/messages', 40000],
    ['/api/messages/read', 5000]]) {
    const answers = await Promise.all(Array.from({ length: 12 }, () => anna.api(route, { body: empty(count) })));
    for (const answer of answers) {
      assert.equal(answer.status, 413, `${route} ${answer.text}`);
      assert.equal(answer.body.error.code, 'too_large');
    }
  }
  // A tree of 340,000 took 265 MB.
  if (!sanitized()) assert.ok(memory('VmHWM') < rest + 24, `${memory('VmHWM')} MB`);

  const most = await Promise.all(Array.from({ length: 12 }, () =>
    anna.api('/api/sync', { body: empty(49990) })));
  for (const answer of most) assert.equal(answer.status, 200, answer.text);
  if (!sanitized()) assert.ok(memory('VmRSS') < rest + 8, `${memory('VmRSS')} MB`);
  await unharmed('many values');
});

test('ids and numbers that are none are refused, unknown ones not found', async () => {
  const ids = ['x', '0', NOBODY.toUpperCase(), `${NOBODY}0`, '%00', '%ff%fe', "'or'1'='1"];
  for (const id of ids) {
    for (const [method, target] of [['GET', '/api/users/'], ['PUT', '/api/messages/'],
      ['DELETE', '/api/messages/'], ['GET', '/api/messages/']]) {
      const answer = await anna.api(target + id,
        { method, ...(method === 'PUT' && { body: { content: 'x' } }) });
      assert.ok(answer.status === 404 || answer.status === 400,
        `${method} ${target}${id}: ${answer.status} ${answer.text}`);
    }
  }
  for (const query of ['limit=x', 'limit=-1', 'page=0', 'page=1e3', 'limit=99999999999999999999']) {
    const answer = await anna.api(`/api/users?${query}`);
    assert.ok(answer.status === 400 || answer.status === 200, `${query}: ${answer.text}`);
    if (answer.status === 200) assert.ok(answer.body.limit <= 100 && answer.body.page >= 1, query);
  }
  const unknown = await anna.api('/api/messages', { body: { recipient_id: NOBODY, content: 'x' } });
  assert.equal(unknown.status, 404);
  await unharmed('bad ids');
});

test('another user\'s conversation stays theirs', async () => {
  const eve = await stack.register('eve');
  const secret = await bert.api('/api/messages', { body: { recipient_id: anna.id, content: 'secret' } });
  const { conversationId, _id: id } = secret.body;
  const tries = [
    ['GET', `/api/messages/conversation?conversationId=${conversationId}`],
    ['POST', '/api/messages', { conversationId, content: 'x' }],
    ['POST', '/api/messages/read', { conversationId, seq: 1 }],
    ['POST', '/api/messages/received', { conversationId, seq: 1 }],
    ['PUT', `/api/messages/${id}`, { content: 'x' }],
    ['DELETE', `/api/messages/${id}`],
    ['POST', `/api/messages/${id}/read`],
  ];
  for (const [method, target, body] of tries) {
    const answer = await eve.api(target, { method, body });
    assert.ok(answer.status === 404 || answer.status === 403,
      `${method} ${target}: ${answer.status} ${answer.text}`);
    assert.doesNotMatch(answer.text, /secret/);
  }
  const sync = await eve.api('/api/sync',
    { body: { conversations: { [conversationId]: { seq: 0, change: 0 } } } });
  assert.doesNotMatch(sync.text, /secret/);
  const socket = await eve.connect();
  for (const [event, data] of [['send-message', { conversationId, content: 'x' }],
    ['message-read', { conversationId, seq: 1 }], ['message-read', { messageId: id }]]) {
    assert.equal((await call(socket, event, data)).ok, false, event);
  }
});

test('a socket with a forged token is refused as one without', async () => {
  for (const [what, [token, code]] of Object.entries(forgedTokens(stack, anna.token))) {
    if (code === undefined) continue;
    await assert.rejects(connectSocket(stack.url, token), (error) => {
      assert.equal(error.message, 'Unauthorized', what);
      assert.equal(error.data.code, code, what);
      return true;
    });
  }
  for (const token of [undefined, null, 7, {}, ['x']]) {
    await assert.rejects(connectSocket(stack.url, token), { message: 'Unauthorized' });
  }
  await unharmed('forged tokens');
});

test('events with bad arguments are acknowledged as invalid', async () => {
  const socket = await bert.connect();
  const bad = [undefined, null, 0, 'x', [], {}, { to: 7 }, { to: NOBODY }, { messageId: {} },
    { to: anna.id, content: 'x'.repeat(5001) }, { conversationId: anna.id, seq: 'x' },
    { ids: 7 }];
  for (const event of ['send-message', 'message-read', 'message-received']) {
    for (const data of bad) {
      const answer = await call(socket, event, data);
      assert.equal(answer.ok, false, `${event} ${JSON.stringify(data)}`);
      assert.match(answer.error.code, /^(invalid|not_found)$/, JSON.stringify(answer));
    }
  }
  for (const event of ['typing', 'typing-stopped', 'watch-presence', 'no-such-event', '']) {
    for (const data of bad) socket.emit(event, data);
  }
  assert.equal((await call(socket, 'send-message', { to: anna.id, content: 'still here' })).ok, true);
  await unharmed('bad events');
});

test('malformed packets end their socket at most', async () => {
  const open = () => new Promise((resolve, reject) => {
    const socket = new WebSocket(
      `${stack.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    socket.heard = [];
    socket.on('message', (data) => socket.heard.push(String(data)));
    socket.once('error', reject);
    socket.once('open', () => resolve(socket));
  });
  const packets = [
    '', '9', 'x', '0{}', '1', '2', '2probe', '3probe', '5', '6', '4', '49', '4x', '40x', '40/',
    '40{', '40[]', '40"x"', '40/nowhere,{}', '41', '42', '42{}', '42["x"', '42[]', '42[1]',
    '42[["x"]]', '42["connect"]', '42["disconnecting"]', '4299999999999999999999["x"]',
    '43[]', '431[]', '44', '451-["x",{"_placeholder":true,"num":0}]', '45["x"]', '459999999999-["x"]',
    '45-1-["x"]', `42["x",${'['.repeat(20000)}`, `42["${'x'.repeat(70000)}"]`, 'b4AAAA', '4\u001e4',
    randomBytes(10), randomBytes(3000), NOTHING, Buffer.alloc(200000),
  ];
  for (const first of ['', `40{"token":"${bert.token}"}`]) {
    for (const packet of packets) {
      const socket = await open();
      if (first !== '') {
        socket.send(first);
        await waitFor('connected', () => socket.heard.some((text) => text.startsWith('40')));
      }
      socket.on('error', () => {});
      socket.send(packet);
      socket.send('42["typing",{}]');
      await sleep(5);
      socket.terminate();
    }
    await unharmed('malformed packets');
  }
  await waitFor('their sockets are gone', async () =>
    JSON.parse((await stack.ctl('stats')).stdout).stats.connections <= 3);
});

test('a WebSocket frame that breaks the rules ends its connection', async () => {
  const upgrade = 'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\n'
    + 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'
    + 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
  const frames = {
    'with a reserved bit': [0xf1, 0x82, 0, 0, 0, 0, 0x34, 0x30],
    'of no known kind': [0x8b, 0x80, 0, 0, 0, 0],
    'not UTF-8': [0x81, 0x82, 0, 0, 0, 0, 0xc0, 0xaf],
    'of a fragmented ping': [0x09, 0x80, 0, 0, 0, 0],
  };
  for (const [what, frame] of Object.entries(frames)) {
    const { closed, text } = await throwAt(stack.socketPath('push'),
      Buffer.concat([Buffer.from(upgrade), Buffer.from(frame)]), { ms: HUNG_UP_MS });
    assert.match(text, /^HTTP\/1\.1 101 /, what);
    assert.ok(closed, `a frame ${what}`);
  }
  await unharmed('broken frames');
});

test('HTTP that is none is answered by nginx, or hung up on', async () => {
  const target = { port: stack.port, host: '127.0.0.1' };
  const head = `POST /api/messages HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${
    bert.token}\r\nContent-Type: application/json\r\n`;
  const lines = {
    noise: [randomBytes(500), 400],
    'no version': ['GET /api/health\r\n\r\n', null],
    'two lengths': [`${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, 400],
    'a negative length': [`${head}Content-Length: -1\r\n\r\n{}`, 400],
    'a length and chunks': [`${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    'broken chunks': [`${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n`, 400],
    'a long line': [`GET /${'x'.repeat(40000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 414],
    'a long header': [`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(40000)}\r\n\r\n`, 431],
  };
  for (const [what, [bytes, status]] of Object.entries(lines)) {
    const { closed, text } = await throwAt(target, bytes, { ms: HUNG_UP_MS });
    assert.ok(closed, what);
    if (status !== null) assert.match(text, new RegExp(`^HTTP/1\\.[01] ${status} `), what);
  }
  const short = await throwAt(target, `${head}Content-Length: 100\r\n\r\n{"content":`, { end: true });
  assert.doesNotMatch(short.text, /^HTTP\/1\.1 2/);
  await unharmed('broken HTTP');
});

test('whoever says nonsense on notify.sock is hung up on', async () => {
  const frame = (kind, text) => {
    const body = Buffer.from(text);
    const start = Buffer.alloc(5);
    start.writeUInt32BE(body.length + 1);
    start[4] = kind;
    return Buffer.concat([start, body]);
  };
  const hello = frame(1, '{"pid":1,"pool":"api"}');
  const nonsense = {
    noise: Buffer.from('GET / HTTP/1.0\r\n\r\n'),
    'a length of 0': Buffer.alloc(16),
    'a length of 4 GiB': Buffer.from('ffffffff0100', 'hex'),
    'an unknown kind': Buffer.concat([hello, frame(99, '{}')]),
    'a head that is no JSON': Buffer.concat([hello, frame(2, '{"rooms":')]),
    'a head that is no object': Buffer.concat([hello, frame(2, '[]\n["x"]')]),
    'rooms that are none': Buffer.concat([hello, frame(2, '{"rooms":7}\n["x",1]')]),
    'a command': Buffer.concat([hello, frame(9, '{"command":"send"}')]),
  };
  for (const [what, bytes] of Object.entries(nonsense)) {
    const { closed } = await throwAt(stack.socketPath('notify'), bytes, { ms: HUNG_UP_MS });
    assert.ok(closed, what);
  }
  await throwAt(stack.socketPath('notify'), hello.subarray(0, 9), { end: true });
  await unharmed('nonsense on notify.sock');
});

test('nonsense on the FastCGI sockets is refused and its worker lives on', async () => {
  const begin = record(1, Buffer.from([0, 1, 0, 0, 0, 0, 0, 0]));
  const nonsense = {
    noise: randomBytes(300),
    'an unknown version': Buffer.from([9, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
    'an unknown role': record(1, Buffer.from([0, 77, 0, 0, 0, 0, 0, 0])),
    'an unknown record': Buffer.concat([begin, record(42, Buffer.from('x'))]),
    'parameters that end in the middle': Buffer.concat([begin, record(4, Buffer.from([200, 1])),
      record(4, NOTHING), record(5, NOTHING)]),
    'a length that is a lie': Buffer.concat([begin, record(4, Buffer.from(
      '\x0e\x09CONTENT_LENGTH999999999', 'latin1')), record(4, NOTHING), record(5, Buffer.from('{}')),
    record(5, NOTHING)]),
    'half a record': begin.subarray(0, 5),
  };
  for (const pool of ['api', 'auth', 'rt']) {
    for (const [what, bytes] of Object.entries(nonsense)) {
      const { text } = await throwAt(stack.socketPath(pool), bytes, { ms: 300, end: true });
      assert.doesNotMatch(text, /Status: 2/, `${pool} ${what}`);
    }
  }
  await unharmed('nonsense on the FastCGI sockets');
  const socket = await bert.connect();
  assert.equal((await call(socket, 'send-message', { to: anna.id, content: 'by rt' })).ok, true);
});
