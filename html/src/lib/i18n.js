/*
 * i18n - English and French. t('key', {name}) fills {name}; a key whose text
 * is an array [one, many] is chosen by {n}.
 */

import { reactive } from 'vue';
import * as storage from './storage.js';
import { messages, pluralOf } from './strings.js';

export const languages = Object.keys(messages);

const state = reactive({ language: firstLanguage() });

function firstLanguage() {
  const chosen = storage.load('language');
  if (languages.includes(chosen)) return chosen;
  const wanted = (navigator.languages ?? [navigator.language ?? 'en']).map(
    (tag) => tag.slice(0, 2).toLowerCase(),
  );
  return wanted.find((tag) => languages.includes(tag)) ?? 'en';
}

export const language = () => state.language;

/* For dates: the browser's own variant (en-GB, fr-CA) where it fits. */
export const locale = () =>
  navigator.languages?.find((tag) => tag.startsWith(state.language)) ??
  state.language;

function show(name) {
  state.language = name;
  document.documentElement.lang = name;
}

export function setLanguage(name) {
  if (!languages.includes(name)) return;
  show(name);
  storage.save('language', name);
}
storage.onOtherTab('language', () => show(firstLanguage()));

export function t(key, parameters = {}) {
  let text = messages[state.language][key] ?? messages.en[key] ?? key;
  if (Array.isArray(text)) text = text[pluralOf(state.language, parameters.n)];
  return text.replace(/\{(\w+)\}/g, (_, name) => parameters[name] ?? '');
}

export const has = (key) => key in messages.en;

/* These may mean many things: what exactly, the server's own words say. */
const VAGUE = new Set(['invalid', 'forbidden', 'not_found', 'conflict']);

/* An ApiError in words: ours for codes that we know, else the server's. */
export function errorText(error) {
  const key = `error.${error?.code}`;
  const words = error?.message !== error?.code && error?.message;
  if (words && (VAGUE.has(error.code) || !has(key))) return words;
  return t(has(key) ? key : 'error.internal');
}

document.documentElement.lang = state.language;
