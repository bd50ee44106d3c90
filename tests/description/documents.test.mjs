// docs/openapi.json and docs/asyncapi.yaml are what they say they are, and
// name what the programs' tables name, no more and no less.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv from 'ajv';
import { asyncapi, askedEvents, openapi, operations } from '../support/description.mjs';
import { top } from '../support/stack.mjs';
import { refusals } from '../../html/src/lib/generated.js';
import { en } from '../../html/src/lib/strings-en.js';
import { fr } from '../../html/src/lib/strings-fr.js';

const source = (name) => readFileSync(path.join(top, name), 'utf8');
/* Parameters by place, not by name. */
const shape = (route) => route.replace(/\{\w+\}|:\w+/g, '{}');

test('docs/openapi.json is OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(openapi));
  assert.ok(valid, JSON.stringify(errors));
  assert.match(openapi.openapi, /^3\.1\./);
});

test('docs/asyncapi.yaml is AsyncAPI 3.0', () => {
  const schema = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json');
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const validate = ajv.compile(schema);
  assert.ok(validate(asyncapi), JSON.stringify(validate.errors));
});

test('every route is described, and nothing else is', () => {
  const routes = [...source('fcgi-app/routes/routes.c').matchAll(/\{"([A-Z]+)", "([^"]+)"/g)]
    .map(([, method, pattern]) => `${method} ${shape(pattern)}`)
    .filter((route) => route.includes(' /api/'));
  assert.ok(routes.length > 10);
  assert.deepEqual(operations.map(({ method, path: at }) => `${method} ${shape(at)}`).sort(),
    routes.sort());
});

test('every event a client may ask for is described, and nothing else is', () => {
  const [, rows] = source('push-daemon/hub/hub_events.c').match(/event_row rows\[\] = \{([^]*?)\n\};/);
  const names = [...rows.matchAll(/\{"([^"]+)"/g)].map(([, name]) => name);
  assert.ok(names.length > 3);
  assert.deepEqual(Object.keys(askedEvents).sort(), names.sort());
});

test('operations have names of their own', () => {
  const names = operations.map(({ operation }) => operation.operationId);
  assert.deepEqual(names, [...new Set(names)]);
});

/* Every schema of an object below value: its place. */
function openObjects(value, place = '') {
  if (value === null || typeof value !== 'object') return [];
  const open = value.type === 'object' && value.properties &&
    value.additionalProperties === undefined ? [place] : [];
  return [...open, ...Object.entries(value).flatMap(([key, child]) =>
    openObjects(child, `${place}/${key}`))];
}

test('what the server says has no members but those described', () => {
  const said = {
    schemas: openapi.components.schemas,
    events: asyncapi.components.messages,
    shared: asyncapi.components.schemas,
    answers: Object.fromEntries(operations.map(({ operation }) =>
      [operation.operationId, operation.responses])),
  };
  const asked = [...Object.entries(asyncapi.components.messages)
    .filter(([, { name }]) => Object.hasOwn(askedEvents, name))
    .map(([key]) => `/events/${key}/`), '/shared/Place', '/shared/Where'];
  const open = openObjects(said)
    .filter((place) => !asked.some((start) => place.startsWith(start)))
    // Which of Error's codes an answer has; and the description itself.
    .filter((place) => !/\/allOf\/1(\/properties\/error)?$/.test(place))
    .filter((place) => !place.startsWith('/answers/getDescription/200/'));
  assert.deepEqual(open, []);
});

/* ---- guides ---- */

const guides = { 'docs/user.md': en, 'docs/user.fr.md': fr };
for (const [guide, strings] of Object.entries(guides)) {
  test(`${guide} calls things what the page calls them`, () => {
    const shown = new Set([...Object.values(strings), ...(strings === en ? Object.values(refusals) : [])].flat());
    const named = [...source(guide).matchAll(/\*\*([^*]+)\*\*/g)].map(([, words]) => words);
    assert.ok(named.length > 30);
    assert.deepEqual(named.filter((words) => !shown.has(words)), []);
  });
}

test('both guides have the same sections, tables and numbers', () => {
  const outline = (text) => text.split('\n')
    .map((line) => line.match(/^(#+ |\| ?\*?\*?)/)?.[0][0]).filter(Boolean).join('');
  const [english, french] = Object.keys(guides).map(source);
  assert.equal(outline(french), outline(english));
});

/* The first cell of each row; what has a blank in it is said by a program. */
test('the symptoms that docs/operators.md quotes are words of the programs', () => {
  const text = source('docs/operators.md');
  const table = text.slice(text.indexOf('## When something is wrong'));
  const quotes = [...table.matchAll(/^\| ([^|]*)\|([^|]*)\|/gm)].flatMap(([, seen, where]) =>
    [...`${seen} ${where}`.matchAll(/`([^`]+)`/g)].map(([, words]) => words))
    .filter((words) => words.includes(' ') && !/^(palabre|systemctl|journalctl|namei|ss|nginx -|fuser|df|preview =)/.test(words));
  assert.ok(quotes.length > 6);
  const said = execFileSync('git', ['-c', `safe.directory=${path.resolve(top)}`, 'grep', '-h', '', '--',
    'run', 'tools', 'shared', 'fcgi-app', 'push-daemon', 'ctl'], { cwd: top, encoding: 'utf8', maxBuffer: 1 << 28 })
    .replace(/"\n?\s*"/g, '');
  assert.deepEqual(quotes.filter((words) => !said.includes(words)), []);
});
