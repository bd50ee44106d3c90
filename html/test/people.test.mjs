// What may have changed of people while the page was away, or was not told.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import './page.mjs';

globalThis.location = new URL('http://127.0.0.1:1/');
const { adopt, adoptUser, api } = await import('../src/stores/session.js');
const { ApiError } = await import('../src/lib/api-error.js');
const { blocks, noteBlock } = await import('../src/stores/blocks.js');
const { chat } = await import('../src/stores/chat.js');
const { start, stop, sync } = await import('../src/stores/connection.js');
const { doubtPeople, forgetPeople, introduceAll, people, remember, rememberWriters } = await import('../src/stores/people.js');

const known = { _id: 'u1', displayName: 'Old', avatar: '', status: 'offline' };
const me = { _id: 'ann', username: 'ann', hidesReceipts: true };
let asked;

beforeEach(() => {
  asked = [];
  forgetPeople();
  adopt({ token: 'token', user: me });
  remember(known);
  api.user = async (id) => {
    asked.push(id);
    return { ...known, _id: id, displayName: 'New' };
  };
});

async function until(holds) {
  for (let i = 0; i < 500 && !holds(); i += 1) await sleep(20);
  assert.ok(holds(), String(holds));
}

test('who may have changed meanwhile is asked for again, once, where they are introduced', async () => {
  await introduceAll(['u1']);
  assert.deepEqual(asked, []);
  doubtPeople();
  await introduceAll(['u1', 'u2']);
  await introduceAll(['u1', 'u2']);
  assert.deepEqual([asked, people.byId.u1.displayName], [['u1', 'u2'], 'New']);
  doubtPeople();
  remember(known);
  await introduceAll(['u1']);
  assert.equal(asked.length, 2, 'what REST said since is as new');
});

test('whoever writes by another name is asked for again', async () => {
  rememberWriters([{ sender: 'u1', senderName: 'Old' }, { sender: 'u2', senderName: 'Two' }, { sender: 'u1', senderName: '' }]);
  assert.equal(people.byId.u2.displayName, 'Two');
  rememberWriters([{ sender: 'u1', senderName: 'New' }]);
  await until(() => people.byId.u1.displayName === 'New');
  assert.deepEqual(asked, ['u1']);
});

test('who is there no more is forgotten', async () => {
  api.user = async () => {
    throw new ApiError({ code: 'not_found', status: 404 });
  };
  doubtPeople();
  await introduceAll(['u1']);
  assert.equal(people.byId.u1, undefined);
});

const direct = (otherUser) => ({
  _id: 'c1', kind: 'direct', otherUser, members: [], lastSeq: 1, lastChange: 0, readSeq: 1, receivedSeq: 1, unread: 0, own: 0,
  lastMessage: { _id: 'm1', conversationId: 'c1', seq: 1, kind: 'text', sender: 'u1', senderName: 'Old', content: 'x', mentions: [] },
});

test('nor does anybody know whom a sync calls erased, or a list of conversations', async (t) => {
  let changes = [];
  api.sync = async () => ({ epoch: 'e', own: 0, new: chat.state.conversations.c1 ? [] : [direct(known)], changes });
  api.conversations = async () => [direct(null)];
  start();
  t.after(stop);
  await sync();
  await until(() => chat.ready && people.byId.u1);
  noteBlock({ userId: 'u1', blocked: true });
  changes = [{ kind: 'erase', conversationId: 'c1', userId: 'u1', change: 1 }];
  await sync();
  assert.deepEqual([people.byId.u1, blocks.ids], [undefined, []]);
  changes = [];
  remember(known);
  adoptUser({ ...me, hidesReceipts: false });
  await until(() => !people.byId.u1);
});

test('who hides no more what they have read is told at once how far others are', async (t) => {
  let lists = 0;
  api.sync = async () => ({ epoch: 'e', own: 0 });
  api.conversations = async () => {
    lists += 1;
    return [];
  };
  start();
  t.after(stop);
  await sync();
  await until(() => chat.ready);
  const before = lists;
  adoptUser({ ...me, statusText: 'x' });
  assert.equal(lists, before);
  adoptUser({ ...me, hidesReceipts: false });
  assert.equal(lists, before + 1);
  adoptUser(me);
  assert.equal(lists, before + 1);
});
