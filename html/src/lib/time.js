/*
 * time - ISO times in people's words. `now` is an argument; the words come
 * from t, the formats from the language.
 */

const MINUTE_MS = 60 * 1000;

/* The local day of a time, as a key that sorts. */
export function dayKey(iso) {
  const date = new Date(iso);
  const two = (n) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function clockTime(iso, language) {
  return new Intl.DateTimeFormat(language, { timeStyle: 'short' }).format(
    new Date(iso),
  );
}

/* Whole local days between: 0 today, 1 yesterday. */
export function daysAgo(iso, now) {
  const midnight = (ms) => new Date(ms).setHours(0, 0, 0, 0);
  const span = midnight(now) - midnight(Date.parse(iso));
  return Math.round(span / (24 * 60 * MINUTE_MS));
}

export function dayName(iso, { now, language, t }) {
  const ago = daysAgo(iso, now);
  if (ago === 0) return t('time.today');
  if (ago === 1) return t('time.yesterday');
  if (ago > 1 && ago < 7) return weekday(iso, language);
  return longDate(iso, now, language);
}

function weekday(iso, language) {
  return new Intl.DateTimeFormat(language, { weekday: 'long' }).format(
    new Date(iso),
  );
}

/* The year only where it is another one. */
function longDate(iso, now, language) {
  const date = new Date(iso);
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(language, {
    day: 'numeric',
    month: 'long',
    year: sameYear ? undefined : 'numeric',
  }).format(date);
}

/* For the list of conversations: the time today, else the day, short. */
export function shortStamp(iso, { now, language, t }) {
  const ago = daysAgo(iso, now);
  if (ago <= 0) return clockTime(iso, language);
  if (ago === 1) return t('time.yesterday');
  const form =
    ago < 7 ? { weekday: 'short' } : { day: '2-digit', month: '2-digit', year: '2-digit' };
  return new Intl.DateTimeFormat(language, form).format(new Date(iso));
}

/* "just now", "today at 12:30", "yesterday at 9:05", "3 May at 18:00" */
export function moment(iso, { now, language, t }) {
  if (now - Date.parse(iso) < MINUTE_MS) return t('time.justNow');
  const time = clockTime(iso, language);
  const ago = daysAgo(iso, now);
  if (ago <= 0) return t('time.todayAt', { time });
  if (ago === 1) return t('time.yesterdayAt', { time });
  return t('time.dateAt', { date: longDate(iso, now, language), time });
}

/* "Saturday 5 December at 18:00", in the language's own order. */
export const fullMoment = (iso, language) =>
  new Intl.DateTimeFormat(language, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: 'numeric',
    minute: '2-digit',
  }).format(new Date(iso));

/* The server's word for it is the end of the year 9999. */
export const isForEver = (iso) => iso.startsWith('9999');
