import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatted } from '../src/lib/format.js';

/* [kind, texts with their marks before them] of each line. */
const shape = (text, mentions) => formatted(text, mentions).map(({ kind, parts }) =>
  [kind, ...parts.map((part) => (part.marks.length ? `${part.marks.join('+')}:${part.text}` : part.text))]);
const same = (text) => assert.deepEqual(shape(text), [['text', text]], text);

test('what people mark elsewhere is marked', () => {
  assert.deepEqual(shape("it's *bold*, _it_ ~s~ and `c`!"),
    [['text', "it's ", 'bold:bold', ', ', 'italic:it', ' ', 'struck:s', ' and ', 'code:c', '!']]);
  assert.deepEqual(shape('(*_both_*) `*x*`'), [['text', '(', 'bold+italic:both', ') ', 'code:*x*']]);
  assert.deepEqual(shape('*a* *b*'), [['text', 'bold:a', ' ', 'bold:b']]);
});

test('what is no mark stays as it was typed', () => {
  for (const text of ['plain', 'snake_case_here', '2 * 3 * 4', '2*3*4', '*a b', '**x**', '-- x', '->',
    '*️⃣ *', '~~~', '```', '``````', 'a__b', '']) {
    if (text) same(text);
  }
  assert.deepEqual(shape('*a\nb*'), [['text', '*a', '\n', 'b*']]);
});

test('lines that begin so are a list, or a quote', () => {
  for (const sign of ['-', '*']) {
    assert.deepEqual(shape(`${sign} one\n${sign} *two*\nend`), [['item', 'one'], ['item', 'bold:two'], ['text', 'end']]);
  }
  assert.deepEqual(shape('> q\n> r\nanswer'), [['quote', 'q', '\n', 'r'], ['text', 'answer']]);
});

test('a block is as it was typed', () => {
  assert.deepEqual(shape('see\n```\n*x*  y\n- z\n```'), [['text', 'see'], ['block', '*x*  y\n- z']]);
});

test('blank lines stay', () => {
  assert.deepEqual(shape('a\n\n\nb *x*'), [['text', 'a', '\n', '\n', '\n', 'b ', 'bold:x']]);
});

test('an address and a name are one piece, whatever is in them', () => {
  const [line] = formatted('*see https://a.b/x_y_z now*');
  assert.deepEqual(line.parts.map(({ href }) => href), [undefined, 'https://a.b/x_y_z', undefined]);
  assert.ok(line.parts.every(({ marks }) => marks.join() === 'bold'));
  const [named] = formatted('hi *@An_n* x', [{ userId: 'u', start: 4, length: 5 }]);
  assert.deepEqual(named.parts.map(({ text, userId, marks }) => [text, userId, marks.join()]),
    [['hi ', undefined, ''], ['@An_n', 'u', 'bold'], [' x', undefined, '']]);
});

test('nothing of a text gets lost, and the longest takes no time', () => {
  const cruel = ['*', '*a', '*a* ', '_a *b ', '`', 'a_', '> ', '- ', '```', '*a_b~c`', '*a _b ~c `d', ' *'];
  for (const unit of cruel) {
    const text = unit.repeat(Math.floor(5000 / unit.length));
    const began = performance.now();
    const shown = formatted(text).flatMap(({ parts }) => parts.map((part) => part.text)).join('');
    assert.ok(performance.now() - began < 1000, unit);
    assert.equal(shown.replace(/[*_~`>\s-]/g, ''), text.replace(/[*_~`>\s-]/g, ''), unit);
  }
});
