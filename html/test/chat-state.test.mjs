import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import * as pointers from '../src/lib/chat-pointers.js';
import * as states from '../src/lib/chat-state.js';
import * as syncs from '../src/lib/chat-sync.js';
import * as window from '../src/lib/chat-window.js';
import { limits } from '../src/lib/generated.js';
import { timeline } from '../src/lib/timeline.js';

const core = { ...states, ...pointers, ...syncs };
const ANN = 'a'.repeat(24);
const BOB = 'b'.repeat(24);
const CONV = 'c'.repeat(24);
let state;

const message = (seq, fields = {}) => ({
  _id: String(seq).padStart(24, '0'),
  conversationId: CONV,
  seq,
  kind: 'text',
  sender: BOB,
  recipient: ANN,
  content: `text ${seq}`,
  clientId: null,
  createdAt: new Date(Date.UTC(2026, 0, 1, 12, 0, seq)).toISOString(),
  status: 'sent',
  edited: false,
  deleted: false,
  ...fields,
});
const mine = (seq, fields) =>
  message(seq, { sender: ANN, recipient: BOB, clientId: `id${seq}`, ...fields });
const described = (lastSeq, fields = {}) => ({
  _id: CONV,
  kind: 'direct',
  otherUser: { _id: BOB, username: 'bob' },
  lastMessage: lastSeq ? message(lastSeq) : null,
  lastSeq,
  lastChange: 0,
  readSeq: 0,
  receivedSeq: 0,
  members: [{ userId: BOB, receivedSeq: 0, readSeq: 0 }],
  ...fields,
});
const page = (from, to, fields = {}) => ({
  conversationId: CONV,
  items: Array.from({ length: to - from + 1 }, (_, i) => message(from + i)),
  lastSeq: to,
  lastChange: 0,
  more: from > 1,
  ...fields,
});
const conversation = () => state.conversations[CONV];
const seqs = () => conversation().items.map((m) => m.seq);

beforeEach(() => {
  state = core.createState(ANN);
});

test('messages that come in any order are shown in the order of seq', () => {
  core.applyConversation(state, described(0));
  for (const seq of [3, 1, 2]) core.applyMessage(state, message(seq));
  assert.deepEqual(seqs(), [1, 2, 3]);
  assert.equal(conversation().seq, 3);
});

test('a message that comes twice is shown once and is new once', () => {
  core.applyConversation(state, described(0));
  assert.equal(core.applyMessage(state, message(1)).isNew, true);
  assert.equal(core.applyMessage(state, message(1)).isNew, false);
  assert.equal(core.applyMessage(state, message(3)).isNew, true);
  assert.equal(core.applyMessage(state, message(3)).isNew, false);
  assert.deepEqual(seqs(), [1, 3]);
});

test('above a hole the sync still asks from below it', () => {
  core.applyConversation(state, described(4));
  core.applyMessage(state, message(6));
  assert.equal(core.hasHoles(state), true);
  assert.deepEqual(core.syncRequest(state).conversations[CONV], {
    seq: 4,
    change: 0,
  });
  core.applyMessage(state, message(5));
  assert.equal(core.hasHoles(state), false);
  assert.equal(conversation().seq, 6);
});

test('a message of an unknown conversation shows at once and asks for a sync', () => {
  core.applyMessage(state, message(1));
  assert.equal(core.directWith(state, BOB)._id, CONV);
  assert.equal(core.hasHoles(state), true);
  assert.deepEqual(core.syncRequest(state).conversations, {});
  core.applySync(state, { epoch: 'e', new: [described(1)] });
  assert.equal(core.hasHoles(state), false);
  assert.deepEqual(seqs(), [1]);
});

test('a description that overtakes an unknown conversation leaves no hole in it', () => {
  core.applyMessage(state, message(5));
  core.applySync(state, { epoch: 'e', new: [described(8)] });
  core.applyMessage(state, message(9));
  assert.deepEqual(seqs(), [9]);
  assert.equal(conversation().loaded, false);
});

test('a conversation of one message is complete as described', () => {
  core.applyConversation(state, described(1));
  assert.deepEqual(seqs(), [1]);
  assert.equal(conversation().loaded, true);
  assert.equal(conversation().more, false);
});

test('unread counts what is above my read pointer, and my sending moves it', () => {
  core.applyConversation(state, described(5, { readSeq: 2 }));
  assert.equal(core.unreadOf(conversation()), 3);
  core.applyMessage(state, mine(6));
  assert.equal(core.unreadOf(conversation()), 0);
  core.applyMessage(state, message(7));
  assert.equal(core.unreadOf(conversation()), 1);
});

test('reading on another device empties the unread here', () => {
  core.applyConversation(state, described(5));
  core.applyPointer(state, { conversationId: CONV, userId: ANN, readSeq: 5 });
  assert.equal(core.unreadOf(conversation()), 0);
});

