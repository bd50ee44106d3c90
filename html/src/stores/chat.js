/*
 * chat - the reactive state of the messenger and what the views do with it:
 * opening a conversation, paging back, reading. connection.js feeds it,
 * outgoing.js sends from it.
 */

import { computed, reactive, watch } from 'vue';
import { unreadOf } from '../lib/chat-pointers.js';
import * as core from '../lib/chat-state.js';
import {
  applyLatestPage,
  applyNewerPage,
  applyOlderPage,
  applyPageAfter,
} from '../lib/chat-sync.js';
import { t } from '../lib/i18n.js';
import { callOf } from '../lib/names.js';
import { now } from '../lib/now.js';
import { openDrafts } from './drafts.js';
import { people, rememberSenders } from './people.js';
import { api, session } from './session.js';

export const PAGE = 30;
const LONG_PAGE = 60; // of those that one scrolls through
const CONTEXT = 10; // read messages above the first unread one

export const chat = reactive({
  state: core.createState(null),
  outbox: [],
  /* connecting, up, behind (up, but syncs fail), polling (REST only), offline
   * (no network), failed */
  net: 'connecting',
  /* the socket is asked whether it lives, and has not said so yet; or it is
   * being replaced, and what was missed is not here yet */
  doubted: false,
  /* the first sync has been answered: empty now means empty */
  ready: false,
  /* nothing was missed since the last one */
  current: false,
  /* the open conversation: {userId} or {conversationId} or null */
  active: null,
  /* where one wants to be: {conversationId, at}, at a time, or null */
  wanted: null,
  /* per conversation: {latest, older, newer}: '', loading or error */
  loads: {},
  /* who is typing now: [{from, conversationId}] */
  typing: [],
  /* the latest arrival, for screen readers: {sender, content, count} */
  arrived: null,
});

export function resetChat(userId) {
  chat.state = core.createState(userId);
  chat.outbox = [];
  openDrafts(userId);
  chat.net = 'connecting';
  chat.doubted = false;
  chat.ready = false;
  chat.current = false;
  chat.wanted = null;
  chat.loads = {};
  chat.typing = [];
  chat.arrived = null;
  places.clear();
}

/* ---- the open conversation ------------------------------------------- */

export const activeConversation = computed(() => {
  const { active, state } = chat;
  if (!active) return null;
  return active.conversationId
    ? (state.conversations[active.conversationId] ?? null)
    : (core.directWith(state, active.userId) ??
        (active.userId === core.SERVER ? core.supportWith(state, core.SERVER) : null));
});

/* One that came by no list, as the server has it, into the state that was there
 * when it was asked for. */
export async function describe(state, id) {
  const conversation = await api.conversation(id);
  if (chat.state === state) core.applyConversation(state, conversation);
}

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

const NO_LOADS = { latest: '', older: '', newer: '' };

export const loadsOf = (conversation) => chat.loads[conversation?._id] ?? NO_LOADS;

/* What an operator looks at of support is written down. */
export const historyOf = ({ _id, self, otherUserId }, which) =>
  self ? api.clientHistory(otherUserId, which) : api.history({ conversationId: _id, ...which });

/*
 * One page, applied. A change that came by while the page was under way may
 * be missing in it: -> true when a sync must follow.
 */
async function loadPage(conversation, which, slot, apply) {
  chat.loads[conversation._id] ??= { ...NO_LOADS };
  const loads = loadsOf(conversation);
  if (loads[slot] === 'loading') return false;
  loads[slot] = 'loading';
  const { folds } = conversation;
  const { state } = chat;
  try {
    const page = await historyOf(conversation, { limit: PAGE, ...which });
    if (chat.state !== state) return false;
    rememberSenders(page.items);
    apply(chat.state, page);
    loads[slot] = '';
    return conversation.folds !== folds;
  } catch {
    loads[slot] = 'error';
    return false;
  }
}

/* What somebody asked for, not the list: it comes behind a page that is on its
 * way. */
