// Comes after the integration tests of one run, whose notes PALABRE_SEEN names:
// everything that is described was met.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { askedEvents, heardEvents, operations } from '../support/description.mjs';

const file = process.env.PALABRE_SEEN;
const skip = file && existsSync(file) ? false : 'the integration tests did not run before';
const seen = new Set(skip ? [] : readFileSync(file, 'utf8').split('\n'));

test('every answer that is described was met', { skip }, () => {
  const described = operations.flatMap(({ method, path, operation }) =>
    Object.keys(operation.responses).map((status) => `${method} ${path} ${status}`));
  assert.deepEqual(described.filter((answer) => !seen.has(answer)), []);
});

test('every event that is described was met', { skip }, () => {
  const described = Object.keys(heardEvents).map((name) => `event ${name}`);
  assert.deepEqual(described.filter((event) => !seen.has(event)), []);
});

test('every event of a client was met, well done and refused', { skip }, () => {
  const described = Object.keys(askedEvents).flatMap((name) =>
    ['ok', 'refused'].map((how) => `acknowledgement ${name} ${how}`));
  assert.deepEqual(described.filter((answer) => !seen.has(answer)), []);
});

test('nothing else was met', { skip }, () => {
  assert.deepEqual([...seen].filter((line) => line.startsWith('violation')), []);
});
