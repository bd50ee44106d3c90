/*
 * What Palabre takes in memory while nothing happens: fresh, and for each
 * socket of somebody who is signed in. See README.md.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startStack } from '../tests/support/stack.mjs';
import { build, cpuOf, launch, several, show, table } from './children.mjs';

const PEOPLE = 100;
const SETTLE = 2000;
const MOST = 15000; // sockets with the settings as they come: nginx lays out room for them

const { values } = parseArgs({
	options: {
		sockets: { type: 'string', default: '5000' },
		seconds: { type: 'string', default: '25' },
		json: { type: 'boolean' },
		help: { type: 'boolean' },
	},
});
if (values.help) {
	console.log(`usage: bench/idle [--sockets N] [--seconds S] [--json]
    S: for which the CPU of idle sockets is measured, more than a ping's interval`);
	process.exit(0);
}
const SOCKETS = Number(values.sockets);

/* Proportional set size in bytes: what is shared counts by its share. */
function pss(pids) {
	return pids.reduce((sum, pid) => {
		const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
		return sum + Number(/^Pss:\s+(\d+) kB/m.exec(text)[1]) * 1024;
	}, 0);
}

function parts(stack) {
	return {
		'palabre-pushd': [stack.pid('palabre-pushd')],
		'palabre-api': [stack.pid('palabre-api'), ...stack.children('palabre-api').map(({ pid }) => pid)],
		nginx: [stack.pid('nginx'), ...stack.workers('nginx')],
	};
}

const measure = (stack, what) => Object.fromEntries(Object.entries(parts(stack)).map(([name, pids]) => [name, what(pids)]));
const all = (of) => Object.values(of).reduce((a, b) => a + b, 0);

/* Sockets of everybody, through nginx; they are held until it ends. */
async function hold(stack, people) {
	const load = launch([join(build, 'bench/storm-load'), String(stack.port), String(SOCKETS)]);
	for (let i = 0; i < SOCKETS; i++)
		load.say(people[i % PEOPLE].token);
	await load.answer(/^connected (\d+)$/);
	return load;
}

const stack = await startStack({
	set: {
		auth_rate: 100000, auth_burst: 100000,
		user_sockets: SOCKETS, address_strangers: SOCKETS,
		...(SOCKETS > MOST ? { max_connections: SOCKETS + 1000 } : {}),
	},
});
let load;
try {
	await sleep(SETTLE);
	const fresh = measure(stack, pss);
	const people = await several(PEOPLE, (i) => stack.register(`person${i}`));
	await sleep(SETTLE);
	const before = measure(stack, pss);
	load = await hold(stack, people);
	await sleep(SETTLE);
	const held = measure(stack, pss);
	const cpu = measure(stack, cpuOf);
	await sleep(Number(values.seconds) * 1000);
	const used = measure(stack, cpuOf);
	const each = (name) => (held[name] - before[name]) / SOCKETS;
	if (values.json) {
		console.log(JSON.stringify({ fresh: all(fresh), pushdSocket: each('palabre-pushd'), nginxSocket: each('nginx') }));
	} else {
		const line = table(16, 18);
		line('', ['fresh, PSS kB', `bytes a socket`, 'CPU us a minute']);
		for (const name of Object.keys(fresh))
			line(name, [
				show(fresh[name] / 1024),
				show(each(name)),
				show((used[name] - cpu[name]) / 1000 / SOCKETS * (60 / Number(values.seconds))),
			]);
		line('all', [show(all(fresh) / 1024), show(all(held) / SOCKETS - all(before) / SOCKETS), '']);
	}
} finally {
	await load?.end();
	await stack.stop();
}
process.exit(0); // the kept connections of fetch would hold us
