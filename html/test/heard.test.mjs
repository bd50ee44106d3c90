// Of what the page is told after it was away: what it has missed makes a noise, once.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import './page.mjs';

const { ApiError } = await import('../src/lib/api-error.js');
const { adopt, api } = await import('../src/stores/session.js');
const { onHeard } = await import('../src/stores/arrivals.js');
const { chat } = await import('../src/stores/chat.js');
const { start, stop, sync } = await import('../src/stores/connection.js');

const message = (id, seq) => ({
  _id: `${id}${seq}`, conversationId: id, seq, kind: 'text', sender: `u${id}`, recipient: 'ann', content: 'hi',
  mentions: [], createdAt: '2026-01-01T00:00:00.000Z',
});
const described = (id, lastSeq, unread) => ({
  _id: id, kind: 'direct', otherUser: { _id: `u${id}`, username: `u${id}` }, members: [], lastSeq, lastChange: 0,
  readSeq: lastSeq - unread, receivedSeq: lastSeq - unread, unread, lastMessage: message(id, lastSeq),
  own: 0, mutedUntil: null, pinnedAt: null, archivedSeq: null, markedUnread: false, draft: null,
});

/* A server that has these answers, one for a sync, and neither a socket nor more. */
let answers;
globalThis.location = new URL('http://127.0.0.1:1/');
api.sync = async () => ({ epoch: 'old', own: 0, ...answers.shift() });
api.history = async ({ conversationId }) => ({
  conversationId, items: [message(conversationId, 250)], lastSeq: 250, lastChange: 0, more: true,
});

let heard, times;
onHeard((messages) => {
  heard.push(...messages.map(({ _id }) => _id));
  times += 1;
});
beforeEach(() => {
  heard = [];
  times = 0;
  adopt({ token: 'token', user: { _id: 'ann', username: 'ann' } });
  start();
});
afterEach(stop);

test('what was missed is heard of, be it of somebody new or more than a sync gives', async () => {
  answers = [
    { new: [described('old', 3, 1), described('busy', 3, 0)] },
    { new: [described('new', 1, 1), described('read', 2, 0)], messages: [message('old', 4)], reset: ['busy'] },
  ];
  await sync();
  assert.deepEqual(heard, [], 'a page that begins has missed nothing');
  await sync();
  assert.deepEqual(heard, ['new1', 'old4', 'busy250']);
  await sync();
  assert.equal(heard.length, 3);
  assert.equal(times, 1, 'at once, so that there is one sound');
});

test('... also where of one that was too busy no page is to be had', async (t) => {
  const all = api.history;
  t.after(() => { api.history = all; });
  api.history = async (asked) => {
    if (asked.conversationId === 'lost') throw new ApiError({ code: 'unavailable' });
    return all(asked);
  };
  answers = [
    { new: [described('old', 3, 0), described('busy', 3, 0), described('lost', 3, 0)] },
    { messages: [message('old', 4)], reset: ['busy', 'lost'] },
  ];
  await sync();
  await sync().catch(() => {});
  assert.deepEqual(heard, ['old4', 'busy250']);
});

test('after a restore all is new, and nothing of it heard of', async () => {
  answers = [{ new: [described('old', 3, 1)] }, { epoch: 'new' }, { epoch: 'new', new: [described('old', 2, 1)] }];
  await sync();
  await sync();
  assert.equal(chat.state.conversations.old.lastSeq, 2);
  assert.deepEqual(heard, []);
});

test('a group of which a sync brings only that something happened to it is asked for', async () => {
  const group = (lastSeq, title) => ({ ...described('group', lastSeq, 0), kind: 'group', otherUser: null, title });
  api.conversation = async () => group(4, 'After');
  answers = [
    { new: [group(3, 'Before')] },
    { messages: [{ ...message('group', 4), kind: 'system', recipient: null }] },
  ];
  await sync();
  await sync();
  const shown = () => chat.state.conversations.group.title;
  for (let i = 0; i < 500 && shown() !== 'After'; i += 1) await sleep(20);
  assert.equal(shown(), 'After');
});