test('ticks follow the other person’s pointers and never go back', () => {
  core.applyConversation(state, described(0));
  core.applyMessage(state, mine(1));
  const status = () => core.statusOf(conversation(), conversation().items[0]);
  const move = (fields) =>
    core.applyPointer(state, { conversationId: CONV, userId: BOB, ...fields });
  assert.equal(status(), 'sent');
  move({ receivedSeq: 1 });
  assert.equal(status(), 'received');
  move({ readSeq: 1 });
  assert.equal(status(), 'read');
  move({ receivedSeq: 0, readSeq: 0 });
  assert.equal(status(), 'read');
});

test('what all members are told of a conversation says who it is with all the same', () => {
  const { otherUser, readSeq, receivedSeq, ...shared } = described(1, {
    members: [{ userId: ANN, receivedSeq: 0, readSeq: 0 }, { userId: BOB, receivedSeq: 1, readSeq: 1 }],
  });
  core.applyConversation(state, shared);
  assert.equal(conversation().otherUserId, BOB);
  assert.equal(core.unreadOf(conversation()), 1);
  core.applyPointer(state, { conversationId: CONV, userId: ANN, readSeq: 1 });
  assert.equal(core.unreadOf(conversation()), 0);
});

test('in a group a message is read when the slowest has read it', () => {
  const CID = 'd'.repeat(24);
  core.applyConversation(
    state,
    described(0, {
      members: [
        { userId: ANN, receivedSeq: 9, readSeq: 9 },
        { userId: BOB, receivedSeq: 1, readSeq: 1 },
        { userId: CID, receivedSeq: 1, readSeq: 0 },
      ],
    }),
  );
  assert.equal(core.statusOf(conversation(), mine(1)), 'received');
  core.applyPointer(state, { conversationId: CONV, userId: CID, readSeq: 1 });
  assert.equal(core.statusOf(conversation(), mine(1)), 'read');
});

test('what arrives is confirmed once, and reading confirms receiving', () => {
  core.applyConversation(state, described(0));
  core.applyMessage(state, message(1));
  const [received] = core.pendingReceipts(state);
  assert.deepEqual(received, {
    conversationId: CONV,
    event: 'message-received',
    seq: 1,
  });
  core.markRead(conversation(), 1);
  const [read] = core.pendingReceipts(state);
  assert.equal(read.event, 'message-read');
  core.confirmReceipt(state, read);
  assert.deepEqual(core.pendingReceipts(state), []);
});

test('my own message needs no receipt', () => {
  core.applyConversation(state, described(0));
  core.applyMessage(state, mine(1));
  assert.deepEqual(core.pendingReceipts(state), []);
});

test('in the lobby nothing is confirmed', () => {
  core.applyConversation(state, described(0, { kind: 'lobby', members: [] }));
  core.applyMessage(state, message(1));
  core.markRead(conversation(), 1);
  assert.deepEqual(core.pendingReceipts(state), []);
});

test('an edit is folded in, and a deletion is final', () => {
  core.applyConversation(state, described(0));
  core.applyMessage(state, message(1));
  core.applyChange(state, message(1, { content: 'new', edited: true }), 1);
  assert.equal(conversation().items[0].content, 'new');
  assert.equal(conversation().lastMessage.content, 'new');
  core.applyChange(state, message(1, { content: '', deleted: true }), 2);
  core.applyChange(state, message(1, { content: 'late', edited: true }));
  assert.equal(conversation().items[0].deleted, true);
  assert.equal(conversation().change, 2);
});

test('of two edits that arrive in the wrong order the later one stays', () => {
  core.applyConversation(state, described(0));
  core.applyMessage(state, message(1));
  core.applyChange(state, message(1, { content: 'second', change: 2 }));
  core.applyChange(state, message(1, { content: 'first', change: 1 }));
  assert.equal(conversation().items[0].content, 'second');
  assert.equal(conversation().lastMessage.content, 'second');
  const merged = core.mergeItems(conversation().items, [
    message(1, { content: 'first', change: 1 }),
  ]);
  assert.equal(merged[0].content, 'second');
});

test('a late message:new does not undo the edit that sync brought', () => {
  core.applyConversation(state, described(0));
  core.applySync(state, {
    epoch: 'e',
    messages: [message(1, { content: 'edited', edited: true })],
    changes: [],
  });
  core.applyMessage(state, message(1));
  assert.equal(conversation().items[0].content, 'edited');
});

test('sync brings what was missed, whatever the queue holds of it', () => {
  core.applyConversation(state, described(1));
  state.epoch = 'e';
  core.applyMessage(state, message(4));
  const { arrived } = core.applySync(state, {
    epoch: 'e',
    messages: [message(2), message(3), message(4)],
    pointers: { [CONV]: [{ userId: BOB, receivedSeq: 4, readSeq: 4 }] },
  });
  assert.deepEqual(arrived.map((m) => m.seq), [2, 3]);
  assert.equal(conversation().seq, 4);
  assert.equal(core.statusOf(conversation(), mine(4)), 'read');
});

