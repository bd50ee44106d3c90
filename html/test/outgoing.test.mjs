// The outbox as one page sees it, of which there may be several.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import './page.mjs';
import { ApiError } from '../src/lib/api-error.js';
import { get, keep } from '../src/lib/database.js';
import { loadOutbox, newEntry, saveEntry } from '../src/lib/outbox.js';
import { namesUnder } from '../src/lib/storage.js';
import { self, settled } from '../src/lib/tabs.js';

const { adopt, api, endSession, session, signOut } = await import('../src/stores/session.js');
const { chat, resetChat } = await import('../src/stores/chat.js');
const { changeDraft } = await import('../src/stores/drafts.js');
const outgoing = await import('../src/stores/outgoing.js');
const { sendFile } = await import('../src/stores/compose.js');
const { forward } = await import('../src/stores/forwarding.js');
const { dropUploads } = await import('../src/stores/uploads.js');

const target = { userId: 'bob' };
const come = (id) => {
  adopt({ token: `token of ${id}`, user: { _id: id, username: id } });
  resetChat(id);
};
const soon = (ms = 50) => new Promise((resolve) => { setTimeout(resolve, ms); });
async function until(holds) {
  for (let i = 0; i < 250 && !holds(); i += 1) await soon(20);
  assert.ok(holds(), String(holds));
}

let sent;
let n = 0;
beforeEach(() => {
  sent = [];
  api.send = async (body) => {
    sent.push([session.user?._id, body.content]);
    return { _id: `m${sent.length}`, conversationId: 'c', seq: sent.length, kind: 'text', sender: chat.state.me, mentions: [], ...body };
  };
  n += 1;
  come(`ann${n}`);
});

test('what another tab tries again is uploaded by the one that has its bytes', async () => {
  let tries = 0;
  api.upload = () => {
    tries += 1;
    const answer = tries === 1
      ? Promise.reject(new ApiError({ status: 507, code: 'no_space' }))
      : Promise.resolve({ _id: 'a', name: 'n', size: 5, mime: '' });
    return { answer, cancel: () => {} };
  };
  sendFile(target, new File(['bytes'], 'n'));
  await until(() => chat.outbox[0]?.state === 'failed');
  const [{ clientId }] = chat.outbox;
  await until(() => chat.outbox[0].kept);
  await soon();
  const [entry] = await loadOutbox(chat.state.me);
  assert.equal(entry.state, 'failed');
  await saveEntry(chat.state.me, { ...entry, state: 'pending', error: null });
  new BroadcastChannel('palabre.outbox').postMessage(chat.state.me);
  await until(() => sent.length === 1);
  assert.equal(tries, 2);
  assert.equal(chat.outbox.some((e) => e.clientId === clientId), false);
});

const NOT_FOUND = { status: 404, code: 'not_found' };

/* The server has these files no more when they are to go into a message, or says
 * why else it refuses them; each upload is file1, file2 and so on. -> what was asked
 * for */
function sweep(gone, why = NOT_FOUND) {
  const asked = [];
  const { send } = api;
  let uploaded = 0;
  api.upload = () => {
    uploaded += 1;
    return { answer: Promise.resolve({ _id: `file${uploaded}`, name: 'n', size: 5, mime: '' }), cancel: () => {} };
  };
  api.send = async (body) => {
    asked.push(body.attachment);
    if (gone(body.attachment)) throw new ApiError(why);
    return send(body);
  };
  return asked;
}

test('a file that the server has deleted meanwhile is uploaded once more, and what comes after it waits', async () => {
  const asked = sweep((id) => id === 'file1');
  sendFile(target, new File(['bytes'], 'voice.weba'));
  outgoing.send(target, 'after it');
  await until(() => sent.length === 2);
  assert.deepEqual(asked, ['file1', 'file2', undefined]);
  assert.deepEqual(chat.outbox, []);
});

test('also by a page that was opened since, from the disk', async () => {
  const asked = sweep((id) => id === 'file1');
  sendFile(target, new File(['bytes'], 'voice.weba'));
  dropUploads();
  const [{ file }] = chat.outbox;
  await until(() => chat.outbox[0].kept);
  chat.outbox[0].attachment = { _id: 'file1' };
  outgoing.flush();
  await until(() => sent.length === 1);
  assert.deepEqual(asked, ['file1', 'file2']);
  assert.equal(await get('files', chat.state.me, file.id), null);
});

test('and from memory, where the browser keeps nothing', async (t) => {
  const { put } = IDBObjectStore.prototype;
  t.after(() => { IDBObjectStore.prototype.put = put; });
  IDBObjectStore.prototype.put = () => { throw new Error('full'); };
  const asked = sweep((id) => id === 'file1');
  sendFile(target, new File(['bytes'], 'voice.weba'));
  await until(() => sent.length === 1);
  assert.deepEqual(asked, ['file1', 'file2']);
});

