// POST /api/sync: everything, or which conversation to load anew.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startStack } from '../support/stack.mjs';

let stack;
let people = 0;

before(async () => { stack = await startStack(); });
after(() => stack.stop());

function newcomer() {
  people += 1;
  return stack.register(`sync${people}`);
}

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
