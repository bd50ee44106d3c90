/*
 * attackers.mjs KIND PORT SECONDS - strangers at four addresses of loopback,
 * each doing the same for so long. It prints "tried N". Imported, it is the
 * list of kinds.
 */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const ADDRESSES = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'];
const AT_ONCE = 8; // of each address, where one try follows another

const UPGRADE = 'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\n' +
	'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
	'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';
const HANDSHAKE = 'GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n';

/* A masked frame; the mask is zero. */
function frame(payload, opcode = 1) {
	const data = Buffer.from(payload);
	const head = Buffer.alloc(14);
	head[0] = 0x80 | opcode;
	head[1] = 0x80 | 127;
	head.writeBigUInt64BE(BigInt(data.length), 2);
	return Buffer.concat([head, data]);
}

const trees = (before, after) => `${before}[${'{},'.repeat(330_000)}{}]${after}`;

function post(target, body, length = Buffer.byteLength(body)) {
	return `POST ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n` +
		`Content-Length: ${length}\r\n\r\n${body}`;
}

/* What a socket is sent; held: it stays open as long as it may. */
export const kinds = {
	'events of {},{},.. before CONNECT': { sends: [UPGRADE, frame(trees('42["x",', ']'))] },
	'CONNECT of {},{},..': { sends: [UPGRADE, frame(trees('40{"x":', '}'))] },
	'bodies of {},{},..': { sends: [post('/api/auth/login', trees('{"x":', '}'))] },
	'attachments without end': {
		sends: [UPGRADE, frame('454-["x"]'), ...Array.from({ length: 4 }, () => frame(Buffer.alloc(980_000), 2)),
			frame(Buffer.alloc(900_000), 2).subarray(0, 450_000)],
		held: true,
	},
	'polling handshakes': { sends: [HANDSHAKE] },
	'slow bodies': { sends: [post('/api/auth/login', '{', 100_000)], held: true, drip: ' ' },
};

/* One socket: until it is ended, or time is up. */
function once({ sends, held, drip }, address, port, until) {
	return new Promise((resolve) => {
		const socket = connect({ port, host: '127.0.0.1', localAddress: address });
		const timers = [setTimeout(() => socket.destroy(), held ? until - Date.now() : 2000)];
		socket.on('connect', () => {
			for (const text of sends)
				socket.write(text);
			if (drip !== undefined)
				timers.push(setInterval(() => socket.write(drip), 7000));
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

async function attack(kind, port, seconds) {
	const until = Date.now() + seconds * 1000;
	const many = kind.held ? 275 : AT_ONCE;
	let tried = 0;
	const one = async (address) => {
		while (Date.now() < until) {
			tried++;
			await once(kind, address, port, until);
			if (kind.held)
				await sleep(100);
		}
	};
	await Promise.all(ADDRESSES.flatMap((address) => Array.from({ length: many }, () => one(address))));
	console.log(`tried ${tried}`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
	await attack(kinds[process.argv[2]], Number(process.argv[3]), Number(process.argv[4]));
	process.exit(0);
}
