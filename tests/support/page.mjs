// A page of html/ without its views: what it holds, what it hears, and how it
// comes to what the server has.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as pointers from '../../html/src/lib/chat-pointers.js';
import * as states from '../../html/src/lib/chat-state.js';
import * as syncs from '../../html/src/lib/chat-sync.js';

export class Page {
  static LASTING = { reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 300 };

  constructor(person) {
    this.person = person;
    this.state = states.createState(person.id);
  }

  async history(id) {
    const answer = await this.person.api(`/api/messages/conversation?conversationId=${id}&limit=100`);
    return answer.status === 200 ? answer.body : null;
  }

  async sync() {
    for (let calls = 0, again = true; again; calls += 1) {
      assert.ok(calls < 30, 'sync does not end');
      const { status, body } = await this.person.api('/api/sync', { body: syncs.syncRequest(this.state) });
      assert.equal(status, 200);
      const done = syncs.applySync(this.state, body);
      for (const id of done.reset) {
        const page = await this.history(id);
        if (page) syncs.resetConversation(this.state, page);
      }
      for (const { _id } of body.new) {
        const page = await this.history(_id);
        if (page) syncs.applyLatestPage(this.state, page);
      }
      again = done.again;
    }
    for (const { _id } of syncs.datedGroups(this.state)) {
      const { status, body } = await this.person.api(`/api/conversations/${_id}`);
      if (status === 200) states.applyConversation(this.state, body);
    }
  }

  /* What the server says as it happens. */
  async listen(options) {
    const { state } = this;
    const handlers = {
      'message:new': (message) => states.applyMessage(state, message),
      'message:updated': (message) => states.applyChange(state, message),
      'message:deleted': (message) => states.applyChange(state, message),
      'message:reaction': (reaction) => states.applyReaction(state, reaction),
      'message:read': (pointer) => pointers.applyPointer(state, pointer),
      'message:received': (pointer) => pointers.applyPointer(state, pointer),
      'conversation:updated': (conversation) => states.applyConversation(state, conversation),
      'conversation:new': (conversation) => states.applyConversation(state, conversation),
      'conversation:gone': ({ conversationId }) => delete state.conversations[conversationId],
      'conversation:own': (own) => states.applyOwn(state, own),
      'conversation:erased': (erase) => states.applyErase(state, erase),
    };
    this.socket = await this.person.connect(options);
    for (const [name, handle] of Object.entries(handlers)) this.socket.on(name, handle);
    await this.sync();
    return this;
  }

  /* The same, and it comes back by itself: another sync where there may be
   * something to fetch, until one is answered. */
  async stay() {
    await this.listen(Page.LASTING);
    this.socket.on('connect_error', () => {
      if (!this.socket.active) setTimeout(() => this.socket.connect(), 100).unref(); // refused for now
    });
    for (const event of ['connect', 'sync']) this.socket.on(event, () => this.catchUp());
    return this;
  }

  catchUp() {
    this.syncing = (this.syncing ?? Promise.resolve()).then(async () => {
      while (!(await this.sync().then(() => true, () => false))) await sleep(100);
    });
    return this.syncing;
  }

  /* What it shows of a conversation, from that seq on. */
  shown(id, from) {
    const conversation = this.state.conversations[id];
    const { kind: of, title, avatar, otherUserId, members, lastMessage, mutedUntil, pinnedAt, archivedSeq, markedUnread, draft } = conversation;
    const status = (message) => (message.sender === this.person.id && pointers.readersOf(conversation, message)
      ? pointers.statusOf(conversation, message)
      : null);
    const items = conversation.items.filter((message) => message.seq >= from && !states.isHidden(message));
    return {
      of, title, avatar, otherUserId,
      members: Object.fromEntries(members.map(({ userId, role, joinedSeq }) => [userId, { role, joinedSeq }])),
      own: { mutedUntil, pinnedAt, archivedSeq, markedUnread, draft },
      unread: pointers.unreadOf(conversation),
      last: lastMessage?.seq ?? null,
      items: items.map((message) => {
        const { seq: n, kind, sender, senderName, content, deleted, mentions, attachment, reactions, clientId, replyTo } = message;
        const edited = message.edited && !deleted; // of what is deleted it says nothing
        return { n, kind, sender, senderName, content, deleted, edited, mentions, attachment, reactions, clientId, replyTo, status: status(message) };
      }),
    };
  }
}
