import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyChange, applyConversation, applyMessage, applyReaction, createState } from '../src/lib/chat-state.js';
import { mergeItems } from '../src/lib/chat-sync.js';
import { erased } from '../src/lib/erase.js';
import { isEmoji } from '../src/lib/emoji.js';
import { QUICK, isReacted, shownReactions } from '../src/lib/reactions.js';

const ANN = 'a'.repeat(24);
const BOB = 'b'.repeat(24);
const CONV = 'c'.repeat(24);
const crowd = Array.from({ length: 20 }, (_, i) => `d${i}`.padEnd(24, '0'));

const message = (change, reactions) => ({
  _id: '1'.repeat(24), conversationId: CONV, seq: 1, kind: 'text', sender: BOB, recipient: ANN, content: 'x',
  createdAt: '2026-01-01T00:00:00.000Z', change, deleted: false, mentions: [], reactions,
});
const told = (change, userId, on, reactions) =>
  ({ conversationId: CONV, messageId: '1'.repeat(24), seq: 1, change, userId, emoji: '👍', on, reactions });

function begin(reactions = []) {
  const state = createState(ANN);
  applyConversation(state, { _id: CONV, kind: 'direct', lastSeq: 0, members: [] });
  applyMessage(state, message(0, reactions));
  return state;
}
const reactions = (state) => state.conversations[CONV].items[0].reactions;

test('of so few that all are named it is known which is one’s own', () => {
  const state = begin();
  applyReaction(state, told(1, ANN, true, [{ emoji: '👍', count: 1, users: [ANN] }]));
  assert.equal(reactions(state)[0].mine, true);
  applyReaction(state, told(2, BOB, true, [{ emoji: '👍', count: 2, users: [ANN, BOB] }]));
  assert.equal(reactions(state)[0].mine, true);
  applyReaction(state, told(3, ANN, false, [{ emoji: '👍', count: 1, users: [BOB] }]));
  assert.deepEqual(reactions(state), [{ emoji: '👍', count: 1, users: [BOB], mine: false }]);
  assert.equal(state.conversations[CONV].lastMessage.reactions[0].mine, false);
});

test('of many one’s own is what one did last, on any device', () => {
  const state = begin();
  applyReaction(state, told(1, ANN, true, [{ emoji: '👍', count: 21, users: crowd }]));
  assert.equal(reactions(state)[0].mine, true);
  applyReaction(state, told(2, BOB, true, [{ emoji: '👍', count: 22, users: crowd }]));
  assert.equal(reactions(state)[0].mine, true);
  applyReaction(state, told(3, ANN, false, [{ emoji: '👍', count: 21, users: crowd }]));
  assert.equal(reactions(state)[0].mine, false);
});

test('an older reaction that comes late changes nothing', () => {
  const state = begin();
  applyReaction(state, told(2, BOB, false, []));
  applyReaction(state, told(1, BOB, true, [{ emoji: '👍', count: 1, users: [BOB] }]));
  assert.deepEqual(reactions(state), []);
});

test('an edit that was made before a reaction and is heard after it is not lost, nor is the reaction', () => {
  const state = begin();
  applyReaction(state, told(2, BOB, true, [{ emoji: '👍', count: 1, users: [BOB] }]));
  applyChange(state, { ...message(1, []), content: 'edited' });
  const [now] = state.conversations[CONV].items;
  assert.deepEqual([now.content, now.reactions.length], ['edited', 1]);
  const [merged] = mergeItems([now], [message(1, [])], ANN);
  assert.equal(merged.reactions.length, 1, 'nor to a page that was on its way');
  assert.deepEqual(mergeItems([now], [message(3, [])], ANN)[0].reactions, []);
  applyChange(state, { ...message(3, []), deleted: true });
  assert.deepEqual(reactions(state), []);
});

test('one’s own on its way is shown at once, and never counted twice', () => {
  const acts = [{ emoji: '👍', on: true }];
  const before = message(0, [{ emoji: '👍', count: 1, mine: false, users: [BOB] }]);
  const after = message(1, [{ emoji: '👍', count: 2, mine: true, users: [BOB, ANN] }]);
  for (const one of [before, after]) {
    assert.deepEqual(shownReactions(one, ANN, acts), [{ emoji: '👍', count: 2, mine: true, users: [BOB, ANN] }]);
  }
  assert.equal(before.reactions[0].count, 1, 'what the server said stays');
  assert.deepEqual(shownReactions(message(0, []), ANN, acts), [{ emoji: '👍', count: 1, mine: true, users: [ANN] }]);
  const taken = [{ emoji: '👍', on: false }];
  assert.deepEqual(shownReactions(after, ANN, taken), [{ emoji: '👍', count: 1, mine: false, users: [BOB] }]);
  assert.deepEqual(shownReactions({ ...after, deleted: true }, ANN, acts), []);
});

test('a heart drawn in colour is the plain one', () => {
  assert.ok(isReacted([{ emoji: '❤', count: 1, mine: true, users: [ANN] }], '❤️'));
  assert.equal(shownReactions(message(0, [{ emoji: '❤', count: 1, mine: false, users: [BOB] }]), ANN,
    [{ emoji: '❤️', on: true }]).length, 1);
});

test('who is erased takes theirs along', () => {
  const state = begin([{ emoji: '👍', count: 2, mine: false, users: [BOB, ANN] }, { emoji: '❤️', count: 1, mine: false, users: [crowd[0]] }]);
  const without = erased(erased(reactions(state) && state.conversations[CONV].items[0], crowd[0]), ANN);
  assert.deepEqual(without.reactions, [{ emoji: '👍', count: 1, mine: false, users: [BOB] }]);
  assert.deepEqual(erased(without, BOB).reactions, []);
});

test('an edit keeps which is one’s own', () => {
  const state = begin([{ emoji: '👍', count: 21, mine: true, users: crowd }]);
  applyChange(state, message(1, [{ emoji: '👍', count: 21, users: crowd }]));
  assert.equal(reactions(state)[0].mine, true);
});

test('the six are emoji, each once', () => {
  assert.equal(new Set(QUICK).size, 6);
  for (const emoji of QUICK) assert.ok(isEmoji(emoji), emoji);
});
