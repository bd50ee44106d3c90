/*
 * use-suggestions - what completes a word that is being typed: names behind an
 * `@`, emoji behind a `:`. input: the text area's ref; typed(text, caret): what
 * is being typed, {from, query}, from a sign before the query on, or null;
 * find(query): what may be meant, the best first; pick(one, {from, to}) puts it in
 * the place of what was typed.
 */

import { computed, ref } from 'vue';

/* As many as there is room for: to scroll they would have to have the focus. */
export const MOST = 6;

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export function useSuggestions({ input, typed, find, pick }) {
  const meant = ref(null); // {from, query}
  const at = ref(0);

  const found = computed(() => (meant.value ? find(meant.value.query) : []));

  function look() {
    const { value, selectionStart, selectionEnd } = input.value;
    meant.value = selectionStart === selectionEnd ? typed(value, selectionStart) : null;
    at.value = 0;
  }

  const close = () => {
    meant.value = null;
  };

  function choose(one) {
    const { from, query } = meant.value;
    close();
    pick(one, { from, to: from + 1 + query.length });
  }

  /* -> whether the key was for what is suggested */
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
