/* badge - how much waits unread, where one sees it without looking at the page:
 * a dot on the icon of its tab, a number on that of the app, where there is one. */

import { under } from './base.js';

const icon = globalThis.document?.querySelector('link[rel=icon]');

export function showUnread(n) {
  icon?.setAttribute('href', under(n ? '/favicon-unread.svg' : '/favicon.svg'));
  const shown = n ? navigator.setAppBadge?.(n) : navigator.clearAppBadge?.();
  shown?.catch(() => {
    /* no app, or none that may */
  });
}
