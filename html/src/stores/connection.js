/*
 * connection - keeps chat.state the same as the server's. The socket opens
 * first and its events wait in a queue while /api/sync is asked; then the
 * queue is applied. So nothing can fall between the two, and applying
 * anything twice is harmless.
 */

import { applyPointer } from '../lib/chat-pointers.js';
import { applyChange, applyConversation, applyMessage, applyOwn } from '../lib/chat-state.js';
import { applySync, hasHoles, resetConversation, syncRequest } from '../lib/chat-sync.js';
import { retryDelay } from '../lib/outbox.js';
import { createSocket } from '../lib/socket.js';
import { onWake } from '../lib/wake.js';
import {
  activeConversation,
  chat,
  conversations,
  loadFirst,
  loadNewer,
  loadNewest,
  loadOlder,
  PAGE,
  resetChat,
} from './chat.js';
import * as outgoing from './outgoing.js';
import * as renewal from './renewal.js';
import {
  forgetPeople,
  introduce,
  lookAgainSoon,
  people,
  presenceEvents,
  refreshDirectory,
  remember,
  rememberName,
  setOnline,
} from './people.js';
import { api, endSession, session } from './session.js';

const POLL_MS = 15000; // how often to ask without a socket
const PATIENCE_MS = 2500; // how long to wait for the socket at first
const HOLE_MS = 1000; // how long a missing number may be on its way
const TYPING_MS = 6000; // a stop that never came
const QUEUE_MAX = 2000;
const WATCH_MAX = 200;
const DOUBT_MS = 400; // without an answer nobody is said to be online
const TRY_AGAIN_MS = 2500; // the first try may be too early for the network

let socket = null;
let queue = null; // null: events are applied as they come
let overflown = false;
let unheard = true; // presence may have changed unheard
let syncing = false;
let again = false;
let failures = 0;
let syncTimer = null;
let holeTimer = null;
let doubtTimer = null;
let tryTimer = null;
let asking = false;
let stopWaking = null;
const typingTimers = new Map();

export function start() {
  resetChat(session.user._id);
  remember(session.user);
  socket = createSocket({
    token: () => session.token,
    onEvent,
    onUp,
    onDown,
    onRefused: endSession,
  });
  outgoing.attach(socket);
  renewal.attach(socket);
  syncLater(PATIENCE_MS);
  stopWaking = onWake(woke);
  addEventListener('online', cameBack);
  addEventListener('offline', wentAway);
}

export function stop() {
  socket?.close();
  socket = null;
  outgoing.attach(null);
  renewal.attach(null);
  for (const timer of [syncTimer, holeTimer, doubtTimer, tryTimer, ...typingTimers.values()]) {
    clearTimeout(timer);
  }
  typingTimers.clear();
  holeTimer = null;
  stopWaking();
  removeEventListener('online', cameBack);
  removeEventListener('offline', wentAway);
  resetChat(null);
  forgetPeople();
}

/* ---- the socket ------------------------------------------------------ */

function onUp() {
  queue = [];
  overflown = false;
  unheard = true;
  chat.net = 'up';
  renewal.look();
  sync();
}

function onDown() {
  queue = null;
  chat.typing = [];
  if (asking) chat.doubted = true;
  if (chat.net === 'up') chat.net = 'connecting';
  if (!navigator.onLine) chat.net = 'offline';
  else if (!syncTimer) syncLater(PATIENCE_MS);
}

/* Whatever becomes of the socket. */
function cameBack() {
  syncLater(PATIENCE_MS);
}

/* A socket that seems connected may have died without a word: it is asked, and
 * replaced when it says nothing. */
async function woke() {
  if (!socket.up) {
    chat.net = 'connecting';
    replace();
  } else if (!asking) {
    asking = true;
    const asked = socket;
    const { id } = asked;
    doubtTimer = setTimeout(() => {
      chat.doubted = true;
    }, DOUBT_MS);
    const alive = await asked.isAlive('watch-presence', { ids: watchList() });
    clearTimeout(doubtTimer);
    asking = false;
    if (socket !== asked) return;
    /* answered by a new connection: the other old ones are dead, too */
    if (alive && asked.id !== id) api.reconnect();
    if (alive) chat.doubted &&= syncing;
    else if (!asked.up || asked.id === id) replace();
  }
}

