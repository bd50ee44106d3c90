/*
 * chat-state - what the page knows of its conversations, as a plain object
 * and the functions that move it. No Vue, no network, no clock: the same
 * answers and events in any order and any number of times give one state.
 *
 * A conversation's `seq` is the highest number below which nothing is
 * missing; numbers seen above a hole wait in `ahead`. {seq, change} is what
 * POST /api/sync wants to know.
 */

import { applyPointers, keepPointers } from './chat-pointers.js';
import { erased } from './erase.js';
import { insert, seqIndex } from './chat-window.js';
import { settleReactions } from './reactions.js';

/* Who writes to it writes to the operators, who read as one. */
export const SERVER = '000000000000000000000001';

export function createState(me) {
  return {
    me,
    epoch: null,
    own: 0,
    conversations: {},
    whole: false, // a sync has brought this page all that there was
    heard: {}, // how far one has heard of what is not held, by conversation
  };
}

/* A row of somebody whom one blocked when they wrote it: it holds its number
 * and is shown nowhere. */
export const isHidden = ({ kind }) => kind === 'hidden';

/* Which numbers are hidden, for they are not unread. */
function noteHidden(conversation, message) {
  const others = conversation.hidden.filter((seq) => seq !== message.seq);
  conversation.hidden = isHidden(message) ? [...others, message.seq] : others;
}

export function noteHiddenOf(conversation, messages) {
  for (const message of messages) noteHidden(conversation, message);
}

/* ---- messages -------------------------------------------------------- */

function findBySeq(items, seq) {
  const index = seqIndex(items, seq);
  return items[index]?.seq === seq ? index : -1;
}

/* An answer may be older than what events have said since: of the same message
 * the later state is kept, and who was erased is in none. */
export function noteLast(conversation, message, me) {
  if (isHidden(message)) return;
  const told = conversation.erased.reduce(erased, message);
  const last = conversation.lastMessage;
  if (!last || told.seq > last.seq) conversation.lastMessage = told;
  else if (told.seq === last.seq) conversation.lastMessage = laterOf(last, told, me);
}

function advance(conversation, seq) {
  if (seq > conversation.seq + 1) {
    if (!conversation.ahead.includes(seq)) conversation.ahead.push(seq);
    return;
  }
  if (seq === conversation.seq + 1) conversation.seq = seq;
  closeHoles(conversation);
}

export function closeHoles(conversation) {
  const ahead = conversation.ahead.filter((n) => n > conversation.seq);
  ahead.sort((a, b) => a - b);
  while (ahead.length && ahead[0] === conversation.seq + 1) {
    conversation.seq = ahead.shift();
  }
  conversation.ahead = ahead;
}

/*
 * A message that is new to us, by whatever way it came.
 * -> {conversation, isNew}; isNew is false when it was known already.
 */
export function applyMessage(state, message) {
  const conversation =
    state.conversations[message.conversationId] ??
    provisional(state, message);
  const known =
    message.seq <= conversation.seq ||
    conversation.ahead.includes(message.seq);
  if (known) return { conversation, isNew: false };
  insert(conversation, message);
  noteHidden(conversation, message);
  if (message.kind === 'system') conversation.acted = Math.max(conversation.acted, message.seq);
  advance(conversation, message.seq);
  conversation.lastSeq = Math.max(conversation.lastSeq, message.seq);
  noteLast(conversation, message, state.me);
  if (isRead(state, conversation, message)) {
    const { seq } = message;
    applyPointers(state.me, conversation, [{ userId: conversation.self ?? state.me, receivedSeq: seq, readSeq: seq }]);
  }
  return { conversation, isNew: true };
}

/* Sending moves the sender's own pointers on the server, too. Of operators what any
 * of them wrote is as if one had written it oneself; they are told how far that is,
 * too, for others' words come with a report, behind what they have not read. */
const isRead = ({ me }, { self, otherUserId, readSeq }, { sender, seq }) =>
  self ? sender !== otherUserId && seq <= readSeq + 1 : sender === me;

/* An edit or a deletion: the whole message as it is now. Deleted is final. */
export function applyChange(state, message, number = 0) {
  const conversation = state.conversations[message.conversationId];
  if (!conversation) return null;
  foldAt(conversation, message.seq, (known) => laterOf(known, message, state.me));
  if (message.deleted) conversation.gone = { seq: message.seq };
  conversation.change = Math.max(conversation.change, number);
  conversation.folds += 1;
  return conversation;
}

/* message:reaction, which may come before changes that were made before it: the
 * message keeps its number, and `reacted` is that of its reactions. */
