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

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

/* Up and down walk through the rows, up from the first to the search above. */
export function walkRows(event, rows, search) {
  const step = STEPS[event.key];
  if (!step) return;
  const at = rows.indexOf(document.activeElement);
  if (at < 0 && !event.target.matches('[type=search]')) return;
  event.preventDefault();
  if (at + step < 0) search.focus();
  else rows[at + step]?.focus();
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
