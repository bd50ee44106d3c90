// What a tab left that was closed, and what the server has of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effectScope, nextTick } from 'vue';
import './page.mjs';
import * as storage from '../src/lib/storage.js';

const { applyConversation } = await import('../src/lib/chat-state.js');
const { settled } = await import('../src/lib/tabs.js');
const { adopt, api } = await import('../src/stores/session.js');
const { chat, resetChat } = await import('../src/stores/chat.js');
const { draftOf } = await import('../src/stores/drafts.js');
const { shareDrafts } = await import('../src/stores/shared-drafts.js');

const target = { userId: 'bob' };
const draft = { content: 'hi', replyTo: null, mentions: [] };
const conversation = { _id: 'c', kind: 'direct', otherUser: { _id: 'bob' }, members: [{ userId: 'ann' }, { userId: 'bob' }], lastSeq: 1, readSeq: 1, receivedSeq: 1, own: 1, draft };

/* The page is there, with this left by a tab that is no more. */
async function open(left) {
  adopt({ token: 't', user: { _id: 'ann', username: 'ann' } });
  if (left) storage.save('draft.ann.bob.tab', { target, at: 1, ...left });
  resetChat('ann');
  applyConversation(chat.state, conversation);
  chat.active = target;
  settled.value = true;
  const scope = effectScope();
  scope.run(shareDrafts);
  await nextTick();
  return scope;
}

test('where nothing was left there is what another device wrote', async () => {
  const scope = await open(null);
  assert.equal(draftOf(target).text, 'hi');
  scope.stop();
  for (const name of storage.namesUnder('draft.')) storage.remove(name);
});

test('words that were sent without a network are not there again, and the others learn that', async () => {
  const told = [];
  api.changeOwn = async (id, fields) => {
    told.push([id, fields]);
    return { conversationId: id, own: 2, ...fields };
  };
  const scope = await open({ text: '', files: [], labels: {}, reply: null, edits: {}, shared: draft });
  assert.equal(draftOf(target).text, '');
  chat.current = true;
  await nextTick();
  await nextTick();
  assert.deepEqual(told, [['c', { draft: null }]]);
  scope.stop();
});
