/*
 * use-suggestions - names that complete what is typed behind an `@`.
 * input: the text area's ref; users(): whom one may name; pick(user, {from,
 * to}) puts a name in the place of what was typed.
 */

import { computed, ref } from 'vue';
import { matcher } from './fold.js';
import { typedAt } from './mentions.js';

const MOST = 8;

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export function useSuggestions({ input, users, pick }) {
  const typed = ref(null); // {from, query}
  const at = ref(0);

  const found = computed(() => {
    if (!typed.value) return [];
    const { query } = typed.value;
    const matches = matcher(query);
    return users()
      .filter(({ displayName = '', username = '' }) => !query || matches(displayName, username))
      .slice(0, MOST);
  });

  function look() {
    const { value, selectionStart, selectionEnd } = input.value;
    typed.value = selectionStart === selectionEnd ? typedAt(value, selectionStart) : null;
    at.value = 0;
  }

  const close = () => {
    typed.value = null;
  };

  function choose(user) {
    const { from, query } = typed.value;
    close();
    pick(user, { from, to: from + 1 + query.length });
  }

  /* -> whether the key was for the names */
  function key(event) {
    if (!found.value.length) return false;
    if (event.key === 'Escape') close();
    else if (STEPS[event.key]) {
      at.value = (at.value + STEPS[event.key] + found.value.length) % found.value.length;
    } else if ((event.key === 'Enter' && !event.shiftKey) || event.key === 'Tab') {
      choose(found.value[at.value]);
    } else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  return { found, at, look, close, choose, key };
}