export function applyReaction(state, told) {
  const conversation = state.conversations[told.conversationId];
  if (!conversation) return null;
  foldAt(conversation, told.seq, (known) =>
    known.deleted || told.change <= Math.max(known.change ?? 0, known.reacted ?? 0)
      ? known
      : { ...known, reactions: settleReactions(told.reactions, state.me, known.reactions, told), reacted: told.change },
  );
  conversation.folds += 1;
  return conversation;
}

/* conversation:erased, or a change of kind erase: somebody was erased, with all
 * that they were in it. */
export function applyErase(state, { conversationId, userId }, number = 0) {
  const conversation = state.conversations[conversationId];
  if (!conversation) return null;
  conversation.items = conversation.items.map((message) => erased(message, userId));
  const last = conversation.lastMessage;
  if (last) conversation.lastMessage = erased(last, userId);
  conversation.gone = { sender: userId };
  /* to operators it is named after whose it was */
  if (conversation.self && conversation.otherUserId === userId) conversation.title = '';
  if (!conversation.erased.includes(userId)) conversation.erased.push(userId);
  conversation.change = Math.max(conversation.change, number);
  conversation.folds += 1;
  return conversation;
}

/* The later state of the message that mine shows: `change` counts the changes
 * folded into it, and a deletion is the last. */
export function laterOf(mine, theirs, me) {
  if (mine.deleted || (theirs.change ?? 0) < (mine.change ?? 0)) return mine;
  if (!theirs.deleted && (mine.reacted ?? 0) > (theirs.change ?? 0)) {
    return { ...theirs, reactions: mine.reactions, reacted: mine.reacted };
  }
  return theirs.reactions?.length ? { ...theirs, reactions: settleReactions(theirs.reactions, me, mine.reactions) } : theirs;
}

/* What is shown of a message, wherever that is. */
function foldAt(conversation, seq, folded) {
  const index = findBySeq(conversation.items, seq);
  if (index !== -1) {
    const known = conversation.items[index];
    const now = folded(known);
    if (now !== known) conversation.items.splice(index, 1, now);
  }
  const last = conversation.lastMessage;
  if (last?.seq === seq) conversation.lastMessage = folded(last);
}

/* ---- conversations --------------------------------------------------- */

/* What is one's own of a conversation, on all one's devices. */
const OWN = { mutedUntil: null, pinnedAt: null, archivedSeq: null, markedUnread: false, draft: null };

function takeOwn(conversation, source) {
  if (source.own < conversation.own) return;
  for (const name of Object.keys(OWN)) conversation[name] = source[name];
  conversation.own = source.own;
}

export function emptyConversation(id) {
  return {
    _id: id,
    kind: 'direct',
    title: '',
    avatar: '',
    otherUserId: null,
    self: null, // whose pointers are one's own; null: one's own
    members: null,
    lastMessage: null,
    items: [],
    ahead: [],
    seq: 0,
    lastSeq: 0,
    change: 0,
    folds: 0,
    gone: null, // {seq} or {sender} of what was deleted last
    erased: [], // who was erased while it was known
    described: { lastSeq: 0, lastChange: 0 }, // by the description that was taken
    acted: 0, // the newest message that says what happened to the group
    readSeq: 0,
    receivedSeq: 0,
    ...OWN,
    own: 0, // the number of the last change of what is one's own
    hidden: [], // numbers above readSeq that one does not get to see
    readAck: 0,
    receivedAck: 0,
    pointers: {},
    more: true, // earlier messages than `items` has
    later: false, // later ones
    loaded: false,
    provisional: false,
  };
}

/*
 * A message of a conversation that nobody has described yet. It is shown at
 * once and left out of the sync request, whose `new` then describes it.
 */
function provisional(state, message) {
  const conversation = emptyConversation(message.conversationId);
  conversation.provisional = true;
  conversation.seq = message.seq - 1;
  if (message.seq === 1) wholeFrom(conversation, []);
  if (message.recipient) {
    conversation.otherUserId =
      message.sender === state.me ? message.recipient : message.sender;
  } else {
    conversation.kind = 'group';
  }
  state.conversations[conversation._id] = conversation;
  return state.conversations[conversation._id];
}

/* It begins here: there is no page to load. */
function wholeFrom(conversation, items) {
  conversation.items = items;
  conversation.loaded = true;
  conversation.more = false;
  conversation.later = false;
}

/* Who it is with: what all its members are told does not say. */
function otherOf(state, { kind, otherUser, members }) {
  if (otherUser || !['direct', 'support'].includes(kind)) return otherUser?._id;
  if (kind === 'direct' && members?.length === 1) return state.me; // notes
  const self = selfOf(state, { kind, members }) ?? state.me;
  return members?.find(({ userId }) => userId !== self)?.userId;
}

/* Of support an operator is no member: they read it as the server. */
const selfOf = (state, { kind, members }) =>
  kind === 'support' && members && !members.some(({ userId }) => userId === state.me) ? SERVER : null;

