/*
 * presence - of whom this page hears that they come and go: everybody it
 * shows, whom the server is told of.
 */

import { chat, conversations } from './chat.js';
import { people, setOnline } from './people.js';

const WATCH_MAX = 200;

let socket = null;

/* The connection that is there from now on; null: signed out. */
export function attach(connection) {
  socket = connection;
}

/* Everybody we know; if they are too many, those in sight first. */
function watchList() {
  const ids = new Set([
    chat.active?.userId,
    ...conversations.value.map((c) => c.otherUserId),
    ...people.search.ids,
    ...Object.keys(people.byId),
  ]);
  return [...ids].filter((id) => people.byId[id]).slice(0, WATCH_MAX);
}

/* Nothing is heard of anybody any more. */
export const lost = () => setOnline([]);

/* Hear of everybody we show, from now on; the answer says how it is now. */
export async function watchPresence() {
  if (!socket?.up) return;
  const ids = watchList();
  try {
    const { online } = await socket.ask('watch-presence', { ids });
    setOnline(ids, online);
  } catch {
    /* lost or refused: what REST said stays */
  }
}

/* The same of a connection that may be dead: does it answer in time, whatever
 * it says? */
export async function probe(asked) {
  const ids = watchList();
  const answer = await asked.probe('watch-presence', { ids });
  if (asked === socket && answer?.online) setOnline(ids, answer.online);
  return answer !== null;
}
