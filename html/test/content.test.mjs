import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isVisible, lengthOf, tidy } from '../src/lib/content.js';

test('blank lines before and white space behind go, the first indent stays', () => {
  const cases = {
    '  x': '  x',
    '\n\n  x\n': '  x',
    ' \n\t\n\tif (x)\n\t\treturn;\n\n': '\tif (x)\n\t\treturn;',
    '\r\n x \r\n': ' x',
    '\u2028\u00a0x\u3000': '\u00a0x',
    'x': 'x',
    ' \n ': '',
    '': '',
  };
  for (const [typed, sent] of Object.entries(cases)) assert.equal(tidy(typed), sent, JSON.stringify(typed));
  assert.equal(lengthOf('\n 🦊\n'), 2);
});

test('what cannot be seen is nothing, whatever it is made of', () => {
  const nothing = ['', ' \t\n', '\u00a0\u2003\u3000', '\u200b\u200c\u200d\u2060\ufeff', '\u00ad', '\u034f\u061c\u180e',
    '\u115f\u1160\u3164\uffa0', '\u2800', '\u202a\u202e\u2066\u2069', '\ufe0f\u{e0100}', '\u{e0001}\u{e0061}', '\u0007\u001b', '\ufff9\ufffb'];
  for (const text of nothing) assert.equal(isVisible(text), false, JSON.stringify(text));
  for (const text of ['x', '\u200b.', '👍', '\u0301', '한', '\u0600', '\ufffd', '⠁']) assert.equal(isVisible(text), true, text);
});
