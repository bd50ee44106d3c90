/*
 * known - what this page knows, kept for the next time that it is opened, which
 * may be without a network. It goes with the session.
 */

import * as database from '../lib/database.js';
import { readSnapshot, snapshotOf } from '../lib/snapshot.js';
import { blocks } from './blocks.js';
import { chat } from './chat.js';
import { people, remember } from './people.js';
import { session } from './session.js';

const EVERY_MS = 5000;
const NAME = 'chat';

let owner = null;
let timer = null;

/* As it was when it was last open. -> whether anything was known. */
export async function recall() {
  const { state } = chat;
  owner = state.me;
  addEventListener('pagehide', rememberNow);
  document.addEventListener('visibilitychange', rememberNow);
  const kept = readSnapshot(await database.get('known', owner, NAME), owner);
  if (!kept || chat.state !== state || chat.ready) return false;
  kept.people.forEach((user) => people.byId[user._id] ?? remember(user));
  blocks.ids = kept.blocked;
  Object.assign(state, kept.state);
  return Object.keys(kept.state.conversations).length > 0;
}

/* Soon, and once for all that happens until then. */
export function rememberSoon() {
  if (owner) timer ??= setTimeout(rememberNow, EVERY_MS);
}

function rememberNow() {
  clearTimeout(timer);
  timer = null;
  if (!chat.ready || !session.token || chat.state.me !== owner) return;
  database.keep('known', owner, NAME, snapshotOf(chat.state, people.byId, blocks.ids));
}

/* The page is left; whose session is over, of whom nothing stays. */
export function leaveOff() {
  removeEventListener('pagehide', rememberNow);
  document.removeEventListener('visibilitychange', rememberNow);
  clearTimeout(timer);
  timer = null;
  if (owner && !session.token) database.forget(owner, ['known']);
  owner = null;
}
