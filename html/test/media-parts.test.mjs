import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mediaParts } from '../src/lib/media-parts.js';

const file = (seq, mime, month = 11) => ({
  seq,
  createdAt: new Date(2026, month - 1, 15).toISOString(),
  attachment: { mime },
});
const shape = (items) => mediaParts(items).map(({ runs }) =>
  runs.map(({ pictures, files }) => `${pictures ? 'pictures' : 'files'} ${files.map(({ seq }) => seq)}`));

test('pictures that follow one another stand side by side, month by month', () => {
  const items = [file(9, 'image/png'), file(8, 'image/jpeg'), file(6, 'text/plain'), file(5, 'image/png'), file(4, 'image/png', 10)];
  assert.deepEqual(shape(items), [['pictures 9,8', 'files 6', 'pictures 5'], ['pictures 4']]);
  assert.deepEqual(shape([]), []);
});

test('the same month of another year is another one', () => {
  const before = { ...file(1, 'image/png'), createdAt: new Date(2025, 10, 15).toISOString() };
  assert.equal(mediaParts([file(2, 'image/png'), before]).length, 2);
});

test('what is added at the end changes nothing in front of it', () => {
  const items = [file(9, 'image/png'), file(8, 'text/plain'), file(7, 'image/png')];
  const [{ runs }] = mediaParts([...items, file(6, 'text/plain'), file(5, 'image/png')]);
  assert.deepEqual(runs.slice(0, 3), mediaParts(items)[0].runs);
});
