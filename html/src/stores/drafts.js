/*
 * drafts - what was typed and not sent, per conversation, while the page
 * lives. A session that ends keeps them for the same person only.
 */

import { session } from './session.js';

let owner = null;
const texts = new Map();

function own() {
  if (owner !== session.user?._id) texts.clear();
  owner = session.user?._id;
  return texts;
}

export const draftOf = (key) => own().get(key) ?? '';

export function keepDraft(key, text) {
  if (text) own().set(key, text);
  else own().delete(key);
}
