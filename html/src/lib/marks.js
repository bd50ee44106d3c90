/*
 * marks - where a text has the words that one looks for: the same words as the
 * server finds, without regard to case and accents.
 */

import { foldName } from './fold.js';

const WORD = /[\p{L}\p{N}]/u;
/* Scripts that are written without blanks. */
const WHOLE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const BEFORE = 24; // code points that an excerpt shows before the first mark

/* The words of a text, each sign with where it stands: [{sign, at}] */
function signsOf(points) {
  return points.flatMap((point, at) => [...foldName(point)].map((sign) => ({ sign, at })));
}

const wordsOf = (query) =>
  foldName(query.replace(/[^\p{L}\p{N}\p{M}\p{So}]+/gu, ' ')).split(' ').filter(Boolean);

/* Which code points are marked: a word where it begins one; where it begins none,
 * and one looks within words, wherever it is. */
function markedPoints(points, query, within = false) {
  const signs = signsOf(points);
  const folded = signs.map(({ sign }) => sign).join('');
  const starts = [];
  for (let i = 0, n = 0; n < signs.length; i += signs[n].sign.length, n += 1) starts[i] = n;
  const begins = (n) =>
    n === 0 || !WORD.test(signs[n - 1].sign) || signs[n - 1].at !== signs[n].at - 1 || WHOLE.test(signs[n].sign);
  const marked = new Set();
  for (const word of wordsOf(query)) {
    const all = [];
    for (let i = folded.indexOf(word); i >= 0; i = folded.indexOf(word, i + 1)) all.push(starts[i]);
    const first = all.filter(begins);
    for (const n of first.length || !within ? first : all) {
      for (let k = n; k < n + [...word].length; k += 1) marked.add(signs[k].at);
    }
  }
  return marked;
}

/* A line of it from a little before the first mark on: [{text, marked}] */
export function markedParts(text, query) {
  const points = [...text.replace(/\s+/gu, ' ').trim()];
  const marked = markedPoints(points, query);
  const first = Math.min(...marked, points.length);
  const from = first < points.length && first > BEFORE ? first - BEFORE : 0;
  return partsOf(points, marked, from);
}

/* All of a name; people are found by any part of it. */
export function markedName(name, query) {
  const points = [...name];
  return partsOf(points, markedPoints(points, query, true), 0);
}

function partsOf(points, marked, from) {
  const parts = from ? [{ text: '…', marked: false }] : [];
  for (let i = from; i < points.length; i += 1) {
    const last = parts.at(-1);
    if (last && last.marked === marked.has(i)) last.text += points[i];
    else parts.push({ text: points[i], marked: marked.has(i) });
  }
  return parts;
}
