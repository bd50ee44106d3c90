/*
 * The servers under test: one row each, all started and stopped alike.
 *
 * start(...options) resolves once the server listens; beside its own words the
 * options may hold { files }, how many it may open:
 *     { name, port, pid, url, ws, stop(), restart(), report() }
 * SIO_SERVERS="palabre reference" picks rows; both by default, but where the
 * official server takes its time (`asked`) it has to be named.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const build = process.env.PALABRE_BUILD ?? join(here, '../../build');
const START_LIMIT = 10_000;

const table = [
	{
		name: 'palabre',
		command: [process.env.SIO_ECHO_SERVER ?? join(build, 'tests/sio-echo-server')],
		reportSignal: 'SIGUSR1',
	},
	{
		name: 'reference',
		command: [process.execPath, join(here, 'reference-server.mjs')],
		reportSignal: 'SIGUSR2', // Node keeps SIGUSR1 for its debugger
	},
];

async function launch(row, port, options) {
	const [program, ...fixed] = row.command;
	if (!existsSync(program))
		throw new Error(`${program} is not built: make first, or set PALABRE_BUILD`);
	const words = options.filter((option) => typeof option === 'string');
	const { files } = options.find((option) => typeof option === 'object') ?? {};
	const command = [program, ...fixed, '--port', String(port), ...words];
	if (files !== undefined)
		command.unshift('sh', '-c', `ulimit -n ${files} && exec "$@"`, 'sh');
	const child = spawn(command[0], command.slice(1), {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const lines = createInterface({ input: child.stdout });
	const waiting = [];
	lines.on('line', (line) => waiting.shift()?.(line));
	const nextLine = () => new Promise((resolve) => waiting.push(resolve));
	const timer = setTimeout(() => child.kill('SIGKILL'), START_LIMIT);
	const died = once(child, 'exit').then(([code, signal]) => {
		throw new Error(`${row.name} ended before it listened (${code ?? signal})`);
	});
	const first = await Promise.race([nextLine(), died]);
	died.catch(() => {});
	clearTimeout(timer);
	const listening = /^listening (\d+)$/.exec(first);
	if (!listening)
		throw new Error(`${row.name} said "${first}" instead of "listening N"`);
	return { child, nextLine, port: Number(listening[1]) };
}

async function end({ child }) {
	const ended = child.exitCode ?? child.signalCode;
	if (ended !== null)
		throw new Error(`the server died by itself (${ended})`);
	const exit = once(child, 'exit');
	const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
	child.kill('SIGTERM');
	const [code, signal] = await exit;
	clearTimeout(timer);
	if (code !== 0)
		throw new Error(`SIGTERM ended the server with ${code ?? signal}`);
}

async function start(row, options) {
	let running = await launch(row, 0, options);
	const { port } = running;

	return {
		name: row.name,
		port,
		url: `http://127.0.0.1:${port}`,
		ws: `ws://127.0.0.1:${port}`,
		get pid() {
			return running.child.pid;
		},
		stop: () => end(running),
		/* Gone for `pause` ms, then there again on the same port. */
		async restart(pause = 0) {
			await end(running);
			await new Promise((resolve) => setTimeout(resolve, pause));
			running = await launch(row, port, options);
		},
		/* What the server itself says: { heap, connections }. */
		async report() {
			const line = running.nextLine();
			running.child.kill(row.reportSignal);
			const [, heap, connections] = /^heap (\d+) connections (\d+)$/.exec(await line);
			return { heap: Number(heap), connections: Number(connections) };
		},
	};
}

const wanted = (process.env.SIO_SERVERS ?? table.map((row) => row.name).join(' ')).split(/[ ,]+/);

export const servers = table
	.filter((row) => wanted.includes(row.name))
	.map((row) => ({ name: row.name, start: (...options) => start(row, options) }));

export const asked = servers.filter(({ name }) => name === 'palabre' || process.env.SIO_SERVERS);
