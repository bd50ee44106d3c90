/*
 * selecting - several messages of the open conversation, to do something with
 * all of them at once.
 */

import { computed, reactive, ref } from 'vue';
import { activeConversation } from './chat.js';
import { whenOver } from './session.js';

export const MOST = 100; // at once

export const selecting = ref(false);

/* By id, as they were when they were picked: they may scroll out of what is held. */
const picked = reactive(new Map());

/* In the order in which they were written; what was deleted meanwhile is none. */
export const selected = computed(() => {
  const held = new Map(activeConversation.value?.items.map((message) => [message._id, message]));
  return [...picked.values()]
    .map((message) => held.get(message._id) ?? message)
    .filter(({ deleted }) => !deleted)
    .sort((a, b) => a.seq - b.seq);
});

export const isSelected = ({ _id }) => picked.has(_id);

export function startSelecting(message) {
  picked.clear();
  selecting.value = true;
  toggleSelected(message);
}

export function toggleSelected(message) {
  if (picked.delete(message._id) || picked.size >= MOST) return;
  picked.set(message._id, message);
}

export function endSelecting() {
  selecting.value = false;
  picked.clear();
}
whenOver(endSelecting);
