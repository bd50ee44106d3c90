import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyConversation, applyMessage, createState } from '../src/lib/chat-state.js';
import { syncRequest } from '../src/lib/chat-sync.js';
import { CONVERSATIONS, MESSAGES, readSnapshot, snapshotOf } from '../src/lib/snapshot.js';

const message = (seq, conversationId = 'c', sender = 'ben') => ({
  _id: `${conversationId}-${seq}`, conversationId, seq, sender, recipient: 'ann', content: `text ${seq}`,
  createdAt: new Date(1000 * seq).toISOString(),
});

function stateWith(count, id = 'c') {
  const state = createState('ann');
  state.epoch = 'e';
  state.own = 3;
  applyConversation(state, { _id: id, kind: 'direct', otherUser: { _id: 'ben' }, lastSeq: 1, lastMessage: message(1, id) });
  for (let seq = 2; seq <= count; seq += 1) applyMessage(state, message(seq, id));
  return state;
}
const people = { ben: { _id: 'ben', username: 'ben', status: 'online' }, eve: { _id: 'eve', username: 'eve' } };
const again = (state) => readSnapshot(snapshotOf(state, people, ['zed']), 'ann');
const seqs = ({ items }) => items.map(({ seq }) => seq);

test('what is kept asks the same of a sync as what was there', () => {
  const state = stateWith(50);
  const { state: read, blocked } = again(state);
  assert.deepEqual(syncRequest(read), syncRequest(state));
  assert.deepEqual(blocked, ['zed']);
});

test('of a conversation the last messages are kept, and that there are earlier ones', () => {
  const [short, long] = [again(stateWith(5)), again(stateWith(50))].map(({ state }) => state.conversations.c);
  assert.deepEqual([seqs(short), short.more, short.loaded], [[1, 2, 3, 4, 5], false, true]);
  assert.deepEqual([seqs(long).length, seqs(long).at(-1), long.more], [MESSAGES, 50, true]);
});

test('nothing above a hole is kept, nor what one looks at further up', () => {
  const state = stateWith(5);
  applyMessage(state, message(9));
  assert.deepEqual(seqs(again(state).state.conversations.c), [1, 2, 3, 4, 5]);
  assert.equal(syncRequest(again(state).state).conversations.c.seq, 5);
  state.conversations.c.later = true;
  const up = again(state).state.conversations.c;
  assert.deepEqual([up.loaded, up.later], [false, false]);
});

test('what was never opened shows its last message', () => {
  const state = createState('ann');
  applyConversation(state, { _id: 'c', kind: 'direct', otherUser: { _id: 'ben' }, lastSeq: 7, readSeq: 7, unread: 0, lastMessage: message(7) });
  const { c } = again(state).state.conversations;
  assert.deepEqual([seqs(c), c.loaded, c.more], [[7], true, true]);
});

test('who is in it is known, and not that they are here', () => {
  assert.deepEqual(again(stateWith(2)).people, [{ _id: 'ben', username: 'ben', status: 'offline' }]);
});

test('it is bounded, by the newest conversations', () => {
  const state = createState('ann');
  for (let i = 0; i < CONVERSATIONS + 50; i += 1) {
    const id = `c${i}`;
    applyConversation(state, { _id: id, kind: 'direct', lastSeq: 1, readSeq: 0, unread: 1, lastMessage: { ...message(1, id), createdAt: new Date(i * 1000).toISOString() } });
  }
  const ids = Object.keys(again(state).state.conversations);
  assert.equal(ids.length, CONVERSATIONS);
  assert.ok(!ids.includes('c0') && ids.includes(`c${CONVERSATIONS + 49}`));
});

test('what is of somebody else, of another shape or no snapshot is not read', () => {
  const text = snapshotOf(stateWith(2), people, []);
  assert.equal(readSnapshot(text, 'ben'), null);
  assert.equal(readSnapshot(text.replace('"shape":1', '"shape":0'), 'ann'), null);
  for (const wrong of [null, 'x', '{}']) assert.equal(readSnapshot(wrong, 'ann'), null);
});
