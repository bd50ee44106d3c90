// A MongoDB of one's own, to kill and to stop, and to tell how to fail.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { temporaryDirectory, waitFor } from './stack.mjs';

const element = (type, name, bytes) =>
  Buffer.concat([Buffer.from([type]), Buffer.from(`${name}\0`), bytes]);

/* What commands are made of here (bsonspec.org); a BigInt has 64 bits, and
 * {$oid} is an id. */
function elementOf(name, value) {
  if (typeof value === 'bigint') {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return element(18, name, bytes);
  }
  if (value.$oid) return element(7, name, Buffer.from(value.$oid, 'hex'));
  if (typeof value === 'boolean') return element(8, name, Buffer.from([Number(value)]));
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    return element(16, name, bytes);
  }
  if (typeof value === 'object') return element(Array.isArray(value) ? 4 : 3, name, bson(value));
  const text = Buffer.from(`${value}\0`);
  const length = Buffer.alloc(4);
  length.writeInt32LE(text.length);
  return element(2, name, Buffer.concat([length, text]));
}

function bson(value) {
  const body = Buffer.concat([Buffer.alloc(4),
    ...Object.entries(value).map(([name, each]) => elementOf(name, each)), Buffer.alloc(1)]);
  body.writeInt32LE(body.length);
  return body;
}

/* One OP_MSG to a database, and its answer, which must say {ok: 1.0}, in latin1. */
function command(port, words, database = 'admin') {
  const document = bson({ ...words, $db: database });
  const head = Buffer.alloc(21);
  head.writeInt32LE(head.length + document.length, 0);
  head.writeInt32LE(1, 4);
  head.writeInt32LE(2013, 12);
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.concat([head, document])));
    let answer = Buffer.alloc(0);
    socket.on('error', reject).on('data', (bytes) => {
      answer = Buffer.concat([answer, bytes]);
      if (answer.length < 4 || answer.length < answer.readInt32LE(0)) return;
      socket.destroy();
      const at = answer.indexOf('\x01ok\0');
      if (at >= 0 && answer.readDoubleLE(at + 4) === 1) resolve(answer.toString('latin1'));
      else reject(new Error(`${JSON.stringify(words)}: ${answer.toString('latin1')}`));
    });
  });
}

class Mongodb {
  constructor() {
    this.dir = temporaryDirectory();
    mkdirSync(path.join(this.dir, 'data'));
    this.port = 0;
  }

  /* Also again, with what it has on its disk; more: further words of its command
   * line. */
  async start(...more) {
    const program = process.env.PALABRE_TEST_MONGODB_SERVER;
    if (!program) throw new Error('PALABRE_TEST_MONGODB_SERVER names no program (tools/mongodb-server)');
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', program,
      '--host', '127.0.0.1', '--port', String(this.port), '--storage-path', path.join(this.dir, 'data'),
      '--sync-on-commit', '--cache-size', '64M', '--log-file-max', '1MB', '--enable-test-commands', ...more],
    { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => { output = (output + text).slice(0, 10000); });
    }
    const found = await waitFor('a MongoDB', () => output.match(/listening on [\d.]+:(\d+)/));
    this.port = Number(found[1]);
  }

  get uri() { return `mongodb://127.0.0.1:${this.port}/palabre`; }

  /* It hangs, when this answers, until it goes on. */
  async hang() {
    this.child.kill('SIGSTOP');
    await waitFor('it stands still', () =>
      / T /.test(readFileSync(`/proc/${this.child.pid}/stat`, 'utf8').replace(/.*\)/s, '')));
  }

  goOn() { this.child.kill('SIGCONT'); }

  async kill() {
    const ended = new Promise((resolve) => { this.child.once('exit', resolve); });
    this.child.kill('SIGKILL');
    await ended;
  }

  run(words, database) { return command(this.port, words, database); }

  /* These commands fail like that from now on, or so often. */
  fail(commands, how, mode = 'alwaysOn') {
    return this.run({ configureFailPoint: 'failCommand', mode, data: { failCommands: commands, ...how } });
  }

  failNoMore() { return this.fail(['insert'], {}, 'off'); }

  destroy() {
    this.child?.kill('SIGKILL');
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/* A command to the database that a stack has its store on; undefined: on none. */
export function mongodbOf(stack) {
  const found = stack.settings.join(' ').match(/store=mongodb:\/\/[^/ ]*:(\d+)\/(\w+)/);
  return found && ((words) => command(Number(found[1]), words, found[2]));
}

export async function startMongodb() {
  const mongodb = new Mongodb();
  process.on('exit', () => mongodb.destroy());
  await mongodb.start();
  return mongodb;
}
