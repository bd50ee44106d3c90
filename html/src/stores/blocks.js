/*
 * blocks - whom one blocks: nothing of them is heard in direct conversations,
 * and what they say in groups is folded.
 */

import { reactive } from 'vue';
import { remember } from './people.js';
import { api } from './session.js';

export const blocks = reactive({ ids: [] });

export const isBlocked = (userId) => blocks.ids.includes(userId);

export function forgetBlocks() {
  blocks.ids = [];
}

export async function loadBlocks() {
  const { items } = await api.blocks();
  items.forEach(remember);
  blocks.ids = items.map(({ _id }) => _id);
}

/* user:blocked, and what the server answers: on whichever device it was done. */
export function noteBlock({ userId, blocked }) {
  const others = blocks.ids.filter((id) => id !== userId);
  blocks.ids = blocked ? [userId, ...others] : others;
}

export async function block(userId) {
  noteBlock(await api.block(userId));
}

export async function unblock(userId) {
  noteBlock(await api.unblock(userId));
}
