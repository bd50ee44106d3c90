/*
 * What becomes of the costs when there are more sockets, and when the store has
 * more messages. See README.md.
 */
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startStack, waitFor } from '../tests/support/stack.mjs';
import { build, cpuOf, http, launch, requestText, several, show, table } from './children.mjs';

const PEOPLE = 1000;
const SIGNED_IN = 200; // of the people, for sockets
const BYTES_A_MESSAGE = 600; // of disk, with room to spare
const SETTLE = 2000;

const { values } = parseArgs({
	options: {
		sockets: { type: 'string', default: '1000,10000,15000,50000' },
		messages: { type: 'string', default: '10000,1000000,10000000' },
		seconds: { type: 'string', default: '3' },
		idle: { type: 'string', default: '30' },
		json: { type: 'boolean' },
		help: { type: 'boolean' },
	},
});
if (values.help) {
	console.log(`usage: bench/growth [--sockets 1000,10000] [--messages 10000,1000000]
                    [--seconds S] [--idle S] [--json]    "" leaves a part out
    --json: the histories alone, as one line`);
	process.exit(0);
}
const numbers = (text) => text.split(',').filter(Boolean).map(Number);

/* ---- sockets ---- */

/* Each takes one descriptor of palabre-pushd and of the load, and two of nginx,
 * which has as many workers as processors. */
function socketsAllowed() {
	const [, hard] = /^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
	return Number(hard) - 500;
}

const parts = (stack) => ({
	pushd: [stack.pid('palabre-pushd')],
	nginx: stack.workers('nginx'),
});

function resident(pids) {
	return pids.reduce((sum, pid) =>
		sum + Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) * 1024, 0);
}

const each = (stack, what) => Object.values(parts(stack)).map(what);

const connections = async (stack) => JSON.parse((await stack.ctl('stats')).stdout).stats.connections;

async function growSockets(count) {
	const stack = await startStack({
		set: {
			auth_rate: 100000, auth_burst: 100000,
			max_connections: count + 1000, user_sockets: count, address_strangers: count,
		},
	});
	let load;
	try {
		const people = await several(SIGNED_IN, (i) => stack.register(`person${i}`));
		await sleep(SETTLE);
		const before = each(stack, resident);
		const begun = performance.now();
		load = launch([join(build, 'bench/storm-load'), String(stack.port), String(count)]);
		for (let i = 0; i < count; i++)
			load.say(people[i % SIGNED_IN].token);
		await load.answer(/^connected (\d+)$/);
		const connected = (performance.now() - begun) / 1000;
		await sleep(SETTLE);
		const [pushd, nginx] = each(stack, resident).map((bytes, i) => (bytes - before[i]) / count);
		const cpu = each(stack, cpuOf);
		await sleep(Number(values.idle) * 1000);
		const minute = each(stack, cpuOf).reduce((sum, ns, i) => sum + ns - cpu[i], 0) / 1000 / count *
			(60 / Number(values.idle));
		const lost = performance.now();
		await load.end();
		await waitFor('all gone', async () => (await connections(stack)) === 0, 60_000, 50);
		return { connected: count / connected, pushd, nginx, minute, gone: count / ((performance.now() - lost) / 1000) };
	} finally {
		await load?.end();
		await stack.stop();
	}
}

async function sockets() {
	const line = table(12, 14);
	line('sockets', ['connected/s', 'pushd bytes', 'nginx bytes', 'CPU us/minute', 'gone/s']);
	for (const count of numbers(values.sockets)) {
		if (count > socketsAllowed()) {
			console.log(`${show(count).padEnd(12)}  not tried: the limit of descriptors (ulimit -Hn) allows ${socketsAllowed()}`);
			continue;
		}
		const { connected, pushd, nginx, minute, gone } = await growSockets(count);
		line(show(count), [connected, pushd, nginx, minute, gone].map(show));
	}
}

/* ---- histories ---- */

