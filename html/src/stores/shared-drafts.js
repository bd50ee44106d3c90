/*
 * shared-drafts - what one is writing is the same on all one's devices: the
 * server keeps one draft of each conversation, words without files.
 *
 * A draft here remembers what the server had when both were the same, `shared`.
 * Where only one side has changed since, the other follows. Where both have,
 * neither writes over the other: what was typed here stays here, until the
 * server's is gone. Nothing that somebody wrote is lost that way. What is on its
 * way to the server it remembers, too, as `sent`, until it is known whether that
 * came there: also where it was not answered, or the page is loaded again.
 */

import { onUnmounted, watch } from 'vue';
import { applyOwn, directWith, SERVER, supportWith } from '../lib/chat-state.js';
import { isVisible, lengthOf } from '../lib/content.js';
import { limits } from '../lib/generated.js';
import { labelsOf, mentionsIn } from '../lib/mentions.js';
import { settled } from '../lib/tabs.js';
import { activeConversation, chat, targetOf } from './chat.js';
import { draftOf, draftToGoOn, isWriting, isWritingElsewhere, keepDraft, keyOf, onWriting, ownDrafts, takeOver, unshare } from './drafts.js';
import { api } from './session.js';

const DELAY_MS = 1500; // after the last sign that was typed

const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/* As the server has it; null: there is nothing to keep. */
const formOf = ({ text, labels, reply }) =>
  isVisible(text) ? { content: text, replyTo: reply?._id ?? null, mentions: mentionsIn(text, labels) } : null;

/* More than could be sent is not shared. */
const fits = ({ text }) => lengthOf(text) <= limits.content;

function conversationOf({ userId, conversationId }) {
  const { state } = chat;
  if (conversationId) return state.conversations[conversationId];
  return userId === SERVER ? supportWith(state, SERVER) : directWith(state, userId);
}

/* What operators share, and what everybody is in by their role, is in nobody's
 * list. */
const isShared = (conversation) =>
  Boolean(conversation) && !conversation.provisional && !conversation.self && conversation.kind !== 'lobby';

/* ---- from here to the others ------------------------------------------ */

const timers = new Map();
const sending = new Set(); // the keys of those that are on their way

function later(target, delay) {
  const key = keyOf(target);
  clearTimeout(timers.get(key));
  timers.set(key, setTimeout(publish, delay, target));
}

/* What was sent or given up is gone at once. */
const wrote = (target) => later(target, formOf(draftOf(target)) ? DELAY_MS : 0);

async function publish(target) {
  const key = keyOf(target);
  const { state } = chat;
  const conversation = conversationOf(target);
  const draft = draftOf(target);
  timers.delete(key);
  if (!chat.current || !isShared(conversation) || sending.has(key) || !fits(draft)) return;
  const form = formOf(draft);
  if (same(form, draft.shared) || !same(conversation.draft, draft.shared)) return;
  sending.add(key);
  keepDraft(target, { sent: form });
  try {
    const own = await api.changeOwn(conversation._id, { draft: form });
    if (chat.state !== state || !applyOwn(state, own)) return;
    agree(target, own.draft);
  } catch {
    return; // when one goes on writing, or is connected again
  } finally {
    sending.delete(key);
  }
  follow(conversationOf(target));
  if (!same(formOf(draftOf(target)), form)) wrote(target);
}

const publishAll = () => ownDrafts().forEach(({ target }) => publish(target));

/* ---- from the others to here ------------------------------------------ */

/* Where a conversation is gone so is what the server had of it, as when one is
 * removed from a group: whoever is back there goes on with what they have here. */
function keepWhatIsGone() {
  if (chat.current && settled.value) unshare((target) => !conversationOf(target));
}

/* What is being written there, in this browser or else on another device. What the
 * server has still is none, where it was sent from here and nobody could tell it. */
