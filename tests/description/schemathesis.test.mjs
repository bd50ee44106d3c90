// schemathesis makes requests out of the description, right ones and wrong
// ones, and judges every answer: no failure, no 500.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { pythonEnvironment } from '../support/python.mjs';
import { startStack } from '../support/stack.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
/* PALABRE_SEED=N tries others. */
const seed = process.env.PALABRE_SEED ?? '1';
/* These end the session that asks. */
const ENDING = /^\/api\/auth\/(logout|refresh|password|sessions.*)$/.source;
let stack;
let programs;

before(async () => {
  programs = await pythonEnvironment('schemathesis', path.join(here, 'requirements.txt'));
  stack = await startStack({ set: { auth_rate: 100000, auth_burst: 100000 } });
});
after(() => stack?.stop());

/* {code, output} */
function schemathesis(token, ...more) {
  const args = [
    '--config-file', path.join(here, 'schemathesis.toml'),
    'run', `${stack.url}/api/openapi.json`, '--header', `Authorization: Bearer ${token}`,
    '--seed', seed, '--no-color', '--generation-database', 'none', ...more,
  ];
  return new Promise((resolve) => {
    execFile(path.join(programs, 'schemathesis'), args,
      { cwd: stack.dir, timeout: 120000, maxBuffer: 1 << 26 },
      (error, stdout, stderr) => resolve({ code: error ? error.code : 0, output: stdout + stderr }));
  });
}

async function tryOut(t, name, ...more) {
  const ann = await stack.register(name);
  const bob = await stack.register(`${name}-friend`);
  await ann.api('/api/messages', { body: { recipient_id: bob.id, content: 'hello' } });
  const { code, output } = await schemathesis(ann.token, ...more);
  assert.equal(code, 0, output);
  const [, counts] = output.match(/(\d+ generated, .*)/);
  t.diagnostic(`note: schemathesis, seed ${seed}: ${counts}`);
}

test('every answer to any request is as described', (t) =>
  tryOut(t, 'ann', '--max-examples', '25', '--exclude-path-regex', ENDING));

test('also when the session ends meanwhile', (t) =>
  tryOut(t, 'eve', '--max-examples', '10', '--phases', 'examples,coverage,fuzzing',
    '--include-path-regex', ENDING));

test('no worker died of it', () => {
  assert.doesNotMatch(stack.log('palabre-api'), /was killed|ended with/);
});
