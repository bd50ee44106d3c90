/*
 * words - a message as one line of text, for the list, a quote, a screen
 * reader; and enumerations.
 */

import { kindOf } from '../lib/file-kinds.js';
import { formatted } from '../lib/format.js';
import { locale, t } from '../lib/i18n.js';
import { excerpt } from '../lib/message-actions.js';
import { namedParts } from '../lib/mentions.js';
import { callOf, nameOfUser } from '../lib/names.js';
import { systemWords } from '../lib/system-words.js';
import { dateAndTime } from '../lib/time.js';
import { isBlocked } from './blocks.js';
import { chat, nameOf } from './chat.js';
import { people } from './people.js';

export const listOf = (names) =>
  new Intl.ListFormat(locale(), { type: 'conjunction' }).format(names);

const knownName = (id) => (people.byId[id] ? callOf(people.byId[id]) : '');

/* In a group; of what came to oneself alone nothing is there. */
const isFolded = ({ kind, sender, recipient }) =>
  kind !== 'system' && !recipient && isBlocked(sender);

export function wordsOf(message) {
  if (message.deleted) return t('message.deleted');
  if (isFolded(message)) return t('block.short');
  if (message.kind === 'system') {
    return systemWords(message, { me: chat.state.me, nameOf: knownName, t, list: listOf });
  }
  return excerpt(plainOf(message)) || fileWords(message.attachment);
}

/* Who reacted so: oneself first, then who is known by name. */
export function reactorsOf({ users, count }) {
  const { me } = chat.state;
  const names = users.filter((id) => id !== me).map(knownName).filter(Boolean);
  const own = users.includes(me) ? [t('quote.you')] : [];
  const others = count - names.length - own.length;
  return listOf([...own, ...names, ...(others > 0 ? [t('reactions.others', { n: others })] : [])]);
}

/* Whom a part of a text names, as they are called now. */
export const mentionOf = ({ userId, text }) =>
  people.byId[userId] ? `@${nameOfUser(people.byId[userId])}` : text;

export const textOf = ({ content, mentions }) =>
  namedParts(content, mentions)
    .map((part) => (part.userId ? mentionOf(part) : part.text))
    .join('');

/* The same without the marks of *bold* and the like. */
const plainOf = ({ content, mentions }) =>
  formatted(content, mentions)
    .map(({ parts }) => parts.map((part) => (part.userId ? mentionOf(part) : part.text)).join(''))
    .join('\n');

/* Of several messages, who said what and when; of one the words alone. */
export function saidOf(messages) {
  const textsOf = (message) => [fileWords(message.attachment), textOf(message)].filter(Boolean).join('\n');
  if (messages.length === 1) return textsOf(messages[0]);
  return messages
    .map((message) =>
      t('select.copied', {
        when: dateAndTime(message.createdAt, locale()),
        name: nameOf(message.sender),
        text: textsOf(message),
      }))
    .join('\n');
}

function fileWords(attachment) {
  if (!attachment) return '';
  const kind = kindOf(attachment);
  return t(`file.is.${kind}`, { name: attachment.name });
}
