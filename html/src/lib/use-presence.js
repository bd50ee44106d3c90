/*
 * use-presence - whether somebody is here, and in words when they were. Without
 * a connection nobody is known to be. user(): who, or null.
 */

import { computed, inject } from 'vue';
import { locale, t } from './i18n.js';
import { now } from './now.js';
import { moment } from './time.js';

export function usePresence(user) {
  const { stale } = inject('net');
  const online = computed(() => !stale.value && user()?.status === 'online');
  const words = computed(() => {
    if (stale.value) return t('net.waiting');
    if (online.value) return t('chat.online');
    const { lastSeen } = user() ?? {};
    if (!lastSeen) return t('chat.offline');
    return t('chat.lastSeen', { when: moment(lastSeen, { now: now.value, language: locale(), t }) });
  });
  return { stale, online, words };
}
