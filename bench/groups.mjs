/*
 * What a group of 1,000 costs beside two people who talk, and what 100 files
 * that come at once do to the memory of every process. See README.md.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startStack } from '../tests/support/stack.mjs';
import { http, requestText, several, show, table } from './children.mjs';

const MESSAGES = 60;
const FILE = 5 * 1024 * 1024;

const { values } = parseArgs({
	options: {
		members: { type: 'string', default: '1000' },
		uploads: { type: 'string', default: '100' },
		seconds: { type: 'string', default: '3' },
		json: { type: 'boolean' },
		help: { type: 'boolean' },
	},
});
if (values.help) {
	console.log('usage: bench/groups [--members N] [--uploads N] [--seconds S] [--json]');
	process.exit(0);
}

/* ---- a group beside two people ---- */

async function answered(answer, status) {
	const { status: got, body, text } = await answer;
	if (got !== status)
		throw new Error(`${got}: ${text}`);
	return body;
}

async function conversationsOf(people) {
	const [ann, bob] = people;
	const members = people.slice(1).map(({ id }) => id);
	const group = await answered(ann.api('/api/conversations', { body: { title: 'Everybody', members } }), 201);
	const { conversationId } = await answered(ann.api('/api/messages', { body: { recipient_id: bob.id, content: 'hi' } }), 201);
	for (let i = 0; i < MESSAGES; i++) {
		for (const id of [group._id, conversationId])
			await answered(ann.api('/api/messages', { body: { conversationId: id, content: `number ${i}` } }), 201);
	}
	return { group: group._id, direct: conversationId };
}

const requests = ({ token }) => ({
	send: (id) => requestText('POST', '/api/messages', {
		token, body: { conversationId: id, content: 'And now?', clientId: `${id.slice(0, 8)}-${Date.now()}-######` },
	}),
	'history of 50': (id) => requestText('GET', `/api/messages/conversation?conversationId=${id}&limit=50`, { token }),
	'read mark': (id) => requestText('POST', '/api/messages/read', { token, body: { conversationId: id, seq: MESSAGES } }),
	'one conversation': (id) => requestText('GET', `/api/conversations/${id}`, { token }),
	list: () => requestText('GET', '/api/conversations', { token }),
});

/* List: of somebody with both, and of somebody with the group alone. */
async function measure(stack, people) {
	const ids = await conversationsOf(people);
	const results = {};
	for (const [name, text] of Object.entries(requests(people[0]))) {
		results[name] = {};
		for (const kind of ['direct', 'group']) {
			const { p50, p99, perSecond, refused } = await http(stack.port, 4, values.seconds, [text(ids[kind])]);
			if (refused > 0)
				throw new Error(`${name}, ${kind}: ${refused} refused`);
			results[name][kind] = { p50, p99, perSecond };
		}
	}
	return results;
}

function printGroup(results) {
	const line = table(18, 22);
	line('p50 / p99 us', ['two people', `group of ${values.members}`]);
	for (const [name, { direct, group }] of Object.entries(results))
		line(name, [`${show(direct.p50)} / ${show(direct.p99)}`,
			`${show(group.p50)} / ${show(group.p99)} x${(group.p50 / direct.p50).toFixed(2)}`]);
}

/* ---- files at once ---- */

const statusOf = (pid) => readFileSync(`/proc/${pid}/status`, 'utf8');

/* {name, pid} of a process and all below it. */
function family(pid) {
	const text = statusOf(pid);
	const [, name] = /^Name:\s+(.*)$/m.exec(text);
	const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
		readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number));
	return [{ name, pid }, ...children.flatMap(family)];
}

/* The most that it had at any time, in MB. */
const most = ({ pid }) => Number(/^VmHWM:\s+(\d+) kB/m.exec(statusOf(pid))[1]) / 1024;

/* "97 x 201, 3 x 429" */
function countsOf(list) {
	const counts = new Map();
	for (const one of list)
		counts.set(one, (counts.get(one) ?? 0) + 1);
	return [...counts].map(([one, count]) => `${count} x ${one}`).join(', ');
}

async function upload(stack, people) {
	const programs = ['palabre-api', 'palabre-pushd', 'nginx'];
	const all = programs.flatMap((program) => family(stack.pid(program)));
	const before = all.map(most);
	const bytes = Buffer.alloc(FILE, 'palabre ');
	const began = performance.now();
	const files = await Promise.all(Array.from({ length: Number(values.uploads) }, (_, i) => {
		bytes.writeUInt32LE(i, 0);
		return fetch(`${stack.url}/api/files?name=a.bin`, {
			method: 'POST',
			body: Buffer.from(bytes),
			headers: { 'Content-Type': 'application/octet-stream', Authorization: `Bearer ${people[i % people.length].token}` },
			signal: AbortSignal.timeout(120_000),
		}).then(({ status }) => status, () => 'no answer');
	}));
	const seconds = (performance.now() - began) / 1000;
	return { seconds, statuses: countsOf(files), processes: all.map((one, i) => ({ ...one, before: before[i], after: most(one) })) };
}

function printUploads({ seconds, statuses, processes }) {
	console.log(`\n${values.uploads} files of ${FILE / 1048576} MiB at once in ${seconds.toFixed(1)} s: ${statuses}. The most memory of each process, MB:`);
	const line = table(26, 12);
	line('', ['before', 'after']);
	for (const { name, pid, before, after } of processes)
		line(`${name} ${pid}`, [show(before), show(after)]);
}

const stack = await startStack({
	set: { auth_rate: 100000, auth_burst: 100000, write_rate: 100000, write_burst: 100000, register_rate: 100000, register_burst: 100000 },
});
try {
	const people = await several(Number(values.members), (i) => stack.register(`person${i}`));
	const results = await measure(stack, people);
	const uploads = await upload(stack, people);
	if (values.json) {
		console.log(JSON.stringify({
			send: results.send.group.p50 / results.send.direct.p50,
			history: results['history of 50'].group.p50 / results['history of 50'].direct.p50,
			list: results.list.group.p50,
			grown: Math.max(...uploads.processes.map(({ before, after }) => after - before)),
		}));
	} else {
		printGroup(results);
		printUploads(uploads);
	}
} finally {
	await stack.stop();
}
process.exit(0); // the kept connections of fetch would hold us