/* What does not only grow. What changes it takes a number, so a description that
 * is older than the one that was taken says smaller ones. */
function takeDescription(state, conversation, source) {
  const { described } = conversation;
  const { lastSeq = 0, lastChange = 0 } = source;
  if (lastSeq < described.lastSeq || lastChange < described.lastChange) return;
  conversation.described = { lastSeq, lastChange };
  conversation.kind = source.kind ?? 'direct';
  conversation.title = source.title ?? '';
  conversation.avatar = source.avatar ?? '';
  /* null: so many that they are not named */
  conversation.members = source.members ?? null;
  conversation.self = selfOf(state, conversation) ?? conversation.self;
  keepPointers(conversation);
  conversation.otherUserId = otherOf(state, source) ?? conversation.otherUserId;
}

/* Something happened to it since it was described: it may have another title,
 * and others may be in it. */
export const isDated = (conversation) =>
  conversation.kind === 'group' && !conversation.provisional && conversation.acted > conversation.described.lastSeq;

/* A conversation as the server describes it: known ones only grow. */
export function applyConversation(state, source) {
  const known = state.conversations[source._id];
  const conversation = known ?? emptyConversation(source._id);
  takeDescription(state, conversation, source);
  /* what all its members are told does not say it */
  if (source.own !== undefined) takeOwn(conversation, source);
  conversation.lastSeq = Math.max(conversation.lastSeq, source.lastSeq ?? 0);
  if (!known || known.provisional) startAt(conversation, source);
  conversation.provisional = !known && mayHide(source);
  if (source.lastMessage) noteLast(conversation, source.lastMessage, state.me);
  const own = { readSeq: source.readSeq, receivedSeq: source.receivedSeq };
  applyPointers(state.me, conversation, [
    { userId: conversation.self ?? state.me, ...own },
    ...(conversation.members ?? []),
  ]);
  noteHiddenUnread(conversation, source);
  if (!known) state.conversations[source._id] = conversation;
  return state.conversations[source._id];
}

/* A conversation that one is told of late: what was before was hidden from
 * somebody, and what all its members are told does not say from whom. */
const mayHide = ({ kind, lastSeq, readSeq }) => kind === 'direct' && lastSeq > 1 && readSeq === undefined;

/* Of these it is said how many are hidden, and not which: the newest, until
 * their rows are here. */
function noteHiddenUnread(conversation, { lastSeq, readSeq, unread }) {
  if (unread === undefined) return;
  const count = lastSeq - readSeq - unread;
  const later = conversation.hidden.filter((seq) => seq > lastSeq);
  conversation.hidden = [...later, ...Array.from({ length: count }, (_, i) => lastSeq - i)];
}

/*
 * From here on nothing is missed. Items must be without a hole up to `seq`,
 * so those that the description overtakes go and are paged to again.
 */
function startAt(conversation, source) {
  const lastSeq = source.lastSeq ?? 0;
  if (lastSeq > conversation.seq) {
    dropUpTo(conversation, lastSeq);
    conversation.loaded = false;
    conversation.later = false;
    conversation.seq = lastSeq;
    if (lastSeq === 1 && source.lastMessage) {
      wholeFrom(conversation, [source.lastMessage, ...conversation.items]);
    }
  }
  conversation.change = source.lastChange ?? 0;
  closeHoles(conversation);
}

export function dropUpTo(conversation, seq) {
  conversation.items = conversation.items.filter((m) => m.seq > seq);
}

/* conversation:own: what is one's own of it, changed on any device. */
export function applyOwn(state, own) {
  const conversation = state.conversations[own.conversationId];
  if (!conversation) return null;
  takeOwn(conversation, own);
  return conversation;
}

export const isMuted = ({ mutedUntil }, now) =>
  Boolean(mutedUntil) && Date.parse(mutedUntil) > now;

/* Put away: until something newer comes, unless it is to be quiet. */
export const isArchived = (conversation, now) =>
  conversation.archivedSeq !== null &&
  (isMuted(conversation, now) || (conversation.lastMessage?.seq ?? 0) <= conversation.archivedSeq);

/* ---- views ----------------------------------------------------------- */

/* Newest first; by time of the last message, then by id for a stable order. */
export function sortedConversations(state) {
  const time = (c) => c.lastMessage?.createdAt ?? '';
  return Object.values(state.conversations).sort(
    (a, b) => time(b).localeCompare(time(a)) || a._id.localeCompare(b._id),
  );
}

export const directWith = (state, userId) =>
  Object.values(state.conversations).find(
    (c) => c.kind === 'direct' && c.otherUserId === userId,
  ) ?? null;

/* With the server, or, of an operator, with a client. */
export const supportWith = (state, userId) =>
  Object.values(state.conversations).find(
    (c) => c.kind === 'support' && c.otherUserId === userId,
  ) ?? null;
