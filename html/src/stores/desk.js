/*
 * desk - what operators see: who is connected now, by the socket, and the support
 * conversations, which chat.state holds as it holds all others.
 */

import { computed, reactive, shallowRef, watch } from 'vue';
import { unreadOf } from '../lib/chat-pointers.js';
import { applyConversation, sortedConversations, supportWith } from '../lib/chat-state.js';
import { matcher } from '../lib/fold.js';
import { newId } from '../lib/ids.js';
import { routeOf } from '../lib/route.js';
import { hear } from './arrivals.js';
import { activeConversation, chat, describe } from './chat.js';
import { askSocket } from './connection.js';
import { forgetPerson, introduce, meet, people, remember } from './people.js';
import { api, session } from './session.js';

const CLIENTS_MAX = 5000; // that are listed; others are found by their names
const SOON_MS = 1000; // after somebody came or went
const AGAIN_MS = 10000; // what changes all the time
const FIRST_PAGES = 30; // of conversations, as long as some wait

export const desk = reactive({
  state: 'loading', // of the clients: loading, ready or error
  error: null,
  total: 0,
  /* of the conversations: where the rest begins, '' when there is none */
  before: '',
  /* all that were written to since then are held, of the others single ones */
  since: '',
  loading: false,
});

/* Those who are connected, by id: {id, username, avatar, status, ip, ...} */
const connected = shallowRef(new Map());

/* ---- who is here ----------------------------------------------------- */

let timer = null;
let asking = false;
let again = false;

async function listAll() {
  const all = new Map();
  let page;
  do {
    page = await askSocket('list-clients', { after: page?.clients.at(-1)?.id ?? '' });
    for (const client of page.clients) all.set(client.id, client);
  } while (page.more && all.size < CLIENTS_MAX);
  desk.total = page.total;
  return all;
}

export async function refreshClients() {
  again = asking;
  if (asking) return;
  asking = true;
  clearTimeout(timer);
  const { state } = chat;
  try {
    const all = await listAll();
    if (chat.state !== state) return;
    connected.value = all;
    Object.assign(desk, { state: 'ready', error: null });
  } catch (error) {
    /* what was known is better than nothing */
    if (desk.state !== 'ready') Object.assign(desk, { state: 'error', error });
  } finally {
    asking = false;
    if (session.token) later(again ? SOON_MS : AGAIN_MS);
  }
}

function later(delay) {
  clearTimeout(timer);
  timer = setTimeout(() => (document.hidden ? later(delay) : refreshClients()), delay);
}

hear('clients_update', () => later(SOON_MS));
hear('typing', ({ from }) => introduce(from));

/* ---- support ---------------------------------------------------------- */

const timeOf = (conversation) => conversation?.lastMessage?.createdAt ?? '';

/* The rest begins after this one; without one there is none. */
function endAt(conversation) {
  Object.assign(desk, { before: conversation?._id ?? '', since: timeOf(conversation) });
}

async function loadPage(before) {
  const { state } = chat;
  const page = await api.clients(before || undefined);
  if (chat.state !== state) return 0;
  let waiting = 0;
  for (const { client, conversation } of page.items) {
    const support = applyConversation(state, conversation);
    waiting += unreadOf(support);
    if (client) remember(client);
    else forgetPerson(support.otherUserId);
  }
  endAt(page.more ? page.items.at(-1).conversation : null);
  return waiting;
}

let anew = false; // they are asked for from the beginning, behind what is under way

/* Who wrote first while nobody heard of it is on no page that came before. */
function begin() {
  anew = desk.loading;
  if (anew) return;
  desk.before = '';
  loadConversations();
}

/* Those that wait are seen; of the others as many as one looks at. */
export async function loadConversations() {
  if (desk.loading) return;
  desk.loading = true;
  try {
    for (let i = 0; i < FIRST_PAGES; i += 1) {
      const waiting = await loadPage(desk.before);
      if (!waiting || !desk.before) break;
    }
  } catch {
    /* the button is there still */
    desk.before ||= '';
  } finally {
    desk.loading = false;
    if (anew) begin();
  }
}

