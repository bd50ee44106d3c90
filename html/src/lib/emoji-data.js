/*
 * emoji-data - all emoji with their names, fetched when somebody wants one, and
 * how they are found: by `:smile:`, as others write them, or by words of their
 * names.
 */

import { foldName, matcher } from './fold.js';

const LOADERS = {
  en: () => import('../emoji-en.json'),
  fr: () => import('../emoji-fr.json'),
};
const loaded = {};

/* -> [{name, emoji: [[emoji, name, short names, words]]}] */
export async function loadEmoji(language) {
  loaded[language] ??= LOADERS[language]().then((module) => module.default);
  try {
    return await loaded[language];
  } catch (error) {
    delete loaded[language]; // once more when it is wanted again
    throw error;
  }
}

const NAMED = 100; // more signs than a short name has
const SAID = 101;

/* How well it is what is meant, 0 the best: by how much is missing of a short
 * name, then by its name, then by what else it is called. */
function rank([, name, codes], query) {
  const begun = codes.split(' ').filter((code) => code.startsWith(query));
  if (begun.length) return Math.min(...begun.map(({ length }) => length - query.length));
  return foldName(name).startsWith(query) ? NAMED : SAID;
}

export function findEmoji(groups, text, most) {
  const query = foldName(text.replaceAll('_', ' ')).replaceAll(' ', '_');
  const matches = matcher(text.replaceAll('_', ' '));
  const found = groups
    .flatMap(({ emoji }) => emoji)
    .filter(([, name, codes, words]) => matches(name, codes.replaceAll('_', ' '), words));
  const ranks = new Map(found.map((row) => [row, rank(row, query)]));
  return found.sort((a, b) => ranks.get(a) - ranks.get(b) || a[1].length - b[1].length).slice(0, most);
}

/* The one that is called so, or undefined. */
export const emojiCalled = (groups, code) =>
  groups.flatMap(({ emoji }) => emoji).find(([, , codes]) => codes.split(' ').includes(code))?.[0];

/* What is being typed before the caret: {from, query, whole} from its `:` on, or
 * null; whole: a second colon ends it. Two signs at least: `:)` is none. */
const TYPED = /(?:^|[\s([{«“"'])(:([\p{L}\p{N}_+-]{2,40})(:?))$/u;

export function emojiTypedAt(text, caret) {
  const match = TYPED.exec(text.slice(0, caret));
  if (!match) return null;
  return { from: caret - match[1].length, query: match[2], whole: match[3] !== '' };
}
