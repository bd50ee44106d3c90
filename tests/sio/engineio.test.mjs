/*
 * engine.io-protocol revision 4, rule by rule, on every server of the table.
 * Source: socketio/socket.io, docs/engine.io-protocol/v4-current.md; where that
 * is silent, what the official server and its clients agree on (said so).
 */
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { head, plug } from './peers.mjs';
import { share } from '../support/stack.mjs';
import { servers } from './servers.mjs';
import {
	Polling,
	SEPARATOR,
	Wire,
	bareSocket,
	frame,
	openWire,
	refused,
	releaseConnections,
	request,
	sleep,
	target,
	within,
} from './wire.mjs';

const PATH = '/engine.io/';
const POLLING = { EIO: '4', transport: 'polling' };
const WEBSOCKET = { EIO: '4', transport: 'websocket' };
const PING_INTERVAL = 300;
const PING_TIMEOUT = 200;
const LIVELY_TIMEOUT = 3000; // where a pong may be late on a busy machine
const MAX_PAYLOAD = 1_000_000;
const A_MOMENT = 200; // by when the server has what was sent
const HANDSHAKE_KEYS = ['maxPayload', 'pingInterval', 'pingTimeout', 'sid', 'upgrades'];
const FOREIGN = 'http://pages.example';

const oneOf = (value, ...allowed) => assert.ok(allowed.includes(value), `${value} is none of ${allowed}`);

async function gone(session) {
	assert.equal((await session.get()).status, 400, 'the session still answers');
}

/* The answer of a request during which the server closes the session: 400, or
 * the connection cut, as the official server does. */
async function rejected(answer, ...statuses) {
	try {
		oneOf((await answer).status, ...statuses);
	} catch (error) {
		assert.ok(error.code, error.message);
	}
}

function checkHandshake(packet, upgrades) {
	assert.equal(packet[0], '0');
	const open = JSON.parse(packet.slice(1));
	assert.deepEqual(Object.keys(open).sort(), HANDSHAKE_KEYS);
	assert.equal(typeof open.sid, 'string');
	assert.ok(open.sid.length >= 20, 'a sid that can be guessed is no secret');
	assert.deepEqual(open.upgrades, upgrades);
	assert.equal(open.pingInterval, PING_INTERVAL);
	assert.equal(open.pingTimeout, PING_TIMEOUT);
	assert.equal(open.maxPayload, MAX_PAYLOAD);
}

const badHandshakes = [
	['a missing EIO', { transport: 'polling' }, 5],
	['an EIO that is no number', { EIO: 'abc', transport: 'polling' }, 5],
	['EIO=3', { EIO: '3', transport: 'polling' }, 5],
	['a missing transport', { EIO: '4' }, 0],
	['an unknown transport', { EIO: '4', transport: 'abc' }, 0],
	['an unknown sid', { ...POLLING, sid: 'nobodynobodynobody00' }, 1],
	['transport=websocket without an Upgrade header', WEBSOCKET, 3],
];

const badPayloads = [
	['a packet type that is no digit', 'abc'],
	['an unknown packet type', '9'],
	['no packet at all', ''],
	['an empty packet after a good one', `4hello${SEPARATOR}`],
	['an empty packet between good ones', `4a${SEPARATOR}${SEPARATOR}4b`],
];

/* As Node's decoder has it, and so the reference server: with line feeds from
 * the Java client, for URLs, without padding. */
const base64Forms = ['AQIDBA==', 'AQIDBA', 'AQID\nBA==', 'AQID\r\nBA==\r\n', '-_8=', 'A Q I D', 'AQ!ID', 'AQIDB'];

