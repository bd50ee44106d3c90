/*
 * use-window - of a long list of rows that are all of one height those that are
 * in sight, and a few around: however long it is, the page draws so many.
 */

import { computed, nextTick, onMounted, onUnmounted, ref } from 'vue';

const AROUND = 6;

/* scroller: a ref; count(): of all rows; height: of a row, in rem. -> {first,
 * last, before, whole, scrolled(), reveal(index)}; the last ones in pixels. */
export function useWindow({ scroller, count, height }) {
  const top = ref(0);
  const seen = ref(600);
  const row = height * parseFloat(getComputedStyle(document.documentElement).fontSize);

  const first = computed(() => Math.max(0, Math.floor(top.value / row) - AROUND));
  const last = computed(() => Math.min(count(), Math.ceil((top.value + seen.value) / row) + AROUND));
  const before = computed(() => first.value * row);
  const whole = computed(() => count() * row);

  function scrolled() {
    if (!scroller.value) return;
    top.value = Math.max(0, scroller.value.scrollTop);
    seen.value = scroller.value.clientHeight;
  }

  /* Brought into sight; it is drawn when this is done. */
  async function reveal(index) {
    const at = index * row;
    const { scrollTop, clientHeight } = scroller.value;
    if (at < scrollTop) scroller.value.scrollTop = at;
    else if (at + row > scrollTop + clientHeight) scroller.value.scrollTop = at + row - clientHeight;
    scrolled();
    await nextTick();
  }

  let observer = null;
  onMounted(() => {
    observer = new ResizeObserver(scrolled);
    observer.observe(scroller.value);
    scrolled();
  });
  onUnmounted(() => observer.disconnect());

  return { first, last, before, whole, scrolled, reveal };
}
