/*
 * outgoing - from the composer to the server: messages through the outbox,
 * one after the other so that they keep their order, and pointers.
 */

import { watch } from 'vue';
import { confirmReceipt, markRead, pendingReceipts } from '../lib/chat-pointers.js';
import { applyMessage } from '../lib/chat-state.js';
import {
  awaitsFile,
  bodyOf,
  byOrder,
  isPermanent,
  loadOutbox,
  newEntry,
  nextOrder,
  nextToSend,
  removeEntry,
  retryDelay,
  saveEntry,
} from '../lib/outbox.js';
import { living, self, settled } from '../lib/tabs.js';
import { chat } from './chat.js';
import { settleFile } from './drafts.js';
import { api, session } from './session.js';
import { dropUpload, onUpload, retryUpload } from './uploads.js';

const RECEIPT_DELAY_MS = 100;
const RECEIPT_RETRY_MS = 5000;
const TYPING_EVERY_MS = 2000;
const TRY_REST = new Set(['timeout', 'unavailable', 'outcome_unknown']);

let socket = null;
let failures = 0;
let sending = null; // the state whose outbox is being sent
let sendTimer = null;
let confirming = null; // the state whose pointers are being told
let receiptTimer = null;
let lastTyping = 0;

/* The connection that is there from now on; null: signed out. */
export function attach(connection) {
  socket = connection;
  failures = 0;
  clearTimeout(sendTimer);
  clearTimeout(receiptTimer);
  sendTimer = null;
  receiptTimer = null;
}

/* ---- messages -------------------------------------------------------- */

/* more: {replyTo, file} */
export function send({ userId, conversationId }, content, more = {}) {
  const order = nextOrder(chat.state.me, chat.outbox);
  const entry = newEntry(
    { to: userId, conversationId, content, ...more, tab: self, order },
    Date.now(),
  );
  chat.outbox.push(entry);
  saveEntry(session.user._id, chat.outbox.at(-1));
  lastTyping = 0;
  flush();
}

export function retry(clientId) {
  const entry = chat.outbox.find((e) => e.clientId === clientId);
  if (!entry) return;
  if (awaitsFile(entry)) retryUpload(entry.file.id);
  entry.state = 'pending';
  entry.error = null;
  saveEntry(session.user._id, entry);
  flush();
}

export function discard(clientId) {
  const entry = chat.outbox.find((e) => e.clientId === clientId);
  if (entry?.file) dropUpload(entry.file.id);
  chat.outbox = chat.outbox.filter((e) => e.clientId !== clientId);
  removeEntry(chat.state.me, clientId);
}

/* Its bytes are there, or never will be. */
onUpload((upload) => {
  settleFile(upload);
  const entry = chat.outbox.find(({ file }) => file?.id === upload.id);
  if (!entry) return;
  if (upload.attachment) entry.attachment = upload.attachment;
  else refuse(entry, upload.error);
  saveEntry(chat.state.me, entry);
  flush();
});

function refuse(entry, { code, message }) {
  entry.state = 'failed';
  entry.error = { code, message };
}

/* A message of ours is in the store: by answer, by event or by sync. */
export function settle(message) {
  if (message.sender !== chat.state.me || !message.clientId) return;
  discard(message.clientId);
}

/* Also what was left behind by a tab that was closed. One that lives sends
 * the same: nothing comes of that, and the order stays. */
export function gather() {
  for (const entry of chat.outbox) if (entry.unkept) saveEntry(chat.state.me, entry);
  const known = new Set(chat.outbox.map(({ clientId }) => clientId));
  const left = loadOutbox(chat.state.me).filter((e) => !known.has(e.clientId) && !isUploaded(e));
  if (!left.length) return;
  for (const entry of left.filter(awaitsFile)) refuse(entry, { code: 'lost', message: '' });
  chat.outbox = [...chat.outbox, ...left].sort(byOrder);
}

/* By a tab that lives, or may. */
const isUploaded = (entry) => awaitsFile(entry) && (!settled.value || living.has(entry.tab));
watch(settled, () => chat.ready && gather());

/* Send what waits, now; called when there is reason to hope. */
export async function flush() {
  const { state } = chat;
  if (sending === state || !session.token) return;
  clearTimeout(sendTimer);
  sending = state;
  try {
    for (;;) {
      const entry = nextToSend(chat.outbox);
      if (!entry || chat.state !== state) break;
      await sendEntry(entry, state);
      failures = 0;
    }
  } catch (error) {
    if (chat.state === state) sendLater(error);
  } finally {
    if (sending === state) sending = null;
  }
}

async function sendEntry(entry, state) {
  let message;
  try {
    message = await deliver(entry);
  } catch (error) {
    if (!isPermanent(error)) throw error;
    refuse(entry, error);
    saveEntry(state.me, entry);
    return;
  }
  if (chat.state !== state) return;
  applyMessage(state, message);
  settle(message);
}

/* By the socket, and by REST where it is down or says nothing. */
async function deliver(entry) {
  const { to, conversationId } = entry;
  const body = bodyOf(entry);
  if (socket?.up) {
    const where = conversationId ? { conversationId } : { to };
    try {
      const answer = await socket.ask('send-message', { ...where, ...body });
      return answer.message;
    } catch (error) {
      if (!TRY_REST.has(error.code)) throw error;
    }
  }
  const where = conversationId ? { conversationId } : { recipient_id: to };
  return api.send({ ...where, ...body });
}

function sendLater(error) {
  if (!session.token) return;
  const wait = Math.max(retryDelay(failures), (error.retryAfter ?? 0) * 1000);
  failures += 1;
  sendTimer = setTimeout(flush, wait);
}

/* ---- pointers -------------------------------------------------------- */

export function read(conversation, seq) {
  if (seq <= conversation.readSeq) return;
  markRead(conversation, seq);
  confirmSoon();
}

export function confirmSoon(delay = RECEIPT_DELAY_MS) {
  receiptTimer ??= setTimeout(confirm, delay);
}

async function confirm() {
  receiptTimer = null;
  const { state } = chat;
  if (confirming === state || !session.token) return;
  confirming = state;
  let again = 0;
  for (const receipt of pendingReceipts(state)) {
    try {
      await tellPointer(receipt);
      if (chat.state !== state) break;
      confirmReceipt(state, receipt);
    } catch (error) {
      /* one that is refused for good must not be asked again for ever */
      if (isPermanent(error)) confirmReceipt(state, receipt);
      else again = RECEIPT_RETRY_MS;
    }
  }
  if (confirming === state) confirming = null;
  if (chat.state !== state || !session.token) return;
  if (again) confirmSoon(again);
  else if (pendingReceipts(state).length) confirmSoon();
}

function tellPointer({ conversationId, event, seq }) {
  if (socket?.up) return socket.ask(event, { conversationId, seq });
  return event === 'message-read'
    ? api.read({ conversationId, seq })
    : api.received({ conversationId, seq });
}

/* ---- typing ---------------------------------------------------------- */

const typingTarget = ({ userId, conversationId }) =>
  conversationId ? { conversationId } : { to: userId };

export function typing(target) {
  const now = Date.now();
  if (now - lastTyping < TYPING_EVERY_MS) return;
  lastTyping = now;
  socket?.tell('typing', typingTarget(target));
}

/* What was typed has been sent, which says that one has stopped. */
export const typed = () => {
  lastTyping = 0;
};

export function typingStopped(target) {
  if (!lastTyping) return;
  lastTyping = 0;
  socket?.tell('typing-stopped', typingTarget(target));
}
