/*
 * Beside each text of the built pages the same compressed, as well as gzip can,
 * once and not for each visitor: nginx sends X.gz for X (gzip_static).
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const TEXT = /\.(html|css|js|mjs|json|map|svg|webmanifest|txt)$/;
const WORTH_IT = 1024; // as nginx's gzip_min_length

/* The same bytes for the same files: zlib writes no time into them. */
export function gzipAll(directory) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      gzipAll(path);
    } else if (TEXT.test(entry.name)) {
      const text = readFileSync(path);
      if (text.length >= WORTH_IT) writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }));
    }
  }
}

/* For Vite: when all of a build is written. */
export function gzipPlugin() {
  let directory;
  return {
    name: 'palabre-gzip',
    apply: 'build',
    configResolved: ({ build }) => { directory = build.outDir; },
    closeBundle: () => gzipAll(directory),
  };
}
