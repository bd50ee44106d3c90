/*
 * use-one-stop - a list is one stop of the Tab key: what had the focus last.
 * Arrow keys lead from one to the next.
 */

import { computed, ref } from 'vue';
import { STEPS } from './menus.js';

/* Of `keys`, a ref, the one to stop at: the one chosen last, or otherwise(). */
export function useStop(keys, otherwise) {
  const chosen = ref(null);
  const stop = computed(() => (keys.value.includes(chosen.value) ? chosen.value : otherwise()));
  return { chosen, stop };
}

/* The messages, by the button of the newest at first. `seqs`, a ref: of those that
 * have one. */
export function useOneStop(seqs) {
  const { chosen, stop } = useStop(seqs, () => seqs.value.at(-1));

  function choose(seq) {
    if (seq) chosen.value = Number(seq);
  }

  function walk(event) {
    if (!event.target.matches('.opener') || !Object.hasOwn(STEPS, event.key)) return;
    const openers = [...event.currentTarget.querySelectorAll('.opener')];
    const next = STEPS[event.key](openers.indexOf(event.target), openers.length);
    event.preventDefault();
    openers[next]?.focus();
  }

  return { stop, choose, walk };
}
