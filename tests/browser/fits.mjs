// Whether a page fits into its window: it never moves as a whole, and nothing
// sticks out of it. Each answers what does not, as the beginning of its HTML.

/* What of the page has moved, or can be moved, as a whole. */
export const movableOf = (page) => page.evaluate(() => {
  const roots = [document.documentElement, document.body, ...document.querySelectorAll('#app, #app > *')]
    .filter((element) => getComputedStyle(element).overflowY !== 'auto');
  for (const element of roots) element.scrollTo(500, 500);
  scrollTo(500, 500);
  return roots.filter((e) => e.scrollTop || e.scrollLeft || e.getBoundingClientRect().top)
    .map((e) => e.outerHTML.slice(0, 60)).concat(scrollX || scrollY ? ['window'] : []);
});

/* What scrolls holds what is placed in it: else that would widen the page. */
export const leakingOf = (page) => page.evaluate(() => [...document.querySelectorAll('*')]
  .filter((e) => /auto|scroll/.test(getComputedStyle(e).overflowY) && e.tagName !== 'TEXTAREA')
  .filter((e) => getComputedStyle(e).position === 'static')
  .map((e) => e.outerHTML.slice(0, 60)));

/* What is wider than the room it has, and is not shortened with an ellipsis.
 * Of what may be pushed sideways, a row of places, only the row counts. */
export const wideOf = (page) => page.evaluate(() => [...document.querySelectorAll('#app *')]
  .filter((e) => !e.closest('.visually-hidden, svg, nav *') && e.getClientRects().length)
  .filter((e) => {
    for (let above = e.parentElement; above; above = above.parentElement) {
      if (getComputedStyle(above).textOverflow === 'ellipsis') return false;
    }
    return true;
  })
  .filter((e) => {
    const { left, right } = e.getBoundingClientRect();
    return left < -1 || right > innerWidth + 1;
  })
  .map((e) => e.outerHTML.slice(0, 80)));

/* What is wider than what it is in, which then can be pushed sideways. */
export const pushableOf = (page) => page.evaluate(() => [...document.querySelectorAll('#app *')]
  .filter((e) => /auto|scroll/.test(getComputedStyle(e).overflowX) && e.tagName !== 'NAV')
  .filter((e) => e.scrollWidth > e.clientWidth + 1)
  .map((e) => `${e.outerHTML.slice(0, 80)} ${e.scrollWidth} > ${e.clientWidth}`));

/* What will be said to whoever listens, and would not be heard: it must be there
 * before, where what it is in is seen. */
export const mutedOf = (page) => page.evaluate(() => {
  const isSeen = (e) => e.checkVisibility({ checkVisibilityCSS: true });
  return [...document.querySelectorAll('[role=status], [role=alert], [aria-live]')]
    .filter((e) => isSeen(e.parentElement) && !isSeen(e))
    .map((e) => e.outerHTML.slice(0, 80));
});

/* What is pressed and has one of its words on two lines, if not for ears alone. */
export const brokenOf = (page) => page.evaluate(() => [...document.querySelectorAll('#app button, #app nav a')]
  .filter((e) => e.getClientRects().length)
  .filter((e) => {
    const texts = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode;
      if (text.parentElement.clientWidth === 1) continue;
      for (const { 0: { length }, index } of text.data.matchAll(/\S+/g)) {
        const word = document.createRange();
        word.setStart(text, index);
        word.setEnd(text, index + length);
        if (new Set([...word.getClientRects()].map(({ top }) => top)).size > 1) return true;
      }
    }
    return false;
  })
  .map((e) => `${e.outerHTML.slice(0, 80)} ${e.innerText}`));
