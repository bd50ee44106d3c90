// POST /api/sync: everything, or which conversation to load anew.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startStack } from '../support/stack.mjs';

let stack;

before(async () => { stack = await startStack(); });
after(() => stack.stop());

const newcomer = () => stack.newcomer('sync');

async function send(from, to, content) {
  const answer = await from.api('/api/messages', { body: { recipient_id: to.id, content } });
  assert.equal(answer.status, 201);
  return answer.body;
}

async function sendMany(from, to, count) {
  for (let i = 0; i < count; i += 10) {
    await Promise.all(Array.from({ length: Math.min(10, count - i) }, (_, n) =>
      send(from, to, `m${i + n}`)));
  }
}

/* What a client that keeps everything knows, and how it catches up. */
class Client {
  constructor(person) {
    this.person = person;
    this.epoch = null;
    this.conversations = new Map(); // id -> {seq, change, messages, pointers}
    this.resets = 0;
  }

  async load(id) {
    const answer = await this.person.api(
      `/api/messages/conversation?conversationId=${id}&limit=100`);
    assert.equal(answer.status, 200);
    this.conversations.set(id, {
      seq: answer.body.lastSeq,
      change: answer.body.lastChange,
      messages: new Map(answer.body.items.map((message) => [message._id, message])),
    });
  }

  apply(body) {
    for (const message of body.messages) {
      const conversation = this.conversations.get(message.conversationId);
      assert.equal(message.seq, conversation.seq + 1);
      conversation.seq = message.seq;
      conversation.messages.set(message._id, message);
    }
    for (const { conversationId, change, message } of body.changes) {
      const conversation = this.conversations.get(conversationId);
      assert.equal(change, conversation.change + 1);
      conversation.change = change;
      if (conversation.messages.has(message._id)) conversation.messages.set(message._id, message);
    }
    for (const id of body.gone) this.conversations.delete(id);
  }

  async sync() {
    for (let more = true, calls = 0; more; calls += 1) {
      assert.ok(calls < 20, 'sync does not end');
      const conversations = Object.fromEntries([...this.conversations].map(
        ([id, { seq, change }]) => [id, { seq, change }]));
      const answer = await this.person.api('/api/sync',
        { body: { epoch: this.epoch, conversations } });
      assert.equal(answer.status, 200, answer.text);
      const { body } = answer;
      this.epoch = body.epoch;
      this.apply(body);
      for (const id of [...body.reset, ...body.new.map(({ _id }) => _id)]) await this.load(id);
      this.resets += body.reset.length;
      more = body.more;
    }
  }

  /* Contents by conversation, but for what is older than a fresh page. */
  known() {
    return [...this.conversations].map(([id, { seq, change, messages }]) => [
      id, seq, change,
      [...messages.values()].filter((message) => message.seq > seq - 100)
        .map(({ _id, content, edited, deleted }) => ({ _id, content, edited, deleted })),
    ]).sort();
  }
}

async function assertFresh(client) {
  const fresh = new Client(client.person);
  await fresh.sync();
  assert.deepEqual(client.known(), fresh.known());
}

test('a client that was away catches up to what a fresh one sees', async () => {
  const [ann, bob, cat] = await Promise.all([newcomer(), newcomer(), newcomer()]);
  const first = await send(ann, bob, 'first');
  const client = new Client(bob);
  await client.sync();

  await sendMany(ann, bob, 30);
  await send(cat, bob, 'new here');
  await ann.api(`/api/messages/${first._id}`, { method: 'PUT', body: { content: 'edited' } });
  const gone = await send(ann, bob, 'to be deleted');
  await ann.api(`/api/messages/${gone._id}`, { method: 'DELETE' });
  await client.sync();
  assert.equal(client.resets, 0);
  await assertFresh(client);
});

