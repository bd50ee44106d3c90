/*
 * compose - what the composer is at besides writing: a reply or an edit, one
 * per conversation; and deletions under way. An edit keeps its text until it
 * is stored or given up, also while one looks at another conversation.
 */

import { reactive } from 'vue';
import * as core from '../lib/chat-state.js';
import { chat } from './chat.js';
import { api, session } from './session.js';

/* by person and conversation: {kind: 'reply' | 'edit', message, text, busy,
 * error}; text, busy and error are the edit's */
const entries = reactive({});
/* by message id: {busy, error} */
const deletions = reactive({});

const nameFor = (key) => `${session.user?._id}/${key}`;

export const composeOf = (key) => entries[nameFor(key)] ?? null;

function begin(key, kind, message) {
  const text = message.content;
  entries[nameFor(key)] = { kind, message, text, busy: false, error: null };
}

export const startReply = (key, message) => begin(key, 'reply', message);
export const startEdit = (key, message) => begin(key, 'edit', message);

export function endCompose(key) {
  delete entries[nameFor(key)];
}

/* Stored, or the entry says why not and keeps the text. */
export async function saveEdit(key) {
  const name = nameFor(key);
  const entry = entries[name];
  const content = entry.text.trim();
  if (content !== entry.message.content) {
    entry.busy = true;
    entry.error = null;
    try {
      await storeEdit(entry.message, content);
    } catch (error) {
      entry.error = error;
      return;
    } finally {
      entry.busy = false;
    }
  }
  if (entries[name] === entry) delete entries[name];
}

/* An event that came meanwhile may be newer than the answer: it stays. */
async function storeEdit({ _id, conversationId }, content) {
  const { state } = chat;
  const folds = state.conversations[conversationId]?.folds;
  const message = await api.edit(_id, content);
  if (chat.state !== state) return;
  if (state.conversations[conversationId]?.folds === folds) {
    core.applyChange(state, message);
  }
}

/* ---- deletions ------------------------------------------------------- */

export const deletionOf = (message) => deletions[message._id] ?? null;

/* -> whether it is gone; if not, deletionOf says why. */
export async function deleteMessage(message) {
  const { state } = chat;
  deletions[message._id] = { busy: true, error: null };
  try {
    await api.remove(message._id);
    delete deletions[message._id];
    if (chat.state === state) {
      core.applyChange(state, { ...message, content: '', deleted: true });
    }
    return true;
  } catch (error) {
    deletions[message._id] = { busy: false, error };
    return false;
  }
}

export function keepMessage(message) {
  delete deletions[message._id];
}
