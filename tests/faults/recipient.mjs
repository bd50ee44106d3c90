// Someone who only listens. One with `rest` fetches what they missed whenever
// their socket comes back or is told to; one without never makes a REST call.
import { setTimeout as sleep } from 'node:timers/promises';
import { lastingSocket } from '../support/socket.mjs';

const PAGE = 100;

export class Recipient {
  constructor(url, person, { rest }) {
    Object.assign(this, { person, rest });
    this.conversations = new Map(); // id -> Map of seq -> message
    this.live = new Map(); // message id -> times heard on one connection
    this.twice = [];
    this.disconnects = 0;
    this.syncs = 0;
    this.refused = [];
    this.closing = false;
    this.socket = lastingSocket(url, person.token, (code) => this.refused.push(code));
    this.listen();
  }

  get connected() {
    return this.socket.connected;
  }

  listen() {
    this.socket.on('connect', () => {
      this.live.clear();
      this.catchUp();
    });
    this.socket.on('disconnect', () => { this.disconnects += 1; });
    this.socket.on('sync', () => {
      this.syncs += 1;
      this.catchUp();
    });
    this.socket.on('message:new', (message) => {
      const times = (this.live.get(message._id) ?? 0) + 1;
      this.live.set(message._id, times);
      if (times > 1) this.twice.push(message._id);
      this.keep(message);
    });
  }

  keep(message) {
    const { conversationId, seq } = message;
    if (!this.conversations.has(conversationId)) {
      this.conversations.set(conversationId, new Map());
    }
    this.conversations.get(conversationId).set(seq, message);
  }

  has(message) {
    const kept = this.conversations.get(message.conversationId)?.get(message.seq);
    return kept?._id === message._id && kept.content === message.content;
  }

  /* {seq, change} of a conversation: everything up to there is known. */
  point(messages) {
    let seq = 0;
    while (messages.has(seq + 1)) seq += 1;
    return { seq, change: 0 };
  }

  /* One at a time; a wish that comes meanwhile is granted afterwards. */
  async catchUp() {
    if (!this.rest) return;
    this.wanted = true;
    if (this.busy) return;
    this.busy = true;
    while (this.wanted && !this.closing) {
      this.wanted = false;
      try {
        this.wanted = await this.syncOnce() || this.wanted;
      } catch {
        this.wanted = true;
        await sleep(150);
      }
    }
    this.busy = false;
  }

  /* True: there is more. */
  async syncOnce() {
    const conversations = Object.fromEntries([...this.conversations]
      .map(([id, messages]) => [id, this.point(messages)]));
    const { status, body } = await this.person.api('/api/sync',
      { body: { epoch: this.epoch, conversations } });
    if (status !== 200) throw new Error(`sync: ${status}`);
    this.epoch = body.epoch;
    body.messages.forEach((message) => this.keep(message));
    for (const id of [...body.reset, ...body.new.map(({ _id }) => _id)]) await this.reload(id);
    return body.more === true;
  }

  async reload(id) {
    for (const message of await history(this.person, id)) this.keep(message);
  }

  leave() {
    this.closing = true;
    this.socket.disconnect();
  }
}

/* A body, however many workers die over it. */
export async function fetchWhole(person, target) {
  for (let tries = 100; ; tries -= 1) {
    const answer = await person.api(target).catch(() => ({}));
    if (answer.status === 200) return answer.body;
    if (tries === 0 || (answer.status !== undefined && answer.status !== 503)) {
      throw new Error(`${target}: ${answer.status}`);
    }
    await sleep(50);
  }
}

/* Every message of a conversation, by a fresh fetch. */
export async function history(person, conversationId) {
  const all = [];
  for (;;) {
    const { items, more } = await fetchWhole(person,
      `/api/messages/conversation?conversationId=${conversationId}&after=${
        all.at(-1)?.seq ?? 0}&limit=${PAGE}`);
    all.push(...items);
    if (!more || items.length === 0) return all;
  }
}
