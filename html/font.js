/*
 * The face of the pages, made of the whole one from npm: its Latin letters, as
 * English and French have them, in the weights that style.css names. With its
 * copyright and licence (SIL Open Font License 1.1) in its own table of names.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import subsetFont from 'subset-font';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const SOURCE = path('node_modules/@fontsource-variable/figtree/files/figtree-latin-wght-normal.woff2');
const OUT = path('src/face.woff2');

/* ASCII, Latin-1, and what French and typography have besides. */
const RANGES = [[0x20, 0x7e], [0xa0, 0xff]];
const BESIDES = 'Œœ–—‘’‚“”„•…‹›€™';
const WEIGHTS = { min: 400, max: 650 };
const COPYRIGHT_AND_LICENCE = [0, 13, 14];

export const LETTERS = RANGES.map(([from, to]) =>
  String.fromCodePoint(...Array.from({ length: to - from + 1 }, (_, i) => from + i))).join('') + BESIDES;

export async function makeFace() {
  const face = await subsetFont(readFileSync(SOURCE), LETTERS, {
    targetFormat: 'woff2',
    variationAxes: { wght: WEIGHTS },
    preserveNameIds: COPYRIGHT_AND_LICENCE,
  });
  if (!existsSync(OUT) || !readFileSync(OUT).equals(face)) writeFileSync(OUT, face);
}

/* For Vite: before anything asks for it. */
export const facePlugin = () => ({ name: 'palabre-face', buildStart: makeFace });
