/*
 * chat-pointers - who has received and read how far, which says what is
 * unread and which ticks a message has. Pointers only grow.
 */

export function movePointer(conversation, userId, receivedSeq, readSeq, me) {
  const read = readSeq ?? 0;
  const received = Math.max(receivedSeq ?? 0, read);
  if (userId === me) {
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

/* sent, received or read, from the pointers of everybody else who was there. */
export function statusOf(conversation, message) {
  if (message.unseen) return 'sent'; // whom it is for had blocked its sender
  const later = new Set(
    conversation.members?.filter((m) => m.joinedSeq > message.seq).map((m) => m.userId),
  );
  const others = Object.entries(conversation.pointers)
    .filter(([userId]) => !later.has(userId))
    .map(([, pointer]) => pointer);
  const all = (field) =>
    others.length > 0 && others.every((p) => p[field] >= message.seq);
  if (message.status === 'read' || all('readSeq')) return 'read';
  if (message.status === 'received' || all('receivedSeq')) return 'received';
  return 'sent';
}
