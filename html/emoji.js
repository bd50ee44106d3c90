/*
 * The emoji of each language, made of what npm has of them: src/emoji-LANGUAGE.json,
 * groups of [emoji, name, short names, words], which the page fetches when
 * somebody wants one. Those that the systems of today may not have a picture
 * for are left out.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const LANGUAGES = ['en', 'fr'];
const NEWEST = 15; // of Unicode's emoji
const COMPONENTS = 2; // skins and hair alone are none to choose

const read = (name) =>
  JSON.parse(readFileSync(new URL(`node_modules/emojibase-data/${name}.json`, import.meta.url), 'utf8'));

/* Names with colons are the same for all who chat: those that others have, too. */
function rowOf({ emoji, label, hexcode, tags = [] }, codes) {
  return [emoji, label, [codes[hexcode] ?? []].flat().join(' '), tags.join(' ')];
}

export function emojiOf(language) {
  const codes = read('en/shortcodes/github');
  const all = read(`${language}/data`)
    .filter(({ group, version }) => group !== undefined && group !== COMPONENTS && version <= NEWEST)
    .sort((a, b) => a.order - b.order);
  return read(`${language}/messages`).groups
    .filter(({ order }) => order !== COMPONENTS)
    .map(({ order, message }) => ({
      name: message,
      emoji: all.filter(({ group }) => group === order).map((one) => rowOf(one, codes)),
    }));
}

export function makeEmoji() {
  for (const language of LANGUAGES) {
    const out = new URL(`src/emoji-${language}.json`, import.meta.url);
    const text = JSON.stringify(emojiOf(language));
    if (!existsSync(out) || readFileSync(out, 'utf8') !== text) writeFileSync(out, text);
  }
}

/* For Vite: before anything asks for them. */
export const emojiPlugin = () => ({ name: 'palabre-emoji', buildStart: makeEmoji });
