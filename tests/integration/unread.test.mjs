// What people do, step by step at random over REST and sockets, and after every
// step what they see: unread counts, ticks, receipts, and the copies in open
// clients. PALABRE_SEED=N replays a walk.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '../property/client.mjs';
import { dice } from '../property/operations.mjs';
import { call } from '../support/socket.mjs';
import { share, startStack, waitFor } from '../support/stack.mjs';

const STEPS = 60;
const SECOND_MS = 1000;
const late = 800 * share(); // what a loaded machine may add, or take
let stack;

before(async () => {
  stack = await startStack({ set: { socket_rate: 1000, socket_burst: 1000 } });
});
after(() => stack.stop());

/* ---- how it should be: two people's conversation ---- */

class Talk {
  constructor(people) {
    this.people = people;
    this.messages = []; // by seq - 1: {_id, sender, content, edited, deleted, replyTo}
    this.changes = 0;
    this.reach = new Map(people.map(({ id }) => [id, { receivedSeq: 0, readSeq: 0 }]));
  }

  move({ id }, seq, kind) {
    const reach = this.reach.get(id);
    const to = Math.min(seq, this.messages.length);
    reach.receivedSeq = Math.max(reach.receivedSeq, to);
    if (kind === 'read') reach.readSeq = Math.max(reach.readSeq, to);
  }

  add(person, { _id, content, replyTo }) {
    this.messages.push({
      _id, sender: person.id, content, edited: false, deleted: false, replyTo,
    });
    this.move(person, this.messages.length, 'read');
  }

  status(seq) {
    const [{ receivedSeq, readSeq }] = [...this.reach]
      .filter(([id]) => id !== this.messages[seq - 1].sender).map(([, reach]) => reach);
    if (readSeq >= seq) return 'read';
    return receivedSeq >= seq ? 'received' : 'sent';
  }

  copies() {
    return this.messages.map((message, i) => ({ ...message, seq: i + 1 }));
  }

  shown() {
    return this.copies().map((message) => ({ ...message, status: this.status(message.seq) }));
  }

  /* The newest that a receipt may name: not written by who read. */
  named({ id }, seq) {
    return this.messages.slice(0, seq).findLast(({ sender }) => sender !== id)?._id ?? null;
  }
}

const pick = ({ _id, sender, content, edited, deleted, replyTo, seq }) =>
  ({ _id, sender, content, edited, deleted, replyTo, seq });

/* ---- what they do: each answers nothing, and changes the talk ---- */

async function rest(person, target, options, status = 200) {
  const answer = await person.api(target, options);
  assert.equal(answer.status, status, answer.text);
  return answer.body;
}

const any = (walk, list) => list[walk.random(list.length)];

async function send(walk, who, other, more = {}) {
  const content = `text ${walk.step}`;
  const body = { content, clientId: `step-${walk.step}`, ...more };
  const bySocket = walk.random(2) === 0;
  const into = walk.talk.messages.length > 0 && walk.random(2) === 0;
  const goes = (name) => (into ? { conversationId: walk.id() } : { [name]: other.id });
  const message = bySocket
    ? (await call(any(walk, who.clients).socket, 'send-message', { ...goes('to'), ...body })).message
    : await rest(who, '/api/messages', { body: { ...goes('recipient_id'), ...body } }, 201);
  assert.equal(message.seq, walk.talk.messages.length + 1);
  walk.talk.add(who, message);
  walk.last = { who, other, body, id: message._id };
}

function reply(walk, who, other) {
  const { messages } = walk.talk;
  return send(walk, who, other,
    messages.length > 0 ? { replyTo: any(walk, messages)._id } : {});
}

/* The last message once more, through the other door: nothing happens. */
async function repeat(walk) {
  if (!walk.last) return;
  const { who, other, body, id } = walk.last;
  const again = walk.random(2) === 0
    ? await call(any(walk, who.clients).socket, 'send-message', { to: other.id, ...body })
    : await rest(who, '/api/messages', { body: { recipient_id: other.id, ...body } });
  assert.equal(again.duplicate, true);
  assert.equal(again.id ?? again._id, id);
}

