import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emojiOf } from '../emoji.js';
import { isEmoji } from '../src/lib/emoji.js';
import { emojiCalled, emojiTypedAt, findEmoji } from '../src/lib/emoji-data.js';

const en = emojiOf('en');
const fr = emojiOf('fr');
const signs = (groups) => groups.flatMap(({ emoji }) => emoji.map(([sign]) => sign));

test('both languages have the same emoji, each once, each with a name', () => {
  assert.ok(signs(en).length > 1500);
  assert.equal(new Set(signs(en)).size, signs(en).length);
  assert.deepEqual(signs(fr), signs(en));
  assert.equal(en.length, 9);
  for (const { name, emoji } of [...en, ...fr]) {
    assert.ok(name);
    assert.ok(emoji.every(([, label]) => label));
  }
});

test('each is one to the page, too', () => {
  assert.deepEqual(signs(en).filter((sign) => !isEmoji(sign)), []);
});

test('an emoji is found by what others call it, and by words in any order, the best first', () => {
  const first = (groups, query) => findEmoji(groups, query, 8)[0]?.[0];
  assert.equal(first(en, 'smile'), '😄');
  assert.equal(first(en, 'thumbsup'), '👍️');
  assert.equal(first(en, 'heart red'), '❤️');
  assert.equal(first(fr, 'cœur rouge'), '❤️');
  assert.equal(first(fr, 'fusee'), '🚀');
  assert.equal(first(fr, 'smile'), '😄');
  assert.deepEqual(findEmoji(en, 'qqqq', 8), []);
  assert.ok(findEmoji(en, 'a', 8).length <= 8);
  assert.equal(emojiCalled(en, '+1'), '👍️');
  assert.equal(emojiCalled(en, 'nothing'), undefined);
});

test('what is being typed behind a colon is known, and what only looks so is not', () => {
  assert.deepEqual(emojiTypedAt('hi :smi', 7), { from: 3, query: 'smi', whole: false });
  assert.deepEqual(emojiTypedAt(':smile:', 7), { from: 0, query: 'smile', whole: true });
  for (const text of [':)', ':s', 'at 10:30', 'http://x', 'a:bcd', ': smile', ':-)']) {
    assert.equal(emojiTypedAt(text, text.length), null, text);
  }
});
