/*
 * Peers that mean harm or are simply broken. After each of them the server has
 * exactly the descriptors it had, and serves everyone else.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { cpuTicks, descriptors, head, plug, residentBytes } from './peers.mjs';
import { asked } from './servers.mjs';
import {
	Polling,
	Wire,
	bareSocket,
	eventually,
	frame,
	joinWire,
	openWire,
	releaseConnections,
	request,
	sleep,
	within,
} from './wire.mjs';

const PATH = '/engine.io/';
/* Time for a pong on a busy machine, and the life of who sends none. */
const LIVELY = ['--ping-interval', '300', '--ping-timeout', '2000'];
const LIFE = 300 + 2000;
const UNHURRIED = ['--ping-interval', '2000', '--ping-timeout', '8000'];
const FOREVER = ['--ping-interval', '60000', '--ping-timeout', '60000'];
const MiB = 1024 * 1024;
const OUTBOX = 16 * MiB;
const STORM = 5000;
const TICKS_PER_SECOND = 100; // of /proc/PID/stat, fixed by Linux's ABI

async function served(server) {
	const wire = await openWire(server);
	wire.send('4served?');
	assert.equal(await wire.next(), '4served?');
	wire.close();
	await wire.closed();
}

const hold = (session) => head('GET', PATH, session.query);

/* Whether something is still going on, judged by the processor. */
async function idle(server) {
	const before = cpuTicks(server);
	await sleep(1000);
	const used = cpuTicks(server) - before;
	assert.ok(used <= TICKS_PER_SECOND / 20, `${used * 10} ms of CPU in a second of doing nothing`);
}

