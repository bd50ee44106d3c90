// What nginx and pushd say to a worker, said by a test: FastCGI (records by
// https://fastcgi-archives.github.io/FastCGI_Specification.html), and for rt
// the frames of docs/frames.md in it. Workers without nginx and pushd: pushd
// keeps the rt workers to itself.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { build, temporaryDirectory, waitFor } from './stack.mjs';

const KINDS = {
  HELLO: 1, EVENT: 2, JOIN: 3, LEAVE: 4, REVOKE: 5, SETTINGS: 6, PRESENCE: 7, BYE: 8,
  COMMAND: 9, RESULT: 10, POSITION: 11,
};
const NAMES = Object.fromEntries(Object.entries(KINDS).map(([name, kind]) => [kind, name]));

export function frame(kind, head, payload) {
  const text = typeof head === 'string' ? head : JSON.stringify(head);
  const said = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const body = Buffer.from(payload === undefined ? text : `${text}\n${said}`);
  const start = Buffer.alloc(5);
  start.writeUInt32BE(body.length + 1);
  start[4] = KINDS[kind];
  return Buffer.concat([start, body]);
}

export function command(head, payload) {
  return frame('COMMAND', head, payload);
}

/* Each {kind, head, lines, payload}; lines are the payload's as JSON. */
export function readFrames(bytes) {
  const frames = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 + bytes.readUInt32BE(at);
    const [head, ...lines] = bytes.subarray(at + 5, end).toString().split('\n');
    frames.push({
      kind: NAMES[bytes[at + 4]],
      head: JSON.parse(head),
      get lines() { return lines.map((line) => JSON.parse(line)); },
      payload: lines.join('\n'),
    });
    at = end;
  }
  return frames;
}

export function record(type, content) {
  const parts = [];
  for (let at = 0; at === 0 || at < content.length; at += 65528) {
    const part = content.subarray(at, at + 65528);
    parts.push(Buffer.from([1, type, 0, 1, part.length >> 8, part.length & 255, 0, 0]), part);
  }
  return Buffer.concat(parts);
}

function length(text) {
  const size = Buffer.byteLength(text);
  const long = Buffer.alloc(4);
  long.writeUInt32BE((size | 0x80000000) >>> 0);
  return size < 128 ? Buffer.from([size]) : long;
}

function request({ method, target, token, body }) {
  const nothing = Buffer.alloc(0);
  const params = {
    REQUEST_METHOD: method,
    REQUEST_URI: target,
    REQUEST_ID: 'test',
    REMOTE_ADDR: '127.0.0.1',
    CONTENT_TYPE: 'application/json',
    CONTENT_LENGTH: String(body.length),
    ...(token && { HTTP_AUTHORIZATION: `Bearer ${token}` }),
  };
  const pairs = Object.entries(params).map(([name, value]) =>
    Buffer.concat([length(name), length(value), Buffer.from(name + value)]));
  return Buffer.concat([
    record(1, Buffer.from([0, 1, 0, 0, 0, 0, 0, 0])),
    record(4, Buffer.concat(pairs)),
    record(4, nothing),
    ...(body.length > 0 ? [record(5, body)] : []),
    record(5, nothing),
  ]);
}

/* The bytes of STDOUT up to END_REQUEST; null: not all there yet. */
function readAnswer(bytes) {
  const out = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const end = at + 8 + bytes.readUInt16BE(at + 4);
    if (end > bytes.length) return null;
    if (bytes[at + 1] === 6) out.push(bytes.subarray(at + 8, end));
    if (bytes[at + 1] === 3) return Buffer.concat(out);
    at = end + bytes[at + 6];
  }
  return null;
}

/* One request on a connection of its own: {status, body}, a Buffer. */
function ask(socketPath, said, ms = 5000) {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    let bytes = Buffer.alloc(0);
    socket.setTimeout(ms, () => socket.destroy(new Error(`no answer within ${ms} ms`)));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed without an answer')));
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      const answer = readAnswer(bytes);
      if (answer === null) return;
      socket.destroy();
      const split = answer.indexOf('\r\n\r\n');
      const [, status] = /Status: (\d+)/.exec(answer.subarray(0, split));
      resolve({ status: Number(status), body: answer.subarray(split + 4) });
    });
    socket.write(request(said));
  });
}

/* palabre-api alone, in a directory of its own. */
export class Workers {
  constructor(set = {}) {
    this.dir = temporaryDirectory();
    mkdirSync(path.join(this.dir, 'run'));
    this.child = spawn('setpriv', [
      '--pdeathsig', 'TERM', '--', path.join(build, 'fcgi-app', 'palabre-api'),
      '--dir', this.dir,
      ...Object.entries(set).flatMap(([key, value]) => ['--set', `${key}=${value}`]),
    ], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.log = '';
    this.child.stderr.setEncoding('utf8').on('data', (text) => { this.log += text; });
  }

  socketPath(pool) {
    return path.join(this.dir, 'run', `${pool}.sock`);
  }

  ready() {
    return waitFor('rt.sock', () => existsSync(this.socketPath('rt')) &&
      /ready/.test(this.log));
  }

  /* {status, body}: body is parsed JSON. */
  async api(target, { method, token, body, pool = 'api' } = {}) {
    const answer = await ask(this.socketPath(pool), {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      target,
      token,
      body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
    });
    return { status: answer.status, body: JSON.parse(answer.body) };
  }

  /* A call of pushd: {status, frames}, or {status} where it was refused. */
  async rt(...frames) {
    const { status, body } = await ask(this.socketPath('rt'),
      { method: 'POST', target: '/rt', body: Buffer.concat(frames) });
    return status === 200 ? { status, frames: readFrames(body) } : { status };
  }

  async stop() {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const [code] = await ended;
    rmSync(this.dir, { recursive: true, force: true });
    if (code !== 0) throw new Error(`palabre-api ended with ${code}:\n${this.log}`);
  }
}
