/*
 * listing - the rows of the list of conversations: those that there are, and
 * the people to whom something is written that has not become one yet.
 */

import { computed, watch } from 'vue';
import { directWith, emptyConversation, isArchived } from '../lib/chat-state.js';
import { now } from '../lib/now.js';
import { chat, conversations, targetOf, waitingFor } from './chat.js';
import { draftTargets } from './drafts.js';
import { introduce } from './people.js';

/* What one has written is newer than anything stored. */
function timeOf(conversation, target) {
  const stored = conversation.lastMessage?.createdAt ?? '';
  const written = waitingFor(target).at(-1)?.createdAt ?? '';
  return written > stored ? written : stored;
}

/* When something was written to somebody new, by their ids. */
const beginnings = computed(() => {
  const times = new Map();
  const note = (userId, time) => {
    if (!userId || directWith(chat.state, userId)) return;
    if (time > (times.get(userId) ?? '')) times.set(userId, time);
  };
  for (const { target, at } of draftTargets()) note(target.userId, new Date(at).toISOString());
  for (const { to, createdAt } of chat.outbox) note(to, createdAt);
  return times;
});

watch(
  () => [...beginnings.value.keys()].join(),
  () => [...beginnings.value.keys()].forEach(introduce),
  { immediate: true },
);

const beginning = (userId) => ({
  ...emptyConversation(`new-${userId}`),
  otherUserId: userId,
});

/* Newest first; what is pinned before all others, the newest pin first. */
const rows = computed(() => {
  const all = conversations.value.map((c) => [c, timeOf(c, targetOf(c))]);
  for (const [userId, time] of beginnings.value) all.push([beginning(userId), time]);
  all.sort(
    ([a, at], [b, bt]) =>
      (b.pinnedAt ?? '').localeCompare(a.pinnedAt ?? '') || bt.localeCompare(at) || a._id.localeCompare(b._id),
  );
  return all.map(([conversation]) => conversation);
});

/* What one sees at once, and what is put away. */
export const listed = computed(() => rows.value.filter((c) => !isArchived(c, now.value)));
export const archived = computed(() => rows.value.filter((c) => isArchived(c, now.value)));

/* One's notes, also where there are none yet. */
export const notes = computed(() => directWith(chat.state, chat.state.me) ?? beginning(chat.state.me));
