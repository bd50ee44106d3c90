// ./check, when it is told to stop, and when a test fails.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { directoryFor, killAll, processes, share, temporaryDirectory, top, waitFor } from '../support/stack.mjs';

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
    within().some(({ command }) => command.startsWith('nginx: master')), 60000 * share());
  const began = Date.now();
  check.kill('SIGTERM');
  assert.equal(await ended, 1);
  assert.ok(Date.now() - began < 8000 * share(), `${Date.now() - began} ms`);
  assert.deepEqual(within(), []);
  assert.deepEqual(readdirSync(dir), []);
  assert.doesNotMatch(output, /passed/, 'nothing that looks like a result');
});

/* The output of ./check with these tests and nothing to build. */
function checkOf(t, files, env = {}) {
  const dir = directoryFor(t);
  cpSync(path.join(top, 'check'), path.join(dir, 'check'));
  mkdirSync(path.join(dir, 'tools'));
  cpSync(path.join(top, 'tools/tally.sh'), path.join(dir, 'tools/tally.sh'));
  for (const tool of ['install', 'build', 'npm-install']) {
    writeFileSync(path.join(dir, 'tools', tool), '#!/bin/sh\n', { mode: 0o755 });
  }
  for (const [name, body] of Object.entries(files)) {
    mkdirSync(path.join(dir, 'tests', path.dirname(name)), { recursive: true });
    writeFileSync(path.join(dir, 'tests', name), `
      import assert from 'node:assert';
      import { existsSync, writeFileSync } from 'node:fs';
      import { test } from 'node:test';
      const tried = new URL(import.meta.url).pathname + '.tried';
      const before = existsSync(tried);
      writeFileSync(tried, '');
      test('it works', () => { ${body} });`);
  }
  const stage = path.dirname(Object.keys(files)[0]);
  return new Promise((resolve) => {
    execFile(path.join(dir, 'check'), [stage],
      { env: { ...process.env, TMPDIR: dir, NODE_TEST_CONTEXT: undefined, PALABRE_ONCE: '', ...env } },
      (_error, output) => resolve(output.trimEnd().split('\n')));
  });
}

const FLAKY = { 'browser/flaky.test.mjs': 'assert.ok(before)' };

test('a file that failed may pass when it is tried again, and both is said', async (t) => {
  const output = await checkOf(t, FLAKY);
  assert.deepEqual(output.slice(-2), ['again: browser_flaky.test.mjs: it works', '1 passed, 0 failed']);
  assert.ok(output.some((line) => line.includes('AssertionError')), 'how it failed');
});

test('one that fails again has failed, as does any where nothing is tried again', async (t) => {
  for (const [files, env] of [
    [{ 'browser/broken.test.mjs': 'assert.fail()' }],
    [{ 'faults/flaky.test.mjs': 'assert.ok(before)' }],
    [FLAKY, { PALABRE_ONCE: '1' }],
  ]) {
    const output = await checkOf(t, files, env);
    assert.equal(output.at(-1), '0 passed, 1 failed');
    assert.match(output.at(-2), /^failed: .*: it works$/);
  }
});

test('many that fail have failed', async (t) => {
  const output = await checkOf(t, Object.fromEntries([1, 2, 3, 4].map((n) =>
    [`browser/flaky${n}.test.mjs`, 'assert.ok(before)'])));
  assert.equal(output.at(-1), '3 passed, 1 failed');
});
