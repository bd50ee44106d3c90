// What strangers, and one who has signed in, can do to palabre-pushd.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Wire, bareSocket, frame, releaseConnections, request } from '../sio/wire.mjs';
import { Pushd } from '../support/pushd.mjs';
import { call } from '../support/socket.mjs';
import { sanitized, share, waitFor } from '../support/stack.mjs';

const PATH = '/socket.io/';
const POLLING = { EIO: '4', transport: 'polling' };
const SECONDS = 4; // of each attack

let pushd;
let ann;
let front;
let resting;

function resident() {
  const status = readFileSync(`/proc/${pushd.child.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)[1]);
}

before(async () => {
  pushd = await new Pushd({ max_connections: 500, unfinished_max: 4194304 }).start();
  front = { port: new URL(pushd.url).port, ws: pushd.url.replace('http', 'ws') };
  ann = await pushd.connect('ann');
  resting = resident();
});
after(async () => {
  ann.disconnect();
  releaseConnections();
  await pushd.stop();
});

// A socket that has signed in.
async function join() {
  const socket = await bareSocket(front, PATH, {});
  socket.write(frame('40{"token":"bob"}'));
  await sleep(50);
  return socket;
}

const bomb = (start, count) => frame(`${start}[${'{},'.repeat(count)}{}]]`);

const attacks = {
  'polling handshakes from four addresses': async () => {
    const headers = { 'x-real-ip': `203.0.113.${Math.floor(Math.random() * 4)}` };
    await request(front, PATH, POLLING, { headers }).catch(() => {});
  },
  'frames of {},{},... before CONNECT': async () => {
    const socket = await bareSocket(front, PATH, {});
    socket.write(bomb('40{"a":', 300000));
    await sleep(20);
    socket.destroy();
  },
  'events of {},{},... after CONNECT': async () => {
    const socket = await join();
    for (let i = 0; i < 20; i++) socket.write(bomb('42["send-message",', 40000));
    await sleep(200);
    socket.destroy();
  },
  'small events without end': async () => {
    const socket = await join();
    socket.write(Buffer.concat(Array.from({ length: 20000 }, () => frame('420["typing",{}]'))));
    await sleep(1000);
    socket.destroy();
  },
  'packets that never end': async () => {
    const socket = await join();
    socket.write(frame('454-["x"]'));
    socket.write(frame(Buffer.alloc(100000)));
    socket.write(frame(Buffer.alloc(20000)).subarray(0, 10000));
    await sleep(300);
  },
};

for (const [what, attack] of Object.entries(attacks)) {
  test(`${what}: who is there is answered within 2 s, and new ones come in`, async () => {
    const end = Date.now() + SECONDS * 1000;
    const attackers = Array.from({ length: 8 }, async () => {
      while (Date.now() < end) await attack().catch(() => {});
    });
    let slowest = 0;
    while (Date.now() < end) {
      const began = Date.now();
      const answer = await call(ann, 'typing', { conversationId: 'x' });
      slowest = Math.max(slowest, Date.now() - began);
      assert.equal(typeof answer.ok, 'boolean');
      const wire = await Wire.open(front, {}, { path: PATH });
      wire.send('40{"token":"ann"}');
      await wire.take(2);
      wire.close();
      await sleep(300);
    }
    await Promise.all(attackers);
    assert.ok(slowest < 2000 * share(), `${slowest} ms`);
    assert.ok(ann.connected);
  });
}

test('a minute later no more memory is in use than twice what was',
  { skip: sanitized() && 'the sanitizer keeps what is freed' }, async () => {
  await waitFor('the memory is given back', () => resident() < 2 * resting, 60000);
});
