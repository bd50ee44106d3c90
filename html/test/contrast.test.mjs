import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/* The colours of both themes, as style.css names them. */
const css = readFileSync(new URL('../src/style.css', import.meta.url), 'utf8');
const tokensOf = (selector) => {
  const [, block] = css.split(`${selector} {`);
  const found = block.split('}')[0].matchAll(/--([\w-]+): (#[0-9a-f]+|rgb\([^)]*\));/g);
  return Object.fromEntries([...found].map(([, name, value]) => [name, value]));
};
const light = tokensOf(':root');
const themes = { light, dark: { ...light, ...tokensOf("[data-theme='dark']") } };

/* [r, g, b, alpha] */
function parse(value) {
  if (value.startsWith('rgb')) {
    const [r, g, b, percent] = value.match(/\d+/g).map(Number);
    return [r, g, b, percent / 100];
  }
  const hex = value.length === 4 ? value.replace(/\w/g, '$&$&') : value;
  return [...[1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)), 1];
}

function over([r, g, b, alpha], below) {
  return [r, g, b].map((c, i) => c * alpha + below[i] * (1 - alpha));
}

/* As WCAG 2 defines both. */
function luminance(colour) {
  const [r, g, b] = colour.map((c) => {
    const part = c / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/* `behind`: names of layers, the lowest first. */
function contrast(tokens, front, behind) {
  const ground = behind.reduce((below, name) => over(parse(tokens[name]), below), [0, 0, 0]);
  const [low, high] = [over(parse(tokens[front]), ground), ground].map(luminance).sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/* colour: what is written in it, by what lies behind, "lower upper" */
const WORDS = {
  text: ['bg', 'surface', 'sunken', 'chat-bg', 'hover', 'accent-soft', 'bubble-other', 'bubble-other quote', 'mention'],
  'text-soft': ['bg', 'surface', 'sunken', 'chat-bg', 'hover', 'chip', 'accent-soft', 'bubble-other', 'bubble-other quote'],
  'accent-text': ['surface', 'chat-bg', 'hover', 'accent-soft', 'notice', 'bubble-other quote', 'bubble-own quote', 'bubble-own', 'bubble-other'],
  'bubble-own-text': ['bubble-own', 'bubble-own quote'],
  'bubble-own-soft': ['bubble-own'],
  danger: ['surface', 'sunken', 'chat-bg', 'hover'],
  'on-accent': ['accent', 'accent-strong'],
  'notice-text': ['notice'],
  'on-lightbox': ['lightbox'],
  ...Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7].map((n) => [`person-${n}`, ['bubble-other']])),
};
const SIGNS = {
  accent: ['surface', 'chat-bg', 'accent-soft'],
  'field-line': ['surface'],
  'tick-read': ['surface', 'hover', 'accent-soft', 'bubble-own'],
  online: ['surface'],
  'text-soft': ['bubble-own quote'],
};

for (const [theme, tokens] of Object.entries(themes)) {
  for (const [what, table, least] of [['words', WORDS, 4.5], ['signs', SIGNS, 3]]) {
    test(`${what} stand out from what is behind them: ${theme}`, () => {
      const faint = Object.entries(table).flatMap(([front, grounds]) =>
        grounds
          .map((ground) => [front, ground, contrast(tokens, front, ground.split(' '))])
          .filter(([, , ratio]) => ratio < least)
          .map(([, ground, ratio]) => `${front} on ${ground}: ${ratio.toFixed(2)}`));
      assert.deepEqual(faint, []);
    });
  }
}
