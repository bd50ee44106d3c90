/*
 * What a sign-in costs in CPU, beside the same function in Node, by the fastest
 * of its packages, which is Rust: Argon2id, 19 MiB, two passes. See README.md.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { password, startStack } from '../tests/support/stack.mjs';
import { cache, cpuOf, http, median, requestText, show } from './children.mjs';

const AUTH_WORKERS = 2;
const ARGON2ID = 2; // of its Algorithm
const COST = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 };

const { values } = parseArgs({
	options: {
		seconds: { type: 'string', default: '2' },
		rounds: { type: 'string', default: '5' },
		json: { type: 'boolean' },
		help: { type: 'boolean' },
	},
});
if (values.help) {
	console.log('usage: bench/login [--seconds S] [--rounds N] [--json]');
	process.exit(0);
}

/* undefined, unless bench/setup has been there */
function nativeArgon2() {
	try {
		return createRequire(join(cache, 'node/'))('@node-rs/argon2');
	} catch {
		console.error('Without argon2 for Node: bench/setup installs it.');
		return undefined;
	}
}

/* Milliseconds of CPU for each. */
async function palabre(stack) {
	const body = { username: 'ann', password };
	const pids = stack.workers('palabre-api');
	const before = cpuOf(pids);
	const { count, refused } = await http(stack.port, AUTH_WORKERS, values.seconds, [
		requestText('POST', '/api/auth/login', { body }),
	]);
	if (refused > 0)
		throw new Error(`${refused} logins were refused`);
	return (cpuOf(pids) - before) / 1e6 / count;
}

async function node(argon2, hash) {
	const before = process.cpuUsage();
	const ends = performance.now() + Number(values.seconds) * 1000;
	let count = 0;
	for (; performance.now() < ends; count++)
		await argon2.verify(hash, password);
	const { user, system } = process.cpuUsage(before);
	return (user + system) / 1000 / count;
}

const argon2 = nativeArgon2();
const stack = await startStack({ set: { auth_workers: AUTH_WORKERS, auth_rate: 100000, auth_burst: 100000 } });
try {
	const hash = await argon2?.hash(password, { algorithm: ARGON2ID, ...COST });
	await stack.register('ann');
	const ours = [], theirs = [];
	for (let round = 0; round < Number(values.rounds); round++) {
		ours.push(await palabre(stack));
		if (argon2 !== undefined)
			theirs.push(await node(argon2, hash));
	}
	const share = argon2 && median(ours.map((value, round) => value / theirs[round]));
	if (values.json) {
		console.log(JSON.stringify({ share, ms: median(ours) }));
	} else {
		console.log(`a login: ${show(median(ours))} ms of CPU`);
		if (argon2 !== undefined)
			console.log(`argon2.verify() in Node: ${show(median(theirs))} ms; share ${show(share)}`);
	}
} finally {
	await stack.stop();
}
process.exit(0); // the kept connections of fetch would hold us
