// The old system's wire: every promise of every row, kept.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { cases as flask } from './flask.cases.mjs';
import { cases as rest } from './rest.cases.mjs';
import { later, rows } from './rows.mjs';
import { cases as sockets } from './socket.cases.mjs';
import { cases as whole } from './whole.cases.mjs';
import { world } from './world.mjs';

const cases = { ...rest, ...sockets, ...whole, ...flask };

before(() => world.start());
after(() => world.stop());

/* Of {row: {promise: case}} or {row: [promise]}: every "row: promise", sorted. */
function quoted(of) {
  return Object.entries(of).flatMap(([row, promises]) =>
    (Array.isArray(promises) ? promises : Object.keys(promises))
      .map((promise) => `${row}: ${promise}`)).sort();
}

test('every row is quoted by a case, and every case quotes a row', () => {
  assert.deepEqual(quoted(cases), quoted(rows));
  for (const [row, why] of Object.entries(later)) assert.ok(why && !(row in rows), row);
});

for (const [row, promises] of Object.entries(cases)) {
  describe(row, () => {
    for (const [promise, run] of Object.entries(promises)) test(promise, run);
  });
}
