/*
 * The bytes of clients that do not run here, as their sources write them:
 * socket.io-client-swift 16 (Starscream 4), SocketIOClient 4 of .NET, elephant.io
 * 5 of PHP, and arduinoWebSockets 2. Each with its defaults, with websocket only
 * and with polling only; on the port of the server and on the default port, as
 * behind a proxy.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { servers } from './servers.mjs';
import { SEPARATOR, frame, within } from './wire.mjs';

const PATIENCE = 5000;
const KEY = 'YWJjZGVmZ2hpamtsbW5vcA==';
const PATH = '/socket.io/?';

/* One TCP connection, over which requests and frames go one after the other. */
class Connection {
	constructor(server) {
		this.bytes = Buffer.alloc(0);
		this.socket = net.connect({ host: '127.0.0.1', port: server.port });
		this.socket.on('data', (part) => (this.bytes = Buffer.concat([this.bytes, part])));
		this.socket.on('error', () => {});
	}

	async #until(take) {
		for (;;) {
			const taken = take();
			if (taken !== undefined)
				return taken;
			if (this.socket.destroyed)
				throw new Error(`hung up: ${this.bytes}`);
			await within(PATIENCE, 'bytes', Promise.race([once(this.socket, 'data'), once(this.socket, 'close')]));
		}
	}

	/* Answers { status, body }; 101 has none. */
	request(line, headers, body = '') {
		const lines = Object.entries(headers).map((pair) => pair.join(': '));
		this.socket.write([`${line} HTTP/1.1`, ...lines, '', body].join('\r\n'));
		return this.#until(() => {
			const end = this.bytes.indexOf('\r\n\r\n');
			if (end < 0)
				return undefined;
			const head = String(this.bytes.subarray(0, end));
			const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
			if (this.bytes.length < end + 4 + length)
				return undefined;
			const text = String(this.bytes.subarray(end + 4, end + 4 + length));
			this.bytes = this.bytes.subarray(end + 4 + length);
			return { status: Number(head.split(' ')[1]), head, body: text };
		});
	}

	say(text) {
		this.socket.write(frame(text));
	}

	/* The next text frame, short as they are here, that is no ping. */
	async next() {
		const text = await this.#until(() => {
			const length = this.bytes[1];
			if (!(this.bytes.length >= 2 + length))
				return undefined;
			const payload = String(this.bytes.subarray(2, 2 + length));
			this.bytes = this.bytes.subarray(2 + length);
			return payload;
		});
		if (text !== '2')
			return text;
		this.say('3');
		return this.next();
	}

	close() {
		this.socket.destroy();
	}
}

const handshake = {
	Upgrade: 'websocket',
	Connection: 'Upgrade',
	'Sec-WebSocket-Version': '13',
	'Sec-WebSocket-Key': KEY,
};

/*
 * What each sends: headers of a GET, of a POST and of a WebSocket, and what it
 * says to upgrade, once it has heard all that the entry before leads to.
 */
const clients = [
	{
		name: 'Swift',
		query: 'transport=polling&b64=1&EIO=4',
		socketQuery: 'transport=websocket&EIO=4',
		get: (host) => ({
			Host: host,
			Accept: '*/*',
			'User-Agent': 'Chat/1 CFNetwork/1410.0.3 Darwin/22.6.0',
			'Accept-Language': 'en-GB,en;q=0.9',
			'Accept-Encoding': 'gzip, deflate',
			Connection: 'keep-alive',
		}),
		post: { 'Content-Type': 'text/plain; charset=UTF-8' },
		/* The port is always written, and the origin is the URL's. */
		socket: (host, bare) => ({
			...handshake,
			Host: host,
			Origin: `http://${bare}`,
			'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits; server_max_window_bits=15',
		}),
		upgrade: [['2probe', '3probe'], ['5']],
	},
	{
		name: '.NET',
		query: 'EIO=4&transport=polling',
		socketQuery: 'EIO=4&transport=websocket',
		get: (host, bare) => ({ Host: bare }),
		post: { 'Content-Type': 'text/plain; charset=utf-8' },
		socket: (host, bare) => ({ Host: bare, ...handshake }),
		upgrade: [['5']],
	},
	{
		name: 'PHP',
		query: 'EIO=4&transport=polling&t=Oa1b2c3',
		socketQuery: 'EIO=4&transport=websocket&t=Oa1b2c4',
		get: (host) => ({
			Host: host,
			Accept: '*/*',
			Origin: `http://${host}`,
			Referer: `http://${host}`,
			'User-Agent': 'Elephant.io/5.0',
			Connection: 'keep-alive',
		}),
		post: { 'Content-Type': 'text/plain; charset=UTF-8' },
		socket: (host) => ({ Host: host, ...handshake, Origin: `http://${host}` }),
		upgrade: [['5']],
		oneConnection: true,
	},
	{
		name: 'Arduino',
		query: 'EIO=4&transport=polling',
		socketQuery: 'EIO=4&transport=websocket',
		get: (host) => ({
			Host: host,
			Connection: 'keep-alive',
			Origin: 'file://',
			'User-Agent': 'arduino-WebSocket-Client',
		}),
		post: { 'Content-Type': 'text/plain' },
		socket: (host) => ({
			Host: host,
			...handshake,
			Origin: 'file://',
			'User-Agent': 'arduino-WebSocket-Client',
		}),
		upgrade: [['2probe'], ['5', '3probe']],
		oneConnection: true,
	},
];

