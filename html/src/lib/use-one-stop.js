/*
 * use-one-stop - the messages are one stop of the Tab key: the button of the
 * newest, or of the one that had the focus last. Arrow keys lead from one to
 * the next.
 */

import { computed, ref } from 'vue';
import { STEPS } from './menus.js';

/* `seqs`, a ref: of the messages that have a button. */
export function useOneStop(seqs) {
  const chosen = ref(null);
  const stop = computed(() =>
    seqs.value.includes(chosen.value) ? chosen.value : seqs.value.at(-1),
  );

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
