/* offline - the worker that opens this page without a network, where there may
 * be one (on https and localhost); elsewhere nobody misses what nobody knew. And
 * what it brings: answers to notifications, which may come before anybody is in. */

import { under } from './base.js';

const waiting = [];
let taker = null;

export function openWithoutNetwork() {
  if (!import.meta.env.PROD || !navigator.serviceWorker) return;
  navigator.serviceWorker.addEventListener('message', ({ data }) => {
    if (data?.answer) waiting.push(data.answer);
    if (taker) waiting.splice(0).forEach(taker);
  });
  /* what one waits for comes first */
  addEventListener('load', () => {
    navigator.serviceWorker.register(under('/sw.js')).catch(() => {
      /* a browser that will not, or a certificate of one's own */
    });
  });
}

/* take({target, hash, me, text}), text '' of who only wants to see it. -> what
 * ends it. */
export function onAnswer(take) {
  taker = take;
  waiting.splice(0).forEach(take);
  return () => {
    taker = null;
  };
}
