/*
 * What a server takes, seen from outside, and peers that speak by the byte.
 */
import net from 'node:net';
import { readFileSync, readdirSync } from 'node:fs';
import { target } from './wire.mjs';

export const descriptors = ({ pid }) => readdirSync(`/proc/${pid}/fd`).length;

export function cpuTicks({ pid }) {
	const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return Number(fields[11]) + Number(fields[12]);
}

/* 0 where sanitizers keep what was freed: their malloc says that no heap is
 * in use. */
export async function residentBytes(server) {
	const { pid } = server;
	if ((await server.report()).heap === 0)
		return 0;
	const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
	return Number(kilobytes) * 1024;
}

/* A bare TCP connection; `ended` resolves when it is closed, by whomever. */
export function plug(server, options = {}) {
	const socket = net.connect({ host: '127.0.0.1', port: server.port, ...options });
	socket.on('error', () => {});
	socket.ended = new Promise((resolve) => socket.once('close', resolve));
	socket.received = '';
	socket.on('data', (part) => (socket.received += part.toString('latin1')));
	return socket;
}

export const head = (method, path, query, ...headers) =>
	[`${method} ${target(path, query)} HTTP/1.1`, 'Host: 127.0.0.1', ...headers, '', ''].join('\r\n');
