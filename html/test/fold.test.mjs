import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldName, matcher } from '../src/lib/fold.js';
import { callOf, handleOf } from '../src/lib/names.js';

test('names are sought without accents, case, apostrophes and doubled blanks', () => {
  /* the same pairs as in tests/unit/shared/test_text.c */
  const pairs = {
    'Hélène': 'helene', '  Jean   PAUL\t': 'jean paul', 'O’Hara': 'ohara', "O'Hara": 'ohara', 'Łukasz Øst': 'lukasz ost',
    'Straße': 'strasse', 'Æsop œuvre Đorđe Þór': 'aesop oeuvre dorde thor', 'ΆΝΝΑ ά': 'αννα α', 'ﬁnn Ａｎｎ': 'finn ann',
    'Ёлка': 'елка', 'ıİ': 'ii', 'a\u200db': 'ab', '\'’ \u00a0': '',
  };
  for (const [name, sought] of Object.entries(pairs)) assert.equal(foldName(name), sought);
});

test('the words of a search may come in any order, from either name', () => {
  const has = (query, ...names) => matcher(query)(...names);
  assert.equal(has('d’arc  HELENE', 'Hélène d\'Arc', 'len17'), true);
  assert.equal(has('len17 arc', 'Hélène d\'Arc', 'len17'), true);
  assert.equal(has('helene anne', 'Hélène d\'Arc', 'len17'), false);
  assert.equal(has('arclen', 'Hélène d\'Arc', 'len17'), false);
  assert.equal(has(' ’ ', 'Hélène'), false);
});

test('a username is shown where the name is another', () => {
  assert.equal(handleOf({ username: 'ann', displayName: 'Ann' }), '');
  assert.equal(handleOf({ username: 'ann', displayName: '' }), '');
  assert.equal(handleOf({ username: 'ann', displayName: 'Anne' }), '@ann');
  assert.equal(callOf({ username: 'ann', displayName: 'Anne' }), 'Anne @ann');
  assert.equal(callOf(undefined), '…');
});
