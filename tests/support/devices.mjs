// Devices of people: the client of the replaced MEVN chat, or the page of html/
// without its views, and what the server told each.
import assert from 'node:assert/strict';
import { statusOf } from '../../html/src/lib/chat-pointers.js';
import { hasHoles } from '../../html/src/lib/chat-sync.js';
import { MevnClient, readMessage } from '../legacy/mevn-client.mjs';
import { Page } from './page.mjs';
import { settles } from './settles.mjs';
import { call } from './socket.mjs';

/* account: {token, user}; expected(): ids of the messages that its person is to
 * hear of, in order. */
class Device {
  constructor(url, account, expected) {
    Object.assign(this, { url, account, expected });
  }

  hear(socket) {
    this.socket = socket;
    this.heard = [];
    this.typing = new Set();
    this.since = this.expected().length;
    socket.on('message:new', ({ _id }) => this.heard.push(_id));
    socket.on('typing', ({ from }) => this.typing.add(from));
    socket.on('typing-stopped', ({ from }) => this.typing.delete(from));
  }

  call(event, data) {
    return call(this.socket, event, data);
  }

  /* Each message once, and who typed has stopped. */
  assertHeard() {
    assert.deepEqual(this.heard.toSorted(), this.expected().slice(this.since).toSorted());
  }

  assertQuiet() {
    assert.deepEqual([...this.typing], [], 'who types');
  }
}

class HeardClient extends MevnClient {
  constructor(device, more) {
    super(device.url, new Map([['auth', JSON.stringify(device.account)]]));
    Object.assign(this, { device, ...more });
  }

  listen(socket) {
    this.device.hear(socket);
    this.greeted = new Promise((resolve) => { socket.once('presence', resolve); });
    super.listen(socket);
  }
}

const of = (status, people) => Object.fromEntries(people.map((id) => [id, status.get(id)]));

export class OldDevice extends Device {
  /* As its page does when it is opened; what it shows stays open. */
  async arrive() {
    this.client = new HeardClient(this);
    await this.client.connect();
    await this.client.greeted;
    this.flooded = false; // more came and went at once than such a client is told
    this.socket.on('presence', () => { this.flooded = true; });
    this.exact = true; // nothing was read without it
    this.list = await this.client.conversations();
    await this.client.users();
  }

  async show(id) {
    await settles(() => this.assertHeard());
    await this.client.show(id);
  }

  keep(message) {
    this.client.keep(readMessage(message));
  }

  /* [whose, the newest message], the newest first. */
  held() {
    const last = new Map(this.list.map(({ otherUser, lastMessage }) => [otherUser._id, lastMessage._id]));
    for (const [id, thread] of this.client.threads) {
      for (const one of thread.keys()) if (one > (last.get(id) ?? '')) last.set(id, one);
    }
    return [...last].sort(([, a], [, b]) => (a < b ? 1 : -1));
  }

  /* Its list and people, read anew, are what it holds. That they read on another
   * device such a client is not told. */
  async assertList(people) {
    const fresh = new HeardClient(this);
    const list = await fresh.conversations();
    await fresh.users();
    if (!this.flooded) assert.deepEqual(of(this.client.status, people), of(fresh.status, people));
    assert.deepEqual(this.held(), list.map(({ otherUser, lastMessage }) => [otherUser._id, lastMessage._id]));
    for (const { otherUser: { _id }, unread } of list) {
      const held = this.client.unread.get(_id) ?? 0;
      assert.ok(this.exact ? held === unread : held >= unread, `${held} unread are ${unread}`);
    }
  }

  /* items: the messages of a thread, read anew; isChanged(id): by others such a
   * client is not told. Of marks it is told the newest that was read alone. */
  assertThread(other, items, isChanged, withTicks) {
    const fresh = items.map((item) => readMessage(item));
    const held = this.client.threads.get(other) ?? new Map();
    const own = fresh.filter(({ _id, sender }) => held.has(_id) && sender === this.client.id);
    for (const { status, ...message } of fresh.filter(({ _id }) => held.has(_id) && !isChanged(_id))) {
      assert.deepEqual({ ...held.get(message._id), status }, { ...message, status });
    }
    const ranks = ['sent', 'received', 'read'];
    for (const { _id, status } of own) assert.ok(ranks.indexOf(held.get(_id).status) <= ranks.indexOf(status));
    const newest = own.findLast(({ status }) => status === 'read');
    if (newest && withTicks) assert.equal(held.get(newest._id).status, 'read');
  }
}

const ticksOf = (conversation, from) => conversation.items
  .filter(({ seq, sender }) => seq >= from && sender !== conversation.otherUserId)
  .map((item) => statusOf(conversation, item));

export class NewDevice extends Device {
  constructor(url, account, expected, person) {
    super(url, account, expected);
    this.page = new Page(person);
  }

  async arrive() {
    await this.page.listen();
    this.hear(this.page.socket);
  }

  /* What it heard is what a fresh one reads, where it misses nothing. Where a block
   * was, ticks may come later: hasTicks(other). */
  async assertPage(fresh, hasTicks) {
    const { state } = this.page;
    if (hasHoles(state)) await this.page.sync();
    assert.deepEqual(Object.keys(state.conversations).sort(), Object.keys(fresh.state.conversations).sort());
    for (const [id, { items }] of Object.entries(fresh.state.conversations)) {
      const held = state.conversations[id];
      const from = Math.max(items[0]?.seq ?? 0, held.items[0]?.seq ?? held.seq + 1);
      assert.deepEqual(this.page.shown(id, from), fresh.shown(id, from));
      if (hasTicks(held.otherUserId)) assert.deepEqual(ticksOf(held, from), ticksOf(fresh.state.conversations[id], from));
    }
  }
}
