/*
 * outbox - messages that the server has not confirmed. One key per entry, so
 * that two tabs of a user never overwrite each other's. Sending an entry
 * twice is harmless: its clientId makes the server answer with the first.
 *
 * entry = {clientId, order, conversationId | null, to | null, content,
 *          replyTo | null, createdAt, state: 'pending' | 'failed',
 *          error: {code, message} | null, unkept: true where this page
 *          alone has it, since the browser would not keep it}
 * With people it names: mentions, see lib/mentions.js. With a file: file {id, name, size, mime}, whose bytes the page `tab` is
 * uploading, and attachment, as the server names it, when they are there.
 */

import { newId } from './ids.js';
import * as storage from './storage.js';

const keyOf = (userId, clientId) => `outbox.${userId}.${clientId}`;

export function loadOutbox(userId) {
  return storage
    .namesUnder(`outbox.${userId}.`)
    .map((name) => storage.load(name))
    .filter((entry) => entry?.clientId && typeof entry.content === 'string')
    .sort(byOrder);
}

/* As they were written, whatever the clock did meanwhile. Those of an older
 * page have no number, and were first. */
export const byOrder = (a, b) =>
  (a.order ?? 0) - (b.order ?? 0) || a.createdAt.localeCompare(b.createdAt);

/* After all that wait here, and all that another tab keeps. */
export const nextOrder = (userId, entries) =>
  1 + Math.max(0, ...[...entries, ...loadOutbox(userId)].map(({ order }) => order ?? 0));

export function saveEntry(userId, entry) {
  const words = { ...entry, unkept: undefined };
  const saved = storage.save(keyOf(userId, entry.clientId), words);
  entry.unkept = !saved || awaitsFile(entry);
}

export function removeEntry(userId, clientId) {
  storage.remove(keyOf(userId, clientId));
}

export function newEntry(
  { conversationId = null, to = null, content, replyTo = null, mentions = [], file = null, tab = null, order = 1 },
  now,
) {
  const { attachment = null, ...known } = file ?? {};
  return {
    ...(mentions.length && { mentions }),
    ...(file && { file: known, attachment, tab }),
    clientId: newId(),
    order,
    conversationId,
    to,
    content,
    replyTo,
    createdAt: new Date(now).toISOString(),
    state: 'pending',
    error: null,
  };
}

/* What the server gets of an entry, besides where it goes. A reply is named
 * only where there is one; the same entry always gives the same words. */
export function bodyOf({ clientId, content, replyTo, mentions, attachment }) {
  const body = { content, clientId };
  if (replyTo) body.replyTo = replyTo;
  if (mentions?.length) body.mentions = mentions;
  if (attachment) body.attachment = attachment._id;
  return body;
}

/* Its file is not there yet: nothing but the page that uploads it has it. */
export const awaitsFile = ({ file, attachment }) => Boolean(file) && !attachment;

/* The first that can be sent: what goes to one conversation keeps its order,
 * and waits for a file that is on its way. */
export function nextToSend(entries) {
  const held = new Set();
  for (const entry of entries) {
    const where = entry.conversationId ?? entry.to;
    if (entry.state !== 'pending' || held.has(where)) continue;
    if (!awaitsFile(entry)) return entry;
    held.add(where);
  }
  return undefined;
}

/* Refused for good, as opposed to not delivered yet. */
const PERMANENT = new Set([400, 403, 404, 409, 413, 415]);
const TRANSIENT_CODES = new Set([
  'unavailable',
  'store_unavailable',
  'outcome_unknown',
  'rate_limited',
  'timeout',
  'offline',
  'internal',
  'unauthorized',
  'session_expired',
]);

export function isPermanent(error) {
  if (error.status) return PERMANENT.has(error.status);
  return !TRANSIENT_CODES.has(error.code);
}

const DELAYS = [1000, 2000, 4000, 8000, 15000, 30000];

/* How long to wait after the n-th failure in a row, 0 being the first. */
export const retryDelay = (failures) =>
  DELAYS[Math.min(failures, DELAYS.length - 1)];
