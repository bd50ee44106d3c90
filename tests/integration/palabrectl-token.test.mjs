// Another key to sign tokens with: nobody is refused, neither while it takes
// over nor later.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startStack, waitFor } from '../support/stack.mjs';

let stack;
let ann;

before(async () => {
  stack = await startStack();
  ann = await stack.register('ann');
});
after(() => stack.stop());

const file = () => path.join(stack.dir, 'token.key');
const keys = () => readFileSync(file(), 'utf8').trim().split('\n').map((line) => line.split(' ')[0]);
const kid = (token) => JSON.parse(Buffer.from(token.split('.')[0], 'base64url').toString()).kid;

test('a key takes over while people sign in and ask, and nobody is refused', async () => {
  const [old] = keys();
  let over = false;
  const seen = new Set();
  const asking = [0, 1, 2].map(async () => {
    while (!over) {
      const fresh = await stack.login('ann');
      seen.add(kid(fresh.token));
      for (const who of [ann, fresh]) {
        const answer = await who.api('/api/users/me');
        assert.equal(answer.status, 200, answer.text);
      }
    }
  });
  // Before any signs with it, each that did not know it is gone.
  const ignorant = stack.workers('palabre-api');
  const left = (async () => {
    while (keys()[0] === old) await sleep(1);
    return stack.workers('palabre-api').filter((pid) => ignorant.includes(pid));
  })();
  const { code, stdout, stderr } = await stack.ctl('token', 'rotate').finally(() => { over = true; });
  await Promise.all(asking);
  assert.deepEqual([code, stderr, stdout],
    [0, '', `${file()}: a new key signs; tokens of those before it hold on\n`]);
  assert.deepEqual(await left, []);
  const [first, ...others] = keys();
  assert.notEqual(first, old);
  assert.deepEqual(others, [old]);
  assert.ok([...seen].every((used) => [first, old].includes(used)), [...seen].join(' '));
  assert.equal(kid((await stack.login('ann')).token), first);
  assert.equal((await ann.api('/api/users/me')).status, 200);
  assert.equal(statSync(file()).mode & 0o777, 0o600);
});

test('a file that others may read is left alone', async () => {
  const before_ = readFileSync(file());
  chmodSync(file(), 0o644);
  const { code, stderr } = await stack.ctl('token', 'rotate').finally(() => chmodSync(file(), 0o600));
  assert.deepEqual([code, stderr], [1, `key file ${file()}: others may read it: chmod 600 it\n`]);
  assert.deepEqual(readFileSync(file()), before_);
});

test('other commands are no servers: it waits for none and ends none', async () => {
  const [program, ...words] = stack.ctlCommand('user', 'add', 'waiting');
  const other = spawn(program, words, { stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = once(other, 'exit');
  await waitFor('the command', () => readFileSync(`/proc/${other.pid}/cmdline`, 'latin1').includes('admin'));
  assert.equal((await stack.ctl('token', 'rotate')).code, 0);
  other.stdin.end('battery horse staple\n');
  assert.deepEqual(await ended, [0, null]);
});

test('where nothing runs it is done at once, and the oldest of more than eight goes', async () => {
  const { uid } = statSync(file());
  const [first] = keys();
  stack.run.child.kill('SIGTERM');
  await stack.run.ended;
  const made = [];
  for (let i = 0; i < 8; i += 1) {
    assert.equal((await stack.ctl('token', 'rotate')).code, 0);
    made.unshift(keys()[0]);
    if (i < 6) assert.ok(keys().includes(first));
  }
  assert.deepEqual(keys(), made);
  assert.equal(statSync(file()).uid, uid);
  assert.ok(!existsSync(`${file()}.new`));
  assert.equal((await stack.ctl('--set', 'key_file=/nowhere/token.key', 'token', 'rotate')).stderr,
    'key file /nowhere/token.key: No such file or directory\n');
});
