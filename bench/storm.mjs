/*
 * palabre-pushd is killed under thousands of sockets, which come back as the
 * official client does, while others write over REST. See README.md.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startStack, waitFor } from '../tests/support/stack.mjs';
import { build, cpuOf, http, launch, requestText, several, show } from './children.mjs';

const PEOPLE = 200;
const WRITERS = 50;
const RATE = 50; // messages a second of all writers

const { values } = parseArgs({
	options: {
		sockets: { type: 'string', default: '10000' },
		seconds: { type: 'string', default: '8' },
		json: { type: 'boolean' },
		help: { type: 'boolean' },
	},
});
if (values.help) {
	console.log('usage: bench/storm [--sockets N] [--seconds S] [--json]\n    S: of REST, at rest and in the storm');
	process.exit(0);
}
const SOCKETS = Number(values.sockets);

const cpuOfParts = (stack) => ({
	workers: cpuOf(stack.workers('palabre-api')),
	nginx: cpuOf(stack.workers('nginx')),
	pushd: cpuOf([stack.pid('palabre-pushd')].filter(Boolean)),
});

function writes(people, round) {
	return people.slice(0, WRITERS).map(({ token }, i) =>
		requestText('POST', '/api/messages', {
			token,
			body: { recipient_id: people[i ^ 1].id, content: 'Are you there?', clientId: `storm-${round}-#######` },
		}));
}

const chat = (stack, people, round) => http(stack.port, WRITERS, values.seconds, writes(people, round), RATE);

async function storm(stack, load) {
	const old = stack.pid('palabre-pushd');
	const before = cpuOfParts(stack);
	load.say('again');
	process.kill(old, 'SIGKILL');
	const [, microseconds, tries, p50, p99] =
		await load.answer(/^back (\d+) microseconds (\d+) tries (\d+) p50 (\d+) p99 (\d+)$/);
	await waitFor('the new palabre-pushd', () => stack.pid('palabre-pushd') !== old);
	const after = cpuOfParts(stack);
	return {
		seconds: microseconds / 1e6,
		tries,
		p50: p50 / 1e6,
		p99: p99 / 1e6,
		cpu: { ...after, workers: after.workers - before.workers, nginx: after.nginx - before.nginx },
	};
}

const stack = await startStack({
	set: {
		auth_rate: 100000, auth_burst: 100000,
		user_sockets: SOCKETS, address_strangers: SOCKETS, max_connections: SOCKETS + 1000,
	},
});
let load;
try {
	const people = await several(PEOPLE, (i) => stack.register(`person${i}`));
	load = launch([join(build, 'bench/storm-load'), String(stack.port), String(SOCKETS)]);
	for (let i = 0; i < SOCKETS; i++)
		load.say(people[i % PEOPLE].token);
	await load.answer(/^connected (\d+)$/);
	await sleep(2000);
	const rest = await chat(stack, people, 0);
	const chatting = chat(stack, people, 1);
	await sleep(500);
	const result = await storm(stack, load);
	const during = await chatting;
	const refused = rest.refused + during.refused;
	if (refused > 0)
		throw new Error(`${refused} messages were refused`);
	if (values.json) {
		console.log(JSON.stringify({ seconds: result.seconds, restP99: rest.p99, stormP99: during.p99 }));
	} else {
		const { cpu } = result;
		console.log(`${SOCKETS} sockets lost and back in ${show(result.seconds)} s (p50 ${show(result.p50)}, ` +
			`p99 ${show(result.p99)}), ${result.tries} tries`);
		console.log('CPU ms: ' + Object.entries(cpu).map(([part, ns]) => `${part} ${show(ns / 1e6)}`).join(', '));
		console.log(`POST message, ${RATE}/s: p99 ${show(during.p99 / 1000)} ms, p50 ${show(during.p50 / 1000)}; ` +
			`at rest ${show(rest.p99 / 1000)}, ${show(rest.p50 / 1000)}`);
	}
} finally {
	await load?.end();
	await stack.stop();
}
process.exit(0); // the kept connections of fetch would hold us
