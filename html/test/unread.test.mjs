// What the title and the app's badge count, and what is read of an open conversation.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { computed, nextTick, ref } from 'vue';
import './page.mjs';

const { attentive } = await import('../src/lib/attention.js');
const { unreadOf } = await import('../src/lib/chat-pointers.js');
const { applyConversation, applyMessage } = await import('../src/lib/chat-state.js');
const { applySync } = await import('../src/lib/chat-sync.js');
const { useReading } = await import('../src/lib/use-reading.js');
const { activeConversation, chat, resetChat, unreadTotal } = await import('../src/stores/chat.js');
const { attach, read } = await import('../src/stores/outgoing.js');
const { adopt } = await import('../src/stores/session.js');

function add(id, lastSeq, own) {
  applyConversation(chat.state, {
    _id: id, kind: 'group', members: [{ userId: 'ann' }], lastSeq, readSeq: 1, receivedSeq: lastSeq, unread: lastSeq - 1,
    lastMessage: { _id: `m${id}`, conversationId: id, seq: lastSeq, kind: 'text', sender: 'bob', createdAt: '2026-01-01T00:00:00.000Z' },
    own: 1, mutedUntil: null, pinnedAt: null, archivedSeq: null, markedUnread: false, draft: null, ...own,
  });
}

test('what may make a noise is counted, and what is marked unread as one', () => {
  resetChat('ann');
  add('c', 4);
  assert.equal(unreadTotal.value, 3);
  add('d', 1, { markedUnread: true });
  assert.equal(unreadTotal.value, 4);
  add('e', 9, { mutedUntil: '9999-12-31T23:59:59.999Z' });
  add('f', 9, { archivedSeq: 9 });
  assert.equal(unreadTotal.value, 4);
  add('g', 9, { archivedSeq: 8 });
  assert.equal(unreadTotal.value, 12);
});

/* ---- an open conversation -------------------------------------------- */

const bobs = (seq) => ({
  _id: `m${seq}`, conversationId: 'c', seq, kind: 'text', sender: 'bob', recipient: 'ann', createdAt: '2026-01-01T00:00:00.000Z',
});
const withBob = (lastSeq, readSeq = lastSeq) => ({
  _id: 'c', kind: 'direct', otherUser: { _id: 'bob' }, lastSeq, readSeq, receivedSeq: lastSeq, unread: lastSeq - readSeq,
  lastMessage: bobs(lastSeq),
});
const syncTo = (epoch, ...described) => applySync(chat.state, { epoch, new: described });

/* The list of messages, with the last one in sight. */
function openWithBob() {
  resetChat('ann');
  chat.active = { userId: 'bob' };
  syncTo('old', withBob(120));
  const at = (top, bottom) => ({ getBoundingClientRect: () => ({ top, bottom }) });
  return useReading({
    conversation: () => activeConversation.value,
    me: () => 'ann',
    newest: computed(() => activeConversation.value?.seq ?? 0),
    scroller: ref(at(0, 500)),
    rows: () => [{ dataset: { seq: activeConversation.value.lastSeq }, ...at(100, 140) }],
    atEnd: ref(true),
  });
}

async function restoreTo(epoch, ...described) {
  syncTo(epoch);
  await nextTick();
  syncTo(epoch, ...described);
  await nextTick();
}

test('what was seen before a restore is not seen of what comes after it, at once', () => {
  const { end } = openWithBob();
  assert.equal(end(), 120);
  for (const described of [[], [withBob(100)]]) syncTo('new', ...described);
  assert.equal(end(), 100);
});

test('after a restore the unread begin where they do, also where nobody looks', async (t) => {
  t.after(() => { attentive.value = true; });
  const { unread } = openWithBob();
  attentive.value = false;
  applyMessage(chat.state, bobs(121));
  await nextTick();
  assert.deepEqual({ ...unread }, { from: 121, count: 1 });
  await restoreTo('new', withBob(100));
  assert.equal(unread.from, 0);
  await restoreTo('newer', withBob(100, 95));
  assert.deepEqual({ ...unread }, { from: 96, count: 5 });
});

test('no more is read than there is', () => {
  resetChat('ann');
  syncTo('new', withBob(100, 90));
  const conversation = chat.state.conversations.c;
  read(conversation, 120);
  assert.equal(conversation.readSeq, 100);
  applyMessage(chat.state, bobs(101));
  assert.equal(unreadOf(conversation), 1);
});

test('a restored store has heard of no pointer that was told before, and hears of none of these', async (t) => {
  t.after(() => attach(null));
  adopt({ token: 'token', user: { _id: 'ann', username: 'ann' } });
  resetChat('ann');
  const other = { ...withBob(50, 40), _id: 'd' };
  syncTo('old', withBob(120, 110), other);
  const told = [];
  attach({ up: true, ask: (_name, { seq }) => new Promise((done) => { told.push({ seq, done }); }) });
  for (const open of Object.values(chat.state.conversations)) read(open, open.lastSeq);
  for (let i = 0; i < 250 && !told.length; i += 1) await sleep(20);
  for (const described of [[], [withBob(100, 90), other]]) syncTo('new', ...described);
  told[0].done();
  await sleep(0);
  assert.deepEqual(told.map(({ seq }) => seq), [120]);
  const { readAck, receivedAck } = chat.state.conversations.c;
  assert.deepEqual([readAck, receivedAck], [90, 100]);
});
