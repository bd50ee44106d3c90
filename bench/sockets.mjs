/*
 * Runs ws-load against libsio and, for ratios of the same minutes on the same
 * machine, against the official npm server and socketioxide. See README.md.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { PATIENCE, build, cpu, here, launch, rivalCommand, show } from './children.mjs';

const { values } = parseArgs({
	options: {
		sizes: { type: 'string', default: '1000,10000' },
		idle: { type: 'string', default: '25' },
		seconds: { type: 'string', default: '3' },
		'reference-sizes': { type: 'string', default: '1000' },
		fanout: { type: 'string', default: '1000' },
		json: { type: 'boolean' },
		quick: { type: 'boolean' },
		help: { type: 'boolean' },
	},
});
if (values.help) {
	console.log(`usage: bench/sockets [--sizes 1000,10000] [--idle SECONDS] [--seconds SECONDS]
                     [--reference-sizes 1000] [--fanout 1000] [--json] [--quick]
    --sizes "", --reference-sizes "" and --fanout "" leave something out; --json
    is the fan-out alone, as one line; --quick finds its rate less closely`);
	process.exit(0);
}
const numbers = (text) => text.split(',').filter(Boolean).map(Number);
const IDLE = Number(values.idle);
const SECONDS = Number(values.seconds);
const SETTLE = 1000;
const FANOUT_SECONDS = values.quick ? 0.8 : 1.5;
const STEPS = values.quick ? 2 : 4;
const FANOUT_FIRST = values.quick ? 500 : 250; // events a second
const FANOUT_P99 = 200_000; // microseconds

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

/* The same for one sender: may it say so many events a second, and everyone
 * has them within 200 ms? A server that cannot may drop connections. */
async function keepsUp(command, size, rate) {
	const server = launch(command);
	let load;
	try {
		const [port] = await server.answer(/^listening (\d+)$/);
		load = launch([loader, String(port), String(size)]);
		await load.answer(/^connected (\d+) microseconds \d+$/);
		load.say(`say ${rate} ${FANOUT_SECONDS}`);
		const [said, messages, , p99] = await load.answer(/^said (\d+) messages (\d+) p50 (\d+) p99 (\d+)$/);
		return messages === said * size && p99 < FANOUT_P99;
	} catch {
		return false;
	} finally {
		await load?.end();
		await server.end();
	}
}

/* The highest rate, to a sixteenth or so (quick: to a half). One more try for what failed: the
 * machine may have been busy elsewhere. */
async function highestRate(command, size) {
	const tried = async (rate) => (await keepsUp(command, size, rate)) || keepsUp(command, size, rate);
	let low = 0, high = FANOUT_FIRST;
	while (await tried(high))
		[low, high] = [high, high * 2];
	for (let step = 0; step < STEPS; step++) {
		const middle = Math.round((low + high) / 2);
		if (await tried(middle))
			low = middle;
		else
			high = middle;
	}
	return low;
}

async function fanout(size) {
	const theirs = rivalCommand('fanout');
	const ours = await highestRate(servers[0].command, size);
	const rival = theirs && (await highestRate(theirs, size));
	return { ours: ours * size, rival: rival && rival * size, share: rival && ours / rival };
}

if (values.json) {
	console.log(JSON.stringify(await fanout(Number(values.fanout))));
	process.exit(0);
}
for (const size of new Set(servers.flatMap(({ sizes }) => sizes))) {
	const results = [];
	for (const server of servers)
		results.push(server.sizes.includes(size) ? await measure(server, size) : undefined);
	table(size, results);
}
if (values.fanout !== '') {
	const { ours, rival, share } = await fanout(Number(values.fanout));
	console.log(`one sender to ${values.fanout}, open loop, p99 < 200 ms: ${show(ours)} deliveries/s; ` +
		`socketioxide ${show(rival)}; share ${show(share)}`);
}
