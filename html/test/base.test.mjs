// Where the page finds the server, whatever path it is at.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

/* base.js as it is at that address. */
async function at(href) {
  globalThis.location = { href };
  try {
    return await import(`../src/lib/base.js?${encodeURIComponent(href)}`);
  } finally {
    delete globalThis.location;
  }
}

test('the base is the directory of the page, whatever stands behind it', async () => {
  for (const [href, base] of [
    ['https://a.example/', '/'],
    ['https://a.example/chat/#/u/x', '/chat/'],
    ['https://a.example/a/b/index.html?x=/y/', '/a/b/'],
  ]) {
    assert.equal((await at(href)).base, base);
  }
});

test('an address of the server is below it, once', async () => {
  const { under } = await at('https://a.example/chat/');
  assert.equal(under('/api/users?after=x'), '/chat/api/users?after=x');
  assert.equal(under('/chat/api/users?after=x'), '/chat/api/users?after=x');
  const root = await at('https://b.example/');
  assert.equal(root.under('/api/users'), '/api/users');
});

test('what a page calls something in a browser is not what another one of the host calls it', async () => {
  assert.equal((await at('https://a.example/')).named('tabs'), 'palabre.tabs');
  assert.equal((await at('https://a.example/chat/')).named('tabs'), 'palabre./chat/.tabs');
  const src = new URL('../src/', import.meta.url);
  const sources = readdirSync(src, { withFileTypes: true }).filter((one) => one.isDirectory())
    .flatMap(({ name }) => readdirSync(new URL(`${name}/`, src)).map((file) => `${name}/${file}`));
  const shared = sources.filter((name) =>
    /(?:BroadcastChannel|locks\s*\.request|(?:get|set)Item|openDB)\(\s*['"`]/.test(readFileSync(new URL(name, src), 'utf8')));
  /* the theme is, on purpose, that of all of them */
  assert.deepEqual(shared, ['lib/storage.js']);
});
