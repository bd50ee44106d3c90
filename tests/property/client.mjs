// A client over the real wire: REST, long-polling or WebSocket, and a model of
// what it was told. It opens the socket first, queues events, then syncs.
import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { watchSocket } from '../support/description.mjs';
import { freshState, Model } from './model.mjs';

const TRANSPORTS = {
  websocket: ['websocket'],
  polling: ['polling'],
  upgrade: ['polling', 'websocket'],
};
const TRIES = 60;

/* Whatever kills and reloads make of a request: it is asked again. */
export async function ask(person, target, options) {
  for (let tries = 1; ; tries += 1) {
    try {
      const answer = await person.api(target,
        { headers: { 'Accept-Encoding': 'identity' }, ...options });
      if (answer.status < 500 || tries === TRIES) return answer;
    } catch (error) {
      if (error.message !== 'fetch failed' || tries === TRIES) throw error;
    }
    await sleep(50);
  }
}

export async function askFor(person, target, options) {
  const answer = await ask(person, target, options);
  if (answer.status >= 300) {
    throw new Error(`${options?.method ?? ''} ${target}: ${answer.status} ${answer.text}`);
  }
  return answer.body;
}

async function history(person, id) {
  const items = [];
  for (let more = true; more;) {
    const before = items.length > 0 ? `&before=${items[0].seq}` : '';
    const page = await askFor(person,
      `/api/messages/conversation?conversationId=${id}&limit=100${before}`);
    items.unshift(...page.items);
    more = page.more;
  }
  return items;
}

/* Everything, as a client sees it that knows nothing and never syncs. */
export async function fetchFresh(person) {
  const conversations = await askFor(person, '/api/conversations');
  const itemsOf = new Map();
  for (const { _id } of conversations) itemsOf.set(_id, await history(person, _id));
  return freshState(conversations, itemsOf);
}

export const honest = { event: (name, data) => [[name, data]], answer: (body) => body };

export class Client {
  /* transport: 'rest' or one of TRANSPORTS; wire: what stands between the
   * server and the model, for faults. */
  constructor(stack, person, transport, { wire = honest, counts }) {
    Object.assign(this, { stack, person, transport, wire, counts });
    this.model = new Model(person.id);
    this.epoch = null;
    this.socket = null;
    this.queue = []; // null: events are applied as they come
    this.syncing = Promise.resolve();
    this.line = 0; // counts the times it was dropped
    this.failure = null;
  }

  get connected() {
    return this.socket?.connected === true;
  }

  /* Its line was cut, by itself or by others. */
  get away() {
    return this.transport !== 'rest' && !this.connected;
  }

  get complaints() {
    return [...this.model.complaints, ...(this.failure ? [this.failure] : [])];
  }

  /* ---- the socket ---- */

  open() {
    const heard = new Set();
    const socket = io(this.stack.url, {
      transports: TRANSPORTS[this.transport],
      forceNew: true,
      reconnection: false,
      timeout: 10000,
      auth: { token: this.person.token },
    });
    this.stack.sockets.add(socket);
    watchSocket(socket);
    socket.onAny((name, data) => {
      for (const [event, body] of this.wire.event(name, data)) {
        if (this.socket === socket) this.hear(heard, event, body);
      }
    });
    this.socket = socket;
    return new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
      // Nobody answers a CONNECT whose line is cut. A refusal closes first.
      socket.io.once('close', () => setImmediate(() => reject(new Error('closed'))));
    });
  }

  hear(heard, name, data) {
    if (data?.conversationId && (data.seq || data.change)) {
      const number = name === 'message:new' ? data.seq : data.change;
      const key = `${name === 'message:new'} ${data.conversationId} ${number}`;
      if (heard.has(key)) this.model.complaints.push(`${name} ${number} was heard twice`);
      heard.add(key);
    }
    if (name === 'session-expired') this.expired = true;
    else if (name === 'sync') this.syncSoon();
    else if (this.queue) this.queue.push([name, data]);
    else this.take(name, data);
  }

  take(name, data) {
    if (name === 'message:new') this.model.apply(data);
    else if (name === 'message:read' || name === 'message:received') this.model.move(data);
    else if (name === 'message:reaction') this.model.react(data);
    else if (name === 'message:updated' || name === 'message:deleted') {
      const { conversationId, change } = data;
      this.model.fold({ conversationId, change, message: data });
    }
  }

  drop() {
    this.stack.sockets.delete(this.socket);
    this.socket?.disconnect();
    this.socket = null;
    this.queue = [];
    this.line += 1;
  }

  /* ---- coming back ---- */

  async back() {
    if (this.transport !== 'rest') {
      for (let tries = 1; ; tries += 1) {
        this.drop();
        this.expired = false;
        try {
          await this.open();
          break;
        } catch (error) {
          if (tries === TRIES || error.data) throw error; // data: refused
          this.counts.refused += 1;
          await sleep(50);
        }
      }
    }
    await this.syncNext();
    this.counts.returns += 1;
  }

  /* One at a time: of two answers under way the older may come last. */
  syncNext() {
    const turn = this.syncing.then(() => this.sync());
    this.syncing = turn.catch(() => {});
    return turn;
  }

  /* The server said that events may be missing. */
  syncSoon() {
    this.counts.told += 1;
    this.syncNext().catch((error) => { this.failure = error.message; });
  }

  async sync() {
    const { line } = this;
    this.queue ??= [];
    for (let more = true; more;) {
      const body = this.wire.answer(await askFor(this.person, '/api/sync',
        { body: { epoch: this.epoch, conversations: this.model.point() } }));
      this.epoch = body.epoch;
      more = await this.absorb(body);
    }
    if (this.line !== line) return;
    const { queue } = this;
    this.queue = null;
    for (const [name, data] of queue ?? []) this.take(name, data);
  }

  /* True: there is more to ask for. */
  async absorb({ messages, changes, new: added, gone, pointers, reset, more }) {
    for (const message of messages) this.model.apply(message);
    for (const change of changes) this.model.fold(change);
    for (const [id, said] of Object.entries(pointers)) this.model.seat(id, said);
    for (const id of gone) this.model.forget(id);
    for (const view of added) await this.load(view);
    for (const id of reset) await this.reset(id);
    return more || reset.length > 0;
  }

  async load({ _id, members, lastChange }) {
    this.model.load(_id, {
      messages: await history(this.person, _id),
      pointers: members,
      lastChange,
    });
  }

  /* The next sync does not name it, and so answers it as new. */
  async reset(id) {
    const { seq, change } = this.model.conversations.get(id);
    const now = (await askFor(this.person, '/api/conversations'))
      .find(({ _id }) => _id === id);
    const missed = Math.max(now.lastSeq - seq, now.lastChange - change);
    if (missed <= 200) this.model.complaints.push(`reset for a gap of ${missed}`);
    this.counts.resets += 1;
    this.model.forget(id);
  }

  /* An event and its acknowledgement; `unavailable` is asked again. null: the
   * socket went, and nobody knows. */
  async call(name, data) {
    const { socket } = this;
    for (let tries = 1; socket?.connected; tries += 1) {
      const answer = await socket.timeout(10000).emitWithAck(name, data).catch((error) => {
        if (socket.connected) throw error;
      });
      if (!answer) return null;
      if (answer.ok || !['unavailable', 'outcome_unknown'].includes(answer.error.code) || tries === TRIES) return answer;
      await sleep(50);
    }
    return null;
  }
}
