/*
 * message-actions - what one may do with a message, how its menu moves and
 * where it stands, and what is shown of a message that is quoted.
 */

const QUOTE_MAX = 160; // code points, far more than one line shows

/* The names of the actions that a message offers to this person, in order. */
export function actionsFor(message, me) {
  if (!message._id || message.deleted || message.kind === 'system') return [];
  return message.sender === me ? ['reply', 'edit', 'delete'] : ['reply'];
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

const MOVES = {
  ArrowDown: (index, count) => (index + 1) % count,
  ArrowUp: (index, count) => (index + count - 1) % count,
  Home: () => 0,
  End: (index, count) => count - 1,
};

/* The entry that a key leads to from this one (-1: none yet), or null. */
export function menuMove(key, index, count) {
  if (!count || !Object.hasOwn(MOVES, key)) return null;
  return MOVES[key](key === 'ArrowUp' ? Math.max(index, 0) : index, count);
}

const GAP = 4; // pixels between the button and its menu
const EDGE = 8; // pixels to the edge of the window

const clamp = (value, max) => Math.max(EDGE, Math.min(value, max - EDGE));

/*
 * Where the menu goes, in pixels of the window: below its button, or above
 * where below is no room; towards the message, and never over an edge.
 */
export function placeMenu(button, menu, view, own) {
  const below = button.bottom + GAP;
  const above = button.top - GAP - menu.height;
  const fits = below + menu.height <= view.height - EDGE;
  const left = own ? button.left : button.right - menu.width;
  return {
    top: clamp(fits ? below : above, view.height - menu.height),
    left: clamp(left, view.width - menu.width),
  };
}
