// Which conversations the page of operators holds, and from where it asks for more.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { nextTick } from 'vue';
import './page.mjs';

const { applyConversation } = await import('../src/lib/chat-state.js');
const { chat, resetChat } = await import('../src/stores/chat.js');
const { closeDesk, desk, openDesk } = await import('../src/stores/desk.js');

afterEach(closeDesk);

function add(id, day) {
  applyConversation(chat.state, {
    _id: id, kind: 'support', title: id, members: [{ userId: `of-${id}` }], lastSeq: 1, readSeq: 1, receivedSeq: 1, unread: 0,
    lastMessage: { _id: `m${id}`, conversationId: id, seq: 1, kind: 'text', sender: `of-${id}`, createdAt: `2026-01-0${day}T00:00:00.000Z` },
  });
}

test('those that a sync has let go are asked for again, from the oldest that is left on', async () => {
  resetChat('operator');
  add('new', 3);
  add('old', 2);
  add('oldest', 1);
  openDesk();
  assert.equal(desk.before, '');
  delete chat.state.conversations.oldest;
  await nextTick();
  assert.equal(desk.before, 'old');
  add('newest', 4);
  await nextTick();
  assert.equal(desk.before, 'old');
});
