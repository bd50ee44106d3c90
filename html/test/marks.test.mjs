import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markedName, markedParts } from '../src/lib/marks.js';

/* As "a [marked] text". */
const shown = (text, query) =>
  markedParts(text, query).map((part) => (part.marked ? `[${part.text}]` : part.text)).join('');

test('words are marked where they begin one, without regard to case and accents', () => {
  assert.equal(shown('The Café in the cafeteria, decaf', 'cafe'), 'The [Café] in the [cafe]teria, decaf');
  assert.equal(shown('red and blue', 'blue "red and"'), '[red] [and] [blue]');
  assert.equal(shown('L’École', 'ecole'), 'L’[École]');
  assert.equal(shown('Straße', 'strasse'), '[Straße]');
  assert.equal(shown('nothing', 'else'), 'nothing');
  assert.equal(shown('nothing', '" !'), 'nothing');
});

test('scripts without blanks are marked anywhere', () => {
  assert.equal(shown('我昨天去了东京大学', '东京'), '我昨天去了[东京]大学');
  assert.equal(shown('東京タワー', 'タワー'), '東京[タワー]');
});

test('a long text is shown from a little before what was found', () => {
  const parts = markedParts(`${'word '.repeat(100)}needle in it`, 'needle');
  assert.equal(parts[0].text.length, 25);
  assert.deepEqual(parts.slice(1), [{ text: 'needle', marked: true }, { text: ' in it', marked: false }]);
});

test('in a name it is marked where it begins a word, else within one, and all of the name stays', () => {
  const marked = (name, query) => markedName(name, query).map(({ text, marked: is }) => (is ? `[${text}]` : text)).join('');
  assert.equal(marked('François-Xavier', 'xav'), 'François-[Xav]ier');
  assert.equal(marked('Élodie Lefèvre', 'e'), '[É]lodie Lefèvre');
  assert.equal(marked('Élodie Martin', 'tin elo'), '[Élo]die Mar[tin]');
  assert.equal(marked('  A name with much before what is looked for', 'looked'), '  A name with much before what is [looked] for');
  assert.equal(marked('Ben', ''), 'Ben');
  assert.equal(marked('Ben', 'zz'), 'Ben');
});
