/*
 * crowd - the members of a group that names none because there are so many:
 * one page of them at a time, so that the page never holds more.
 */

import { onUnmounted, reactive, watch } from 'vue';
import { remember } from './people.js';
import { watchPresence } from './presence.js';
import { api } from './session.js';

export const CROWD_PAGE = 50;
const DELAY_MS = 200; // after the last sign that was typed

/* group(): the one that is looked at. -> {text, state, error, items, total,
 * role, first, more, seek(text), next(), back(), again()}; role is one's own, ''
 * while nobody knows. */
export function useCrowd(group) {
  const crowd = reactive({
    text: '',
    state: 'loading', // loading, ready or error
    error: null,
    items: [], // [{userId, role}]
    total: 0,
    role: '',
    first: true,
    more: false,
  });
  let behind = [null]; // behind whom each page is that led here
  let timer = null;
  let asked = 0;

  async function load() {
    clearTimeout(timer);
    if (group().members) return;
    const mine = (asked += 1);
    const q = crowd.text.trim() || null;
    crowd.state = 'loading';
    crowd.error = null;
    try {
      const page = await api.members(group()._id, { q, after: behind.at(-1), limit: CROWD_PAGE });
      if (mine === asked) take(page, q);
    } catch (error) {
      if (mine === asked) Object.assign(crowd, { state: 'error', error });
    }
  }

  function take({ items, more, total, role }, q) {
    items.forEach(({ user }) => remember(user));
    Object.assign(crowd, { state: 'ready', more, role, first: behind.length === 1 });
    if (!q) crowd.total = total;
    crowd.items = items.map(({ user, role: theirs }) => ({ userId: user._id, role: theirs }));
    watchPresence();
  }

  function begin() {
    behind = [null];
    return load();
  }

  /* A page whose last member left is none any more. */
  async function again() {
    await load();
    if (crowd.state === 'ready' && !crowd.items.length && behind.length > 1) await back();
  }

  function next() {
    if (!crowd.more) return null;
    behind.push(crowd.items.at(-1).userId);
    return load();
  }

  function back() {
    if (behind.length === 1) return null;
    behind.pop();
    return load();
  }

  function seek(text) {
    crowd.text = text;
    clearTimeout(timer);
    timer = setTimeout(begin, DELAY_MS);
  }

  /* Whatever happened to the group is its newest message. */
  watch(
    () => [Boolean(group().members), system(group())].join(),
    () => again(),
    { immediate: true },
  );
  onUnmounted(() => {
    clearTimeout(timer);
    asked += 1;
  });

  return Object.assign(crowd, { seek, next, back, again });
}

const system = ({ lastMessage }) => (lastMessage?.kind === 'system' ? lastMessage._id : '');
