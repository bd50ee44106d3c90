import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { gzipAll } from '../gzip.js';

const directory = mkdtempSync(join(tmpdir(), 'palabre-gzip-'));
after(() => rmSync(directory, { recursive: true }));

test('each long text has a compressed copy beside it, the same at every build', () => {
  const text = 'const answer = 42;\n'.repeat(500);
  mkdirSync(join(directory, 'assets'));
  writeFileSync(join(directory, 'assets/page.js'), text);
  writeFileSync(join(directory, 'short.css'), 'a {}');
  writeFileSync(join(directory, 'picture.png'), Buffer.alloc(5000));
  gzipAll(directory);
  const first = readFileSync(join(directory, 'assets/page.js.gz'));
  assert.equal(gunzipSync(first).toString(), text);
  assert.ok(first.length < 200, `${first.length} bytes`);
  gzipAll(directory);
  assert.deepEqual(readFileSync(join(directory, 'assets/page.js.gz')), first);
  assert.deepEqual(readdirSync(directory).sort(), ['assets', 'picture.png', 'short.css']);
  assert.deepEqual(readdirSync(join(directory, 'assets')).sort(), ['page.js', 'page.js.gz']);
});
