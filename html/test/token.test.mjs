import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimsOf, isDue } from '../src/lib/token.js';

const DAY = 86400e3;
const NOON = Date.UTC(2026, 0, 1, 12);
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
/* One that the server made when its own clock showed `at`. */
const made = (at, days = 7) => {
  const iat = at / 1000;
  return `e30.${encode({ sub: '>>>???', iat, exp: iat + days * 86400 })}.c2ln`;
};

test('the claims of a token are read, those of a word are none', () => {
  assert.equal(claimsOf(made(NOON)).exp, NOON / 1000 + 7 * 86400);
  for (const token of [null, '', 'word', 'a.b.c', 'a.!.c']) assert.equal(claimsOf(token), null);
});

test('a token is due once a seventh of its life has passed', () => {
  const kept = { token: made(NOON), since: NOON };
  assert.equal(isDue(kept, NOON), false);
  assert.equal(isDue(kept, NOON - 5), false, 'another tab is never quite at the same time');
  assert.equal(isDue(kept, NOON + DAY - 1), false);
  assert.equal(isDue(kept, NOON + DAY), true);
  assert.equal(isDue(kept, NOON + 6 * DAY), true);
  assert.equal(isDue({ token: made(NOON, 1), since: NOON }, NOON + Math.ceil(DAY / 7)), true);
});

test('a clock that is wrong by years makes no token due', () => {
  const wrong = NOON - 3 * 365 * DAY;
  assert.equal(isDue({ token: made(NOON), since: wrong }, wrong + DAY - 1), false);
  assert.equal(isDue({ token: made(NOON), since: wrong }, wrong + DAY), true);
});

test('one of an unknown time, or of the future, is due at once', () => {
  assert.equal(isDue({ token: made(NOON) }, NOON), true);
  assert.equal(isDue({ token: made(NOON), since: NOON + DAY }, NOON), true);
});

test('what says nothing of its life is never due', () => {
  assert.equal(isDue({ token: 'a.b.c', since: 0 }, NOON), false);
  assert.equal(isDue({ token: made(NOON, 0), since: 0 }, NOON), false);
});
