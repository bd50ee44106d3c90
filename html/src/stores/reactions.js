/*
 * reactions - one's own, on their way to the server: shown at once, and taken
 * back with a word where it says no.
 */

import { reactive } from 'vue';
import { applyChange } from '../lib/chat-state.js';
import { isReacted, shownReactions } from '../lib/reactions.js';
import { chat } from './chat.js';
import { api, whenOver } from './session.js';

/* By message: those under way by emoji, {emoji, on, error}. */
const acts = reactive({});
whenOver(() => Object.keys(acts).forEach((id) => delete acts[id]));

const actsOf = ({ _id }) => Object.values(acts[_id] ?? {});

export const reactionsOf = (message) =>
  shownReactions(message, chat.state.me, actsOf(message).filter(({ error }) => !error));

/* Why one of them did not come to anything, or null. */
export const reactionError = (message) => actsOf(message).find(({ error }) => error)?.error ?? null;

export function forgetReactionError({ _id }) {
  for (const [emoji, { error }] of Object.entries(acts[_id] ?? {})) if (error) drop(_id, emoji);
}

/* It comes, or goes where it is there. */
export async function react(message, emoji) {
  const { _id } = message;
  const on = !isReacted(reactionsOf(message), emoji);
  forgetReactionError(message);
  acts[_id] ??= {};
  const underWay = acts[_id][emoji];
  acts[_id][emoji] = { emoji, on, error: null };
  if (!underWay) await settle(_id, emoji);
}

/* Until the server has what one wanted last. */
async function settle(id, emoji) {
  const { state } = chat;
  try {
    for (let on = null; acts[id]?.[emoji] && acts[id][emoji].on !== on; ) {
      on = acts[id][emoji].on;
      const message = await api.react(id, emoji, on);
      if (chat.state === state) applyChange(state, message);
    }
    drop(id, emoji);
  } catch (error) {
    if (chat.state === state && acts[id]?.[emoji]) acts[id][emoji].error = error;
    else drop(id, emoji);
  }
}

function drop(id, emoji) {
  delete acts[id]?.[emoji];
  if (acts[id] && !Object.keys(acts[id]).length) delete acts[id];
}
