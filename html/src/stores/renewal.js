/*
 * renewal - a session lasts as long as its page is open and used: in good
 * time its token is swapped for a fresh one, here and on the open socket.
 * One tab asks, the others take what it kept. A laptop that slept catches up
 * with the first tick of the clock.
 */

import { watch } from 'vue';
import { named } from '../lib/base.js';
import { now } from '../lib/now.js';
import { retryDelay } from '../lib/outbox.js';
import { isDue } from '../lib/token.js';
import { adopt, api, session, takeKept } from './session.js';

const HEARD_MS = 200; // what one tab keeps another may read a moment later

let socket = null;
let asking = false;
let telling = false;
let failures = 0;
let retryTimer = null;

/* The connection that is there from now on; null: signed out. */
export function attach(connection) {
  socket = connection;
  failures = 0;
  clearTimeout(retryTimer);
  retryTimer = null;
  look();
}

/* Is there something to do: at each tick, with a new token, when the socket
 * or the network is back. */
export function look() {
  if (!session.token) return;
  takeKept();
  tellSocket();
  if (!asking && !retryTimer && isDue(session, Date.now())) renew();
}
watch([now, () => session.token], look);
addEventListener('online', retry);

function retry() {
  clearTimeout(retryTimer);
  retryTimer = null;
  look();
}

async function renew() {
  asking = true;
  try {
    await alone(refresh);
    failures = 0;
  } catch (error) {
    /* 401: the session is over, and api has said so */
    retryLater(error);
  } finally {
    asking = false;
  }
}

/* Where there are no locks (plain http) two tabs may ask at once: no harm. */
const alone = (work) =>
  navigator.locks ? navigator.locks.request(named('renewal'), work) : work();

async function refresh() {
  takeKept();
  const { token } = session;
  if (!token || !isDue(session, Date.now())) return;
  const answer = await api.refresh();
  if (session.token !== token) return;
  adopt(answer);
  await new Promise((resolve) => setTimeout(resolve, HEARD_MS));
}

function retryLater(error) {
  if (!session.token) return;
  const wait = Math.max(retryDelay(failures), (error.retryAfter ?? 0) * 1000);
  failures += 1;
  retryTimer = setTimeout(retry, wait);
}

/* Without it the server closes the socket when the old token is over; then
 * it comes back with the new one. */
async function tellSocket() {
  const { token } = session;
  if (telling || !socket?.up || socket.token === token) return;
  telling = true;
  try {
    await socket.renew(token);
  } catch {
    /* again with the next tick */
  } finally {
    telling = false;
  }
}
