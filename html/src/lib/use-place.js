/*
 * use-place - where one is in a list of messages: what is shown first, what
 * brings the next page, the way to the end, and the place that one comes back
 * to.
 */

import { computed, nextTick, onBeforeUnmount, ref, watch } from 'vue';
import { attentive } from './attention.js';
import { keepShort } from './chat-window.js';

const NEAR = 400; // pixels from an edge: fetch what is beyond it this early

/*
 * list: of useKeptPlace(); conversation(), or null; loads(): of it; loaded,
 * items, newest, later: refs; me(); places: by conversation; looked(): told of
 * every move; seen(seq): of all that was in sight at the end; toNewest(),
 * older(), newer(): load.
 */
export function usePlace(list, from) {
  const { scroller, content, stuck, measure, toBottom, glide, place, putBack } = list;
  const { conversation, loads, loaded, items, newest, later } = from;
  const placed = ref(false); // what is shown is what one is to see first
  const bottomSeq = ref(0); // the newest that was in sight

  const missed = computed(() => {
    if (stuck.value) return 0;
    const isMissed = (m) => m.seq > bottomSeq.value && m.sender !== from.me();
    const last = Math.max(bottomSeq.value, items.value.at(-1)?.seq ?? 0);
    return items.value.filter(isMissed).length + (later.value ? newest.value - last : 0);
  });

  watch(
    [attentive, stuck, placed, newest],
    () => {
      if (!placed.value || !stuck.value) return;
      bottomSeq.value = newest.value;
      if (attentive.value && conversation()) from.seen(newest.value);
    },
    { flush: 'post' },
  );

  async function jump() {
    if (later.value) await toEnd();
    else if (matchMedia('(prefers-reduced-motion: reduce)').matches) toBottom('instant');
    else glide();
  }

  /* Past what is not loaded; again, where something came meanwhile. */
  async function toEnd(tries = 3) {
    await from.toNewest();
    if (later.value && tries > 1 && loads().newer === '') await toEnd(tries - 1);
    if (later.value) return;
    stuck.value = true;
    await nextTick();
    if (scroller.value) toBottom('instant');
  }

  function scrolled() {
    measure();
    const { scrollTop, scrollHeight, clientHeight } = scroller.value;
    if (scrollTop < NEAR && loads().older === '') from.older();
    if (scrollHeight - scrollTop - clientHeight < NEAR && loads().newer === '') from.newer();
    from.looked();
  }

  watch(
    () => items.value.length,
    () => placed.value && conversation() && keepShort(conversation(), stuck.value),
  );

  /* A page that did not fill the view: nobody can scroll to the next. */
  watch(
    () => [loads().older, loads().newer].includes('loading'),
    async (loading) => {
      if (loading) return;
      await nextTick();
      if (scroller.value) scrolled();
    },
  );

  /* The first page is there: show where the unread begin, else where one was,
   * or the end. */
  watch(
    loaded,
    async (is) => {
      placed.value = false;
      if (!is) return;
      await nextTick();
      if (!scroller.value) return;
      const mark = scroller.value.querySelector('.unread-mark');
      if (mark) mark.scrollIntoView({ block: 'start' });
      else if (!returned()) toBottom();
      bottomSeq.value = newest.value;
      scrolled();
      placed.value = true;
    },
    { immediate: true, flush: 'post' },
  );

  function returned() {
    const { seq, top } = from.places.get(conversation()?._id) ?? {};
    const element = seq && content.value.querySelector(`.message[data-seq="${seq}"]`);
    if (element) putBack({ element, top });
    return Boolean(element);
  }

  onBeforeUnmount(() => {
    if (!conversation() || !placed.value) return;
    const here = place();
    const seq = Number(here?.element.dataset.seq);
    const { _id } = conversation();
    if (seq) from.places.set(_id, { seq, top: here.top });
    else from.places.delete(_id);
  });

  return { missed, jump, toEnd, scrolled };
}
