/*
 * links - plain text cut into pieces: [{text}] or [{text, href}]. The page
 * renders pieces as text nodes and <a>, never as markup.
 */

const URL_PATTERN = /\b(?:https?:\/\/|www\.)[^\s<>"`\u0000-\u0020]+/giu;
const TRAILING = /[.,;:!?'"*_~\u2026]+$/u;
const PAIRS = { ')': '(', ']': '[', '}': '{' };

export function pieces(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(URL_PATTERN)) {
    const shown = trim(match[0]);
    const href = hrefOf(shown, text[match.index - 1]);
    if (!href) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push({ text: shown, href });
    end = match.index + shown.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

/* Punctuation after an address, and a bracket that it did not open, is prose. */
function trim(candidate) {
  let url = candidate.replace(TRAILING, '');
  for (;;) {
    const open = PAIRS[url.at(-1)];
    if (!open || count(url, open) >= count(url, url.at(-1))) return url;
    url = url.slice(0, -1).replace(TRAILING, '');
  }
}

const count = (text, character) => text.split(character).length - 1;

/* Also of www.a.example, unless it goes on a longer name; null: no address. */
function hrefOf(text, before = '') {
  const bare = /^www\./iu.test(text);
  if (bare && /[@./-]/u.test(before)) return null;
  const href = bare ? `https://${text}` : text;
  try {
    const { protocol, hostname } = new URL(href);
    const named = bare ? /^www(?:\.[^.]+){2,}$/u.test(hostname) : hostname !== '';
    return /^https?:$/.test(protocol) && named ? href : null;
  } catch {
    return null;
  }
}

