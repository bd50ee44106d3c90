/*
 * page - what holds on every page for as long as somebody is in. It belongs to
 * one person; of another one the page makes another.
 */

import { onUnmounted, provide, watchEffect } from 'vue';
import { askBeforeLeaving } from '../lib/leaving.js';
import { chat } from './chat.js';
import { start, stop } from './connection.js';
import { hasUnkeptDraft } from './drafts.js';
import { useNet } from './net.js';
import { dropUploads, isUploading } from './uploads.js';

const holdsUnkept = () =>
  isUploading() || hasUnkeptDraft() || chat.outbox.some(({ unkept }) => unkept);

/* unread(): how many messages the window's title counts before title(). -> of
 * useNet(), which all in the page have as `net`. */
export function usePage({ unread, title = () => 'Palabre' }) {
  start();
  onUnmounted(() => {
    stop();
    dropUploads();
  });
  onUnmounted(askBeforeLeaving(holdsUnkept));
  watchEffect(() => {
    const n = unread();
    document.title = n ? `(${n}) ${title()}` : title();
  });
  onUnmounted(() => {
    document.title = 'Palabre';
  });
  const net = useNet();
  provide('net', net);
  return net;
}