test('another epoch empties everything and asks again', () => {
  core.applyConversation(state, described(9));
  state.epoch = 'old';
  const { again } = core.applySync(state, { epoch: 'new', reset: [CONV] });
  assert.equal(again, true);
  assert.deepEqual(core.syncRequest(state), { conversations: {}, own: 0, epoch: 'new' });
});

test('a conversation that is gone is gone', () => {
  core.applyConversation(state, described(1));
  core.applySync(state, { epoch: 'e', gone: [CONV] });
  assert.equal(conversation(), undefined);
});

test('a reset takes the newest page and keeps what came while it was fetched', () => {
  core.applyConversation(state, described(0));
  core.applyLatestPage(state, page(1, 3));
  const { reset } = core.applySync(state, { epoch: 'e', reset: [CONV] });
  assert.deepEqual(reset, [CONV]);
  core.applyMessage(state, message(401));
  core.resetConversation(state, page(371, 400, { lastChange: 7 }));
  assert.equal(seqs()[0], 371);
  assert.equal(seqs().at(-1), 401);
  assert.equal(conversation().seq, 401);
  assert.equal(conversation().change, 7);
  assert.equal(conversation().more, true);
});

test('a reset may also go back, when the server has less than we held', () => {
  core.applyConversation(state, described(9));
  core.applySync(state, { epoch: 'e', reset: [CONV] });
  core.resetConversation(state, page(1, 4));
  assert.equal(conversation().seq, 4);
  assert.equal(core.hasHoles(state), false);
  assert.equal(conversation().lastMessage.seq, 4);
});

test('an answer that is not all asks again', () => {
  assert.equal(core.applySync(state, { epoch: 'e', more: true }).again, true);
  assert.equal(core.applySync(state, { epoch: 'e', more: false }).again, false);
});

test('pages join what is there without a repeat', () => {
  core.applyConversation(state, described(60));
  core.applyMessage(state, message(61));
  core.applyLatestPage(state, page(32, 61));
  core.applyOlderPage(state, page(2, 31));
  assert.deepEqual(seqs(), Array.from({ length: 60 }, (_, i) => i + 2));
  core.applyOlderPage(state, page(1, 1));
  assert.equal(conversation().more, false);
});

test('the list shows the conversation with the newest message first', () => {
  const other = 'd'.repeat(24);
  core.applyConversation(state, described(9));
  core.applyConversation(state, { ...described(3), _id: other });
  const order = () => core.sortedConversations(state).map((c) => c._id);
  assert.deepEqual(order(), [CONV, other]);
  core.applyMessage(
    state,
    message(4, { conversationId: other, createdAt: '2026-02-01T00:00:00.000Z' }),
  );
  assert.deepEqual(order(), [other, CONV]);
});

test('what waits is shown after what is stored, and not beside its stored self', () => {
  const entry = (clientId) => ({
    clientId,
    content: 'x',
    createdAt: '2026-01-01T13:00:00.000Z',
    state: 'pending',
  });
  const rows = timeline([mine(1)], [entry('id1'), entry('id2')], {
    me: ANN,
    day: (iso) => iso.slice(0, 10),
  });
  assert.deepEqual(
    rows.map((r) => r.key),
    ['day-2026-01-01-1', 'c-id1', 'c-id2'],
  );
});

test('a day and the unread each get one row', () => {
  const items = [
    message(1),
    message(2),
    message(3, { createdAt: '2026-01-02T12:00:00.000Z' }),
  ];
  const rows = timeline(items, [], {
    me: ANN,
    day: (iso) => iso.slice(0, 10),
    unreadFrom: 2,
  });
  assert.deepEqual(
    rows.map((r) => r.type),
    ['day', 'message', 'unread', 'message', 'day', 'message'],
  );
});

test('a day that comes twice, a clock being wrong, has two rows', () => {
  const items = [mine(1, { createdAt: '2026-01-02T12:00:00.000Z' }), mine(2, { createdAt: '2026-01-03T12:00:00.000Z' })];
  const late = [{ clientId: 'x', content: 'x', createdAt: '2026-01-02T13:00:00.000Z', state: 'pending' }];
  const rows = timeline(items, late, { me: ANN, day: (iso) => iso.slice(0, 10) });
  assert.deepEqual(rows.map(({ type }) => type), ['day', 'message', 'day', 'message', 'day', 'message']);
  assert.equal(new Set(rows.map(({ key }) => key)).size, rows.length);
});

