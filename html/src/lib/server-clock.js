/*
 * server-clock - what time it is for the server, whose times are compared with
 * that: this machine's clock may be an hour off. How far it is off each answer
 * tells with its Date. Where the clock was set since, or the machine slept, that
 * is no longer known, and this machine's clock counts until the next answer.
 */

import { ref } from 'vue';

const NOISE_MS = 30000; // the way of an answer, and the whole seconds of its Date

/* The server's clock is so many ms ahead of this machine's. */
export const ahead = ref(0);

/* Stays the same until the clock is set: the other one nobody can set. */
const setting = () => Date.now() - performance.now();
let known = setting();
const wasSet = () => Math.abs(setting() - known) > NOISE_MS;

export const serverNow = () => Date.now() + (wasSet() ? 0 : ahead.value);

/* The Date, or null, of an answer that came just now. One that a machine slept over
 * says nothing: when it was asked for is long ago. */
export function hearDate(date, askedAt) {
  const off = Date.parse(date) - Date.now();
  if (Number.isNaN(off) || Date.now() - askedAt > NOISE_MS) return;
  const anew = wasSet();
  known = setting();
  if (anew || Math.abs(off - ahead.value) > NOISE_MS) ahead.value = off;
}
