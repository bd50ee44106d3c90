/*
 * history - paging through a conversation. What was loaded may be without a
 * change that came by meanwhile: then a sync follows.
 */

import { loadAround, loadAt, loadFirst, loadNewer, loadNewest, loadOlder } from './chat.js';

let sync = () => {};

/* What brings the page up to date. */
export function attach(syncing) {
  sync = syncing;
}

const thenSync = (load) => async (conversation, ...which) => {
  if (conversation?.loaded && (await load(conversation, ...which))) sync();
};

export const pageBack = thenSync(loadOlder);
export const pageForward = thenSync(loadNewer);
export const jumpToEnd = thenSync(loadNewest);
export const jumpNear = thenSync(loadAround);

/* -> the message that was said first since then; a sync tells what changed. */
export async function jumpToTime(conversation, at) {
  const message = await loadAt(conversation, at);
  sync();
  return message;
}

/* The page of a conversation that is open but not loaded. */
export async function ensureLoaded(conversation) {
  if (conversation.loaded) return;
  if (await loadFirst(conversation)) sync();
}