test('a reply that waits names what it answers, as it will when it is stored', () => {
  const entry = { clientId: 'id2', content: 'x', createdAt: '2026-01-01T13:00:00.000Z', state: 'pending' };
  const rows = timeline([], [{ ...entry, replyTo: 'm1' }, { ...entry, clientId: 'id3' }], {
    me: ANN,
    day: (iso) => iso.slice(0, 10),
  });
  assert.deepEqual(
    rows.filter((r) => r.message).map((r) => r.message.replyTo),
    ['m1', null],
  );
});

test('an edit that comes after the deletion brings nothing back, in the list neither', () => {
  core.applyConversation(state, described(0));
  core.applyMessage(state, message(1));
  core.applyChange(state, message(1, { content: '', deleted: true }));
  core.applyChange(state, message(1, { content: 'late', edited: true }));
  assert.equal(conversation().items[0].deleted, true);
  assert.equal(conversation().lastMessage.deleted, true);
  assert.equal(conversation().lastMessage.content, '');
});

/* ---- a window of a long conversation ---------------------------------- */

/* The page after a number, as the server would give it. */
const pageAfter = (after, lastSeq, limit = 60) => {
  const to = Math.min(after + limit, lastSeq);
  return page(after + 1, to, { lastSeq, more: to < lastSeq });
};
const pageBefore = (before, lastSeq, limit = 60) => {
  const from = Math.max(1, before - limit);
  return page(from, before - 1, { lastSeq, more: from > 1 });
};
const isRun = () => assert.deepEqual(seqs(), seqs().map((_, i) => seqs()[0] + i));

test('a page in the middle has earlier and later ones, and what comes is one of these', () => {
  core.applyConversation(state, described(500));
  core.applyPageAfter(state, pageAfter(90, 500), 90);
  const { more, later, loaded, seq } = conversation();
  assert.deepEqual([more, later, loaded, seq], [true, true, true, 500]);
  assert.equal(core.applyMessage(state, message(501)).isNew, true);
  assert.deepEqual([seqs()[0], seqs().at(-1)], [91, 150]);
  assert.equal(conversation().lastMessage.seq, 501);
  assert.deepEqual(core.syncRequest(state).conversations[CONV].seq, 501);
});

test('paging to the end and back again never holds more than a window, nor a hole', () => {
  core.applyConversation(state, described(900));
  core.applyPageAfter(state, pageAfter(0, 900), 0);
  while (conversation().later) {
    core.applyNewerPage(state, pageAfter(seqs().at(-1), 900));
    isRun();
    assert.ok(seqs().length <= window.WINDOW);
  }
  assert.equal(seqs().at(-1), 900);
  assert.equal(conversation().more, true);
  while (conversation().more) {
    core.applyOlderPage(state, pageBefore(seqs()[0], 900));
    isRun();
    assert.ok(seqs().length <= window.WINDOW);
  }
  assert.equal(seqs()[0], 1);
  assert.equal(conversation().later, true);
});

test('what came while the last page was under way is still to be paged to', () => {
  core.applyConversation(state, described(100));
  core.applyPageAfter(state, pageAfter(0, 100), 0);
  const last = pageAfter(60, 100);
  core.applyMessage(state, message(101));
  core.applyNewerPage(state, last);
  assert.deepEqual([conversation().later, seqs().at(-1)], [true, 100]);
  core.applyNewerPage(state, pageAfter(100, 101));
  assert.deepEqual([conversation().later, seqs().at(-1)], [false, 101]);
  core.applyMessage(state, message(102));
  assert.equal(seqs().at(-1), 102);
});

test('the newest page takes the place of one in the middle', () => {
  core.applyConversation(state, described(500));
  core.applyPageAfter(state, pageAfter(90, 500), 90);
  core.applyLatestPage(state, page(471, 500));
  isRun();
  assert.deepEqual([conversation().later, seqs()[0], seqs().at(-1)], [false, 471, 500]);
});

test('what came while the newest page was under way is still to be paged to', () => {
  core.applyConversation(state, described(500));
  core.applyPageAfter(state, pageAfter(90, 500), 90);
  const newest = page(471, 500);
  core.applyMessage(state, message(501)); // which is not among what is held
  core.applyLatestPage(state, newest);
  assert.deepEqual([conversation().later, seqs().at(-1)], [true, 500]);
  core.applyNewerPage(state, pageAfter(500, 501));
  assert.deepEqual([conversation().later, seqs().at(-1)], [false, 501]);
});

test('who never looks keeps the newest, who reads above keeps what is read', () => {
  core.applyConversation(state, described(1));
  for (let seq = 2; seq <= 1390; seq += 1) core.applyMessage(state, message(seq));
  isRun();
  assert.ok(seqs().length <= 600);
  assert.equal(seqs().at(-1), 1390);
  assert.equal(conversation().more, true);
  const [first] = seqs();
  window.keepShort(conversation(), false);
  assert.deepEqual([seqs()[0], seqs().length, conversation().later], [first, window.WINDOW, true]);
});

