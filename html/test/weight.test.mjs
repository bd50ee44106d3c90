import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

/* The built pages, which `tools/build --html` leaves. */
const dist = new URL('../dist/', import.meta.url);
const read = (name) => readFileSync(new URL(name, dist), 'utf8');
const scripts = readdirSync(new URL('assets/', dist)).filter((name) => name.endsWith('.js'));
const weigh = (names) => [...names]
  .map((name) => gzipSync(readFileSync(new URL(`assets/${name}`, dist)), { level: 9 }).length)
  .reduce((sum, bytes) => sum + bytes, 0);

/* These are fetched when somebody wants an emoji. */
const isLater = (name) => /^emoji-/.test(name);

/* Those that a page asks for at once, and with them all that these lead to. */
function scriptsOf(page) {
  const first = new Set(scripts.filter((name) => read(page).includes(`assets/${name}`)));
  const all = new Set(first);
  for (const name of all) {
    const text = read(`assets/${name}`);
    for (const other of scripts) if (text.includes(other) && !isLater(other)) all.add(other);
  }
  return { first, all };
}

for (const [page, what] of [['index.html', 'sign in'], ['client.html', 'come in'], ['server.html', 'sign in']]) {
  test(`${page}: one can ${what} after 100 kB of script, and talk after 180 kB`, () => {
    const { first, all } = scriptsOf(page);
    assert.ok(first.size > 0);
    const before = weigh(first);
    assert.ok(before <= 100_000, `${before} bytes`);
    assert.ok(weigh(all) <= 180_000, `${weigh(all)} bytes`);
    assert.ok(weigh(all) > before, 'the rest is not waited for');
  });
}

test('the emoji of a language are 60 kB at most, and wait until somebody wants one', () => {
  const later = scripts.filter(isLater);
  assert.equal(later.length, 2);
  for (const name of later) assert.ok(weigh([name]) <= 60_000, `${name}: ${weigh([name])} bytes`);
  const worker = read('sw.js');
  for (const name of later) assert.ok(!worker.includes(name), name);
});

test('the messenger carries nothing of the other pages', () => {
  const { all } = scriptsOf('index.html');
  for (const name of all) assert.doesNotMatch(read(`assets/${name}`), /"(?:guest|desk)\.|guest-room/, name);
});
