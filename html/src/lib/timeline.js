/*
 * timeline - the rows of the message list, from messages and the outbox.
 */

/*
 * What the message list shows: the stored messages, then those still in the
 * outbox, with a row where the day changes and one where the unread begin.
 * `day` names the local day of an ISO time. Rows: {type, key, ...}; that of a
 * message has `joined`, whether it goes on what the one before it began, and
 * `next`, what goes on after it, or null.
 */
export function timeline(items, outbox, { me, day, unreadFrom = 0 }) {
  const stored = new Set();
  for (const m of items) if (m.sender === me) stored.add(m.clientId);
  const waiting = outbox.filter((entry) => !stored.has(entry.clientId));
  const rows = [];
  const days = new Map();
  let last = null;
  let lastRow = null;
  let marked = false;
  const shown = items.filter(({ kind }) => kind !== 'hidden');
  for (const message of [...shown, ...waiting.map(asMessage(me))]) {
    const today = day(message.createdAt);
    const newDay = !last || last.day !== today;
    if (newDay) rows.push({ type: 'day', key: dayKey(days, today), at: message.createdAt });
    if (!marked && unreadFrom && message.seq >= unreadFrom) {
      rows.push({ type: 'unread', key: 'unread' });
      marked = true;
      last = null;
    }
    const joined = !newDay && follows(last, message);
    const row = { type: 'message', key: keyOf(message, me), message, joined, next: null };
    if (joined) lastRow.next = message;
    rows.push(row);
    lastRow = row;
    last = { sender: message.sender, system: message.kind === 'system', at: Date.parse(message.createdAt), day: today };
  }
  return rows;
}

/* The same, day by day: [{key, at, rows}]. */
export function byDay(rows) {
  const days = [];
  for (const row of rows) {
    if (row.type === 'day') days.push({ ...row, rows: [] });
    else days.at(-1).rows.push(row);
  }
  return days;
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
      last.system === (message.kind === 'system') &&
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
  kind: entry.file ? 'file' : 'text',
  sender: me,
  content: entry.content,
  replyTo: entry.replyTo ?? null,
  mentions: entry.mentions ?? [],
  attachment: entry.attachment ?? (entry.file && { ...entry.file, _id: null }) ?? null,
  upload: entry.file?.id ?? null,
  clientId: entry.clientId,
  createdAt: entry.createdAt,
  pending: entry.state,
  error: entry.error ?? null,
  unkept: entry.kept === false,
});