export function wordsIn(conversation) {
  const { draft } = conversation;
  const here = draftToGoOn(targetOf(conversation));
  return here.text || here.files[0]?.name || (!isToldBy(here, draft) && draft?.content) || '';
}

function agree(target, shared) {
  const { epoch } = chat.state;
  const mine = draftOf(target);
  if (!mine.sent && same([mine.shared, mine.epoch], [shared, epoch])) return;
  keepDraft(target, { shared, sent: null, epoch });
}

/* What the server has came from here, as far as one knows. */
const isToldBy = ({ shared, sent }, draft) => same(shared, draft) || same(sent, draft);

/* The server's data were put back since, to before it had that: nobody gave it up. */
const isUndone = ({ shared, epoch }) => Boolean(shared && epoch) && epoch !== chat.state.epoch;

/* The message that is answered may not be here. */
const replyOf = ({ items, lastMessage }, id) =>
  id && ([...items, lastMessage].find((message) => message?._id === id) ??
    { _id: id, kind: 'text', sender: null, content: '', mentions: [], attachment: null, deleted: false });

function take(target, conversation) {
  const { draft } = conversation;
  keepDraft(target, {
    text: draft?.content ?? '',
    labels: draft ? labelsOf(draft) : {},
    reply: replyOf(conversation, draft?.replyTo) || null,
    shared: draft,
    sent: null,
    epoch: chat.state.epoch,
  });
}

/* What the page knew when it was last open may be older than what is written here,
 * and so may what is told while that is on its way: either is waited for. */
function follow(conversation) {
  const target = targetOf(conversation);
  const mine = draftOf(target);
  const form = formOf(mine);
  if (!chat.current || !isWriting(target) || sending.has(keyOf(target))) return;
  if (same(form, conversation.draft) || (mine.sent && same(mine.sent, conversation.draft))) {
    agree(target, conversation.draft);
  } else if (same(form, mine.shared) && !isUndone(mine)) {
    take(target, conversation);
  } else if (!conversation.draft) {
    agree(target, null);
    wrote(target);
  }
}

/* What is open here goes on with it where nothing is written in this browser;
 * else that follows. What a tab left that is gone keeps nobody's words from here,
 * unless they are that tab's: it may be back in a moment, or have sent them where
 * the server could not hear of it. */
function goOn() {
  const conversation = activeConversation.value;
  if (!settled.value || !isShared(conversation)) return;
  const target = targetOf(conversation);
  const { draft } = conversation;
  const isItsOwn = (left) => isToldBy(left, draft) || same(formOf(left), draft);
  if (isWriting(target)) follow(conversation);
  else if (draft && !isWritingElsewhere(target, isItsOwn)) take(target, conversation);
}

/* What a tab left that was closed: with no words, even, where these were sent and
 * the server has not heard of it. When it is opened, and not later, as when the
 * first words make the conversation: a tab that reloads is gone for a moment, and
 * comes back for what it was writing. */
function inherit() {
  if (settled.value && chat.active) takeOver(chat.active);
}

const isWritingHere = () => activeConversation.value && isWriting(targetOf(activeConversation.value));

/* While the page is there. */
export function shareDrafts() {
  const stop = onWriting(wrote);
  const hidden = () => document.hidden && publishAll();

  document.addEventListener('visibilitychange', hidden);
  watch(
    [() => Object.values(chat.state.conversations).map(({ draft }) => draft), () => chat.current],
    () => Object.values(chat.state.conversations).forEach(follow),
  );
  watch([() => Object.keys(chat.state.conversations), () => chat.current, settled], keepWhatIsGone);
  watch([() => chat.active, settled], inherit, { immediate: true });
  watch([() => activeConversation.value?.draft, settled, isWritingHere], goOn, { immediate: true });
  watch(
    () => chat.current,
    (current) => current && publishAll(),
  );
  onUnmounted(() => {
    stop();
    document.removeEventListener('visibilitychange', hidden);
    for (const timer of timers.values()) clearTimeout(timer);
    timers.clear();
  });
}