async function loadAsked(conversation, which, slot, apply) {
  const { state } = chat;
  while (loadsOf(conversation)[slot] === 'loading') {
    await new Promise((resolve) => {
      watch(() => loadsOf(conversation)[slot], resolve, { once: true, flush: 'sync' });
    });
  }
  return chat.state === state && loadPage(conversation, which, slot, apply);
}

/* What one is to see first: from a little above the first unread message on,
 * or the newest ones. */
export function loadFirst(conversation) {
  if (unreadOf(conversation) <= PAGE - CONTEXT) {
    return loadPage(conversation, {}, 'latest', applyLatestPage);
  }
  const after = Math.max(0, conversation.readSeq - CONTEXT);
  return loadPage(conversation, { after, limit: LONG_PAGE }, 'latest', (state, page) =>
    applyPageAfter(state, page, after),
  );
}

/* The end, by way of nothing that is in between. */
export const loadNewest = (conversation) =>
  loadAsked(conversation, {}, 'newer', applyLatestPage);

/* What is around a message, by way of nothing that is in between. */
export const loadAround = (conversation, seq) => {
  const after = Math.max(0, seq - 1 - LONG_PAGE / 2);
  return loadAsked(conversation, { after, limit: LONG_PAGE }, 'latest', (state, page) =>
    applyPageAfter(state, page, after),
  );
};

/* A page beside what was held when it was asked for: that may be elsewhere by
 * now, and the page would leave a hole. */
const applyAt = (edge, seq, apply) => (state, page) => {
  if (state.conversations[page.conversationId]?.items.at(edge)?.seq === seq) apply(state, page);
};

export function loadOlder(conversation, limit = LONG_PAGE) {
  const [first] = conversation.items;
  if (!first || !conversation.more) return Promise.resolve(false);
  return loadPage(conversation, { before: first.seq, limit }, 'older', applyAt(0, first.seq, applyOlderPage));
}

export function loadNewer(conversation) {
  const last = conversation.items.at(-1);
  if (!last || !conversation.later) return Promise.resolve(false);
  const which = { after: last.seq, limit: LONG_PAGE };
  return loadPage(conversation, which, 'newer', applyAt(-1, last.seq, applyNewerPage));
}

/* From that time on. -> the first message since, or the newest; null: it could
 * not be loaded. */
export async function loadAt(conversation, at) {
  let first = null;
  await loadAsked(conversation, { at, limit: LONG_PAGE }, 'newer', (state, page) => {
    first = page.items[0] ?? null;
    if (first) applyPageAfter(state, page, first.seq - 1);
  });
  return first;
}

/* Where one was in a conversation that was left above its end, by its id:
 * {seq, top}, a message and how far it was below the upper edge. */
export const places = new Map();

/* ---- views ----------------------------------------------------------- */

export const nameOf = (userId) => callOf(people.byId[userId]);

/* Who writes to themselves writes notes. */
export const isOneself = (userId) => Boolean(userId) && userId === chat.state.me;

export function titleOf({ kind, otherUserId, title }) {
  if (isOneself(otherUserId)) return t('notes.title');
  if (kind === 'direct') return nameOf(otherUserId);
  if (kind === 'lobby') return t('chat.lobby');
  /* to its operators it is whose it is */
  if (kind === 'support' && session.user?.role !== 'operator') return t('chat.support');
  return title;
}

/* For the Avatar. */
export const pictureOf = (conversation) =>
  people.byId[conversation.otherUserId]
  ?? { _id: conversation._id, username: titleOf(conversation), avatar: conversation.avatar };

export const conversations = computed(() =>
  core.sortedConversations(chat.state),
);

/* Of those that may make a noise. */
export const unreadTotal = computed(() =>
  conversations.value
    .filter((c) => !core.isMuted(c, now.value) && !core.isArchived(c, now.value))
    .reduce((sum, c) => sum + Math.max(unreadOf(c), Number(c.markedUnread)), 0),
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
    .filter(({ from, conversationId }) =>
      conversationId && conversation ? conversationId === conversation._id : userId && from === userId,
    )
    .map(({ from }) => from);
}
