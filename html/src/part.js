/*
 * part - a large component, on its way from the start and not waited for by who
 * has to sign in first.
 */

import { defineAsyncComponent } from 'vue';
import Opening from './components/Opening.vue';

/* loader() imports it. */
export function part(loader) {
  loader().catch(() => {
    /* again when it is needed */
  });
  return defineAsyncComponent({ loader, loadingComponent: Opening, errorComponent: Opening, delay: 0 });
}
