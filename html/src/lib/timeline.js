/*
 * timeline - the rows of the message list, from messages and the outbox.
 */

/*
 * What the message list shows: the stored messages, then those still in the
 * outbox, with a row where the day changes and one where the unread begin.
 * `day` names the local day of an ISO time. Rows: {type, key, ...}.
 */
export function timeline(items, outbox, { me, day, unreadFrom = 0 }) {
  const stored = new Set();
  for (const m of items) if (m.sender === me) stored.add(m.clientId);
  const waiting = outbox.filter((entry) => !stored.has(entry.clientId));
  const rows = [];
  const days = new Map();
  let last = null;
  let marked = false;
  for (const message of [...items, ...waiting.map(asMessage(me))]) {
    const today = day(message.createdAt);
    const newDay = !last || last.day !== today;
    if (newDay) rows.push({ type: 'day', key: dayKey(days, today), at: message.createdAt });
    if (!marked && unreadFrom && message.seq >= unreadFrom) {
      rows.push({ type: 'unread', key: 'unread' });
      marked = true;
      last = null;
    }
    const joined = !newDay && follows(last, message);
    rows.push({ type: 'message', key: keyOf(message, me), message, joined });
    last = { sender: message.sender, kind: message.kind, at: Date.parse(message.createdAt), day: today };
  }
  return rows;
}

/* Where a clock was wrong a day may come twice; two rows are never one. */
function dayKey(days, today) {
  const times = (days.get(today) ?? 0) + 1;
  days.set(today, times);
  return `day-${today}-${times}`;
}

const GROUP_MS = 5 * 60 * 1000;

function follows(last, message) {
  return Boolean(
    last &&
      last.sender === message.sender &&
      last.kind === message.kind &&
      Date.parse(message.createdAt) - last.at < GROUP_MS,
  );
}

/* One key before and after the server has it, so that nothing flickers. */
function keyOf(message, me) {
  return message.sender === me && message.clientId
    ? `c-${message.clientId}`
    : `m-${message._id}`;
}

const asMessage = (me) => (entry) => ({
  _id: null,
  seq: null,
  kind: 'text',
  sender: me,
  content: entry.content,
  replyTo: entry.replyTo ?? null,
  clientId: entry.clientId,
  createdAt: entry.createdAt,
  pending: entry.state,
  error: entry.error ?? null,
  unkept: entry.unkept ?? false,
});
