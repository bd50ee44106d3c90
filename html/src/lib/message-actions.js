/*
 * message-actions - what one may do with a message, and what is shown of one
 * that is quoted.
 */

const QUOTE_MAX = 160; // code points, far more than one line shows

/* What nobody says, and what one does not get to see. */
const MUTE = new Set(['system', 'hidden']);

/* The names of the actions that a message offers to this person, in order.
 * reports: they may show it to the operators; fixed: nobody changes it; selects:
 * they may take several, and send them elsewhere. */
export function actionsFor(message, me, { reports = false, fixed = false, selects = false } = {}) {
  if (!message._id || message.deleted || MUTE.has(message.kind)) return [];
  const own = message.sender === me;
  const mine = own && !fixed;
  const words = message.content !== '';
  return [
    'reply',
    words && 'copy',
    selects && 'forward',
    mine && words && 'edit',
    selects && 'select',
    mine && 'delete',
    !own && reports && 'report',
  ].filter(Boolean);
}

/* Its text on one line, without what turns a line into a page. */
export function excerpt(content) {
  const points = [...content.replace(/\s+/g, ' ').trim()];
  return points.length > QUOTE_MAX
    ? `${points.slice(0, QUOTE_MAX - 1).join('')}…`
    : points.join('');
}

/*
 * What a reply shows of its original: null when there is none, {message:
 * null, state} when it is not loaded. `find` gives a message by id, or
 * undefined; `search` is how the one that is looked for fares: {id, state}.
 */
export function quoteFor({ replyTo }, find, search = {}) {
  if (!replyTo) return null;
  const state = replyTo === search.id ? search.state : '';
  return { message: find(replyTo) ?? null, state };
}