test('a conversation is muted by whichever device said so last', () => {
  const forever = '9999-12-31T23:59:59.999Z';
  core.applyConversation(state, described(1, { mutedUntil: null }));
  assert.equal(core.isMuted(conversation(), 0), false);
  core.applyOwn(state, { conversationId: CONV, mutedUntil: forever, own: 5 });
  assert.equal(core.isMuted(conversation(), Date.now()), true);
  core.applyOwn(state, { conversationId: CONV, mutedUntil: null, own: 4 });
  assert.equal(conversation().mutedUntil, forever, 'an older change that came late');
  core.applyConversation(state, described(2));
  assert.equal(conversation().mutedUntil, forever, 'what all are told does not say it');
  assert.equal(core.isMuted({ mutedUntil: '2026-01-01T00:00:00.000Z' }, Date.UTC(2026, 0, 1)), false);
});

test('what is archived is put away until something newer comes, or longer where it is muted', () => {
  const at = (seq, more = {}) => core.isArchived({ archivedSeq: 2, mutedUntil: null, lastMessage: { seq }, ...more }, 0);
  assert.deepEqual([at(2), at(3)], [true, false]);
  assert.equal(at(3, { mutedUntil: '9999-12-31T23:59:59.999Z' }), true);
  assert.equal(at(2, { archivedSeq: null }), false);
});

test('notes are with oneself, also where all their devices are told of them', () => {
  core.applyConversation(state, described(1, { otherUser: undefined, members: [{ userId: state.me, joinedSeq: 1, receivedSeq: 1, readSeq: 1 }] }));
  assert.equal(conversation().otherUserId, state.me);
});

test('what another device changed meanwhile comes with the sync, by its number', () => {
  core.applyConversation(state, described(1));
  assert.equal(core.syncRequest(state).own, 0);
  const until = '2027-01-01T00:00:00.000Z';
  core.applySync(state, { epoch: CONV, own: 7, ownChanged: [{ conversationId: CONV, mutedUntil: until, own: 7 }] });
  assert.equal(conversation().mutedUntil, until);
  assert.equal(core.syncRequest(state).own, 7);
  core.applySync(state, { epoch: BOB, own: 2, ownChanged: [] });
  assert.equal(core.syncRequest(state).own, 0, 'of a store that was restored nothing is known');
});

const hidden = (seq) => message(seq, { kind: 'hidden', content: '', senderName: '' });

test('a hidden message takes its number and is neither shown, nor unread, nor the last', () => {
  core.applyConversation(state, described(1, { unread: 1 }));
  core.applyMessage(state, hidden(2));
  core.applyMessage(state, message(3));
  core.applyMessage(state, hidden(4));
  assert.equal(conversation().seq, 4);
  assert.equal(core.unreadOf(conversation()), 2);
  assert.equal(conversation().lastMessage.seq, 3);
  const rows = timeline(conversation().items, [], { me: ANN, day: () => 'today' });
  assert.deepEqual(rows.filter(({ type }) => type === 'message').map((row) => row.message.seq), [1, 3]);
  core.markRead(conversation(), 3);
  assert.equal(core.unreadOf(conversation()), 0);
});

test('what is said to be hidden is not unread before its rows are here, nor after', () => {
  core.applyConversation(state, described(8, { readSeq: 4, unread: 2, lastMessage: message(8) }));
  assert.equal(core.unreadOf(conversation()), 2);
  const items = [message(4), hidden(5), hidden(6), message(7), message(8)];
  core.applyLatestPage(state, { conversationId: CONV, items, lastSeq: 8, lastChange: 0, more: true });
  assert.equal(core.unreadOf(conversation()), 2);
  core.markRead(conversation(), 7);
  assert.equal(core.unreadOf(conversation()), 1);
});

test('the last message of a page is the last that is shown', () => {
  core.applyConversation(state, described(0));
  core.applyLatestPage(state, { conversationId: CONV, items: [message(1), hidden(2)], lastSeq: 2, lastChange: 0, more: false });
  assert.equal(conversation().lastMessage.seq, 1);
  core.resetConversation(state, { conversationId: CONV, items: [message(1), hidden(2)], lastSeq: 2, lastChange: 0, more: false });
  assert.equal(conversation().lastMessage.seq, 1);
});

test('hidden messages that a sync brings are no arrivals', () => {
  core.applyConversation(state, described(1));
  const { arrived } = core.applySync(state, { epoch: CONV, messages: [hidden(2), message(3)] });
  assert.deepEqual(arrived.map(({ seq }) => seq), [3]);
});

