/*
 * socket - one Socket.IO connection. Events reach `onEvent(name, payload)`;
 * state changes reach onUp, onDown and onRefused(token, code). It is tried
 * again for ever, each time with the token of that moment, until close().
 */

import { io } from 'socket.io-client';
import { ApiError, refusalOf } from './api.js';
import { under } from './base.js';

const ACK_MS = 8000;
const AGAIN_MS = 3000;
const CONNECT_MS = 8000;
const ALIVE_MS = 2000;

export function createSocket({ token, onEvent, onUp, onDown, onRefused }) {
  let offered = null; // the token that the server knows it by
  const socket = io({
    path: under('/socket.io/'),
    transports: ['websocket', 'polling'],
    tryAllTransports: true, // there are networks that let no WebSocket pass
    auth: (give) => {
      offered = token();
      give({ token: offered });
    },
    reconnectionDelay: 500,
    reconnectionDelayMax: 10000,
    timeout: CONNECT_MS,
  });
  let again = null;
  let ended = false;

  /* socket.io reconnects by itself only when the transport was what failed */
  const connectLater = (wait = AGAIN_MS) => {
    clearTimeout(again);
    if (ended || socket.active) return;
    again = setTimeout(() => socket.connect(), wait);
  };
  const close = () => {
    ended = true;
    clearTimeout(again);
    socket.disconnect();
  };

  socket.onAny(onEvent);
  socket.on('connect', onUp);
  socket.on('disconnect', () => {
    onDown();
    connectLater();
  });
  socket.on('connect_error', (error) => {
    onDown();
    connectLater(1000 * error.data?.retryAfter || AGAIN_MS);
    if (error.message === 'Unauthorized') onRefused(offered, error.data?.code);
  });

  return {
    get up() {
      return socket.connected;
    },
    get token() {
      return offered;
    },
    /* another one after each connection; none in between */
    get id() {
      return socket.id;
    },
    close,
    /* go on with this token, of the same user */
    renew: async (fresh) => {
      await ask(socket, 'renew', { token: fresh });
      offered = fresh;
    },
    /* not worth waiting for: lost when there is no connection */
    tell: (name, payload) => {
      if (socket.connected) socket.emit(name, payload);
    },
    ask: (name, payload) => ask(socket, name, payload),
    /* the answer to this; {}: it was refused; null: none came in time */
    probe: async (name, payload) => {
      try {
        return await ask(socket, name, payload, ALIVE_MS);
      } catch (error) {
        return error.code === 'timeout' ? null : {};
      }
    },
    /* with a new connection, now: without waiting for the back-off, which goes
     * on unless the socket is let go of first */
    reconnect: () => {
      if (!ended) socket.disconnect().connect();
    },
  };
}

async function ask(socket, name, payload, patience = ACK_MS) {
  let answer;
  try {
    answer = await socket.timeout(patience).emitWithAck(name, payload);
  } catch {
    throw new ApiError({ code: 'timeout' });
  }
  if (answer?.ok) return answer;
  throw refusalOf(answer);
}
