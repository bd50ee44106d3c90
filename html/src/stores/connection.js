/*
 * connection - keeps chat.state the same as the server's. The socket opens
 * first and its events wait in a queue while /api/sync is asked; then the
 * queue is applied. So nothing can fall between the two, and applying
 * anything twice is harmless.
 */

import { watch } from 'vue';
import { ApiError } from '../lib/api-error.js';
import { applyConversation } from '../lib/chat-state.js';
import { applySync, dropOldest, resetConversation, syncRequest } from '../lib/chat-sync.js';
import { retryDelay } from '../lib/outbox.js';
import { createSocket } from '../lib/socket.js';
import { onWake } from '../lib/wake.js';
import * as arrivals from './arrivals.js';
import { forgetBlocks, loadBlocks } from './blocks.js';
import { activeConversation, chat, historyOf, PAGE, resetChat } from './chat.js';
import * as history from './history.js';
import * as known from './known.js';
import * as outgoing from './outgoing.js';
import { doubtPeople, forgetPeople, lookAgainSoon, refreshDirectory, remember, rememberSenders } from './people.js';
import * as presence from './presence.js';
import * as renewal from './renewal.js';
import { api, endSession, session } from './session.js';
import { forgetTyping } from './typing.js';

const POLL_MS = 15000; // how often to ask without a socket
const PATIENCE_MS = 2500; // how long to wait for the socket at first
const QUEUE_MAX = 2000;
const DOUBT_MS = 400; // without an answer nobody is said to be online
const RECALL_MS = 1500; // a disk that takes longer is not waited for
const TRY_AGAIN_MS = 2500; // the first try may be too early for the network

let socket = null;
let queue = null; // null: events are applied as they come
let overflown = false;
let unheard = true; // presence may have changed unheard
let syncing = false;
let again = false;
let failures = 0;
let syncTimer = null;
let doubtTimer = null;
let tryTimer = null;
let asking = false;
let recalled = null; // a promise
let stopWaking = null;
let stopLooking = null;

/* offline: it is to open without a network, too. */
export function start({ offline = false } = {}) {
  resetChat(session.user._id);
  /* what came for somebody else since they went */
  forgetPeople();
  forgetBlocks();
  remember(session.user);
  recalled = recall(chat.state, offline);
  socket = createSocket({
    token: () => session.token,
    onEvent,
    onUp,
    onDown,
    onRefused: endSession,
  });
  arrivals.attach(sync);
  history.attach(sync);
  for (const user of [outgoing, presence, renewal]) user.attach(socket);
  syncLater(PATIENCE_MS);
  stopWaking = onWake(woke);
  stopLooking = watch(() => session.user?.hidesReceipts, whenShown, { flush: 'sync' });
  addEventListener('online', cameBack);
  addEventListener('offline', wentAway);
}

/* What waits here, and what was known when the page was last open. */
async function recall(state, offline) {
  await Promise.race([
    Promise.all([outgoing.gather(), offline && known.recall()]).then(([, found]) => {
      if (chat.state === state) chat.ready ||= Boolean(found);
    }),
    new Promise((resolve) => setTimeout(resolve, RECALL_MS)),
  ]);
}

/* Of what only the socket knows; an ApiError when it does not say. */
export const askSocket = (name, payload) =>
  socket?.up ? socket.ask(name, payload) : Promise.reject(new ApiError({ code: 'unavailable' }));

export function stop() {
  socket?.close();
  socket = null;
  for (const user of [outgoing, presence, renewal]) user.attach(null);
  for (const timer of [syncTimer, doubtTimer, tryTimer]) clearTimeout(timer);
  arrivals.detach();
  known.leaveOff();
  forgetTyping();
  stopWaking();
  stopLooking();
  removeEventListener('online', cameBack);
  removeEventListener('offline', wentAway);
  resetChat(null);
  forgetPeople();
  forgetBlocks();
}

/* ---- the socket ------------------------------------------------------ */

function onUp() {
  queue = [];
  overflown = false;
  unheard = true;
  chat.current = false;
  chat.net = 'up';
  renewal.look();
  sync();
}

