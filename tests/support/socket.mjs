// The official client, with promises.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { io } from 'socket.io-client';
import { watchSocket } from './description.mjs';
import { share } from './stack.mjs';

/*
 * A socket that is connected; it fails with the server's connect_error. What
 * comes over it has to be as described, unless the workers are the test's own.
 */
export function connectSocket(url, token, { described = true, ...options } = {}) {
  const socket = io(url, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    timeout: 15000,
    auth: { token },
    ...options,
  });
  if (described) watchSocket(socket);
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket));
    socket.once('connect_error', (error) => {
      if (!socket.io.opts.reconnection) socket.disconnect();
      reject(error);
    });
  });
}

/*
 * A socket that comes back whatever happens. The client itself gives up when
 * the server refuses; refused(code) hears of it unless the store was down.
 */
export function lastingSocket(url, token, refused) {
  const socket = io(url, {
    transports: ['websocket'],
    forceNew: true,
    auth: { token },
    timeout: 3000,
    reconnectionDelay: 50,
    reconnectionDelayMax: 300,
  });
  watchSocket(socket);
  socket.on('connect_error', (error) => {
    if (socket.active) return;
    if (error.data?.code !== 'unavailable') refused(error.data?.code ?? error.message);
    setTimeout(() => socket.connect(), 200).unref();
  });
  return socket;
}

/* As long as waitFor: where no time is given none is promised. */
const patience = () => 15000 * Math.max(1, share() / 4);

/* The acknowledgement of an event. */
export function call(socket, event, data, ms = patience()) {
  return new Promise((resolve, reject) => {
    socket.timeout(ms).emit(event, data, (error, answer) => {
      if (error) reject(new Error(`${event}: no acknowledgement within ${ms} ms`));
      else resolve(answer);
    });
  });
}

/* The first such event from now on that `wanted` accepts: its argument. */
export function next(socket, event, wanted = () => true, ms = patience()) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.off(event, listen);
      reject(new Error(`${event}: not heard within ${ms} ms`));
    }, ms);
    function listen(data) {
      if (!wanted(data)) return;
      clearTimeout(timer);
      socket.off(event, listen);
      resolve(data);
    }
    socket.on(event, listen);
  });
}

/* Every such event from now on, collected in the array that is returned. */
export function collect(socket, event) {
  const heard = [];
  socket.on(event, (data) => heard.push(data));
  return heard;
}

/* The reason that a socket is given when its session ends, once it is closed. */
export async function ending(socket) {
  const [{ reason }] = await Promise.all([next(socket, 'session-expired'),
    once(socket, 'disconnect', { signal: AbortSignal.timeout(Math.ceil(patience())) })]);
  return reason;
}

export async function assertLives(socket) {
  assert.equal((await call(socket, 'watch-presence', { ids: [] })).ok, true);
}

/* With what was heard on it from the first event on, in order: {socket, heard},
 * each [event, argument]. */
export function enterSocket(url, auth, options = {}) {
  const socket = io(url, {
    transports: ['websocket'], forceNew: true, reconnection: false, auth, ...options,
  });
  const heard = [];
  watchSocket(socket);
  socket.onAny((event, data) => heard.push([event, data]));
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve({ socket, heard }));
    socket.once('connect_error', reject);
  });
}
