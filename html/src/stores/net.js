/*
 * net - how the connection fares, as one is told of it.
 */

import { computed, ref, watch } from 'vue';
import { t } from '../lib/i18n.js';
import { chat } from './chat.js';

/* A connection that comes back at once is nobody's business. */
const PATIENCE_MS = 1200;

/* -> {shown, banner, stale}, refs: a word of chat.net; what to say of it, or '';
 * what is known of who is online is of no use now. */
export function useNet() {
  const shown = ref('up');
  let patience = null;
  watch(
    () => chat.net,
    (net) => {
      clearTimeout(patience);
      const show = () => {
        shown.value = net;
      };
      if (net === 'up' || net === 'offline') show();
      else patience = setTimeout(show, PATIENCE_MS);
    },
    { immediate: true },
  );
  const banner = computed(() => {
    if (shown.value === 'up') return '';
    return chat.ready || shown.value === 'offline' ? t(`net.${shown.value}`) : '';
  });
  const stale = computed(() => chat.doubted || !['up', 'polling'].includes(shown.value));
  return { shown, banner, stale };
}
