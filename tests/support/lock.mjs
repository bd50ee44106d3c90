// Another process that writes to the store of a test, and takes its time.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { asOwnerOf } from './stack.mjs';

const SCRIPT = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
db.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
`;

/* Nobody else can write until the returned function is called. */
export async function lockStore(stack) {
  const file = path.join(stack.dir, 'palabre.db');
  const [program, ...args] = asOwnerOf(file, ['python3', '-c', SCRIPT, file]);
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  if (!String(line).includes('locked')) throw new Error(`not locked: ${line}`);
  return async () => {
    child.stdin.end();
    await once(child, 'exit');
  };
}
