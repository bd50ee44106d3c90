// The whole product for a test: ./run on a free port, in a directory of its
// own. Whatever becomes of the test, nothing of it stays.
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { request } from './http.mjs';
import { connectSocket } from './socket.mjs';

export const top = fileURLToPath(new URL('../..', import.meta.url));
export const build = process.env.PALABRE_BUILD ?? path.join(top, 'build');
/* Memory and time are then none of what people have. */
export const sanitized = () =>
  readFileSync(path.join(build, 'config.status'), 'utf8').includes('--enable-sanitizers');
export const password = 'correct horse';
/* Who ./run makes of what root starts. */
export const account = process.getuid() === 0 ? process.env.PALABRE_USER ?? 'palabre' : undefined;

const READY = /^Palabre is ready: (\S+)$/m;
const SANITIZER = /ERROR: \w+Sanitizer|runtime error: |LeakSanitizer/;
const started = new Set();
/* Children of palabre-api that are no workers. */
const HELPERS = ['palabre-preview', 'palabre-keeper'];

process.on('exit', () => {
  for (const stack of started) stack.destroy();
});

/* One that the kernel gives to nobody who connects (32768 and up), and no other
 * process of tests asks for first. */
let portsAsked = 0;
export async function freePort() {
  for (;;) {
    const port = 10000 + (process.pid * 61 + (portsAsked += 1)) % 22000;
    const free = await new Promise((resolve, reject) => {
      const server = createServer();
      server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

/* Others may pass: what root starts in it becomes another user. */
export function temporaryDirectory() {
  const dir = mkdtempSync(path.join(tmpdir(), 'palabre-test-'));
  chmodSync(dir, 0o711);
  return dir;
}

/* [program, ...arguments] run as who owns that file, as SQLite should be: root
 * is kept from opening files of others in a directory like the product's. */
export function asOwnerOf(file, words) {
  const { uid, gid } = statSync(file);
  return process.getuid() !== 0 || uid === 0 ? words
    : ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--',
      'env', 'PATH=/usr/bin:/bin', ...words]; // root's may be closed to others
}

/* ./run, or that of another tree, as a child; `setpriv` ends it should this
 * process be killed. */
export function spawnRun(args, env = {}, program = path.join(top, 'run')) {
  const child = spawn(
    'setpriv', ['--pdeathsig', 'TERM', '--', program, ...args],
    {
      env: { ...process.env, PALABRE_NO_BUILD: '1', PALABRE_BUILD: build, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const run = { child, output: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => { run.output += text; });
  }
  run.ended = new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  return run;
}

/* Living processes, zombies aside: [{pid, parent, name, command}] */
export function processes() {
  const all = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
      const end = stat.lastIndexOf(')');
      const [state, parent, group] = stat.slice(end + 2).split(' ');
      if (state === 'Z') continue;
      all.push({
        pid: Number(entry),
        parent: Number(parent),
        group: Number(group),
        name: stat.slice(stat.indexOf('(') + 1, end),
        command: readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' '),
      });
    } catch {
      // it ended meanwhile
    }
  }
  return all;
}

/* Those that live still. */
export function killAll(those) {
  for (const { pid } of those) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it ended meanwhile
    }
  }
}

/* Those that a path in this directory was given to. */
export const runningIn = (dir) => processes().filter(({ command }) => command.includes(`${dir}/`));

/* A directory that goes when the test ends, with all that runs in it. */
export function directoryFor(t) {
  const dir = temporaryDirectory();
  t.after(() => {
    killAll(runningIn(dir));
    rmSync(dir, { recursive: true, force: true });
  });
  return dir;
}

/* How often as long something may take beside others than on a machine of its
 * own, where what is promised is promised. */
export const share = () => Math.max(1, 2 * loadavg()[0] / cpus().length);

