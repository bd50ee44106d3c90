// Pages of a conversation that come in another order than they were asked for,
// or after something else was asked for.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { effectScope } from 'vue';
import './page.mjs';

const { applyConversation } = await import('../src/lib/chat-state.js');
const { applyLatestPage, applyPageAfter } = await import('../src/lib/chat-sync.js');
const { useJump } = await import('../src/lib/use-jump.js');
const { api, adopt, session } = await import('../src/stores/session.js');
const { blocks, forgetBlocks, loadBlocks, noteBlock } = await import('../src/stores/blocks.js');
const { chat, loadAround, loadNewer, loadNewest, loadOlder, resetChat } = await import('../src/stores/chat.js');

const LAST = 900;

const message = (seq) => ({
  _id: `m${seq}`, conversationId: 'c', seq, kind: 'text', sender: 'bob', content: `${seq}`, mentions: [],
  createdAt: '2026-01-01T00:00:00.000Z', deleted: false, change: 0,
});
const page = (from, to) => ({
  conversationId: 'c', items: Array.from({ length: to - from + 1 }, (_, n) => message(from + n)),
  lastSeq: LAST, lastChange: 0, more: to < LAST,
});
const seqs = () => chat.state.conversations.c.items.map(({ seq }) => seq);
const range = (from, to) => page(from, to).items.map(({ seq }) => seq);

/* What was asked for, in its order: answer(page). */
let asked;
const held = (which) => new Promise((resolve, reject) => { asked.push({ which, answer: resolve, refuse: reject }); });

beforeEach(() => {
  asked = [];
  api.history = held;
  resetChat('ann');
  applyConversation(chat.state, {
    _id: 'c', kind: 'group', members: [], lastSeq: LAST, readSeq: LAST, receivedSeq: LAST, unread: 0,
  });
});

test('a page that is no longer beside what is held is left out', async () => {
  applyLatestPage(chat.state, { ...page(871, 900), more: true });
  const { c } = chat.state.conversations;
  const older = loadOlder(c);
  const around = loadAround(c, 100);
  asked[1].answer(page(70, 129));
  await around;
  asked[0].answer({ ...page(811, 870), more: true });
  await older;
  assert.deepEqual(seqs(), range(70, 129));
  const newer = loadNewer(c);
  const other = loadAround(c, 500);
  asked[3].answer(page(470, 529));
  await other;
  asked[2].answer(page(130, 189));
  await newer;
  assert.deepEqual(seqs(), range(470, 529));
});

test('the way to the end comes behind the next page, and is not left out for it', async () => {
  applyPageAfter(chat.state, page(1, 60), 0);
  const { c } = chat.state.conversations;
  const newer = loadNewer(c);
  const newest = loadNewest(c);
  assert.equal(asked.length, 1);
  asked[0].answer(page(61, 120));
  await newer;
  await new Promise((resolve) => { setTimeout(resolve); });
  asked[1].answer({ ...page(871, 900), more: true });
  await newest;
  assert.deepEqual(seqs(), range(871, 900));
  assert.equal(c.later, false);
});

test('... but not in the conversations of whoever comes next', async () => {
  applyPageAfter(chat.state, page(1, 60), 0);
  const { c } = chat.state.conversations;
  loadNewer(c);
  const newest = loadNewest(c);
  resetChat('ben');
  await newest;
  assert.equal(asked.length, 1);
});

test('of two jumps the one that was asked for last is made', async () => {
  const loaded = new Map([['y', { seq: 2 }]]);
  const shown = [];
  let more;
  const scope = effectScope();
  const { jumpTo } = scope.run(() => useJump({
    find: (id) => loaded.get(id),
    elementOf: ({ seq }) => ({ scrollIntoView: () => shown.push(seq), focus: () => {} }),
    older: () => new Promise((resolve) => { more = resolve; }),
    then: () => {},
  }));
  const first = jumpTo('x');
  await jumpTo('y');
  loaded.set('x', { seq: 1 });
  more(true);
  await first;
  assert.deepEqual(shown, [2]);
  scope.stop();
});

test('whom one blocks is asked for again where somebody was blocked meanwhile', async () => {
  adopt({ token: 'token', user: { _id: 'ann', username: 'ann' } });
  forgetBlocks();
  api.blocks = held;
  const loading = loadBlocks();
  noteBlock({ userId: 'u1', blocked: true });
  asked[0].answer({ items: [] });
  await new Promise((resolve) => { setTimeout(resolve); });
  asked[1].answer({ items: [{ _id: 'u1' }] });
  await loading;
  assert.deepEqual(blocks.ids, ['u1']);
});

test('... and of whoever went nothing stays', async () => {
  const loading = loadBlocks();
  session.token = null;
  forgetBlocks();
  asked = asked.slice(-1);
  asked[0].answer({ items: [{ _id: 'u2' }] });
  await loading;
  assert.deepEqual(blocks.ids, []);
});
