/*
 * How long people wait for each other while strangers attack, beside how long
 * they wait at rest. See README.md.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startStack } from '../tests/support/stack.mjs';
import { kinds } from './attackers.mjs';
import { build, here, launch, several, show, table } from './children.mjs';

const PEOPLE = 50;
const RATE = 50; // messages a second of all
const SETTLE = 1000;

const { values } = parseArgs({
	options: {
		seconds: { type: 'string', default: '10' },
		only: { type: 'string', default: '' },
		json: { type: 'boolean' },
		help: { type: 'boolean' },
	},
});
if (values.help) {
	console.log(`usage: bench/attack [--seconds S] [--only WORD] [--json]
    WORD: only the attacks whose name has it`);
	process.exit(0);
}

async function chat(load) {
	load.say(`rate ${RATE} ${values.seconds}`);
	const [, , p50, p99] = await load.answer(/^messages (\d+) microseconds (\d+) p50 (\d+) p99 (\d+)$/);
	return { p50, p99 };
}

async function under(kind, load, port, token) {
	const attackers = launch([process.execPath, join(here, 'attackers.mjs'), kind, String(port), values.seconds, token]);
	try {
		await sleep(500);
		const result = await chat(load);
		const [tried] = await attackers.answer(/^tried (\d+)$/);
		return { ...result, tried };
	} finally {
		await attackers.end();
	}
}

const stack = await startStack({ set: { auth_burst: 2 * PEOPLE, real_ip_from: '127.0.0.1' } });
let load;
try {
	const people = await several(PEOPLE, (i) => stack.register(`person${i}`));
	load = launch([join(build, 'bench/pairs-load'), String(stack.port), String(PEOPLE)]);
	for (const { token, id } of people)
		load.say(`${token} ${id}`);
	await load.answer(/^connected (\d+)$/);
	const rest = await chat(load);
	const { token } = await stack.register('mallory');
	const names = Object.keys(kinds).filter((name) => name.includes(values.only));
	const results = {};
	for (const name of names) {
		results[name] = await under(name, load, stack.port, token);
		await sleep(SETTLE);
	}
	if (values.json) {
		console.log(JSON.stringify({ rest: rest.p99, worst: Math.max(...Object.values(results).map(({ p99 }) => p99)) }));
	} else {
		const line = table(36, 12);
		line(`${PEOPLE} people, ${RATE} messages a second`, ['p50 us', 'p99 us', 'x rest', 'tries']);
		line('at rest', [show(rest.p50), show(rest.p99), '', '']);
		for (const name of names) {
			const { p50, p99, tried } = results[name];
			line(name, [show(p50), show(p99), show(p99 / rest.p99), show(tried)]);
		}
	}
} finally {
	await load?.end();
	await stack.stop();
}
process.exit(0); // the kept connections of fetch would hold us
