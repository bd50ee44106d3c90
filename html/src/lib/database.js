/*
 * database - what this browser keeps beyond a crash, in IndexedDB: what waits to
 * be sent, the bytes of its files, and what the page knew when it was last open.
 * All of it is somebody's: nobody else at this browser is given any. What is
 * kept is on the disk when keep() says so. Where a browser keeps nothing these
 * say that, and none of them throws.
 */

import { openDB } from 'idb';
import { base } from './base.js';

const STORES = ['outbox', 'files', 'known'];
const NAME = base === '/' ? 'palabre' : `palabre.${base}`;

let opening = null;
let writing = 0;

/* Something is on its way to the disk, or from it, that is worth a question to who
 * leaves: all but what the page knew. */
export const isWriting = () => writing > 0;

function connect() {
  opening ??= openDB(NAME, 1, {
    upgrade: (db) => STORES.forEach((store) => db.createObjectStore(store)),
    blocking: (_now, _next, { target }) => {
      target.close();
      opening = null;
    },
    terminated: () => {
      opening = null;
    },
  });
  opening.catch(() => {
    opening = null;
  });
  return opening;
}

/* Those of one person, whose ids come after theirs. */
const ofUser = (userId) => IDBKeyRange.bound([userId], [userId, []]);

async function write(stores, work) {
  const counts = stores === 'known' ? 0 : 1;
  writing += counts;
  try {
    const db = await connect();
    const tx = db.transaction(stores, 'readwrite', { durability: 'strict' });
    await Promise.all([...work(tx), tx.done]);
    return true;
  } catch {
    return false;
  } finally {
    writing -= counts;
  }
}

/* -> whether it is kept. */
export const keep = (store, userId, id, value) =>
  write(store, (tx) => [tx.store.put(value, [userId, id])]);

export const drop = (store, userId, id) => write(store, (tx) => [tx.store.delete([userId, id])]);

/* Nothing of theirs stays. */
export const forget = (userId, stores = STORES) =>
  write(stores, (tx) => stores.map((store) => tx.objectStore(store).delete(ofUser(userId))));

async function read(store, work) {
  try {
    const db = await connect();
    return await work(db.transaction(store).store);
  } catch {
    return null;
  }
}

/* null when there is none, and when nobody can tell. */
export const get = async (store, userId, id) =>
  (await read(store, (rows) => rows.get([userId, id]))) ?? null;

/* All of theirs, by id; null when nobody can tell. */
export const all = (store, userId) => read(store, (rows) => rows.getAll(ofUser(userId)));

/* Is there anything, of whomever. */
export const isAny = async (store) => Boolean(await read(store, (rows) => rows.count()));
