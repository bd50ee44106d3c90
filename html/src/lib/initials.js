/* initials - what a picture shows of a name: the first letters of its first two
 * words, past quotes and brackets; of a name without any, its first sign. */

const WORDS = /[^\s._-]+/gu;
const LETTER = /[\p{L}\p{N}]/u;

export function initialsOf(name) {
  const letters = (name.match(WORDS) ?? []).map((word) => LETTER.exec(word)?.[0]);
  const first = letters.filter(Boolean).slice(0, 2).join('');
  return first.toUpperCase() || ([...name.trim()][0] ?? '');
}
