/*
 * lookers - of the pages of a browser, which one tells what came, so that it is
 * told once; and whether somebody looks at any of them.
 */

import { attentive } from './attention.js';
import { newId } from './ids.js';
import { living, self } from './tabs.js';

const ANSWER_MS = 150; // a page that is looked at has answered by then

let held = false; // the lock, by this page

/* Where there are no locks, the first by its name. */
export const isTeller = () =>
  navigator.locks ? held : [...living].every((id) => self < id);

navigator.locks?.request('palabre.teller', () => {
  held = true;
  return new Promise(() => {
    /* as long as the page is there */
  });
}).catch(() => {
  /* the page goes */
});

const channel = globalThis.BroadcastChannel && new BroadcastChannel('palabre.lookers');
const asked = new Map(); // question → what to do with a yes

channel?.addEventListener('message', ({ data: { question, answer } }) => {
  if (question && attentive.value) channel.postMessage({ answer: question });
  asked.get(answer)?.();
});

/* -> whether somebody looks at a page of these. */
export async function isAnybodyLooking() {
  if (attentive.value || !channel) return attentive.value;
  const question = newId();
  const seen = new Promise((resolve) => {
    asked.set(question, () => resolve(true));
    setTimeout(resolve, ANSWER_MS, false);
  });
  channel.postMessage({ question });
  const looked = await seen;
  asked.delete(question);
  return looked || attentive.value;
}
