// Pages of who writes to the server and in the lobby, and of operators, as
// page.mjs has them.
import assert from 'node:assert/strict';
import * as pointers from '../../html/src/lib/chat-pointers.js';
import * as states from '../../html/src/lib/chat-state.js';
import * as syncs from '../../html/src/lib/chat-sync.js';
import { Page } from './page.mjs';
import { call } from './socket.mjs';

const SERVER = '000000000000000000000001';
const LOBBY = '000000000000000000000002';

const faceOf = ({ username, displayName, avatar, statusText } = {}) => ({ username, displayName, avatar, statusText });

/* Of what is one's own it is said how far it has come; to operators of what any of
 * them wrote. What was seen before somebody hid it is seen still. */
export const hiding = new Set();
const ticksOf = (conversation, message, me) => {
  if (hiding.has(me) || hiding.has(conversation.otherUserId)) return null;
  const own = conversation.self ? message.sender !== conversation.otherUserId : message.sender === me;
  return own ? pointers.statusOf(conversation, message) : null;
};

export class Visitor extends Page {
  told = []; // broadcasts, and which it was to be told
  wanted = [];
  known = new Map(); // people, as they show themselves

  async describe(id) {
    const { status, body } = await this.person.api(`/api/conversations/${id}`);
    if (status === 200) states.applyConversation(this.state, body);
  }

  async open(id) {
    const page = await this.history(id);
    if (page) syncs.applyLatestPage(this.state, page);
  }

  /* All that no event says. */
  async load() {
    if (!this.state.conversations[LOBBY]) await this.describe(LOBBY);
    await this.open(LOBBY);
    await this.meet(SERVER);
  }

  async meet(id, again = false) {
    const { status, body } = await this.person.api(`/api/users/${id}`);
    if (status === 200 && (!again || this.known.has(id))) this.known.set(id, body);
  }

  async listen(options) {
    await super.listen(options);
    this.socket.on('system_message', ({ message }) => this.told.push(message));
    this.socket.on('user-status', ({ userId }) => this.known.has(userId) && this.meet(userId, true));
    await this.load();
    return this;
  }

  get here() {
    return this.socket.connected;
  }

  /* It goes, or comes back to all that happened meanwhile. */
  async blink() {
    if (this.here) {
      this.socket.disconnect();
      return;
    }
    await new Promise((resolve, reject) => {
      this.socket.once('connect', resolve).once('connect_error', reject).connect();
    });
    await this.sync();
    await this.load();
  }

  shown(id, from) {
    const conversation = this.state.conversations[id];
    const shown = super.shown(id, from);
    if (conversation.kind === 'lobby') delete shown.unread; // since it was looked at
    if (conversation.kind !== 'support') return shown;
    const items = conversation.items.filter((message) => message.seq >= from && !states.isHidden(message));
    return { ...shown, items: shown.items.map((item, i) => ({ ...item, ticks: ticksOf(conversation, items[i], this.person.id) })) };
  }

  get faces() {
    return { [SERVER]: faceOf(this.known.get(SERVER)) };
  }
}

export class Desk extends Visitor {
  clients = new Map(); // who is here

  async history(id) {
    const { self, otherUserId } = this.state.conversations[id] ?? {};
    return self ? (await this.person.api(`/api/operator/clients/${otherUserId}/messages?limit=100`)).body : super.history(id);
  }

  async load() {
    await super.load();
    await this.list();
    if (this.socket?.connected) await this.listHere();
  }

  /* Everybody who wrote. */
  async list() {
    for (let before = '', more = true; more;) {
      const { status, body } = await this.person.api(`/api/operator/clients?limit=100${before}`);
      assert.equal(status, 200);
      for (const { client, conversation } of body.items) {
        const { otherUserId } = states.applyConversation(this.state, conversation);
        if (client) this.known.set(otherUserId, client);
        else this.known.delete(otherUserId);
      }
      more = body.more;
      before = `&before=${body.items.at(-1)?.conversation._id}`;
    }
  }

  /* Each time that somebody comes or goes. */
  listHere() {
    this.listing = (this.listing ?? Promise.resolve()).then(async () => {
      if (!this.here) return;
      const { clients, more } = await call(this.socket, 'list-clients', { after: '' }).catch((error) => {
        if (this.here) throw error;
        return { clients: [], more: false }; // it went meanwhile
      });
      assert.equal(more, false);
      this.clients = new Map(clients.map((client) => [client.id, client]));
    });
    return this.listing;
  }

  async listen(options) {
    await super.listen(options);
    this.socket.on('clients_update', () => this.listHere());
    this.socket.on('message:new', ({ conversationId: id }) => this.state.conversations[id].provisional && this.describe(id));
    this.socket.on('conversation:new', ({ _id }) => this.meet(this.state.conversations[_id].otherUserId));
    this.socket.on('conversation:erased', ({ userId }) => this.known.delete(userId));
    return this;
  }

  /* Whoever wrote, as the list names them. */
  get faces() {
    const supports = Object.values(this.state.conversations).filter(({ kind }) => kind === 'support');
    const rows = supports.map(({ otherUserId: id, title, self }) => [id, { title, self, ...faceOf(this.known.get(id)) }]);
    return { ...super.faces, ...Object.fromEntries(rows) };
  }

  get present() {
    return [...this.clients.values()].map(({ id, username, avatar, status, ip, guest }) => ({ id, username, avatar, status, ip, guest }));
  }
}
