/*
 * finds - messages that say what one looks for, and the way to where they stand.
 */

import { onUnmounted, reactive, ref, watch } from 'vue';
import { chat, describe } from './chat.js';
import { rememberSenders } from './people.js';
import { api, whenOver } from './session.js';

const DELAY_MS = 300; // after the last sign that was typed
const FEW = 5; // more are shown when one asks for them
const MORE = 20;
const TRIES = 10; // answers in a row that had nothing and said more

/* What one wants to see: {conversationId, _id, seq}, until it is shown. */
export const goal = ref(null);
whenOver(() => {
  goal.value = null;
});

export const leadTo = ({ conversationId, _id, seq }) => {
  goal.value = { conversationId, _id, seq };
};

/* One letter is too little to look for, one sign of others is not. */
const isEnough = (query) => query.length > 1 || /[^\0-\u02ff]/u.test(query);

/* text: a function that gives what is typed. -> {state, query, items, more,
 * error, on()}; state is idle, loading, ready or error. */
export function useFinds(text) {
  const finds = reactive({ state: 'idle', query: '', items: [], more: false, error: null });
  let before = null;
  let asked = 0;
  let timer = null;

  async function ask(limit) {
    const mine = (asked += 1);
    const { state } = chat;
    Object.assign(finds, { state: 'loading', error: null });
    try {
      const page = await pageOf(limit, () => mine === asked);
      if (mine !== asked || chat.state !== state) return;
      rememberSenders(page.items);
      meet(page.items);
      before = page.before;
      Object.assign(finds, { state: 'ready', items: [...finds.items, ...page.items], more: page.more });
    } catch (error) {
      if (mine === asked) Object.assign(finds, { state: 'error', error });
    }
  }

  /* The server ends where it would look at too much. */
  async function pageOf(limit, wanted) {
    let page;
    let from = before;
    for (let i = 0; i < TRIES && wanted(); i += 1) {
      page = await api.searchMessages({ q: finds.query, before: from, limit });
      if (page.items.length || !page.more) break;
      from = page.before;
    }
    return page;
  }

  function begin(query) {
    clearTimeout(timer);
    asked += 1;
    before = null;
    Object.assign(finds, { state: isEnough(query) ? 'loading' : 'idle', query, items: [], more: false, error: null });
    if (isEnough(query)) timer = setTimeout(() => ask(FEW), DELAY_MS);
  }

  watch(() => text().trim(), begin);
  onUnmounted(() => {
    clearTimeout(timer);
    asked += 1;
  });

  return Object.assign(finds, { on: () => ask(MORE) });
}

/* Conversations that no list brought. */
function meet(items) {
  const { state } = chat;
  for (const id of new Set(items.map(({ conversationId }) => conversationId))) {
    if (!state.conversations[id]) describe(state, id).catch(() => {});
  }
}
