/* own - what is one's own of a conversation, and the same on all one's devices. */

import { unreadOf } from '../lib/chat-pointers.js';
import { applyOwn, isArchived, isMuted } from '../lib/chat-state.js';
import { limits } from '../lib/generated.js';
import { serverNow } from '../lib/server-clock.js';
import { chat, conversations } from './chat.js';
import { read } from './outgoing.js';
import { api } from './session.js';

/* -> as it is then. */
export async function changeOwn({ _id }, fields) {
  const { state } = chat;
  const own = await api.changeOwn(_id, fields);
  if (chat.state === state) applyOwn(state, own);
  return own;
}

const timeAfter = (ms) => new Date(serverNow() + ms).toISOString();

/* For so many ms; for ever is an action. */
export const mute = (conversation, ms) => changeOwn(conversation, { mutedUntil: timeAfter(ms) });

export const canPin = () =>
  conversations.value.filter(({ pinnedAt }) => pinnedAt).length < limits.pinned;

export const isUnread = (conversation) =>
  conversation.markedUnread || unreadOf(conversation) > 0;

/* What one may do with it in a list, by what it is about. */
export const actionsOf = (conversation, now) => ({
  pin: conversation.pinnedAt ? 'unpin' : 'pin',
  archive: isArchived(conversation, now) ? 'unarchive' : 'archive',
  read: isUnread(conversation) ? 'read' : 'unread',
  mute: isMuted(conversation, now) ? 'unmute' : 'mute',
});

const ACTIONS = {
  pin: { pinned: true },
  unpin: { pinned: false },
  archive: { archived: true },
  unarchive: { archived: false },
  unread: { markedUnread: true },
  read: { markedUnread: false },
  mute: { mutedUntil: 'forever' },
  unmute: { mutedUntil: null },
};

export async function act(conversation, action) {
  if (action === 'read') read(conversation, conversation.lastSeq);
  if (action === 'read' && !conversation.markedUnread) return;
  await changeOwn(conversation, ACTIONS[action]);
}

/* Who opens it has it no more marked. Where that is not heard it stays marked. */
export function opened(conversation) {
  if (conversation?.markedUnread) act(conversation, 'read').catch(() => {});
}
