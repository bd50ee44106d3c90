/*
 * Engine.IO spoken by hand: HTTP requests and WebSocket frames, as the
 * protocol's text has them, without any Socket.IO client's opinion.
 *
 * Whatever waits here gives up by itself, so a silent server fails a test
 * instead of hanging it.
 */
import http from 'node:http';
import net from 'node:net';
import { randomBytes } from 'node:crypto';
import WebSocket from 'ws';

const PATIENCE = 15_000; // of a busy machine
export const SEPARATOR = '\x1e';

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function within(ms, what, promise) {
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(() => reject(new Error(`no ${what} within ${ms} ms`)), ms);
	});
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/* Wait until probe() is true; it is asked every 10 ms. */
export async function eventually(what, probe, ms = PATIENCE) {
	const deadline = Date.now() + ms;
	while (!(await probe())) {
		if (Date.now() > deadline)
			throw new Error(`${what}: still not so after ${ms} ms`);
		await sleep(10);
	}
}

export function target(path, query) {
	const text = new URLSearchParams(query).toString();
	return text ? `${path}?${text}` : path;
}

const agent = new http.Agent({ keepAlive: true });
export const releaseConnections = () => agent.destroy();

/* Answers { status, headers, body }; rejects when the connection breaks. */
export function request(server, path, query, { method = 'GET', headers, body, signal } = {}) {
	const answer = new Promise((resolve, reject) => {
		const sent = http.request(
			{
				host: '127.0.0.1',
				port: server.port,
				path: target(path, query),
				method,
				headers,
				signal,
				agent,
			},
			(res) => {
				const parts = [];
				res.on('data', (part) => parts.push(part));
				res.on('error', reject);
				res.on('end', () =>
					resolve({
						status: res.statusCode,
						headers: res.headers,
						body: Buffer.concat(parts).toString(),
					}),
				);
			},
		);
		sent.on('error', reject);
		sent.end(body);
	});
	return within(PATIENCE, `answer to ${method} ${path}`, answer);
}

/* A long-polling session. */
export class Polling {
	static async open(server, path = '/engine.io/', headers = {}) {
		const query = { EIO: '4', transport: 'polling' };
		const answer = await request(server, path, query, { headers });
		if (answer.status !== 200)
			throw new Error(`handshake answered ${answer.status} ${answer.body}`);
		return new Polling(server, path, answer, headers);
	}

	constructor(server, path, answer, headers) {
		this.server = server;
		this.path = path;
		this.headers = headers;
		[this.open, ...this.early] = answer.body.split(SEPARATOR);
		this.handshake = JSON.parse(this.open.slice(1));
		this.sid = this.handshake.sid;
		this.query = { EIO: '4', transport: 'polling', sid: this.sid };
	}

	get(options = {}) {
		return request(this.server, this.path, this.query, { headers: this.headers, ...options });
	}

	post(body, options = {}) {
		const headers = { 'content-type': 'text/plain;charset=UTF-8', ...this.headers };
		return request(this.server, this.path, this.query, {
			method: 'POST',
			headers,
			body,
			...options,
		});
	}

	/* Packets of the next GETs until there are `count`; pings get their pong. */
	async receive(count) {
		const packets = this.early.splice(0);
		while (packets.length < count) {
			const answer = await this.get();
			if (answer.status !== 200)
				throw new Error(`poll answered ${answer.status} ${answer.body}`);
			for (const packet of answer.body.split(SEPARATOR)) {
				if (packet === '2')
					await this.post('3');
				else
					packets.push(packet);
			}
		}
		return packets;
	}

	/* Answer pings until stop() is called, collecting the rest in `packets`. */
	keepAlive() {
		const packets = [];
		let on = true;
		const loop = (async () => {
			while (on) {
				const [packet] = await this.receive(1);
				packets.push(packet);
			}
		})().catch(() => {});
		return {
			packets,
			stop() {
				on = false;
				return loop;
			},
		};
	}
}

/* A WebSocket whose frames wait in a queue; pings are answered unless told not to. */
export class Wire {
	static async open(server, query = {}, { path = '/engine.io/', pong = true, ...options } = {}) {
		const wire = new Wire(server, query, path, pong, options);
		await within(PATIENCE, 'WebSocket', wire.opened);
		return wire;
	}

