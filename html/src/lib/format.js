/*
 * format - what people mark in a text as they do elsewhere: *bold*, _italic_,
 * ~struck~, `code`, ```blocks``` of it, and lines that begin with `> `, `- ` or `* `.
 * It gives pieces to be shown as text, never markup, and leaves what is no mark as
 * it was typed.
 *
 * A mark opens before a word and closes after one, on the same line, so that
 * snake_case and 2 * 3 stay. No pattern goes back: each character is looked at
 * a bounded number of times.
 */

import { pieces } from './links.js';
import { namedParts } from './mentions.js';

const MARKS = { '*': 'bold', _: 'italic', '~': 'struck', '`': 'code' };
const ANY = /[*_~`]|^(?:> |- )/m; // a `* ` is there with the stars
const FENCE = '```';
const WORD = /[\p{L}\p{N}]/u;
const SPACE = /\s/;

/*
 * -> lines of [{kind, parts}], kind: text, quote, item or block; parts: [{text,
 * marks, href | userId}], marks: names of what MARKS says.
 */
export function formatted(content, mentions) {
  const units = unitsOf(content, mentions);
  if (!ANY.test(content)) return [{ kind: 'text', parts: joined(units, []) }];
  return cut(units).flatMap(({ block, inside }) => (block ? asBlock(inside) : asLines(inside)));
}

/* A character each, but for addresses and names, which are one. */
function unitsOf(content, mentions) {
  return namedParts(content, mentions).flatMap((part) =>
    (part.userId ? [part] : pieces(part.text).flatMap((piece) => (piece.href ? [piece] : [...piece.text]))));
}

const isFence = (units, at) => [0, 1, 2].every((i) => units[at + i] === FENCE[i]);

/* Where a block begins and ends; one that does not end is none. */
function cut(units) {
  const fences = [];
  for (let at = 0; at + 2 < units.length; at += 1) {
    if (isFence(units, at)) {
      fences.push(at);
      at += 2;
    }
  }
  const parts = [];
  let done = 0;
  for (let i = 0; i + 1 < fences.length; i += 2) {
    const [from, to] = [fences[i], fences[i + 1]];
    if (to === from + 3) continue;
    /* the breaks before and after it are its own */
    const before = units[from - 1] === '\n' ? from - 1 : from;
    parts.push({ inside: units.slice(done, before) }, { block: true, inside: units.slice(from + 3, to) });
    done = units[to + 3] === '\n' ? to + 4 : to + 3;
  }
  return [...parts, { inside: units.slice(done) }].filter(({ inside }) => inside.length);
}

const asBlock = (units) => {
  const text = units.map((unit) => unit.text ?? unit).join('');
  return [{ kind: 'block', parts: [{ text: text.replace(/^\n|\n$/g, ''), marks: [] }] }];
};

/* Neighbours of one kind are one, but for the items of a list. */
function asLines(units) {
  const lines = [];
  let line = [];
  const end = () => {
    const kind = line[1] === ' ' ? ({ '>': 'quote', '-': 'item', '*': 'item' }[line[0]] ?? 'text') : 'text';
    const inside = kind === 'text' ? line : line.slice(2);
    const last = lines.at(-1);
    const parts = marked(inside, []);
    if (last?.kind === kind && kind !== 'item') last.parts.push({ text: '\n', marks: [] }, ...parts);
    else lines.push({ kind, parts });
    line = [];
  };
  for (const unit of units) {
    if (unit === '\n') end();
    else line.push(unit);
  }
  end();
  return lines;
}

const isWord = (unit) => unit !== undefined && (typeof unit !== 'string' || WORD.test(unit));
const isBlank = (unit) => unit === undefined || (typeof unit === 'string' && SPACE.test(unit));

const opens = (units, at) => !isWord(units[at - 1]) && units[at - 1] !== units[at] && !isBlank(units[at + 1]) && units[at + 1] !== units[at];
const closes = (units, at) => !isWord(units[at + 1]) && units[at + 1] !== units[at] && !isBlank(units[at - 1]);

/* Of one line. The last place where each mark closes says whether it is worth
 * looking for it. */
function marked(units, marks) {
  const parts = [];
  let done = 0;
  const closing = {};
  units.forEach((unit, at) => {
    if (MARKS[unit] && closes(units, at)) (closing[unit] ??= []).push(at);
  });
  for (let at = 0; at < units.length; at += 1) {
    const mark = MARKS[units[at]];
    if (!mark || marks.includes(mark) || !opens(units, at)) continue;
    const ends = closing[units[at]] ?? [];
    while (ends.length && ends[0] <= at + 1) ends.shift();
    if (!ends.length) continue;
    const inside = units.slice(at + 1, ends[0]);
    const within = [...marks, mark];
    parts.push(...joined(units.slice(done, at), marks));
    parts.push(...(mark === 'code' ? joined(inside, within) : marked(inside, within)));
    at = ends[0];
    done = at + 1;
  }
  return [...parts, ...joined(units.slice(done), marks)];
}

function joined(units, marks) {
  const parts = [];
  for (const unit of units) {
    const last = parts.at(-1);
    if (typeof unit !== 'string') parts.push({ ...unit, marks });
    else if (last && !last.href && !last.userId) last.text += unit;
    else parts.push({ text: unit, marks });
  }
  return parts;
}
