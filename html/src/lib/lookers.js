/*
 * lookers - of the pages of a browser that tell what came, which one does, so
 * that it is told once; and whether somebody looks at any of them. Other pages
 * of the same browser have no say in it.
 */

import { attentive } from './attention.js';
import { named } from './base.js';
import { newId } from './ids.js';
import { self } from './tabs.js';

const ANSWER_MS = 150; // what lives has answered by then
const NAME = named('teller');

let telling = null; // an AbortController, where this page tells
let held = false; // the lock, by this page

/* This page is one of them. -> what ends it. */
export function tell() {
  const ending = new AbortController();
  telling = ending;
  navigator.locks?.request(NAME, { signal: ending.signal }, () => {
    if (telling !== ending) return null;
    held = true;
    return new Promise((resolve) => {
      ending.signal.addEventListener('abort', resolve);
    });
  }).catch(() => {
    /* it ended before it was its turn */
  });
  return () => {
    if (telling === ending) {
      telling = null;
      held = false;
    }
    ending.abort();
  };
}

const channel = globalThis.BroadcastChannel && new BroadcastChannel(named('lookers'));
const asked = new Map(); // question → what to do with an answer

channel?.addEventListener('message', ({ data: { question, answer, ...said } }) => {
  if (question && telling) channel.postMessage({ answer: question, id: self, looks: attentive.value });
  asked.get(answer)?.(said);
});

/* -> what the others say, {id, looks}. */
async function others() {
  const answers = [];
  const question = newId();
  asked.set(question, (said) => answers.push(said));
  channel?.postMessage({ question });
  await new Promise((resolve) => {
    setTimeout(resolve, channel ? ANSWER_MS : 0);
  });
  asked.delete(question);
  return answers;
}

/* -> whether this page is to tell: nobody looks, and it is the one that holds
 * the lock or, where there are none, the first by its name. */
export async function isToTell() {
  if (attentive.value) return false;
  const answers = await others();
  if (!telling || attentive.value || answers.some(({ looks }) => looks)) return false;
  return navigator.locks ? held : answers.every(({ id }) => self < id);
}
