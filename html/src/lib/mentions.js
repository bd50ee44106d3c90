/*
 * mentions - people named in a text: `@` and a name, which stays as it was typed
 * while they are shown as they are called today. Places are counted in code
 * points, as the server does.
 */

const MOST = 50;

/* What is being typed before the caret: {from, query} from its `@` on, or null. */
const TYPED = /(?:^|[\s([{«“"'])@([^\s@]{0,40}(?: [^\s@]{1,40})?)$/u;

export function typedAt(text, caret) {
  const match = TYPED.exec(text.slice(0, caret));
  return match ? { from: caret - match[1].length - 1, query: match[1] } : null;
}

/* Something that a name goes on with: @ann does not name anybody in @anna. */
const GOES_ON = /[\p{L}\p{N}_]/u;

/*
 * labels: {'@Ann': userId}. -> [{userId, start, length}] as the server wants
 * them; where two labels fit the longer one counts.
 */
export function mentionsIn(content, labels) {
  const known = Object.keys(labels).sort((a, b) => b.length - a.length);
  const found = [];
  let points = 0;
  for (let at = 0; at < content.length && found.length < MOST; ) {
    const label = content[at] === '@' && known.find((one) => fits(content, at, one));
    const text = label || String.fromCodePoint(content.codePointAt(at));
    const length = [...text].length;
    if (label) found.push({ userId: labels[label], start: points, length });
    at += text.length;
    points += length;
  }
  return found;
}

function fits(content, at, label) {
  if (!content.startsWith(label, at)) return false;
  const next = content.codePointAt(at + label.length);
  return next === undefined || !GOES_ON.test(String.fromCodePoint(next));
}

/* A text in parts: [{text}] or, where somebody is named, [{text, userId}]. */
export function namedParts(content, mentions = []) {
  if (!mentions.length) return [{ text: content }];
  const points = [...content];
  const parts = [];
  let done = 0;
  for (const { userId, start, length } of mentions) {
    if (start < done || start + length > points.length) continue;
    if (start > done) parts.push({ text: points.slice(done, start).join('') });
    parts.push({ text: points.slice(start, start + length).join(''), userId });
    done = start + length;
  }
  if (done < points.length) parts.push({ text: points.slice(done).join('') });
  return parts;
}

/* What was typed for whom: the labels of a message that is edited. */
export const labelsOf = ({ content, mentions = [] }) =>
  Object.fromEntries(
    namedParts(content, mentions)
      .filter(({ userId }) => userId)
      .map(({ text, userId }) => [text, userId]),
  );
