import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { LETTERS } from '../font.js';
import { messages } from '../src/lib/strings.js';
import { deskWords } from '../src/lib/strings-desk.js';
import { guestWords } from '../src/lib/strings-guest.js';

const dist = new URL('../dist/', import.meta.url);
const read = (name) => readFileSync(new URL(name, dist));
const [face, ...others] = readdirSync(new URL('assets/', dist)).filter((name) => name.endsWith('.woff2'));

test('one face for all pages, of at most 30 kB, and with its licence', () => {
  assert.deepEqual(others, []);
  const bytes = read(`assets/${face}`);
  assert.equal(bytes.toString('latin1', 0, 4), 'wOF2');
  assert.ok(bytes.length <= 30_000, `${bytes.length} bytes`);
});

test('it is asked for with the page, and is the one that the styles name', () => {
  for (const page of ['index.html', 'client.html', 'server.html']) {
    assert.match(read(page).toString(), new RegExp(`<link rel="preload" href="./assets/${face}" as="font" type="font/woff2" crossorigin`));
  }
  const styles = readdirSync(new URL('assets/', dist)).filter((name) => name.endsWith('.css'))
    .map((name) => read(`assets/${name}`).toString()).join('');
  assert.match(styles, new RegExp(`@font-face\\{font-family:Palabre;[^}]*url\\(\\./${face}\\)`));
});

test('it has each letter that the page writes itself', () => {
  const written = JSON.stringify([messages, guestWords, deskWords]).match(/\p{L}/gu);
  assert.ok(written.length > 1000);
  assert.deepEqual([...new Set(written)].filter((letter) => !LETTERS.includes(letter)), []);
});
