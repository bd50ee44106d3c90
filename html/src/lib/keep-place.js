/*
 * keep-place - where one reads in a list that grows at both ends: at the
 * bottom one stays there; above it, what one reads stays where it is.
 */

import { onBeforeUpdate, onMounted, onUnmounted, onUpdated, ref } from 'vue';

const NEAR_BOTTOM = 60; // pixels that still count as the bottom

const topOf = (element) => element.getBoundingClientRect().top;

/* `scroller` and `content` are for the template; `stuck` is whether one is at
 * the bottom; items() gives the elements that may hold the place, ends() says
 * whether the bottom is where the list ends. */
export function useKeptPlace(items, ends) {
  const scroller = ref(null);
  const content = ref(null);
  const stuck = ref(true);

  /* Where the last step of a smooth way to the bottom led, else null: on that
   * way one is as good as there, until one turns round. */
  let gliding = null;
  let known = 0; // where the scroller was when it was last looked at
  let tall = 0; // how high it was when the observer last told of it

  /* Who is at the bottom has not left it when an earlier step is told of after
   * the composer has grown, and before the observer is. */
  function measure() {
    const { scrollTop, scrollHeight, clientHeight } = scroller.value;
    const stayed = stuck.value && scrollTop >= known && clientHeight < tall;
    known = scrollTop;
    const near = scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM;
    gliding = gliding === null || near || scrollTop < gliding ? null : scrollTop;
    stuck.value = ends() && (near || stayed || gliding !== null);
  }

  function toBottom(behavior = gliding === null ? 'instant' : 'smooth') {
    scroller.value.scrollTo({ top: scroller.value.scrollHeight, behavior });
    known = scroller.value.scrollTop;
  }

  function glide() {
    gliding = scroller.value.scrollTop;
    stuck.value = true;
    toBottom();
  }

  /* {element, top}: the first in view, and how far it is below the edge. */
  function place() {
    if (stuck.value || !content.value) return null;
    const edge = topOf(scroller.value);
    for (const element of items(content.value)) {
      const { top, bottom } = element.getBoundingClientRect();
      if (bottom > edge) return { element, top: top - edge };
    }
    return null;
  }

  function putBack({ element, top }) {
    scroller.value.scrollTop += topOf(element) - topOf(scroller.value) - top;
  }

  /* It stays where it is, whatever comes above it. */
  let anchor = null;
  onBeforeUpdate(() => {
    /* one has moved up, and the event that says so has not come yet */
    if (scroller.value && scroller.value.scrollTop < known) measure();
    anchor = place();
  });
  onUpdated(() => {
    if (stuck.value) toBottom();
    else if (anchor?.element.isConnected) putBack(anchor);
  });

  /* The keyboard opens, the composer grows: the bottom stays the bottom. */
  const observer = new ResizeObserver(() => {
    tall = scroller.value.clientHeight;
    if (stuck.value) toBottom();
  });
  onMounted(() => {
    observer.observe(scroller.value);
    if (content.value) observer.observe(content.value);
  });
  onUnmounted(() => observer.disconnect());

  return { scroller, content, stuck, measure, toBottom, glide, place, putBack };
}
