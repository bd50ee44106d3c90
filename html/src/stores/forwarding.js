/*
 * forwarding - messages that go to other conversations: as one's own, each with
 * its words and the file that one may read.
 */

import { reactive } from 'vue';
import { lengthOf } from '../lib/content.js';
import { limits } from '../lib/generated.js';
import { newId } from '../lib/ids.js';
import { send } from './outgoing.js';
import { whenOver } from './session.js';
import { textOf } from './words.js';

export const TARGETS = 20; // at once

/* Those for which one is asked where they are to go. */
export const forwarding = reactive({ messages: [] });
whenOver(() => {
  forwarding.messages = [];
});

/* Whom it names may not see it there: they are named in plain words, unless these
 * are too many. */
function wordsFor(message) {
  const words = textOf(message);
  return lengthOf(words) <= limits.content ? words : message.content;
}

function fileOf({ attachment }) {
  if (!attachment) return null;
  const { name, size, mime } = attachment;
  return { id: newId(), name, size, mime, attachment: { ...attachment } };
}

/* In this order, to each of the targets. */
export function forward(messages, targets) {
  for (const target of targets) {
    for (const message of messages) send(target, wordsFor(message), { file: fileOf(message) });
  }
}
