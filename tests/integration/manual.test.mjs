// The manual pages say what the programs say of themselves, no more and no
// less, and roff has nothing to warn of.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { build } from '../support/stack.mjs';

const PAGES = {
  'palabre-api.8': 'fcgi-app/palabre-api',
  'palabre-pushd.8': 'push-daemon/palabre-pushd',
  'palabre.1': 'ctl/palabre',
  'palabrectl.8': 'ctl/palabrectl',
};
const page = (name) => path.join(build, 'man', name);
const said = (program, word) =>
  execFileSync(path.join(build, program), [word], { encoding: 'utf8', env: {} });

/* What roff(7) shows of a word. */
const plain = (text) => text.replaceAll('\\-', '-').replaceAll('\\e', '\\').replaceAll('\\&', '');

/* The terms of a page's section, each with what is said of it. */
function terms(name, section) {
  const [, text] = readFileSync(page(name), 'utf8').match(new RegExp(`^\\.SH ${section}\\n([^]*?)(?=^\\.SH |\\n*(?![^]))`, 'm'));
  return text.split(/^\.TP\n/m).slice(1).map((entry) => {
    const [first, ...rest] = entry.split(/\n(?:\.PP[^]*)?/);
    return [plain(first.replace(/^\.BR? /, '')), plain(rest.join(' ')).trim()];
  });
}

/* "  term   what is said of it", up to the settings. */
const listed = (help) => help.replace(/^Settings [^]*/m, '').split('\n')
  .filter((line) => /^ {2}[^ ]/.test(line)).map((line) => line.trim().split(/ {2,}/));

for (const [name, program] of Object.entries(PAGES)) {
  test(`${name} lists what --help lists`, () => {
    const section = readFileSync(page(name), 'utf8').match(/^\.SH (COMMANDS AND FLAGS|FLAGS|OPTIONS)$/m)[1];
    const own = terms(name, section);
    const rows = listed(said(program, '--help'));
    const version = said(program, '--version').trim().split(' ').at(-1);
    assert.ok(readFileSync(page(name), 'utf8').includes(` "Palabre ${version}" `));
    assert.ok(rows.length > 2);
    assert.deepEqual(own.map(([term]) => term), rows.map(([term]) => term));
    for (const [at, [, text = '']] of rows.entries())
      assert.ok(own[at][1].startsWith(text), `${own[at]} | ${text}`);
  });
}

test('palabre.conf.5 has every setting, what it does and its default', () => {
  const sample = said('fcgi-app/palabre-api', '--sample-config');
  const settings = [...sample.matchAll(/^# (.*)\n#(\w+) = (.*)$/gm)];
  assert.ok(settings.length > 40);
  assert.deepEqual(terms('palabre.conf.5', 'SETTINGS'), settings.map(([, help, key, preset]) =>
    [`${key} " (default ${preset || 'empty'})"`, `${help}.`]));
});

for (const name of [...Object.keys(PAGES), 'palabre.conf.5']) {
  test(`${name} is right as roff, and refers to pages that are there`, () => {
    const shown = spawnSync('man', ['--warnings=w', '-E', 'UTF-8', '-l', page(name)],
      { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8', MANPAGER: 'cat', MANWIDTH: '80' } });
    assert.equal(shown.stderr, '');
    assert.equal(shown.status, 0);
    assert.doesNotMatch(shown.stdout, /@[A-Z]+@/);
    const [, others] = readFileSync(page(name), 'utf8').match(/\.SH SEE ALSO\n([^]*)$/);
    for (const [, other, part] of others.matchAll(/^\.BR (\S+) \((\d)\)/gm))
      assert.ok([...Object.keys(PAGES), 'palabre.conf.5'].includes(`${plain(other)}.${part}`), other);
  });
}
