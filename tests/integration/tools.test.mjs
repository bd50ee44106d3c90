// What ./run is made of: tools/install and tools/npm-install, tried on trees of
// their own with an apt-get that only says what the real one would.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { directoryFor, top } from '../support/stack.mjs';

/* {code, output} */
function call(program, args, env = {}) {
  return new Promise((resolve) => {
    execFile(program, args, { env: { ...process.env, ...env }, timeout: 60000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, output: stdout + stderr }));
  });
}

/* A tree that needs one package, and an apt-get of ours: a line of what it
 * was asked for in `asked` each time, then script. */
function treeWithApt(t, script) {
  const dir = directoryFor(t);
  mkdirSync(path.join(dir, 'tools'));
  cpSync(path.join(top, 'tools/install'), path.join(dir, 'tools/install'));
  writeFileSync(path.join(dir, 'tools/packages'), 'runtime palabre-is-no-package\n');
  const apt = path.join(dir, 'apt-get');
  writeFileSync(apt, `#!/bin/sh\necho "$*" >>"${dir}/asked"\n${script}`);
  chmodSync(apt, 0o755);
  return {
    install: () => call(path.join(dir, 'tools/install'), ['runtime'], { PATH: `${dir}:${process.env.PATH}` }),
    asked: () => readFileSync(path.join(dir, 'asked'), 'utf8').trim().split('\n'),
  };
}

const asRoot = { skip: process.getuid() !== 0 && 'only root installs' };

for (const complaint of [
  'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 4242 (unattended-upgr)',
  'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 4242 (apt-get)',
  'E: Unable to lock directory /var/cache/apt/archives/',
  'dpkg: error: dpkg frontend lock was locked by another process with pid 4242',
]) {
  test(`another apt-get is waited for, and that is said: ${complaint}`, asRoot, async (t) => {
    const { install, asked } = treeWithApt(t,
      `[ "$(wc -l <"\${0%/*}/asked")" -gt 2 ] || { echo '${complaint}' >&2; exit 100; }`);
    const { code, output } = await install();
    assert.equal(code, 0, output);
    assert.deepEqual(output.trim().split('\n'), ['Installing palabre-is-no-package',
      'Packages are being installed by another program: waiting for it', complaint]);
    assert.deepEqual(new Set(asked()),
      new Set(['-qq install -y --no-install-recommends palabre-is-no-package']));
    assert.equal(asked().length, 3);
  });
}

test('what apt-get cannot do at all is said at once, after the lists were read anew', asRoot, async (t) => {
  const { install, asked } = treeWithApt(t,
    'case $* in *update*) ;; *) echo "E: Unable to locate package" >&2; exit 100 ;; esac');
  const { code, output } = await install();
  assert.equal(code, 1);
  assert.match(output, /^E: Unable to locate package\napt-get could not install: palabre-is-no-package$/m);
  assert.equal(asked().length, 3);
});

test('no script of a package of npm\'s is run', async (t) => {
  const dir = directoryFor(t);
  const scripts = { preinstall: 'touch ran', install: 'touch ran', postinstall: 'touch ran', prepare: 'touch ran' };
  const own = { name: 'mine', version: '1.0.0' };
  writeFileSync(path.join(dir, 'package.json'), JSON.stringify({ ...own, scripts }));
  writeFileSync(path.join(dir, 'package-lock.json'),
    JSON.stringify({ ...own, lockfileVersion: 3, packages: { '': own } }));
  mkdirSync(path.join(dir, 'node_modules'));
  const { code, output } = await call(path.join(top, 'tools/npm-install'), [dir]);
  assert.equal(code, 0, output);
  assert.ok(!existsSync(path.join(dir, 'ran')));
});
