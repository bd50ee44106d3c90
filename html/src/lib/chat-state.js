/*
 * chat-state - what the page knows of its conversations, as a plain object
 * and the functions that move it. No Vue, no network, no clock: the same
 * answers and events in any order and any number of times give one state.
 *
 * A conversation's `seq` is the highest number below which nothing is
 * missing; numbers seen above a hole wait in `ahead`. {seq, change} is what
 * POST /api/sync wants to know.
 */

export function createState(me) {
  return { me, epoch: null, conversations: {} };
}

/* ---- messages -------------------------------------------------------- */

/* Index of the first item whose seq is not below the wanted one. */
export function seqIndex(items, seq) {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle].seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

function findBySeq(items, seq) {
  const index = seqIndex(items, seq);
  return items[index]?.seq === seq ? index : -1;
}

function insert(conversation, message) {
  const index = seqIndex(conversation.items, message.seq);
  if (conversation.items[index]?.seq === message.seq) return;
  conversation.items.splice(index, 0, message);
}

function noteLast(conversation, message) {
  const last = conversation.lastMessage;
  if (!last || message.seq >= last.seq) conversation.lastMessage = message;
}

function advance(conversation, seq) {
  if (seq > conversation.seq + 1) {
    if (!conversation.ahead.includes(seq)) conversation.ahead.push(seq);
    return;
  }
  if (seq === conversation.seq + 1) conversation.seq = seq;
  closeHoles(conversation);
}

function closeHoles(conversation) {
  const ahead = conversation.ahead.filter((n) => n > conversation.seq);
  ahead.sort((a, b) => a - b);
  while (ahead.length && ahead[0] === conversation.seq + 1) {
    conversation.seq = ahead.shift();
  }
  conversation.ahead = ahead;
}

/*
 * A message that is new to us, by whatever way it came.
 * -> {conversation, isNew}; isNew is false when it was known already.
 */
export function applyMessage(state, message) {
  const conversation =
    state.conversations[message.conversationId] ??
    provisional(state, message);
  const known =
    message.seq <= conversation.seq ||
    conversation.ahead.includes(message.seq);
  if (known) return { conversation, isNew: false };
  insert(conversation, message);
  advance(conversation, message.seq);
  conversation.lastSeq = Math.max(conversation.lastSeq, message.seq);
  noteLast(conversation, message);
  if (message.sender === state.me) {
    /* sending moves the sender's own pointers on the server, too */
    movePointer(conversation, state.me, message.seq, message.seq, state.me);
  }
  return { conversation, isNew: true };
}

/* An edit or a deletion: the whole message as it is now. Deleted is final. */
export function applyChange(state, message, number = 0) {
  const conversation = state.conversations[message.conversationId];
  if (!conversation) return null;
  fold(conversation, message);
  conversation.change = Math.max(conversation.change, number);
  conversation.folds += 1;
  return conversation;
}

/* Whether theirs is the later state of the message that mine shows: `change`
 * counts the changes folded into it, and a deletion is the last. */
function supersedes(theirs, mine) {
  return !mine.deleted && (theirs.change ?? 0) >= (mine.change ?? 0);
}

function fold(conversation, message) {
  const index = findBySeq(conversation.items, message.seq);
  if (index !== -1 && supersedes(message, conversation.items[index])) {
    conversation.items.splice(index, 1, message);
  }
  const last = conversation.lastMessage;
  if (last?.seq === message.seq && supersedes(message, last)) {
    conversation.lastMessage = message;
  }
}

/* ---- conversations --------------------------------------------------- */

function emptyConversation(id) {
  return {
    _id: id,
    kind: 'direct',
    title: '',
    otherUserId: null,
    members: [],
    lastMessage: null,
    items: [],
    ahead: [],
    seq: 0,
    lastSeq: 0,
    change: 0,
    folds: 0,
    readSeq: 0,
    receivedSeq: 0,
    readAck: 0,
    receivedAck: 0,
    pointers: {},
    more: true,
    loaded: false,
    provisional: false,
  };
}

