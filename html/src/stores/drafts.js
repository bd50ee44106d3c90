/*
 * drafts - what was typed and not sent, per person and conversation. They
 * outlive a reload and the end of a session, not a sign-out.
 */

import { ref } from 'vue';
import * as storage from '../lib/storage.js';
import { session } from './session.js';

const unkept = new Map(); // where the browser keeps nothing
const changes = ref(0);

const nameFor = (key) => `draft.${session.user?._id}.${key}`;

export function draftOf(key) {
  void changes.value; // asked again with each
  const name = nameFor(key);
  const text = unkept.get(name) ?? storage.load(name);
  return typeof text === 'string' ? text : '';
}

export function keepDraft(key, text) {
  const name = nameFor(key);
  unkept.delete(name);
  if (!text) storage.remove(name);
  else if (!storage.save(name, text)) unkept.set(name, text);
  changes.value += 1;
}

export function dropDrafts() {
  unkept.clear();
  for (const name of storage.namesUnder(nameFor(''))) storage.remove(name);
}
