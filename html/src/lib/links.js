/*
 * links - plain text cut into pieces: [{text}] or [{text, href}], of the web or
 * of mail. The page renders pieces as text nodes and <a>, never as markup.
 *
 * Each character is looked at once, whatever the text is: no pattern that
 * goes back. `step` is called once for each look; a test counts them.
 */

const START = /\b(?:https?:\/\/|www\.)/giu;

/*
 * What an address ends before: blanks, controls, what is invisible or turns
 * the direction of writing; quotes and brackets but ASCII's own, emoji; and
 * CJK, where no blank stands between an address and what follows.
 */
const STOP = new RegExp(
  String.raw`[\s<>"\x60\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}` +
    String.raw`\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Extended_Pictographic}\p{RI}` +
    String.raw`\u1100-\u11FF\u2E80-\uA4CF\uA960-\uA97F\uAC00-\uD7FF\uF900-\uFAFF` +
    String.raw`\uFE10-\uFE1F\uFE30-\uFE4F\uFF00-\uFFEF` +
    String.raw`\u{1AFF0}-\u{1B2FF}\u{1F200}-\u{1F2FF}\u{20000}-\u{3FFFF}]`,
  'u',
);
/* At the end of an address it belongs to the sentence. */
const TRAILING = /[.,;:!?'*_~]|(?![\0-\x7F])\p{P}/u;
const OPENERS = { ')': '(', ']': '[', '}': '{' };
/* As long as RFC 5321 has it, section 4.5.3.1, and in a domain that has a dot. */
const MAIL = /(?<![\p{L}\p{N}._%+@/-])[\p{L}\p{N}_%+][\p{L}\p{N}._%+-]{0,63}@(?:[\p{L}\p{N}-]{1,63}\.){1,9}\p{L}{2,63}(?![\p{L}\p{N}@-])/gu;

export function pieces(text, step = () => {}) {
  const parts = [];
  let done = 0; // as far as there are pieces
  let match;
  START.lastIndex = 0;
  while ((match = START.exec(text))) {
    const { index } = match;
    const { end, stop } = span(text, index, START.lastIndex, step);
    START.lastIndex = stop;
    const shown = text.slice(index, end);
    const href = hrefOf(shown, text[index - 1]);
    if (!href) continue;
    addMails(parts, text.slice(done, index));
    parts.push({ text: shown, href });
    done = end;
  }
  addMails(parts, text.slice(done));
  return parts;
}

function addMails(parts, text) {
  let done = 0;
  for (const { 0: mail, index } of text.matchAll(MAIL)) {
    if (index > done) parts.push({ text: text.slice(done, index) });
    parts.push({ text: mail, href: `mailto:${encodeURI(mail)}` });
    done = index + mail.length;
  }
  if (done < text.length) parts.push({ text: text.slice(done) });
}

/*
 * Of the candidate at `from`, whose beginning ends at `begun`: where to go on
 * looking (stop), and where the address ends, without the punctuation after it
 * and before a bracket that it did not open.
 */
function span(text, from, begun, step) {
  const open = { '(': 0, '[': 0, '{': 0 };
  let end = begun;
  let at = begun;
  while (at < text.length) {
    step();
    const c = String.fromCodePoint(text.codePointAt(at));
    const opener = OPENERS[c];
    if (opener ? open[opener] === 0 : !(c in open) && STOP.test(c)) break;
    at += c.length;
    if (c in open) open[c] += 1;
    else if (opener) open[opener] -= 1;
    if (!(c in open) && !TRAILING.test(c)) end = at;
  }
  return { end, stop: at };
}

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