async function edit(walk, who) {
  if (walk.talk.messages.length === 0) return;
  const message = any(walk, walk.talk.messages);
  const may = message.sender === who.id && !message.deleted;
  await rest(who, `/api/messages/${message._id}`,
    { method: 'PUT', body: { content: `edit ${walk.step}` } }, may ? 200 : 403);
  if (!may) return;
  Object.assign(message, { content: `edit ${walk.step}`, edited: true });
  walk.talk.changes += 1;
}

async function erase(walk, who) {
  if (walk.talk.messages.length === 0) return;
  const message = any(walk, walk.talk.messages);
  const may = message.sender === who.id;
  await rest(who, `/api/messages/${message._id}`, { method: 'DELETE' }, may ? 200 : 403);
  if (!may || message.deleted) return;
  Object.assign(message, { content: '', deleted: true });
  walk.talk.changes += 1;
}

async function move(walk, who, kind) {
  const { messages } = walk.talk;
  if (messages.length === 0) return;
  const seq = 1 + walk.random(messages.length + 2);
  const target = { conversationId: walk.id(), seq };
  const { _id } = messages[Math.min(seq, messages.length) - 1];
  const { socket } = any(walk, who.clients);
  const ways = [
    () => rest(who, `/api/messages/${kind}`, { body: target }),
    () => call(socket, `message-${kind}`, target),
    () => call(socket, `message-${kind}`, { messageId: _id }),
    () => call(socket, `message-${kind}`, { id: _id }),
  ];
  const answer = await any(walk, ways)();
  assert.notEqual(answer.ok, false);
  walk.talk.move(who, seq, kind);
}

async function readOne(walk, who) {
  const theirs = walk.talk.copies().filter(({ sender }) => sender !== who.id);
  if (theirs.length === 0) return;
  const { _id, seq } = any(walk, theirs);
  await rest(who, `/api/messages/${_id}/read`, { method: 'POST' });
  walk.talk.move(who, seq, 'read');
}

async function openOldPage(walk, who, other) {
  await rest(who, `/api/messages/${other.id}?page=1&limit=5`);
  walk.talk.move(who, walk.talk.messages.length, 'read');
}

const DOES = [
  send, send, send, reply, repeat, edit, edit, erase, readOne, openOldPage,
  (walk, who) => move(walk, who, 'read'), (walk, who) => move(walk, who, 'read'),
  (walk, who) => move(walk, who, 'received'), (walk, who) => move(walk, who, 'received'),
];

/* ---- what they see ---- */

async function assertListed(walk, who) {
  const { talk } = walk;
  const listed = await rest(who, '/api/conversations');
  assert.equal(listed.length, talk.messages.length > 0 ? 1 : 0);
  if (listed.length === 0) return;
  const [view] = listed;
  const { receivedSeq, readSeq } = talk.reach.get(who.id);
  assert.deepEqual(
    [view.unread, view.readSeq, view.receivedSeq, view.lastSeq, view.lastChange],
    [talk.messages.length - readSeq, readSeq, receivedSeq, talk.messages.length, talk.changes]);
  assert.deepEqual(pick(view.lastMessage), talk.copies().at(-1));
  assert.equal(view.lastMessage.status, talk.status(talk.messages.length));
}

async function assertHistory(walk, who, other) {
  const page = await rest(who, `/api/messages/conversation?with=${other.id}&limit=100`);
  assert.deepEqual(page.items.map((item) => ({ ...pick(item), status: item.status })),
    walk.talk.shown());
}

/* Copies in every open client of both; pointers may be a second late. */
async function assertCopies(walk, exactly) {
  const { talk } = walk;
  const want = JSON.stringify(exactly ? talk.shown() : talk.copies());
  for (const person of talk.people) {
    for (const client of person.clients) {
      const seen = () => {
        const state = client.model.state()[walk.id()];
        if (!state) return '[]';
        return JSON.stringify(state.messages.map((message) =>
          ({ ...pick(message), ...(exactly && { status: message.status }) })));
      };
      await waitFor(`${client.transport} copies`, () => seen() === want)
        .catch(() => assert.equal(seen(), want));
      assert.deepEqual(client.complaints, []);
      if (exactly && talk.messages.length > 0) {
        const { unread, change } = client.model.state()[walk.id()];
        assert.equal(unread, talk.messages.length - talk.reach.get(person.id).readSeq);
        assert.equal(change, talk.changes);
      }
    }
  }
}

