/*
 * one-stop - `v-one-stop="SELECTOR"` on what holds a list, or several: its places,
 * of which an item may have several, are one stop of the Tab key: what had the
 * focus last, or else what is current. Up and down lead from item to item, left
 * and right from place to place; a key that leads out of it is left to others.
 */

import { STEPS } from './menus.js';

const ASIDE = { ArrowLeft: STEPS.ArrowUp, ArrowRight: STEPS.ArrowDown };

const itemOf = (place) => place.closest('li') ?? place;

export const vOneStop = {
  mounted(element, { value: selector }) {
    let met = null;
    const places = () => [...element.querySelectorAll(selector)];
    const settle = () => {
      const all = places();
      const current = () => all.find((place) => place.matches('[aria-current]'));
      const stop = all.includes(met) ? met : (current() ?? all[0]);
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
      const firsts = places().filter((place, at, all) => !at || itemOf(place) !== itemOf(all[at - 1]));
      const way = steps === ASIDE ? places() : firsts;
      const from = steps === ASIDE ? target : firsts.find((place) => itemOf(place) === itemOf(target));
      const to = way[steps[key](way.indexOf(from), way.length)];
      if (!to) return;
      event.preventDefault();
      to.focus();
    }

    /* What became current is the stop, unless one is elsewhere in the list. */
    function changed(records) {
      if (records.some(({ type }) => type === 'attributes')) met = document.activeElement;
      settle();
    }

    element.addEventListener('focusin', focused);
    element.addEventListener('keydown', walk);
    new MutationObserver(changed).observe(element, { childList: true, subtree: true, attributeFilter: ['aria-current'] });
    settle();
  },
};