const supports = computed(() => sortedConversations(chat.state).filter(({ kind }) => kind === 'support'));

/* A sync lets go of the oldest where there are too many: they are asked for again
 * from the last one that is left on. The open one is left whatever its age, as is
 * one that no page brought: between it and the others may be those that went. */
function fewer(now, before) {
  if (now >= before) return;
  const open = activeConversation.value?._id;
  const left = supports.value.filter((c) => c._id !== open && timeOf(c) >= desk.since);
  endAt(left.at(-1));
  if (!left.length && isUp()) loadConversations();
}

/* ---- one client -------------------------------------------------------- */

export function selectClient(id) {
  location.hash = routeOf({ userId: id });
}

export const supportOf = (id) => supportWith(chat.state, id);
export const clientOf = (id) => connected.value.get(id) ?? null;

/* The header's person: as the directory has them, else as the list has. */
export function personOf(id) {
  const client = clientOf(id);
  const known = people.byId[id] ?? { _id: id, username: client?.username ?? supportOf(id)?.title ?? '' };
  if (!client) return { ...known, status: 'offline' };
  return { ...known, username: client.username, avatar: client.avatar || known.avatar, statusText: client.status, status: 'online' };
}

/* Who they are, and the conversation with them, where there is one. */
export async function meetClient(id) {
  meet(id).catch(() => {
    /* a guest may be gone */
  });
  if (supportOf(id)) return;
  const { state } = chat;
  try {
    const { conversationId } = await api.clientHistory(id, { limit: 1 });
    await describe(state, conversationId);
  } catch (error) {
    if (error.status !== 404) throw error;
  }
}

/* To somebody who has never written. */
export async function writeFirst(id, content) {
  const { state } = chat;
  const message = await api.answerClient(id, { content, clientId: newId() });
  await describe(state, message.conversationId);
}

/* ---- the list ---------------------------------------------------------- */

const rows = computed(() => {
  const list = [];
  const conversations = new Map(supports.value.map((c) => [c.otherUserId, c]));
  for (const client of connected.value.values()) {
    if (client.id === session.user?._id) continue;
    list.push(rowOf(client.id, client, conversations.get(client.id)));
    conversations.delete(client.id);
  }
  for (const [id, c] of conversations) list.push(rowOf(id, null, c));
  return list.sort(inOrder);
});

function rowOf(id, client, conversation = null) {
  const name = client?.username ?? conversation.title;
  return {
    id,
    name,
    folded: name.toLowerCase(),
    client,
    conversation,
    unread: conversation ? unreadOf(conversation) : 0,
    at: timeOf(conversation),
  };
}

const rank = ({ unread, client }) => (unread ? 0 : client ? 1 : 2);

/* Who waits, who is here, who was; who wrote last first, then by name. */
function inOrder(a, b) {
  const by = rank(a) - rank(b);
  if (by) return by;
  if (a.at !== b.at) return a.at < b.at ? 1 : -1;
  return a.folded < b.folded ? -1 : 1;
}

export function clientRows(text) {
  if (!text.trim()) return rows.value;
  const matches = matcher(text);
  return rows.value.filter(({ name, client }) => matches(name, client?.ip ?? '', client?.status ?? ''));
}

export const waitingTotal = computed(() => rows.value.reduce((sum, { unread }) => sum + unread, 0));

/* ---- coming and going --------------------------------------------------- */

let stops = [];

const isUp = () => chat.ready && chat.net === 'up';

function up(now) {
  if (!now) return;
  refreshClients();
  begin();
}

export function openDesk() {
  stops = [
    watch(isUp, up, { immediate: true }),
    watch(() => supports.value.length, fewer),
  ];
}

export function closeDesk() {
  stops.forEach((stop) => stop());
  clearTimeout(timer);
  anew = false;
  connected.value = new Map();
  Object.assign(desk, { state: 'loading', error: null, total: 0, before: '', since: '', loading: false });
}
