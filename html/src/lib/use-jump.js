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
  const search = ref({ id: null, state: '' }); // or loading, or failed
  let here = true;
  let asked = 0;
  let timer = null;

  /* Of several the one that was asked for last. */
  async function jumpTo(id) {
    const mine = (asked += 1);
    const isWanted = () => here && mine === asked;
    search.value = { id, state: 'loading' };
    while (isWanted() && !find(id)) {
      if (!(await older())) break;
    }
    if (!isWanted()) return;
    search.value = { id, state: find(id) ? '' : 'failed' };
    await nextTick();
    if (isWanted() && find(id)) show(find(id));
  }

  function show(message) {
    const element = elementOf(message);
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
    here = false;
    clearTimeout(timer);
  });

  return { found, search, jumpTo };
}
