/*
 * notices - what tells of messages while nobody looks: a notification of the
 * desktop, and a sound. A muted conversation has neither. Of several pages one
 * tells. A notification goes when somebody looks, or has read it elsewhere.
 * Whether one may notify is asked when somebody comes back to find that they have
 * missed something, and never again after a no.
 */

import { nextTick, reactive, watch } from 'vue';
import { attentive } from '../lib/attention.js';
import { under } from '../lib/base.js';
import { unreadOf } from '../lib/chat-pointers.js';
import { chime } from '../lib/chime.js';
import { t } from '../lib/i18n.js';
import { isToTell, tell } from '../lib/lookers.js';
import { onAnswer } from '../lib/offline.js';
import { routeOf } from '../lib/route.js';
import { load, onOtherTab, save } from '../lib/storage.js';
import { onHeard } from './arrivals.js';
import { chat, conversations, nameOf, targetOf, titleOf } from './chat.js';
import { send } from './outgoing.js';
import { session } from './session.js';
import { wordsOf } from './words.js';

const KEPT_AS = 'notices';
const ICON = under('/icon-192.png');

/* asked, denied and granted are the browser's; none: it has no such thing */
const permission = () => globalThis.Notification?.permission ?? 'none';

export const notices = reactive({
  permission: permission(),
  /* what this browser is to do, by whoever is at it */
  desktop: true,
  sound: true,
  /* how many came while nobody looked */
  missed: 0,
  ...load(KEPT_AS),
});

onOtherTab(KEPT_AS, () => Object.assign(notices, load(KEPT_AS)));

export function choose(fields) {
  Object.assign(notices, fields);
  const { desktop, sound } = notices;
  save(KEPT_AS, { desktop, sound });
}

/* By a press of a button: browsers ask for nothing less. */
export async function allow() {
  choose({ desktop: true });
  notices.missed = 0;
  if (permission() === 'default') await Notification.requestPermission();
  notices.permission = permission();
}

export function decline() {
  choose({ desktop: false });
  notices.missed = 0;
}

/* ---- what has come --------------------------------------------------- */

let news = [];

/* Of what comes at once, as after a connection was gone, one tells once. */
function came(messages) {
  if (!news.length) nextTick(tellNews);
  news.push(...messages);
}

async function tellNews() {
  const messages = news;
  news = [];
  if (attentive.value) return;
  notices.missed += messages.length;
  if (!(await isToTell())) return;
  const still = messages.filter(isUnread);
  if (!still.length) return;
  if (notices.sound) chime();
  if (!notices.desktop || permission() !== 'granted') return;
  const newest = new Map(still.map((message) => [message.conversationId, message]));
  newest.forEach(notify);
}

/* It may have been read or deleted meanwhile. */
function isUnread(message) {
  const conversation = chat.state.conversations[message.conversationId];
  return conversation && message.seq > conversation.readSeq && !isGone(conversation, message);
}

/* `gone` is the last deletion alone, and `items` need not hold the message. */
const isGone = ({ gone, erased, items }, { seq, sender }) =>
  gone?.seq === seq || erased.includes(sender) || items.some((held) => held.seq === seq && held.deleted);

/* For each conversation one, which shows the newest. */
function notify(message) {
  const conversation = chat.state.conversations[message.conversationId];
  const title = titleOf(conversation);
  const words = wordsOf(message);
  const spoken = conversation.kind === 'direct' || message.kind === 'system'
    ? words : t('chat.said', { name: nameOf(message.sender), text: words });
  const target = targetOf(conversation);
  show(title, {
    body: spoken,
    tag: conversation._id,
    icon: ICON,
    silent: true, // the sound is ours, and may be off
    data: { target, hash: routeOf(target), me: chat.state.me },
  });
}

/* Those of this page alone, where there is no worker, by conversation. */
const own = new Map();

/* By the worker, whose notifications may be answered and outlive the page. */
async function show(title, options) {
  const worker = await navigator.serviceWorker?.getRegistration();
  if (worker?.active) {
    const reply = { action: 'reply', type: 'text', title: t('actions.reply'), placeholder: t('composer.placeholder') };
    await worker.showNotification(title, { ...options, actions: [reply] });
    closeKnown();
    return;
  }
  const notification = new Notification(title, options);
  own.set(options.tag, notification);
  notification.onclick = () => {
    focus();
    location.hash = options.data.hash;
    notification.close();
  };
  closeKnown();
}

/* What was said of these conversations need not stand there any more. */
async function close(isOver) {
  for (const [id, notification] of own) {
    if (!isOver(id)) continue;
    own.delete(id);
    notification.close();
  }
  const worker = await navigator.serviceWorker?.getRegistration();
  const shown = (await worker?.getNotifications()) ?? [];
  for (const notification of shown) if (isOver(notification.tag)) notification.close();
}

const clear = () => close(() => true);

/* By conversation, whether something is unread there. */
const unread = () => conversations.value.filter(unreadOf).map(({ _id }) => _id);

/* As it is by the time when they are looked through. */
const closeRead = () => close((id) => !unread().includes(id));

/* Of one that was on its way while somebody came to look. */
const closeKnown = () => (attentive.value ? clear() : closeRead());

/* Their answer to a notification, or that they want to see it. */
function answered({ target, hash, me, text }) {
  if (me !== session.user?._id) return;
  if (text) send(target, text);
  else location.hash = hash;
}

/* While somebody is in. -> what ends it. */
export function watchNotices() {
  const stops = [
    tell(),
    onHeard(came),
    watch(attentive, (now) => {
      if (now) clear();
      else notices.missed = 0;
    }),
    /* also what stood there before this page was opened */
    watch(() => chat.ready && unread().join(' '), (known) => known !== false && closeRead(), { immediate: true }),
    onAnswer(answered),
  ];
  return () => {
    stops.forEach((stop) => stop());
    notices.missed = 0;
    clear();
  };
}
