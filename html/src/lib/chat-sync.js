/*
 * chat-sync - pages of history and the answers of POST /api/sync, folded into
 * chat-state: together they bring it to what the server has.
 */

import { applyPointers } from './chat-pointers.js';
import {
  applyChange,
  applyConversation,
  applyErase,
  applyMessage,
  applyOwn,
  closeHoles,
  createState,
  dropUpTo,
  isDated,
  isHidden,
  laterOf,
  noteHiddenOf,
  noteLast,
  sortedConversations,
} from './chat-state.js';
import { trimEnd, trimStart } from './chat-window.js';
import { limits } from './generated.js';

/* ---- pages of history ------------------------------------------------ */

/* The newest page. What is older than a gap is let go and can be paged to. What
 * came while it was under way is in `items`, unless these were others. */
export function applyLatestPage(state, page) {
  const conversation = state.conversations[page.conversationId];
  if (!conversation) return null;
  const first = page.items[0]?.seq ?? 0;
  const { later } = conversation;
  if (later || first > conversation.seq + 1) dropUpTo(conversation, page.lastSeq);
  noteHiddenOf(conversation, page.items);
  conversation.items = mergeItems(conversation.items, page.items, state.me);
  conversation.loaded = true;
  conversation.more = page.more;
  conversation.later = later && conversation.seq > page.lastSeq;
  reachEnd(conversation, page, state.me);
  return conversation;
}

/* Up to the page's last number nothing is missing. */
function reachEnd(conversation, page, me) {
  conversation.seq = Math.max(conversation.seq, page.lastSeq);
  conversation.lastSeq = Math.max(conversation.lastSeq, page.lastSeq);
  closeHoles(conversation);
  for (const message of page.items) noteLast(conversation, message, me);
}

export function applyOlderPage(state, page) {
  const conversation = state.conversations[page.conversationId];
  if (!conversation) return null;
  noteHiddenOf(conversation, page.items);
  conversation.items = mergeItems(conversation.items, page.items, state.me);
  conversation.more = page.more;
  trimEnd(conversation);
  return conversation;
}

/* The page after what is held, where there are later messages. What came while
 * it was under way is not in `items`: then there are later ones still. */
export function applyNewerPage(state, page) {
  const conversation = state.conversations[page.conversationId];
  if (!conversation?.later) return null;
  noteHiddenOf(conversation, page.items);
  conversation.items = mergeItems(conversation.items, page.items, state.me);
  conversation.later = page.more || conversation.seq > page.lastSeq;
  if (!page.more) reachEnd(conversation, page, state.me);
  trimStart(conversation);
  return conversation;
}

/* The page after a number takes the place of what is held. */
export function applyPageAfter(state, page, seq) {
  const conversation = state.conversations[page.conversationId];
  if (!conversation) return null;
  conversation.items = [];
  conversation.loaded = true;
  conversation.more = seq > 0;
  conversation.later = true;
  return applyNewerPage(state, page);
}

/* Two ascending lists into one; of a message in both, its later state. */
export function mergeItems(mine, theirs, me) {
  const merged = new Map();
  for (const message of mine) merged.set(message.seq, message);
  for (const message of theirs) {
    const known = merged.get(message.seq);
    merged.set(message.seq, known ? laterOf(known, message, me) : message);
  }
  return [...merged.values()].sort((a, b) => a.seq - b.seq);
}

/* ---- sync ------------------------------------------------------------ */

/* Who is looked at stays, and the lobby, which nothing brings again; what others
 * write to the server goes first, for a sync brings one's own again. */
const rank = ({ _id, kind, self }, open) => (_id === open || kind === 'lobby' ? 0 : self ? 2 : 1);

/* How far one has heard of a conversation, also of one that was let go since. */
function heardTo({ conversations, heard }, id) {
  const { seq = 0, ahead = [] } = conversations[id] ?? {};
  return Math.max(heard[id] ?? 0, seq, ...ahead);
}

/* Its last message, where one has not heard of it and is yet to read it. */
const newsOf = ({ lastMessage, readSeq }, heard) =>
  lastMessage?.seq > Math.max(heard, readSeq) ? [lastMessage] : [];

