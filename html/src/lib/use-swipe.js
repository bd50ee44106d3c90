/*
 * use-swipe - a finger on a row: drawn to a side, which does something from a
 * certain way on, or held. A mouse and a pen have other ways.
 */

import { onUnmounted, ref } from 'vue';

const BEGINS = 12; // pixels, from which on it is no press
const ENOUGH = 72; // ... and from which on it counts
const MOST = 104;
const HOLD_MS = 500;

/* left(), right(), held(): what to do. -> {by, enough, on}: how far it is
 * drawn, whether that counts, and what listens, for v-on. */
export function useSwipe({ left, right, held }) {
  const by = ref(0);
  const enough = ref(false);
  let from = null;
  let timer = null;
  let done = false; // the click that follows is no click

  function end() {
    clearTimeout(timer);
    from = null;
    by.value = 0;
    enough.value = false;
  }

  function pointerdown({ pointerType, isPrimary, clientX, clientY }) {
    done = false;
    if (pointerType !== 'touch' || !isPrimary) return;
    from = { x: clientX, y: clientY, drawn: false };
    clearTimeout(timer);
    timer = setTimeout(() => {
      end();
      done = true;
      held();
    }, HOLD_MS);
  }

  function pointermove({ clientX, clientY }) {
    if (!from) return;
    const x = clientX - from.x;
    if (!from.drawn && Math.hypot(x, clientY - from.y) < BEGINS) return;
    clearTimeout(timer);
    from.drawn = true;
    by.value = Math.max(-MOST, Math.min(MOST, x));
    enough.value = Math.abs(x) >= ENOUGH;
  }

  function pointerup() {
    const act = enough.value && (by.value < 0 ? left : right);
    done ||= Boolean(from?.drawn);
    end();
    if (act) act();
  }

  /* Nor is it a press of a mouse, which browsers make of a finger that goes: that
   * would take the focus from the menu, and close it. */
  function touchend(event) {
    if (done && event.cancelable) event.preventDefault();
  }

  function click(event) {
    if (!done) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    done = false;
  }

  onUnmounted(end);
  return { by, enough, on: { pointerdown, pointermove, pointerup, pointercancel: end, touchend }, click };
}
