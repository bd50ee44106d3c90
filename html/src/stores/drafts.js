/*
 * drafts - what is being written and not sent: per person and conversation, and
 * per tab, so that two tabs in one conversation do not write over each other.
 * They outlive a reload, a crash and the end of a session, not a sign-out. What
 * a closed tab left is taken over by the next one that opens the conversation.
 *
 * A draft: {target, text, files, labels, reply, editing, edits, at}: the words;
 * what goes with them, {id, name, size, mime, attachment}, the last null until the
 * server has it; whom they name, {'@Ann': id}, as labels; the message that they
 * answer, or null; the id of the message that is being edited, or null; what became
 * of edited messages so far, by id: {message, text}; and, as shared, what one's
 * other devices have of it, by a server whose data are of that epoch, and, as sent,
 * what they may have since (shared-drafts.js).
 */

import { reactive } from 'vue';
import { onOtherTabUnder, load, namesUnder, remove, save } from '../lib/storage.js';
import * as tabs from '../lib/tabs.js';

const EMPTY = { text: '', files: [], labels: {}, reply: null, editing: null, edits: {}, shared: null, sent: null };

export const keyOf = ({ userId, conversationId }) => userId ?? conversationId;

/* by key: {tab: draft} */
const kept = reactive({});
let owner = null;
let stop = () => {};

const under = () => `draft.${owner}.`;
const nameOf = (key, tab) => `${under()}${key}.${tab}`;

/* Older pages kept a text alone, for all tabs. */
function asDraft(value) {
  if (typeof value === 'string') return { ...EMPTY, text: value, at: 0 };
  return value && typeof value === 'object' ? { ...EMPTY, at: 0, ...value } : null;
}

function read(name) {
  const [key, tab = ''] = name.slice(under().length).split('.');
  const draft = asDraft(load(name));
  if (draft) (kept[key] ??= {})[tab] = draft;
  else if (tab !== tabs.self) drop(key, tab);
}

function drop(key, tab) {
  delete kept[key]?.[tab];
  if (kept[key] && !Object.keys(kept[key]).length) delete kept[key];
}

/* Those of this person from now on; null: of nobody. */
export function openDrafts(userId) {
  stop();
  stop = () => {};
  for (const key of Object.keys(kept)) delete kept[key];
  owner = userId;
  if (!userId) return;
  namesUnder(under()).forEach(read);
  stop = onOtherTabUnder(under(), read);
}

/* Of this person, who need not have them open. */
export function dropDrafts(userId) {
  for (const name of namesUnder(`draft.${userId}.`)) remove(name);
  if (userId === owner) for (const key of Object.keys(kept)) delete kept[key];
}

/* ---- one's own ------------------------------------------------------- */

export const draftOf = (target) => kept[keyOf(target)]?.[tabs.self] ?? EMPTY;

/* Of what others still have it must be known that it is gone. */
const isEmpty = ({ text, files, reply, edits, shared, sent }) =>
  !text && !files.length && !reply && !shared && !sent && Object.keys(edits).length === 0;

let heard = () => {};

/* heard(target): one has written on. */
export function onWriting(listener) {
  heard = listener;
  return () => {
    heard = () => {};
  };
}

export function changeDraft(target, fields) {
  keepDraft(target, fields);
  heard(target);
}

/* Without a word to anybody. */
export function keepDraft(target, fields) {
  if (owner) put(keyOf(target), tabs.self, { ...draftOf(target), ...fields, target, at: Date.now() });
}

function put(key, tab, draft) {
  if (isEmpty(draft)) {
    drop(key, tab);
    remove(nameOf(key, tab));
    return;
  }
  const { unkept, ...words } = draft;
  draft.unkept = !save(nameOf(key, tab), words);
  (kept[key] ??= {})[tab] = draft;
}

/* ---- of all tabs ----------------------------------------------------- */

/* What a tab that is no more left there: [tab, draft], or undefined. */
function orphanOf(key) {
  const orphans = Object.entries(kept[key] ?? {}).filter(
    ([tab]) => tab !== tabs.self && !tabs.living.has(tab),
  );
  const mine = orphans.find(([tab]) => tab === tabs.before);
  return mine ?? orphans.sort(([, a], [, b]) => b.at - a.at)[0];
}

/* Whether anything is being written there, in this tab; in any other, also where it
 * is not told to all that it was sent. What a tab left that is no more counts as
 * holds(draft) says. */
export const isWriting = (target) => draftOf(target) !== EMPTY;
export const isWritingElsewhere = (target, holds) =>
  Object.entries(kept[keyOf(target)] ?? {}).some(([tab, draft]) => {
    if (tab === tabs.self) return false;
    const { text, files, shared, sent } = draft;
    return tabs.living.has(tab) ? text || files.length || shared || sent : holds(draft);
  });

/* Of this tab, all there are. */
export const ownDrafts = () =>
  Object.values(kept).map((byTab) => byTab[tabs.self]).filter((draft) => draft?.target);

/* It is this tab's, or was left by one that is no more and, as far as the browser
 * says, taken over by none meanwhile. */
const isToKeep = (key, tab) =>
  tab === tabs.self || (!tabs.living.has(tab) && load(nameOf(key, tab)) !== null);

/* Where isGone(target) one's other devices have nothing any more of what this tab
 * is writing, or what one left that is no more. */
export function unshare(isGone) {
  for (const [key, byTab] of Object.entries(kept)) {
    for (const [tab, draft] of Object.entries(byTab)) {
      const { shared, sent, target } = draft;
      if ((!shared && !sent) || !isGone(target) || !isToKeep(key, tab)) continue;
      put(key, tab, { ...draft, shared: null, sent: null });
    }
  }
}

/* Goes on with what was left there, unless one writes something already. */
export function takeOver(target) {
  const key = keyOf(target);
  if (isWriting(target)) return;
  const [tab, draft] = orphanOf(key) ?? [];
  if (!draft) return;
  changeDraft(target, draft);
  if (draftOf(target).unkept) return;
  drop(key, tab);
  remove(tab ? nameOf(key, tab) : `${under()}${key}`);
}

/* What one would go on with there. */
export const draftToGoOn = (target) =>
  isWriting(target) ? draftOf(target) : (orphanOf(keyOf(target))?.[1] ?? EMPTY);

/* Where there are any: [{target, at}]. */
export const draftTargets = () =>
  Object.keys(kept)
    .map((key) => kept[key][tabs.self] ?? orphanOf(key)?.[1])
    .filter((draft) => (draft?.text || draft?.files.length) && draft.target)
    .map(({ target, at }) => ({ target, at }));

/* The server has a file of one of them. */
export function settleFile({ id, attachment }) {
  for (const byTab of Object.values(kept)) {
    const { files = [], target } = byTab[tabs.self] ?? {};
    if (!files.some((file) => file.id === id)) continue;
    changeDraft(target, {
      files: files.map((file) => (file.id === id ? { ...file, attachment } : file)),
    });
  }
}

/* This tab alone has them: the browser kept them not. */
export const hasUnkeptDraft = () =>
  Object.values(kept).some((byTab) => byTab[tabs.self]?.unkept);
