// What a tab left that was closed, and what the server has of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effectScope, nextTick } from 'vue';
import './page.mjs';
import { limits } from '../src/lib/generated.js';
import * as storage from '../src/lib/storage.js';

/* What another tab does to what all keep. */
const tellers = new Set();
globalThis.addEventListener = (type, listener) => type === 'storage' && tellers.add(listener);
globalThis.removeEventListener = (type, listener) => tellers.delete(listener);

const { applyConversation, applyMessage, applyOwn } = await import('../src/lib/chat-state.js');
const { living, settled } = await import('../src/lib/tabs.js');
const { adopt, api } = await import('../src/stores/session.js');
const { chat, resetChat } = await import('../src/stores/chat.js');
const { changeDraft, draftOf } = await import('../src/stores/drafts.js');
const { shareDrafts, wordsIn } = await import('../src/stores/shared-drafts.js');

const target = { userId: 'bob' };
const draft = { content: 'hi', replyTo: null, mentions: [] };
const words = { text: 'hi', files: [], labels: {}, reply: null, edits: {} };
const conversation = { _id: 'c', kind: 'direct', otherUser: { _id: 'bob' }, members: [{ userId: 'ann' }, { userId: 'bob' }], lastSeq: 1, readSeq: 1, receivedSeq: 1, own: 1, draft };

/* The page is there, with this left by a tab that is no more, and nothing else. */
async function open(left, shared = draft, active = target, known = true) {
  chat.current = false;
  for (const name of storage.namesUnder('draft.')) storage.remove(name);
  adopt({ token: 't', user: { _id: 'ann', username: 'ann' } });
  if (left) storage.save('draft.ann.bob.tab', { target, at: 1, ...left });
  resetChat('ann');
  chat.state.epoch = 'now';
  applyConversation(chat.state, { ...conversation, draft: shared });
  chat.active = active;
  settled.value = known; // which other tabs are open
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
    return { conversationId: id, own: 9, ...fields };
  };
  const scope = await open({ files: [], labels: {}, reply: null, edits: {}, ...left });
  await change();
  chat.current = true;
  await nextTick();
  await nextTick();
  scope.stop();
  return { text: draftOf(target).text, told };
}

test('where nothing was left there is what another device wrote', async () => {
  const scope = await open(null);
  assert.equal(draftOf(target).text, 'hi');
  scope.stop();
});

test('where another device wrote, too, neither writes over the other', async () => {
  const { text, told } = await openAndConnect({ text: 'mine', shared: null });
  assert.deepEqual([text, chat.state.conversations.c.draft, told], ['mine', draft, []]);
});