/* Started as root, Palabre is the user `palabre`, whose the store has to be. */
function handOver(...paths) {
	if (process.getuid() !== 0)
		return;
	const id = (flag) => Number(execFileSync('id', [flag, 'palabre']));
	for (const path of paths.filter(existsSync))
		chownSync(path, id('-u'), id('-g'));
}

function fill(dir, first, last) {
	const database = join(dir, 'palabre.db');
	execFileSync(join(build, 'bench/fill'), [database, PEOPLE, first, last].map(String));
	handOver(dir, database, `${database}-wal`, `${database}-shm`);
}

async function requests(stack) {
	const me = await stack.login('person0');
	const list = (await me.api('/api/conversations')).body;
	const long = list.reduce((a, b) => (b.lastSeq > a.lastSeq ? b : a));
	const { epoch } = (await me.api('/api/sync', { body: { conversations: {} } })).body;
	const known = Object.fromEntries(list.map(({ _id, lastSeq, lastChange }) => [_id, { seq: lastSeq, change: lastChange }]));
	const page = (before) => requestText('GET', '/api/messages/conversation?limit=50' +
		`&conversationId=${long._id}${before ? `&before=${before}` : ''}`, { token: me.token });
	const { token } = me;
	return {
		send: (round) => requestText('POST', '/api/messages', {
			token,
			body: { conversationId: list.at(-1)._id, content: 'And now?', clientId: `${Date.now()}-${round}-######` },
		}),
		'newest page': () => page(),
		'middle page': () => page(Math.floor(long.lastSeq / 2)),
		'oldest page': () => page(51),
		list: () => requestText('GET', '/api/conversations', { token }),
		sync: () => requestText('POST', '/api/sync', { token, body: { epoch, conversations: known } }),
		search: () => requestText('GET', '/api/users/search?q=son77', { token }),
	};
}

async function measureStore(dir) {
	const stack = await startStack({ set: { store: `sqlite:${join(dir, 'palabre.db')}` } });
	try {
		const results = {};
		for (const [name, text] of Object.entries(await requests(stack))) {
			await http(stack.port, 1, 0.3, [text(0)]);
			const { p50, p99, refused } = await http(stack.port, 1, values.seconds, [text(1)]);
			if (refused > 0)
				throw new Error(`${name}: ${refused} refused`);
			results[name] = { p50, p99 };
		}
		return results;
	} finally {
		await stack.stop();
	}
}

function printStores(stores) {
	const [smallest] = stores;
	const line = table(14, 20);
	line('p50 / p99 us', stores.map(({ count }) => `${show(count)} messages`));
	for (const name of Object.keys(smallest.results))
		line(name, stores.map(({ results }) => {
			const { p50, p99 } = results[name];
			return `${show(p50)} / ${show(p99)} x${(p50 / smallest.results[name].p50).toFixed(2)}`;
		}));
}

async function histories() {
	const dir = mkdtempSync(join(tmpdir(), 'palabre-growth-'));
	const stores = [];
	let filled = 0;
	try {
		for (const count of numbers(values.messages)) {
			const { bavail, bsize } = statfsSync(dir);
			if ((count - filled) * BYTES_A_MESSAGE > bavail * bsize) {
				console.error(`${show(count)} messages not tried: ${dir} has too little room`);
				continue;
			}
			fill(dir, filled, count);
			filled = count;
			stores.push({ count, results: await measureStore(dir) });
		}
		return stores;
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
}

function worst(stores) {
	const [smallest] = stores;
	const ratios = stores.flatMap(({ results }) =>
		Object.entries(results).map(([name, { p50 }]) => p50 / smallest.results[name].p50));
	return Math.max(...ratios);
}

if (values.json) {
	console.log(JSON.stringify({ worst: worst(await histories()) }));
} else {
	if (values.sockets !== '')
		await sockets();
	if (values.messages !== '')
		printStores(await histories());
}
process.exit(0); // the kept connections of fetch would hold us
