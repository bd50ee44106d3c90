/*
 * arrivals - what the server's events do to the page. connection.js brings
 * them in the right order; each may come more than once.
 */

import { applyPointer } from '../lib/chat-pointers.js';
import { applyChange, applyConversation, applyErase, applyMessage, applyOwn, applyReaction, isMuted } from '../lib/chat-state.js';
import { applyLatestPage, datedGroups, hasHoles } from '../lib/chat-sync.js';
import { serverNow } from '../lib/server-clock.js';
import { isBlocked, noteBlock } from './blocks.js';
import { noteBroadcast } from './broadcast.js';
import { chat, describe } from './chat.js';
import * as outgoing from './outgoing.js';
import { forgetPerson, introduce, presenceEvents, rememberWriters } from './people.js';
import { session } from './session.js';
import { typingStarted, typingStopped } from './typing.js';

const HOLE_MS = 1000; // how long a missing number may be on its way

let sync = () => {};
let tell = () => {};
let holeTimer = null;
let describing = false;

/* What brings the page up to date. */
export function attach(syncing) {
  sync = syncing;
}

export function detach() {
  clearTimeout(holeTimer);
  holeTimer = null;
}

/* Who is told of the messages that may make a noise, in lists, each once. -> what
 * ends it. */
export function onHeard(teller) {
  tell = teller;
  return () => {
    tell = () => {};
  };
}

const handlers = {
  ...presenceEvents,
  'message:new': messageNew,
  'message:updated': (message) => applyChange(chat.state, message),
  'message:deleted': (message) => applyChange(chat.state, message),
  'message:reaction': (told) => applyReaction(chat.state, told),
  'message:read': (pointer) => applyPointer(chat.state, pointer),
  'message:received': (pointer) => applyPointer(chat.state, pointer),
  'conversation:new': conversationNew,
  'conversation:updated': conversationUpdated,
  'conversation:gone': ({ conversationId }) => delete chat.state.conversations[conversationId],
  'conversation:own': (own) => applyOwn(chat.state, own),
  'user:blocked': noteBlock,
  'conversation:erased': somebodyErased,
  typing: typingStarted,
  'typing-stopped': typingStopped,
  system_message: noteBroadcast,
  lobby: lobbyOpened,
  sync: () => sync(),
};

/* What a page of its own hears besides, after what is done anyway. */
export function hear(name, handler) {
  const known = handlers[name];
  handlers[name] = (payload) => {
    known?.(payload);
    handler(payload);
  };
}

export function handle(name, payload) {
  if (Object.hasOwn(handlers, name)) handlers[name](payload);
}

function somebodyErased(erase) {
  applyErase(chat.state, erase);
  forgetErased(erase.userId);
}

/* Nobody knows them any more. */
export function forgetErased(userId) {
  if (chat.arrived?.message.sender === userId) chat.arrived = null;
  noteBlock({ userId, blocked: false });
  forgetPerson(userId);
}

/* One that everybody is in by their role, and that no list names. */
function lobbyOpened({ conversationId, items }) {
  const known = chat.state.conversations[conversationId];
  if (items.length) {
    if (!known) tryToDescribe(conversationId);
    return;
  }
  if (!known) applyConversation(chat.state, { _id: conversationId, kind: 'lobby', members: [] });
  /* where nobody ever wrote there is no history to ask for */
  if (!known?.seq) applyLatestPage(chat.state, { conversationId, items: [], lastSeq: 0, more: false });
}

const tryToDescribe = (id) =>
  describe(chat.state, id).catch(() => {
    /* with its next message */
  });

/* One after the other: there may be many after a night. */
async function describeDated() {
  if (describing) return;
  describing = true;
  for (const { _id } of datedGroups(chat.state)) await tryToDescribe(_id);
  describing = false;
}

/* Of what operators share no sync tells them that it is there. */
const isShared = ({ provisional }, { recipient }) =>
  provisional && !recipient && session.user?.role === 'operator';

function messageNew(message) {
  const { conversation, isNew } = applyMessage(chat.state, message);
  if (isShared(conversation, message)) tryToDescribe(conversation._id);
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

/* Of one that nobody has described a sync will tell. */
function conversationUpdated(conversation) {
  if (chat.state.conversations[conversation._id]) applyConversation(chat.state, conversation);
  healLater();
}

export function tellOfArrivals(messages) {
  const others = messages.filter((m) => m.sender !== chat.state.me);
  rememberWriters(others);
  if (!others.length) return;
  const heard = others.filter(isHeard);
  if (heard.length) {
    chat.arrived = { message: heard.at(-1), count: (chat.arrived?.count ?? 0) + 1 };
    tell(heard);
  }
  outgoing.confirmSoon();
}

/* What is muted, or of somebody one blocks, makes no noise, nor does what a sync
 * brings of a message that is deleted by now. */
function isHeard({ conversationId, sender, deleted }) {
  const conversation = chat.state.conversations[conversationId];
  return !deleted && !isBlocked(sender) && !(conversation && isMuted(conversation, serverNow()));
}

export function healLater() {
  if (holeTimer || !(hasHoles(chat.state) || datedGroups(chat.state).length)) return;
  holeTimer = setTimeout(() => {
    holeTimer = null;
    if (hasHoles(chat.state)) sync();
    else describeDated();
  }, HOLE_MS);
}
