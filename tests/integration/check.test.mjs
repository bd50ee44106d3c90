// ./check, when it is told to stop.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { killAll, processes, share, temporaryDirectory, top, waitFor } from '../support/stack.mjs';

test('told to stop, ./check ends at once, with all that its tests run', {
  skip: process.env.PALABRE_BUILD && 'it would build what ships',
}, async (t) => {
  const dir = temporaryDirectory();
  const within = () => processes().filter(({ command }) => command.includes(`${dir}/`));
  const check = spawn('setpriv',
    ['--pdeathsig', 'TERM', '--', path.join(top, 'check'), 'faults'],
    // The runner in there must not take itself for a child of this one.
    { env: { ...process.env, TMPDIR: dir, NODE_TEST_CONTEXT: undefined }, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => {
    check.kill('SIGKILL');
    killAll(within());
    rmSync(dir, { recursive: true, force: true });
  });
  let output = '';
  check.stdout.on('data', (text) => { output += text; });
  const ended = new Promise((resolve) => { check.once('exit', resolve); });
  await waitFor('a test that runs the product', () =>
    within().some(({ command }) => command.startsWith('nginx: master')), 60000);
  const began = Date.now();
  check.kill('SIGTERM');
  assert.equal(await ended, 1);
  assert.ok(Date.now() - began < 8000 * share(), `${Date.now() - began} ms`);
  assert.deepEqual(within(), []);
  assert.deepEqual(readdirSync(dir), []);
  assert.doesNotMatch(output, /passed/, 'nothing that looks like a result');
});
