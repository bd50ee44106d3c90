// What a client knows, told by messages, changes and pointers alone. Written
// from DESIGN's words and apart from html/, so that both can be wrong only in
// different ways. Pure: no wire, no clock.

const POINTERS = ['receivedSeq', 'readSeq'];

function compare(a, b) {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/* With the reactions that were heard of alone. What is the same for all who hear
 * it does not say whose they are: of so few people each is named. */
function seenBy(me, message, reacted) {
  const newest = !message.deleted && reacted?.change > message.change ? reacted : message;
  const reactions = newest.reactions.map(({ emoji, count, users }) => ({ emoji, count, mine: users.includes(me), users }));
  return { ...message, change: newest.change, reactions };
}

class Conversation {
  constructor() {
    this.messages = new Map(); // seq -> message, its newest change
    this.members = new Map(); // user id -> {receivedSeq, readSeq}
    this.seq = 0; // every message up to it is here
    this.change = 0; // every change up to it is folded in
    this.ahead = new Set(); // changes above it that are folded in, too
    this.reacted = new Map(); // seq -> the newest reaction that was heard of
  }

  put(message) {
    const known = this.messages.get(message.seq);
    if (!known || known.change <= message.change) this.messages.set(message.seq, message);
    while (this.messages.has(this.seq + 1)) this.seq += 1;
  }

  count(change) {
    if (change > this.change) this.ahead.add(change);
    while (this.ahead.delete(this.change + 1)) this.change += 1;
  }

  member(userId) {
    if (!this.members.has(userId)) this.members.set(userId, { receivedSeq: 0, readSeq: 0 });
    return this.members.get(userId);
  }

  /* As DESIGN derives it: the others' pointers, the least of them. */
  status({ sender, seq }) {
    const others = [...this.members].filter(([userId]) => userId !== sender)
      .map(([, pointer]) => pointer);
    if (others.length === 0) return 'sent';
    if (others.every(({ readSeq }) => readSeq >= seq)) return 'read';
    return others.every(({ receivedSeq }) => receivedSeq >= seq) ? 'received' : 'sent';
  }

  state(me) {
    const last = Math.max(0, ...this.messages.keys());
    return {
      seq: this.seq,
      change: this.change,
      unread: last - (this.members.get(me)?.readSeq ?? 0),
      pointers: [...this.members].map(([userId, pointer]) => ({ userId, ...pointer }))
        .sort((a, b) => compare(a.userId, b.userId)),
      messages: [...this.messages.values()].sort((a, b) => a.seq - b.seq)
        .map((message) => ({ ...seenBy(me, message, this.reacted.get(message.seq)), status: this.status(message) })),
    };
  }
}

export class Model {
  constructor(me) {
    this.me = me;
    this.conversations = new Map();
    this.complaints = []; // what no server may ever say
  }

  conversation(id) {
    if (!this.conversations.has(id)) this.conversations.set(id, new Conversation());
    return this.conversations.get(id);
  }

  /* Who writes has read all before it. */
  apply(message) {
    const conversation = this.conversation(message.conversationId);
    conversation.put(message);
    if (message.recipient) conversation.member(message.recipient);
    this.move({
      conversationId: message.conversationId,
      userId: message.sender,
      readSeq: message.seq,
    });
  }

  fold({ conversationId, change, message }) {
    const conversation = this.conversation(conversationId);
    conversation.put(message);
    conversation.count(change);
  }

  react({ conversationId, seq, change, reactions }) {
    const conversation = this.conversation(conversationId);
    const known = conversation.reacted.get(seq);
    if (!(known?.change > change)) conversation.reacted.set(seq, { change, reactions });
    conversation.count(change);
  }

  /* Pointers only grow; what is read was received. */
  move({ conversationId, userId, receivedSeq = 0, readSeq = 0 }) {
    const pointer = this.conversation(conversationId).member(userId);
    pointer.readSeq = Math.max(pointer.readSeq, readSeq);
    pointer.receivedSeq = Math.max(pointer.receivedSeq, receivedSeq, readSeq);
  }

  /* Everyone's pointers, said by a sync: who is not named is no member. */
  seat(conversationId, pointers) {
    const conversation = this.conversation(conversationId);
    for (const { userId, ...said } of pointers) {
      const known = conversation.members.get(userId);
      for (const name of POINTERS) {
        if (known?.[name] > said[name]) {
          this.complaints.push(`${name} of ${userId} fell from ${known[name]} to ${said[name]}`);
        }
      }
    }
    conversation.members = new Map(pointers.map(({ userId, receivedSeq, readSeq }) =>
      [userId, { receivedSeq, readSeq }]));
  }

  /* Pages that were read after the conversation had that many changes. */
  load(conversationId, { messages, pointers, lastChange }) {
    const conversation = this.conversation(conversationId);
    for (const message of messages) conversation.put(message);
    conversation.change = Math.max(conversation.change, lastChange);
    for (const change of conversation.ahead) {
      if (change <= conversation.change) conversation.ahead.delete(change);
    }
    conversation.count(0);
    this.seat(conversationId, pointers);
  }

  forget(conversationId) {
    this.conversations.delete(conversationId);
  }

  point() {
    return Object.fromEntries([...this.conversations].map(
      ([id, { seq, change }]) => [id, { seq, change }]));
  }

  state() {
    return Object.fromEntries([...this.conversations].sort(([a], [b]) => compare(a, b))
      .map(([id, conversation]) => [id, conversation.state(this.me)]));
  }
}

/* The same, out of what a first visit is shown: the list of conversations and
 * the pages of each, oldest first. */
export function freshState(conversations, itemsOf) {
  return Object.fromEntries([...conversations].sort((a, b) => compare(a._id, b._id))
    .map((view) => [view._id, {
      seq: view.lastSeq,
      change: view.lastChange,
      unread: view.unread,
      pointers: view.members.map(({ userId, receivedSeq, readSeq }) => ({ userId, receivedSeq, readSeq }))
        .sort((a, b) => compare(a.userId, b.userId)),
      messages: itemsOf.get(view._id),
    }]));
}
