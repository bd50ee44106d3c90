import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { test } from 'node:test';
import { fileOf, kindOf, showsSmall, shownSize, sizeText } from '../src/lib/file-kinds.js';
import { actionsFor } from '../src/lib/message-actions.js';
import { awaitsFile, bodyOf, newEntry, nextToSend } from '../src/lib/outbox.js';

globalThis.crypto ??= webcrypto; // Node 18 has it, but not there

test('four types are pictures, sound and film are played, and nothing else is shown', () => {
  for (const mime of ['image/png', 'image/jpeg', 'image/gif', 'image/webp']) assert.equal(kindOf({ mime }), 'picture');
  assert.equal(kindOf({ mime: 'audio/ogg' }), 'audio');
  assert.equal(kindOf({ mime: 'video/mp4' }), 'video');
  for (const mime of ['image/svg+xml', 'text/html', 'application/pdf', '', undefined]) assert.equal(kindOf({ mime }), 'other');
});

test('a small copy is shown where there is one, but not of what moves', () => {
  assert.equal(showsSmall({ preview: true, mime: 'image/png' }), true);
  assert.equal(showsSmall({ preview: true, mime: 'image/gif' }), false);
  assert.equal(showsSmall({ mime: 'image/png' }), false);
});

test('a picture keeps its shape and fits, however large it is', () => {
  assert.deepEqual(shownSize({ width: 4000, height: 3000 }), { width: 336, height: 252 });
  assert.deepEqual(shownSize({ width: 300, height: 3000 }), { width: 96, height: 360 });
  assert.deepEqual(shownSize({ width: 200, height: 100 }), { width: 200, height: 100 });
  assert.deepEqual(shownSize({ width: 1, height: 1 }), { width: 96, height: 96 });
  assert.deepEqual(shownSize({}), { width: 240, height: 180 });
});

test('a size is said as people say it', () => {
  assert.equal(sizeText(12, 'en'), '12 bytes');
  assert.equal(sizeText(1400, 'en'), '1 kB');
  assert.equal(sizeText(1_440_000, 'en'), '1.4 MB');
  assert.equal(sizeText(1_440_000, 'fr'), '1,4\u202fMo');
});

test('only the id of a file is one', () => {
  assert.equal(fileOf('a0'.repeat(12)), 'a0'.repeat(12));
  for (const avatar of ['', undefined, '🌻', 'https://a.example/b.png', 'A0'.repeat(12), '../x']) assert.equal(fileOf(avatar), '');
});

const FILE = { id: 'u1', name: 'a.txt', size: 3, mime: 'text/plain', attachment: null };
const entry = (to, fields = {}) => ({ ...newEntry({ to, content: 'x' }, 0), ...fields });

test('an entry with a file waits until the server has it, and names it then', () => {
  const waiting = newEntry({ to: 'ben', content: '', file: FILE, tab: 't1' }, 0);
  assert.equal(awaitsFile(waiting), true);
  assert.deepEqual(waiting.file, { id: 'u1', name: 'a.txt', size: 3, mime: 'text/plain' });
  const there = { ...waiting, attachment: { _id: 'f1', name: 'a.txt' } };
  assert.equal(awaitsFile(there), false);
  assert.equal(bodyOf(there).attachment, 'f1');
  assert.equal('attachment' in bodyOf(entry('ben')), false);
  assert.equal(awaitsFile(entry('ben')), false);
});

test('what waits for a file holds what comes after it there, and nothing elsewhere', () => {
  const held = entry('ben', { file: FILE, attachment: null });
  const [after, elsewhere] = [entry('ben'), entry('cyd')];
  assert.equal(nextToSend([held, after, elsewhere]), elsewhere);
  assert.equal(nextToSend([held, after]), undefined);
  assert.equal(nextToSend([{ ...held, state: 'failed' }, after]), after, 'what has failed waits for nobody');
  const there = { ...held, attachment: { _id: 'f1' } };
  assert.equal(nextToSend([there, after]), there);
});

test('a file without words has none to edit', () => {
  const own = { _id: '1', sender: 'ann', kind: 'file', content: '', deleted: false };
  assert.deepEqual(actionsFor(own, 'ann'), ['reply', 'delete']);
  assert.deepEqual(actionsFor({ ...own, content: 'words' }, 'ann'), ['reply', 'copy', 'edit', 'delete']);
});
