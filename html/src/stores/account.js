/*
 * account - what one changes of oneself: the profile and the devices; and
 * which part of it is open, '' for none.
 */

import { reactive } from 'vue';
import { remove } from '../lib/storage.js';
import { discardAll } from './outgoing.js';
import { remember } from './people.js';
import { adoptUser, api, endSession, session, signOut, whenOver } from './session.js';

export const TABS = ['profile', 'privacy', 'password', 'sessions'];

/* The list of what keys do is open. */
export const shortcuts = reactive({ open: false });

/* `unsaved`: {userId, form} of a profile that was changed and not saved, which
 * outlives the end of a session; or null. */
export const account = reactive({ tab: '', unsaved: null });

export async function saveProfile(changes) {
  const user = await api.profile(changes);
  adoptUser(user);
  remember(user);
}

/* -> the archive, a Blob */
export const exportAll = () => api.exportAll();

/* By one's own wish: nothing of it stays in this browser. */
export function leave() {
  remove('emoji'); // those used last
  discardAll(session.user._id);
  account.unsaved = null;
  signOut();
}

/* Everything of oneself goes; so does what waits here, also where the session is
 * over before the answer comes. */
export async function eraseAccount(password) {
  const { token, user } = session;
  await api.erase(password);
  endSession(token, 'deleted');
  discardAll(user._id);
}

/* ---- devices --------------------------------------------------------- */

/* state: loading, ready or error */
export const devices = reactive({ state: 'loading', error: null, items: [] });

whenOver(() => {
  account.tab = '';
  shortcuts.open = false;
  Object.assign(devices, { state: 'loading', error: null, items: [] });
});

export async function loadDevices() {
  devices.state = 'loading';
  devices.error = null;
  const { token } = session;
  try {
    const { items } = await api.sessions();
    if (session.token !== token) return;
    devices.items = items;
    devices.state = 'ready';
  } catch (error) {
    if (session.token !== token) return;
    devices.state = 'error';
    devices.error = error;
  }
}

/* One that ended by itself meanwhile has ended, too. */
export async function endDevice(id) {
  try {
    await api.endSession(id);
  } catch (error) {
    if (error.status !== 404) throw error;
  }
  devices.items = devices.items.filter(({ _id }) => _id !== id);
}
