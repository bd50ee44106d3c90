// A store of an older version, which a newer one brings up to date as it
// starts, however long that takes.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { build, freePort, spawnRun, startStack, temporaryDirectory, waitFor } from '../support/stack.mjs';

/* ./run waits for 10 s where nothing is brought up to date. */
const TAKES_MS = 12000;
let base, dir, next;

/* A build whose palabre-api is of a version to come. */
function makeNext() {
  mkdirSync(path.join(next, 'fcgi-app'), { recursive: true });
  symlinkSync(path.join(build, 'tests', 'palabre-api-next'), path.join(next, 'fcgi-app', 'palabre-api'));
  symlinkSync(path.join(build, 'push-daemon'), path.join(next, 'push-daemon'));
}

/* The command of that build: {code, output} */
function admin(...words) {
  return new Promise((resolve) => {
    execFile(path.join(next, 'fcgi-app', 'palabre-api'),
      ['--config', path.join(dir, 'palabre.conf'), '--set', `dir=${dir}`, 'admin', ...words],
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, output: stdout + stderr }));
  });
}

const env = () => ({ PALABRE_BUILD: next, PALABRE_TEST_UPDATE: String(TAKES_MS) });

async function startNext() {
  const run = spawnRun(['--dir', dir, '--port', String(await freePort())], env());
  await waitFor('it to say so', () => run.output.includes('is updating'));
  return run;
}

before(async () => {
  base = temporaryDirectory();
  dir = path.join(base, 'var');
  next = path.join(base, 'next');
  makeNext();
  const old = await startStack({ dir });
  const [ann, bob] = [await old.register('ann'), await old.register('bob')];
  await ann.api('/api/messages', { body: { recipient_id: bob.id, content: 'said before' } });
  old.run.child.kill('SIGTERM');
  await old.run.ended;
});
after(() => rmSync(base, { recursive: true, force: true }));

test('verify brings nothing up to date, and says what does', async () => {
  const { code, output } = await admin('verify');
  assert.equal(code, 2);
  assert.match(output, /^cannot verify: .*palabre\.db is of an older Palabre: start palabre-api, which brings it up to date$/m);
});

test('one that is interrupted leaves the store as it was, and keeps nobody waiting', async () => {
  const run = await startNext();
  run.child.kill('SIGTERM');
  const began = Date.now();
  await run.ended;
  assert.ok(Date.now() - began < TAKES_MS - 2000, `${Date.now() - began} ms`);
  assert.match((await admin('verify')).output, /is of an older Palabre/);
});

test('one that takes longer than 10 s is waited for, said to be under way, and done', async () => {
  const began = Date.now();
  const stack = await startStack({ dir, env: env() });
  try {
    assert.ok(Date.now() - began >= TAKES_MS, 'it took its time');
    assert.match(stack.run.output, /^palabre-api is updating .*palabre\.db from schema \d+ to \d+, which may take a while$/m);
    const bob = await stack.login('bob');
    const [{ lastMessage }] = (await bob.api('/api/conversations')).body;
    assert.equal(lastMessage.content, 'said before');
    assert.equal((await admin('verify')).code, 0);
  } finally {
    stack.run.child.kill('SIGTERM');
    await stack.run.ended;
  }
  const again = Date.now();
  const second = await startStack({ dir, env: env() });
  assert.ok(Date.now() - again < TAKES_MS, 'once is enough');
  await second.stop();
});
