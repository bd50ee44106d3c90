// What the benches share: programs that are spoken to in lines, what they cost,
// and numbers as they are shown.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const here = fileURLToPath(new URL('.', import.meta.url));
export const build = process.env.PALABRE_BUILD ?? join(here, '../build');
export const PATIENCE = 60_000;

/* What bench/setup built. */
export const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'palabre/bench');
const rival = join(cache, 'target/release/palabre-rival');

/* Where it is missing a bench goes on without it, and says so. */
export function rivalCommand(...words) {
	if (existsSync(rival))
		return [rival, ...words];
	console.error('Without the rival: bench/setup builds it.');
	return undefined;
}

/* A child that is spoken to in lines. */
export function launch([program, ...args]) {
	if (!existsSync(program))
		throw new Error(`${program} is missing: make first (PALABRE_BUILD names another build folder)`);
	const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	child.stdin.on('error', () => {});
	return {
		pid: child.pid,
		async answer(pattern) {
			const late = new AbortController();
			const limit = sleep(PATIENCE, undefined, { signal: late.signal }).then(() => ({ value: 'nothing' }));
			limit.catch(() => {});
			const { value = 'nothing' } = await Promise.race([lines.next(), limit]);
			late.abort();
			const match = pattern.exec(value);
			if (!match)
				throw new Error(`${program} said "${value}"`);
			return match.slice(1).map(Number);
		},
		say: (line) => child.stdin.write(`${line}\n`),
		hear: (text) => child.stdin.end(text),
		async end() {
			if (child.exitCode !== null || child.signalCode !== null)
				return;
			const exit = once(child, 'exit');
			const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
			child.stdin.end();
			await exit;
			clearTimeout(timer);
		},
	};
}

/* Nanoseconds on a processor, all threads. */
export function cpu({ pid }) {
	const tasks = readdirSync(`/proc/${pid}/task`);
	return tasks.reduce((sum, task) => {
		const [running] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ');
		return sum + Number(running);
	}, 0);
}

export const cpuOf = (pids) => pids.reduce((sum, pid) => sum + cpu({ pid }), 0);

export const show = (value) =>
	value === undefined || Number.isNaN(value) ? '-' : value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(3);

export function median(values) {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = Math.floor(sorted.length / 2);
	return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/* of each key of the results */
export const medians = (results) =>
	Object.fromEntries(Object.keys(results[0]).map((key) => [key, median(results.map((result) => result[key]))]));

/* Lines of a first cell and right-justified others. */
export const table = (first, width) => (name, cells) =>
	console.log(name.padEnd(first) + cells.map((cell) => cell.padStart(width)).join(''));

/* Sends these HTTP requests over and over, C at a time; or, with a rate, so
 * many a second. */
export async function http(port, connections, seconds, requests, rate) {
	const words = [port, connections, seconds, ...(rate === undefined ? [] : [rate])].map(String);
	const load = launch([join(build, 'bench/http-load'), ...words]);
	try {
		load.hear(requests.map((request) => `${request}\0`).join(''));
		const [count, refused, microseconds, p50, p99] =
			await load.answer(/^requests (\d+) refused (\d+) microseconds (\d+) p50 (\d+) p99 (\d+)$/);
		return { count, refused, perSecond: count / (microseconds / 1e6), p50, p99 };
	} finally {
		await load.end();
	}
}

/* The text of a request; a '#' in it becomes a digit of its number. */
export function requestText(method, target, { token, body } = {}) {
	const text = body === undefined ? '' : JSON.stringify(body);
	return [
		`${method} ${target} HTTP/1.1`,
		'Host: 127.0.0.1',
		...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
		...(body === undefined ? [] : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(text)}`]),
		'',
		text,
	].join('\r\n');
}

/* [work(0), .. work(count - 1)], eight at a time. */
export async function several(count, work) {
	const results = [];
	for (let first = 0; first < count; first += 8) {
		const some = Array.from({ length: Math.min(8, count - first) }, (_, i) => work(first + i));
		results.push(...(await Promise.all(some)));
	}
	return results;
}