/* With it goes what is under way on the other connections of that time. */
function replace() {
  chat.doubted = true;
  api.reconnect();
  connectNow();
}

function connectNow() {
  socket.reconnect();
  syncLater(PATIENCE_MS);
  clearTimeout(tryTimer);
  tryTimer = setTimeout(() => {
    if (!socket.up) socket.reconnect();
  }, TRY_AGAIN_MS);
}

/* A server on this machine is reached without a network, too. */
function wentAway() {
  if (!socket?.up) chat.net = 'offline';
}

export function reconnect() {
  if (!socket.up) connectNow();
  sync();
}

function onEvent(name, payload) {
  if (name === 'session-expired') {
    /* of an older token than ours: it comes back with the new one */
    endSession(socket.token, payload?.reason);
  } else if (!queue) {
    handle(name, payload ?? {});
  } else if (queue.length < QUEUE_MAX) {
    queue.push([name, payload ?? {}]);
  } else {
    overflown = true;
  }
}

const handlers = {
  ...presenceEvents,
  'message:new': messageNew,
  'message:updated': (message) => applyChange(chat.state, message),
  'message:deleted': (message) => applyChange(chat.state, message),
  'message:read': (pointer) => applyPointer(chat.state, pointer),
  'message:received': (pointer) => applyPointer(chat.state, pointer),
  'conversation:new': conversationNew,
  'conversation:updated': conversationUpdated,
  'conversation:gone': ({ conversationId }) => delete chat.state.conversations[conversationId],
  'conversation:own': (own) => applyOwn(chat.state, own),
  typing: typingStarted,
  'typing-stopped': typingStopped,
  sync,
};

function handle(name, payload) {
  if (Object.hasOwn(handlers, name)) handlers[name](payload);
}

function messageNew(message) {
  const { isNew } = applyMessage(chat.state, message);
  outgoing.settle(message);
  typingStopped({ from: message.sender });
  if (isNew) tellOfArrivals([message]);
  healLater();
}

/* Its description holds the first message, too. */
function conversationNew(conversation) {
  const known = chat.state.conversations[conversation._id];
  introduce(applyConversation(chat.state, conversation).otherUserId);
  const { lastMessage } = conversation;
  if (!known && lastMessage) tellOfArrivals([lastMessage]);
  if (lastMessage) outgoing.settle(lastMessage);
  outgoing.confirmSoon();
}

function conversationUpdated() {
  refreshConversations().catch(() => {
    unheard = true;
    syncFailed();
  });
}

function tellOfArrivals(messages) {
  const others = messages.filter((m) => m.sender !== chat.state.me);
  for (const m of others) rememberName(m.sender, m.senderName);
  if (!others.length) return;
  const { sender, content } = others.at(-1);
  const count = (chat.arrived?.count ?? 0) + 1;
  chat.arrived = { sender, content, count };
  outgoing.confirmSoon();
}

function healLater() {
  if (holeTimer || !hasHoles(chat.state)) return;
  holeTimer = setTimeout(() => {
    holeTimer = null;
    if (hasHoles(chat.state)) sync();
  }, HOLE_MS);
}

/* ---- typing ---------------------------------------------------------- */

function typingStarted({ from, conversationId }) {
  typingStopped({ from });
  chat.typing.push({ from, conversationId });
  typingTimers.set(
    from,
    setTimeout(() => typingStopped({ from }), TYPING_MS),
  );
}

function typingStopped({ from }) {
  clearTimeout(typingTimers.get(from));
  typingTimers.delete(from);
  chat.typing = chat.typing.filter((t) => t.from !== from);
}

/* ---- sync ------------------------------------------------------------ */

function syncLater(delay) {
  clearTimeout(syncTimer);
  syncTimer = setTimeout(() => {
    syncTimer = null;
    if (navigator.onLine) sync();
  }, delay);
}

