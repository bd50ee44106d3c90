/*
 * Runs ws-load against libsio and, for ratios of the same minutes on the same
 * machine, against the official npm server. See README.md.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { PATIENCE, build, cpu, here, launch, show } from './children.mjs';

const { values } = parseArgs({
	options: {
		sizes: { type: 'string', default: '1000,10000' },
		idle: { type: 'string', default: '25' },
		seconds: { type: 'string', default: '3' },
		'reference-sizes': { type: 'string', default: '1000' },
		help: { type: 'boolean' },
	},
});
if (values.help) {
	console.log(`usage: bench/sockets [--sizes 1000,10000] [--idle SECONDS] [--seconds SECONDS]
                     [--reference-sizes 1000]    "" leaves the npm server out`);
	process.exit(0);
}
const numbers = (text) => text.split(',').filter(Boolean).map(Number);
const IDLE = Number(values.idle);
const SECONDS = Number(values.seconds);
const SETTLE = 1000;

const servers = [
	{ name: 'libsio', sizes: numbers(values.sizes), command: [join(build, 'bench/sio-bench-server'), '0'] },
	{
		name: 'npm socket.io',
		sizes: numbers(values['reference-sizes']),
		command: [process.execPath, join(here, 'reference-bench-server.mjs'), '0'],
	},
];
const loader = join(build, 'bench/ws-load');

function resident({ pid }) {
	return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
}

async function ask(load, line) {
	load.say(line);
	const [messages, bytes, microseconds] = await load.answer(/^messages (\d+) bytes (\d+) microseconds (\d+)$/);
	return { messages, bytes, microseconds };
}

/* Let the server send, and wait until all of it has arrived everywhere. */
async function deliver(server, load, size, line) {
	await ask(load, 'reset');
	const before = cpu(server);
	const patience = Date.now() + PATIENCE;
	server.say(line);
	const [sent] = await server.answer(/^sent (\d+)$/);
	let counted;
	do {
		await sleep(200);
		counted = await ask(load, 'count');
	} while (counted.messages < sent * size && Date.now() < patience);
	await sleep(SETTLE);
	const used = cpu(server) - before;
	const { messages, bytes, microseconds } = await ask(load, 'count');
	if (messages !== sent * size)
		throw new Error(`${messages} messages arrived of ${sent} sent to ${size}`);
	return { perSecond: messages / (microseconds / 1e6), cpuEach: used / messages, size: bytes / messages };
}

async function measure({ command }, size) {
	const server = launch(command);
	let load;
	try {
		const [port] = await server.answer(/^listening (\d+)$/);
		await sleep(SETTLE);
		const base = resident(server);
		load = launch([loader, String(port), String(size)]);
		const [, microseconds] = await load.answer(/^connected (\d+) microseconds (\d+)$/);
		await sleep(SETTLE);
		const bytes = (resident(server) - base) / size;
		const before = cpu(server);
		await sleep(IDLE * 1000);
		const idle = cpu(server) - before;
		const rate = size <= 1000 ? 100 : 20;
		const paced = await deliver(server, load, size, `rate ${rate} ${SECONDS}`);
		const flood = await deliver(server, load, size, `flood ${SECONDS}`);
		return {
			'bytes per idle connection': bytes,
			'CPU us per idle connection and minute': (idle / 1000 / size) * (60 / IDLE),
			'connections per second': size / (microseconds / 1e6),
			[`CPU us per delivery at ${rate} events/s`]: paced.cpuEach / 1000,
			'deliveries per second': flood.perSecond,
			'CPU us per delivery at full speed': flood.cpuEach / 1000,
			'bytes of an event': flood.size,
		};
	} finally {
		await load?.end();
		await server.end();
	}
}

function table(size, [ours, reference]) {
	const row = (cells) => console.log(cells[0].padEnd(40) + cells.slice(1).map((cell) => cell.padStart(15)).join(''));
	row([`${size.toLocaleString('en')} connections`, ...servers.map(({ name }) => name), 'ratio']);
	for (const what of Object.keys(ours ?? reference)) {
		const [a, b] = [ours?.[what], reference?.[what]];
		row([`  ${what}`, show(a), show(b), show(a === undefined || b === undefined ? undefined : a / b)]);
	}
}

for (const size of new Set(servers.flatMap(({ sizes }) => sizes))) {
	const results = [];
	for (const server of servers)
		results.push(server.sizes.includes(size) ? await measure(server, size) : undefined);
	table(size, results);
}