test('what was never seen has one tick, however far the other has read', () => {
  core.applyConversation(state, described(0));
  core.applyMessage(state, mine(1, { unseen: true }));
  core.applyPointer(state, { conversationId: CONV, userId: BOB, readSeq: 9 });
  assert.equal(core.statusOf(conversation(), conversation().items[0]), 'sent');
});

/* ---- answers that are older than what events have said since ---- */

test('a list that was asked for before a deletion brings no deleted words back', () => {
  const list = described(1);
  core.applyConversation(state, list);
  core.applyChange(state, message(1, { content: '', deleted: true, change: 1 }));
  core.applyConversation(state, list);
  assert.equal(conversation().lastMessage.deleted, true);
  core.applyLatestPage(state, page(1, 1));
  assert.equal(conversation().lastMessage.deleted, true);
  core.applyConversation(state, { ...list, lastMessage: message(1, { change: 1, edited: true }) });
  assert.equal(conversation().lastMessage.content, '');
});

test('a list that was asked for before a new name, picture or member undoes none of these', () => {
  const member = (userId) => ({ userId, joinedSeq: 1, receivedSeq: 1, readSeq: 1 });
  const list = described(2, { kind: 'group', title: 'Old', avatar: '', members: [member(ANN), member(BOB)] });
  core.applyConversation(state, list);
  core.applyMessage(state, message(3, { kind: 'system' }));
  core.applyConversation(state, { ...list, title: 'New', avatar: 'x', members: [member(ANN)], lastSeq: 3, lastMessage: message(3, { kind: 'system' }) });
  core.applyConversation(state, list);
  const { title, avatar, members, pointers: others } = conversation();
  assert.deepEqual([title, avatar, members.length, Object.keys(others)], ['New', 'x', 1, []]);
  core.applyConversation(state, { ...list, title: 'Newer', lastSeq: 3 });
  assert.equal(conversation().title, 'Newer');
});

test('a name that comes after messages that came after it is taken', () => {
  core.applyConversation(state, described(1, { kind: 'group', title: 'Old' }));
  for (const seq of [2, 3]) core.applyMessage(state, message(seq));
  core.applyConversation(state, described(2, { kind: 'group', title: 'New' }));
  assert.equal(conversation().title, 'New');
});

test('after a reset a conversation is described anew, though there is less of it', () => {
  core.applyConversation(state, described(9, { kind: 'group', title: 'Old' }));
  core.applySync(state, { epoch: 'e', reset: [CONV] });
  core.applyConversation(state, described(4, { kind: 'group', title: 'New' }));
  assert.equal(conversation().title, 'New');
});

test('a list that was asked for before somebody was erased does not name them', () => {
  const said = mine(1, { content: '@Bobby', mentions: [{ userId: BOB, start: 0, length: 6 }] });
  const list = described(1, { lastMessage: said });
  core.applyConversation(state, list);
  core.applyErase(state, { conversationId: CONV, userId: BOB });
  core.applyConversation(state, list);
  assert.equal(conversation().lastMessage.content, '@…');
});

test('a list that was asked for before a hidden message leaves it hidden', () => {
  const list = described(1, { readSeq: 1, unread: 0 });
  core.applyConversation(state, list);
  core.applyMessage(state, message(2, { kind: 'hidden', content: '', senderName: '' }));
  core.applyConversation(state, list);
  assert.equal(core.unreadOf(conversation()), 0);
});

/* ---- of operators ---- */

const CAT = 'd'.repeat(24);
const OP = 'e'.repeat(24);
const supportOf = (lastSeq, readSeq) => described(lastSeq, {
  kind: 'support', title: 'bob', otherUser: null, readSeq, unread: lastSeq - readSeq,
  members: [{ userId: BOB, receivedSeq: 0, readSeq: 0 }, { userId: core.SERVER, receivedSeq: readSeq, readSeq }],
});

test('what another operator answers is read, and what somebody else wrote who is reported is not', () => {
  core.applyConversation(state, supportOf(1, 1));
  core.applyMessage(state, message(2, { sender: OP }));
  assert.equal(core.unreadOf(conversation()), 0);
  core.applyMessage(state, message(3, { kind: 'system' }));
  core.applyMessage(state, message(4, { sender: CAT }));
  core.applyMessage(state, message(5, { sender: CAT }));
  assert.equal(core.unreadOf(conversation()), 3);
  core.applyMessage(state, message(6, { sender: OP }));
  core.applyPointer(state, { conversationId: CONV, userId: core.SERVER, readSeq: 6 });
  assert.equal(core.unreadOf(conversation()), 0);
});

test('support keeps no name of who was erased', () => {
  core.applyConversation(state, supportOf(1, 1));
  core.applyErase(state, { conversationId: CONV, userId: CAT });
  assert.equal(conversation().title, 'bob');
  core.applyErase(state, { conversationId: CONV, userId: BOB });
  assert.equal(conversation().title, '');
});

