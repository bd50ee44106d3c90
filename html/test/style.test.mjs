// What all styles of the page keep to, as their texts say it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../src/', import.meta.url);
const read = (name) => readFileSync(new URL(name, root), 'utf8');
const components = readdirSync(new URL('components/', root)).map((name) => `components/${name}`);
const styleOf = (name) => (name.endsWith('.css') ? read(name) : read(name).split(/<style[^>]*>/)[1] ?? '');

/* [file, property, value] of every declaration. */
const declarations = ['style.css', 'App.vue', ...components].flatMap((name) =>
  [...styleOf(name).replace(/\/\*[^]*?\*\//g, '').matchAll(/(?:^|[;{])\s*([\w-]+)\s*:\s*([^;{}]+)(?=[;}])/g)]
    .map(([, property, value]) => [name, property, value.trim()]));
const failing = (wrong) => declarations
  .filter(([, property, value]) => wrong(property, value))
  .map(([name, property, value]) => `${name}: ${property}: ${value}`);

test('the styles were read', () => {
  assert.ok(declarations.length > 1000);
  assert.ok(declarations.some(([name, property]) => name === 'style.css' && property === '--space-1'));
});

/* What grows with the letters keeps its look when somebody enlarges them. */
const LINES = /^(?:border|outline|box-shadow|--(?:bubble-)?shadow)/;
const CLIPPED = new Set(['width 1px', 'height 1px', 'gap 1px']);

test('only lines are as many pixels', () => {
  assert.deepEqual(failing((property, value) => {
    const sizes = [...value.matchAll(/([\d.]+)px/g)].map(([, n]) => Number(n));
    if (!sizes.length || CLIPPED.has(`${property} ${value}`)) return false;
    return !LINES.test(property) && Math.max(...sizes) > 2;
  }), []);
});

/* What is less than the first step corrects the eye, what is more than the last
 * is a place. */
const SPACE = /^(?:scroll-)?(?:margin|padding)(?:-|$)|^(?:row-|column-)?gap$|^inset(?:-|$)|^(?:top|bottom)$/;

test('what lies between things is a step of space', () => {
  assert.deepEqual(failing((property, value) =>
    SPACE.test(property) && [...value.matchAll(/([\d.]+)rem/g)].some(([, n]) => n >= 0.25 && n <= 2)), []);
});

/* One value a side, what is reckoned being one. */
function sidesOf(value) {
  let flat = value;
  while (flat.includes('(')) flat = flat.replace(/[\w-]*\([^()]*\)/, 'reckoned');
  return flat.split(/\s+/);
}

test('nothing is left or right, but where lines begin or end', () => {
  assert.deepEqual(failing((property, value) => {
    if (property === '--start') return false;
    if (/(?:^|-)(?:left|right)$|-(?:left|right)-/.test(property)) return true;
    if (/^(?:text-align|float|clear)$/.test(property)) return /^(?:left|right)$/.test(value);
    const sides = /^(?:padding|margin|inset)$/.test(property) && sidesOf(value);
    return sides && sides.length === 4 && sides[1] !== sides[3];
  }), []);
});

/* What goes round or waits is no way from one place to another. */
const GOES_ROUND = /infinite|\bfound\b|\blate\b/;

test('what moves takes as long as the token says', () => {
  assert.deepEqual(failing((property, value) =>
    /^(?:transition|animation)$/.test(property) && /\d/.test(value) && !value.includes('var(--motion)') && !GOES_ROUND.test(value)), []);
});
