/*
 * chat-window - which of a conversation's messages the page holds: `items`, a
 * run without a hole that is never long, whatever was scrolled through. What
 * comes before it (`more`) or after it (`later`) is paged to.
 */

export const WINDOW = 200; // messages, as many as paging leaves
const SLACK = 100; // that may come to it otherwise

/* Index of the first item whose seq is not below the wanted one. */
export function seqIndex(items, seq) {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle].seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* One that has just come; where later ones are paged to it is one of them. */
export function insert(conversation, message) {
  const { items } = conversation;
  if (conversation.later) return;
  const index = seqIndex(items, message.seq);
  if (items[index]?.seq === message.seq) return;
  items.splice(index, 0, message);
  if (items.length > 2 * (WINDOW + SLACK)) trimStart(conversation);
}

export function trimStart(conversation, length = WINDOW) {
  const { items } = conversation;
  if (items.length <= length) return;
  items.splice(0, items.length - length);
  conversation.more = true;
}

export function trimEnd(conversation, length = WINDOW) {
  const { items } = conversation;
  if (items.length <= length) return;
  items.splice(length);
  conversation.later = true;
}

/* While one looks at it: what one does not look at goes. */
export function keepShort(conversation, atEnd) {
  if (conversation.items.length <= WINDOW + SLACK) return;
  if (atEnd) trimStart(conversation);
  else trimEnd(conversation);
}

/* Whether the message of this number, or the place where it would be, is held:
 * a number that one does not get to see has no message. */
export function holds({ items }, seq) {
  return items.length > 0 && items[0].seq <= seq && items.at(-1).seq >= seq;
}

/* Nothing is held any more: it is loaded again when it is looked at. */
export function letGo(conversation) {
  conversation.items = [];
  conversation.loaded = false;
  conversation.later = false;
  conversation.more = true;
}