/*
 * A message of a conversation that nobody has described yet. It is shown at
 * once and left out of the sync request, whose `new` then describes it.
 */
function provisional(state, message) {
  const conversation = emptyConversation(message.conversationId);
  conversation.provisional = true;
  conversation.seq = message.seq - 1;
  if (message.seq === 1) wholeFrom(conversation, []);
  if (message.recipient) {
    conversation.otherUserId =
      message.sender === state.me ? message.recipient : message.sender;
  } else {
    conversation.kind = 'group';
  }
  state.conversations[conversation._id] = conversation;
  return state.conversations[conversation._id];
}

/* It begins here: there is no page to load. */
function wholeFrom(conversation, items) {
  conversation.items = items;
  conversation.loaded = true;
  conversation.more = false;
}

/* A conversation as the server describes it: known ones only grow. */
export function applyConversation(state, source) {
  const known = state.conversations[source._id];
  const conversation = known ?? emptyConversation(source._id);
  conversation.kind = source.kind ?? 'direct';
  conversation.title = source.title ?? '';
  conversation.members = source.members ?? [];
  conversation.otherUserId = source.otherUser?._id ?? conversation.otherUserId;
  conversation.lastSeq = Math.max(conversation.lastSeq, source.lastSeq ?? 0);
  if (!known || known.provisional) startAt(conversation, source);
  conversation.provisional = false;
  if (source.lastMessage) noteLast(conversation, source.lastMessage);
  const own = { readSeq: source.readSeq, receivedSeq: source.receivedSeq };
  applyPointers(state.me, conversation, [
    { userId: state.me, ...own },
    ...(source.pointers ?? []),
  ]);
  if (!known) state.conversations[source._id] = conversation;
  return state.conversations[source._id];
}

/*
 * From here on nothing is missed. Items must be without a hole up to `seq`,
 * so those that the description overtakes go and are paged to again.
 */
function startAt(conversation, source) {
  const lastSeq = source.lastSeq ?? 0;
  if (lastSeq > conversation.seq) {
    dropUpTo(conversation, lastSeq);
    conversation.loaded = false;
    conversation.seq = lastSeq;
    if (lastSeq === 1 && source.lastMessage) {
      wholeFrom(conversation, [source.lastMessage, ...conversation.items]);
    }
  }
  conversation.change = source.lastChange ?? 0;
  closeHoles(conversation);
}

/* ---- pointers -------------------------------------------------------- */

