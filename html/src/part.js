/*
 * part - a large component, on its way from the start and not waited for by who
 * has to sign in first.
 */

import { defineAsyncComponent } from 'vue';
import Opening from './components/Opening.vue';

/* loader() imports it; loading: what is shown until then. */
export function part(loader, loading = Opening) {
  loader().catch(() => {
    /* again when it is needed */
  });
  return defineAsyncComponent({ loader, loadingComponent: loading, errorComponent: Opening, delay: 0 });
}
