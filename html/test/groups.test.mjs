import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reachOf, readersOf, statusOf } from '../src/lib/chat-pointers.js';
import { applyConversation, createState } from '../src/lib/chat-state.js';
import { hueOf, huesOf } from '../src/lib/hue.js';
import { systemWords } from '../src/lib/system-words.js';
import { byDay, timeline } from '../src/lib/timeline.js';

const [ANN, BEN, CYD] = ['a', 'b', 'c'].map((c) => c.repeat(24));
const GROUP = 'd'.repeat(24);
const NAMES = { [ANN]: 'Ann', [BEN]: 'Ben' };

const said = (fields, users = [], more = {}) =>
  systemWords(
    { kind: 'system', sender: ANN, senderName: 'Ann of then', content: 'as the server says', system: { users, count: users.length, ...fields }, ...more },
    { me: BEN, nameOf: (id) => NAMES[id] ?? '', t: (key, gaps) => `${key} ${gaps.name} ${gaps.users} ${gaps.title ?? gaps.n ?? ''}`.trim(), list: (names) => names.join('+') },
  );
const ben = { _id: BEN, name: 'B' };
const cyd = { _id: CYD, name: 'Cyd of then' };

test('what happened to a group is said by whom, to whom, with names of today where they are known', () => {
  assert.equal(said({ event: 'made', title: 'Garden' }), 'system.made Ann  Garden');
  assert.equal(said({ event: 'made', title: 'Garden' }, [], { sender: BEN }), 'system.madeByYou Ben  Garden');
  assert.equal(said({ event: 'added' }, [cyd]), 'system.added Ann Cyd of then');
  assert.equal(said({ event: 'added' }, [ben]), 'system.addedYou Ann');
  assert.equal(said({ event: 'added' }, [ben, cyd]), 'system.addedYouAnd Ann Cyd of then');
  assert.equal(said({ event: 'left' }), 'system.left Ann');
  assert.equal(said({ event: 'left' }, [ben]), 'system.leftToYou Ann');
  assert.equal(said({ event: 'owner' }, [ben]), 'system.ownerYou Ann');
  assert.equal(said({ event: 'removed' }, [cyd], { sender: CYD, senderName: 'Cyd' }), 'system.removed Cyd Cyd of then');
});

test('more than are named are counted, and what is not known is said in the server\'s words', () => {
  assert.match(said({ event: 'added', count: 30 }, [cyd]), /Cyd of then\+system.others undefined undefined 29/);
  assert.equal(said({ event: 'painted' }), 'as the server says');
  assert.equal(said({}, [], { system: null }), 'as the server says');
});

const group = (members, fields = {}) => ({ _id: GROUP, kind: 'group', title: 'Garden', members, lastSeq: 5, readSeq: 5, ...fields });
const member = (userId, readSeq, joinedSeq = 0) => ({ userId, role: 'member', joinedSeq, receivedSeq: readSeq, readSeq });

test('for the ticks nobody is waited for who was not there, or is there no more', () => {
  const state = createState(ANN);
  const message = { seq: 3, status: 'sent' };
  const of = (members) => statusOf(applyConversation(state, group(members)), message);
  assert.equal(of([member(ANN, 5), member(BEN, 5), member(CYD, 1)]), 'sent');
  assert.equal(of([member(ANN, 5), member(BEN, 5), member(CYD, 0, 4)]), 'read', 'she came later');
  assert.equal(of([member(ANN, 5), member(BEN, 5)]), 'read', 'she has left');
  assert.equal(of(null), 'read', 'so many that the server says it');
});

test('how far all have come is found once, and says of each message what each of them says', () => {
  const numbers = [0, 1, 2, 3, 4];
  const marks = numbers.flatMap((joinedSeq) => numbers.map((readSeq) => member(BEN, readSeq, joinedSeq)));
  for (const one of marks) {
    for (const other of marks) {
      const members = [one, { ...other, userId: CYD, receivedSeq: other.readSeq + 1 }];
      const conversation = applyConversation(createState(ANN), group([member(ANN, 5), ...members]));
      const reach = reachOf(conversation);
      for (const seq of [1, 2, 3, 4, 5]) {
        const there = members.filter(({ joinedSeq }) => joinedSeq <= seq);
        const all = (field) => there.length > 0 && there.every((mark) => mark[field] >= seq);
        const expected = (all('readSeq') && 'read') || (all('receivedSeq') && 'received') || 'sent';
        assert.equal(statusOf(conversation, { seq, status: 'sent' }, reach), expected);
      }
    }
  }
});

test('whom a message was for is told by how far it has come with them', () => {
  const own = { seq: 3, sender: ANN };
  const of = (members) => readersOf(applyConversation(createState(ANN), group(members)), own);
  const late = { ...member(CYD, 0), receivedSeq: 3 };
  assert.deepEqual(of([member(ANN, 5), member(BEN, 3), late]), { read: [BEN], received: [CYD], sent: [] });
  assert.deepEqual(of([member(ANN, 5), member(BEN, 0, 4), member(CYD, 0)]), { read: [], received: [], sent: [CYD] });
  assert.equal(of([member(ANN, 5), member(BEN, 5, 4)]), null, 'nobody else was there');
  assert.equal(of(null), null, 'so many that none is told');
});

test('a group has a picture, and no members are named where there are too many', () => {
  const state = createState(ANN);
  const { avatar, members } = applyConversation(state, group(null, { avatar: '🌳' }));
  assert.deepEqual([avatar, members], ['🌳', null]);
});

test('in a group nobody has the colour of another while there are others', () => {
  const ids = Array.from({ length: 24 }, (_, i) => `user-${i}`);
  const members = ids.map((userId, i) => ({ userId, joinedSeq: i < 3 ? 1 : i }));
  for (const count of [2, 3, 8]) {
    assert.equal(new Set(huesOf(members.slice(0, count)).values()).size, count);
  }
  const hues = huesOf(members);
  for (let hue = 0; hue < 8; hue += 1) {
    assert.equal([...hues.values()].filter((one) => one === hue).length, 3, 'of many no colour has more');
  }
  assert.equal(hues.get(ids[0]), hueOf(ids[0]), 'who was first has their own');
  assert.deepEqual([...huesOf([...members].reverse())].sort(), [...hues].sort(), 'the same on every screen');
  const before = huesOf(members.slice(0, 5));
  for (const [id, hue] of before) assert.equal(hues.get(id), hue, 'and when others come');
});

test('what one says in a row goes together, day by day', () => {
  const at = (sender, minute, more) =>
    ({ _id: `${minute}`, seq: minute, sender, kind: 'text', createdAt: `2026-01-0${minute < 60 ? 1 : 2}T10:${String(minute % 60).padStart(2, '0')}:00.000Z`, ...more });
  const items = [at(ANN, 1), at(ANN, 2, { kind: 'file' }), at(BEN, 3), at(ANN, 4, { kind: 'system' }), at(ANN, 61)];
  const days = byDay(timeline(items, [], { me: BEN, day: (iso) => iso.slice(0, 10) }));
  assert.deepEqual(days.map(({ rows }) => rows.map(({ message, joined, next }) =>
    [message.seq, joined, next?.seq ?? 0])), [
    [[1, false, 2], [2, true, 0], [3, false, 0], [4, false, 0]],
    [[61, false, 0]],
  ]);
});