const guests = [
	[
		'half-open: a client that has shut down its sending side on a WebSocket is let go',
		async (server) => {
			const socket = await bareSocket(server, PATH, {});
			socket.end();
			await within(10_000, 'close', socket.ended);
		},
	],
	[
		'half-open: one with a held GET, too, and its session ends',
		async (server) => {
			const session = await Polling.open(server);
			const socket = plug(server, { allowHalfOpen: true });
			socket.end(hold(session));
			await within(10_000, 'close', socket.ended);
			await eventually('the session is gone', async () => (await session.get()).status === 400);
		},
	],
	[
		'slow: a POST body that comes byte by byte does not keep its session alive',
		async (server) => {
			const session = await Polling.open(server);
			const socket = plug(server);
			socket.write(head('POST', PATH, session.query, 'Content-Length: 1000'));
			const drip = setInterval(() => socket.write('4'), 150);
			await sleep(LIFE + 500);
			clearInterval(drip);
			assert.equal((await session.get()).status, 400);
			socket.destroy();
		},
	],
	[
		'slow: request heads that come byte by byte keep nobody else waiting',
		async (server) => {
			const slow = Array.from({ length: 50 }, () => plug(server));
			const text = head('GET', PATH, { EIO: '4', transport: 'polling' });
			for (let i = 0; i < 5; i++) {
				for (const socket of slow)
					socket.write(text[i]);
				await within(3000, 'service', served(server));
				await sleep(50);
			}
			for (const socket of slow)
				socket.destroy();
		},
	],
	[
		'silent: WebSockets that never answer a ping are all closed',
		async (server) => {
			const wires = await Promise.all(Array.from({ length: 100 }, () => openWire(server, { pong: false })));
			await Promise.all(wires.map((wire) => wire.closed()));
		},
	],
	[
		'silent: polling sessions that never come again are all forgotten',
		async (server) => {
			const sessions = await Promise.all(Array.from({ length: 100 }, () => Polling.open(server)));
			await sleep(LIFE + 500);
			const answers = await Promise.all(sessions.map((session) => session.get()));
			assert.ok(answers.every(({ status }) => status === 400));
		},
	],
	[
		'flooding: 50,000 messages in one go keep others waiting for three seconds at most',
		async (server) => {
			const flood = await bareSocket(server, PATH, {});
			let back = 0;
			flood.on('data', (part) => (back += part.length));
			flood.write(Buffer.concat(Array.from({ length: 50_000 }, () => frame('4flood'))));
			const pongs = setInterval(() => flood.write(frame('3')), 50);
			for (let i = 0; i < 5; i++)
				await within(3000, 'service', served(server));
			await eventually('the flood is answered', () => back >= 50_000 * 8);
			clearInterval(pongs);
			flood.destroy();
		},
	],
	[
		'oversize: a frame that announces 2^62 bytes is refused at once, and no memory is set aside',
		async (server) => {
			const before = await residentBytes(server);
			const sockets = await Promise.all(Array.from({ length: 20 }, () => bareSocket(server, PATH, {})));
			const announce = Buffer.from([0x81, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
			for (const socket of sockets) {
				socket.write(announce);
				socket.write('4x');
			}
			await within(10_000, 'close', Promise.all(sockets.map(({ ended }) => ended)));
			assert.ok((await residentBytes(server)) - before < 8 * MiB);
		},
	],
	[
		'oversize: a POST that announces too much is refused, whether its body comes or not',
		async (server) => {
			const session = await Polling.open(server);
			const socket = plug(server);
			socket.write(head('POST', PATH, session.query, 'Content-Length: 4000000000') + '4');
			await Promise.race([eventually('an answer', () => socket.received !== ''), socket.ended, sleep(1000)]);
			assert.doesNotMatch(socket.received, /^HTTP\/1.1 200/);
			socket.destroy();
		},
	],
	[
		'oversize: a request head of 200 kB is refused',
		async (server) => {
			const socket = plug(server);
			socket.write(head('GET', PATH, { EIO: '4', transport: 'polling' }, `X-Long: ${'x'.repeat(200_000)}`));
			await within(10_000, 'end', Promise.race([socket.ended, eventually('an answer', () => socket.received !== '')]));
			assert.doesNotMatch(socket.received, /^HTTP\/1.1 200/);
			socket.destroy();
		},
	],
	[
		'oversize: a query string of 60 kB is refused or ignored, not fatal',
		async (server) => {
			const long = { EIO: '4', transport: 'polling', t: 'x'.repeat(60_000) };
			await request(server, PATH, long).catch(() => {});
		},
	],
	[
		'wrong order: a continuation without a beginning closes the WebSocket',
		async (server) => {
			const socket = await bareSocket(server, PATH, {});
			socket.write(frame('4x', { opcode: 0 }));
			await within(10_000, 'close', socket.ended);
		},
	],
	[
		'wrong order: a new message inside an unfinished one closes the WebSocket',
		async (server) => {
			const socket = await bareSocket(server, PATH, {});
			socket.write(frame('4x', { fin: false }));
			socket.write(frame('4y'));
			await within(10_000, 'close', socket.ended);
		},
	],
	[
		'wrong order: 5 without a probe ends that WebSocket, not the polling session',
		async (server) => {
			const session = await Polling.open(server);
			const wire = await Wire.open(server, { sid: session.sid });
			wire.send('5');
			wire.send('4x');
			await Promise.race([wire.closed(), sleep(500)]);
			wire.close();
			await session.get().catch(() => {});
		},
	],
	[
		'wrong order: what is not HTTP at all is dropped',
		async (server) => {
			for (const bytes of ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'HELO there\r\n\r\n', '\0'.repeat(64)]) {
				const socket = plug(server);
				socket.end(Buffer.from(bytes, 'latin1'));
				await within(10_000, 'close', socket.ended);
			}
		},
	],
	[
		'aborted: 50 held GETs that clients give up leave an idle server',
		async (server) => {
			const sessions = await Promise.all(Array.from({ length: 50 }, () => Polling.open(server)));
			const sockets = sessions.map((session) => {
				const socket = plug(server);
				socket.write(hold(session));
				return socket;
			});
			await sleep(300);
			sockets.forEach((socket, i) => (i % 2 ? socket.destroy() : socket.resetAndDestroy()));
			await sleep(300);
			await idle(server);
		},
	],
	[
		'wrong moment: pings while long messages wait for a slow reader are answered between these',
		async (server) => {
			const wire = await openWire(server);
			const ponged = once(wire.socket, 'pong');
			const text = '4'.padEnd(900_000, 'x');
			wire.socket.pause();
			for (let i = 0; i < 12; i++)
				wire.send(text);
			await sleep(300);
			for (let i = 0; i < 20; i++) {
				wire.socket.ping();
				wire.send('3');
				await sleep(10);
			}
			wire.socket.resume();
			for (const back of await wire.take(12))
				assert.ok(back === text, 'a message that was not sent');
			await within(5000, 'pong', ponged);
			wire.close();
		},
	],
	[
		'upgrade: 20 WebSockets that die in the middle of it, by FIN and by RST, cost no session',
		async (server) => {
			const sessions = await Promise.all(Array.from({ length: 20 }, () => Polling.open(server)));
			const sockets = await Promise.all(sessions.map(({ sid }) => bareSocket(server, PATH, { sid })));
			sockets.forEach((socket, i) => {
				socket.write(i % 4 < 2 ? frame('2probe') : frame('2probe').subarray(0, 5));
			});
			await sleep(20);
			sockets.forEach((socket, i) => (i % 2 ? socket.destroy() : socket.resetAndDestroy()));
			await Promise.all(
				sessions.map(async (session) => {
					await session.post('4alive');
					const packets = await session.receive(1);
					if (packets[0] === '6')
						packets.push(...(await session.receive(1)));
					assert.ok(packets.includes('4alive'));
					await session.post('1');
				}),
			);
		},
	],
];

/* Ours alone: the official server has no such limits, or waits for half a
 * minute. */
const limits = [
	[
		'slow: a WebSocket frame that comes byte by byte does not outlive the heartbeat',
		async (server) => {
			const socket = await bareSocket(server, PATH, {});
			const bytes = frame('4never finished'.padEnd(100, '.'));
			let sent = 0;
			const drip = setInterval(() => socket.write(bytes.subarray(sent, ++sent)), 150);
			await within(10_000, 'close', socket.ended).finally(() => clearInterval(drip));
			assert.ok(sent < bytes.length);
		},
	],
	[
		'never-reading: a WebSocket is closed at the outbox cap, and memory stays within it',
		async (server) => {
			const before = await residentBytes(server);
			const socket = await bareSocket(server, PATH, {}, { read: false });
			const load = frame('4'.padEnd(900_000, 'x'));
			let most = 0;
			let sent = 0;
			const pongs = setInterval(() => socket.write(frame('3')), 50);
			while (!socket.destroyed && sent < 120) {
				socket.write(load);
				sent++;
				await sleep(5);
				most = Math.max(most, (await residentBytes(server)) - before);
				if ((await server.report()).connections === 0)
					break;
			}
			clearInterval(pongs);
			assert.ok(sent < 120, 'it never hung up');
			assert.ok(most < OUTBOX * 1.5, `${most} bytes more in memory`);
			socket.destroy();
		},
	],
	[
		'never-reading: a polling session that only posts is closed at the outbox cap',
		async (server) => {
			const before = await residentBytes(server);
			const session = await Polling.open(server);
			const body = '4'.padEnd(900_000, 'x');
			let status = 200;
			let sent = 0;
			for (; status === 200 && sent < 60; sent++) {
				await session.post('3').catch(() => {});
				({ status } = await session.post(body).catch(() => ({ status: 400 })));
			}
			assert.equal(status, 400);
			assert.ok(sent >= OUTBOX / body.length, `closed after ${sent}`);
			assert.ok((await residentBytes(server)) - before < OUTBOX * 1.5);
		},
	],
	[
		'never-reading: small echoes count for the memory they take, too',
		async (server) => {
			const before = await residentBytes(server);
			const socket = await bareSocket(server, PATH, {}, { read: false });
			const load = Buffer.concat([
				...Array.from({ length: 20_000 }, () => frame('4small')),
				frame('3'),
			]);
			let most = 0;
			const connected = async () => (await server.report()).connections > 0;
			for (let sent = 0; sent < 300 && (await connected()); sent++) {
				if (!socket.write(load))
					await Promise.race([once(socket, 'drain'), socket.ended, sleep(1000)]);
				most = Math.max(most, (await residentBytes(server)) - before);
			}
			assert.ok(!(await connected()), 'it never hung up');
			assert.ok(most < OUTBOX * 1.5, `${most} bytes more in memory`);
			socket.destroy();
		},
	],
];

/* 5,000 sockets joined to `/`, then all gone in the same moment. */
async function storm(server) {
	const sockets = [];
	const arrive = async () => {
		const socket = await bareSocket(server, '/socket.io/', {});
		socket.write(frame('40'));
		return socket;
	};
	for (let i = 0; i < STORM; i += 250)
		sockets.push(...(await Promise.all(Array.from({ length: 250 }, arrive))));
	await eventually('all are joined', async () => (await server.report()).connections >= STORM, 20_000);
	sockets.forEach((socket, i) => (i % 2 ? socket.destroy() : socket.resetAndDestroy()));
}

for (const { name, start } of asked) {
	describe(`hostile peers of ${name}`, () => {
		let server;
		let baseline;
		before(async () => {
			server = await start(...LIVELY);
			await served(server);
			await sleep(50);
			baseline = descriptors(server);
		});
		after(async () => {
			releaseConnections();
			await server.stop();
		});

		const table = name === 'reference' ? guests : [...guests, ...limits];
		for (const [what, visit] of table) {
			test(what, { timeout: 40_000 }, async () => {
				await visit(server);
				releaseConnections();
				await served(server);
				await eventually(`back to ${baseline} descriptors`, () => descriptors(server) === baseline);
				await eventually('no connection left', async () => (await server.report()).connections === 0);
			});
		}
	});

	describe(`crowds and silence at ${name}`, { concurrency: true }, () => {
		const hurried = name === 'reference' && 'the official server waits for minutes';
		test('a connection that says nothing, half a request or half a body is hung up on', { skip: hurried }, async () => {
			const server = await start(...FOREVER);
			const session = await Polling.open(server);
			const [mute, half, body] = [plug(server), plug(server), plug(server)];
			half.write('GET /engine.io/?EIO=4&tr');
			body.write(head('POST', PATH, session.query, 'Content-Length: 10') + '4a');
			await within(25_000, 'end', Promise.all([mute.ended, half.ended, body.ended]));
			await server.stop();
		});

		test('a held GET that is given up is noticed within 3 s, however slow the heartbeat', async () => {
			const server = await start(...FOREVER);
			const fds = descriptors(server);
			const open = () => Polling.open(server, PATH, { connection: 'close' });
			const sessions = await Promise.all(Array.from({ length: 10 }, open));
			for (const session of sessions) {
				const socket = plug(server);
				socket.write(hold(session), () => setTimeout(() => socket.destroy(), 50));
			}
			await sleep(100);
			await eventually(`back to ${fds} descriptors`, () => descriptors(server) === fds, 3000);
			await eventually('no session left', async () => (await server.report()).connections === 0, 3000);
			await server.stop();
		});

		test(`${STORM} connections dropped at once leave descriptors and heap as they were`, async () => {
			/* What malloc keeps per thread for the next one is not in use. */
			process.env.GLIBC_TUNABLES = 'glibc.malloc.tcache_count=0';
			const server = await start(...UNHURRIED);
			delete process.env.GLIBC_TUNABLES;
			await joinWire(server).then((wire) => wire.close());
			await eventually('a quiet start', async () => (await server.report()).connections === 0);
			const [fds, { heap }] = [descriptors(server), await server.report()];
			for (let i = 0; i < 2; i++) {
				await storm(server);
				await eventually('no connection left', async () => (await server.report()).connections === 0, 10_000);
				await eventually(`back to ${fds} descriptors`, () => descriptors(server) === fds);
			}
			const after = (await server.report()).heap;
			if (name !== 'reference')
				assert.ok(Math.abs(after - heap) <= heap / 100, `heap ${heap} became ${after}`);
			await idle(server);
			await server.stop();
		});
	});
}
