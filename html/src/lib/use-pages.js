/*
 * use-pages - a long list a page at a time, so that the page never holds more.
 */

import { onUnmounted, reactive } from 'vue';

/* ask(after) -> {items, more}: those behind that id, or null; idOf(item). ->
 * {state, error, items, first, more, begin(), again(), next(), back()}; state is
 * loading, ready or error. */
export function usePages({ ask, idOf = ({ _id }) => _id }) {
  const pages = reactive({ state: 'loading', error: null, items: [], first: true, more: false });
  let behind = [null]; // behind whom each page is that led here
  let asked = 0;

  async function load() {
    const mine = (asked += 1);
    Object.assign(pages, { state: 'loading', error: null });
    try {
      const { items, more } = await ask(behind.at(-1));
      if (mine === asked) Object.assign(pages, { state: 'ready', items, more, first: behind.length === 1 });
    } catch (error) {
      if (mine === asked) Object.assign(pages, { state: 'error', error });
    }
  }

  function begin() {
    behind = [null];
    return load();
  }

  /* A page whose last item went is none any more. */
  async function again() {
    await load();
    if (pages.state === 'ready' && !pages.items.length && behind.length > 1) await back();
  }

  function next() {
    if (!pages.more) return null;
    behind.push(idOf(pages.items.at(-1)));
    return load();
  }

  function back() {
    if (behind.length === 1) return null;
    behind.pop();
    return load();
  }

  onUnmounted(() => {
    asked += 1;
  });

  return Object.assign(pages, { begin, again, next, back });
}
