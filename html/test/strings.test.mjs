import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { limits, refusals } from '../src/lib/generated.js';
import { add, messages } from '../src/lib/strings.js';
import { deskWords } from '../src/lib/strings-desk.js';
import { guestWords } from '../src/lib/strings-guest.js';

for (const words of [guestWords, deskWords]) add(words); // all pages' words, as if they were one's

/* [key, text] of every text, plurals one by one. */
const textsOf = (language) =>
  Object.entries(messages[language]).flatMap(([key, text]) => [text].flat().map((one) => [key, one]));
const failing = (language, wrong) =>
  textsOf(language).filter(([, text]) => wrong(text)).map(([key, text]) => `${key}: ${text}`);

test('both languages have the same words, with the same gaps and plurals', () => {
  const gaps = (text) => [text].flat().map((one) => [...new Set(one.match(/\{\w+\}/g))].sort().join());
  assert.deepEqual(Object.keys(messages.fr), Object.keys(messages.en));
  for (const [key, text] of Object.entries(messages.en)) {
    assert.equal(Array.isArray(messages.fr[key]), Array.isArray(text), key);
    assert.deepEqual(gaps(messages.fr[key]).at(-1), gaps(text).at(-1), key);
  }
});

test('French ties its punctuation to the word before it', () => {
  assert.deepEqual(failing('fr', (text) =>
    /[^\u00a0\u202f][;!?»]/u.test(text) || /[^\u00a0\u202f]:(?!\d)/u.test(text) || /«[^\u00a0\u202f]/u.test(text)), []);
  assert.deepEqual(failing('fr', (text) => /\{n\} |['"]|\.\.\./u.test(text)), []);
});

test('French does not say whether one is a man or a woman', () => {
  const gendered = /\b(vous (?:êtes|avez été|serez|étiez) \p{L}+[ée]\b|vue?s? |nouveaux? ici|connectée? |tout ouïe|prête? |inscrite? |invitée? )/iu;
  assert.deepEqual(failing('fr', (text) => gendered.test(text)), []);
});

test('English has curly quotes and a single ellipsis', () => {
  assert.deepEqual(failing('en', (text) => /['"]|\.\.\./u.test(text)), []);
});

const root = new URL('../src/', import.meta.url);
const sources = ['', 'components/', 'lib/', 'stores/']
  .flatMap((folder) => readdirSync(new URL(folder, root)).map((name) => folder + name))
  .filter((name) => /\.(?:vue|js)$/.test(name) && !/strings/.test(name))
  .map((name) => [name, readFileSync(new URL(name, root), 'utf8')]);

/* Keys in whole, and beginnings that are completed: t(`menu.${name}`). */
const used = new Set();
const begun = new Set();
for (const [, source] of sources) {
  for (const [, key] of source.matchAll(/['"`]([a-z]+\.[\w.]+|retry|because)['"`]/gi)) used.add(key);
  for (const [, start] of source.matchAll(/`([a-z]+\.(?:\w+\.)*)\$\{/gi)) begun.add(start);
}

test('every text is used, and none is missing', () => {
  const unused = Object.keys(messages.en).filter((key) =>
    !used.has(key) && ![...begun].some((start) => key.startsWith(start)));
  assert.deepEqual(unused, []);
  const groups = new Set(Object.keys(messages.en).map((key) => key.split('.')[0]));
  const missing = [...used].filter((key) => groups.has(key.split('.')[0]) && !(key in messages.en)
    && sources.some(([, source]) => new RegExp(`\\bt\\([^)]*['"\`]${key}['"\`]`).test(source)));
  assert.deepEqual(missing, []);
});

test('text in a template is only what t() gives', () => {
  const bare = sources.filter(([name]) => name.endsWith('.vue')).flatMap(([name, source]) => {
    const template = source.slice(source.indexOf('<template>'), source.lastIndexOf('</template>'));
    const words = template.replace(/<!--[^]*?-->|\{\{[^]*?\}\}/g, '').replace(/<(?:"[^"]*"|[^>"])*>/g, ' ');
    return words.match(/[\p{L}:;!?]+/gu)?.map((word) => `${name}: ${word}`) ?? [];
  });
  assert.deepEqual(bare, ['components/EntryCard.vue: Palabre', 'components/GuestRoom.vue: Palabre', 'components/Messenger.vue: Palabre']);
});

test('the limits and refusals are the server\'s own', () => {
  assert.ok(limits.content > 0 && limits.usernameMin < limits.username);
  assert.match(messages.en['field.usernameLength'], new RegExp(`${limits.usernameMin} .*${limits.username}`));
  for (const [code, words] of Object.entries(refusals)) {
    if (code !== 'timeout') assert.equal(messages.en[`error.${code}`], words);
    assert.ok(messages.fr[`error.${code}`], code);
  }
});
