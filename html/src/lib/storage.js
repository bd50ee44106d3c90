/*
 * storage - localStorage under `palabre.`, as JSON. A browser that refuses
 * storage (private mode, quota) leaves the page working without memory. Beside
 * a page of the same host, but with another base, each has its own.
 */

import { named } from './base.js';

const PREFIX = named('');

function area() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

export function load(name) {
  try {
    return JSON.parse(area()?.getItem(PREFIX + name) ?? 'null');
  } catch {
    return null;
  }
}

/* -> whether the browser has kept it. */
export function save(name, value) {
  try {
    const store = area();
    store?.setItem(PREFIX + name, JSON.stringify(value));
    return Boolean(store);
  } catch {
    return false;
  }
}

export function remove(name) {
  try {
    area()?.removeItem(PREFIX + name);
  } catch {
    /* nothing was kept, then */
  }
}

export function namesUnder(prefix) {
  const names = [];
  const store = area();
  for (let i = 0; i < (store?.length ?? 0); i += 1) {
    const key = store.key(i);
    if (key.startsWith(PREFIX + prefix)) names.push(key.slice(PREFIX.length));
  }
  return names;
}

/* Called when another tab changed it. -> a function that stops. */
export const onOtherTab = (name, callback) =>
  /* null: all of it was cleared */
  listen(({ key }) => (key === null || key === PREFIX + name) && callback());

/* Called with each name that another tab changed. -> a function that stops. */
export const onOtherTabUnder = (prefix, callback) =>
  listen(({ key }) => key?.startsWith(PREFIX + prefix) && callback(key.slice(PREFIX.length)));

function listen(listener) {
  globalThis.addEventListener('storage', listener);
  return () => globalThis.removeEventListener('storage', listener);
}

/*
 * The theme is a bare word, not JSON: theme.js reads it before the page is
 * drawn, and other pages of the system do, too.
 */
export function loadTheme() {
  try {
    return area()?.getItem('palabre.theme') ?? null;
  } catch {
    return null;
  }
}

export const onOtherTabsTheme = (callback) =>
  listen(({ key }) => (key === null || key === 'palabre.theme') && callback());

/* null: none is chosen */
export function saveTheme(theme) {
  try {
    if (theme) area()?.setItem('palabre.theme', theme);
    else area()?.removeItem('palabre.theme');
  } catch {
    /* the choice lasts as long as the page */
  }
}
