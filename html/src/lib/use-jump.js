/*
 * use-jump - leads to a message of the list: into view, with the focus, and
 * marked for a moment. Older pages come first where it is not loaded yet.
 */

import { nextTick, onUnmounted, ref } from 'vue';

const FOUND_MS = 1600;

/* find(id) gives a loaded message, elementOf(message) what shows it; older()
 * loads a page and says whether it brought any; then() follows a jump. */
export function useJump({ find, elementOf, older, then }) {
  const found = ref(null); // the seq of the message that was jumped to
  const seeking = ref(null); // the id of the one that is being loaded
  let timer = null;

  async function jumpTo(id) {
    if (seeking.value) return;
    seeking.value = id;
    while (seeking.value === id && !find(id)) {
      if (!(await older())) break;
    }
    seeking.value = null;
    await nextTick();
    const message = find(id);
    const element = message && elementOf(message);
    if (!element) return;
    element.scrollIntoView({ block: 'center' });
    element.tabIndex = -1;
    element.focus({ preventScroll: true });
    then();
    found.value = message.seq;
    clearTimeout(timer);
    timer = setTimeout(() => {
      found.value = null;
    }, FOUND_MS);
  }

  onUnmounted(() => {
    seeking.value = null;
    clearTimeout(timer);
  });

  return { found, seeking, jumpTo };
}