export async function sync() {
  if (!session.token) return;
  again = true;
  if (syncing) return;
  syncing = true;
  clearTimeout(syncTimer);
  syncTimer = null;
  const { state } = chat;
  try {
    while (again && chat.state === state) {
      again = false;
      await syncOnce(state);
    }
    if (chat.state === state) caughtUp();
  } catch {
    if (chat.state === state) syncFailed();
  } finally {
    syncing = false;
    if (chat.state !== state && session.token) sync();
  }
}

async function syncOnce(state) {
  const answer = await api.sync(syncRequest(state));
  if (chat.state !== state) return;
  for (const c of answer.new ?? []) remember(c.otherUser);
  const { again: more, reset, arrived } = applySync(state, answer);
  for (const message of answer.messages ?? []) outgoing.settle(message);
  tellOfArrivals(arrived);
  for (const id of reset) await reload(state, id);
  if (more) again = true;
}

async function reload(state, conversationId) {
  const { folds } = state.conversations[conversationId] ?? {};
  const page = await api.history({ conversationId, limit: PAGE });
  if (chat.state !== state) return;
  const conversation = resetConversation(state, page);
  /* a change came by meanwhile, which the page may be without */
  if (conversation && conversation.folds !== folds) again = true;
}

function caughtUp() {
  const first = !chat.ready;
  failures = 0;
  chat.ready = true;
  chat.doubted = false;
  drain();
  if (!socket?.up) {
    chat.net = 'polling';
    unheard = true;
    syncLater(POLL_MS);
  }
  outgoing.gather();
  outgoing.flush();
  outgoing.confirmSoon();
  if (unheard) refreshPeople(first);
  if (activeConversation.value) ensureLoaded(activeConversation.value);
}

function drain() {
  const events = queue ?? [];
  queue = null;
  for (const [name, payload] of events) handle(name, payload);
  if (overflown) {
    overflown = false;
    sync();
  }
}

function syncFailed() {
  if (!session.token) return;
  if (!socket?.up) chat.net = navigator.onLine ? 'failed' : 'offline';
  else if (!chat.ready) chat.net = 'failed';
  syncLater(retryDelay(failures));
  failures += 1;
}

/* ---- people ---------------------------------------------------------- */

/* Presence that changed while we were away is told by nobody: ask. */
async function refreshPeople(first) {
  unheard = false;
  const { state } = chat;
  await Promise.allSettled([
    first ? null : refreshConversations(),
    refreshDirectory(),
  ]);
  if (chat.state !== state) return;
  lookAgainSoon(session.user._id);
  if (!first && chat.active?.userId) lookAgainSoon(chat.active.userId);
  watchPresence();
}

async function refreshConversations() {
  const { state } = chat;
  let list = [];
  do {
    list = await api.conversations(list.at(-1)?._id);
    if (chat.state !== state) return;
    for (const conversation of list) {
      remember(conversation.otherUser);
      if (state.conversations[conversation._id]) {
        applyConversation(state, conversation);
      }
    }
  } while (list.more);
  healLater();
}

/* Everybody we know; if they are too many, those in sight first. */
function watchList() {
  const ids = new Set([
    chat.active?.userId,
    ...conversations.value.map((c) => c.otherUserId),
    ...people.search.ids,
    ...Object.keys(people.byId),
  ]);
  return [...ids].filter((id) => people.byId[id]).slice(0, WATCH_MAX);
}

/* Hear of everybody we show, from now on; the answer says how it is now. */
export async function watchPresence() {
  if (!socket?.up) return;
  const ids = watchList();
  try {
    const { online } = await socket.ask('watch-presence', { ids });
    setOnline(ids, online);
  } catch {
    /* lost or refused: what REST said stays */
  }
}

/* ---- history ---------------------------------------------------------- */

/* What was loaded may be without a change that came by meanwhile. */
const thenSync = (load) => async (conversation, ...which) => {
  if (conversation?.loaded && (await load(conversation, ...which))) sync();
};

export const pageBack = thenSync(loadOlder);
export const pageForward = thenSync(loadNewer);
export const jumpToEnd = thenSync(loadNewest);

/* The page of a conversation that is open but not loaded. */
export async function ensureLoaded(conversation) {
  if (conversation.loaded) return;
  if (await loadFirst(conversation)) sync();
}