test('... also where it is opened later', async () => {
  const scope = await open({ ...words, text: 'mine', shared: null }, draft, null);
  chat.active = target;
  await nextTick();
  assert.equal(draftOf(target).text, 'mine');
  scope.stop();
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

test('... nor a draft in the list, of this tab or of one that is gone, and those of another device are', async () => {
  const row = () => wordsIn(chat.state.conversations.c);
  for (const told of [{ shared: draft }, { shared: null, sent: draft }]) {
    for (const active of [target, null]) {
      const scope = await open({ ...words, text: '', ...told }, draft, active);
      assert.equal(row(), '');
      writeElsewhere('from the train');
      assert.equal(row(), 'from the train');
      scope.stop();
    }
  }
});

/* The conversation goes from here, and comes back with nothing of what was there. */
async function goAndComeBack() {
  delete chat.state.conversations.c;
  await nextTick();
  applyConversation(chat.state, { ...conversation, own: 4, draft: null });
  await nextTick();
}

test('what one was writing in a group is there still for who comes back to it', async () => {
  for (const active of [target, null]) {
    const scope = await open({ ...words, shared: draft }, draft, active);
    chat.current = true;
    await goAndComeBack();
    chat.active = target;
    await nextTick();
    assert.equal(draftOf(target).text, 'hi');
    scope.stop();
  }
});

test('... also where the browser keeps nothing', async () => {
  const scope = await open({ ...words, shared: draft });
  for (const name of storage.namesUnder('draft.')) storage.remove(name);
  chat.current = true;
  await goAndComeBack();
  assert.equal(draftOf(target).text, 'hi');
  scope.stop();
});

test('... and words that were sent are not', async () => {
  const scope = await open({ ...words, text: '', shared: draft });
  chat.current = true;
  await goAndComeBack();
  assert.deepEqual([draftOf(target).text, draftOf(target).shared], ['', null]);
  scope.stop();
});

test('what no sync has named yet is not gone', async () => {
  const scope = await open({ ...words, shared: draft }, draft, null);
  delete chat.state.conversations.c;
  await nextTick();
  assert.deepEqual(storage.load('draft.ann.bob.tab').shared, draft);
  scope.stop();
});

test('... nor is a tab that has had no time to say that it is open', async () => {
  const scope = await open({ ...words, shared: draft }, draft, null);
  settled.value = false;
  chat.current = true;
  delete chat.state.conversations.c;
  await nextTick();
  assert.deepEqual(storage.load('draft.ann.bob.tab').shared, draft);
  settled.value = true;
  await nextTick();
  assert.equal(storage.load('draft.ann.bob.tab').shared, null);
  scope.stop();
});

test('... and its words stay with it until it says so, or is gone', async () => {
  const scope = await open({ ...words, shared: null }, null, target, false);
  assert.equal(draftOf(target).text, '');
  settled.value = true;
  await nextTick();
  assert.equal(draftOf(target).text, 'hi');
  scope.stop();
});

test('a backup that is without a draft takes nobody’s words, and the others learn of them', async () => {
  const putBack = async () => {
    chat.state.epoch = 'of the backup';
    await goAndComeBack();
  };
  const { text, told } = await openAndConnect({ text: 'hi', shared: draft, epoch: 'now' }, putBack);
  assert.deepEqual([text, told], ['hi', [['c', { draft }]]]);
});

test('... but what was given up is gone, as ever', async () => {
  const giveUp = () => applyOwn(chat.state, { conversationId: 'c', own: 2, draft: null });
  const { text, told } = await openAndConnect({ text: 'hi', shared: draft, epoch: 'now' }, giveUp);
  assert.deepEqual([text, told], ['', []]);
});

test('what the page knew when it was last open takes nothing that is written since', async () => {
  const scope = await open({ ...words, shared: draft, epoch: 'now' }, null);
  assert.equal(draftOf(target).text, 'hi');
  applyOwn(chat.state, { conversationId: 'c', own: 2, draft });
  chat.current = true;
  await nextTick();
  assert.equal(draftOf(target).text, 'hi');
  applyOwn(chat.state, { conversationId: 'c', own: 3, draft: null });
  await nextTick();
  assert.equal(draftOf(target).text, '', 'what comes later does');
  scope.stop();
});

const soon = () => new Promise((resolve) => { setTimeout(resolve, 20); });

/* A connection, after one that was lost. */
async function reconnect() {
  chat.current = false;
  await nextTick();
  chat.current = true;
  await nextTick();
}

/* Words are on their way. -> what is told, what answers each of it, and the end. */
async function tell() {
  const told = [];
  const answers = [];
  api.changeOwn = (conversationId, fields) => {
    told.push(fields.draft);
    const own = 9 + told.length;
    return new Promise((done, fail) => {
      answers.push({ done: () => done({ conversationId, own, ...fields }), fail });
    });
  };
  const scope = await open(null, null);
  changeDraft(target, { text: 'hi' });
  await reconnect();
  assert.deepEqual(told, [draft]);
  const end = async () => {
    answers.at(-1).done();
    await soon();
    scope.stop();
  };
  return { told, answers, end };
}

test('words that are sent while the others are told of them are gone, here and there', async () => {
  const { told, answers, end } = await tell();
  changeDraft(target, { text: '' });
  await writeElsewhere('hi');
  assert.equal(draftOf(target).text, '', 'heard before it is answered');
  answers[0].done();
  await soon();
  assert.deepEqual([draftOf(target).text, told], ['', [draft, null]]);
  await end();
});

/* They write over it before it is answered. */
async function tellAndHear(text) {
  const { told, answers, end } = await tell();
  changeDraft(target, { text });
  applyOwn(chat.state, { conversationId: 'c', own: 20, draft: { ...draft, content: 'from the train' } });
  await nextTick();
  answers[0].done();
  await soon();
  await end();
  return { text: draftOf(target).text, told };
}

test('what another device wrote over it while it was on its way is taken when it is answered', async () => {
  const { text, told } = await tellAndHear('hi');
  assert.deepEqual([text, told], ['from the train', [draft]]);
});

test('... and nothing of it comes to where one has sent them meanwhile', async () => {
  const { text, told } = await tellAndHear('');
  assert.deepEqual([text, told], ['', [draft]]);
});

test('what one writes on is told also where the conversation goes and comes back meanwhile', async () => {
  const { told, answers, end } = await tell();
  changeDraft(target, { text: 'hi there' });
  await goAndComeBack();
  answers[0].done();
  await soon();
  await reconnect();
  assert.deepEqual(told, [draft, { ...draft, content: 'hi there' }]);
  await end();
});

test('what was told and never answered is one’s own all the same', async () => {
  const { told, answers, end } = await tell();
  changeDraft(target, { text: 'hi there' });
  answers[0].fail(new Error('gone'));
  await soon();
  await writeElsewhere('hi');
  await reconnect();
  assert.deepEqual(told, [draft, { ...draft, content: 'hi there' }]);
  await end();
});

test('... also after a reload', async () => {
  const { text, told } = await openAndConnect({ text: 'hi there', shared: null, sent: draft });
  assert.deepEqual([text, told], ['hi there', [['c', { draft: { ...draft, content: 'hi there' } }]]]);
});

/* While it is open a tab that is no more has this there. */
const LEFT = 'draft.ann.bob.gone';
async function leave(left) {
  storage.save(LEFT, { target, at: 2, files: [], labels: {}, reply: null, edits: {}, ...left });
  for (const teller of tellers) teller({ key: `palabre.${LEFT}` });
  await nextTick();
}

async function openEmpty() {
  const scope = await open(null, null);
  assert.equal(draftOf(target).text, '');
  return scope;
}

const writeElsewhere = (content) => {
  applyOwn(chat.state, { conversationId: 'c', own: 2, draft: { ...draft, content } });
  return nextTick();
};

test('what a tab left that is gone keeps nothing that another device writes later from here', async () => {
  const scope = await openEmpty();
  await leave({ text: 'left behind', shared: draft });
  await writeElsewhere('from the train');
  assert.equal(draftOf(target).text, 'from the train');
  assert.equal(storage.load(LEFT)?.text, 'left behind', 'it is there for who opens it next');
  scope.stop();
});

test('... but what that tab itself had is its own, whether it was sent or comes back', async () => {
  for (const text of ['', 'from the train']) {
    const scope = await openEmpty();
    await leave({ text, shared: { ...draft, content: 'from the train' } });
    await writeElsewhere('from the train');
    assert.equal(draftOf(target).text, '');
    scope.stop();
  }
});

test('what a tab has that is open is its own, also where the conversation is gone', async () => {
  living.add('gone');
  const scope = await openEmpty();
  await leave({ text: 'hi', shared: draft });
  chat.current = true;
  await goAndComeBack();
  assert.deepEqual(storage.load(LEFT).shared, draft);
  scope.stop();
  living.delete('gone');
});

test('... and what another tab has taken over is there but once', async () => {
  const scope = await openEmpty();
  await leave({ text: 'hi', shared: draft });
  storage.remove(LEFT);
  chat.current = true;
  await goAndComeBack();
  assert.equal(storage.load(LEFT), null);
  scope.stop();
});

test('what a tab has that was gone a moment ago is not taken from it', async () => {
  const scope = await openEmpty();
  await leave({ text: 'half a thought', shared: null });
  await writeElsewhere('half a thought');
  assert.equal(draftOf(target).text, '', 'nor shown twice');
  assert.equal(storage.load(LEFT).text, 'half a thought');
  scope.stop();
});

test('... nor when the first words that are sent to somebody make the conversation', async () => {
  const scope = await openEmpty();
  delete chat.state.conversations.c;
  await nextTick();
  await leave({ text: 'half a thought', shared: null });
  applyMessage(chat.state, { _id: 'm', conversationId: 'c', seq: 1, kind: 'text', sender: 'ann', recipient: 'bob', content: 'hi' });
  await nextTick();
  assert.equal(draftOf(target).text, '');
  assert.equal(storage.load(LEFT)?.text, 'half a thought');
  scope.stop();
});
