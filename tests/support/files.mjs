// Files that tests send.
import { createHash } from 'node:crypto';
import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { waitFor } from './stack.mjs';

/* One whose bytes are kept in the folder that is swept first; name: below
 * file_dir. */
export function contract() {
  for (let n = 0; ; n += 1) {
    const body = `a contract, number ${n}`;
    const hash = createHash('sha256').update(body).digest('hex');
    if (hash.startsWith('00')) return { body, name: `00/${hash}` };
  }
}

/* As if it had been put there three days ago. */
export function age(dir, name) {
  const old = Date.now() / 1000 - 3 * 86400;
  utimesSync(path.join(dir, 'files', name), old, old);
}

/* Before a start. -> what waits until that folder was swept: tmp is, after it. */
export function awaitSweep(dir) {
  const half = path.join(dir, 'files/tmp/0123456789abcdef');
  writeFileSync(half, 'half');
  return () => waitFor('it is swept', () => !existsSync(half));
}