/* ---- more conversations than a sync may name ---- */

const idOf = (number) => String(number).padStart(24, 'f');
const numbered = (number, fields) => described(1, {
  _id: idOf(number), kind: 'group', lastMessage: { ...message(number), conversationId: idOf(number), seq: 1 }, ...fields,
});
const asOperator = { kind: 'support', members: [{ userId: BOB, receivedSeq: 0, readSeq: 0 }] };
const namedIn = (request) => Object.keys(request.conversations).sort();

test('a sync names no more conversations than it may: the oldest goes', () => {
  const max = limits.conversations;
  for (let number = 0; number <= max; number += 1) core.applyConversation(state, numbered(number));
  core.dropOldest(state);
  const named = namedIn(core.syncRequest(state));
  assert.equal(named.length, max);
  assert.equal(named.includes(idOf(0)), false);
  core.dropOldest(state);
  assert.deepEqual(namedIn(core.syncRequest(state)), named);
});

test('who is looked at stays, the lobby, and what nobody has described yet; what others write to the server goes first', () => {
  const max = limits.conversations;
  core.applyConversation(state, numbered(0));
  core.applyConversation(state, numbered(1, { kind: 'lobby', members: [] }));
  core.applyConversation(state, numbered(2));
  for (let number = 3; number < max; number += 1) core.applyConversation(state, numbered(number, asOperator));
  core.applyConversation(state, numbered(max));
  core.applyMessage(state, message(1, { conversationId: CONV, createdAt: '2020-01-01T00:00:00.000Z' }));
  core.dropOldest(state, idOf(0));
  assert.ok([0, 1, 2, max].every((number) => state.conversations[idOf(number)]));
  assert.deepEqual([state.conversations[idOf(3)], Boolean(state.conversations[idOf(4)])], [undefined, true]);
  assert.equal(conversation().provisional, true);
  assert.equal(namedIn(core.syncRequest(state)).length, max);
});

test('of one that was let go and is brought again one hears what is new', () => {
  const max = limits.conversations;
  core.applySync(state, { epoch: 'e', new: Array.from({ length: max }, (_, i) => numbered(i + 1)) });
  core.applyConversation(state, numbered(max + 1));
  core.dropOldest(state);
  const again = (fields) => core.applySync(state, { epoch: 'e', new: [numbered(1, fields)] }).arrived.length;
  assert.equal(again(), 0);
  core.dropOldest(state);
  assert.equal(again({ lastSeq: 2, lastMessage: { ...message(1), conversationId: idOf(1), seq: 2 } }), 1);
});

/* ---- what arrives without its messages ---- */

const arrivedBy = (answer) => core.applySync(state, { epoch: 'e', ...answer }).arrived.map(({ seq }) => seq);

test('of a conversation that is new the last message arrives, once there was all of a first sync', () => {
  assert.deepEqual(arrivedBy({ new: [described(1, { _id: BOB })], more: true }), []);
  assert.deepEqual(arrivedBy({ new: [described(1, { _id: ANN })] }), []);
  assert.deepEqual(arrivedBy({ new: [described(2)] }), [2]);
});

test('what is read, hidden or has been heard of does not', () => {
  arrivedBy({});
  assert.deepEqual(arrivedBy({ new: [described(2, { _id: BOB, readSeq: 2 })] }), []);
  assert.deepEqual(arrivedBy({ new: [described(2, { _id: ANN, lastMessage: hidden(2) })] }), []);
  for (const seq of [5, 7]) core.applyMessage(state, message(seq));
  assert.deepEqual(arrivedBy({ new: [described(7)] }), []);
});

test('of one that a sync describes after its first messages what came since arrives', () => {
  arrivedBy({});
  core.applyMessage(state, message(1));
  assert.deepEqual(arrivedBy({ new: [described(3)] }), [3]);
});

/* Its page, after what came while it was fetched. */
function arrivedByReset(held, newest, ...meanwhile) {
  core.applyConversation(state, held);
  arrivedBy({ reset: [CONV] });
  for (const seq of meanwhile) core.applyMessage(state, message(seq));
  return core.resetConversation(state, page(newest - 29, newest)).arrived.map(({ seq }) => seq);
}

test('of one that is loaded anew the newest message arrives', () => {
  assert.deepEqual(arrivedByReset(described(3), 400), [400]);
});

test('unless it was heard of before, or while its page was fetched, or is read', () => {
  assert.deepEqual(arrivedByReset(described(400), 400), []);
  assert.deepEqual(arrivedByReset(described(400), 440, 440), []);
  core.applyPointer(state, { conversationId: CONV, userId: ANN, readSeq: 480 });
  assert.deepEqual(arrivedByReset(described(440), 480), []);
});

