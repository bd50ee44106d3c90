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

/* To make a format costs a hundred times as much as to use it. */
const formats = new Map();

function inWords(iso, language, form) {
  const name = `${language} ${JSON.stringify(form)}`;
  if (!formats.has(name)) formats.set(name, new Intl.DateTimeFormat(language, form));
  return formats.get(name).format(new Date(iso));
}

export const clockTime = (iso, language) => inWords(iso, language, { timeStyle: 'short' });

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
  if (ago > 1 && ago < 7) return inWords(iso, language, { weekday: 'long' });
  return longDate(iso, now, language);
}

export const monthName = (iso, language) => inWords(iso, language, { month: 'long', year: 'numeric' });

/* The year only where it is another one. */
function longDate(iso, now, language) {
  const sameYear = new Date(iso).getFullYear() === new Date(now).getFullYear();
  return inWords(iso, language, {
    day: 'numeric',
    month: 'long',
    year: sameYear ? undefined : 'numeric',
  });
}

/* For the list of conversations: the time today, else the day, short. */
export function shortStamp(iso, { now, language, t }) {
  const ago = daysAgo(iso, now);
  if (ago <= 0) return clockTime(iso, language);
  if (ago === 1) return t('time.yesterday');
  const form =
    ago < 7 ? { weekday: 'short' } : { day: '2-digit', month: '2-digit', year: '2-digit' };
  return inWords(iso, language, form);
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
  inWords(iso, language, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: 'numeric',
    minute: '2-digit',
  });

/* "28/11/2026, 18:00" */
export const dateAndTime = (iso, language) => inWords(iso, language, { dateStyle: 'short', timeStyle: 'short' });

/* The server's word for it is the end of the year 9999. */
export const isForEver = (iso) => iso.startsWith('9999');

/* When a day begins here that a field for dates names, as an ISO time. */
export function dayStart(day) {
  const [year, month, date] = day.split('-').map(Number);
  return new Date(year, month - 1, date).toISOString();
}
