/*
 * socket.io-protocol revision 5, rule by rule, on every server of the table.
 * Source: socketio/socket.io, docs/socket.io-protocol/v5-current.md; where that
 * is silent, what the official server and parser do (said so).
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { servers } from './servers.mjs';
import { Polling, SEPARATOR, join, joinWire, openWire, releaseConnections, sleep } from './wire.mjs';

const PATH = '/socket.io/';
const CONNECT_TIMEOUT = 1000;
const placeholder = (num) => `{"_placeholder":true,"num":${num}}`;

const openPlain = (server) => openWire(server, { path: PATH });

/* What the server must answer with the end of the whole connection. */
async function closes(wire, ...packets) {
	for (const packet of packets)
		wire.send(packet);
	const { reason } = await wire.closed();
	assert.notEqual(reason, 'connect timeout', 'it was closed for something else');
}

/* The connection still does its work. */
async function alive(wire) {
	wire.send('42["message","alive"]');
	assert.equal(await wire.next(), '42["message-back","alive"]');
	wire.close();
}

function connectRules(use) {
	test('connect: CONNECT is answered CONNECT with a sid, then come events', async () => {
		const wire = await openPlain(use());
		wire.send('40');
		const answer = await wire.next();
		assert.match(answer, /^40\{"sid":"[^"]+"\}$/);
		assert.notEqual(JSON.parse(answer.slice(2)).sid, wire.handshake.sid, 'the Engine.IO sid is a secret');
		assert.equal(await wire.next(), '42["auth",{}]');
		wire.close();
	});

	test('connect: the payload of CONNECT reaches the server', async () => {
		const wire = await openPlain(use());
		const { greeting } = await join(wire, '/', '{"token":"123"}');
		assert.equal(greeting, '42["auth",{"token":"123"}]');
		wire.close();
	});

	test('connect: what the server says first is first, whatever is said at once', async () => {
		const wire = await openPlain(use());
		wire.send('40');
		assert.match(await wire.next(), /^40\{"sid":/);
		wire.send('42["message","early"]');
		wire.send('421["message-with-ack",2]');
		assert.deepEqual(await wire.take(3), ['42["auth",{}]', '42["message-back","early"]', '431[2]']);
		wire.close();
	});

	test('connect: a namespace of its own name is named in every packet', async () => {
		const wire = await openPlain(use());
		const { greeting } = await join(wire, '/custom', '{"token":"abc"}');
		assert.equal(greeting, '42/custom,["auth",{"token":"abc"}]');
		wire.close();
	});

	test('connect: a namespace without the comma is understood when nothing follows', async () => {
		const wire = await openPlain(use());
		wire.send('40/custom');
		assert.match(await wire.next(), /^40\/custom,\{"sid":/);
		wire.close();
	});

	test('connect: "40/," is the main namespace', async () => {
		const wire = await openPlain(use());
		wire.send('40/,');
		assert.match(await wire.next(), /^40\{"sid":/);
		wire.close();
	});

	test('connect: an unknown namespace is refused with CONNECT_ERROR, and the connection lives', async () => {
		const wire = await openPlain(use());
		wire.send('40/random,');
		assert.equal(await wire.next(), '44/random,{"message":"Invalid namespace"}');
		await join(wire, '/');
		await alive(wire);
	});

	test('connect: two namespaces on one connection, each with its own sid', async () => {
		const wire = await openPlain(use());
		const main = await join(wire, '/');
		const custom = await join(wire, '/custom');
		const sid = ({ connected }) => JSON.parse(connected.slice(connected.indexOf('{'))).sid;
		assert.notEqual(sid(main), sid(custom));
		await alive(wire);
	});

	test('connect: no namespace is joined by itself', async () => {
		const wire = await joinWire(use(), '/custom');
		await closes(wire, '42["message","to / that was never joined"]');
	});

	test('connect: over polling, CONNECT and its answer are one packet each', async () => {
		const session = await Polling.open(use(), PATH);
		await session.post('40{"a":1}');
		const [connected, greeting] = await session.receive(2);
		assert.match(connected, /^40\{"sid":"[^"]+"\}$/);
		assert.equal(greeting, '42["auth",{"a":1}]');
	});

	test('connect: a connection without CONNECT is closed after 1000 ms, not before', async () => {
		const before = performance.now();
		const wire = await openPlain(use());
		await wire.closed();
		const waited = performance.now() - before;
		assert.ok(waited > CONNECT_TIMEOUT * 0.8 && waited < CONNECT_TIMEOUT * 5, `${waited} ms`);
	});

	test('connect: a polling session without CONNECT is closed after 1000 ms', async () => {
		const session = await Polling.open(use(), PATH);
		const pings = session.keepAlive();
		await sleep(CONNECT_TIMEOUT * 2);
		await pings.stop();
		assert.equal((await session.get()).status, 400);
	});

	test('connect: a refused CONNECT does not stop that clock', async () => {
		const wire = await openPlain(use());
		wire.send('40/random,');
		assert.match(await wire.next(), /^44/);
		await wire.closed(CONNECT_TIMEOUT * 5);
	});

	test('connect: a joined connection outlives that clock', async () => {
		const wire = await joinWire(use());
		await sleep(CONNECT_TIMEOUT * 1.3);
		await alive(wire);
	});
}

const beforeConnect = [
	['an EVENT', '42["message","x"]'],
	['an ACK', '430[]'],
	['a DISCONNECT', '41'],
	['a CONNECT_ERROR', '44{"message":"x"}'],
	['something that is no packet', '4abc'],
	['an empty message', '4'],
	['a BINARY_EVENT and its attachment', `451-["message",${placeholder(0)}]`, Buffer.from([1])],
	['a binary frame', Buffer.from([1, 2, 3])],
	['a CONNECT with an array', '40[]'],
	['a CONNECT with a string', '40"token"'],
	['a CONNECT with broken JSON', '40{"token":'],
	['a CONNECT with a number', '40-7'],
];

const afterConnect = [
	['a second CONNECT', '40'],
	['an unknown packet type', '47["message"]'],
	['a packet type that is no digit', '4abc'],
	['an empty message', '4'],
	['an EVENT with an object', '42{}'],
	['an EVENT with an empty array', '42[]'],
	['an EVENT with a string', '42"message"'],
	['an EVENT whose name is null', '42[null]'],
	['an EVENT whose name is an object', '42[{}]'],
	['an EVENT with broken JSON', '42["message",'],
	['an EVENT with something behind its JSON', '42["message"]x'],
	['an EVENT with an ack id that is no number', '42abc["message-with-ack"]'],
	['an ACK with an object', '431{}'],
	['an ACK with broken JSON', '431[1'],
	['a DISCONNECT with a payload', '41{}'],
	['a CONNECT_ERROR from the client', '44{"message":"x"}'],
	['an EVENT for a namespace not joined', '42/custom,["message"]'],
	['an EVENT for a namespace that does not exist', '42/random,["message"]'],
	['a BINARY_EVENT without a count', `45["message",${placeholder(0)}]`],
	['a BINARY_EVENT with a count that is no number', `45x-["message",${placeholder(0)}]`],
	['a BINARY_EVENT of zero attachments', '450-["message"]'],
	['a BINARY_EVENT with a negative count', `45-1-["message",${placeholder(0)}]`],
	['a BINARY_EVENT with a count beyond all measure', `4599999999-["message",${placeholder(0)}]`],
	['text while an attachment is awaited', `451-["message",${placeholder(0)}]`, '42["message"]'],
	['a placeholder beyond the attachments', `451-["message",${placeholder(1)}]`, Buffer.from([1])],
	['fewer attachments than placeholders', `451-["message",${placeholder(0)},${placeholder(1)}]`, Buffer.from([1])],
	['a negative placeholder', `451-["message",${placeholder(-1)}]`, Buffer.from([1])],
	['a placeholder that is no number', '451-["message",{"_placeholder":true,"num":"0"}]', Buffer.from([1])],
	['a binary frame that no event announced', Buffer.from([1, 2, 3])],
	...['connect', 'connect_error', 'disconnect', 'disconnecting'].map((name) => [
		`an EVENT with the reserved name ${name} (official parser)`,
		`42["${name}"]`,
	]),
];

/* Where docs/libsio.md says that we differ. */
const passedOver = [
	['an EVENT without its array', '42'],
	['an ACK without an id', '43[]'],
	['an ACK with an id above 2^53', '439007199254740993[]'],
];

function invalidRules(use) {
	for (const [what, ...packets] of beforeConnect) {
		test(`invalid before CONNECT: ${what} closes the connection`, async () => {
			await closes(await openPlain(use()), ...packets);
		});
	}
	for (const [what, ...packets] of afterConnect) {
		test(`invalid: ${what} closes the connection`, async () => {
			await closes(await joinWire(use()), ...packets);
		});
	}
	for (const [what, packet] of passedOver) {
		test(`invalid: ${what} closes the connection, but not at the official server`, async () => {
			const wire = await joinWire(use());
			wire.send(packet);
			if (use.reference)
				await alive(wire);
			else
				assert.equal((await wire.closed()).code, 1002);
		});
	}
	test('invalid: a CONNECT with an id closes the connection, but not at the official server', async () => {
		const wire = await openPlain(use());
		wire.send('405');
		if (use.reference)
			assert.match(await wire.next(), /^40\{"sid":/);
		else
			assert.deepEqual(await wire.closed(), { code: 1002, reason: 'protocol error' });
		wire.close();
	});
	test('invalid: over polling the session is gone', async () => {
		const session = await Polling.open(use(), PATH);
		await session.post('40');
		await session.receive(2);
		await session.post('42{}').catch(() => {});
		const last = await session.get();
		assert.ok(last.status === 400 || last.body.endsWith('1'), 'neither 400 nor packet 1 (close)');
		assert.equal((await session.get()).status, 400);
	});
	test(
		'invalid: nesting without end harms nobody else',
		{ skip: use.reference && 'the official server dies of it' },
		async () => {
			const server = use();
			const wire = await joinWire(server);
			const depth = 100_000;
			wire.send(`42["message",${'['.repeat(depth)}${']'.repeat(depth)}]`);
			await Promise.race([wire.closed(), wire.next()]).catch(() => {});
			await alive(await joinWire(server));
		},
	);
}

const echoes = [
	['arguments of every JSON type', '1,"2",{"3":[true]},null,-1.5e3'],
	['text in UTF-8', '"é€𝄞"'],
	['escapes as they were written', '"\\u00e9\\n\\"\\\\/"'],
	['no arguments', ''],
];

function messageRules(use) {
	for (const [what, args] of echoes) {
		const tail = args && `,${args}`;
		test(`event: ${what} arrive(s) and come(s) back`, async () => {
			const wire = await joinWire(use());
			wire.send(`42["message"${tail}]`);
			const back = await wire.next();
			assert.ok(back.startsWith('42["message-back"'));
			assert.deepEqual(JSON.parse(back.slice(2)), JSON.parse(`["message-back"${tail}]`));
			wire.close();
		});
	}

	test('event: white space between JSON tokens is allowed', async () => {
		const wire = await joinWire(use());
		wire.send('42[ "message" , 1 ]');
		assert.deepEqual(JSON.parse((await wire.next()).slice(2)), ['message-back', 1]);
		wire.close();
	});

	test('event: a name written with escapes is the same name', async () => {
		const wire = await joinWire(use());
		wire.send('42["\\u006dessage","x"]');
		assert.equal(await wire.next(), '42["message-back","x"]');
		wire.close();
	});

	test('event: one that nobody handles changes nothing', async () => {
		const wire = await joinWire(use());
		wire.send('42["nobody listens"]');
		wire.send('42/,["message","alive"]');
		assert.equal(await wire.next(), '42["message-back","alive"]');
		wire.close();
	});

	test('binary event: attachments follow in frames of their own, in order, both ways', async () => {
		const wire = await joinWire(use());
		wire.send(`452-["message",${placeholder(0)},"between",${placeholder(1)}]`);
		wire.send(Buffer.from([1, 2, 3]));
		wire.send(Buffer.from([4, 5, 6]));
		const [head, first, second] = await wire.take(3);
		assert.equal(head, `452-["message-back",${placeholder(0)},"between",${placeholder(1)}]`);
		assert.deepEqual([first, second], [Buffer.from([1, 2, 3]), Buffer.from([4, 5, 6])]);
		wire.close();
	});

	test('binary event: an empty attachment is one', async () => {
		const wire = await joinWire(use());
		wire.send(`451-["message",${placeholder(0)}]`);
		wire.send(Buffer.alloc(0));
		const [head, body] = await wire.take(2);
		assert.equal(head, `451-["message-back",${placeholder(0)}]`);
		assert.equal(body.length, 0);
		wire.close();
	});

	test('binary event: a placeholder deep inside an argument is found', async () => {
		const wire = await joinWire(use());
		wire.send(`451-["message",{"a":[{"b":${placeholder(0)}}]}]`);
		wire.send(Buffer.from([9]));
		const [head, body] = await wire.take(2);
		assert.equal(head, `451-["message-back",{"a":[{"b":${placeholder(0)}}]}]`);
		assert.deepEqual(body, Buffer.from([9]));
		wire.close();
	});

	test('binary event: over polling attachments are base64 packets behind the event', async () => {
		const session = await Polling.open(use(), PATH);
		await session.post('40');
		await session.receive(2);
		const packets = [`451-["message",${placeholder(0)}]`, 'bAQIDBA=='];
		await session.post(packets.join(SEPARATOR));
		assert.deepEqual(await session.receive(2), [`451-["message-back",${placeholder(0)}]`, 'bAQIDBA==']);
	});

	test('binary event: over polling its parts may come in two POSTs', async () => {
		const session = await Polling.open(use(), PATH);
		await session.post('40');
		await session.receive(2);
		await session.post(`451-["message",${placeholder(0)}]`);
		await session.post('bAQIDBA==');
		assert.deepEqual(await session.receive(2), [`451-["message-back",${placeholder(0)}]`, 'bAQIDBA==']);
	});

	test('binary event: ten attachments are taken (official parser)', async () => {
		const wire = await joinWire(use());
		const holders = Array.from({ length: 10 }, (_, i) => placeholder(i)).join();
		wire.send(`4510-["message",${holders}]`);
		for (let i = 0; i < 10; i++)
			wire.send(Buffer.from([i]));
		const [head, ...bodies] = await wire.take(11);
		assert.equal(head, `4510-["message-back",${holders}]`);
		assert.deepEqual(Buffer.concat(bodies), Buffer.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
		wire.close();
	});
}

function ackRules(use) {
	for (const id of ['0', '456', '4294967296']) {
		test(`ack: an EVENT with id ${id} is answered by an ACK with the same id`, async () => {
			const wire = await joinWire(use());
			wire.send(`42${id}["message-with-ack",1,"2",{"3":[false]}]`);
			assert.equal(await wire.next(), `43${id}[1,"2",{"3":[false]}]`);
			wire.close();
		});
	}

	test('ack: without arguments the ACK is an empty array', async () => {
		const wire = await joinWire(use());
		wire.send('427["message-with-ack"]');
		assert.equal(await wire.next(), '437[]');
		wire.close();
	});

	test('ack: a BINARY_EVENT is answered by a BINARY_ACK', async () => {
		const wire = await joinWire(use());
		wire.send(`452-789["message-with-ack",${placeholder(0)},${placeholder(1)}]`);
		wire.send(Buffer.from([1, 2, 3]));
		wire.send(Buffer.from([4, 5, 6]));
		const [head, first, second] = await wire.take(3);
		assert.equal(head, `462-789[${placeholder(0)},${placeholder(1)}]`);
		assert.deepEqual([first, second], [Buffer.from([1, 2, 3]), Buffer.from([4, 5, 6])]);
		wire.close();
	});

	const ask = async (wire) => {
		wire.send('42["ask","why?"]');
		const question = /^42(\d+)\["question","why\?"\]$/.exec(await wire.next());
		assert.ok(question, 'the server asks with an id');
		return question[1];
	};

	test('ack: an ACK from the client reaches who asked', async () => {
		const wire = await joinWire(use());
		wire.send(`43${await ask(wire)}["because",1]`);
		assert.equal(await wire.next(), '42["answered","because",1]');
		wire.close();
	});

	test('ack: an empty ACK from the client is an answer', async () => {
		const wire = await joinWire(use());
		wire.send(`43${await ask(wire)}[]`);
		assert.equal(await wire.next(), '42["answered"]');
		wire.close();
	});

	test('ack: a BINARY_ACK from the client reaches who asked', async () => {
		const wire = await joinWire(use());
		wire.send(`461-${await ask(wire)}["because",${placeholder(0)}]`);
		wire.send(Buffer.from([7]));
		assert.deepEqual(await wire.take(2), [`451-["answered","because",${placeholder(0)}]`, Buffer.from([7])]);
		wire.close();
	});

	test('ack: the second ACK with an id, and one with an id nobody gave, are ignored', async () => {
		const wire = await joinWire(use());
		const id = await ask(wire);
		wire.send(`43${id}["first"]`);
		wire.send(`43${id}["second"]`);
		wire.send('43987654321["nobody"]');
		assert.equal(await wire.next(), '42["answered","first"]');
		await alive(wire);
	});

	test('ack: questions under way have different ids and may be answered in any order', async () => {
		const wire = await joinWire(use());
		const ids = [await ask(wire), await ask(wire), await ask(wire)];
		assert.equal(new Set(ids).size, 3);
		for (const id of ids.reverse())
			wire.send(`43${id}[${id}]`);
		assert.deepEqual(
			await wire.take(3),
			ids.map((id) => `42["answered",${id}]`),
		);
		wire.close();
	});

	test('ack: ids belong to a namespace', async () => {
		const wire = await joinWire(use());
		await join(wire, '/custom');
		const id = await ask(wire);
		wire.send(`43/custom,${id}["wrong namespace"]`);
		wire.send(`43${id}["right"]`);
		assert.equal(await wire.next(), '42["answered","right"]');
		wire.close();
	});
}

/* The official server takes a packet that follows DISCONNECT at once for one
 * to the old socket; ours must not need the pause. */
const settled = (use) => use.reference && sleep(50);

function disconnectRules(use) {
	test('disconnect: leaving a namespace leaves the others', async () => {
		const wire = await joinWire(use());
		await join(wire, '/custom');
		wire.send('41/custom,');
		await alive(wire);
	});

	test('disconnect: no answer comes, and the connection stays open', async () => {
		const wire = await joinWire(use());
		await join(wire, '/custom');
		wire.send('41/custom,');
		await assert.rejects(wire.next(100), /no frame/);
		assert.equal(wire.socket.readyState, wire.socket.OPEN);
		wire.close();
	});

	test('disconnect: the last namespace left, the heartbeat goes on', async () => {
		const wire = await joinWire(use());
		wire.pong = false;
		wire.send('41');
		assert.equal(await wire.next(), '2');
		wire.close();
	});

	test('disconnect: an EVENT after it closes the connection (official server)', async () => {
		const wire = await joinWire(use());
		wire.send('41');
		await settled(use);
		await closes(wire, '42["message"]');
	});

	test('disconnect: the namespace can be joined again, under a new sid', async () => {
		const wire = await openPlain(use());
		const first = await join(wire, '/custom');
		await join(wire, '/');
		wire.send('41/custom,');
		await settled(use);
		const second = await join(wire, '/custom', '{"again":true}');
		assert.notEqual(first.connected, second.connected);
		assert.equal(second.greeting, '42/custom,["auth",{"again":true}]');
		await alive(wire);
	});
}

for (const { name, start } of servers) {
	describe(`socket.io-protocol 5 on ${name}`, { concurrency: 16 }, () => {
		let server;
		const use = () => server;
		use.reference = name === 'reference';
		before(async () => {
			server = await start('--ping-timeout', '5000'); // a busy machine may be late
		});
		after(async () => {
			releaseConnections();
			await server.stop();
		});

		connectRules(use);
		invalidRules(use);
		messageRules(use);
		ackRules(use);
		disconnectRules(use);
	});
}
