/*
 * typing - who is writing to us at this moment, in chat.typing. The server says
 * when somebody stops; where it did not they stop after a while.
 */

import { chat } from './chat.js';

const STOP_MS = 6000; // a stop that never came

const timers = new Map(); // userId → timer

export function typingStarted({ from, conversationId }) {
  if (from === chat.state.me) return; // what one notes, on another device
  typingStopped({ from });
  chat.typing.push({ from, conversationId });
  timers.set(
    from,
    setTimeout(() => typingStopped({ from }), STOP_MS),
  );
}

export function typingStopped({ from }) {
  clearTimeout(timers.get(from));
  timers.delete(from);
  chat.typing = chat.typing.filter((t) => t.from !== from);
}

export function forgetTyping() {
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
  chat.typing = [];
}
