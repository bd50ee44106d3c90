/* python-socketio: the other client, and its own idea of the protocol. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pythonEnvironment } from '../support/python.mjs';
import { within } from './wire.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const LIMIT = 40_000;
let environment;

/*
 * Start python_client.py FLAVOUR MODE URL PLAY. said(line) waits for a line,
 * finished() for exit status 0; end() kills what still runs.
 */
export async function pythonClient(flavour, mode, url, play) {
	environment ??= pythonEnvironment('python-socketio', join(here, 'requirements.txt'));
	const child = spawn(join(await environment, 'python'), [join(here, 'python_client.py'), flavour, mode, url, play], {
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
