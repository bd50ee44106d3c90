// Which conversations the page of operators holds, and from where it asks for more.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { nextTick } from 'vue';
import './page.mjs';

const { applyConversation } = await import('../src/lib/chat-state.js');
const { dropOldest } = await import('../src/lib/chat-sync.js');
const { limits } = await import('../src/lib/generated.js');
const { chat, resetChat } = await import('../src/stores/chat.js');
const { closeDesk, desk, loadConversations, openDesk } = await import('../src/stores/desk.js');
const { people, remember } = await import('../src/stores/people.js');
const { api } = await import('../src/stores/session.js');

const { conversations: most } = limits;

afterEach(() => {
  closeDesk();
  chat.active = null;
  limits.conversations = most;
});

function support(id, day) {
  return {
    _id: id, kind: 'support', title: id, members: [{ userId: `of-${id}` }], lastSeq: 1, readSeq: 1, receivedSeq: 1, unread: 0,
    lastMessage: { _id: `m${id}`, conversationId: id, seq: 1, kind: 'text', sender: `of-${id}`, createdAt: `2026-01-0${day}T00:00:00.000Z` },
  };
}

const add = (id, day) => applyConversation(chat.state, support(id, day));
const held = () => Object.keys(chat.state.conversations).sort();

const answered = () => new Promise(setImmediate);

/* What the server lists at first. */
function list(supports, more) {
  api.clients = async () => ({ items: supports.map((conversation) => ({ client: null, conversation })), more });
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

test('where one looks at an old one, those that went between it and the others are asked for', async () => {
  resetChat('operator');
  for (let day = 1; day <= 6; day += 1) add(`s${day}`, day);
  chat.active = { conversationId: 's1' };
  openDesk();
  limits.conversations = 3;
  dropOldest(chat.state, 's1');
  await nextTick();
  assert.deepEqual(held(), ['s1', 's5', 's6']);
  assert.equal(desk.before, 's5');
  chat.active = null;
  delete chat.state.conversations.s6;
  await nextTick();
  assert.equal(desk.before, 's5');
});

test('one that came by no page is not where the rest begins', async () => {
  resetChat('operator');
  list([support('s6', 6), support('s5', 5), support('s4', 4)], true);
  openDesk();
  await loadConversations();
  add('s1', 1);
  await nextTick();
  assert.equal(desk.before, 's4');
  delete chat.state.conversations.s6;
  await nextTick();
  assert.equal(desk.before, 's4');
});

test('where none is left but the open one, they are loaded anew', async () => {
  resetChat('operator');
  list([support('s3', 3), support('s2', 2)], true);
  openDesk();
  await loadConversations();
  add('s1', 1);
  Object.assign(chat, { ready: true, net: 'up', active: { conversationId: 's1' } });
  await answered();
  limits.conversations = 1;
  dropOldest(chat.state, 's1');
  assert.deepEqual(held(), ['s1']);
  list([support('s3', 3)], true);
  await answered();
  assert.deepEqual(held(), ['s1', 's3']);
  assert.equal(desk.before, 's3');
});

test('nobody is asked for them when one has signed out', async () => {
  resetChat('operator');
  add('new', 2);
  openDesk();
  let asked = false;
  api.clients = async () => {
    asked = true;
    return { items: [], more: false };
  };
  resetChat(null);
  await answered();
  assert.equal(asked, false);
});

test('who is gone when a page comes back has no name but the conversation\'s', async () => {
  resetChat('operator');
  remember({ _id: 'of-gone', username: 'gone' });
  list([support('gone', 1)], false);
  await loadConversations();
  assert.equal(people.byId['of-gone'], undefined);
});

test('behind a break they are asked for from the beginning, also where a page was under way', async () => {
  resetChat('operator');
  const asked = [];
  api.clients = (before) => new Promise((resolve) => { asked.push({ before, resolve }); });
  chat.ready = true;
  chat.net = 'up';
  openDesk();
  chat.net = 'connecting';
  await nextTick();
  chat.net = 'up';
  await nextTick();
  assert.equal(asked.length, 1);
  asked[0].resolve({ items: [{ client: null, conversation: support('old', 1) }], more: true });
  await answered();
  assert.deepEqual(asked.map(({ before }) => before), [undefined, undefined]);
  asked[1].resolve({ items: [{ client: null, conversation: support('new', 2) }], more: false });
  await answered();
  assert.deepEqual(held(), ['new', 'old']);
  assert.equal(asked.length, 2);
  chat.net = 'connecting';
});
