// Files that tests send.
import { createHash } from 'node:crypto';

/* One whose bytes are kept in the folder that is swept first; name: below
 * file_dir. */
export function contract() {
  for (let n = 0; ; n += 1) {
    const body = `a contract, number ${n}`;
    const hash = createHash('sha256').update(body).digest('hex');
    if (hash.startsWith('00')) return { body, name: `00/${hash}` };
  }
}
