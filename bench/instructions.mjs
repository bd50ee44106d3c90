/*
 * Instructions that an operation takes in user mode, counted by callgrind, which
 * says the same on every machine, and compared with what is expected on this
 * release of Debian (instructions.json). See README.md.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { frame as notifyFrame } from '../tests/support/fastcgi.mjs';
import { Pushd, people } from '../tests/support/pushd.mjs';
import { build, here, show } from './children.mjs';

const TOLERANCE = 0.1;
const SOCKETS = 20;
const BATCH = 16; // messages of a call of ops-api

const { values } = parseArgs({
	options: { write: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
});
if (values.help) {
	console.log(`usage: bench/instructions [--write] [--json]
    --write: what is counted is what is expected from now on`);
	process.exit(0);
}

const scratch = mkdtempSync(join(tmpdir(), 'palabre-instructions-'));
const valgrind = (out) => ['valgrind', '-q', '--tool=callgrind', `--callgrind-out-file=${out}`];

function total(file) {
	return Number(/^(?:summary|totals): (\d+)/m.exec(readFileSync(file, 'utf8'))[1]);
}

/* Of a program that is told how often to do it. */
async function counted(program, ...words) {
	const dir = mkdtempSync(join(scratch, 'run-'));
	const out = join(scratch, 'callgrind.out');
	const [command, ...args] = [...valgrind(out), join(build, 'bench', program), ...words.map((word) => word ?? dir)];
	await promisify(execFile)(command, args);
	return total(out);
}

/* What is there at any rate falls out of the difference. */
async function each(few, many, count) {
	const [a, b] = [await count(few), await count(many)];
	return Math.round((b - a) / (many - few));
}

/* palabre-pushd, under callgrind. */
class CountedPushd extends Pushd {
	spawn() {
		this.log = '';
		this.counts = join(this.dir, 'callgrind.out');
		const [command, ...args] = [
			...valgrind(this.counts), join(build, 'push-daemon/palabre-pushd'),
			'--dir', this.dir, ...Object.entries(this.set).flatMap(([key, value]) => ['--set', `${key}=${value}`]),
		];
		this.child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
		this.child.stderr.setEncoding('utf8').on('data', (text) => { this.log += text; });
		this.ended = once(this.child, 'exit');
	}
}

const upgrade = 'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\n' +
	'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
	'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';

/* A socket of Ann's, as bytes: `42` begins each event. */
async function listener(pushd, heard) {
	const socket = createConnection(pushd.socketPath('push'));
	const text = '40{"token":"ann"}';
	pushd.keep(socket);
	await once(socket, 'connect');
	socket.write(upgrade);
	await once(socket, 'data');
	socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]));
	await new Promise((resolve) => {
		socket.on('data', (data) => {
			if (data.includes('40{"sid"'))
				resolve();
			heard(data);
		});
	});
}

const message = (seq) => ({
	_id: seq.toString(16).padStart(24, '0'), conversationId: '81720debbcdaa3398033970c', seq, kind: 'text',
	sender: people.bob, senderName: 'bob', recipient: people.ann,
	content: 'Good morning. Shall we meet at noon where we met last week?',
	createdAt: '2026-11-28T02:54:49.552Z', status: 'sent', edited: false, deleted: false, change: 0,
	clientId: `n${seq}`, replyTo: null, attachment: null,
});

/* One message to all of Ann's sockets, when the last one is there. */
async function delivered(count) {
	const pushd = await new CountedPushd({ presence_grace_ms: 600000 }).start();
	let waits, arrived = 0;
	try {
		const heard = (data) => {
			if (data.includes('42["message:new"') && ++arrived % SOCKETS === 0)
				waits?.();
		};
		for (let i = 0; i < SOCKETS; i++)
			await listener(pushd, heard);
		const worker = await pushd.worker();
		for (let seq = 1; seq <= count; seq++) {
			const { conversationId } = message(seq);
			const there = new Promise((resolve) => { waits = resolve; });
			worker.send(notifyFrame('EVENT', {
				rooms: [`u:${people.ann}`, `u:${people.bob}`], conversationId, seq, from: people.bob,
			}, ['message:new', message(seq)]));
			await there;
		}
		await pushd.end();
		return total(pushd.counts);
	} finally {
		await pushd.stop();
	}
}

const operations = {
	encode: () => each(1000, 3000, (n) => counted('ops-push', 'encode', n)),
	decode: () => each(1000, 3000, (n) => counted('ops-push', 'decode', n)),
	deliver: async () => Math.round((await each(50, 150, delivered)) / SOCKETS),
	send: async () => Math.round((await each(50, 150, (n) => counted('ops-api', undefined, 'send', n))) / BATCH),
	page: () => each(50, 150, (n) => counted('ops-api', undefined, 'page', n)),
	list: () => each(50, 150, (n) => counted('ops-api', undefined, 'list', n)),
	sync: () => each(50, 150, (n) => counted('ops-api', undefined, 'sync', n)),
};

function debian() {
	return /^VERSION_ID="?(\d+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'other';
}

const file = join(here, 'instructions.json');
const all = JSON.parse(readFileSync(file, 'utf8'));
const expected = all[debian()] ?? {};
const counts = {};
let bad = 0;
try {
	for (const [name, count] of Object.entries(operations)) {
		counts[name] = await count();
		const ratio = counts[name] / expected[name];
		const off = Math.abs(ratio - 1) > TOLERANCE;
		if (off)
			bad++;
		if (!values.json)
			console.log(`${name.padEnd(8)} ${show(counts[name]).padStart(9)}` + (expected[name] === undefined ?
				'  nothing is expected on this release' :
				`  expected ${show(expected[name]).padStart(9)}, x ${ratio.toFixed(3)}${off ? '  NOT AS EXPECTED' : ''}`));
	}
} finally {
	rmSync(scratch, { recursive: true, force: true });
}
if (values.json)
	console.log(JSON.stringify({ counts, expected }));
if (values.write) {
	all[debian()] = counts;
	writeFileSync(file, `${JSON.stringify(all, null, '\t')}\n`);
}
process.exit(bad > 0 && !values.write ? 1 : 0);
