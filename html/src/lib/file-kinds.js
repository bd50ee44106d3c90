/*
 * file-kinds - what a file is to the page, by the type that the server found in
 * its bytes: a picture, something to hear or see, or bytes to save. And how
 * large a picture is shown.
 */

const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/* By its bytes these may be film; by their names they are sound alone. */
const HEARD = { 'video/webm': /\.weba$/i, 'video/mp4': /\.m4a$/i };

/* picture, audio, video or other */
export function kindOf({ mime = '', name = '' } = {}) {
  if (PICTURES.has(mime)) return 'picture';
  if (HEARD[mime]?.test(name)) return 'audio';
  const [family] = mime.split('/');
  return family === 'audio' || family === 'video' ? family : 'other';
}

/* Its small copy does, where there is one; it would not move, though. */
export const showsSmall = ({ preview, mime }) => Boolean(preview) && mime !== 'image/gif';

/* The id of the file that a picture of somebody is, or ''. */
export const fileOf = (avatar = '') => (/^[0-9a-f]{24}$/.test(avatar) ? avatar : '');

const WIDEST = 336; // pixels, in a bubble
const HIGHEST = 360;
const LEAST = 96;
const UNKNOWN = { width: 240, height: 180 };

/* How many pixels it takes in a bubble, before any of it is there. */
export function shownSize({ width, height }) {
  if (!width || !height) return UNKNOWN;
  const scale = Math.min(1, WIDEST / width, HIGHEST / height);
  const of = (length) => Math.max(LEAST, Math.round(length * scale));
  return { width: of(width), height: of(height) };
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];

/* "1.4 MB", "1,4 Mo" */
export function sizeText(bytes, language) {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: UNITS[step],
    unitDisplay: step ? 'short' : 'long',
    maximumFractionDigits: step > 1 ? 1 : 0,
  }).format(bytes / 1000 ** step);
}
