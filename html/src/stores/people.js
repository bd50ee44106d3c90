/*
 * people - everybody the page has met, by id, with presence; the directory
 * and the search, which hold ids into it.
 */

import { reactive, watch } from 'vue';
import { adoptUser, api, session } from './session.js';

const PAGE = 50;

const emptyDirectory = () => ({
  state: 'idle', // idle, loading, ready, error
  error: null,
  ids: [],
  /* where the rest of it is, '' when there is none, null when nobody knows */
  more: null,
});

export const emptySearch = () => ({ state: 'idle', error: null, query: '', ids: [], more: '' });

export const people = reactive({
  byId: {},
  directory: emptyDirectory(),
  search: emptySearch(),
});

/* Of whom the events say that they come and go. An answer that has a status may
 * be older than these, or calls somebody away of whom it could not be asked in
 * time. */
let followed = new Set();

/* What counts of such an answer. Nobody is seen for the last time earlier than
 * they were seen: the later of both times is right, unless it is hidden now. */
function believed(user) {
  const known = people.byId[user._id];
  if (!known) return user;
  return {
    ...user,
    ...(known.lastSeen > user.lastSeen && { lastSeen: known.lastSeen }),
    ...(followed.has(user._id) && { status: known.status }),
  };
}

/* Who may have changed unheard, while the page was away: they are asked for
 * again where they are introduced. */
let doubted = new Set();

export function doubtPeople() {
  doubted = new Set(Object.keys(people.byId));
}

export function forgetPeople() {
  followed = new Set();
  doubted = new Set();
  for (const timer of again.values()) clearTimeout(timer);
  again.clear();
  moved.clear();
  clearTimeout(newcomers);
  newcomers = null;
  people.byId = {};
  people.directory = emptyDirectory();
  people.search = emptySearch();
}

export function forgetPerson(userId) {
  delete people.byId[userId];
}

export function remember(user) {
  if (!user?._id) return null;
  const known = people.byId[user._id] ?? { status: 'offline', lastSeen: null };
  people.byId[user._id] = { ...known, ...believed(user) };
  if (user.avatar !== undefined) doubted.delete(user._id);
  return people.byId[user._id];
}

/* Who wrote these; in a group they may be strangers. A message names its sender:
 * enough to show until more is known. */
export function rememberSenders(messages) {
  for (const { sender, senderName } of messages) {
    if (!people.byId[sender] && senderName) remember({ _id: sender, displayName: senderName });
  }
}

/* The same of those who write now: another name than theirs is a new one. */
export function rememberWriters(messages) {
  rememberSenders(messages);
  for (const { sender, senderName } of messages) {
    if (senderName && senderName !== people.byId[sender].displayName) lookAgainSoon(sender);
  }
}

/* ---- presence -------------------------------------------------------- */

/* Somebody we never met is nobody we show, yet. */
function update(userId, fields) {
  const user = people.byId[userId];
  if (user) Object.assign(user, fields);
  else if (fields.status === 'online') newcomerSoon();
}

/* Who is online and not in a directory that we know to its end has come to
 * this server since we asked for it. */
let newcomers = null;

function newcomerSoon() {
  if (newcomers || people.directory.more) return;
  newcomers = setTimeout(() => {
    newcomers = null;
    refreshDirectory();
  }, soon());
}

/* Who came or went a moment ago, and when: user-status follows, which comes
 * alone when a profile was changed. */
const moved = new Map();
const PAIR_MS = 1000;

function move(userId, fields) {
  moved.set(userId, Date.now());
  update(userId, fields);
}

function hasJustMoved(userId) {
  const at = moved.get(userId);
  moved.delete(userId);
  return Date.now() - at < PAIR_MS;
}

export const presenceEvents = {
  'user-online': ({ userId }) => move(userId, { status: 'online' }),
  'user-offline': ({ userId, lastSeen }) =>
    move(userId, { status: 'offline', lastSeen }),
  'user-status': ({ userId, status, lastSeen, statusText }) => {
    const fields = { status };
    if (lastSeen !== undefined) fields.lastSeen = lastSeen;
    if (statusText !== undefined) fields.statusText = statusText;
    update(userId, fields);
    if (!hasJustMoved(userId)) lookAgainSoon(userId);
  },
  presence: ({ online = [], offline = [] }) => {
    for (const id of online) update(id, { status: 'online' });
    for (const { userId, lastSeen } of offline) {
      update(userId, { status: 'offline', lastSeen });
    }
  },
};