function handshakeRules(use) {
	test('handshake: a GET with transport=polling answers an open packet that names websocket as upgrade', async () => {
		const answer = await request(use(), PATH, POLLING);
		assert.equal(answer.status, 200);
		checkHandshake(answer.body, ['websocket']);
	});

	test('handshake: a polling answer is plain text in UTF-8 that no cache keeps', async () => {
		const { headers } = await request(use(), PATH, POLLING);
		assert.match(headers['content-type'], /^text\/plain; ?charset=utf-8$/i);
		assert.equal(headers['cache-control'], 'no-store');
	});

	test('handshake: a WebSocket gets an open packet without upgrades', async () => {
		const wire = await Wire.open(use());
		checkHandshake(await wire.next(), []);
		wire.close();
	});

	test('handshake: every session has a sid of its own', async () => {
		const sessions = await Promise.all(Array.from({ length: 20 }, () => Polling.open(use())));
		assert.equal(new Set(sessions.map(({ sid }) => sid)).size, 20);
	});

	test('handshake: parameters nobody knows (t=, b64=1) are ignored', async () => {
		const answer = await request(use(), PATH, { ...POLLING, t: 'Oabc', b64: '1' });
		checkHandshake(answer.body, ['websocket']);
	});

	for (const query of ['&EIO=4&transport=polling', 'token=x&&EIO=4&transport=polling', 'EIO=4&&&transport=polling&'])
		test(`handshake: empty parameters are passed over, as in ?${query}`, async () => {
			const answer = await request(use(), `${PATH}?${query}`);
			checkHandshake(answer.body, ['websocket']);
		});

	for (const [what, query, code] of badHandshakes) {
		test(`handshake: ${what} is answered 400 with code ${code} in JSON`, async () => {
			const answer = await request(use(), PATH, query);
			assert.equal(answer.status, 400);
			assert.match(answer.headers['content-type'], /^application\/json/);
			const { code: said, message } = JSON.parse(answer.body);
			assert.equal(said, code);
			assert.ok(message.length > 0);
		});
	}

	for (const method of ['POST', 'PUT', 'DELETE']) {
		test(`handshake: ${method} is answered 400 with code 2`, async () => {
			const answer = await request(use(), PATH, POLLING, { method });
			assert.equal(answer.status, 400);
			assert.equal(JSON.parse(answer.body).code, 2);
		});
	}

	const badUpgrades = [
		['a missing EIO', { EIO: '', transport: 'websocket' }],
		['an EIO that is no number', { EIO: 'abc', transport: 'websocket' }],
		['an unknown transport', { transport: 'abc' }],
		['transport=polling', { transport: 'polling' }],
		['an unknown sid', { sid: 'nobodynobodynobody00' }],
	];
	for (const [what, query] of badUpgrades)
		test(`handshake: a WebSocket with ${what} is closed`, () => refused(use(), query));
}

