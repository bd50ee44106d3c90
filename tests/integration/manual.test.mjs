// The manual pages, which are made of what the programs say of themselves.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { build } from '../support/stack.mjs';

const pages = {
  'palabre-api.8': 'fcgi-app/palabre-api',
  'palabre-pushd.8': 'push-daemon/palabre-pushd',
  'palabrectl.8': 'ctl/palabrectl',
  'palabre.conf.5': 'fcgi-app/palabre-api',
  'palabre.1': 'ctl/palabre',
};
const source = (page) => readFileSync(path.join(build, 'man', page), 'utf8');
/* As a reader meets it: no font, no escape. */
const plain = (page) => source(page).replace(/^\.\w+ ?/gm, '').replace(/\\f./g, '')
  .replace(/\\&/g, '')
  .replace(/\\e/g, '\\').replace(/\\(.)/g, '$1').replace(/\s+/g, ' ');

/* {code, stdout, stderr} of a program */
function call(program, ...args) {
  return new Promise((resolve) => {
    execFile(program, args, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }));
  });
}
const say = async (program, flag) => (await call(path.join(build, program), flag)).stdout;

test('palabre.conf(5) has every setting, what it does and its default', async () => {
  const page = plain('palabre.conf.5');
  const sample = (await say('fcgi-app/palabre-api', '--sample-config')).matchAll(/^# (.*)\n#(\w+) = (.*)$/gm);
  let count = 0;
  for (const [, help, key, preset] of sample) {
    assert.ok(page.includes(`${key} " (default ${preset || 'empty'})" ${help}.`), key);
    count += 1;
  }
  assert.ok(count > 40, `${count}`);
});

for (const [page, program] of Object.entries(pages)) {
  test(`${page} has each command and flag that --help names`, async (t) => {
    const text = plain(page);
    assert.match(text, new RegExp(`^"?[A-Z.-]+ \\d "" "Palabre ${(await say(program, '--version')).trim().split(' ').at(-1)}"`));
    if (page === 'palabre.conf.5') return;
    const [usage] = (await say(program, '--help')).split('\nSettings ');
    for (const [, term] of usage.matchAll(/^ {2}(\S.*?)(?: {2}|$)/gm)) {
      assert.ok(text.includes(` ${term.trim()} `), term);
    }
    const groff = await call('groff', '-man', '-ww', '-b', '-z', path.join(build, 'man', page));
    if (groff.code === 'ENOENT') t.diagnostic('note: no groff to check the pages with');
    else assert.equal(groff.stderr, '');
  });
}
