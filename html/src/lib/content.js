/*
 * content - what of the typed words becomes a message: blank lines before and
 * white space behind go, the indent of the first line stays (code has one), and
 * there must be something to be seen, by the server's rule.
 */

const BREAK = /[\n\r\u0085\u2028\u2029]/;

/* Blanks, controls and what no font shows: joiners, fillers, selectors, marks
 * of direction, the empty Braille cell. */
const UNSEEN =
  /[\s\p{Cc}\p{Z}\p{Default_Ignorable_Code_Point}\u2800\uFFF9-\uFFFB]/u;

export function tidy(text) {
  const kept = text.trimEnd();
  let from = 0;
  for (let at = 0; /\s/.test(kept[at] ?? 'x'); at += 1) {
    if (BREAK.test(kept[at])) from = at + 1;
  }
  return kept.slice(from);
}

export function isVisible(text) {
  for (const c of text) if (!UNSEEN.test(c)) return true;
  return false;
}

export const lengthOf = (text) => [...tidy(text)].length;
