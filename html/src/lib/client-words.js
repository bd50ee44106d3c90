/* client-words - how somebody is connected, in words. */

import { sizeText } from './file-kinds.js';
import { locale, t } from './i18n.js';
import { clockTime, daysAgo, moment } from './time.js';

const MINUTE_MS = 60000;
const HOUR_MS = 60 * MINUTE_MS;

/* Not the second: that would change with each look. */
export function spanText(ms) {
  if (ms < MINUTE_MS) return t('desk.span.now');
  if (ms < HOUR_MS) return t('desk.span.minutes', { n: Math.floor(ms / MINUTE_MS) });
  if (ms < 24 * HOUR_MS) return t('desk.span.hours', { n: Math.floor(ms / HOUR_MS) });
  return t('desk.span.days', { n: Math.floor(ms / (24 * HOUR_MS)) });
}

const sinceText = (iso, now) =>
  daysAgo(iso, now) > 0 ? moment(iso, { now, language: locale(), t }) : clockTime(iso, locale());

/* -> short texts, the most telling first */
export function clientWords(client, now) {
  const { transport, ip, since, active, queue, connections } = client;
  return [
    transport && t(`desk.transport.${transport}`), // or they are just going
    ip,
    t('desk.idle', { span: spanText(now - Date.parse(active)) }),
    t('desk.since', { when: sinceText(since, now) }),
    connections > 1 && t('desk.connections', { n: connections }),
    queue > 0 && t('desk.queue', { size: sizeText(queue, locale()) }),
  ].filter(Boolean);
}