/* No more are held than a sync may name; the oldest are then as those that no
 * list brought. `open` is the id of the one that is looked at, or undefined. */
export function dropOldest(state, open) {
  if (Object.keys(state.conversations).length <= limits.conversations) return;
  const named = sortedConversations(state).filter(({ provisional }) => !provisional);
  named.sort((a, b) => rank(a, open) - rank(b, open));
  for (const { _id } of named.slice(limits.conversations)) {
    state.heard[_id] = heardTo(state, _id);
    delete state.conversations[_id];
  }
}

export function syncRequest(state) {
  const conversations = {};
  for (const c of Object.values(state.conversations)) {
    if (c.provisional) continue;
    conversations[c._id] = { seq: c.seq, change: c.change };
  }
  const request = { conversations, own: state.own };
  if (state.epoch) request.epoch = state.epoch;
  return request;
}

/*
 * The answer to a sync. -> {again, reset, arrived}: again when there is more
 * or the store's epoch is another (the state is empty now), reset the ids of
 * conversations whose newest page must be fetched, arrived the messages that
 * were new here; of a conversation that was, the last.
 */
export function applySync(state, answer) {
  if (state.epoch && answer.epoch !== state.epoch) {
    Object.assign(state, createState(state.me), { epoch: answer.epoch });
    return { again: true, reset: [], arrived: [] };
  }
  state.epoch = answer.epoch;
  const begun = applyNew(state, answer.new ?? []);
  for (const id of answer.gone ?? []) delete state.conversations[id];
  const arrived = (answer.messages ?? []).filter(
    (message) => applyMessage(state, message).isNew && !isHidden(message),
  );
  for (const change of answer.changes ?? []) {
    if (change.kind === 'erase') applyErase(state, change, change.change);
    else applyChange(state, change.message, change.change);
  }
  for (const [id, pointers] of Object.entries(answer.pointers ?? {})) {
    const conversation = state.conversations[id];
    if (conversation) applyPointers(state.me, conversation, pointers);
  }
  for (const own of answer.ownChanged ?? []) applyOwn(state, own);
  state.own = answer.own ?? 0;
  const reset = answer.reset ?? [];
  for (const id of reset) distrust(state, id);
  state.whole ||= !answer.more;
  return { again: Boolean(answer.more), reset, arrived: [...begun, ...arrived] };
}

/* -> what arrived by these. All are new to a page that begins, and no news. */
function applyNew(state, described) {
  return described.flatMap((source) => {
    const heard = heardTo(state, source._id);
    const conversation = applyConversation(state, source);
    return state.whole ? newsOf(conversation, heard) : [];
  });
}

/* Nothing held of it counts any more. What comes while its page is under way
 * waits in `ahead`; without the page the next sync resets or fills it. */
function distrust(state, id) {
  const conversation = state.conversations[id];
  if (!conversation) return;
  state.heard[id] = heardTo(state, id);
  conversation.items = [];
  conversation.ahead = [];
  conversation.seq = 0;
  conversation.lastSeq = 0;
  conversation.change = 0;
  conversation.described = { lastSeq: 0, lastChange: 0 };
  conversation.acted ||= 1; // its page need not hold what says so
  conversation.loaded = false;
  conversation.later = false;
}

/* The newest page of a conversation that was in `reset`. -> {conversation,
 * arrived}: null where it is gone; what one is to be told of, as by applySync. */
export function resetConversation(state, page) {
  const conversation = state.conversations[page.conversationId];
  if (!conversation) return { conversation: null, arrived: [] };
  /* not by `seq`: the page may have come for who looks at it, and told nobody */
  const heard = Math.max(state.heard[conversation._id] ?? 0, ...conversation.ahead);
  conversation.lastMessage = null;
  conversation.hidden = [];
  conversation.change = page.lastChange;
  applyLatestPage(state, page);
  return { conversation, arrived: newsOf(conversation, heard) };
}

/* -> the groups to be described anew, of which no sync says what they are now. */
export const datedGroups = (state) => Object.values(state.conversations).filter(isDated);

/* Something is known to be missing: time to sync. */
export const hasHoles = (state) =>
  Object.values(state.conversations).some(
    (c) => c.lastSeq > c.seq || c.provisional,
  );