	constructor(server, query, path, pong, options) {
		const url = server.ws + target(path, { EIO: '4', transport: 'websocket', ...query });
		this.pong = pong;
		this.frames = [];
		this.readers = [];
		this.socket = new WebSocket(url, { perMessageDeflate: false, ...options });
		this.opened = new Promise((resolve, reject) => {
			this.socket.on('open', resolve);
			this.socket.on('error', reject);
		});
		this.opened.catch(() => {});
		this.ended = new Promise((resolve) => {
			this.socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
		});
		this.socket.on('message', (data, binary) => this.#take(binary ? data : String(data)));
	}

	#take(text) {
		if (this.pong && text === '2') {
			this.send('3');
			return;
		}
		const reader = this.readers.shift();
		if (reader)
			reader(text);
		else
			this.frames.push(text);
	}

	send(data, options) {
		this.socket.send(data, options);
	}

	/* The next frame that is not a ping. */
	next(ms = PATIENCE) {
		if (this.frames.length > 0)
			return Promise.resolve(this.frames.shift());
		const coming = new Promise((resolve) => this.readers.push(resolve));
		const closed = this.ended.then(({ code }) => {
			throw new Error(`closed with ${code} instead of a frame`);
		});
		return within(ms, 'frame', Promise.race([coming, closed]));
	}

	async take(count) {
		const frames = [];
		while (frames.length < count)
			frames.push(await this.next());
		return frames;
	}

	/* Resolves with { code, reason } when the server has closed it. */
	closed(ms = PATIENCE) {
		return within(ms, 'close', this.ended);
	}

	close() {
		this.socket.terminate();
	}
}

/* A WebSocket session past its open packet. */
export async function openWire(server, options) {
	const wire = await Wire.open(server, {}, options);
	wire.handshake = JSON.parse((await wire.next()).slice(1));
	return wire;
}

/* ... and past CONNECT and `auth` in a namespace. */
export async function joinWire(server, namespace = '/', options = {}) {
	const wire = await openWire(server, { path: '/socket.io/', ...options });
	await join(wire, namespace);
	return wire;
}

const prefix = (namespace) => (namespace === '/' ? '' : `${namespace},`);

export async function join(wire, namespace, auth = '') {
	wire.send(`40${prefix(namespace)}${auth}`);
	const [connected, greeting] = await wire.take(2);
	if (!connected.startsWith(`40${prefix(namespace)}{"sid":"`))
		throw new Error(`CONNECT was answered ${connected}`);
	return { connected, greeting };
}

/* A WebSocket refused before it opens, or closed at once: resolves either way. */
export async function refused(server, query, options = {}) {
	const wire = new Wire(server, query, options.path ?? '/engine.io/', true, options);
	await wire.opened.catch(() => {});
	await wire.closed();
}

/*
 * A WebSocket over a bare TCP connection, for peers that misbehave below what
 * any WebSocket library would do. read: false never takes a byte in again once
 * the server has agreed to upgrade.
 */
export async function bareSocket(server, path, query, { read = true } = {}) {
	const socket = net.connect({ host: '127.0.0.1', port: server.port });
	socket.on('error', () => {});
	socket.ended = new Promise((resolve) => socket.once('close', resolve));
	socket.write(
		`GET ${target(path, { EIO: '4', transport: 'websocket', ...query })} HTTP/1.1\r\n` +
			`Host: 127.0.0.1:${server.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
			`Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
	);
	const first = new Promise((resolve) => socket.once('data', resolve));
	const head = String(await within(PATIENCE, 'HTTP 101', first));
	if (!head.startsWith('HTTP/1.1 101'))
		throw new Error(`upgrade was answered ${head.split('\r\n')[0]}`);
	if (read)
		socket.resume();
	else
		socket.pause();
	return socket;
}

/* One masked client frame; the mask is zero, which the RFC does not forbid. */
export function frame(data, { opcode = typeof data === 'string' ? 1 : 2, fin = true } = {}) {
	const body = Buffer.from(data);
	const length = body.length < 126 ? 0 : body.length < 65536 ? 2 : 8;
	const head = Buffer.alloc(2 + length + 4);
	head[0] = (fin ? 0x80 : 0) | opcode;
	head[1] = 0x80 | (length === 0 ? body.length : length === 2 ? 126 : 127);
	if (length === 2)
		head.writeUInt16BE(body.length, 2);
	else if (length === 8)
		head.writeBigUInt64BE(BigInt(body.length), 2);
	return Buffer.concat([head, body]);
}
