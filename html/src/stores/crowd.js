/*
 * crowd - the members of a group that names none because there are so many.
 */

import { onUnmounted, watch } from 'vue';
import { usePages } from '../lib/use-pages.js';
import { remember } from './people.js';
import { watchPresence } from './presence.js';
import { api } from './session.js';

const PAGE = 50;
const DELAY_MS = 200; // after the last sign that was typed

/* group(): the one that is looked at. -> the pages of its members {userId, role},
 * and {text, total, role, seek(text)}; role is one's own, '' while nobody
 * knows. */
export function useCrowd(group) {
  let timer = null;

  async function ask(after) {
    const q = crowd.text.trim() || null;
    const { items, more, total, role } = await api.members(group()._id, { q, after, limit: PAGE });
    items.forEach(({ user }) => remember(user));
    watchPresence();
    crowd.role = role;
    if (!q) crowd.total = total;
    return { items: items.map(({ user, role: theirs }) => ({ userId: user._id, role: theirs })), more };
  }

  function seek(text) {
    crowd.text = text;
    clearTimeout(timer);
    timer = setTimeout(crowd.begin, DELAY_MS);
  }

  const pages = usePages({ ask, idOf: ({ userId }) => userId });
  const crowd = Object.assign(pages, { text: '', total: 0, role: '', seek });

  /* Whatever happened to the group is its newest message. */
  watch(
    () => !group().members && `${system(group())} `,
    (many) => {
      if (many) crowd.again();
    },
    { immediate: true },
  );
  onUnmounted(() => clearTimeout(timer));

  return crowd;
}

const system = ({ lastMessage }) => (lastMessage?.kind === 'system' ? lastMessage._id : '');
