/* own - what is one's own of a conversation, and the same on all one's devices. */

import { applyOwn } from '../lib/chat-state.js';
import { chat } from './chat.js';
import { api } from './session.js';

/* until: a time, 'forever', or null. */
export async function mute(conversationId, until) {
  const { state } = chat;
  const own = await api.changeOwn(conversationId, { mutedUntil: until });
  if (chat.state === state) applyOwn(state, own);
}
