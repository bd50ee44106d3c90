/*
 * use-mentions - members of a group whose names complete what is typed behind an
 * `@`. input: the text area's ref; target(): where one writes; replace(from, to,
 * text): puts a text in the place of another.
 */

import { watch } from 'vue';
import { activeConversation, chat } from '../stores/chat.js';
import { addLabel } from '../stores/compose.js';
import { introduceAll, people } from '../stores/people.js';
import { matcher } from './fold.js';
import { typedAt } from './mentions.js';
import { nameOfUser } from './names.js';
import { MOST, useSuggestions } from './use-suggestions.js';

/* Whom one may name: the members of a group. */
const nameable = () =>
  activeConversation.value?.kind === 'group'
    ? (activeConversation.value.members ?? [])
        .filter(({ userId }) => userId !== chat.state.me)
        .map(({ userId }) => people.byId[userId])
        .filter(Boolean)
    : [];

function find(query) {
  const matches = matcher(query);
  return nameable()
    .filter(({ displayName = '', username = '' }) => !query || matches(displayName, username))
    .slice(0, MOST);
}

/* Of two of one name the username tells which. */
function labelFor(user) {
  const name = nameOfUser(user);
  const alike = nameable().filter((other) => nameOfUser(other) === name);
  return `@${alike.length > 1 ? user.username : name}`;
}

export function useMentions({ input, target, replace }) {
  /* Their names are asked for when they may be needed. */
  watch(
    () => nameable().length,
    () => {
      const { kind, members } = activeConversation.value ?? {};
      if (kind === 'group' && members) introduceAll(members.map(({ userId }) => userId));
    },
    { immediate: true },
  );

  return useSuggestions({
    input,
    typed: typedAt,
    find,
    pick: (user, { from, to }) => {
      const label = labelFor(user);
      addLabel(target(), label, user._id);
      replace(from, to, `${label} `);
    },
  });
}
