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
  let timer = null;

  async function jumpTo(id) {
    if (search.value.state === 'loading') return;
    search.value = { id, state: 'loading' };
    while (here && !find(id)) {
      if (!(await older())) break;
    }
    search.value = { id, state: find(id) ? '' : 'failed' };
    await nextTick();
    if (here && find(id)) show(find(id));
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
