/*
 * links - plain text cut into pieces: [{text}] or [{text, href}]. The page
 * renders pieces as text nodes and <a>, never as markup.
 */

const URL_PATTERN = /\bhttps?:\/\/[^\s<>"`\u0000-\u0020]+/giu;
const TRAILING = /[.,;:!?'"*_~\u2026]+$/u;
const PAIRS = { ')': '(', ']': '[', '}': '{' };

export function pieces(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(URL_PATTERN)) {
    const href = trim(match[0]);
    if (!isWebUrl(href)) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push({ text: href, href });
    end = match.index + href.length;
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

function isWebUrl(text) {
  try {
    const { protocol, hostname } = new URL(text);
    return /^https?:$/.test(protocol) && hostname !== '';
  } catch {
    return false;
  }
}

