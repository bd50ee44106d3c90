/*
 * Clients of the old line protocol and sockets at once, in pairs who write to
 * each other every two seconds: what is lost, what comes twice, and what a line
 * costs palabre-pushd in memory. See README.md.
 */
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadSettings, runLineLoad } from '../tests/support/line-load.mjs';
import { freePort, startStack, waitFor } from '../tests/support/stack.mjs';

const { values } = parseArgs({
	options: {
		pairs: { type: 'string', default: '2000' },
		seconds: { type: 'string', default: '60' },
		idle: { type: 'string', default: '1000' },
		help: { type: 'boolean' },
	},
});
if (values.help) {
	console.log('usage: bench/lines [--pairs N] [--seconds S] [--idle N]');
	process.exit(0);
}
const [pairs, seconds, idle] = [values.pairs, values.seconds, values.idle].map(Number);

const residentKib = (pid) =>
	Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]);

/* Lines that have said their name, and no more. */
async function openIdle(stack, port, count, from) {
	const clients = async () => JSON.parse((await stack.ctl('stats')).stdout).stats.clients;
	const before = await clients();
	const lines = [];

	for (let i = 0; i < count; i += 1) {
		const line = net.connect(port, '127.0.0.1').on('error', () => {}).resume();

		line.write(`idle${from + i}\n`);
		lines.push(line);
		if (i % 50 === 49)
			await sleep(50);
	}
	await waitFor('the lines', async () => await clients() >= before + count, 60000);
	await sleep(1000);
	return lines;
}

/* Those before them fill what is there anyway. */
async function memoryOf(stack, port) {
	const first = await openIdle(stack, port, 200, 0);
	const before = residentKib(stack.pid('palabre-pushd'));
	const rest = await openIdle(stack, port, idle, 200);
	const kib = (residentKib(stack.pid('palabre-pushd')) - before) / idle;

	for (const line of [...first, ...rest])
		line.destroy();
	return kib;
}

const port = await freePort();
const stack = await startStack({
	set: { ...loadSettings(port, Math.max(pairs, idle + 200)), max_connections: pairs + 1000 },
});
try {
	console.log(`memory of an idle line: ${(await memoryOf(stack, port)).toFixed(2)} KiB`);
	const { said, lost, repeated, refused, again, pairs: all } = await runLineLoad(stack, port, pairs, seconds);

	console.log(`${pairs} lines and ${pairs} sockets, ${seconds} s: ${said} messages said, ${lost} lost, ${repeated} repeated` +
		` (${refused} refused on lines, ${again} said again on sockets)`);
	for (const words of new Set(all.flatMap(({ told }) => told)))
		console.log(`  ${words}`);
	if (lost + repeated > 0)
		process.exitCode = 1;
} finally {
	await stack.stop();
}
process.exit();
