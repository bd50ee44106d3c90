/*
 * python-socketio in a virtual environment of its own, kept between runs under
 * the user's cache and named by what it holds.
 */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { within } from './wire.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const requirements = join(here, 'requirements.txt');
const LIMIT = 40_000;
const run = promisify(execFile);
let environment;

/* The marker comes last: half an environment is none. */
async function prepare() {
	const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
	const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
	const folder = join(cache, 'palabre', `python-socketio-${digest}`);
	const marker = join(folder, 'complete');
	const interpreter = join(folder, 'bin/python');
	if (existsSync(marker))
		return interpreter;
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(dirname(folder), { recursive: true });
	await run('python3', ['-m', 'venv', folder]);
	await run(interpreter, ['-m', 'pip', 'install', '--quiet', '-r', requirements]);
	await run('touch', [marker]);
	return interpreter;
}

/*
 * Start python_client.py FLAVOUR MODE URL PLAY. said(line) waits for a line,
 * finished() for exit status 0; end() kills what still runs.
 */
export async function pythonClient(flavour, mode, url, play) {
	environment ??= prepare();
	const child = spawn(await environment, [join(here, 'python_client.py'), flavour, mode, url, play], {
		stdio: ['ignore', 'pipe', 'pipe'],
		env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
	});
	let errors = '';
	child.stderr.on('data', (part) => (errors += part));
	const lines = createInterface({ input: child.stdout });
	const exit = once(child, 'exit');
	const end = () => child.kill('SIGKILL');
	const failed = () => new Error(`python ended with ${child.exitCode ?? child.signalCode}: ${errors}`);

	return {
		end,
		async said(line) {
			const ended = exit.then(() => {
				throw failed();
			});
			ended.catch(() => {});
			const [said] = await within(LIMIT, line, Promise.race([once(lines, 'line'), ended]));
			if (said !== line)
				throw new Error(`python said "${said}" instead of "${line}"`);
		},
		async finished() {
			try {
				await within(LIMIT, 'end of python', exit);
			} finally {
				end();
			}
			if (child.exitCode !== 0)
				throw failed();
		},
	};
}
