/*
 * Clients that nobody here wrote, with their defaults, with websocket only and
 * with polling only, on every server of the table.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { randomBytes } from 'node:crypto';
import { javaClient, pythonClient } from './foreign.mjs';
import { asked } from './servers.mjs';
import { eventually, sleep, within } from './wire.mjs';

const javascript = await Promise.all(
	[
		['socket.io-client 3.1', 'socket.io-client-3.1'],
		['socket.io-client 4.0', 'socket.io-client-4.0'],
		['socket.io-client newest', 'socket.io-client'],
	].map(async ([name, module]) => ({ name, ...(await import(module)) })),
);
const modes = [
	{ mode: 'defaults', options: {}, settled: 'websocket' },
	{ mode: 'websocket only', options: { transports: ['websocket'] }, settled: 'websocket' },
	{ mode: 'polling only', options: { transports: ['polling'] }, settled: 'polling' },
];
const python = ['sync', 'asyncio'];

const PATIENCE = 20_000;
/* For what keeps one thread of this machine busy: pings may come late. */
const UNHURRIED = ['--ping-interval', '2000', '--ping-timeout', '8000'];
/* base64 on polling takes a third more; maxPayload is 1,000,000 bytes. */
const BINARY_SIZE = { websocket: 900_000, polling: 700_000 };
const COUNT = 10_000;

const heard = (socket, event) => within(PATIENCE, event, once(socket, event));
const answered = (socket, ...emit) =>
	within(PATIENCE, `ack of ${emit[0]}`, new Promise((resolve) => socket.emit(...emit, (...args) => resolve(args))));

const scenarios = [
	[
		'connects and is greeted with its auth',
		async ({ socket }) => {
			assert.deepEqual(await heard(socket, 'auth'), [{ token: '123', é: ['€'] }]);
		},
	],
	[
		'settles on its best transport and stays through heartbeats',
		async ({ socket, settled }) => {
			let lost;
			socket.on('disconnect', (reason) => (lost = reason));
			await heard(socket, 'connect');
			await sleep(1100);
			assert.equal(lost, undefined);
			assert.equal(socket.io.engine.transport.name, settled);
		},
	],
	[
		'sends and receives arguments of every kind',
		async ({ socket }) => {
			const args = [1, '2', { 3: [true, null] }, 'é€𝄞', ''];
			socket.emit('message', ...args);
			assert.deepEqual(await heard(socket, 'message-back'), args);
		},
	],
	[
		'sends and receives binary',
		async ({ socket }) => {
			const [a, b] = [randomBytes(1000), randomBytes(3)];
			socket.emit('message', a, { deep: [b] });
			const [first, second] = await heard(socket, 'message-back');
			assert.deepEqual(Buffer.from(first), a);
			assert.deepEqual(Buffer.from(second.deep[0]), b);
		},
	],
	[
		'gets acknowledgements, binary ones too',
		async ({ socket }) => {
			assert.deepEqual(await answered(socket, 'message-with-ack', 1, 'two'), [1, 'two']);
			const bytes = randomBytes(100);
			const [back] = await answered(socket, 'message-with-ack', bytes);
			assert.deepEqual(Buffer.from(back), bytes);
		},
	],
	[
		'gives acknowledgements, binary ones too',
		async ({ socket }) => {
			socket.on('question', (kind, answer) => answer(kind, Buffer.from('because')));
			socket.emit('ask', 'why');
			const [kind, bytes] = await heard(socket, 'answered');
			assert.equal(kind, 'why');
			assert.equal(String(Buffer.from(bytes)), 'because');
		},
	],
	[
		'has two namespaces on one connection',
		async ({ socket, manager }) => {
			const custom = manager.socket('/custom', { auth: { of: 'custom' } });
			assert.deepEqual(await heard(custom, 'auth'), [{ of: 'custom' }]);
			if (!socket.connected)
				await heard(socket, 'connect');
			assert.notEqual(custom.id, socket.id);
			assert.equal(custom.io.engine, socket.io.engine);
			custom.disconnect();
			assert.deepEqual(await answered(socket, 'message-with-ack', 'still here'), ['still here']);
		},
	],
	[
		'is told of an unknown namespace',
		async ({ manager }) => {
			const [error] = await heard(manager.socket('/random'), 'connect_error');
			assert.equal(error.message, 'Invalid namespace');
		},
	],
];