/* Of these, exactly the others are away; from now on the events say it of them. */
export function setOnline(ids, online = []) {
  const here = new Set(online);
  followed = new Set(ids);
  for (const id of ids) {
    update(id, { status: here.has(id) ? 'online' : 'offline' });
  }
}

/* ---- profiles -------------------------------------------------------- */

/* The event says that a profile changed, not how. Everybody's page hears of
 * it at once: they do not all ask at once. */
const SPREAD_MS = 1500;
const soon = () => 200 + Math.random() * SPREAD_MS;
const again = new Map(); // userId → timer

const isStrange = (userId) => people.byId[userId]?.avatar === undefined || doubted.has(userId);

/* Somebody of whom no more than a name is known, if that. */
export function introduce(userId) {
  if (!userId || !isStrange(userId)) return null;
  return api.user(userId).then(remember).catch(({ status }) => {
    /* or with the next list of conversations */
    if (status === 404) forgetPerson(userId);
  });
}

/* Many, a few at a time. */
const AT_ONCE = 4;

export function introduceAll(userIds) {
  const unknown = userIds.filter(isStrange);
  const next = async () => {
    for (let id = unknown.shift(); id && session.token; id = unknown.shift()) {
      await introduce(id);
    }
  };
  return Promise.all(Array.from({ length: AT_ONCE }, next));
}

/* Whoever wrote in the conversation that a ref holds: what they are called, and
 * their pictures, are not in what they write. */
export function introduceSenders(conversation) {
  watch(
    () => conversation.value && [...new Set(conversation.value.items.map(({ sender }) => sender))].join(),
    (ids) => ids && introduceAll(ids.split(',')),
    { immediate: true },
  );
}

export function lookAgainSoon(userId) {
  if (!people.byId[userId] || again.has(userId)) return;
  again.set(userId, setTimeout(() => lookAgain(userId), soon()));
}

async function lookAgain(userId) {
  again.delete(userId);
  if (!session.token) return;
  const me = session.user;
  const own = userId === me._id;
  try {
    const user = await (own ? api.me() : api.user(userId));
    if (own && session.user !== me) return; // they were changed here meanwhile
    if (own) adoptUser(user);
    if (people.byId[userId]) remember(user); // nobody is, who has signed out meanwhile
  } catch ({ status }) {
    /* or with the next change, or the next connection */
    if (status === 404) forgetPerson(userId);
  }
}

/* ---- directory and search -------------------------------------------- */

const strangers = (users) =>
  users.filter((user) => user._id !== session.user?._id);

function keep(users) {
  const others = strangers(users);
  others.forEach(remember);
  return others.map((user) => user._id);
}

export async function loadDirectory() {
  const { directory } = people;
  if (directory.state === 'loading') return;
  await loadInto(directory, () =>
    directory.more ? api.more(directory.more) : api.users(PAGE),
  );
}

/* A page of people, behind those that are there. */
async function loadInto(list, ask) {
  list.state = 'loading';
  list.error = null;
  try {
    const answer = await ask();
    const found = keep(answer.items ?? answer);
    list.ids = [...new Set([...list.ids, ...found])];
    list.more = answer.more ?? '';
    list.state = 'ready';
  } catch (error) {
    list.state = 'error';
    list.error = error;
  }
}

/* The first page again: who came, who is online now. How far the rest is known
 * stays as it is. */
export async function refreshDirectory() {
  const { directory } = people;
  /* guests look nobody up */
  if (directory.state === 'loading' || session.user?.role === 'guest') return;
  const { more } = directory;
  directory.more = null;
  await loadDirectory();
  directory.more = more ?? directory.more;
}

/* Into the ref `found`. Answers may overtake each other: only the latest
 * query's counts. */
export async function search(found, text) {
  const query = text.trim();
  found.value = { ...emptySearch(), query };
  if (query) await loadInto(found.value, () => api.search(query));
}

export async function searchOn({ value: asked }) {
  if (asked.more && asked.state !== 'loading') await loadInto(asked, () => api.more(asked.more));
}

export async function meet(userId) {
  return people.byId[userId] ?? remember(await api.user(userId));
}
