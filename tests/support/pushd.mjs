// palabre-pushd alone: the test plays the workers, on rt.sock and notify.sock,
// and nginx, with a TCP port in front of push.sock.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { frame, readFrames, record } from './fastcgi.mjs';
import { connectSocket } from './socket.mjs';
import { build, temporaryDirectory, waitFor } from './stack.mjs';

export const people = {
  ann: 'aaaaaaaaaaaaaaaaaaaaaaaa',
  bob: 'bbbbbbbbbbbbbbbbbbbbbbbb',
};

/* The position that all of these have. */
export const START = '0'.repeat(23) + '1';

/* The answer to one command: frames. A token is a name of `people`. */
export function goodAnswer({ head, payload }) {
  const said = { ok: true };
  if (head.command === 'session') {
    const { token } = JSON.parse(payload);
    if (!(token in people)) return frame('RESULT', { ok: false, code: 'unauthorized' });
    return frame('RESULT', {
      ...said,
      user: { _id: people[token], username: token },
      sessionId: `session-${token}`,
      expiresAt: Date.now() + 3600000,
      asOf: START,
      rooms: [`u:${people[token]}`],
      contacts: Object.values(people).filter((id) => id !== people[token]),
    });
  }
  if (head.command === 'recent') return frame('RESULT', { ...said, more: false });
  if (head.command === 'sessions') return frame('RESULT', { ...said, gone: [] });
  return frame('RESULT', said, { ...said, id: head.clientId });
}

/* What a connection is asked before anything else: is there a worker? */
function isProbe(commands) {
  return commands.length === 1 && commands[0].head.sessions?.length === 0;
}

/* Frames as the whole answer to an rt call. */
export function answerWith(...frames) {
  return Buffer.concat([
    record(6, Buffer.from('Status: 200\r\nContent-Type: application/octet-stream\r\n\r\n')),
    ...frames.map((bytes) => record(6, bytes)),
    record(6, Buffer.alloc(0)),
    record(3, Buffer.alloc(8)),
  ]);
}

/* Calls take(body) for every request on a kept FastCGI connection. */
function readRequests(socket, take) {
  let bytes = Buffer.alloc(0);
  let body = [];
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 8) {
      const size = bytes.readUInt16BE(4);
      const end = 8 + size + bytes[6];
      if (bytes.length < end) return;
      if (bytes[1] === 5 && size > 0) body.push(bytes.subarray(8, 8 + size));
      if (bytes[1] === 5 && size === 0) {
        take(Buffer.concat(body));
        body = [];
      }
      bytes = bytes.subarray(end);
    }
  });
}

function listen(server, ...where) {
  return new Promise((resolve) => { server.listen(...where, () => resolve(server)); });
}

export class Pushd {
  constructor(set = {}) {
    this.set = set;
    this.dir = temporaryDirectory();
    mkdirSync(path.join(this.dir, 'run'));
    this.calls = []; // of each call: its commands
    this.probes = true; // they are answered
    this.oneWriter = false; // what the answer says of the store
    this.sockets = new Set();
    this.answer = (commands) => answerWith(...commands.map(goodAnswer));
    this.workers = createServer((socket) => this.serve(socket));
    this.front = createServer((socket) => this.pass(socket));
  }

  socketPath(name) {
    return path.join(this.dir, 'run', `${name}.sock`);
  }

  /* answer(commands, connection) gives the bytes of an answer; null: hang up. */
  serve(socket) {
    this.keep(socket);
    readRequests(socket, (body) => {
      const commands = readFrames(body);
      if (isProbe(commands)) {
        const said = { ok: true, gone: [], oneWriter: this.oneWriter };
        if (this.probes) socket.write(answerWith(frame('RESULT', said)));
        return;
      }
      this.calls.push(commands);
      const said = this.answer(commands, socket);
      if (said === null) socket.destroy();
      else socket.write(said);
    });
  }

  pass(socket) {
    const push = connect(this.socketPath('push'));
    for (const end of [socket, push]) {
      this.keep(end);
      end.on('error', () => {});
    }
    socket.pipe(push).pipe(socket);
    socket.on('close', () => push.destroy());
    push.on('close', () => socket.destroy());
  }

  keep(socket) {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
  }

  spawn() {
    this.log = '';
    this.child = spawn('setpriv', [
      '--pdeathsig', 'KILL', '--', path.join(build, 'push-daemon', 'palabre-pushd'),
      '--dir', this.dir,
      ...Object.entries(this.set).flatMap(([key, value]) => ['--set', `${key}=${value}`]),
    ], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.child.stderr.setEncoding('utf8').on('data', (text) => { this.log += text; });
    this.ended = once(this.child, 'exit');
  }

  async start() {
    await listen(this.workers, this.socketPath('rt'));
    await listen(this.front, 0, '127.0.0.1');
    this.url = `http://127.0.0.1:${this.front.address().port}`;
    this.spawn();
    await this.ready();
    return this;
  }

  ready() {
    return waitFor('push.sock', () => existsSync(this.socketPath('push')) &&
      /ready/.test(this.log));
  }

  connect(name, options) {
    return connectSocket(this.url, name, { described: false, ...options });
  }

  /* A worker's connection: {send(...frames), frames(), socket}. */
  async worker({ hello = true } = {}) {
    const socket = connect(this.socketPath('notify'));
    let bytes = Buffer.alloc(0);
    this.keep(socket);
    socket.on('data', (chunk) => { bytes = Buffer.concat([bytes, chunk]); });
    socket.on('error', () => {});
    await once(socket, 'connect');
    const worker = {
      socket,
      ended: once(socket, 'close'),
      send: (...frames) => socket.write(Buffer.concat(frames)),
      frames: () => readFrames(bytes),
    };
    if (hello) worker.send(frame('HELLO', { pid: 1, pool: 'api', position: START }));
    return worker;
  }

  async control(line) {
    const socket = connect(this.socketPath('ctl'));
    this.keep(socket);
    socket.write(`${line}\n`);
    const [data] = await once(socket, 'data');
    socket.destroy();
    return JSON.parse(data);
  }

  async stats() {
    return (await this.control('stats')).stats;
  }

  /* {code, ms}: how it ended, and how long that took. */
  async end(signal = 'SIGTERM') {
    const before = Date.now();
    this.child.kill(signal);
    const [code] = await this.ended;
    return { code, ms: Date.now() - before };
  }

  async stop() {
    if (this.child?.exitCode === null && this.child.signalCode === null) await this.end();
    this.workers.close();
    this.front.close();
    for (const socket of this.sockets) socket.destroy();
    rmSync(this.dir, { recursive: true, force: true });
    if (/Sanitizer|runtime error/.test(this.log)) throw new Error(this.log);
  }
}
