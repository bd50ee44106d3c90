/*
 * blocks - whom one blocks: nothing of them is heard in direct conversations,
 * and what they say in groups is folded.
 */

import { reactive } from 'vue';
import { remember } from './people.js';
import { api, session } from './session.js';

export const blocks = reactive({ ids: [] });
let changes = 0; // that were told of, or by who is in

export const isBlocked = (userId) => blocks.ids.includes(userId);

export function forgetBlocks() {
  changes += 1;
  blocks.ids = [];
}

/* An answer may be older than what was told of since: it is asked for again. */
export async function loadBlocks() {
  const before = changes;
  const { items } = await api.blocks();
  if (changes !== before) {
    if (session.token) await loadBlocks();
    return;
  }
  items.forEach(remember);
  blocks.ids = items.map(({ _id }) => _id);
}

/* user:blocked, and what the server answers: on whichever device it was done. */
export function noteBlock({ userId, blocked }) {
  changes += 1;
  const others = blocks.ids.filter((id) => id !== userId);
  blocks.ids = blocked ? [userId, ...others] : others;
}

export async function block(userId) {
  noteBlock(await api.block(userId));
}

export async function unblock(userId) {
  noteBlock(await api.unblock(userId));
}
