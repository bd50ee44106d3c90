// What a tab left that was closed, and what the server has of it.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { effectScope, nextTick } from 'vue';
import './page.mjs';
import { limits } from '../src/lib/generated.js';
import * as storage from '../src/lib/storage.js';

const { applyConversation, applyOwn } = await import('../src/lib/chat-state.js');
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

/* What is written there then, and what the others are told once there is a
 * connection. */
async function openAndConnect(left, change = () => {}) {
  const told = [];
  api.changeOwn = async (id, fields) => {
    told.push([id, fields]);
    return { conversationId: id, own: 3, ...fields };
  };
  const scope = await open({ files: [], labels: {}, reply: null, edits: {}, ...left });
  change();
  chat.current = true;
  await nextTick();
  await nextTick();
  scope.stop();
  return { text: draftOf(target).text, told };
}

afterEach(() => {
  chat.current = false;
  for (const name of storage.namesUnder('draft.')) storage.remove(name);
});

test('where nothing was left there is what another device wrote', async () => {
  const scope = await open(null);
  assert.equal(draftOf(target).text, 'hi');
  scope.stop();
});

test('where another device wrote, too, neither writes over the other', async () => {
  const { text, told } = await openAndConnect({ text: 'mine', shared: null });
  assert.deepEqual([text, chat.state.conversations.c.draft, told], ['mine', draft, []]);
});

test('... until that one has given it up', async () => {
  const giveUp = () => applyOwn(chat.state, { conversationId: 'c', own: 2, draft: null });
  const { text, told } = await openAndConnect({ text: 'mine', shared: { ...draft, content: 'before' } }, giveUp);
  assert.deepEqual([text, told], ['mine', [['c', { draft: { ...draft, content: 'mine' } }]]]);
});

test('more than could be sent is not shared', async () => {
  const { told } = await openAndConnect({ text: 'x'.repeat(limits.content + 1), shared: draft });
  assert.deepEqual(told, []);
});

test('words that were sent without a network are not there again, and the others learn that', async () => {
  const { text, told } = await openAndConnect({ text: '', shared: draft });
  assert.deepEqual([text, told], ['', [['c', { draft: null }]]]);
});
