/*
 * snapshot - what a page knows, short enough to be kept: of each conversation
 * what the list shows and its last messages, and who is in them. A sync makes
 * of it what is so now. No Vue, no network, no clock, as chat-state.
 */

import { createState, emptyConversation, sortedConversations } from './chat-state.js';

const SHAPE = 1; // of what is kept; another one is not read
export const CONVERSATIONS = 200; // the newest
export const MESSAGES = 30; // of each, the last ones
const PEOPLE = 2000;

/* Items as they are held, without a hole up to `seq`: they end there or are
 * none. */
function shorten(conversation) {
  const whole = conversation.loaded && !conversation.later;
  const held = whole ? conversation.items.filter(({ seq }) => seq <= conversation.seq) : [];
  const items = held.slice(-MESSAGES);
  return {
    ...conversation,
    items,
    loaded: whole,
    more: conversation.more || items.length < held.length,
    later: false,
    ahead: [],
  };
}

function idsIn({ otherUserId, members, items, lastMessage }) {
  const senders = [...items, lastMessage].map((message) => message?.sender);
  return [otherUserId, ...(members ?? []).map(({ userId }) => userId), ...senders];
}

/* -> text */
export function snapshotOf(state, byId, blocked) {
  const conversations = sortedConversations(state)
    .filter(({ provisional }) => !provisional)
    .slice(0, CONVERSATIONS)
    .map(shorten);
  const ids = [...new Set(conversations.flatMap(idsIn))].filter((id) => byId[id]);
  const { me, epoch, own } = state;
  return JSON.stringify({
    shape: SHAPE,
    me,
    epoch,
    own,
    conversations,
    people: ids.slice(0, PEOPLE).map((id) => byId[id]),
    blocked,
  });
}

/* What was never opened shows its last message, at least. */
function begin(conversation) {
  const { loaded, lastMessage, seq } = conversation;
  if (loaded || lastMessage?.seq !== seq) return conversation;
  return { ...conversation, items: [lastMessage], loaded: true, more: seq > 1 };
}

/* {state, people, blocked}, or null: of another shape, or of somebody else. */
export function readSnapshot(text, me) {
  let kept = null;
  try {
    kept = JSON.parse(text);
  } catch {
    return null;
  }
  if (kept?.shape !== SHAPE || kept.me !== me) return null;
  const state = createState(me);
  Object.assign(state, { epoch: kept.epoch, own: kept.own });
  for (const conversation of kept.conversations) {
    state.conversations[conversation._id] = begin({
      ...emptyConversation(conversation._id),
      ...conversation,
    });
  }
  const away = (user) => ({ ...user, status: 'offline' });
  return { state, people: kept.people.map(away), blocked: kept.blocked };
}
