// A disk on which nginx has no room for the bodies that it takes for workers
// and palabre-pushd: they are refused until there is room, and the operator
// reads why.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { contract } from '../support/files.mjs';
import { assertError } from '../support/http.mjs';
import { startStack, waitFor } from '../support/stack.mjs';

const ORIGIN = 'https://a.example';
const SIZE = 200_000;
/* More than nginx keeps in memory; what the message says is short. */
const message = (to) => `${JSON.stringify({ recipient_id: to.id, content: 'hello' })}${' '.repeat(60_000)}`;
let stack, ann, bob, place, skip;

/* A disk of its own, where one can be mounted. */
function mount() {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=0777`, 'none', place], { stdio: 'ignore' });
    return false;
  } catch {
    return 'only root can mount a disk';
  }
}

const filler = () => path.join(place, 'filler');

/* All of it but that many bytes. */
const fill = (room = 0) => writeFileSync(filler(), Buffer.alloc(Math.floor(SIZE / 4096) * 4096 - room));
const makeRoom = () => rmSync(filler(), { force: true });

before(async () => {
  stack = await startStack({ set: { allowed_origins: ORIGIN } });
  place = path.join(stack.dir, 'nginx', 'body');
  [ann, bob] = await Promise.all([stack.register('ann'), stack.register('bob')]);
  skip = mount();
});
after(async () => {
  if (skip === false) execFileSync('umount', ['--lazy', place]);
  await stack?.stop();
});

function assertNoRoom(answer) {
  assertError(answer, 503, 'no_space');
  assert.equal(answer.body.error.message, 'There is no room for this.');
  assert.equal(answer.headers.get('retry-after'), '60');
  assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.equal(answer.headers.get('access-control-allow-origin'), ORIGIN);
}

test('a body for which nginx has no room is refused in the shape of the API, and taken once there is', async (t) => {
  if (skip) return t.skip(skip);
  const headers = { origin: ORIGIN };
  const send = () => ann.api('/api/messages', { headers, body: message(bob) });
  const upload = (size) => ann.api('/api/files', { headers, body: Buffer.alloc(size, 'x') });

  fill();
  assertNoRoom(await send());
  assertNoRoom(await ann.api('/api/sync', { headers, body: `{"conversations":[]}${' '.repeat(900_000)}` }));
  assertNoRoom(await upload(10_000_000));
  assertNoRoom(await stack.api('/socket.io/?EIO=4&transport=polling&sid=none', { headers, body: '4'.repeat(60_000) }));
  assert.equal((await ann.api('/api/messages', { body: { recipient_id: bob.id, content: 'short' } })).status, 201);
  assertError(await ann.api('/api/sync', { body: Buffer.alloc(1024 * 1024 + 1, ' ') }), 413, 'too_large');

  fill(40_960);
  assertNoRoom(await send());

  makeRoom();
  assert.equal((await send()).status, 201);
  assert.equal((await upload(100_000)).status, 201);
});

test('... and the operator reads so, but no query', async (t) => {
  if (skip) return t.skip(skip);
  const log = () => readFileSync(path.join(stack.dir, 'log', 'nginx-error.log'), 'utf8');

  fill();
  const answer = await ann.api('/api/files?name=secret', { headers: { origin: ORIGIN }, body: Buffer.alloc(60_000) });
  assertNoRoom(answer);
  makeRoom();
  const line = await waitFor('the line', () =>
    log().split('\n').find((one) => one.includes(answer.headers.get('x-request-id'))));
  assert.match(line, /^\S+ \[crit\] \d+: no room, .*"POST \/api\/files"/);
  assert.ok(!log().includes('secret'));
});

test('what nginx fails at otherwise has nothing to do with room', async (t) => {
  const { body, name } = contract();
  const file = (await ann.api('/api/files', { body: Buffer.from(body) })).body;
  const socket = path.join(stack.dir, 'unreadable'); // which nobody can open as a file
  const server = net.createServer().listen(socket);
  t.after(() => server.close());
  await once(server, 'listening');
  renameSync(socket, path.join(stack.dir, 'files', name));
  const answer = await fetch(`${stack.url}/api/files/${file._id}`, {
    headers: { Authorization: `Bearer ${ann.token}` },
  });
  assert.equal(answer.status, 500); // which the description has not
  assert.equal((await answer.json()).error.code, 'internal');
  assert.equal(answer.headers.get('retry-after'), null);
});
