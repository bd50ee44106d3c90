/*
 * erase - what a message is without somebody who was erased: the server does
 * the same with what it holds, so that both show the same.
 */

import { withoutReactionsOf } from './reactions.js';

const NOBODY = '@…';

/* %n: who did it, %u: to whom, %t: the title, %r: why; as the server's system_view */
const SENTENCES = {
  made: '%n made the group "%t"',
  title: '%n named the group "%t"',
  picture: "%n changed the group's picture",
  added: '%n added %u',
  joined: '%n joined',
  left: '%n left',
  removed: '%n removed %u',
  owner: '%n made %u the owner',
  reported: '%n reported a message of %u%r',
};

function usersOf({ users, count }) {
  const names = users.map(({ name }) => name || 'somebody').join(', ');
  const others = count - users.length;
  return others > 0 ? `${names} and ${others} others` : names;
}

function sentenceOf(system, senderName) {
  const why = system.reason ? `: ${system.reason}` : '';
  const words = { n: senderName || 'Somebody', u: usersOf(system), t: system.title ?? '', r: why };
  return (SENTENCES[system.event] ?? '%n changed the group').replace(/%([nutr])/g, (_, of) => words[of]);
}

function withoutOwn(message) {
  return {
    ...message,
    senderName: '',
    content: '',
    clientId: null,
    attachment: null,
    mentions: [],
    reactions: [],
    deleted: true,
  };
}

function withoutNames(message, userId) {
  const own = message.sender === userId;
  const senderName = own ? '' : message.senderName;
  const users = message.system.users.map((user) => (user._id === userId ? { ...user, name: '' } : user));
  const { reason, ...rest } = message.system;
  const system = { ...rest, ...(reason && !own && { reason }), users };
  return { ...message, senderName, system, content: sentenceOf(system, senderName) };
}

function withoutMentions(message, userId) {
  const points = [...message.content];
  let moved = 0;
  let content = '';
  let at = 0;
  const mentions = message.mentions.map((mention) => {
    const start = mention.start + moved;
    if (mention.userId !== userId) return { ...mention, start };
    content += points.slice(at, mention.start).join('') + NOBODY;
    at = mention.start + mention.length;
    moved += NOBODY.length - mention.length;
    return { ...mention, start, length: NOBODY.length };
  });
  return { ...message, content: content + points.slice(at).join(''), mentions };
}

/* The message as it is without them; itself where they are not in it. */
export function erased(message, userId) {
  const { reactions = [] } = message;
  const words = withoutWords(message, userId);
  if (words.deleted || !reactions.some(({ users }) => users.includes(userId))) return words;
  return { ...words, reactions: withoutReactionsOf(reactions, userId) };
}

function withoutWords(message, userId) {
  const { sender, kind, system, mentions = [] } = message;
  const named = sender === userId || system?.users.some(({ _id }) => _id === userId);
  if (system) return named ? withoutNames(message, userId) : message;
  if (sender === userId) return kind === 'hidden' ? message : withoutOwn(message);
  return mentions.some((mention) => mention.userId === userId) ? withoutMentions(message, userId) : message;
}