/* Each names the right message, they grow, and come once a second at most. */
function assertReceipts(walk) {
  const told = new Map(); // client -> by whom and what -> the last
  for (const { client, name, data, at } of walk.receipts) {
    const reader = walk.talk.people.find(({ id }) => id === data.userId);
    const field = name === 'message:read' ? 'readSeq' : 'receivedSeq';
    for (const id of ['messageId', '_id', 'id']) {
      assert.equal(data[id], walk.talk.named(reader, data[field]), `${name}: ${id}`);
    }
    if (!told.has(client)) told.set(client, new Map());
    const key = `${name} ${data.userId}`;
    const earlier = told.get(client).get(key) ?? { seq: 0, times: [] };
    assert.ok(data[field] > earlier.seq, `${name} ${data[field]} after ${earlier.seq}`);
    // One that is held up on its way comes shortly before the next, but not before both.
    const passed = at - walk.began;
    assert.ok(earlier.times.length * SECOND_MS <= passed, `${earlier.times.length + 1} times ${name} in ${passed} ms`);
    earlier.times.forEach((before, n) => assert.ok(
      at - before >= (earlier.times.length - n) * SECOND_MS - late, `${name} after ${at - before} ms`));
    told.get(client).set(key, { seq: data[field], times: [...earlier.times, at] });
  }
  assert.ok(walk.receipts.length > 0);
}

function watchReceipts(walk, client) {
  client.socket.onAny((name, data) => {
    if (name === 'message:read' || name === 'message:received') {
      walk.receipts.push({ client, name, data, at: Date.now() });
    }
  });
}

/* ---- the walk ---- */

let walks = 0;

async function newcomers(walk) {
  walks += 1;
  const people = await Promise.all(['ann', 'bob'].map((name) =>
    stack.register(`${name}${walks}`)));
  const counts = { returns: 0, resets: 0, told: 0, refused: 0 };
  for (const person of people) {
    person.clients = ['websocket', 'polling'].map((transport) =>
      new Client(stack, person, transport, { counts }));
    for (const client of person.clients) {
      await client.back();
      watchReceipts(walk, client);
    }
  }
  return people;
}

async function walkAtRandom(seed) {
  const walk = { random: dice(seed), receipts: [], step: 0 };
  walk.talk = new Talk(await newcomers(walk));
  walk.began = Date.now();
  walk.id = () => Object.keys(walk.talk.people[0].clients[0].model.state())[0];
  for (walk.step = 1; walk.step <= STEPS; walk.step += 1) {
    const who = walk.random(2);
    const [me, other] = [walk.talk.people[who], walk.talk.people[1 - who]];
    await any(walk, DOES)(walk, me, other);
    await Promise.all([
      assertListed(walk, me), assertListed(walk, other),
      assertHistory(walk, me, other), assertHistory(walk, other, me),
      assertCopies(walk, false),
    ]);
    if (walk.step % 20 === 0) await assertCopies(walk, true);
  }
  assertReceipts(walk);
}

const given = Number(process.env.PALABRE_SEED ?? 0);
const random = 1 + Math.floor(Math.random() * 1e9);

for (const seed of given ? [given] : [1, random]) {
  test(`counts, ticks and copies are right after every step of walk ${seed}`, async (t) => {
    t.diagnostic(`PALABRE_SEED=${seed}`);
    await walkAtRandom(seed);
  });
}

test('reading on for half a second is told twice, and the last is not lost', async () => {
  const walk = { receipts: [] };
  const [ann, bob] = await newcomers(walk);
  for (let i = 1; i <= 8; i += 1) {
    await rest(ann, '/api/messages', { body: { recipient_id: bob.id, content: `m${i}` } }, 201);
  }
  const [{ _id: conversationId }] = await rest(bob, '/api/conversations');
  const began = Date.now();
  for (let seq = 1; seq <= 8; seq += 1) {
    await call(bob.clients[seq % 2].socket, 'message-read', { conversationId, seq });
    await sleep(60);
  }
  const seconds = Math.ceil((Date.now() - began) / SECOND_MS);
  const heard = () => walk.receipts.filter(({ client }) => client === ann.clients[0])
    .map(({ data }) => data.readSeq);
  await waitFor('the last', () => heard().at(-1) === 8);
  assert.ok(heard().length <= 2 + seconds, `${heard()}`);
});
