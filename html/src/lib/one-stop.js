/*
 * one-stop - `v-one-stop="SELECTOR"` on what holds a list: its places, of which an
 * item may have several, are one stop of the Tab key, the one that had the focus
 * last. Up and down lead from item to item, left and right from place to place.
 */

import { STEPS } from './menus.js';

const ASIDE = { ArrowLeft: STEPS.ArrowUp, ArrowRight: STEPS.ArrowDown };

export const vOneStop = {
  mounted(element, { value: selector }) {
    let met = null;
    const places = () => [...element.querySelectorAll(selector)];
    const settle = () => {
      const all = places();
      const stop = all.includes(met) ? met : all[0];
      for (const place of all) place.tabIndex = place === stop ? 0 : -1;
    };

    function focused({ target }) {
      if (!target.matches(selector)) return;
      met = target;
      settle();
    }

    function walk(event) {
      const { target, key } = event;
      const steps = Object.hasOwn(ASIDE, key) ? ASIDE : STEPS;
      if (!target.matches(selector) || !Object.hasOwn(steps, key)) return;
      const itemOf = (place) => place.closest('li');
      const firsts = places().filter((place, at, all) => itemOf(place) !== itemOf(all[at - 1] ?? element));
      const way = steps === ASIDE ? places() : firsts;
      const from = steps === ASIDE ? target : firsts.find((place) => itemOf(place) === itemOf(target));
      event.preventDefault();
      way[steps[key](way.indexOf(from), way.length)]?.focus();
    }

    element.addEventListener('focusin', focused);
    element.addEventListener('keydown', walk);
    new MutationObserver(settle).observe(element, { childList: true, subtree: true });
    settle();
  },
};
