/*
 * keep-focus - what has the focus may go by its own press, or be moved; browsers
 * leave the focus nowhere then, and the Tab key begins anew. Who knows where one
 * wants to be says so within the same task; else it is what had it, where it is
 * now, or what is nearest: in what was after it, before it, around it.
 */

/* No fields: a touch keyboard would come up. Rows of a list are links. */
const PLACES = 'a[href]:not(.skip), button:not([tabindex="-1"]), select';

let last = null; // what had the focus
let gone = null; // the record of how it went

export const isNowhere = () => document.activeElement === document.body;

/* What is hidden, disabled or under a dialog does not take it. */
function takes(element) {
  element.focus({ preventScroll: true });
  return document.activeElement === element;
}

function placesIn(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return [];
  const inside = [...node.querySelectorAll(PLACES)];
  return node.matches(PLACES) ? [node, ...inside] : inside;
}

/* Beside a place in parent: the one before `next`, or its end. */
function takesBeside(parent, next) {
  for (let node = next; node; node = node.nextSibling) {
    if (placesIn(node).some(takes)) return true;
  }
  for (let node = next ? next.previousSibling : parent.lastChild; node; node = node.previousSibling) {
    if (placesIn(node).reverse().some(takes)) return true;
  }
  return false;
}

function takesNear({ target, nextSibling }) {
  let parent = target;
  let next = nextSibling?.parentNode === target ? nextSibling : null;
  while (parent?.isConnected && parent.parentElement !== document.body) {
    if (parent.matches('[tabindex]') && takes(parent)) return true;
    if (takesBeside(parent, next)) return true;
    next = parent.nextSibling;
    parent = parent.parentElement;
  }
  return false;
}

/* Where all of the page is another it is the beginning, when there is one. */
function settle() {
  if (!gone || !isNowhere()) return;
  if ((last.isConnected && takes(last)) || takesNear(gone)) return;
  const begin = document.querySelector('dialog[open]') ?? document.body;
  placesIn(begin).some(takes);
}

const took = ({ removedNodes }) => [...removedNodes].some((node) => node.contains(last));

function changed(records) {
  if (!last || !isNowhere()) return;
  gone ??= records.find((record) => record.target.isConnected && took(record)) ?? null;
  if (gone) setTimeout(settle);
}

export function keepFocus() {
  addEventListener('focusin', ({ target }) => {
    last = target;
    gone = null;
  });
  new MutationObserver(changed).observe(document.body, { childList: true, subtree: true });
}
