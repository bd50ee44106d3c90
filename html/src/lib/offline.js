/* offline - the worker that opens this page without a network, where there may
 * be one (on https and localhost); elsewhere nobody misses what nobody knew. */

import { under } from './base.js';

export function openWithoutNetwork() {
  if (!import.meta.env.PROD || !navigator.serviceWorker) return;
  /* what one waits for comes first */
  addEventListener('load', () => {
    navigator.serviceWorker.register(under('/sw.js')).catch(() => {
      /* a browser that will not, or a certificate of one's own */
    });
  });
}
