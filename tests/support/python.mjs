// Python packages for a test, in a virtual environment of their own, kept
// between runs under the user's cache and named by what it holds.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/* What a user's runs keep outside the tree. */
export const cacheFolder = () =>
  path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'palabre');

/* The directory of its programs. The marker comes last: half an environment
 * is none. */
export async function pythonEnvironment(name, requirements) {
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  const folder = path.join(cacheFolder(), `${name}-${digest.slice(0, 12)}`);
  const marker = path.join(folder, 'complete');
  const programs = path.join(folder, 'bin');
  if (existsSync(marker)) return programs;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.dirname(folder), { recursive: true });
  await run('python3', ['-m', 'venv', folder]);
  await run(path.join(programs, 'python'),
    ['-m', 'pip', 'install', '--quiet', '-r', requirements]);
  writeFileSync(marker, '');
  return programs;
}
