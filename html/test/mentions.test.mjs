import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelsOf, mentionsIn, namedParts, typedAt } from '../src/lib/mentions.js';

const LABELS = { '@Ann': 'a', '@Ann Berger': 'b', '@Zoë 🦊': 'z' };

test('names are found where they stand, counted in code points, the longer one first', () => {
  assert.deepEqual(mentionsIn('🌳 @Ann, @Ann Berger and @Zoë 🦊!', LABELS), [
    { userId: 'a', start: 2, length: 4 },
    { userId: 'b', start: 8, length: 11 },
    { userId: 'z', start: 24, length: 6 },
  ]);
});

test('part of a longer name, or of a word, names nobody', () => {
  assert.deepEqual(mentionsIn('@Anna @Ann_ @ann Ann', LABELS), []);
  assert.deepEqual(mentionsIn('@Ann', {}), []);
  assert.deepEqual(mentionsIn('(@Ann)', LABELS), [{ userId: 'a', start: 1, length: 4 }]);
});

test('no more than the server takes', () => {
  assert.equal(mentionsIn('@Ann '.repeat(60), LABELS).length, 50);
});

test('a text comes apart at the people it names, and keeps its characters', () => {
  const content = '🌳 @Ann, hello';
  const parts = namedParts(content, mentionsIn(content, LABELS));
  assert.deepEqual(parts, [{ text: '🌳 ' }, { text: '@Ann', userId: 'a' }, { text: ', hello' }]);
  assert.equal(parts.map(({ text }) => text).join(''), content);
  assert.deepEqual(namedParts('x', undefined), [{ text: 'x' }]);
});

test('places that are not in the text, or within another, are left alone', () => {
  const mentions = [{ userId: 'a', start: 0, length: 3 }, { userId: 'b', start: 2, length: 2 }, { userId: 'c', start: 4, length: 9 }];
  assert.deepEqual(namedParts('abcdef', mentions), [{ text: 'abc', userId: 'a' }, { text: 'def' }]);
});

test('what is edited knows whom it named', () => {
  const content = 'Hi @Ann and @Ann Berger';
  assert.deepEqual(labelsOf({ content, mentions: mentionsIn(content, LABELS) }), { '@Ann': 'a', '@Ann Berger': 'b' });
});

test('a name is being typed behind an @ that begins a word', () => {
  assert.deepEqual(typedAt('hello @an', 9), { from: 6, query: 'an' });
  assert.deepEqual(typedAt('@', 1), { from: 0, query: '' });
  assert.deepEqual(typedAt('@ann ber', 8), { from: 0, query: 'ann ber' });
  for (const [text, caret] of [['me@an', 5], ['@ann and so on', 14], ['no', 2], ['@an', 0]]) {
    assert.equal(typedAt(text, caret), null, text);
  }
});