test('200 missed messages are sent, 201 are a reset', async () => {
  const [ann, bob] = await Promise.all([newcomer(), newcomer()]);
  await send(ann, bob, 'first');
  const [within, beyond] = [new Client(bob), new Client(bob)];
  await Promise.all([within.sync(), beyond.sync()]);

  await sendMany(ann, bob, 200);
  await within.sync();
  assert.equal(within.resets, 0);
  await send(ann, bob, 'one more');
  await beyond.sync();
  assert.equal(beyond.resets, 1);
  await within.sync();
  await assertFresh(within);
  await assertFresh(beyond);
});

test('more than 500 in all come in several answers', async () => {
  const bob = await newcomer();
  const others = await Promise.all([newcomer(), newcomer(), newcomer(), newcomer()]);
  for (const other of others) await send(other, bob, 'first');
  const client = new Client(bob);
  await client.sync();

  await Promise.all(others.map((other) => sendMany(other, bob, 150)));
  const body = {
    epoch: client.epoch,
    conversations: Object.fromEntries([...client.conversations].map(
      ([id, { seq, change }]) => [id, { seq, change }])),
  };
  const answer = (await bob.api('/api/sync', { body })).body;
  assert.equal(answer.messages.length, 450);
  assert.equal(answer.more, true);
  assert.equal(Object.keys(answer.pointers).length, 3);
  await client.sync();
  assert.equal(client.resets, 0);
  await assertFresh(client);
});

test('pointers come with every conversation that is up to date', async () => {
  const [ann, bob] = await Promise.all([newcomer(), newcomer()]);
  const { conversationId } = await send(ann, bob, 'one');
  const client = new Client(ann);
  await client.sync();
  await bob.api('/api/messages/read', { body: { conversationId, seq: 1 } });

  const answer = await ann.api('/api/sync', {
    body: { epoch: client.epoch, conversations: { [conversationId]: { seq: 1, change: 0 } } },
  });
  assert.deepEqual(
    answer.body.pointers[conversationId].sort((a, b) => (a.userId < b.userId ? -1 : 1)),
    [ann, bob].map(({ id }) => ({ userId: id, receivedSeq: 1, readSeq: 1 }))
      .sort((a, b) => (a.userId < b.userId ? -1 : 1)));
  assert.deepEqual(answer.body.messages, []);
});

/* ---- what is long ends by bytes, and what is left can be asked for ---- */

const MOST = 1024 * 1024 + 64 * 1024; // the one that passes the limit is in it
const LONG = '\u{1F98A}'.repeat(5000); // 20 kB

async function sendLong(from, to, count) {
  for (let i = 0; i < count; i += 1) await send(from, to, LONG);
}

