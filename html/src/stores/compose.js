/*
 * compose - what the composer is at besides writing: a reply, or an edit, while
 * which the reply and the words of it wait; and deletions under way. It is
 * kept with the drafts until it is stored or given up.
 */

import { reactive } from 'vue';
import * as core from '../lib/chat-state.js';
import { tidy } from '../lib/content.js';
import { labelsOf, mentionsIn } from '../lib/mentions.js';
import { chat } from './chat.js';
import { changeDraft, draftOf, takeOver } from './drafts.js';
import { send } from './outgoing.js';
import { api, whenOver } from './session.js';
import { addUpload, dropUpload, resumeUpload, uploads } from './uploads.js';

/* by message id: {busy, error} */
const savings = reactive({});
const deletions = reactive({});
whenOver(() => {
  for (const all of [savings, deletions]) Object.keys(all).forEach((id) => delete all[id]);
});

const IDLE = { busy: false, error: null };

/* What must be known of a message before it is loaded again. */
const brief = ({ _id, conversationId, seq, kind, sender, content, mentions, attachment, deleted }) =>
  ({ _id, conversationId, seq, kind, sender, content, mentions, attachment, deleted });

/* null, or {kind: 'reply', message}, or {kind: 'edit', message, text, busy,
 * error}. */
export function composeOf(target) {
  const { reply, editing, edits } = draftOf(target);
  const edit = editing && edits[editing];
  if (edit) return { kind: 'edit', ...edit, ...(savings[editing] ?? IDLE) };
  return reply ? { kind: 'reply', message: reply } : null;
}

export const startReply = (target, message) =>
  changeDraft(target, { reply: brief(message), editing: null, edits: changedEdits(target) });

/* An edit that is left for something else is kept, if anything was changed. */
const changedEdits = (target) =>
  Object.fromEntries(
    Object.entries(draftOf(target).edits).filter(([, { message, text }]) => text !== message.content),
  );

/* With what one had made of it before, if it was left for another. */
export function startEdit(target, message) {
  const edits = changedEdits(target);
  const edit = edits[message._id] ?? {
    message: brief(message),
    text: message.content,
    labels: labelsOf(message),
  };
  changeDraft(target, { editing: message._id, edits: { ...edits, [message._id]: edit } });
}

/* Of what is being written, whichever it is: the edit, else the draft. */
function changeWriting(target, fields) {
  const { editing, edits } = draftOf(target);
  const edit = edits[editing];
  changeDraft(target, edit ? { edits: { ...edits, [editing]: { ...edit, ...fields } } } : fields);
}

export const write = (target, text) => changeWriting(target, { text });

/* With what a page that is no more had begun there. */
export function goOn(target) {
  takeOver(target);
  draftOf(target).files.filter(({ attachment }) => !attachment).forEach(resumeUpload);
}

/* ---- files ----------------------------------------------------------- */

/* With what is being written, each on its way from now on. */
export function attach(target, files) {
  const added = files.map(addUpload);
  changeDraft(target, { files: [...draftOf(target).files, ...added] });
}

export function detach(target, id) {
  dropUpload(id);
  changeDraft(target, { files: draftOf(target).files.filter((file) => file.id !== id) });
}

/* Whether all of them can be sent: what is on its way can. */
export const isSendable = ({ id, attachment }) =>
  Boolean(attachment) || Boolean(uploads[id] && !uploads[id].error);

/* A message for each file, the first with the words. */
export function sendAll(target, content) {
  const { files, labels, reply } = draftOf(target);
  const mentions = mentionsIn(content, labels);
  send(target, content, { replyTo: reply?._id ?? null, mentions, file: files[0] ?? null });
  for (const file of files.slice(1)) send(target, '', { file });
  changeDraft(target, { text: '', files: [], labels: {}, reply: null });
}

/* By itself, whatever else is being written. */
export function sendFile(target, file) {
  const { reply } = draftOf(target);
  send(target, '', { replyTo: reply?._id ?? null, file: addUpload(file) });
  if (reply) changeDraft(target, { reply: null });
}

/* Somebody is named by this text from now on. */
export function addLabel(target, label, userId) {
  const draft = draftOf(target);
  const { labels } = draft.edits[draft.editing] ?? draft;
  changeWriting(target, { labels: { ...labels, [label]: userId } });
}

/* Gives up the edit, else the reply. */
export function endCompose(target) {
  const { editing } = draftOf(target);
  if (editing) endEdit(target, editing);
  else changeDraft(target, { reply: null });
}

function endEdit(target, id) {
  const { editing, edits } = draftOf(target);
  const { [id]: gone, ...rest } = edits;
  delete savings[id];
  if (gone) changeDraft(target, { editing: editing === id ? null : editing, edits: rest });
}

/* Nothing is to be answered or edited that is no more. */
export function dropMessage(target, id) {
  endEdit(target, id);
  if (draftOf(target).reply?._id === id) changeDraft(target, { reply: null });
}

/* Stored, or the entry says why not and keeps the text. */
export async function saveEdit(target) {
  const { state } = chat;
  const { message, text, labels = {} } = composeOf(target);
  const id = message._id;
  const content = tidy(text);
  if (content !== message.content) {
    savings[id] = { busy: true, error: null };
    try {
      await storeEdit(message, { content, mentions: mentionsIn(content, labels) });
    } catch (error) {
      if (chat.state === state) savings[id] = { busy: false, error };
      return;
    }
  }
  if (chat.state === state) endEdit(target, id);
}

/* An event that came meanwhile may be newer than the answer: it stays. */
async function storeEdit({ _id, conversationId }, words) {
  const { state } = chat;
  const folds = state.conversations[conversationId]?.folds;
  const message = await api.edit(_id, words);
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
    if (chat.state === state) deletions[message._id] = { busy: false, error };
    return false;
  }
}

export function keepMessage(message) {
  delete deletions[message._id];
}
