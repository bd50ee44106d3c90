// What the title and the app's badge count.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.mjs';

const { applyConversation } = await import('../src/lib/chat-state.js');
const { chat, resetChat, unreadTotal } = await import('../src/stores/chat.js');

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
