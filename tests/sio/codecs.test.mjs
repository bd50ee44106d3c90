/*
 * npm's engine.io-parser and socket.io-parser as the oracle: random packets
 * that they encode go through a server, and what comes back they decode to the
 * same. SIO_SEED repeats a run.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as engine from 'engine.io-parser';
import { Decoder, Encoder, PacketType } from 'socket.io-parser';
import { servers } from './servers.mjs';
import { Polling, SEPARATOR, joinWire, openWire, releaseConnections } from './wire.mjs';

const ROUNDS = 400;
const UNHURRIED = ['--ping-interval', '2000', '--ping-timeout', '8000'];
const seed = Number(process.env.SIO_SEED ?? Date.now() % 2 ** 31);

/* mulberry32: small, and the same everywhere. */
function dice(state) {
	const roll = () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
	const below = (n) => Math.floor(roll() * n);
	const pick = (list) => list[below(list.length)];
	const many = (most, make) => Array.from({ length: below(most + 1) }, make);
	return { below, pick, many };
}

function generator({ below, pick, many }) {
	const alphabet = [...'abcXYZ019 _-,:;/\\"\'[]{}\n\t\r\u0000\u001f\u007fé€𝄞\u2028\ufeff'];
	const text = () => many(12, () => pick(alphabet)).join('');
	const bytes = () => Buffer.from(many(40, () => below(256)));
	const number = () => pick([0, -0, 1, -1, 1.5, -2.25e-7, 1e21, 2 ** 53, below(1e9), NaN]);
	const leaf = () => pick([text, number, () => true, () => false, () => null, bytes])();
	const value = (depth) => {
		if (depth === 0 || below(3) > 0)
			return leaf();
		if (below(2) === 0)
			return many(4, () => value(depth - 1));
		return Object.fromEntries(many(4, () => [`k${text()}`, value(depth - 1)]));
	};
	const plain = (depth) => JSON.parse(JSON.stringify(value(depth), (_, v) => (v?.type === 'Buffer' ? null : v)));
	return { text, bytes, value, plain };
}

const encoder = new Encoder();

/* The packet that the oracle makes of these pieces from the wire. */
function decode(pieces) {
	const decoder = new Decoder({ maxAttachments: 1000 });
	let packet;
	decoder.on('decoded', (decoded) => (packet = decoded));
	for (const piece of pieces)
		decoder.add(piece);
	assert.ok(packet, 'the oracle misses a piece');
	return packet;
}

/* What JSON makes of a value: -0 and NaN have no other way home. */
const asJson = (args) => decode(encoder.encode({ type: PacketType.EVENT, nsp: '/', data: ['x', ...args] })).data.slice(1);

const asPieces = (frames) => frames.map((frame) => (typeof frame === 'string' ? frame.slice(1) : frame));

function attachments(head) {
	return Number(/^4[56](\d+)-/.exec(head)?.[1] ?? 0);
}

async function throughSocket(wire, packet) {
	for (const piece of encoder.encode(packet))
		wire.send(typeof piece === 'string' ? `4${piece}` : piece);
	const head = await wire.next();
	return decode(asPieces([head, ...(await wire.take(attachments(head)))]));
}

async function throughPolling(session, packet) {
	const packets = encoder.encode(packet).map((data) => ({ type: 'message', data }));
	const payload = await new Promise((resolve) => engine.encodePayload(packets, resolve));
	const answer = await session.post(payload);
	assert.equal(answer.body, 'ok');
	const [head] = await session.receive(1).then((got) => {
		session.early.unshift(...got.slice(1));
		return got;
	});
	const rest = await session.receive(attachments(head));
	return decode([head, ...rest].map((text) => engine.decodePacket(text, 'nodebuffer').data));
}

async function openPolling(server) {
	const session = await Polling.open(server, '/socket.io/');
	await session.post('40');
	await session.receive(2);
	return session;
}

function oracle(use) {
	/* The official parser takes ten attachments at most; so do we of it. */
	const argumentsFor = ({ below, many }, { value, plain }) => {
		const args = many(4, () => value(3));
		return countBinary(args) > 10 || below(4) === 0 ? many(4, () => plain(3)) : args;
	};

	const transports = [
		['websocket', (server) => joinWire(server), throughSocket, ROUNDS],
		['polling', openPolling, throughPolling, ROUNDS / 4],
	];
	for (const [transport, open, through, rounds] of transports) {
		test(`socket.io-parser, ${transport}: random events return equal (seed ${seed})`, async () => {
			const chance = dice(seed);
			const make = generator(chance);
			const way = await open(use());
			for (let i = 0; i < rounds; i++) {
				const args = argumentsFor(chance, make);
				const packet = { type: PacketType.EVENT, nsp: '/', data: ['message', ...args] };
				const back = await through(way, packet);
				assert.equal(back.type, PacketType.EVENT);
				assert.deepEqual(back.data, ['message-back', ...asJson(args)], `round ${i}`);
			}
		});

		test(`socket.io-parser, ${transport}: random acknowledgements return equal (seed ${seed})`, async () => {
			const chance = dice(seed + 1);
			const make = generator(chance);
			const way = await open(use());
			for (let i = 0; i < rounds; i++) {
				const args = argumentsFor(chance, make);
				const id = chance.below(2 ** 31);
				const packet = { type: PacketType.EVENT, nsp: '/', id, data: ['message-with-ack', ...args] };
				const back = await through(way, packet);
				assert.equal(back.type, PacketType.ACK);
				assert.equal(back.id, id);
				assert.deepEqual(back.data, asJson(args), `round ${i}`);
			}
		});
	}

	test(`engine.io-parser, polling: random payloads return byte for byte (seed ${seed})`, async () => {
		const { below, many } = dice(seed + 2);
		const { text, bytes } = generator({ below, many, pick: (list) => list[below(list.length)] });
		const session = await Polling.open(use());
		for (let i = 0; i < ROUNDS / 4; i++) {
			const packets = [0, ...many(10, () => 0)].map(() => ({
				type: 'message',
				data: below(2) ? bytes() : text(),
			}));
			const payload = await new Promise((resolve) => engine.encodePayload(packets, resolve));
			await session.post(payload);
			const back = (await session.receive(packets.length)).join(SEPARATOR);
			assert.equal(back, payload, `round ${i}`);
			assert.deepEqual(
				engine.decodePayload(back, 'nodebuffer').map(({ data }) => data ?? ''),
				packets.map(({ data }) => data),
			);
		}
	});

	test(`engine.io-parser, websocket: random messages return byte for byte (seed ${seed})`, async () => {
		const { below, many, pick } = dice(seed + 3);
		const { text, bytes } = generator({ below, many, pick });
		const wire = await openWire(use());
		for (let i = 0; i < ROUNDS; i++) {
			const data = below(2) ? bytes() : text();
			const packet = await new Promise((resolve) => engine.encodePacket({ type: 'message', data }, true, resolve));
			wire.send(packet);
			assert.deepEqual(await wire.next(), packet, `round ${i}`);
		}
	});
}

function countBinary(value) {
	if (Buffer.isBuffer(value))
		return 1;
	if (value === null || typeof value !== 'object')
		return 0;
	return Object.values(value).reduce((sum, inner) => sum + countBinary(inner), 0);
}

for (const { name, start } of servers) {
	describe(`reference codecs against ${name}`, { concurrency: 4 }, () => {
		let server;
		before(async () => {
			server = await start(...UNHURRIED);
		});
		after(async () => {
			releaseConnections();
			await server.stop();
		});
		oracle(() => server);
	});
}