function movePointer(conversation, userId, receivedSeq, readSeq, me) {
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

function applyPointers(me, conversation, pointers) {
  for (const p of pointers) {
    movePointer(conversation, p.userId, p.receivedSeq, p.readSeq, me);
  }
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
  return Math.max(0, conversation.lastSeq - conversation.readSeq);
}

/* sent, received or read, from everybody else's pointers. */
export function statusOf(conversation, message) {
  const others = Object.values(conversation.pointers);
  const all = (field) =>
    others.length > 0 && others.every((p) => p[field] >= message.seq);
  if (message.status === 'read' || all('readSeq')) return 'read';
  if (message.status === 'received' || all('receivedSeq')) return 'received';
  return 'sent';
}

/* ---- pages of history ------------------------------------------------ */

/* The newest page. What is older than a gap is let go and can be paged to. */
export function applyLatestPage(state, page) {
  const conversation = state.conversations[page.conversationId];
  if (!conversation) return null;
  const first = page.items[0]?.seq ?? 0;
  if (first > conversation.seq + 1) dropUpTo(conversation, page.lastSeq);
  conversation.items = mergeItems(conversation.items, page.items);
  conversation.seq = Math.max(conversation.seq, page.lastSeq);
  conversation.lastSeq = Math.max(conversation.lastSeq, page.lastSeq);
  closeHoles(conversation);
  if (page.items.length) noteLast(conversation, page.items.at(-1));
  conversation.loaded = true;
  conversation.more = page.more;
  return conversation;
}

function dropUpTo(conversation, seq) {
  conversation.items = conversation.items.filter((m) => m.seq > seq);
}

export function applyOlderPage(state, page) {
  const conversation = state.conversations[page.conversationId];
  if (!conversation) return null;
  conversation.items = mergeItems(conversation.items, page.items);
  conversation.more = page.more;
  return conversation;
}

/* Two ascending lists into one; of a message in both, its later state. */
export function mergeItems(mine, theirs) {
  const merged = new Map();
  for (const message of mine) merged.set(message.seq, message);
  for (const message of theirs) {
    const known = merged.get(message.seq);
    if (!known || supersedes(message, known)) merged.set(message.seq, message);
  }
  return [...merged.values()].sort((a, b) => a.seq - b.seq);
}

/* ---- sync ------------------------------------------------------------ */

export function syncRequest(state) {
  const conversations = {};
  for (const c of Object.values(state.conversations)) {
    if (c.provisional) continue;
    conversations[c._id] = { seq: c.seq, change: c.change };
  }
  const request = { conversations };
  if (state.epoch) request.epoch = state.epoch;
  return request;
}

/*
 * The answer to a sync. -> {again, reset, arrived}: again when there is more
 * or the store's epoch is another (the state is empty now), reset the ids of
 * conversations whose newest page must be fetched, arrived the messages that
 * were new here.
 */
export function applySync(state, answer) {
  if (state.epoch && answer.epoch !== state.epoch) {
    state.conversations = {};
    state.epoch = answer.epoch;
    return { again: true, reset: [], arrived: [] };
  }
  state.epoch = answer.epoch;
  for (const conversation of answer.new ?? []) {
    applyConversation(state, conversation);
  }
  for (const id of answer.gone ?? []) delete state.conversations[id];
  const arrived = (answer.messages ?? []).filter(
    (message) => applyMessage(state, message).isNew,
  );
  for (const change of answer.changes ?? []) {
    applyChange(state, change.message, change.change);
  }
  for (const [id, pointers] of Object.entries(answer.pointers ?? {})) {
    const conversation = state.conversations[id];
    if (conversation) applyPointers(state.me, conversation, pointers);
  }
  const reset = answer.reset ?? [];
  for (const id of reset) distrust(state.conversations[id]);
  return { again: Boolean(answer.more), reset, arrived };
}

/* Nothing held of it counts any more. What comes while its page is under way
 * waits in `ahead`; without the page the next sync resets or fills it. */
function distrust(conversation) {
  if (!conversation) return;
  conversation.items = [];
  conversation.ahead = [];
  conversation.seq = 0;
  conversation.lastSeq = 0;
  conversation.change = 0;
  conversation.loaded = false;
}

/* The newest page of a conversation that was in `reset`. */
export function resetConversation(state, page) {
  const conversation = state.conversations[page.conversationId];
  if (!conversation) return null;
  conversation.lastMessage = conversation.items.at(-1) ?? null;
  conversation.change = page.lastChange;
  return applyLatestPage(state, page);
}

/* Something is known to be missing: time to sync. */
export const hasHoles = (state) =>
  Object.values(state.conversations).some(
    (c) => c.lastSeq > c.seq || c.provisional,
  );

/* ---- views ----------------------------------------------------------- */

/* Newest first; by time of the last message, then by id for a stable order. */
export function sortedConversations(state) {
  const time = (c) => c.lastMessage?.createdAt ?? '';
  return Object.values(state.conversations).sort(
    (a, b) => time(b).localeCompare(time(a)) || a._id.localeCompare(b._id),
  );
}

export const directWith = (state, userId) =>
  Object.values(state.conversations).find(
    (c) => c.kind === 'direct' && c.otherUserId === userId,
  ) ?? null;