const bulk = [
	[
		'sends and receives 900,000 bytes',
		async ({ socket, mode }) => {
			const text = 'é'.repeat(450_000);
			assert.deepEqual(await answered(socket, 'message-with-ack', text), [text]);
			const bytes = randomBytes(mode === 'websocket only' ? BINARY_SIZE.websocket : BINARY_SIZE.polling);
			const [back] = await answered(socket, 'message-with-ack', bytes);
			assert.ok(Buffer.from(back).equals(bytes));
		},
	],
	[
		'sends 10,000 messages, which all return once and in order, an upgrade in between',
		async ({ socket, settled }) => {
			const got = [];
			socket.on('message-back', (i) => got.push(i));
			await heard(socket, 'connect');
			for (let i = 0; i < COUNT; i++) {
				socket.emit('message', i);
				if (i % 100 === 0)
					await new Promise(setImmediate);
			}
			await eventually('all messages are back', () => got.length >= COUNT, PATIENCE);
			await sleep(20);
			assert.deepEqual(got, [...got.keys()]);
			assert.equal(got.length, COUNT);
			assert.equal(socket.io.engine.transport.name, settled);
		},
	],
];

async function withClient({ Manager }, { mode, options, settled }, server, body) {
	const manager = new Manager(server.url, options);
	const socket = manager.socket('/', { auth: { token: '123', é: ['€'] } });
	try {
		await body({ socket, manager, mode, settled });
	} finally {
		socket.disconnect();
		manager._close?.();
	}
}

function playAll(table, server) {
	for (const client of javascript)
		for (const mode of modes)
			for (const [what, body] of table)
				test(`${client.name}, ${mode.mode}: ${what}`, () => withClient(client, mode, server(), body));
}

/* Connects, and answers a function that waits for the reconnection. */
async function survivor(client, mode, server) {
	const manager = new client.Manager(server.url, mode.options);
	const socket = manager.socket('/', {});
	await heard(socket, 'connect');
	const lost = once(socket, 'disconnect');
	return {
		async survived() {
			await within(PATIENCE, 'disconnect', lost);
			if (!socket.connected)
				await heard(socket, 'connect');
			assert.deepEqual(await answered(socket, 'message-with-ack', 'back again'), ['back again']);
		},
		close() {
			socket.disconnect();
			manager._close?.();
		},
	};
}

for (const { name, start } of asked) {
	describe(`foreign clients on ${name}`, { concurrency: 6 }, () => {
		let server;
		before(async () => {
			server = await start('--ping-timeout', '5000');
		});
		after(() => server.stop());
		playAll(scenarios, () => server);
	});

	describe(`foreign clients in bulk on ${name}`, { concurrency: 2 }, () => {
		let server;
		before(async () => {
			server = await start(...UNHURRIED);
		});
		after(() => server.stop());
		playAll(bulk, () => server);
		for (const flavour of python)
			for (const { mode } of modes)
				test(`python-socketio ${flavour}, ${mode}: the same`, async () => {
					const client = await pythonClient(flavour, mode, server.url, 'scenarios');
					await client.finished();
				});
		for (const { mode } of modes)
			test(`socket.io-client-java, ${mode}: the same`, async () => {
				const client = await javaClient(mode, server.url, 'scenarios');
				await client.finished();
			});
	});

	test(`foreign clients survive a restart of ${name}`, async (t) => {
		const server = await start(...UNHURRIED);
		const alive = [];
		for (const client of javascript)
			for (const mode of modes) {
				const who = `${client.name}, ${mode.mode}`;
				alive.push({ who, ...(await survivor(client, mode, server)) });
			}
		const starting = modes.flatMap(({ mode }) => [
			...python.map((flavour) => [
				`python-socketio ${flavour}, ${mode}`,
				pythonClient(flavour, mode, server.url, 'restart'),
			]),
			[`socket.io-client-java, ${mode}`, javaClient(mode, server.url, 'restart')],
		]);
		const programs = starting.map(async ([who, started]) => {
			const client = await started;
			await client.said('connected');
			return { who, survived: client.finished, close: client.end };
		});
		alive.push(...(await Promise.all(programs)));
		await server.restart(100);
		await Promise.all(alive.map(({ who, survived }) => t.test(`${who}: reconnects by itself`, survived)));
		for (const client of alive)
			client.close();
		await server.stop();
	});
}
