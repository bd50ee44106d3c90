/* use-near - whether an element is, or was, in sight or close to it. */

import { onMounted, onUnmounted, ref } from 'vue';

const MARGIN = '800px';

export function useNear(element) {
  const near = ref(!globalThis.IntersectionObserver);
  let observer = null;
  onMounted(() => {
    if (near.value) return;
    observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        near.value = true;
        observer.disconnect();
      },
      { rootMargin: MARGIN },
    );
    observer.observe(element.value);
  });
  onUnmounted(() => observer?.disconnect());
  return near;
}