test('what is uploaded once more is of the tab that does so, whichever did so first', async (t) => {
  t.after(dropUploads);
  sweep((id) => id === 'file1');
  let uploading = 0;
  api.upload = () => {
    uploading += 1;
    return { answer: new Promise(() => {}), cancel: () => {} };
  };
  const file = { id: 'f', name: 'n', size: 5, mime: '', attachment: { _id: 'file1' } };
  await keep('files', chat.state.me, 'f', new File(['bytes'], 'n'));
  await saveEntry(chat.state.me, newEntry({ to: 'bob', content: '', file, tab: 'other' }, Date.now()));
  await outgoing.gather();
  outgoing.flush();
  await until(() => uploading === 1);
  await soon();
  const [{ tab, attachment }] = await loadOutbox(chat.state.me);
  assert.deepEqual([tab, attachment], [self, null]);
});

test('what a tab that was closed had begun to upload once more is uploaded by the one that did so first', async () => {
  const asked = sweep(() => false);
  const { send } = api;
  api.send = () => Promise.reject(new ApiError({ code: 'unavailable' }));
  sendFile(target, new File(['bytes'], 'voice.weba'));
  await until(() => settled.value && chat.outbox[0].attachment);
  await soon();
  const [entry] = await loadOutbox(chat.state.me);
  await saveEntry(chat.state.me, { ...entry, attachment: null, reuploaded: true, tab: 'closed' });
  api.send = send;
  await outgoing.gather();
  await until(() => sent.length === 1);
  assert.deepEqual(asked, ['file2']);
});

test('where it was not for the file it is refused after one more try, and after each that is wished', async () => {
  const asked = sweep(() => true);
  sendFile(target, new File(['bytes'], 'voice.weba'));
  await until(() => chat.outbox[0].state === 'failed');
  assert.equal(chat.outbox[0].error.code, 'not_found');
  assert.deepEqual(asked, ['file1', 'file2']);
  outgoing.retry(chat.outbox[0].clientId);
  await until(() => chat.outbox[0].state === 'failed');
  assert.deepEqual(asked, ['file1', 'file2', 'file2', 'file3']);
});

test('a file that is refused for anything else is not uploaded once more', async () => {
  const asked = sweep(() => true, { status: 403, code: 'forbidden' });
  sendFile(target, new File(['bytes'], 'voice.weba'));
  await until(() => chat.outbox[0].state === 'failed');
  assert.equal(chat.outbox[0].error.code, 'forbidden');
  assert.deepEqual(asked, ['file1']);
});

const theirs = { kind: 'file', content: '', mentions: [], attachment: { _id: 'theirs', name: 'n', size: 5, mime: '' } };

test('a forwarded file that is gone is refused: its bytes are not here', async () => {
  const asked = sweep(() => true);
  forward([theirs], [target]);
  await until(() => chat.outbox[0].state === 'failed');
  assert.deepEqual(asked, ['theirs']);
});

test('nor are they looked for on a disk that does not answer, for as long as others wait', async (t) => {
  const { get: read } = IDBObjectStore.prototype;
  t.after(() => { IDBObjectStore.prototype.get = read; });
  IDBObjectStore.prototype.get = () => new Promise(() => {});
  sweep((id) => id === 'theirs');
  forward([theirs], [target]);
  outgoing.send(target, 'after it');
  await until(() => sent.length === 1);
  assert.equal(chat.outbox[0].error.code, 'not_found');
});

test('what is given up while its bytes are looked for stays given up', async (t) => {
  const { get: read } = IDBObjectStore.prototype;
  t.after(() => { IDBObjectStore.prototype.get = read; });
  const asked = sweep(() => true);
  IDBObjectStore.prototype.get = function late(...args) {
    outgoing.discard(chat.outbox[0].clientId);
    return read.apply(this, args);
  };
  forward([theirs], [target]);
  await soon();
  assert.deepEqual([asked, chat.outbox, await loadOutbox(chat.state.me)], [['theirs'], [], []]);
});

test('what is refused while another person comes in is none of theirs', async (t) => {
  const { get: read } = IDBObjectStore.prototype;
  t.after(() => { IDBObjectStore.prototype.get = read; });
  sweep(() => true);
  IDBObjectStore.prototype.get = function late(...args) {
    come(`other${n}`);
    return read.apply(this, args);
  };
  forward([theirs], [target]);
  await until(() => chat.state.me === `other${n}`);
  await soon();
  assert.deepEqual([chat.outbox, await loadOutbox(chat.state.me)], [[], []]);
});

test('a voice note with nothing in it says so, and holds nothing up', async () => {
  sendFile(target, new File([], 'voice.weba'));
  assert.deepEqual([chat.outbox[0].state, chat.outbox[0].error.code], ['failed', 'empty']);
  outgoing.send(target, 'after it');
  await until(() => sent.length === 1);
});

