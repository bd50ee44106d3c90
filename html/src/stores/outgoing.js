/*
 * outgoing - from the composer to the server: messages through the outbox,
 * one after the other so that they keep their order, and pointers. The outbox is
 * that of all tabs of a person; one at a time sends from it, where there are
 * locks (on https and localhost), else a message that two send is one by its
 * clientId.
 */

import { watch } from 'vue';
import { named } from '../lib/base.js';
import { confirmReceipt, markRead, pendingReceipts } from '../lib/chat-pointers.js';
import { applyMessage } from '../lib/chat-state.js';
import {
  awaitsFile,
  bodyOf,
  byOrder,
  forgetOutbox,
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
import { dropDrafts, settleFile } from './drafts.js';
import { api, session } from './session.js';
import {
  bytesOf,
  dropUpload,
  dropUploads,
  isUnderWay,
  onUpload,
  resumeUpload,
  retryUpload,
  startOver,
  uploads,
} from './uploads.js';

const PATIENCE_MS = 1500; // a disk that takes longer is not waited for
const RECEIPT_DELAY_MS = 100;
const RECEIPT_RETRY_MS = 5000;
const TYPING_EVERY_MS = 2000;
const TRY_REST = new Set(['timeout', 'unavailable', 'outcome_unknown']);

let socket = null;
let failures = 0;
let sending = null; // the state whose outbox is being sent
let wanted = false; // it is to be looked through, once more
let sendTimer = null;
let confirming = null; // the state whose pointers are being told
let receiptTimer = null;
let lastTyping = 0;

/* Whoever was here may come back, and go on with what waits. */
const mayComeBack = () => session.ended && session.ended !== 'deleted';

/* The connection that is there from now on; null: the page is left, which leaves
 * nothing where one signed out, in whichever tab, or was erased, by whomever. */
export function attach(connection) {
  if (!connection && !session.token && !mayComeBack()) discardAll(chat.state.me);
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
  /* one that was refused at once has said so before anybody heard it */
  const upload = uploads[entry.file?.id];
  if (upload?.state === 'failed') refuse(entry, upload.error);
  chat.outbox.push(entry);
  save(chat.outbox.at(-1));
  lastTyping = 0;
  flush();
}

export function retry(clientId) {
  const entry = chat.outbox.find((e) => e.clientId === clientId);
  if (!entry) return;
  if (awaitsFile(entry)) retryUpload(entry.file.id);
  entry.state = 'pending';
  entry.error = null;
  entry.reuploaded = false;
  save(entry);
  flush();
}

export function discard(clientId) {
  const entry = chat.outbox.find((e) => e.clientId === clientId);
  if (entry?.file) dropUpload(entry.file.id);
  leaveOut(clientId);
  removeEntry(chat.state.me, clientId).then(tellTabs);
}

/* All that somebody has written and not sent, also where no connection was made. */
export function discardAll(userId) {
  if (userId === chat.state.me) {
    for (const { clientId } of chat.outbox) leaveOut(clientId);
    dropUploads();
  }
  forgetOutbox(userId);
  dropDrafts(userId);
}

/* Its bytes are there, or never will be. */
onUpload((upload) => {
  settleFile(upload);
  const entry = chat.outbox.find(({ file }) => file?.id === upload.id);
  if (!entry) return;
  if (upload.attachment) entry.attachment = upload.attachment;
  else refuse(entry, upload.error);
  save(entry);
  flush();
});

function refuse(entry, { code, message }) {
  entry.state = 'failed';
  entry.error = { code, message };
}

/* A message of ours is in the store: by answer, by event or by sync. What waits
 * elsewhere alone is the business of whoever has it. */
export function settle({ sender, clientId }) {
  if (sender !== chat.state.me || !clientId) return;
  if (chat.outbox.some((e) => e.clientId === clientId)) discard(clientId);
}

/* ---- the outbox, on the disk and in the other tabs ------------------- */

const saving = new Map(); // clientId → how many times
const over = new Set(); // the clientIds that this page is done with

function leaveOut(clientId) {
  over.add(clientId);
  chat.outbox = chat.outbox.filter((e) => e.clientId !== clientId);
}

async function save(entry) {
  const { me } = chat.state;
  const { clientId } = entry;
  saving.set(clientId, (saving.get(clientId) ?? 0) + 1);
  const kept = await saveEntry(me, entry);
  entry.kept = kept && !uploads[entry.file?.id]?.unkept;
  saving.set(clientId, saving.get(clientId) - 1);
  if (!saving.get(clientId)) saving.delete(clientId);
  tellTabs();
}

/* The others look again. */
const channel = globalThis.BroadcastChannel && new BroadcastChannel(named('outbox'));
const tellTabs = () => channel?.postMessage(chat.state.me);
if (channel) channel.onmessage = ({ data }) => data === chat.state.me && gather();

let gathering = null; // {state, now, next}: of that state; what runs, what comes after it

/* What is on the disk is what all tabs have: also what was left behind by one
 * that was closed, or by a browser that crashed. Many who ask while the disk is
 * being read are answered by one more look. */
export function gather() {
  const { state } = chat;
  if (gathering?.state !== state) gathering = { state, now: null, next: null };
  const mine = gathering;
  mine.next ??= Promise.resolve(mine.now).then(() => {
    mine.now = mine.next;
    mine.next = null;
    return lookAtDisk(state);
  });
  return mine.next;
}

async function lookAtDisk(state) {
  if (chat.state !== state) return;
  const kept = state.me && (await loadOutbox(state.me));
  if (chat.state !== state || !kept) return;
  const there = new Map(kept.map((entry) => [entry.clientId, entry]));
  const isOurs = ({ clientId, kept: known }) => saving.has(clientId) || !known;
  const still = chat.outbox.filter((entry) => isOurs(entry) || there.has(entry.clientId));
  for (const entry of still) {
    if (!isOurs(entry)) Object.assign(entry, there.get(entry.clientId));
    there.delete(entry.clientId);
  }
  const others = [...there.values()].filter(({ clientId }) => !over.has(clientId));
  chat.outbox = [...still, ...others].sort(byOrder);
  chat.outbox.filter(isLeft).forEach(takeUp);
  chat.outbox.filter(isWantedAgain).forEach(({ file }) => retryUpload(file.id));
}

/* Another tab says so, and the bytes are here. */
const isWantedAgain = (entry) =>
  entry.state === 'pending' && awaitsFile(entry) && uploads[entry.file.id]?.state === 'failed';

/* Its file is of no tab that lives, or may. */
const isLeft = (entry) =>
  entry.state === 'pending' && awaitsFile(entry) && !isUnderWay(entry.file) &&
  settled.value && !living.has(entry.tab);

function takeUp(entry) {
  entry.tab = self;
  save(entry);
  resumeUpload(entry.file);
}
watch(settled, () => chat.ready && gather());

/* One tab of a person at a time. */
const alone = (me, work) =>
  navigator.locks ? navigator.locks.request(named(`outbox.${me}`), work) : work();

/* Send what waits, now; called when there is reason to hope. */
export async function flush() {
  const { state } = chat;
  wanted = true;
  if (sending === state || !session.token) return;
  clearTimeout(sendTimer);
  sending = state;
  try {
    while (wanted && chat.state === state) {
      wanted = false;
      await alone(state.me, () => sendAll(state));
    }
  } catch (error) {
    if (chat.state === state) sendLater(error);
  } finally {
    if (sending === state) sending = null;
  }
}

const late = () => new Promise((resolve) => {
  setTimeout(resolve, PATIENCE_MS);
});

/* What another tab has written comes first, if it was first. */
async function sendAll(state) {
  const shared = chat.outbox.length > 1 || chat.outbox.some(({ tab }) => tab !== self);
  if (shared) await Promise.race([gather(), late()]);
  for (;;) {
    const entry = nextToSend(chat.outbox);
    if (!entry || chat.state !== state) break;
    await sendEntry(entry, state);
    failures = 0;
  }
}

async function sendEntry(entry, state) {
  let message;
  try {
    message = await deliver(entry, state);
  } catch (error) {
    if (!isPermanent(error)) throw error;
    await settleRefusal(entry, error, state);
    return;
  }
  if (chat.state !== state) return;
  applyMessage(state, message);
  settle(message);
}

/* Refused for good, unless it was for a file that is still here. */
async function settleRefusal(entry, error, state) {
  const bytes = mayBeSwept(entry, error) && (await Promise.race([bytesOf(entry.file), late()]));
  /* it was given up meanwhile, or somebody else is in */
  if (chat.state !== state || over.has(entry.clientId)) return;
  if (bytes) uploadAnew(entry, bytes);
  else refuse(entry, error);
  save(entry);
}

/* The server deletes a file that is in no message after a day, and has it no more
 * where an older backup was put back. It says the same of a recipient who is gone:
 * one more try has to do. */
const mayBeSwept = ({ attachment, reuploaded }, { code }) =>
  code === 'not_found' && attachment && !reuploaded;

function uploadAnew(entry, bytes) {
  Object.assign(entry, { attachment: null, reuploaded: true, tab: self });
  startOver(entry.file, bytes);
}

/* By the socket, and by REST where it is down or says nothing; but in nobody else's
 * name. */
async function deliver(entry, state) {
  const { to, conversationId } = entry;
  const body = bodyOf(entry);
  if (socket?.up) {
    const where = conversationId ? { conversationId } : { to };
    try {
      const answer = await socket.ask('send-message', { ...where, ...body });
      return answer.message;
    } catch (error) {
      if (chat.state !== state || !TRY_REST.has(error.code)) throw error;
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

/* No further than there are messages: those that come are yet to be read. */
export function read(conversation, seq) {
  const last = Math.min(seq, conversation.lastSeq);
  if (last <= conversation.readSeq) return;
  markRead(conversation, last);
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
  const { epoch } = state;
  let again = 0;
  for (const receipt of pendingReceipts(state)) {
    if (chat.state !== state || state.epoch !== epoch) break;
    if (!(await tellReceipt(state, receipt))) again = RECEIPT_RETRY_MS;
  }
  if (confirming === state) confirming = null;
  if (chat.state !== state || !session.token) return;
  if (again) confirmSoon(again);
  else if (pendingReceipts(state).length) confirmSoon();
}

/* Another store's conversation of that name has heard nothing by it. -> whether
 * it is settled. */
async function tellReceipt(state, receipt) {
  const { epoch } = state;
  try {
    await tellPointer(receipt);
  } catch (error) {
    /* one that is refused for good must not be asked again for ever */
    if (!isPermanent(error)) return false;
  }
  if (state.epoch === epoch) confirmReceipt(state, receipt);
  return true;
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
