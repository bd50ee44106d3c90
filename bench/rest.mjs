/*
 * What REST requests cost through nginx and two workers, each beside an empty
 * FastCGI answer of the same minute; the store is in memory (tmpfs), and on the
 * disk beside it. See README.md.
 */
import {
	appendFileSync, chmodSync, closeSync, cpSync, existsSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { password, startStack } from '../tests/support/stack.mjs';
import { build, cpuOf, here, http, launch, median, requestText, several, show, table } from './children.mjs';

const WORKERS = '2';
const CONVERSATIONS = 40;
const HISTORY = 300;

const { values } = parseArgs({
	options: {
		seconds: { type: 'string', default: '1.5' },
		rounds: { type: 'string', default: '5' },
		connections: { type: 'string', default: '16' },
		only: { type: 'string', default: '' },
		json: { type: 'boolean' },
		help: { type: 'boolean' },
	},
});
if (values.help) {
	console.log(`usage: bench/rest [--seconds S] [--rounds N] [--connections N] [--only WORD] [--json]
    WORD: only the requests whose name has it`);
	process.exit(0);
}

/* Our nginx templates and one more place, where fcgi-empty answers. */
function templates(directory, socket) {
	cpSync(join(here, '../nginx'), directory, { recursive: true });
	appendFileSync(
		join(directory, 'api.conf.in'),
		`keepalive_requests 100000000;\nlocation = /api/empty {\n\tfastcgi_pass "unix:${socket}";\n}\n`,
	);
	return directory;
}

function start(nginx, dir) {
	return startStack({
		dir,
		set: {
			api_workers: WORKERS,
			auth_workers: WORKERS,
			auth_rate: 100000,
			auth_burst: 100000,
			nginx_dir: nginx,
		},
	});
}

/* Somebody who has written with 40 people, a lot with the first of them. */
async function populate(stack) {
	const me = await stack.register('myself');
	const others = await several(CONVERSATIONS, (i) => stack.register(`other${i}`));
	const write = (from, to, content) =>
		from.api('/api/messages', { body: { recipient_id: to.id, content } });
	const content = 'Good morning. Shall we meet at noon where we met last week?';
	await several(CONVERSATIONS, (i) => write(others[i], me, content));
	await several(HISTORY, (i) => (i % 2 ? write(me, others[0], content) : write(others[0], me, content)));
	return { me, others };
}

async function conversations({ me }) {
	const { body } = await me.api('/api/conversations');
	if (body.length !== CONVERSATIONS)
		throw new Error(`${body.length} conversations instead of ${CONVERSATIONS}`);
	return body;
}

async function syncRequest(stack, people) {
	const first = await people.me.api('/api/sync', { body: { conversations: {} } });
	const known = (await conversations(people)).map(({ _id, lastSeq, lastChange }) => [
		_id,
		{ seq: lastSeq, change: lastChange },
	]);
	const body = { epoch: first.body.epoch, conversations: Object.fromEntries(known) };
	return requestText('POST', '/api/sync', { token: people.me.token, body });
}

/* The load counts from 0 in each round: without the round's number it would
 * send what is there already. */
function sendRequest({ me, others }) {
	const body = {
		recipient_id: others[1].id,
		content: 'Good morning. Shall we meet at noon where we met last week?',
	};
	return (round) =>
		requestText('POST', '/api/messages', {
			token: me.token,
			body: { ...body, clientId: `bench-${round}-#########` },
		});
}

/* Who asks for a page shows that they have read it, as people do; from then on
 * the page is only read. */
async function historyRequest(people) {
	const [{ _id, lastSeq }] = (await conversations(people)).filter(({ lastSeq: seq }) => seq > HISTORY);
	await people.me.api('/api/messages/read', { body: { conversationId: _id, seq: lastSeq } });
	return requestText('GET', `/api/messages/conversation?conversationId=${_id}&limit=50`, { token: people.me.token });
}

/*
 * What a message writes with full sync (nine pages of the log, on average) and
 * nothing else, one after the other: as many messages a second as any store
 * could write of which each has a commit of its own.
 */
function syncDisk() {
	const pages = Buffer.alloc(9 * 4096, 1);
	const log = 400 * pages.length;
	const file = openSync(join(directory, 'log'), 'w');
	for (let at = 0; at < log; at += pages.length)
		writeSync(file, pages, 0, pages.length, at);
	fdatasyncSync(file);
	const begin = performance.now();
	const end = begin + Number(values.seconds) * 1000;
	let count = 0;
	for (; performance.now() < end; count++) {
		writeSync(file, pages, 0, pages.length, (count * pages.length) % log);
		fdatasyncSync(file);
	}
	const perSecond = (count * 1000) / (performance.now() - begin);
	closeSync(file);
	return { perSecond };
}

async function cases(memory, disk) {
	const people = await populate(memory);
	const others = await populate(disk);
	const { token } = people.me;
	return [
		['empty FastCGI answer', memory, requestText('GET', '/api/empty', { token })],
		['who am I', memory, requestText('GET', '/api/users/me', { token })],
		['history, page of 50', memory, await historyRequest(people)],
		[`conversations, ${CONVERSATIONS}`, memory, requestText('GET', '/api/conversations', { token })],
		['sync, nothing missed', memory, await syncRequest(memory, people)],
		['POST message, tmpfs', memory, sendRequest(people)],
		['POST message, disk', disk, sendRequest(others)],
		['disk alone', disk, syncDisk],
		['login', memory, requestText('POST', '/api/auth/login', { body: { username: 'myself', password } })],
	].map(([name, stack, request]) => ({ name, stack, request, results: [] }));
}

/* CPU of each part; the workers of fcgi-empty are in "workers", too. */
function spent(stack, empty) {
	return {
		nginx: cpuOf(stack.workers('nginx')),
		workers: cpuOf([...stack.workers('palabre-api'), ...empty]),
		pushd: cpuOf([stack.pid('palabre-pushd')]),
	};
}

async function measure({ name, stack, request }, round, empty) {
	if (request === syncDisk)
		return syncDisk();
	const text = typeof request === 'function' ? request(round) : request;
	const before = spent(stack, empty);
	const { count, refused, ...result } = await http(stack.port, values.connections, values.seconds, [text]);
	const after = spent(stack, empty);
	if (refused > 0)
		throw new Error(`${name}: ${refused} of ${count} refused`);
	for (const part of Object.keys(after))
		result[part] = (after[part] - before[part]) / 1000 / count;
	result.cpu = result.nginx + result.workers + result.pushd;
	return result;
}

/* Beside the empty answer of the same round. */
function beside(all, row, key) {
	if (row.results[0][key] === undefined)
		return undefined;
	return median(row.results.map((result, round) => result[key] / all[0].results[round][key]));
}

const medianOf = (row, key) => median(row.results.map((result) => result[key]));

function print(all) {
	const columns = ['requests/s', 'x empty', 'p50 us', 'p99 us', 'CPU us', 'x empty', 'nginx', 'workers', 'pushd'];
	const line = table(26, 11);
	line(`medians of ${values.rounds} rounds`, columns);
	for (const row of all) {
		const of = (key) => show(medianOf(row, key));
		line(row.name, [
			of('perSecond'),
			show(beside(all, row, 'perSecond')),
			of('p50'),
			of('p99'),
			of('cpu'),
			show(beside(all, row, 'cpu')),
			of('nginx'),
			of('workers'),
			of('pushd'),
		]);
	}
}

function figures(all) {
	return Object.fromEntries(all.map((row) => [row.name, {
		share: beside(all, row, 'perSecond'),
		cpuShare: beside(all, row, 'cpu'),
		p99: medianOf(row, 'p99'),
	}]));
}

/* A directory in memory, where there is one. */
function inMemory() {
	if (existsSync('/dev/shm'))
		return mkdtempSync('/dev/shm/palabre-bench-');
	console.error('Without tmpfs: there is no /dev/shm, so both stores are on the disk.');
	return mkdtempSync(join(tmpdir(), 'palabre-bench-'));
}

const directory = mkdtempSync(join(tmpdir(), 'palabre-bench-'));
chmodSync(directory, 0o711); // nginx's workers are another user, started as root
const memory = inMemory();
const socket = join(directory, 'empty.sock');
const empty = launch([join(build, 'bench/fcgi-empty'), socket, WORKERS]);
const stacks = [];
try {
	const emptyPids = await empty.answer(/^listening (\d+) (\d+)$/);
	const nginx = templates(join(directory, 'nginx'), socket);
	stacks.push(await start(nginx, memory), await start(nginx));
	const all = (await cases(...stacks)).filter(({ name }, i) => i === 0 || name.includes(values.only));
	for (let round = 0; round < Number(values.rounds); round++) {
		for (const row of all)
			row.results.push(await measure(row, round, emptyPids));
	}
	if (values.json)
		console.log(JSON.stringify(figures(all)));
	else
		print(all);
} finally {
	for (const stack of stacks)
		await stack.stop();
	await empty.end();
	for (const path of [directory, memory])
		rmSync(path, { recursive: true, force: true });
}
process.exit(0); // the kept connections of fetch would hold us
