/*
 * use-hue - the class that gives somebody their colour: within a group, which
 * says who is in it, the one that they have there.
 */

import { computed, inject, provide } from 'vue';
import { hueOf, huesOf } from './hue.js';

/* For all that is shown in this part. group(): a conversation, or null. */
export const provideHues = (group) =>
  provide('hues', computed(() => huesOf(group()?.members ?? [])));

/* id(): of whom. */
export function useHue(id) {
  const hues = inject('hues', null);
  return computed(() => `hue-${hues?.value.get(id()) ?? hueOf(id())}`);
}
