// What one address may have under way at nginx, and whose word for an address is
// believed.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { Polling, releaseConnections, request } from '../sio/wire.mjs';
import { operations } from '../support/description.mjs';
import { password, share, startStack, waitFor } from '../support/stack.mjs';

const REQUESTS = 8;
const POLLS = 6;
const PATH = '/socket.io/';

let stack;

before(async () => {
  stack = await startStack({
    set: {
      address_requests: REQUESTS, address_polls: POLLS, real_ip_from: '127.0.0.1 192.0.2.0/24',
      connect_timeout_ms: 120_000, // nobody is closed meanwhile
    },
  });
});
after(() => {
  releaseConnections();
  return stack.stop();
});

const forwarded = (address) => ({ 'x-forwarded-for': address });

/* A connection that has sent that: {socket, answer(), ended}. */
function open(text) {
  const socket = connect(stack.port, '127.0.0.1', () => socket.write(text));
  let answer = '';
  socket.setEncoding('latin1').on('data', (more) => { answer += more; }).on('error', () => {});
  const ended = new Promise((resolve) => { socket.on('close', resolve); });
  return { socket, answer: () => answer, ended };
}

/* A request whose body stays away. */
const half = (address, head = 'POST /api/auth/login') => open([`${head} HTTP/1.1`, 'Host: x',
  `X-Forwarded-For: ${address}`, 'Content-Type: application/json', 'Content-Length: 100', '', '{'].join('\r\n'));

/* Until so many of them are refused and the rest wait. */
async function waitForRefused(all, count) {
  const refused = () => all.filter(({ answer }) => answer().includes('\r\n\r\n{'));
  await waitFor(`${count} refused`, () => refused().length >= count);
  await sleep(200);
  assert.equal(refused().length, count);
  for (const { answer } of refused()) {
    assert.match(answer(), /^HTTP\/1.1 429 [^]*\r\nRetry-After: 1\r\n[^]*"code":"rate_limited"/);
  }
}

/* While they are kept waiting: nginx waits ten seconds for more of a body, which
 * all of these may take. */
async function keeping(all, act) {
  const more = setInterval(() => {
    for (const { socket } of all) if (!socket.connecting) socket.write(' ');
  }, 2000);
  try {
    await act();
  } finally {
    clearInterval(more);
  }
}

async function assertServed(address, status = 200) {
  await waitFor(`${address} is served with ${status}`, async () =>
    (await stack.api('/api/health', { headers: forwarded(address) })).status === status);
}

async function assertBounded(head) {
  const all = Array.from({ length: REQUESTS + 5 }, () => half('203.0.113.1', head));
  await keeping(all, async () => {
    await waitForRefused(all, 5);
    await assertServed('203.0.113.1', 429);
    await assertServed('203.0.113.2');
  });
  for (const { socket } of all) socket.destroy();
  await assertServed('203.0.113.1');
}

test('an address with many half-sent bodies is told to wait, and it alone', () => assertBounded());

test('... also if these are of polls, or of what is sent to a socket, or of handshakes', async () => {
  await assertBounded(`GET ${PATH}?EIO=4&transport=polling`);
  await assertBounded(`POST ${PATH}?EIO=4&transport=polling`);
  await assertBounded(`GET ${PATH}?EIO=4&transport=websocket HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`
    + 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nX: ');
});

test('all addresses of an IPv6 /64 are one, the next network is another', async () => {
  const all = Array.from({ length: REQUESTS + 3 }, (_, i) => half(`2001:db8:1:2:${i}::${i}`));
  await keeping(all, async () => {
    await waitForRefused(all, 3);
    await assertServed('2001:db8:1:2::77', 429);
    await assertServed('2001:db8:1:3::77');
  });
  for (const { socket } of all) socket.destroy();
  await assertServed('2001:db8:1:2::77');
});

test('every operation says in the same words that an address has too much under way', async () => {
  const headers = forwarded('203.0.113.5');
  const all = Array.from({ length: REQUESTS + 1 }, () => half('203.0.113.5'));
  await keeping(all, async () => {
    await waitForRefused(all, 1);
    for (const { method, path } of operations) {
      const answer = await stack.api(path.replace(/\{\w+\}/g, 'x'), { method, headers });
      assert.equal(answer.status, 429, `${method} ${path}`);
      assert.equal(answer.body.error.code, 'rate_limited');
      assert.equal(answer.headers.get('retry-after'), '1');
    }
  });
  for (const { socket } of all) socket.destroy();
});

test('polls that wait count by themselves: an office of pollers can still send', async () => {
  const headers = forwarded('203.0.113.9');
  const server = { port: stack.port };
  const sessions = [];
  for (let i = 0; i <= POLLS; i += 1) sessions.push(await Polling.open(server, PATH, headers));
  /* nginx may count a handshake a moment longer than its answer takes */
  const wait = async (session) => {
    for (;;) if ((await session.get()).status !== 429) return;
  };
  const waiting = sessions.slice(0, POLLS).map(wait);
  const handshake = async () =>
    (await request(server, PATH, { EIO: '4', transport: 'polling' }, { headers })).status;
  await waitFor('all wait', async () => await handshake() === 429);
  assert.equal((await sessions[POLLS].post('3')).status, 200);
  await assertServed('203.0.113.9');
  const other = await Polling.open(server, PATH, forwarded('203.0.113.10'));
  assert.equal(typeof other.sid, 'string');
  await Promise.all(sessions.slice(0, POLLS).map((session) => session.post('1')));
  await Promise.all(waiting);
  await waitFor('served again', async () => await handshake() === 200);
});

test('upgraded sockets count nowhere', async () => {
  const headers = forwarded('203.0.113.20');
  const url = `${stack.url.replace('http', 'ws')}${PATH}?EIO=4&transport=websocket`;
  const sockets = Array.from({ length: 3 * REQUESTS }, () => new WebSocket(url, { headers }));
  await Promise.all(sockets.map((socket) => new Promise((resolve, reject) => {
    socket.on('open', resolve).on('error', reject);
  })));
  await assertServed('203.0.113.20');
  assert.ok(sockets.every(({ readyState }) => readyState === WebSocket.OPEN));
  for (const socket of sockets) socket.terminate();
});

test('a head has ten seconds in all, however it trickles', async () => {
  const began = Date.now();
  const slow = open('GET /api/health HTTP/1.1\r\nHost: x\r\n');
  const timer = setInterval(() => slow.socket.write('X-A: 1\r\n'), 500);
  try {
    await Promise.race([slow.ended, sleep(20000 * share(), undefined, { ref: false })]);
  } finally {
    clearInterval(timer);
  }
  const took = Date.now() - began;
  assert.ok(took > 8000 && took < 15000 * share(), `${took} ms`);
  slow.socket.destroy();
});

test('the address is what a proxy of ours says, not what others do', async () => {
  const addressOf = async (from, chain) => {
    const made = await stack.api('/api/auth/register', {
      body: { username: `far${from.split('.').at(-1)}${chain.length}`, password }, headers: forwarded(chain), from,
    });
    assert.equal(made.status, 201, made.text);
    return (await stack.api('/api/auth/sessions', { token: made.body.token })).body.items[0].address;
  };
  assert.equal(await addressOf('127.0.0.1', '198.51.100.9, 203.0.113.7'), '203.0.113.7');
  assert.equal(await addressOf('127.0.0.1', '203.0.113.7, 192.0.2.8'), '203.0.113.7');
  assert.equal(await addressOf('127.0.0.2', '203.0.113.7'), '127.0.0.2');
});