test('also where a later sync says that there is more', () => {
  arrivedBy({});
  arrivedBy({ more: true });
  assert.deepEqual(arrivedBy({ new: [described(2)] }), [2]);
});

test('what was heard of the old store keeps nothing of a restored one quiet', () => {
  arrivedBy({ new: [described(9)] });
  arrivedBy({ reset: [CONV] });
  for (const answer of [{}, {}]) core.applySync(state, { epoch: 'another', ...answer });
  assert.equal(core.applySync(state, { epoch: 'another', new: [described(2)] }).arrived.length, 1);
});

test('also where its page came before, for who has it open', () => {
  core.applyConversation(state, described(3));
  arrivedBy({ reset: [CONV] });
  core.applyLatestPage(state, page(371, 400));
  assert.equal(core.resetConversation(state, page(371, 400)).arrived.length, 1);
});

/* ---- somebody is erased ---- */

const erase = (number = 0) => core.applyErase(state, { conversationId: CONV, userId: BOB }, number);

test('of somebody who is erased nothing is left but that there was something', () => {
  core.applyConversation(state, described(0));
  core.applyMessage(state, message(1, { senderName: 'Bob', attachment: { _id: CONV }, mentions: [], clientId: 'b' }));
  core.applyMessage(state, mine(2, { senderName: 'Ann', mentions: [] }));
  core.applyMessage(state, message(3, { senderName: 'Bob' }));
  erase(4);
  const [first, second] = conversation().items;
  assert.deepEqual([first.seq, first.content, first.senderName, first.attachment, first.clientId, first.deleted],
    [1, '', '', null, null, true]);
  assert.equal(second.content, 'text 2');
  assert.equal(conversation().lastMessage.content, '');
  assert.equal(conversation().change, 4);
  erase(4);
  assert.equal(conversation().items[0].content, '');
});

test('where somebody who is erased was mentioned the text says so, and what comes behind moves', () => {
  core.applyConversation(state, described(0));
  core.applyMessage(state, mine(1, {
    content: '🌳 @Bobby and @Cat, @Bobby!',
    mentions: [{ userId: BOB, start: 2, length: 6 }, { userId: CONV, start: 13, length: 4 }, { userId: BOB, start: 19, length: 6 }],
  }));
  erase();
  const [one] = conversation().items;
  assert.equal(one.content, '🌳 @… and @Cat, @…!');
  assert.deepEqual(one.mentions.map(({ start, length }) => [start, length]), [[2, 2], [9, 4], [15, 2]]);
  erase();
  assert.equal(conversation().items[0].content, '🌳 @… and @Cat, @…!');
});

test('what happened to somebody who is erased happened to somebody', () => {
  core.applyConversation(state, described(0));
  const system = { event: 'added', users: [{ _id: BOB, name: 'Bob' }, { _id: CONV, name: 'Cat' }], count: 3 };
  core.applyMessage(state, mine(1, { kind: 'system', senderName: 'Ann', content: 'Ann added Bob, Cat and 1 others', system }));
  core.applyMessage(state, message(2, { kind: 'system', senderName: 'Bob', content: 'Bob left', system: { event: 'left', users: [], count: 0 } }));
  core.applySync(state, { epoch: CONV, changes: [{ conversationId: CONV, change: 1, kind: 'erase', userId: BOB }] });
  assert.deepEqual(conversation().items.map(({ content }) => content), ['Ann added somebody, Cat and 1 others', 'Somebody left']);
  assert.equal(conversation().change, 1);
});

test('a conversation that opens late is described once more, for its first messages may be hidden', () => {
  const told = described(2);
  delete told.readSeq;
  core.applyConversation(state, told);
  assert.equal(core.hasHoles(state), true);
  assert.deepEqual(core.syncRequest(state).conversations, {});
  core.applyConversation(state, described(2, { unread: 1 }));
  assert.equal(core.hasHoles(state), false);
  assert.equal(core.unreadOf(conversation()), 1);
});

test('a group of which the message came that something happened, and no description, is to be described', () => {
  const group = (lastSeq, fields) => described(lastSeq, { kind: 'group', otherUser: null, title: 'Garden', ...fields });
  const dated = () => core.datedGroups(state).map(({ title }) => title);
  core.applyConversation(state, group(1));
  core.applyMessage(state, message(2, { recipient: null }));
  assert.deepEqual(dated(), []);
  core.applyMessage(state, message(3, { kind: 'system', recipient: null }));
  assert.deepEqual(dated(), ['Garden']);
  core.applyConversation(state, group(2));
  assert.deepEqual(dated(), ['Garden'], 'by one from before');
  core.applyConversation(state, group(3, { title: 'Orchard' }));
  assert.deepEqual(dated(), []);
  core.applySync(state, { epoch: 'e', reset: [CONV] });
  assert.deepEqual(dated(), ['Orchard'], 'what is in it is not trusted');
});
