/*
 * chat - the reactive state of the messenger and what the views do with it:
 * opening a conversation, paging back, reading. connection.js feeds it,
 * outgoing.js sends from it.
 */

import { computed, reactive } from 'vue';
import { unreadOf } from '../lib/chat-pointers.js';
import * as core from '../lib/chat-state.js';
import { applyLatestPage, applyOlderPage } from '../lib/chat-sync.js';
import { loadOutbox } from '../lib/outbox.js';
import { people } from './people.js';
import { api } from './session.js';

export const PAGE = 30;

export const chat = reactive({
  state: core.createState(null),
  outbox: [],
  /* connecting, up, polling (REST only), offline (no network), failed */
  net: 'connecting',
  /* the socket is asked whether it lives, and has not said so yet; or it is
   * being replaced, and what was missed is not here yet */
  doubted: false,
  /* the first sync has been answered: empty now means empty */
  ready: false,
  /* the open conversation: {userId} or {conversationId} or null */
  active: null,
  /* per conversation: {latest, older}: '', loading or error */
  loads: {},
  /* who is typing now: [{from, conversationId}] */
  typing: [],
  /* the latest arrival, for screen readers: {sender, content, count} */
  arrived: null,
});

export function resetChat(userId) {
  chat.state = core.createState(userId);
  chat.outbox = userId ? loadOutbox(userId) : [];
  chat.net = 'connecting';
  chat.doubted = false;
  chat.ready = false;
  chat.loads = {};
  chat.typing = [];
  chat.arrived = null;
}

/* ---- the open conversation ------------------------------------------- */

export const activeConversation = computed(() => {
  const { active, state } = chat;
  if (!active) return null;
  return active.conversationId
    ? (state.conversations[active.conversationId] ?? null)
    : core.directWith(state, active.userId);
});

/* What sending needs to know of a conversation, which may not exist yet. */
export function targetOf(conversation) {
  return conversation.kind === 'direct'
    ? { userId: conversation.otherUserId }
    : { conversationId: conversation._id };
}

export function isActive(target) {
  const { active } = chat;
  return Boolean(
    active &&
      active.userId === target.userId &&
      active.conversationId === target.conversationId,
  );
}

/* ---- history --------------------------------------------------------- */

function loadsOf(id) {
  chat.loads[id] ??= { latest: '', older: '' };
  return chat.loads[id];
}

/*
 * One page, applied. A change that came by while the page was under way may
 * be missing in it: -> true when a sync must follow.
 */
async function loadPage(conversation, which, slot, apply) {
  const loads = loadsOf(conversation._id);
  if (loads[slot] === 'loading') return false;
  loads[slot] = 'loading';
  const { folds } = conversation;
  const { state } = chat;
  try {
    const page = await api.history({
      conversationId: conversation._id,
      limit: PAGE,
      ...which,
    });
    if (chat.state !== state) return false;
    apply(chat.state, page);
    loads[slot] = '';
    return conversation.folds !== folds;
  } catch {
    loads[slot] = 'error';
    return false;
  }
}

export const loadLatest = (conversation) =>
  loadPage(conversation, {}, 'latest', applyLatestPage);

export function loadOlder(conversation, limit) {
  const [first] = conversation.items;
  if (!first || !conversation.more) return Promise.resolve(false);
  return loadPage(
    conversation,
    { before: first.seq, limit },
    'older',
    applyOlderPage,
  );
}

/* ---- views ----------------------------------------------------------- */

export const nameOf = (userId) => {
  const user = people.byId[userId];
  return user?.displayName || user?.username || '…';
};

export const titleOf = (conversation) =>
  conversation.kind === 'direct'
    ? nameOf(conversation.otherUserId)
    : conversation.title;

export const conversations = computed(() =>
  core.sortedConversations(chat.state),
);

export const unreadTotal = computed(() =>
  conversations.value.reduce((sum, c) => sum + unreadOf(c), 0),
);

export const waitingFor = (target) =>
  chat.outbox.filter(
    (entry) =>
      (target.userId && entry.to === target.userId) ||
      (target.conversationId && entry.conversationId === target.conversationId),
  );

/* The ids of who is typing to us there. */
export function typists(userId, conversation) {
  return chat.typing
    .filter((t) =>
      t.conversationId && conversation
        ? t.conversationId === conversation._id
        : userId && t.from === userId,
    )
    .map((t) => t.from);
}