function pollingRules(use) {
	test('polling: a POST is answered 200 "ok" and its message arrives', async () => {
		const session = await Polling.open(use());
		const answer = await session.post('4hello');
		assert.equal(answer.status, 200);
		assert.equal(answer.body, 'ok');
		assert.equal((await session.get()).body, '4hello');
	});

	test('polling: packets joined by 0x1e are told apart, and come back joined by 0x1e in order', async () => {
		const session = await Polling.open(use());
		const payload = ['4test1', '4test2', '4test3'].join(SEPARATOR);
		await session.post(payload);
		assert.equal((await session.get()).body, payload);
	});

	test('polling: binary is base64 behind a b, next to text', async () => {
		const session = await Polling.open(use());
		const payload = `4hello${SEPARATOR}bAQIDBA==`;
		await session.post(payload);
		assert.equal((await session.get()).body, payload);
	});

	test('polling: text is UTF-8 and comes back unchanged', async () => {
		const session = await Polling.open(use());
		await session.post('4é€𝄞\u0000');
		assert.equal((await session.get()).body, '4é€𝄞\u0000');
	});

	test('polling: a POST without Content-Type is text', async () => {
		const session = await Polling.open(use());
		assert.equal((await session.post('4plain', { headers: {} })).body, 'ok');
		assert.equal((await session.get()).body, '4plain');
	});

	test('polling: a message without payload is a message', async () => {
		const session = await Polling.open(use());
		await session.post('4');
		assert.equal((await session.get()).body, '4');
	});

	test('polling: a GET is held until there is something to say', async () => {
		const session = await Polling.open(use());
		const poll = session.get();
		assert.equal(await Promise.race([poll.then(() => 'answered'), sleep(A_MOMENT)]), undefined);
		await session.post('4late');
		assert.equal((await poll).body, '4late');
	});

	for (const text of base64Forms) {
		test(`polling: binary is taken as ${JSON.stringify(text)}`, async () => {
			const session = await Polling.open(use());
			assert.equal((await session.post(`b${text}`)).status, 200);
			const bytes = Buffer.from(text, 'base64').toString('base64');
			assert.equal((await session.receive(1))[0], `b${bytes}`);
		});
	}

	test('polling: the body of a POST may come in chunks', async () => {
		const server = use();
		const session = await Polling.open(server);
		const text = '4'.padEnd(100_000, 'x');
		const { status, body } = await new Promise((resolve, reject) => {
			const sent = http.request({
				host: '127.0.0.1',
				port: server.port,
				path: target(PATH, session.query),
				method: 'POST',
				headers: { 'transfer-encoding': 'chunked', 'content-type': 'text/plain' },
			}, async (res) => resolve({ status: res.statusCode, body: (await res.toArray()).join('') }));
			sent.on('error', reject);
			for (let i = 0; i < text.length; i += 30_000)
				sent.write(text.slice(i, i + 30_000));
			sent.end();
		});
		assert.deepEqual([status, body], [200, 'ok']);
		assert.equal((await session.receive(1))[0], text);
	});

	test('polling: an answer to a request with "Connection: close" says the same, and the connection closes', async () => {
		const server = use();
		const session = await Polling.open(server);
		await session.post('4hello');
		const long = '4'.padEnd(500_000, 'x');
		await session.post(long);
		for (const [query, status] of [[session.query, 200], [{ ...session.query, sid: 'nobody' }, 400], [POLLING, 200]]) {
			const socket = plug(server);
			socket.write(head('GET', PATH, query, 'Connection: close'));
			await within(2000, 'end', socket.ended);
			assert.match(socket.received, new RegExp(`^HTTP/1.1 ${status}`));
			assert.match(socket.received, /^connection: close\r$/im);
			if (query === session.query)
				assert.ok(socket.received.includes('4hello') && socket.received.includes(long));
		}
	});

	for (const [what, payload] of badPayloads) {
		test(`polling: ${what} closes the session`, async () => {
			const session = await Polling.open(use());
			await rejected(session.post(payload), 400);
			await gone(session);
		});
	}

	test('polling: a POST above maxPayload is refused and nothing of it arrives', async () => {
		const session = await Polling.open(use());
		await rejected(session.post('4'.padEnd(MAX_PAYLOAD + 1, 'x')), 413, 400);
		const poll = await session.get().catch(() => ({ status: 400, body: '' }));
		assert.ok(!poll.body.includes('x'));
	});

	test('polling: a POST of exactly maxPayload bytes is taken', async () => {
		const session = await Polling.open(use());
		const payload = '4'.padEnd(MAX_PAYLOAD, 'x');
		assert.equal((await session.post(payload)).status, 200);
		assert.equal((await session.get()).body, payload);
	});

	test('polling: a second GET at the same time is answered 400, the first one 1 (close), and the session is gone', async () => {
		const session = await Polling.open(use());
		const first = session.get();
		await sleep(A_MOMENT);
		const second = await session.get({ headers: {} });
		oneOf(second.status, 400, 500);
		assert.equal((await first).body, '1');
		await gone(session);
	});

	test('polling: a second POST at the same time is answered 400 and the session is gone', async () => {
		const server = use();
		const session = await Polling.open(server);
		const slow = await unfinishedPost(server, session);
		oneOf((await session.post('4second')).status, 400);
		slow.destroy();
		await gone(session);
	});

	test('polling: a GET that the client gives up closes the session', async () => {
		const session = await Polling.open(use());
		const abort = new AbortController();
		const poll = session.get({ signal: abort.signal });
		await sleep(A_MOMENT);
		abort.abort();
		await poll.catch(() => {});
		await gone(session);
	});

	test('polling: methods other than GET and POST on a session are refused', async () => {
		const session = await Polling.open(use());
		const answer = await session.get({ method: 'PUT' });
		oneOf(answer.status, 400, 405, 500);
		await session.post('4still here');
		assert.equal((await session.get()).body, '4still here');
	});

	test('polling: EIO=3 on a session of revision 4 is answered 400', async () => {
		const session = await Polling.open(use());
		session.query = { ...session.query, EIO: '3' };
		assert.equal((await session.get()).status, 400);
	});

	test('polling: the sid of a WebSocket session is answered 400 with code 3', async () => {
		const server = use();
		const wire = await openWire(server);
		const query = { ...POLLING, sid: wire.handshake.sid };
		for (const options of [{}, { method: 'POST', body: '4x' }]) {
			const answer = await request(server, PATH, query, options);
			assert.equal(answer.status, 400);
			assert.equal(JSON.parse(answer.body).code, 3);
		}
		wire.send('4alive');
		assert.equal(await wire.next(), '4alive');
		wire.close();
	});

	test('polling: packet 1 closes the session and the held GET is answered 6 (noop)', async () => {
		const session = await Polling.open(use());
		const poll = session.get();
		await sleep(A_MOMENT);
		assert.equal((await session.post('1')).status, 200);
		assert.equal((await poll).body, '6');
		await gone(session);
	});
}

