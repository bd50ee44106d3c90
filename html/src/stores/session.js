/*
 * session - who is signed in, kept as `palabre.user` {token, expiresAt, user}.
 * Other tabs follow: signing out in one signs out in all.
 */

import { reactive } from 'vue';
import { createApi } from '../lib/api.js';
import * as storage from '../lib/storage.js';

const kept = storage.load('user');

export const session = reactive({
  token: kept?.token ?? null,
  user: kept?.user ?? null,
  /* why the sign-in form is shown although somebody was signed in */
  ended: false,
});

export const api = createApi({
  token: () => session.token,
  onUnauthorized: (token) => {
    if (token && token === session.token) endSession();
  },
});

function adopt(answer) {
  storage.save('user', answer);
  session.user = answer.user;
  session.token = answer.token;
  session.ended = false;
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

function forget() {
  storage.remove('user');
  session.token = null;
  session.user = null;
}

/* By the person's own wish. The server may be away: the token goes anyway. */
export function signOut() {
  api.logout().catch(() => {});
  forget();
  session.ended = false;
}

/* The server no longer knows the token. */
export function endSession() {
  forget();
  session.ended = true;
}

storage.onOtherTab('user', () => {
  const now = storage.load('user');
  if (now?.token === session.token) return;
  session.user = now?.user ?? null;
  session.token = now?.token ?? null;
});
