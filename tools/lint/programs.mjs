// The programs that the rules run, from PyPI in a virtual environment, so that
// every Debian has the same versions.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder, pythonEnvironment } from '../../tests/support/python.mjs';

const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));

/* What is kept between runs; the folder is made by whoever needs it. */
export const cache = path.join(cacheFolder(), 'lint');

/* {code, output, errors} of a command. */
export function run(file, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { timeout: 300000, ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { output: [], errors: [] };
    child.stdout.on('data', (data) => said.output.push(data));
    child.stderr.on('data', (data) => said.errors.push(data));
    child.once('error', reject);
    child.once('close', (code) => resolve({
      code, output: Buffer.concat(said.output).toString(), errors: Buffer.concat(said.errors).toString(),
    }));
  });
}

/* Python's wrappers of clang-format and clang-tidy cost more than most files:
 * the programs themselves are beside them. */
export async function program(name) {
  const bin = await pythonEnvironment('lint', requirements);
  const lib = path.join(bin, '..', 'lib');
  const python = readdirSync(lib).find((entry) => entry.startsWith('python'));
  const folder = path.join(lib, python, 'site-packages', name.replace('-', '_'), 'data', 'bin');
  return name === 'shellcheck' ? path.join(bin, name) : path.join(folder, name);
}
