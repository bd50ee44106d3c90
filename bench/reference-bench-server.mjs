/*
 * The official npm server in the place of sio-bench-server: the same lines on
 * standard input, the same events.
 */
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

const require = createRequire(new URL('../tests/package.json', import.meta.url));
const { Server } = require('socket.io');

const EVENT_SIZE = 148;
const BATCH = 64;
const UNDER_WAY = 4;
const TICK = 10;

const http = createServer();
const io = new Server(http, { connectTimeout: 45_000 });
let sent = 0;
let ends = 0;

function sendEvent(kind) {
	const id = sent.toString(16).padStart(24, '0');
	const frame = JSON.stringify([`message:${kind}`, { _id: id, text: '' }]).length;
	io.to('all').emit(`message:${kind}`, { _id: id, text: 'x'.repeat(EVENT_SIZE - frame) });
	sent++;
}

function finished() {
	ends = 0;
	console.log(`sent ${sent}`);
}

function batch() {
	if (ends === 0)
		return;
	if (Date.now() >= ends) {
		finished();
		return;
	}
	for (let i = 1; i < BATCH; i++)
		sendEvent('new');
	sendEvent('end');
}

function pace(rate, began) {
	const timer = setInterval(() => {
		const now = Date.now();
		const due = (rate * (Math.min(now, ends) - began)) / 1000;
		while (sent < due)
			sendEvent('new');
		if (now >= ends) {
			clearInterval(timer);
			finished();
		}
	}, TICK);
}

io.on('connection', (socket) => {
	socket.join('all');
	socket.on('next', batch);
});

createInterface({ input: process.stdin })
	.on('line', (line) => {
		const [what, ...numbers] = line.split(' ');
		const [rate, seconds] = what === 'rate' ? numbers.map(Number) : [0, Number(numbers[0])];
		const began = Date.now();
		sent = 0;
		ends = began + seconds * 1000;
		if (rate > 0)
			pace(rate, began);
		else
			for (let i = 0; i < UNDER_WAY; i++)
				batch();
	})
	.on('close', () => process.exit(0));

http.listen(Number(process.argv[2]), '127.0.0.1', () => console.log(`listening ${http.address().port}`));
