/*
 * page - what holds on every page for as long as somebody is in. It belongs to
 * one person; of another one the page makes another.
 */

import { onUnmounted, provide, watchEffect } from 'vue';
import { isWriting } from '../lib/database.js';
import { showUnread } from '../lib/badge.js';
import { askBeforeLeaving } from '../lib/leaving.js';
import { chat } from './chat.js';
import { start, stop } from './connection.js';
import { hasUnkeptDraft } from './drafts.js';
import { useNet } from './net.js';
import { dropUploads, isUploading } from './uploads.js';

const holdsUnkept = () =>
  isWriting() || isUploading() || hasUnkeptDraft() || chat.outbox.some(({ kept }) => kept === false);

/* unread(): how many messages the window's title counts before title(); offline:
 * it opens without a network, too. -> of useNet(), which all in the page have as
 * `net`. */
export function usePage({ unread, title = () => 'Palabre', offline = false }) {
  start({ offline });
  onUnmounted(() => {
    stop();
    dropUploads();
  });
  onUnmounted(askBeforeLeaving(holdsUnkept));
  watchEffect(() => {
    const n = unread();
    document.title = n ? `(${n}) ${title()}` : title();
    showUnread(n);
  });
  onUnmounted(() => {
    document.title = 'Palabre';
    showUnread(0);
  });
  const net = useNet();
  provide('net', net);
  return net;
}
