/*
 * tabs - which other pages of this browser are open, so that what one of them
 * is writing is left to it, and what one that was closed wrote is not lost.
 */

import { reactive, ref } from 'vue';
import { named } from './base.js';
import { newId } from './ids.js';

const ANSWER_MS = 100; // what lives has answered by then

export const self = newId();
/* The ids of others that are open. */
export const living = reactive(new Set());
/* They have had the time to say so. */
export const settled = ref(false);

/* What this one was before a reload; after a copy of a tab, what that one is. */
export const before = remembered();

function remembered() {
  try {
    const id = sessionStorage.getItem(named('tab'));
    sessionStorage.setItem(named('tab'), self);
    return id;
  } catch {
    return null;
  }
}

function join(channel) {
  const say = (type) => channel.postMessage({ type, id: self });
  channel.onmessage = ({ data: { type, id } }) => {
    if (type === 'bye') living.delete(id);
    else living.add(id);
    if (type === 'who') say('here');
  };
  addEventListener('pagehide', () => say('bye'));
  addEventListener('pageshow', ({ persisted }) => persisted && say('who'));
  say('who');
  setTimeout(() => {
    settled.value = true;
  }, ANSWER_MS);
}

if (globalThis.BroadcastChannel) join(new BroadcastChannel(named('tabs')));
else settled.value = true;
