// Python packages for a test, in a virtual environment of their own, kept
// between runs under the user's cache and named by what it holds.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/* What a user's runs keep outside the tree. */
export const cacheFolder = () =>
  path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'palabre');

/* Another run may make the same one. The marker comes last: half an environment
 * is none. */
const MAKE = `
  [ -e "$1/complete" ] && exit
  rm -rf "$1"
  python3 -m venv "$1"
  "$1/bin/python" -m pip install --quiet -r "$2"
  : >"$1/complete"`;

/* The directory of its programs. */
export async function pythonEnvironment(name, requirements) {
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  const folder = path.join(cacheFolder(), `${name}-${digest.slice(0, 12)}`);
  mkdirSync(cacheFolder(), { recursive: true });
  await run('flock', [`${folder}.lock`, 'sh', '-ec', MAKE, 'sh', folder, requirements]);
  return path.join(folder, 'bin');
}
