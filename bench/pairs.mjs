/*
 * Messages between pairs of people over sockets: sent, stored, delivered and
 * acknowledged. Palabre as it is deployed, through nginx, and the rival without
 * one, by turns. See README.md.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { password, startStack } from '../tests/support/stack.mjs';
import {
	build, cpuOf, http, launch, median, medians, requestText, rivalCommand, several, show, table,
} from './children.mjs';

const PEOPLE = 100;
const UNDER_WAY = 2;

const { values } = parseArgs({
	options: {
		seconds: { type: 'string', default: '4' },
		rounds: { type: 'string', default: '3' },
		rate: { type: 'string', default: '200' },
		sync: { type: 'string', default: 'full' },
		json: { type: 'boolean' },
		help: { type: 'boolean' },
	},
});
if (values.help) {
	console.log(`usage: bench/pairs [--seconds S] [--rounds N] [--rate R] [--sync full|normal] [--json]
    --json: one line of figures, and no login storm`);
	process.exit(0);
}
const SECONDS = Number(values.seconds);
const FLOOD = `flood ${UNDER_WAY} ${SECONDS}`;
const PACED = `rate ${values.rate} ${SECONDS}`;

/* Palabre: the people have accounts. */
async function startPalabre() {
	const stack = await startStack({
		set: {
			sqlite_sync: values.sync,
			auth_rate: 100000,
			auth_burst: 100000,
			socket_rate: 100000,
			socket_burst: 100000,
		},
	});
	return {
		stack,
		port: stack.port,
		async people() {
			const people = await several(PEOPLE, (i) => stack.register(`person${i}`));
			return people.map(({ token, id }) => `${token} ${id}`);
		},
		parts: {
			workers: stack.workers('palabre-api'),
			pushd: [stack.pid('palabre-pushd')],
			nginx: stack.workers('nginx'),
		},
		stop: () => stack.stop(),
	};
}

/* The rival believes everybody: an id is a token. */
async function startRival() {
	const directory = mkdtempSync(join(tmpdir(), 'palabre-bench-'));
	const command = rivalCommand('chat', join(directory, 'chat.db'), values.sync, String(PEOPLE));
	if (command === undefined)
		return undefined;
	const server = launch(command);
	const [port] = await server.answer(/^listening (\d+)$/);
	return {
		port,
		people: () => Array.from({ length: PEOPLE }, (_, i) => (i + 1).toString(16).padStart(24, '0')).map((id) => `${id} ${id}`),
		parts: { rival: [server.pid] },
		async stop() {
			await server.end();
			rmSync(directory, { recursive: true, force: true });
		},
	};
}

/* Signs everybody in and lets the pairs meet. */
async function connect(server) {
	server.load = launch([join(build, 'bench/pairs-load'), String(server.port), String(PEOPLE)]);
	for (const line of await server.people())
		server.load.say(line);
	await server.load.answer(/^connected (\d+)$/);
	await ask(server, `flood ${UNDER_WAY} 1`);
}

/* What it did, and microseconds of CPU per message of each part. */
async function ask({ load, parts }, line) {
	const before = Object.values(parts).map(cpuOf);
	load.say(line);
	const [messages, microseconds, p50, p99] =
		await load.answer(/^messages (\d+) microseconds (\d+) p50 (\d+) p99 (\d+)$/);
	const result = { perSecond: messages / (microseconds / 1e6), p50, p99, cpu: 0 };
	Object.keys(parts).forEach((part, i) => {
		result[part] = (cpuOf(parts[part]) - before[i]) / 1000 / messages;
		result.cpu += result[part];
	});
	return result;
}

/* Twice as many sign in at once as there are workers for it. */
async function duringLogins(server, line) {
	const body = { username: 'person0', password };
	const logins = http(server.port, 4, SECONDS + 1, [requestText('POST', '/api/auth/login', { body })]);
	const result = await ask(server, line);
	const { perSecond, refused } = await logins;
	if (refused > 0)
		throw new Error(`${refused} logins were refused`);
	return { ...result, logins: perSecond };
}

async function measure(palabre, rival) {
	const rows = [
		['as fast as it goes', FLOOD, ask, palabre],
		['as fast as it goes, rival', FLOOD, ask, rival],
		[`${values.rate} a second`, PACED, ask, palabre],
		[`${values.rate} a second, rival`, PACED, ask, rival],
		['as fast as it goes, login storm', FLOOD, duringLogins, values.json ? undefined : palabre],
		[`${values.rate} a second, login storm`, PACED, duringLogins, values.json ? undefined : palabre],
	]
		.map(([name, line, run, server]) => ({ name, line, run, server, results: [] }))
		.filter(({ server }) => server !== undefined);
	for (let round = 0; round < Number(values.rounds); round++) {
		for (const row of rows)
			row.results.push(await row.run(row.server, row.line));
	}
	return rows;
}

function print(rows) {
	const keys = ['perSecond', 'p50', 'p99', 'cpu', 'workers', 'pushd', 'nginx', 'logins'];
	const line = table(34, 12);
	line(`medians of ${values.rounds} rounds, sync ${values.sync}`,
		['messages/s', 'p50 us', 'p99 us', 'CPU us each', 'workers', 'pushd', 'nginx', 'logins/s']);
	for (const { name, results } of rows) {
		const all = medians(results);
		line(name, keys.map((key) => show(all[key])));
	}
}

/* Palabre's part of the rival's, of the same round. */
function beside([ours, theirs], key) {
	return median(ours.results.map((result, round) => result[key] / theirs.results[round][key]));
}

function figures(rows, rival) {
	const { cpu, workers, pushd, nginx, p99 } = medians(rows[0].results);
	const of = (key) => (rival ? beside(rows, key) : undefined);
	return { share: of('perSecond'), p99Share: of('p99'), cpuShare: of('cpu'), cpu, workers, pushd, nginx, p99 };
}

const servers = [];
try {
	for (const start of [startPalabre, startRival]) {
		const server = await start();
		if (server !== undefined)
			servers.push(server);
	}
	for (const server of servers)
		await connect(server);
	const [palabre, rival] = servers;
	const rows = await measure(palabre, rival);
	const result = figures(rows, rival);
	if (values.json) {
		console.log(JSON.stringify(result));
	} else {
		print(rows);
		console.log(`beside the rival: messages/s x ${show(result.share)}, ` +
			`p99 x ${show(result.p99Share)}, CPU x ${show(result.cpuShare)}`);
	}
} finally {
	for (const server of servers) {
		await server.load?.end();
		await server.stop();
	}
}
process.exit(0); // the kept connections of fetch would hold us
