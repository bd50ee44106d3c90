/* use-reach - tells when the end of a list comes into sight, or close to it, in
 * what scrolls. */

import { onMounted, onUnmounted, watch } from 'vue';

const MARGIN = '600px';

/* end: a ref of what stands there; state(): it is told anew when this changes,
 * for then it may be in sight still. */
export function useReach(end, scroller, state, reached) {
  let observer = null;

  function observe() {
    observer?.disconnect();
    if (!end.value || !globalThis.IntersectionObserver) return;
    observer = new IntersectionObserver(
      (entries) => entries.some(({ isIntersecting }) => isIntersecting) && reached(),
      { root: end.value.closest(scroller), rootMargin: MARGIN },
    );
    observer.observe(end.value);
  }

  onMounted(observe);
  watch([end, state], observe, { flush: 'post' });
  onUnmounted(() => observer?.disconnect());
}