function next(answer) {
  const [, target] = /^<([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '') ?? [];
  return target;
}

const seqs = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('pages of long messages end by bytes, and lead to all of them', async () => {
  const [ann, bob] = await Promise.all([newcomer(), newcomer()]);
  await sendLong(ann, bob, 120);
  const ask = async (target) => {
    const answer = await bob.api(target);
    assert.equal(answer.status, 200);
    assert.ok(answer.text.length > 0 && Buffer.byteLength(answer.text) < MOST, target);
    return answer;
  };
  const page = `/api/messages/conversation?with=${ann.id}&limit=100`;

  for (const [way, at] of [['before', (items) => items[0].seq], ['after', (items) => items.at(-1).seq]]) {
    const met = [];
    let answer = (await ask(way === 'before' ? page : `${page}&after=0`)).body;
    for (let i = 0; i < 20; i += 1) {
      met.push(...answer.items.map(({ seq }) => seq));
      if (!answer.more) break;
      answer = (await ask(`${page}&${way}=${at(answer.items)}`)).body;
    }
    assert.deepEqual(met.sort((a, b) => a - b), seqs(1, 120), way);
  }

  const met = [];
  let answer = await ask(`/api/messages/${ann.id}?limit=100`);
  assert.equal(answer.body.items[0].seq, 120);
  for (let i = 0; i < 20; i += 1) {
    met.push(...answer.body.items.map(({ seq }) => seq));
    if (!next(answer)) break;
    answer = await ask(next(answer));
  }
  // The last link of a page that ended by bytes leads into the pages by seq.
  while (answer.body.more) {
    answer = await ask(`${page}&before=${Math.min(...met)}`);
    met.push(...answer.body.items.map(({ seq }) => seq));
  }
  assert.deepEqual(met.sort((a, b) => a - b), seqs(1, 120));
});

test('a sync ends by bytes: the rest comes next, what never fits is loaded anew', async () => {
  const [ann, bob, cat] = await Promise.all([newcomer(), newcomer(), newcomer()]);
  const ids = {};
  for (const from of [ann, bob]) ids[from.id] = (await send(from, cat, 'first')).conversationId;
  const client = new Client(cat);
  await client.sync();
  await sendLong(ann, cat, 40);
  await sendLong(bob, cat, 40);
  const ask = async (points) => {
    const answer = await cat.api('/api/sync', { body: { epoch: client.epoch, conversations: points } });
    assert.ok(Buffer.byteLength(answer.text) < MOST);
    return answer.body;
  };
  const points = { [ids[ann.id]]: { seq: 1, change: 0 }, [ids[bob.id]]: { seq: 1, change: 0 } };
  const first = await ask(points);
  assert.equal(first.messages.length, 40);
  assert.equal(first.more, true);
  points[first.messages[0].conversationId] = { seq: 41, change: 0 };
  const second = await ask(points);
  assert.equal(second.messages.length, 40);
  assert.equal(second.more, false);

  await sendLong(ann, cat, 20);
  const third = await ask({ ...points, [ids[ann.id]]: { seq: 1, change: 0 } });
  assert.deepEqual([third.messages, third.reset], [[], [ids[ann.id]]]);
});

test('lists of conversations end by limit and by bytes, and say where the rest is', async () => {
  const me = await newcomer();
  const others = await Promise.all(Array.from({ length: 60 }, newcomer));
  for (const other of others) await send(other, me, LONG);
  const newest = others.map(({ id }) => id).reverse();

  const met = [];
  let answer = await me.api('/api/conversations');
  assert.ok(answer.body.length > 30 && answer.body.length < 60);
  for (let i = 0; i < 20; i += 1) {
    assert.ok(Buffer.byteLength(answer.text) < MOST);
    met.push(...answer.body.map(({ otherUser }) => otherUser._id));
    if (!next(answer)) break;
    answer = await me.api(next(answer));
  }
  assert.deepEqual(met, newest);

  answer = await me.api('/api/messages/conversations?limit=2');
  assert.equal(answer.body.length, 2);
  assert.match(next(answer), /^\/api\/messages\/conversations\?/);
  answer = await me.api(next(answer));
  assert.deepEqual(answer.body.map(({ otherUser }) => otherUser._id), newest.slice(2, 4));
  assert.equal((await me.api('/api/conversations?limit=0')).status, 400);
  assert.equal((await me.api('/api/conversations?before=x')).status, 400);

  const client = new Client(me);
  const body = (await me.api('/api/sync', { body: { conversations: {} } })).body;
  assert.equal(body.more, true);
  assert.ok(body.new.length < 60);
  await client.sync();
  assert.equal(client.conversations.size, 60);
});

test('a search says that there are more', async () => {
  const me = await newcomer();
  await Promise.all(Array.from({ length: 22 }, (_, i) => stack.register(`zo\u00eb & ${'x'.repeat(i + 1)}`.replaceAll(' ', '_'))));
  const answer = await me.api(`/api/users/search?q=${encodeURIComponent('zo\u00eb_&')}`);
  assert.equal(answer.body.length, 20);
  const rest = await me.api(next(answer));
  assert.equal(rest.body.length, 2);
  assert.equal(next(await me.api('/api/users/search?q=zo%C3%AB_%26_xxxxxxxxxxxxxxxxxxxxx')), undefined);
});