/* A POST whose body is announced but does not come. */
async function unfinishedPost(server, session) {
	const { connect } = await import('node:net');
	const socket = connect(server.port, '127.0.0.1');
	socket.on('error', () => {});
	const query = new URLSearchParams(session.query);
	socket.write(
		`POST ${PATH}?${query} HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\n4a`,
	);
	await sleep(A_MOMENT);
	return socket;
}

function webSocketRules(use) {
	test('websocket: each packet is one text frame and comes back as one', async () => {
		const wire = await openWire(use());
		wire.send('4hello');
		wire.send('4');
		assert.deepEqual(await wire.take(2), ['4hello', '4']);
		wire.close();
	});

	test('websocket: a binary frame is a binary message, sent as it is', async () => {
		const wire = await openWire(use());
		const bytes = Buffer.from([1, 2, 3, 4]);
		wire.send(bytes);
		assert.deepEqual(await wire.next(), bytes);
		wire.close();
	});

	test('websocket: "b" and base64 in a text frame is a binary message, too', async () => {
		const wire = await openWire(use());
		wire.send('bAQIDBA==');
		assert.deepEqual(await wire.next(), Buffer.from([1, 2, 3, 4]));
		wire.close();
	});

	test('websocket: 0x1e inside a message is data, not a separator', async () => {
		const wire = await openWire(use());
		wire.send(`4a${SEPARATOR}4b`);
		assert.equal(await wire.next(), `4a${SEPARATOR}4b`);
		wire.close();
	});

	test('websocket: a message in several fragments is one message', async () => {
		const wire = await openWire(use());
		wire.send('4one ', { fin: false });
		wire.send('and ', { fin: false });
		wire.send('the same', { fin: true });
		assert.equal(await wire.next(), '4one and the same');
		wire.close();
	});

	test('websocket: a message of exactly maxPayload bytes is taken', async () => {
		const wire = await openWire(use());
		const packet = '4'.padEnd(MAX_PAYLOAD, 'x');
		wire.send(packet);
		assert.equal(await wire.next(), packet);
		wire.close();
	});

	test('websocket: a message above maxPayload closes with 1009', async () => {
		const wire = await openWire(use());
		wire.send('4'.padEnd(MAX_PAYLOAD + 1, 'x'));
		assert.equal((await wire.closed()).code, 1009);
	});

	test('websocket: fragments that together exceed maxPayload close with 1009', async () => {
		const wire = await openWire(use());
		const part = 'x'.repeat(400_000);
		wire.send(`4${part}`, { fin: false });
		wire.send(part, { fin: false });
		wire.send(part, { fin: true });
		assert.equal((await wire.closed()).code, 1009);
	});

	for (const [what, packet] of badPayloads.slice(0, 3)) {
		test(`websocket: ${what} closes the session`, async () => {
			const wire = await openWire(use());
			wire.send(packet);
			await wire.closed();
		});
	}

	test('websocket: text that is not UTF-8 closes with 1007 (RFC 6455)', async () => {
		const wire = await openWire(use());
		wire.send(Buffer.from([0x34, 0xc3, 0x28]), { binary: false });
		assert.equal((await wire.closed()).code, 1007);
	});

	test('websocket: a frame without mask is taken, and refused by the official server (RFC 6455)', async () => {
		const socket = await bareSocket(use(), PATH, {});
		const taken = new Promise((resolve) => socket.on('data', (part) => part.includes('4x') && resolve('taken')));
		const refusal = socket.ended.then(() => 'refused');
		socket.write(Buffer.from([0x81, 0x02, 0x34, 0x78]));
		const outcome = await within(4000, 'answer', Promise.race([taken, refusal])); // no heartbeat has failed by then
		assert.equal(outcome, use.reference ? 'refused' : 'taken');
	});

	for (const [what, packet] of [['an upgrade', '5'], ['an open packet', '0']]) {
		test(`websocket: ${what} where there is nothing to upgrade closes it, but not at the official server`, async () => {
			const wire = await openWire(use());
			wire.send(packet);
			wire.send('4alive');
			if (use.reference)
				assert.equal(await wire.next(), '4alive');
			else
				assert.equal((await wire.closed()).code, 1002);
			wire.close();
		});
	}

	test('websocket: after a forbidden frame come the close frame and nothing else (RFC 6455)', async () => {
		const socket = await bareSocket(use.exact(), PATH, {});
		const bytes = [];
		socket.on('data', (part) => bytes.push(part));
		socket.write(frame('4x', { opcode: 0 }));
		await within(10_000, 'close', socket.ended);
		const all = Buffer.concat(bytes);
		const close = all.indexOf(0x88);
		assert.equal(all.length, close + 2 + all[close + 1]);
	});

	const handshake = {
		Connection: 'Upgrade',
		Upgrade: 'websocket',
		'Sec-WebSocket-Version': '13',
		'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
	};
	for (const [what, change, first = 'GET / HTTP/1.1'] of [
		['version 12', { 'Sec-WebSocket-Version': '12' }],
		['no version', { 'Sec-WebSocket-Version': null }],
		['no key', { 'Sec-WebSocket-Key': null }],
		['a key that is not 16 bytes', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZQ==' }],
		['a key that is no base64', { 'Sec-WebSocket-Key': '????????????????????????' }],
		['another method', {}, 'POST / HTTP/1.1'],
	]) {
		test(`websocket: a handshake with ${what} is refused (RFC 6455, section 4.2)`, async () => {
			const socket = plug(use());
			const [method, , version] = first.split(' ');
			const path = target(PATH, { EIO: '4', transport: 'websocket' });
			const headers = Object.entries({ Host: 'h', ...handshake, ...change }).filter(([, value]) => value !== null);
			socket.write([`${method} ${path} ${version}`, ...headers.map((pair) => pair.join(': ')), '', ''].join('\r\n'));
			await within(2000, 'end', socket.ended);
			assert.match(socket.received, /^HTTP\/1.1 4(00|05|26) /);
			if (!use.reference)
				assert.match(socket.received, /^sec-websocket-version: 13\r$/im);
		});
	}

	test('websocket: one that offers subprotocols is hung up on, and gets the first of the official server', async () => {
		const socket = plug(use());
		const headers = Object.entries({ ...handshake, 'Sec-WebSocket-Protocol': 'one, two' });
		socket.write(head('GET', PATH, WEBSOCKET, ...headers.map((pair) => pair.join(': '))));
		const hungUp = socket.ended.then(() => 'hung up');
		const chosen = new Promise((resolve) => socket.on('data', () => resolve('an answer')));
		assert.equal(await within(4000, 'end', Promise.race([hungUp, chosen])), use.reference ? 'an answer' : 'hung up');
		if (use.reference)
			assert.match(socket.received, /^sec-websocket-protocol: one\r$/im);
		socket.destroy();
	});

	test('websocket: a control ping of RFC 6455 gets its pong', async () => {
		const wire = await openWire(use());
		const pong = new Promise((resolve) => wire.socket.once('pong', resolve));
		wire.socket.ping('are you there');
		assert.equal(String(await within(5000, 'pong', pong)), 'are you there');
		wire.close();
	});

	test(
		'websocket: packet 1 closes the session',
		{ skip: use.reference && 'the official server waits for the heartbeat to fail' },
		async () => {
			const wire = await openWire(use());
			wire.send('1');
			await wire.closed();
		},
	);

	test('websocket: noop and a pong nobody asked for change nothing', async () => {
		const wire = await openWire(use());
		wire.send('6');
		wire.send('3');
		wire.send('4alive');
		assert.equal(await wire.next(), '4alive');
		wire.close();
	});

	test('websocket: a close frame is answered with a close frame', async () => {
		const wire = await openWire(use());
		wire.socket.close(1000, 'bye');
		oneOf((await wire.closed()).code, 1000, 1005);
	});
}

function heartbeatRules(use) {
	test('heartbeat: the server pings every 300 ms on a WebSocket and lives on pongs', async () => {
		const before = performance.now();
		const wire = await openWire(use.lively(), { pong: false });
		for (let i = 1; i <= 3; i++) {
			assert.equal(await wire.next(), '2');
			const waited = performance.now() - before;
			assert.ok(waited > PING_INTERVAL * i * 0.9, `ping ${i} after ${waited} ms`);
			wire.send('3');
		}
		wire.close();
	});

	test('heartbeat: the server pings on polling and lives on pongs', async () => {
		const session = await Polling.open(use.lively());
		for (let i = 0; i < 3; i++) {
			assert.equal((await session.get()).body, '2');
			assert.equal((await session.post('3')).status, 200);
		}
	});

	test('heartbeat: a WebSocket without pong is closed 200 ms after the ping', async () => {
		const before = performance.now();
		const wire = await openWire(use(), { pong: false });
		assert.equal(await wire.next(), '2');
		await wire.closed();
		const waited = performance.now() - before;
		assert.ok(waited > (PING_INTERVAL + PING_TIMEOUT) * 0.9, `${waited} ms`);
	});

	test('heartbeat: a polling session without pong is gone after interval and time-out, judged when asked', async () => {
		const session = await Polling.open(use());
		await sleep(PING_INTERVAL + PING_TIMEOUT + 20 * share());
		await gone(session);
	});

	test('heartbeat: the held GET of a session that gives no pong is answered, not left hanging', async () => {
		const session = await Polling.open(use());
		assert.equal((await session.get()).body, '2');
		const poll = await session.get();
		oneOf(poll.status, 200, 400);
		await gone(session);
	});

	test('heartbeat: it goes on over the WebSocket after an upgrade', async () => {
		const { wire } = await upgrade(use.lively());
		wire.pong = false;
		for (let i = 0; i < 2; i++) {
			assert.equal(await wire.next(), '2');
			wire.send('3');
		}
		await wire.closed();
	});

	test('heartbeat: a ping from the client is the wrong direction and closes (official server)', async () => {
		const wire = await openWire(use());
		wire.send('2');
		await wire.closed();
	});
}

async function probe(server, session) {
	const wire = await Wire.open(server, { sid: session.sid }, { path: session.path });
	wire.send('2probe');
	assert.equal(await wire.next(), '3probe');
	return wire;
}

async function upgrade(server) {
	const session = await Polling.open(server);
	const wire = await probe(server, session);
	wire.send('5');
	return { session, wire };
}

function upgradeRules(use) {
	test('upgrade: 2probe is answered 3probe, and after 5 messages go over the WebSocket', async () => {
		const { wire } = await upgrade(use());
		wire.send('4hello');
		assert.equal(await wire.next(), '4hello');
		wire.close();
	});

	test('upgrade: the held GET is answered 6 (noop) at once', async () => {
		const server = use();
		const session = await Polling.open(server);
		const poll = session.get();
		await sleep(A_MOMENT);
		await probe(server, session);
		assert.equal((await within(2000, 'noop', poll)).body, '6');
	});

	test('upgrade: a GET that comes between probe and 5 is answered 6 (noop)', async () => {
		const server = use();
		const session = await Polling.open(server);
		const wire = await probe(server, session);
		assert.equal((await session.get()).body, '6');
		wire.send('5');
		wire.send('4hello');
		assert.equal(await wire.next(), '4hello');
		wire.close();
	});

	test('upgrade: until 5 messages go over polling', async () => {
		const server = use();
		const session = await Polling.open(server);
		const wire = await probe(server, session);
		await session.post('4before');
		assert.ok((await session.receive(1)).includes('4before'));
		wire.close();
	});

	test('upgrade: what waited on polling comes first over the WebSocket, in order, once', async () => {
		const server = use();
		const session = await Polling.open(server);
		const wire = await probe(server, session);
		await session.post(['4one', '4two', '4three'].join(SEPARATOR));
		wire.send('5');
		wire.send('4four');
		assert.deepEqual(await wire.take(4), ['4one', '4two', '4three', '4four']);
		wire.close();
	});

	test('upgrade: traffic all along arrives complete and in order', async () => {
		const server = use();
		const session = await Polling.open(server);
		const packets = Array.from({ length: 900 }, (_, i) => `4${i}`);
		const got = [];
		for (let i = 0; i < 300; i += 30) {
			await session.post(packets.slice(i, i + 30).join(SEPARATOR));
			if (i % 60 === 0)
				got.push(...(await session.receive(1)));
		}
		const wire = await probe(server, session);
		await session.post(packets.slice(300, 600).join(SEPARATOR));
		got.push(...(await session.receive(1)).filter((packet) => packet !== '6'));
		wire.send('5');
		for (const packet of packets.slice(600))
			wire.send(packet);
		got.push(...(await wire.take(900 - got.length)));
		assert.deepEqual(got, packets);
		wire.close();
	});

	test('upgrade: a polling GET after it is answered 400, and the session lives', async () => {
		const { session, wire } = await upgrade(use());
		wire.send('4first');
		assert.equal(await wire.next(), '4first');
		await gone(session);
		wire.send('4second');
		assert.equal(await wire.next(), '4second');
		wire.close();
	});

	test('upgrade: another WebSocket with the sid after it is closed, and the session lives', async () => {
		const server = use();
		const { session, wire } = await upgrade(server);
		wire.send('4first');
		assert.equal(await wire.next(), '4first');
		const second = await Wire.open(server, { sid: session.sid }, { pong: false });
		await second.closed();
		wire.send('4second');
		assert.equal(await wire.next(), '4second');
		wire.close();
	});

	test('upgrade: a second WebSocket during the probe is closed, and the first goes on', async () => {
		const server = use();
		const session = await Polling.open(server);
		const wire = await probe(server, session);
		await refused(server, { sid: session.sid });
		wire.send('5');
		wire.send('4hello');
		assert.equal(await wire.next(), '4hello');
		wire.close();
	});

	test(
		'upgrade: a WebSocket with the sid of a WebSocket session is closed',
		{ skip: use.reference && 'the official server lets it wait for its upgrade time-out' },
		async () => {
			const server = use();
			const wire = await openWire(server);
			await refused(server, { sid: wire.handshake.sid });
			wire.send('4alive');
			assert.equal(await wire.next(), '4alive');
			wire.close();
		},
	);

	test('upgrade: 5 without a probe upgrades, as .NET and PHP clients do', async () => {
		const server = use();
		const session = await Polling.open(server);
		const poll = session.get();
		await sleep(20);
		const wire = await Wire.open(server, { sid: session.sid });
		wire.send('5');
		wire.send('4hello');
		assert.equal(await wire.next(), '4hello');
		oneOf((await within(250, 'answer', poll)).body, '6', '1');
		await gone(session);
		wire.close();
	});

	test('upgrade: 2probe said twice is answered twice', async () => {
		const server = use();
		const session = await Polling.open(server);
		const wire = await probe(server, session);
		wire.send('2probe');
		assert.equal(await wire.next(), '3probe');
		wire.send('5');
		wire.send('4hello');
		assert.equal(await wire.next(), '4hello');
		wire.close();
	});

	for (const packet of ['4too early', '3probe', '2', 'x']) {
		test(`upgrade: "${packet}" in place of the probe closes the WebSocket only`, async () => {
			const server = use();
			const session = await Polling.open(server);
			const wire = await Wire.open(server, { sid: session.sid });
			wire.send(packet);
			await wire.closed();
			await session.post('4alive');
			assert.ok((await session.receive(1)).includes('4alive'));
		});
	}

	test('upgrade: a WebSocket that dies after the probe leaves the polling session alive', async () => {
		const server = use();
		const session = await Polling.open(server);
		const wire = await probe(server, session);
		await session.post('4in between');
		wire.close();
		await sleep(A_MOMENT);
		await session.post('4after');
		const packets = (await session.receive(2)).filter((packet) => packet !== '6');
		assert.deepEqual(packets, ['4in between', '4after']);
	});

	test('upgrade: after a probe that died the next one succeeds', async () => {
		const server = use();
		const session = await Polling.open(server);
		(await probe(server, session)).close();
		await sleep(A_MOMENT);
		const wire = await probe(server, session);
		wire.send('5');
		wire.send('4hello');
		assert.equal(await wire.next(), '4hello');
		wire.close();
	});
}

function originRules(use) {
	const preflight = (server, origin, asked = 'content-type') =>
		request(server, PATH, POLLING, {
			method: 'OPTIONS',
			headers: {
				origin,
				'access-control-request-method': 'POST',
				'access-control-request-headers': asked,
			},
		});

	test('origin: a preflight grants the headers that it asks for', async () => {
		const { headers } = await preflight(use(), FOREIGN, 'content-type,x-client-version,authorization');
		assert.equal(headers['access-control-allow-headers'], 'content-type,x-client-version,authorization');
		assert.match(headers.vary, /access-control-request-headers/i);
	});

	test('origin: a preflight from the allowed origin is granted, with credentials', async () => {
		const { status, headers } = await preflight(use(), FOREIGN);
		oneOf(status, 200, 204);
		assert.equal(headers['access-control-allow-origin'], FOREIGN);
		assert.equal(headers['access-control-allow-credentials'], 'true');
		assert.match(headers['access-control-allow-methods'], /POST/);
		assert.match(headers['access-control-allow-headers'], /content-type/i);
	});

	test('origin: the allowed origin can poll, post and read every answer, errors too', async () => {
		const headers = { origin: FOREIGN };
		const session = await Polling.open(use(), PATH, headers);
		const answers = [await session.post('4hello'), await session.get()];
		assert.equal(answers[1].body, '4hello');
		session.query.sid = 'nobodynobodynobody00';
		answers.push(await session.get());
		for (const answer of answers) {
			assert.equal(answer.headers['access-control-allow-origin'], FOREIGN);
			assert.equal(answer.headers['access-control-allow-credentials'], 'true');
			assert.match(answer.headers.vary ?? '', /origin/i);
		}
	});

	test('origin: another one is refused 403, over HTTP and as a WebSocket', async () => {
		const server = use();
		const answer = await request(server, PATH, POLLING, { headers: { origin: 'http://evil.example' } });
		assert.equal(answer.status, 403);
		assert.notEqual(answer.headers['access-control-allow-origin'], 'http://evil.example');
		await refused(server, {}, { origin: 'http://evil.example' });
	});

	test('origin: the host asked for itself, and none at all, need no permission', async () => {
		const server = use();
		await Polling.open(server, PATH, { origin: server.url });
		const wire = await Wire.open(server, {}, { origin: server.url });
		assert.equal((await wire.next())[0], '0');
		wire.close();
	});
}

for (const { name, start } of servers) {
	describe(`engine.io-protocol 4 on ${name}`, { concurrency: 16 }, () => {
		let exact;
		let lively;
		let patient;
		const reference = name === 'reference';
		/* The numbers of the specification's own suite; those with time for a
		 * pong; and, where pings are not the matter, some that send none in
		 * between on a busy machine either. */
		const useExact = Object.assign(() => exact, { reference, lively: () => lively });
		const use = Object.assign(() => patient, { reference, exact: useExact });
		before(async () => {
			exact = await start();
			lively = await start('--ping-timeout', String(LIVELY_TIMEOUT));
			patient = await start('--origin', FOREIGN, '--ping-interval', '5000', '--ping-timeout', '5000');
		});
		after(async () => {
			releaseConnections();
			await exact.stop();
			await lively.stop();
			await patient.stop();
		});

		handshakeRules(useExact);
		heartbeatRules(useExact);
		pollingRules(use);
		webSocketRules(use);
		upgradeRules(use);
		originRules(use);

		test('paths: anything outside the mounted paths is not Engine.IO', async () => {
			const answer = await request(patient, '/elsewhere/', POLLING);
			assert.equal(answer.status, 404);
		});
	});
}
