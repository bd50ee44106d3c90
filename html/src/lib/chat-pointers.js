/*
 * chat-pointers - who has received and read how far, which says what is
 * unread and which ticks a message has. Pointers only grow.
 */

export function movePointer(conversation, userId, receivedSeq, readSeq, me) {
  const read = readSeq ?? 0;
  const received = Math.max(receivedSeq ?? 0, read);
  if (userId === (conversation.self ?? me)) {
    conversation.readSeq = Math.max(conversation.readSeq, read);
    conversation.readAck = Math.max(conversation.readAck, read);
    conversation.receivedSeq = Math.max(conversation.receivedSeq, received);
    conversation.receivedAck = Math.max(conversation.receivedAck, received);
    return;
  }
  const old = conversation.pointers[userId];
  conversation.pointers[userId] = {
    readSeq: Math.max(old?.readSeq ?? 0, read),
    receivedSeq: Math.max(old?.receivedSeq ?? 0, received),
  };
}

export function applyPointers(me, conversation, pointers) {
  for (const p of pointers) {
    movePointer(conversation, p.userId, p.receivedSeq, p.readSeq, me);
  }
}

/* Of who is a member no more nothing is waited for. */
export function keepPointers({ kind, members, pointers }) {
  if (kind === 'direct' || !members) return;
  const here = new Set(members.map(({ userId }) => userId));
  for (const id of Object.keys(pointers)) if (!here.has(id)) delete pointers[id];
}

/* message:read, message:received: {conversationId, userId, readSeq | receivedSeq} */
export function applyPointer(state, pointer) {
  const conversation = state.conversations[pointer.conversationId];
  if (!conversation) return null;
  applyPointers(state.me, conversation, [pointer]);
  return conversation;
}

/* What this page itself has seen; the server hears of it by the receipts. */
export function markRead(conversation, seq) {
  conversation.readSeq = Math.max(conversation.readSeq, seq);
  conversation.receivedSeq = Math.max(conversation.receivedSeq, seq);
}

/*
 * Pointer moves that the server has not confirmed yet:
 * [{conversationId, event, seq}], reading first since it implies receiving.
 */
export function pendingReceipts(state) {
  const receipts = [];
  for (const c of Object.values(state.conversations)) {
    if (c.kind === 'lobby') continue; // where nobody has any
    if (c.readSeq > c.readAck) {
      receipts.push(receipt(c, 'message-read', c.readSeq));
    } else if (c.seq > c.receivedAck) {
      receipts.push(receipt(c, 'message-received', c.seq));
    }
  }
  return receipts;
}

function receipt(conversation, event, seq) {
  return { conversationId: conversation._id, event, seq };
}

export function confirmReceipt(state, { conversationId, event, seq }) {
  const c = state.conversations[conversationId];
  if (!c) return;
  c.receivedAck = Math.max(c.receivedAck, seq);
  c.receivedSeq = Math.max(c.receivedSeq, seq);
  if (event === 'message-read') c.readAck = Math.max(c.readAck, seq);
}

export function unreadOf(conversation) {
  const { lastSeq, readSeq, hidden } = conversation;
  return Math.max(0, lastSeq - readSeq - hidden.filter((seq) => seq > readSeq).length);
}

/*
 * How far all others have come, in three numbers: the first message that
 * anybody else was there for, and the first that one of those who were there
 * has not received, or read. Who came later has no say in what was before.
 */
export function reachOf({ members, pointers }) {
  const joined = new Map(members?.map(({ userId, joinedSeq }) => [userId, joinedSeq]));
  const reach = { from: Infinity, received: Infinity, read: Infinity };
  for (const [userId, { receivedSeq, readSeq }] of Object.entries(pointers)) {
    const from = joined.get(userId) ?? 0;
    reach.from = Math.min(reach.from, from);
    reach.received = Math.min(reach.received, Math.max(from, receivedSeq + 1));
    reach.read = Math.min(reach.read, Math.max(from, readSeq + 1));
  }
  return reach;
}

/*
 * Whom a message to a group was for, by how far it has come with them: {read,
 * received, sent}, ids of users. Null where nobody was, or there are so many
 * that nobody tells.
 */
export function readersOf({ kind, members, pointers }, { seq, sender }) {
  if (kind !== 'group' || !members) return null;
  const readers = { read: [], received: [], sent: [] };
  for (const { userId, joinedSeq } of members) {
    if (userId === sender || joinedSeq > seq) continue;
    const { readSeq = 0, receivedSeq = 0 } = pointers[userId] ?? {};
    const come = readSeq >= seq ? 'read' : receivedSeq >= seq ? 'received' : 'sent';
    readers[come].push(userId);
  }
  return Object.values(readers).some((ids) => ids.length) ? readers : null;
}

/* sent, received or read. Who asks for many messages finds the reach once. */
export function statusOf(conversation, message, reach = reachOf(conversation)) {
  if (message.unseen) return 'sent'; // whom it is for had blocked its sender
  const { seq, status } = message;
  const before = (lacking) => reach.from <= seq && seq < lacking;
  if (status === 'read' || before(reach.read)) return 'read';
  if (status === 'received' || before(reach.received)) return 'received';
  return 'sent';
}
