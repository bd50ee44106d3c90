/*
 * The official npm server, dressed as tests/sio-echo-server: the same options,
 * the same events, the same numbers. What passes here proves the tests; what
 * then fails on ours is ours.
 *
 *     node reference-server.mjs --port N [--origin O] [--ping-interval MS]
 *                               [--ping-timeout MS]
 */
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { Server } from 'socket.io';
import { createRequire } from 'node:module';

// engine.io is socket.io's own dependency: take exactly that one.
const require = createRequire(createRequire(import.meta.url).resolve('socket.io'));
const engine = require('engine.io');

const { values } = parseArgs({
	options: {
		port: { type: 'string', default: '0' },
		origin: { type: 'string' },
		'ping-interval': { type: 'string', default: '300' },
		'ping-timeout': { type: 'string', default: '200' },
	},
});

const limits = {
	pingInterval: Number(values['ping-interval']),
	pingTimeout: Number(values['ping-timeout']),
	maxHttpBufferSize: 1_000_000,
	connectTimeout: 1000,
	httpCompression: false,
	allowRequest(req, callback) {
		const { origin, host } = req.headers;
		const allowed = !origin || origin === values.origin || new URL(origin).host === new URL(`http://${host}`).host;
		callback(null, allowed);
	},
	...(values.origin && { cors: { origin: values.origin, credentials: true } }),
};

function greet(socket) {
	socket.emit('auth', socket.handshake.auth);
}

const http = createServer((req, res) => res.writeHead(404).end());
const io = new Server(http, limits);

io.on('connection', (socket) => {
	greet(socket);
	socket.on('message', (...args) => socket.emit('message-back', ...args));
	socket.on('message-with-ack', (...args) => {
		const answer = args.pop();
		answer(...args);
	});
	socket.on('ask', (...args) => {
		socket.emit('question', ...args, (...answer) => socket.emit('answered', ...answer));
	});
});
io.of('/custom').on('connection', greet);

const plain = engine.attach(http, { ...limits, path: '/engine.io/' });
plain.on('connection', (session) => session.on('message', (data) => session.send(data)));

process.on('SIGTERM', () => process.exit(0));
process.on('SIGUSR2', () => {
	const connections = io.engine.clientsCount + plain.clientsCount;
	console.log(`heap ${process.memoryUsage().heapUsed} connections ${connections}`);
});
http.listen(Number(values.port), '127.0.0.1', () => console.log(`listening ${http.address().port}`));
