/*
 * known - what this page knows, kept for the next time that it is opened, which
 * may be without a network. It goes with the session.
 */

import { toRaw } from 'vue';
import * as database from '../lib/database.js';
import { readSnapshot, snapshotOf } from '../lib/snapshot.js';
import { blocks } from './blocks.js';
import { chat } from './chat.js';
import { people, remember } from './people.js';
import { session } from './session.js';

const EVERY_MS = 5000;
const PATIENCE_MS = 1500; // a disk that takes longer is not waited for
const NAME = 'chat';

let owner = null;
let timer = null;

/* As it was when it was last open. -> whether anything was known. */
export async function recall() {
  const { state } = chat;
  owner = state.me;
  addEventListener('pagehide', rememberNow);
  document.addEventListener('visibilitychange', rememberNow);
  const kept = readSnapshot(await Promise.race([database.get('known', owner, NAME), late()]), owner);
  if (!kept || chat.state !== state || chat.ready) return false;
  kept.people.forEach((user) => people.byId[user._id] ?? remember(user));
  blocks.ids = kept.blocked;
  Object.assign(state, kept.state);
  return Object.keys(kept.state.conversations).length > 0;
}

/* What came later would take the place of what a sync has brought. */
const late = () => new Promise((resolve) => {
  setTimeout(resolve, PATIENCE_MS, null);
});

/* Soon, and once for all that happens until then. */
export function rememberSoon() {
  if (owner) timer ??= setTimeout(rememberNow, EVERY_MS);
}

function rememberNow() {
  clearTimeout(timer);
  timer = null;
  if (!chat.ready || !session.token || chat.state.me !== owner) return;
  database.keep('known', owner, NAME, snapshotOf(toRaw(chat.state), toRaw(people.byId), blocks.ids));
}

/* The page is left, of whichever kind it is; of whoever is not in any more nothing
 * stays. */
export function leaveOff(me = chat.state.me) {
  removeEventListener('pagehide', rememberNow);
  document.removeEventListener('visibilitychange', rememberNow);
  clearTimeout(timer);
  timer = null;
  if (me && session.user?._id !== me) database.forget(me, ['known']);
  owner = null;
}