/* CONNECT, the greeting, an event and its acknowledgement. */
async function chat(say, next) {
	await say('40{"token":"x"}');
	assert.match(await next(), /^40\{"sid":/);
	assert.equal(await next(), '42["auth",{"token":"x"}]');
	await say('421["message-with-ack","hello"]');
	assert.equal(await next(), '431["hello"]');
}

function polling(client, connection, host, bare, sid) {
	const path = `${PATH}${client.query}&sid=${sid}`;
	const waiting = [];
	const say = async (body) => {
		const headers = { ...client.get(host, bare), ...client.post, 'Content-Length': Buffer.byteLength(body) };
		assert.equal((await connection.request(`POST ${path}`, headers, body)).body, 'ok');
	};
	const next = async () => {
		while (waiting.length === 0) {
			const { status, body } = await connection.request(`GET ${path}`, client.get(host, bare));
			assert.equal(status, 200);
			for (const packet of body.split(SEPARATOR)) {
				if (packet === '2')
					await say('3');
				else
					waiting.push(packet);
			}
		}
		return waiting.shift();
	};
	return { say, next };
}

async function open(client, connection, host, bare) {
	const { status, body } = await connection.request(`GET ${PATH}${client.query}`, client.get(host, bare));
	assert.equal(status, 200, body);
	return JSON.parse(body.slice(1)).sid;
}

async function shake(client, connection, host, bare, sid = '') {
	const path = `${PATH}${client.socketQuery}${sid && `&sid=${sid}`}`;
	const answer = await connection.request(`GET ${path}`, client.socket(host, bare));
	assert.equal(answer.status, 101, answer.body);
}

const modes = {
	async defaults(client, server, host, bare) {
		const first = new Connection(server);
		const sid = await open(client, first, host, bare);
		const second = client.oneConnection ? first : new Connection(server);
		await shake(client, second, host, bare, sid);
		for (const [says, hears] of client.upgrade) {
			second.say(says);
			if (hears !== undefined)
				assert.equal(await second.next(), hears);
		}
		await chat((text) => second.say(text), () => second.next());
		first.close();
		second.close();
	},
	async 'websocket only'(client, server, host, bare) {
		const connection = new Connection(server);
		await shake(client, connection, host, bare);
		assert.match(await connection.next(), /^0\{/);
		await chat((text) => connection.say(text), () => connection.next());
		connection.close();
	},
	async 'polling only'(client, server, host, bare) {
		const connection = new Connection(server);
		const sid = await open(client, connection, host, bare);
		const { say, next } = polling(client, connection, host, bare, sid);
		await chat(say, next);
		connection.close();
	},
};

for (const { name, start } of servers) {
	describe(`recorded clients on ${name}`, { concurrency: 4 }, () => {
		let server;
		before(async () => {
			server = await start('--origin', 'file://', '--ping-timeout', '5000');
		});
		after(() => server.stop());

		for (const client of clients)
			for (const [mode, play] of Object.entries(modes)) {
				test(`${client.name}, ${mode}`, () =>
					play(client, server, `127.0.0.1:${server.port}`, `127.0.0.1:${server.port}`));
				test(`${client.name}, ${mode}, on the default port`, () =>
					play(client, server, 'chat.example:80', 'chat.example'));
			}
	});
}
