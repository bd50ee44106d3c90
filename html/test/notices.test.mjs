// What is told of while nobody looks at the page.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import './page.mjs';

document.hasFocus = () => false;

const shown = [];
globalThis.Notification = class {
  static permission = 'granted';
  constructor(title, { body }) { shown.push(body); }
  close() {}
};

let sounds = 0;
globalThis.AudioContext = class {
  get state() {
    sounds += 1;
    return 'closed';
  }
};

const { applyConversation } = await import('../src/lib/chat-state.js');
const { applySync } = await import('../src/lib/chat-sync.js');
const { handle, tellOfArrivals } = await import('../src/stores/arrivals.js');
const { chat, resetChat } = await import('../src/stores/chat.js');
const { notices, watchNotices } = await import('../src/stores/notices.js');

const TOLD_MS = 250; // the other pages have been asked by then

let stop;

beforeEach(() => {
  resetChat('ann');
  applyConversation(chat.state, {
    _id: 'c', kind: 'direct', otherUser: { _id: 'bob' }, lastSeq: 4, readSeq: 4, receivedSeq: 4, unread: 0,
  });
  chat.ready = true;
  shown.length = 0;
  sounds = 0;
  stop = watchNotices();
});

afterEach(() => stop());

const message = (seq) => ({
  _id: `m${seq}`, conversationId: 'c', seq, kind: 'text', sender: 'bob', recipient: 'ann', content: `words ${seq}`, mentions: [],
  createdAt: `2026-01-01T00:00:0${seq}.000Z`, deleted: false, change: 0,
});

const deleted = (seq, change) => ({ ...message(seq), content: '', deleted: true, change });

/* What came while the connection was gone; a message is as it is by now. */
function catchUp(messages) {
  const changes = messages.filter((m) => m.deleted).map((m) => ({ conversationId: 'c', kind: 'delete', change: m.change, message: m }));
  changes.sort((a, b) => a.change - b.change);
  tellOfArrivals(applySync(chat.state, { epoch: 'e', messages, changes }).arrived);
  return delay(TOLD_MS);
}

test('of what came while the connection was gone the newest is told that is not deleted', async () => {
  await catchUp([message(5), deleted(6, 1)]);
  assert.deepEqual(shown, ['words 5']);
  assert.notEqual(sounds, 0);
  assert.equal(notices.missed, 1);
});

test('nothing is told of messages that were all deleted while the connection was gone', async () => {
  await catchUp([deleted(5, 2), deleted(6, 1)]);
  assert.deepEqual(shown, []);
  assert.equal(sounds, 0);
  assert.equal(notices.missed, 0);
  assert.equal(chat.arrived, null);
});

/* As they come one by one; those who look are asked after the last. */
function come(...events) {
  for (const [name, payload] of events) handle(name, payload);
  return delay(TOLD_MS);
}

test('where the newest was deleted at once the one before it is told', async () => {
  await come(['message:new', message(5)], ['message:new', message(6)], ['message:deleted', deleted(6, 1)]);
  assert.deepEqual(shown, ['words 5']);
});

test('of several that were deleted at once none is told', async () => {
  const deletions = [deleted(6, 1), deleted(5, 2)].map((m) => ['message:deleted', m]);
  await come(['message:new', message(5)], ['message:new', message(6)], ...deletions);
  assert.deepEqual(shown, []);
  assert.equal(sounds, 0);
});

test('what was read elsewhere is not told in the place of what was deleted', async () => {
  const read = { conversationId: 'c', userId: 'ann', readSeq: 5 };
  await come(['message:new', message(5)], ['message:new', message(6)], ['message:read', read], ['message:deleted', deleted(6, 1)]);
  assert.deepEqual(shown, []);
  assert.equal(sounds, 0);
});

for (const [what, event] of [
  ['was deleted', ['message:deleted', deleted(5, 1)]],
  ['is of somebody who was erased', ['conversation:erased', { conversationId: 'c', userId: 'bob', change: 1 }]],
]) {
  test(`what ${what} is not told, though the page does not hold it`, async () => {
    handle('message:new', message(5));
    handle(...event);
    chat.state.conversations.c.items = [];
    await delay(TOLD_MS);
    assert.deepEqual(shown, []);
    assert.equal(sounds, 0);
  });
}

test('nor is what came to a conversation that is gone by now', async () => {
  await come(['message:new', message(5)], ['conversation:gone', { conversationId: 'c' }]);
  assert.deepEqual(shown, []);
  assert.equal(sounds, 0);
});

test('who was erased is told of by nothing, whatever was deleted since', async () => {
  handle('message:new', message(5));
  handle('conversation:erased', { conversationId: 'c', userId: 'bob', change: 1 });
  handle('message:deleted', deleted(4, 2));
  chat.state.conversations.c.items = [];
  await delay(TOLD_MS);
  assert.deepEqual(shown, []);
});

test('what comes while those that were read are put away stays', async () => {
  const there = new Map();
  let letGo;
  const looked = new Promise((resolve) => { letGo = resolve; });
  const worker = {
    active: true,
    showNotification: async (title, { tag, body }) => there.set(tag, body),
    getNotifications: async () => {
      await looked;
      return [...there.keys()].map((tag) => ({ tag, close: () => there.delete(tag) }));
    },
  };
  navigator.serviceWorker = { getRegistration: async () => worker };
  await come(['message:new', message(5)]);
  await come(['message:read', { conversationId: 'c', userId: 'ann', readSeq: 5 }]);
  await come(['message:new', message(6)]);
  letGo();
  await delay(0);
  assert.deepEqual([...there.values()], ['words 6']);
  delete navigator.serviceWorker;
});

test('one that was on its way while somebody came to look is put away', async () => {
  const { attentive } = await import('../src/lib/attention.js');
  let letGo;
  let gone = 0;
  const asked = new Promise((resolve) => { letGo = resolve; });
  const { close } = Notification.prototype;
  Notification.prototype.close = () => { gone += 1; };
  navigator.serviceWorker = { getRegistration: () => asked };
  await come(['message:new', message(5)]);
  attentive.value = true;
  await delay(0);
  letGo(null);
  await delay(0);
  assert.deepEqual([shown, gone], [['words 5'], 1]);
  attentive.value = false;
  Notification.prototype.close = close;
  delete navigator.serviceWorker;
});
