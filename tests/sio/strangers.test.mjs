/*
 * What a stranger can do to all: take every place, every descriptor, all the
 * memory or all the time. The official server has no such limits.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { cpuTicks, descriptors, head, plug, residentBytes } from './peers.mjs';
import { servers } from './servers.mjs';
import {
	Polling,
	Wire,
	bareSocket,
	eventually,
	frame,
	joinWire,
	releaseConnections,
	request,
	sleep,
	within,
} from './wire.mjs';

const PATH = '/socket.io/';
const POLLING = { EIO: '4', transport: 'polling' };
const LONG = ['--ping-interval', '60000', '--ping-timeout', '60000', '--connect-timeout', '60000'];
const MiB = 1024 * 1024;

const from = (address) => ({ headers: { 'x-real-ip': address } });
const bomb = (start, end) => start + '[' + '{},'.repeat(330_000) + '{}]' + end;

async function echoes(wire) {
	wire.send('427["message-with-ack","still here"]');
	assert.equal(await wire.next(), '437["still here"]');
}

const crowds = [
	[
		'polling handshakes',
		(server, address) => request(server, PATH, POLLING, from(address)),
	],
	[
		'WebSockets',
		async (server, address) => {
			const wire = new Wire(server, {}, PATH, true, from(address));
			await wire.opened.catch(() => {});
		},
	],
];

for (const { start } of servers.filter(({ name }) => name === 'palabre')) {
	describe('strangers', () => {
		after(releaseConnections);

		for (const [what, arrive] of crowds) {
			test(`four addresses that take all places with ${what} keep nobody out, and nobody known has to go`, async () => {
				const server = await start(...LONG, '--trust-proxy', '--max-connections', '100');
				const known = [];
				for (let i = 0; i < 10; i++)
					known.push(await joinWire(server, '/', from(`198.51.100.${i}`)));
				for (let i = 0; i < 400; i += 20) {
					await Promise.all(
						Array.from({ length: 20 }, (_, k) => arrive(server, `2001:db8:0:${k % 4}::${i + k + 1}`)),
					);
					if (i % 100 === 0)
						known.push(await joinWire(server, '/', from('192.0.2.1')));
				}
				const polling = await Polling.open(server, PATH, from('192.0.2.2').headers);
				await polling.post('40');
				assert.match((await polling.receive(1))[0], /^40/);
				for (const wire of known)
					await echoes(wire);
				assert.ok((await server.report()).connections <= 101);
				await server.stop();
			});
		}

		test('where all are known, a handshake is refused with 503', async () => {
			const server = await start(...LONG, '--max-connections', '5');
			const known = [];
			for (let i = 0; i < 5; i++)
				known.push(await joinWire(server));
			assert.equal((await request(server, PATH, POLLING)).status, 503);
			await echoes(known[0]);
			known.pop().close();
			await eventually('there is room', async () => (await request(server, PATH, POLLING)).status === 200);
			await server.stop();
		});

		test('connections without a request take no descriptor from who is served', async () => {
			const server = await start(...LONG, { files: 400 });
			const known = await joinWire(server);
			const plugs = [];
			for (let i = 0; i < 1000; i += 50) {
				plugs.push(...Array.from({ length: 50 }, () => plug(server)));
				await sleep(10);
				assert.ok(descriptors(server) < 400);
			}
			(await joinWire(server)).close();
			await echoes(known);
			plugs.forEach((socket) => socket.destroy());
			await server.stop();
		});

		test('the last fifth of the descriptors is kept from strangers', async () => {
			const server = await start(...LONG, { files: 400 });
			const most = Math.ceil(0.8 * 400);
			const known = await joinWire(server);
			const sockets = [];
			for (let i = 0; i < 600; i++)
				sockets.push(await bareSocket(server, PATH, {}));
			assert.ok(descriptors(server) <= most, `${descriptors(server)} are open`);
			await echoes(known);
			await echoes(await joinWire(server));
			sockets.forEach((socket) => socket.destroy());
			await server.stop();
		});

		test('request bodies that nobody will read make room, too', async () => {
			const server = await start(...LONG, { files: 400 });
			const plugs = [];
			for (let i = 0; i < 600; i++) {
				const socket = plug(server);
				socket.write(head('POST', PATH, { ...POLLING, sid: 'nobody' }, 'Content-Length: 1000') + '4');
				plugs.push(socket);
				if (i % 20 === 0)
					await sleep(5);
			}
			await echoes(await joinWire(server));
			plugs.forEach((socket) => socket.destroy());
			await server.stop();
		});

		test('who does not CONNECT within its time is hung up on', async () => {
			const server = await start('--connect-timeout', '300');
			const wire = await Wire.open(server, {}, { path: PATH });
			const { code, reason } = await wire.closed(3000);
			assert.deepEqual([code, reason], [1002, 'connect timeout']);
			await server.stop();
		});

		test('all that is half here together has a limit, and whoever is served goes on being served', async () => {
			const server = await start(...LONG, '--max-unfinished', '4000000', '--trust-proxy');
			const resting = await residentBytes(server);
			const known = await joinWire(server, '/', from('192.0.2.1'));
			const hoarders = [];
			for (let i = 0; i < 60; i++) {
				const socket = await bareSocket(server, PATH, {});
				socket.write(frame('40'));
				socket.write(frame('454-["x"]'));
				for (let k = 0; k < 3; k++)
					socket.write(frame(Buffer.alloc(900_000)));
				socket.write(frame(Buffer.alloc(900_000)).subarray(0, 600_000));
				hoarders.push(socket);
				await echoes(known);
			}
			await eventually('most are gone', () => hoarders.filter(({ closed }) => closed).length > 55);
			const grown = (await residentBytes(server)) - resting;
			assert.ok(grown < 16 * MiB, `${grown} bytes more`);
			hoarders.forEach((socket) => socket.destroy());
			await server.stop();
		});
	});

	describe('packets that cost too much', { concurrency: true }, () => {
		let server;
		before(async () => {
			server = await start(...LONG, '--max-unfinished', '4000000', '--packet-timeout', '2000');
		});
		after(async () => {
			releaseConnections();
			await server.stop();
		});

		test('before CONNECT a frame of more than 8 KiB closes with 1009', async () => {
			for (const [size, closes] of [
				[8192, false],
				[8193, true],
			]) {
				const wire = await Wire.open(server, {}, { path: PATH });
				await wire.next();
				wire.send(`40{"token":"${'x'.repeat(size - 14)}"}`);
				if (closes)
					assert.equal((await wire.closed()).code, 1009);
				else
					assert.match(await wire.next(), /^40/);
				wire.close();
			}
		});

		test('before CONNECT a POST of more than 8 KiB is answered 413', async () => {
			const session = await Polling.open(server, PATH);
			assert.equal((await session.post(`40{"token":"${'x'.repeat(8192)}"}`)).status, 413);
		});

		test('before CONNECT attachments close, unread', async () => {
			const wire = await Wire.open(server, {}, { path: PATH });
			wire.send('452-["x"]');
			assert.equal((await wire.closed()).code, 1002);
		});

		test('half a million bytes of {},{},... cost no memory: as an event, an acknowledgement, in CONNECT', async () => {
			const resting = await residentBytes(server);
			for (const text of [bomb('42["x",', ']'), bomb('431', ''), bomb('420["x",', ']'), bomb('452-["x",', ']')]) {
				const wire = await joinWire(server);
				wire.send(text);
				assert.equal((await wire.closed()).code, 1009);
			}
			const wire = await Wire.open(server, {}, { path: PATH });
			wire.send(bomb('40{"a":', '}'));
			assert.equal((await wire.closed()).code, 1009);
			const grown = (await residentBytes(server)) - resting;
			assert.ok(grown < 8 * MiB, `${grown} bytes more`);
		});

		test('a message whose rest does not come is given up in time, whatever trickles in', async () => {
			const socket = await bareSocket(server, PATH, {});
			socket.write(frame('40'));
			const bytes = frame('42["message","'.padEnd(100_000, 'x'));
			socket.write(bytes.subarray(0, 50_000));
			const drip = setInterval(() => socket.write('x'), 100);
			await within(4000, 'close', socket.ended).finally(() => clearInterval(drip));
		});

		test('a GET whose body has come is held for longer than that, and its session lives', async () => {
			const hold = async (...parts) => {
				const session = await Polling.open(server, PATH);
				await session.post('40');
				await session.receive(2);
				const socket = plug(server);
				socket.write(head('GET', PATH, session.query, 'Content-Length: 3') + parts.shift());
				for (const part of parts) {
					await sleep(50);
					socket.write(part);
				}
				await sleep(2500);
				for (const text of ['one', 'two']) {
					await session.post(`42["message","${text}"]`);
					await eventually('an answer', () => socket.received.includes(`42["message-back","${text}"]`));
					socket.write(head('GET', PATH, session.query));
				}
				socket.destroy();
			};
			await Promise.all([hold('abc'), hold('', 'abc'), hold('a', 'bc')]);
		});

		test('a POST in chunks is answered at once where its session ends before its body', async () => {
			const session = await Polling.open(server, PATH);
			const socket = plug(server);
			socket.write(`${head('POST', PATH, session.query, 'Transfer-Encoding: chunked')}2\r\n4`);
			await sleep(100);
			assert.equal((await session.post('40')).status, 400);
			await within(1000, 'end', socket.ended);
			assert.match(socket.received, /^HTTP\/1.1 400.*"Session ID unknown"/s);
		});

		test('a GET with a body in chunks is refused or hung up on, and its session lives', async () => {
			const session = await Polling.open(server, PATH);
			const socket = plug(server);
			socket.write(`${head('GET', PATH, session.query, 'Transfer-Encoding: chunked')}0\r\n\r\n`);
			await within(1000, 'end', socket.ended);
			assert.match(socket.received, /^(HTTP\/1.1 400|$)/);
			assert.equal((await session.post('40')).status, 200);
		});

		test('a WebSocket that dies within a message before it is the transport costs no session', async () => {
			const session = await Polling.open(server, PATH);
			const socket = await bareSocket(server, PATH, { sid: session.sid });
			socket.write(frame('2probe').subarray(0, 9));
			await sleep(100);
			socket.destroy();
			await sleep(2500);
			assert.equal((await session.post('40')).status, 200);
		});

		test('who sends events beyond the rate for long is not read from, and is heard when that is over', async () => {
			const limited = await start(...LONG, '--rate', '10');
			const wire = await joinWire(limited);
			const other = await joinWire(limited, '/custom');
			const before = cpuTicks(limited);
			for (let i = 0; i < 1000; i++)
				wire.send('42["message",1]');
			wire.send('42["message","the last"]');
			const began = Date.now();
			await sleep(3500);
			const used = cpuTicks(limited) - before;
			assert.ok(used < 50, `${used * 10} ms of CPU`);
			other.send('6');
			await eventually('it is heard again', async () => {
				await sleep(1100);
				wire.send('421["message-with-ack",1]');
				while (wire.frames.length > 0) {
					if (wire.frames.shift() === '431[1]')
						return true;
				}
				return false;
			}, 15_000);
			assert.ok(Date.now() - began > 4000, 'it was never paused');
			await limited.stop();
		});

		test('attachments that do not come are given up in time', async () => {
			const wire = await joinWire(server);
			wire.send('452-["message"]');
			wire.send(Buffer.alloc(1000));
			assert.equal((await wire.closed(4000)).code, 1008);
		});
	});
}
