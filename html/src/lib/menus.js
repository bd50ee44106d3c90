/* menus - how arrow keys move in a menu or a list, and where a menu stands in the
 * window. */

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

/* Where these keys lead in a list, which does not go on at its other end. */
export const STEPS = {
  ArrowDown: (index) => index + 1,
  ArrowUp: (index) => index - 1,
  Home: () => 0,
  End: (index, count) => count - 1,
};

/* Keys walk through the rows, up from the first to the search above; within the
 * search two of them are its own. */
export function walkRows(event, rows, search) {
  if (event.defaultPrevented || !Object.hasOwn(STEPS, event.key)) return;
  const at = rows.indexOf(document.activeElement);
  if (at < 0 && !(event.target.matches('[type=search]') && event.key.startsWith('Arrow'))) return;
  event.preventDefault();
  const to = STEPS[event.key](at, rows.length);
  if (to < 0) search.focus();
  else rows[to]?.focus();
}

const GAP = 4; // pixels between the button and its menu
const EDGE = 8; // pixels to the edge of the window

const clamp = (value, max) => Math.max(EDGE, Math.min(value, max - EDGE));

/*
 * Where the menu goes, in pixels of the window: below its button, or above
 * where below is no room; from the button's left edge on, or up to its right
 * one, and never over an edge.
 */
export function placeMenu(button, menu, view, fromLeft) {
  const below = button.bottom + GAP;
  const above = button.top - GAP - menu.height;
  const fits = below + menu.height <= view.height - EDGE;
  const left = fromLeft ? button.left : button.right - menu.width;
  return {
    top: clamp(fits ? below : above, view.height - menu.height),
    left: clamp(left, view.width - menu.width),
  };
}
