/*
 * outbox - messages that the server has not confirmed, on the disk of this
 * browser: all tabs of a person have the same. Sending an entry twice is
 * harmless: its clientId makes the server answer with the first.
 *
 * entry = {clientId, order, conversationId | null, to | null, content,
 *          replyTo | null, createdAt, state: 'pending' | 'failed',
 *          error: {code, message} | null}
 * With people it names: mentions, see lib/mentions.js. With a file: file {id,
 * name, size, mime}, whose bytes the page `tab` is uploading, and attachment, as
 * the server names it, when they are there; reuploaded, when the server had lost
 * them, perhaps, and got them once more.
 *
 * At a page it has `kept`, too: true on the disk, false nowhere but here, since
 * the browser would not keep it, undefined while nobody knows yet.
 */

import * as database from './database.js';
import { newId } from './ids.js';
import * as storage from './storage.js';

/* In the order of sending; null when nobody can tell. */
export async function loadOutbox(userId) {
  const entries = await database.all('outbox', userId);
  return entries && entries.sort(byOrder).map((entry) => ({ ...entry, kept: true }));
}

/* As they were written, whatever the clock did meanwhile. */
export const byOrder = (a, b) => a.order - b.order || a.createdAt.localeCompare(b.createdAt);

/* After all that wait here, and all that another tab has written. */
export function nextOrder(userId, entries) {
  const name = `order.${userId}`;
  const order = 1 + Math.max(storage.load(name) ?? 0, ...entries.map((entry) => entry.order));
  storage.save(name, order);
  return order;
}

/* -> whether it is on the disk. */
export const saveEntry = (userId, { kept, ...words }) =>
  database.keep('outbox', userId, words.clientId, JSON.parse(JSON.stringify(words)));

export const removeEntry = (userId, clientId) => database.drop('outbox', userId, clientId);

/* Nothing of them waits, or is known, any more. */
export function forgetOutbox(userId) {
  storage.remove(`order.${userId}`);
  return database.forget(userId);
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
