/*
 * session - who is signed in, kept as `palabre.user` {token, expiresAt, user,
 * since}, or {ended} when the server ended it. Other tabs follow: signing out
 * in one signs out in all.
 */

import { nextTick, reactive, watch } from 'vue';
import { createApi } from '../lib/api.js';
import * as storage from '../lib/storage.js';

/* `palabre.guest` at the page of guests, so that one may be both. */
const KEPT_AS = document.documentElement.dataset.session ?? 'user';

export const session = reactive({
  token: null,
  user: null,
  /* by this machine's clock, when the token came */
  since: 0,
  /* why the sign-in form is shown although somebody was signed in, or '' */
  ended: '',
});

function take(kept) {
  session.user = kept?.user ?? null;
  session.since = kept?.since ?? 0;
  session.ended = kept?.ended ?? '';
  session.token = (session.user && kept.token) || null;
}
take(storage.load(KEPT_AS));

/* forget() what is theirs alone: they are not in any more, and whoever comes next
 * must not see it, or go on with it. */
export const whenOver = (forget) =>
  watch(
    () => session.user?._id,
    (now, before) => before && now !== before && forget(),
    { flush: 'sync' },
  );

/* What another tab kept. Where that is somebody else the page of whoever was
 * here ends first, as by a session that is over. */
function follow(kept) {
  if (!session.user || !kept?.user || kept.user._id === session.user._id) {
    take(kept);
    return;
  }
  take({ ended: 'expired' });
  nextTick(() => take(storage.load(KEPT_AS)));
}

/* Of the person each tab hears by itself; another's word may be older. */
storage.onOtherTab(KEPT_AS, () => {
  const kept = storage.load(KEPT_AS);
  if (!kept?.token || kept.token !== session.token) follow(kept);
});

/* A newer token of another tab, whose event has not come yet. */
export function takeKept() {
  const kept = storage.load(KEPT_AS);
  if (kept?.token && kept.since > session.since) follow(kept);
}

export const api = createApi({
  token: () => session.token,
  onUnauthorized: (token) => endSession(token),
});

/* {token, expiresAt, user}, as every way to sign in answers. */
export function adopt(answer) {
  const kept = { ...answer, since: Date.now() };
  storage.save(KEPT_AS, kept);
  take(kept);
}

/* The person of this session as the server shows them now. */
export function adoptUser(user) {
  if (user._id !== session.user?._id) return;
  session.user = user;
  const kept = storage.load(KEPT_AS);
  if (kept?.token === session.token) storage.save(KEPT_AS, { ...kept, user });
}

export async function signIn(login, password) {
  const who = login.includes('@') ? { email: login } : { username: login };
  adopt(await api.login({ ...who, password }));
}

export async function register({ username, email, password }) {
  const form = { username, password };
  if (email) form.email = email;
  adopt(await api.register(form));
}

/* A name may have blanks, what one is found by has none. */
export async function comeAsGuest(name) {
  const username = name.trim().replace(/\s+/gu, '_');
  const form = { username };
  if (username !== name.trim()) form.displayName = name.trim();
  adopt(await api.guest(form));
}

/* By the person's own wish. The server may be away: the token goes anyway. */
export function signOut() {
  api.logout().catch(() => {});
  storage.remove(KEPT_AS);
  take(null);
}

/* The server no longer knows this token. The reason outlives a reload. */
export function endSession(token, reason = 'expired') {
  takeKept();
  if (!token || token !== session.token) return;
  const kept = { ended: reason };
  storage.save(KEPT_AS, kept);
  take(kept);
}
