/*
 * media - the files that a conversation shows, newest first and more of them
 * when one asks; what comes while they are looked at is added.
 */

import { computed, onUnmounted, reactive, watch } from 'vue';
import { mergeItems } from '../lib/chat-sync.js';
import { api } from './session.js';

/* conversation(): whose. -> {items, state, error, more, next()}; state is loading, ready
 * or error. */
export function useMedia(conversation) {
  const media = reactive({ held: [], state: 'loading', error: null, more: false });
  let asked = 0;

  async function load(before) {
    const mine = (asked += 1);
    Object.assign(media, { state: 'loading', error: null });
    try {
      const { items, more } = await api.files(conversation()._id, { before });
      if (mine !== asked) return;
      media.held = mergeItems(before ? media.held : [], items);
      Object.assign(media, { state: 'ready', more });
    } catch (error) {
      if (mine === asked) Object.assign(media, { state: 'error', error });
    }
  }

  watch(
    () => conversation().lastMessage,
    (message) => {
      if (message?.attachment && media.state === 'ready') media.held = mergeItems(media.held, [message]);
    },
  );
  /* a change may have taken one away */
  watch(
    () => conversation().folds,
    () => media.state === 'ready' && load(),
  );
  onUnmounted(() => {
    asked += 1;
  });
  load();

  const items = computed(() => media.held.filter(({ attachment, deleted }) => attachment && !deleted).reverse());
  const next = () => load(media.state === 'error' ? undefined : media.held[0]?.seq);
  return { media, items, next };
}
