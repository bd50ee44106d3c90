/*
 * files - the bytes of files, fetched with the token and shown by addresses of
 * this page (blob:). Those that nothing shows are let go when there are many.
 */

import { onScopeDispose, ref, watch } from 'vue';
import { ApiError } from '../lib/api-error.js';
import { kindOf } from '../lib/file-kinds.js';
import { squareOf } from '../lib/square.js';
import { api, session } from './session.js';

const KEPT = 60; // that nothing shows

/* by name: {url: a promise, users, at} */
const kept = new Map();

const nameOf = (id, small) => (small ? `${id}?` : id);

function entryOf(attachment, small) {
  const name = nameOf(attachment._id, small);
  let entry = kept.get(name);
  if (!entry) {
    entry = { url: fetchUrl(attachment, small), users: 0, name };
    kept.set(name, entry);
    entry.url.catch(() => kept.get(name) === entry && kept.delete(name));
  }
  return entry;
}

async function fetchUrl({ _id, mime }, small) {
  if (small) return URL.createObjectURL(await smallCopy(_id));
  const blob = await api.file(_id, false);
  /* what is no medium is bytes, whatever it says it is */
  const type = kindOf({ mime }) === 'other' ? 'application/octet-stream' : mime;
  return URL.createObjectURL(new Blob([blob], { type }));
}

/* Not of every picture there is one. */
async function smallCopy(id) {
  try {
    return await api.file(id, true);
  } catch (error) {
    if (error.status !== 404) throw error;
    return api.file(id, false);
  }
}

function use(entry) {
  entry.users += 1;
  kept.delete(entry.name); // the last used comes last
  kept.set(entry.name, entry);
}

function letGo(entry) {
  entry.users -= 1;
  const idle = [...kept.values()].filter(({ users }) => users <= 0);
  idle.slice(0, Math.max(0, idle.length - KEPT)).forEach(forget);
}

function forget(entry) {
  kept.delete(entry.name);
  entry.url.then(URL.revokeObjectURL, () => {
    /* it never came */
  });
}

/* What this page has sent itself it need not fetch. */
export function adoptUrl({ _id, preview }, url) {
  for (const small of preview ? [false, true] : [false]) {
    const name = nameOf(_id, small);
    kept.set(name, { url: Promise.resolve(url), users: 0, name });
  }
}

/* A picture of somebody, as a file of the server. -> its id */
export async function uploadPicture(file) {
  let square;
  try {
    square = await squareOf(file);
  } catch {
    throw new ApiError({ code: 'no_picture' });
  }
  const attachment = await api.upload(square, () => {}).answer;
  adoptUrl({ ...attachment, preview: true }, URL.createObjectURL(square));
  return attachment._id;
}

/* Nothing of another person stays. */
watch(
  () => session.user?._id,
  (now, before) => {
    if (before && now !== before) [...kept.values()].forEach(forget);
  },
);

/*
 * of(): {attachment, small} of what is to be shown, or null as long as it need
 * not be. -> {url, error, again}: '' until it is there; why it is not.
 */
export function useFile(of) {
  const url = ref('');
  const error = ref(null);
  let held = null;

  function drop() {
    if (held) letGo(held);
    held = null;
  }

  async function load() {
    drop();
    url.value = '';
    error.value = null;
    const wanted = of();
    if (!wanted) return;
    const entry = entryOf(wanted.attachment, wanted.small);
    use(entry);
    held = entry;
    try {
      const there = await entry.url;
      if (held === entry) url.value = there;
    } catch (failure) {
      if (held === entry) error.value = failure;
    }
  }

  watch(
    () => {
      const wanted = of();
      return wanted && nameOf(wanted.attachment._id, wanted.small);
    },
    load,
    { immediate: true },
  );
  onScopeDispose(drop);
  return { url, error, again: load };
}

function saveUrl(url, name) {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
}

export function saveBlob(blob, name) {
  const url = URL.createObjectURL(blob);
  saveUrl(url, name);
  setTimeout(URL.revokeObjectURL, 60000, url);
}

/* To the disk of whoever asks, under its name. */
export async function saveFile(attachment) {
  const entry = entryOf(attachment, false);
  use(entry);
  try {
    saveUrl(await entry.url, attachment.name);
  } finally {
    setTimeout(letGo, 60000, entry);
  }
}
