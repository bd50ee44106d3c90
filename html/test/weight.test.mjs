import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

/* The built pages, which `tools/build --html` leaves. */
const dist = new URL('../dist/', import.meta.url);
const page = readFileSync(new URL('index.html', dist), 'utf8');
const weigh = (name) => gzipSync(readFileSync(new URL(name, dist)), { level: 9 }).length;
const scripts = readdirSync(new URL('assets/', dist)).filter((name) => name.endsWith('.js'));

test('one can sign in after 100 kB of script, and talk after 180 kB', () => {
  const first = [...page.matchAll(/(?:src|href)="(?:\.?\/)?(assets\/[^"]+\.js)"/g)].map(([, name]) => name);
  assert.ok(first.length > 0);
  const before = first.map(weigh).reduce((sum, bytes) => sum + bytes, 0);
  const all = scripts.map((name) => weigh(`assets/${name}`)).reduce((sum, bytes) => sum + bytes, 0);
  assert.ok(before <= 100_000, `${before} bytes`);
  assert.ok(all <= 180_000, `${all} bytes`);
  assert.ok(all > before, 'the messenger is not waited for');
});
