/*
 * Messages between pairs of people over sockets, through nginx: sent, stored,
 * delivered and acknowledged; at rest and while others sign in. See README.md.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { password, startStack } from '../tests/support/stack.mjs';
import { build, http, launch, median, requestText, several, show } from './children.mjs';

const PEOPLE = 100;
const UNDER_WAY = 2;

const { values } = parseArgs({
	options: {
		seconds: { type: 'string', default: '4' },
		rounds: { type: 'string', default: '3' },
		rate: { type: 'string', default: '200' },
		sync: { type: 'string', default: 'full' },
		help: { type: 'boolean' },
	},
});
if (values.help) {
	console.log('usage: bench/pairs [--seconds S] [--rounds N] [--rate R] [--sync full|normal]');
	process.exit(0);
}
const SECONDS = Number(values.seconds);

async function ask(load, line) {
	load.say(line);
	const [messages, microseconds, p50, p99] =
		await load.answer(/^messages (\d+) microseconds (\d+) p50 (\d+) p99 (\d+)$/);
	return { perSecond: messages / (microseconds / 1e6), p50, p99 };
}

/* Twice as many sign in at once as there are workers for it. */
async function duringLogins(stack, work) {
	const body = { username: 'person0', password };
	const logins = http(stack.port, 4, SECONDS + 1, [requestText('POST', '/api/auth/login', { body })]);
	const result = await work();
	const { perSecond, refused } = await logins;
	if (refused > 0)
		throw new Error(`${refused} logins were refused`);
	return { ...result, logins: perSecond };
}

async function measure(stack, load, rounds) {
	const flood = `flood ${UNDER_WAY} ${SECONDS}`;
	const paced = `rate ${values.rate} ${SECONDS}`;
	const rows = [
		['as fast as it goes, at rest', () => ask(load, flood)],
		[`${values.rate} a second, at rest`, () => ask(load, paced)],
		['as fast as it goes, login storm', () => duringLogins(stack, () => ask(load, flood))],
		[`${values.rate} a second, login storm`, () => duringLogins(stack, () => ask(load, paced))],
	].map(([name, run]) => ({ name, run, results: [] }));
	await ask(load, `flood ${UNDER_WAY} 1`); // the pairs meet
	for (let round = 0; round < rounds; round++) {
		for (const row of rows)
			row.results.push(await row.run());
	}
	return rows;
}

function print(rows) {
	const line = (name, cells) => console.log(name.padEnd(34) + cells.map((cell) => cell.padStart(12)).join(''));
	line(`medians of ${values.rounds} rounds, sync ${values.sync}`, ['messages/s', 'p50 us', 'p99 us', 'logins/s']);
	for (const { name, results } of rows) {
		const keys = ['perSecond', 'p50', 'p99', 'logins'];
		line(name, keys.map((key) => show(key in results[0] ? median(results.map((result) => result[key])) : undefined)));
	}
}

const stack = await startStack({
	set: {
		sqlite_sync: values.sync,
		auth_rate: 100000,
		auth_burst: 100000,
		socket_rate: 100000,
		socket_burst: 100000,
	},
});
let load;
try {
	const people = await several(PEOPLE, (i) => stack.register(`person${i}`));
	load = launch([join(build, 'bench/pairs-load'), String(stack.port), String(PEOPLE)]);
	for (const { token, id } of people)
		load.say(`${token} ${id}`);
	await load.answer(/^connected (\d+)$/);
	print(await measure(stack, load, Number(values.rounds)));
} finally {
	await load?.end();
	await stack.stop();
}
process.exit(0); // the kept connections of fetch would hold us