function onDown() {
  queue = null;
  chat.current = false;
  forgetTyping();
  presence.lost();
  if (asking) chat.doubted = true;
  if (['up', 'behind'].includes(chat.net)) chat.net = 'connecting';
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
    const alive = await presence.probe(asked);
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
    arrivals.handle(name, payload ?? {});
    known.rememberSoon();
  } else if (queue.length < QUEUE_MAX) {
    queue.push([name, payload ?? {}]);
  } else {
    overflown = true;
  }
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
  await recalled;
  dropOldest(state, activeConversation.value?._id);
  const answer = await api.sync(syncRequest(state));
  if (chat.state !== state) return;
  for (const c of answer.new ?? []) {
    remember(c.otherUser);
    if (c.lastMessage) rememberSenders([c.lastMessage]);
  }
  const { again: more, reset, arrived } = applySync(state, answer);
  for (const message of answer.messages ?? []) outgoing.settle(message);
  for (const { kind, userId } of answer.changes ?? []) {
    if (kind === 'erase') arrivals.forgetErased(userId);
  }
  try {
    for (const id of reset) arrived.push(...await reload(state, id));
  } finally {
    /* at once, and also where a page was not to be had: the others came */
    if (chat.state === state) arrivals.tellOfArrivals(arrived);
  }
  if (more) again = true;
}

/* -> what arrived by its page. */
async function reload(state, conversationId) {
  const { folds } = state.conversations[conversationId] ?? {};
  const held = state.conversations[conversationId] ?? { _id: conversationId };
  const page = await historyOf(held, { limit: PAGE });
  if (chat.state !== state) return [];
  rememberSenders(page.items);
  const { conversation, arrived } = resetConversation(state, page);
  /* a change came by meanwhile, which the page may be without */
  if (conversation && conversation.folds !== folds) again = true;
  return arrived;
}

function caughtUp() {
  const first = !chat.ready;
  failures = 0;
  chat.ready = true;
  chat.doubted = false;
  drain();
  known.rememberSoon();
  chat.current = true;
  if (socket?.up) {
    chat.net = 'up';
  } else {
    chat.net = 'polling';
    unheard = true;
    syncLater(POLL_MS);
  }
  outgoing.gather();
  outgoing.flush();
  outgoing.confirmSoon();
  if (unheard) refreshPeople(first);
  if (activeConversation.value) history.ensureLoaded(activeConversation.value);
  arrivals.healLater();
}

function drain() {
  const events = queue ?? [];
  queue = null;
  for (const [name, payload] of events) arrivals.handle(name, payload);
  if (overflown) {
    overflown = false;
    sync();
  }
}

function syncFailed() {
  if (!session.token) return;
  if (!socket?.up) chat.net = navigator.onLine ? 'failed' : 'offline';
  else if (!chat.ready) chat.net = 'failed';
  else if (failures) chat.net = 'behind';
  syncLater(retryDelay(failures));
  failures += 1;
}

/* ---- people ---------------------------------------------------------- */

/* Presence that changed while we were away is told by nobody: ask. */
async function refreshPeople(first) {
  unheard = false;
  if (!first && socket?.up) doubtPeople();
  const { state } = chat;
  await Promise.allSettled([
    first ? null : refreshConversations(),
    refreshDirectory(),
    loadBlocks(),
  ]);
  if (chat.state !== state) return;
  lookAgainSoon(session.user._id);
  if (!first && chat.active?.userId) lookAgainSoon(chat.active.userId);
  presence.watchPresence();
}

/* Who hid what they read was told of nobody else's reading, either. */
function whenShown(hides, before) {
  if (before && hides === false) refreshConversations().catch(() => {
    /* with the next connection */
  });
}

/* They were erased, by what no sync told of. */
function forgetOther({ otherUserId }) {
  if (otherUserId !== chat.state.me) arrivals.forgetErased(otherUserId);
}

async function refreshConversations() {
  const { state } = chat;
  let list = [];
  do {
    list = await api.conversations(list.at(-1)?._id);
    if (chat.state !== state) return;
    for (const conversation of list) {
      remember(conversation.otherUser);
      const held = state.conversations[conversation._id];
      if (!held) continue;
      if (held.kind === 'direct' && !conversation.otherUser) forgetOther(held);
      applyConversation(state, conversation);
    }
  } while (list.more);
  arrivals.healLater();
}
