/*
 * uploads - files on their way to the server, by an id of this page. What a
 * bad moment stops goes on by itself; what is refused says why, and can be
 * tried again. Until they are there their bytes are kept on the disk, and a page
 * that opens after this one was closed goes on.
 */

import { reactive } from 'vue';
import { ApiError } from '../lib/api-error.js';
import * as database from '../lib/database.js';
import { limits } from '../lib/generated.js';
import { newId } from '../lib/ids.js';
import { isPermanent, retryDelay } from '../lib/outbox.js';
import { adoptUrl } from './files.js';
import { api, session } from './session.js';

const AT_ONCE = 2;

/* {id, file, url, state: reading, waiting, loading, done or failed, progress, error,
 * attachment, unkept, owner}; url shows the file here; unkept: it is not on the
 * disk; owner: in whose name it goes */
export const uploads = reactive({});

const running = new Map(); // id → cancel
const listeners = new Set();
let failures = 0;
let timer = null;

/* listener(upload): one has come to an end, good or bad. */
export function onUpload(listener) {
  listeners.add(listener);
}

const newUpload = (id, fields) => ({
  id,
  file: null,
  url: '',
  state: 'waiting',
  progress: 0,
  error: null,
  attachment: null,
  unkept: false,
  owner: session.user?._id ?? null,
  ...fields,
});

/* What of a file is kept beside the words: {id, name, size, mime}. */
export function addUpload(file) {
  const id = newId();
  uploads[id] = newUpload(id, { file, url: URL.createObjectURL(file) });
  if (!session.user) refuse(id, 'lost');
  else if (file.size > limits.file) refuse(id, 'too_large');
  else if (!file.size) refuse(id, 'empty');
  else {
    keepBytes(id, file);
    startNext();
  }
  return { id, name: file.name, size: file.size, mime: file.type, attachment: null };
}

async function keepBytes(id, file) {
  const kept = await database.keep('files', session.user._id, id, file);
  if (uploads[id]) uploads[id].unkept = !kept;
}

/* What is done is not, where the server has lost it since. */
export const isUnderWay = ({ id }) => Boolean(uploads[id]) && uploads[id].state !== 'done';

/* Of a page that was closed: with the bytes that it has kept. */
export async function resumeUpload({ id }) {
  if (isUnderWay({ id })) return;
  uploads[id] = newUpload(id, { state: 'reading' });
  const file = await database.get('files', session.user._id, id);
  if (uploads[id]?.state !== 'reading') return;
  if (!file) {
    refuse(id, 'lost');
    return;
  }
  startOver({ id }, file);
}

/* As they are here until the file is sent or given up; null where they are not. */
export const bytesOf = async ({ id }) =>
  uploads[id]?.file ?? database.get('files', session.user?._id, id);

/* With these bytes, of which the server has none, or none any more. */
export function startOver({ id }, file) {
  uploads[id] ??= newUpload(id);
  Object.assign(uploads[id], { file, url: URL.createObjectURL(file), state: 'waiting', progress: 0, attachment: null });
  startNext();
}

const refuse = (id, code) => end(uploads[id], 'failed', { error: new ApiError({ status: 413, code }) });

function end(upload, state, fields) {
  Object.assign(upload, { state, ...fields });
  for (const listener of listeners) listener(upload);
}

export function retryUpload(id) {
  const upload = uploads[id];
  if (upload?.state !== 'failed') return;
  Object.assign(upload, { state: 'waiting', progress: 0, error: null });
  startNext();
}

/* Nothing is known of it any more, here or on the disk; what is under way ends. */
export function dropUpload(id) {
  letGo(id);
  if (session.user) database.drop('files', session.user._id, id);
  startNext();
}

function letGo(id) {
  const upload = uploads[id];
  if (!upload) return;
  running.get(id)?.();
  running.delete(id);
  if (!upload.attachment && upload.url) URL.revokeObjectURL(upload.url);
  delete uploads[id];
}

/* This page has done with them. */
export function dropUploads() {
  clearTimeout(timer);
  timer = null;
  Object.keys(uploads).forEach(letGo);
}

/* What a page would lose if it were closed now. */
export const isUploading = () =>
  Object.values(uploads).some(
    ({ state, unkept }) => unkept && (state === 'waiting' || state === 'loading'),
  );

function startNext() {
  clearTimeout(timer);
  timer = null;
  for (const upload of Object.values(uploads)) {
    if (running.size >= AT_ONCE) return;
    if (upload.state === 'waiting' && !running.has(upload.id)) start(upload);
  }
}
addEventListener('online', startNext);

async function start(upload) {
  const { id, file } = upload;
  if (session.user?._id !== upload.owner) {
    letGo(id);
    return;
  }
  upload.state = 'loading';
  const { answer, cancel } = api.upload(file, (progress) => {
    upload.progress = progress;
  });
  running.set(id, cancel);
  try {
    const attachment = await answer;
    if (uploads[id] !== upload) return;
    failures = 0;
    adoptUrl(attachment, upload.url);
    end(upload, 'done', { attachment, progress: 1 });
  } catch (error) {
    if (uploads[id] !== upload) return;
    if (isPermanent(error) || error.code === 'no_space') end(upload, 'failed', { error });
    else later(upload);
  } finally {
    running.delete(id);
    if (!timer) startNext();
  }
}

function later(upload) {
  Object.assign(upload, { state: 'waiting', progress: 0 });
  timer = setTimeout(startNext, retryDelay(failures));
  failures += 1;
}