test('a disk that does not answer does not keep what is written here from being sent', async (t) => {
  const { getAll } = IDBObjectStore.prototype;
  t.after(() => { IDBObjectStore.prototype.getAll = getAll; });
  IDBObjectStore.prototype.getAll = () => new Promise(() => {});
  outgoing.send(target, 'one');
  outgoing.send(target, 'two');
  await until(() => sent.length === 2);
});

test('what many ask of the disk while it is read one more look answers', async (t) => {
  let looks = 0;
  const { getAll } = IDBObjectStore.prototype;
  t.after(() => { IDBObjectStore.prototype.getAll = getAll; });
  IDBObjectStore.prototype.getAll = function counted(...args) {
    looks += 1;
    return getAll.apply(this, args);
  };
  const first = outgoing.gather();
  await soon(0);
  await saveEntry(chat.state.me, { ...newEntry({ to: 'bob', content: 'late' }, Date.now()), state: 'failed' });
  await Promise.all([first, ...Array.from({ length: 100 }, () => outgoing.gather())]);
  assert.ok(looks <= 2, `${looks}`);
  assert.deepEqual(chat.outbox.map(({ content }) => content), ['late']);
});

test('an own message of another device costs the disk nothing', async (t) => {
  let drops = 0;
  const { delete: drop } = IDBObjectStore.prototype;
  t.after(() => { IDBObjectStore.prototype.delete = drop; });
  IDBObjectStore.prototype.delete = function counted(...args) {
    drops += 1;
    return drop.apply(this, args);
  };
  outgoing.settle({ sender: chat.state.me, clientId: 'of another device' });
  await soon();
  assert.equal(drops, 0);
});

/* Sent, and kept, and not answered. -> its clientId */
async function leaveWaiting(content) {
  outgoing.send(target, content);
  await until(() => chat.outbox[0]?.kept);
  return chat.outbox[0].clientId;
}

test('what several tabs have written is in the order of writing', async () => {
  api.send = () => new Promise(() => {});
  await leaveWaiting('second');
  for (const [content, order] of [['first', 0], ['third', 9]]) {
    await saveEntry(chat.state.me, newEntry({ to: 'bob', content, order }, Date.now()));
  }
  await outgoing.gather();
  assert.deepEqual(chat.outbox.map(({ content }) => content), ['first', 'second', 'third']);
});

test('what was given up does not come back from the disk that was being read', async (t) => {
  const { getAll } = IDBObjectStore.prototype;
  t.after(() => { IDBObjectStore.prototype.getAll = getAll; });
  api.send = () => new Promise(() => {});
  const clientId = await leaveWaiting('no more');
  IDBObjectStore.prototype.getAll = function late(...args) {
    const request = getAll.apply(this, args);
    outgoing.discard(clientId);
    return request;
  };
  await outgoing.gather();
  assert.deepEqual(chat.outbox, []);
});

test('nor by a refusal that comes late', async () => {
  let refuse;
  api.send = () => new Promise((_done, fail) => { refuse = fail; });
  outgoing.discard(await leaveWaiting('no more'));
  refuse(new ApiError({ status: 403, code: 'forbidden' }));
  await soon();
  assert.deepEqual(await loadOutbox(chat.state.me), []);
});

test('who signs out in another tab leaves nothing that waits in this one', async () => {
  api.send = () => new Promise(() => {});
  api.logout = async () => {};
  const { me } = chat.state;
  await leaveWaiting('mine');
  signOut();
  outgoing.attach(null);
  await soon();
  assert.deepEqual(await loadOutbox(me), []);
});

test('who is erased elsewhere leaves nothing either, and who may come back leaves all', async () => {
  api.send = () => new Promise(() => {});
  for (const [reason, waiting] of [['deleted', 0], ['expired', 1]]) {
    const { me } = chat.state;
    changeDraft(target, { text: 'half a thought' });
    await leaveWaiting('mine');
    endSession(session.token, reason);
    outgoing.attach(null);
    await soon();
    assert.equal((await loadOutbox(me)).length, waiting, reason);
    assert.equal(namesUnder(`draft.${me}.`).length, waiting, reason);
    come(`other${n}`);
  }
});

test('what the socket did not answer goes out in nobody else’s name', async () => {
  let fail;
  outgoing.attach({ up: true, ask: () => new Promise((_done, refuse) => { fail = refuse; }), tell: () => {} });
  outgoing.send(target, 'mine');
  await until(() => fail);
  endSession(session.token);
  outgoing.attach(null);
  fail(new ApiError({ code: 'timeout' }));
  come('eve');
  await soon();
  assert.deepEqual(sent, []);
});
