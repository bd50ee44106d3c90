/*
 * reactions - who reacted to a message with what: [{emoji, count, mine, users}],
 * users being the first twenty. What is the same for all who hear it does not
 * say which is one's own.
 */

export const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

/* The server takes two for one that differ in how they are to be drawn. */
const plain = (emoji) => emoji.replaceAll('\uFE0F', '');
const kindOf = (kinds, emoji) => kinds?.find((kind) => plain(kind.emoji) === plain(emoji));

/* Reactions with what is one's own. known: those that were shown until now, if
 * any; told: the event that brings them, if it is one. */
export function settleReactions(reactions, me, known, told) {
  return reactions?.map((kind) => ({
    ...kind,
    mine:
      kind.mine ??
      (kind.users.includes(me) || (kind.count > kind.users.length && isMineUnnamed(kind, me, known, told))),
  }));
}

/* So many reacted alike that not all are named. */
function isMineUnnamed({ emoji }, me, known, told) {
  if (told?.userId === me && plain(told.emoji) === plain(emoji)) return told.on;
  return kindOf(known, emoji)?.mine ?? false;
}

/* Without those of somebody who was erased. */
export function withoutReactionsOf(reactions, userId) {
  return reactions
    .map((kind) => {
      const users = kind.users.filter((id) => id !== userId);
      return { ...kind, users, count: kind.count - (kind.users.length - users.length) };
    })
    .filter(({ count }) => count > 0);
}

/* What is shown while some of one's own, {emoji, on}, are on their way: none is
 * counted twice, however far they have come. */
export function shownReactions(message, me, acts) {
  if (message.deleted) return [];
  const kinds = (message.reactions ?? []).map((kind) => ({ ...kind, mine: kind.mine ?? kind.users.includes(me) }));
  for (const { emoji, on } of acts) {
    const kind = kindOf(kinds, emoji);
    if (kind && kind.mine !== on) turn(kind, me, on);
    else if (!kind && on) kinds.push({ emoji, count: 1, mine: true, users: [me] });
  }
  return kinds.filter(({ count }) => count > 0);
}

function turn(kind, me, on) {
  kind.mine = on;
  kind.count += on ? 1 : -1;
  kind.users = on ? [...kind.users, me] : kind.users.filter((id) => id !== me);
}

export const isReacted = (kinds, emoji) => kindOf(kinds, emoji)?.mine ?? false;