/* Where no time is given none is promised, and a busy machine gets longer. */
export async function waitFor(what, condition, ms = 15000 * Math.max(1, share() / 4), pauseMs = 20) {
  const deadline = Date.now() + ms;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${what}`);
    await sleep(pauseMs);
  }
}

class Stack {
  constructor(dir, port, settings) {
    this.dir = dir;
    this.port = port;
    this.settings = settings;
    this.sockets = new Set();
    this.groups = new Set();
    this.newcomers = 0;
  }

  async start(args, env, program) {
    this.run = spawnRun(args, env, program);
    started.add(this);
    const ended = this.run.ended.then(({ code }) => {
      throw new Error(`./run ended with ${code}:\n${this.run.output}`);
    });
    let over = false;
    ended.catch(() => { over = true; });
    await Promise.race([ended,
      waitFor('ready', () => over || READY.test(this.run.output), 30000 * Math.max(1, share() / 4))]);
    this.url = this.run.output.match(READY)[1].replace(/\/$/, '');
    for (const part of ['palabre-api', 'palabre-pushd', 'nginx']) {
      this.groups.add(this.pid(part));
    }
  }

  /* path of a Unix socket: api, auth, rt, push, notify, ctl */
  socketPath(name) {
    return path.join(this.dir, 'run', `${name}.sock`);
  }

  /* of the part's leader: palabre-api (the supervisor), palabre-pushd, nginx */
  pid(part) {
    try {
      const pid = Number(readFileSync(path.join(this.dir, 'run', `${part}.pid`), 'utf8'));
      if (!(pid > 0)) return undefined; // it is being written
      this.groups.add(pid);
      return pid;
    } catch {
      return undefined;
    }
  }

  /* To that leader; where it has just been started anew, its pid is written a
   * moment after it runs. */
  async signal(part, signal) {
    await waitFor(`${part} runs`, () => processes().some(({ pid }) => pid === this.pid(part)));
    process.kill(this.pid(part), signal);
  }

  /* what that leader has started */
  children(part) {
    const leader = this.pid(part);
    return processes().filter(({ parent }) => parent === leader);
  }

  /* of the workers of palabre-api or nginx */
  workers(part) {
    return this.children(part).filter(({ name }) => !HELPERS.includes(name)).map(({ pid }) => pid);
  }

  /* All that live still. -> who they were */
  killWorkers(part) {
    const workers = this.workers(part);
    killAll(workers.map((pid) => ({ pid })));
    return workers;
  }

  /* of the one that keeps house for palabre-api */
  keeper() {
    return this.children('palabre-api').find(({ name }) => name === 'palabre-keeper')?.pid;
  }

  /* of the one that makes previews for palabre-api */
  previewer() {
    return this.children('palabre-api').find(({ name }) => name === 'palabre-preview')?.pid;
  }

  log(part) {
    try {
      return readFileSync(path.join(this.dir, 'log', `${part}.log`), 'utf8');
    } catch {
      return '';
    }
  }

  api(target, options) {
    return request(this.url + target, options);
  }

  /* A new user: {token, user, api, connect} */
  async register(username, more = {}) {
    const answer = await this.api('/api/auth/register',
      { body: { username, password, ...more } });
    if (answer.status !== 201) {
      throw new Error(`register ${username}: ${answer.status} ${answer.text}`);
    }
    return this.person(answer.body);
  }

  /* One of a name that nobody had. */
  newcomer(stem) {
    this.newcomers += 1;
    return this.register(`${stem}${this.newcomers}`);
  }

  /* Who is registered already: the same. */
  async login(username) {
    const answer = await this.api('/api/auth/login', { body: { username, password } });
    if (answer.status !== 200) {
      throw new Error(`login ${username}: ${answer.status} ${answer.text}`);
    }
    return this.person(answer.body);
  }

  async guest(username) {
    const answer = await this.api('/api/auth/guest', { body: { username } });
    if (answer.status !== 201) {
      throw new Error(`guest ${username}: ${answer.status} ${answer.text}`);
    }
    return this.person(answer.body);
  }

  /* Somebody new, who is an operator. */
  async operator(username) {
    await this.register(username);
    const made = await this.ctl('user', 'role', username, 'operator');
    if (made.code !== 0) throw new Error(`operator ${username}: ${made.stderr}`);
    return this.login(username);
  }

  person({ token, user }) {
    return {
      token,
      user,
      id: user._id,
      api: (target, options = {}) => this.api(target, { token, ...options }),
      connect: (options) => this.connectSocket(token, options),
    };
  }

  async connectSocket(token, options = {}) {
    const { origin, pathname } = new URL(this.url);
    const socket = await connectSocket(origin, token,
      { path: path.posix.join(pathname, 'socket.io/'), ...options });
    this.sockets.add(socket);
    return socket;
  }

  /* palabrectl with these words: [program, ...arguments] */
  ctlCommand(...args) {
    return [path.join(build, 'ctl', 'palabrectl'),
      '--config', path.join(this.dir, 'palabre.conf'), '--set', `dir=${this.dir}`,
      ...this.settings, ...args];
  }

  /* palabrectl: {code, stdout, stderr} */
  ctl(...args) {
    return this.ctlGiven('', ...args);
  }

  /* The same with that text on standard input. */
  async ctlGiven(input, ...args) {
    const [program, ...words] = this.ctlCommand(...args);
    try {
      const running = promisify(execFile)(program, words, { timeout: 60000 });
      running.child.stdin.on('error', () => {}); // it read none
      running.child.stdin.end(input);
      const { stdout, stderr } = await running;
      return { code: 0, stdout, stderr };
    } catch (error) {
      if (typeof error.code !== 'number') throw error;
      return { code: error.code, stdout: error.stdout, stderr: error.stderr };
    }
  }

  /* Everything of ours that lives still. */
  leftovers() {
    return processes().filter(({ group, command }) =>
      this.groups.has(group) || command.includes(`${this.dir}/`));
  }

  /* Stops as Ctrl-C does. What sanitizers found while it ran fails the test. */
  async stop() {
    for (const socket of this.sockets) socket.disconnect();
    const findings = () => ['palabre-api', 'palabre-pushd'].filter((part) =>
      SANITIZER.test(this.log(part)));
    try {
      this.run.child.kill('SIGTERM');
      const ended = await Promise.race([this.run.ended, sleep(6000 * share(), null, { ref: false })]);
      if (ended === null) throw new Error('./run does not stop');
      const found = findings();
      if (found.length > 0) throw new Error(found.map((part) => this.log(part)).join('\n'));
    } finally {
      this.destroy();
    }
  }

  /* At once and without waiting. */
  destroy() {
    started.delete(this);
    this.run.child.kill('SIGKILL');
    killAll(this.leftovers());
    if (!process.env.PALABRE_KEEP) rmSync(this.dir, { recursive: true, force: true });
  }
}

/* Tests make more people from one address than people do. */
const CROWD = Object.fromEntries(['auth', 'register', 'write']
  .flatMap((what) => [[`${what}_rate`, 100000], [`${what}_burst`, 100000]]));

/* The store of a directory, where the environment says that stores are not what
 * they are by default: a database of its own. */
const stores = new Map();
function storeOf(dir) {
  if (process.env.PALABRE_TEST_STORE !== 'mongodb') return {};
  const server = process.env.PALABRE_TEST_MONGODB_URI;
  if (!server) throw new Error('PALABRE_TEST_MONGODB_URI names no server to test with');
  if (!stores.has(dir)) {
    const [, hosts, options] = server.match(/^([^/]+:\/\/[^/?]+)\/?[^?]*(.*)$/);
    stores.set(dir, `${hosts}/palabre_${randomBytes(12).toString('hex')}${options}`);
  }
  return { store: stores.get(dir) };
}

/* set: settings of this copy; env: of its processes; dir: an existing one;
 * program: the ./run of another tree. */
export async function startStack({ set = {}, env = {}, dir, port, program } = {}) {
  const place = dir ?? temporaryDirectory();
  const stack = new Stack(place, port ?? await freePort(),
    Object.entries({ ...CROWD, ...storeOf(place), ...set }).flatMap(([key, value]) => ['--set', `${key}=${value}`]));
  try {
    await stack.start(
      ['--dir', stack.dir, '--port', String(stack.port), ...stack.settings], env, program);
  } catch (error) {
    stack.destroy();
    throw error;
  }
  return stack;
}

/* One that goes when the test ends. */
export async function stackFor(t, options) {
  const stack = await startStack(options);
  t.after(() => stack.destroy());
  return stack;
}
