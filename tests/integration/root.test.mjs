// ./run started by root: what it starts is not, and DIR is shared between the
// two so that neither can be led astray by the other.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import {
  chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { startMongodb } from '../support/mongodb.mjs';
import { settles } from '../support/settles.mjs';
import { account, build, directoryFor, freePort, processes, spawnRun, startStack, top, waitFor } from '../support/stack.mjs';

const asRoot = { skip: account !== 'palabre' && 'only root can try this' };

/* {code, output} of a program */
function call(program, ...args) {
  return new Promise((resolve) => {
    execFile(program, args, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, output: stdout + stderr }));
  });
}

async function accountIds() {
  const uid = await call('id', '-u', account);
  const gid = await call('id', '-g', account);
  return { uid: Number(uid.output), gid: Number(gid.output) };
}

/* What the account comes to that tries a command of sh. */
function asAccount(script, ...args) {
  return call('setpriv', '--reuid', account, '--regid', account, '--init-groups', '--',
    'sh', '-c', script, 'sh', ...args);
}

/* Of a living process: {uids, powers, further} */
function rights(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const [, uids] = status.match(/^Uid:\s(.*)$/m);
  const powers = [...status.matchAll(/^Cap(?:Inh|Prm|Eff|Bnd|Amb):\s(.*)$/gm)].map(([, set]) =>
    BigInt(`0x${set}`));
  const [, none] = status.match(/^NoNewPrivs:\s(.*)$/m);
  return { uids: new Set(uids.split('\t').map(Number)), powers, further: none !== '1' };
}

/* CapBnd counts for nothing where NoNewPrivs is set; of nginx's workers it is
 * what its master was left with. */
const holds = ({ powers: [inherited, permitted, effective, , ambient] }) =>
  inherited | permitted | effective | ambient;

test('everything but nginx\'s master is the system user, with no powers and no way to any', asRoot, async (t) => {
  const stack = await startStack();
  t.after(() => stack.stop());
  await (await stack.register('ann')).connect();
  const { uid } = await accountIds();
  const master = stack.pid('nginx');

  // Some get their name a moment after all is ready.
  await settles(() => {
    const all = stack.leftovers().filter(({ pid, command }) => pid !== master && !command.includes('/run '));
    assert.deepEqual(new Set(all.map(({ name }) => name)),
      new Set(['palabre-api', 'palabre-keeper', 'palabre-preview', 'palabre-pushd', 'nginx']));
    for (const { pid, command } of all) {
      const found = rights(pid);
      assert.deepEqual([[...found.uids], holds(found), found.further], [[uid], 0n, false], command);
    }
  });
  for (const part of ['palabre-api', 'palabre-pushd']) {
    assert.deepEqual(rights(stack.pid(part)).powers, [0n, 0n, 0n, 0n, 0n], part);
  }
  assert.equal(rights(master).further, false);
});

test('a part that died is the system user\'s again', asRoot, async (t) => {
  const stack = await startStack();
  t.after(() => stack.stop());
  const { uid } = await accountIds();
  for (const part of ['palabre-api', 'palabre-pushd']) {
    const before = stack.pid(part);
    process.kill(before, 'SIGKILL');
    await waitFor(`${part} is back`, async () => ![before, undefined].includes(stack.pid(part))
      && (await stack.api('/api/health').catch(() => ({}))).status === 200);
    await waitFor(`${part} to be the system user's`, () => isDeepStrictEqual([...rights(stack.pid(part)).uids], [uid]));
  }
});

test('a directory of root\'s from before is handed over, and nobody is lost', asRoot, async (t) => {
  const dir = directoryFor(t);
  const first = await startStack({ dir, env: { PALABRE_USER: 'root' } });
  await first.register('ann');
  first.run.child.kill('SIGTERM');
  await first.run.ended;
  assert.equal(statSync(path.join(dir, 'palabre.db')).uid, 0);

  const stack = await startStack({ dir });
  t.after(() => stack.stop());
  await stack.login('ann');
  const { uid, gid } = await accountIds();
  for (const file of ['palabre.db', 'token.key']) {
    const found = statSync(path.join(dir, file));
    assert.deepEqual([found.uid, found.mode & 0o777], [uid, 0o600], file);
  }
  const conf = statSync(path.join(dir, 'palabre.conf'));
  assert.deepEqual([conf.uid, conf.gid, conf.mode & 0o777], [0, gid, 0o640]);
  assert.match(readFileSync(path.join(dir, 'nginx/nginx.conf'), 'utf8'), /^user palabre;$/m);
});

test('what root puts there later is handed over too, as a copy that is restored', asRoot, async (t) => {
  const dir = directoryFor(t);
  const first = await startStack({ dir });
  await first.register('ann');
  first.run.child.kill('SIGTERM');
  await first.run.ended;
  for (const file of ['palabre.db', 'token.key']) {
    const at = path.join(dir, file);
    const bytes = readFileSync(at);
    rmSync(at);
    writeFileSync(at, bytes, { mode: 0o600 });
  }
  const stack = await startStack({ dir });
  t.after(() => stack.stop());
  await stack.login('ann');
});

test('the system user cannot change what root believes or where root writes', asRoot, async (t) => {
  const stack = await startStack();
  t.after(() => stack.stop());
  for (const script of [
    'echo "listen = 1" >>palabre.conf', 'mv palabre.conf mine', 'rm -f palabre.conf && ! ls palabre.conf',
    'mv nginx mine', 'mv log mine', 'mv run mine', 'touch nginx/mine', 'touch log/mine',
    'rm -f log/access.log && ! ls log/access.log', 'rm -f run/nginx.pid && ! ls run/nginx.pid',
    'cat nginx/server.conf',
  ]) {
    const { code, output } = await asAccount(`cd "$1" && ${script}`, stack.dir);
    assert.notEqual(code, 0, script);
    assert.match(output, /Permission denied|Operation not permitted|palabre.conf|access.log|nginx.pid/, script);
  }
  assert.equal((await asAccount('cd "$1" && touch palabre.new && rm palabre.new', stack.dir)).code, 0);
});

/* What it is while it has the store open and waits for a password. */
async function worksAsUser(stack) {
  const { uid } = await accountIds();
  const [program, ...args] = stack.ctlCommand('user', 'add', 'zoe');
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  await waitFor('it is who the store belongs to', () =>
    existsSync(`/proc/${child.pid}`) && [...rights(child.pid).uids][0] === uid);
  assert.deepEqual(rights(child.pid).powers.slice(1, 3), [0n, 0n]);
  const ended = new Promise((resolve) => { child.once('close', resolve); });
  child.stdin.end('correct horse\n');
  assert.equal(await ended, 0);
  await stack.login('zoe');
}

test('palabrectl, run by root, works as who owns the store', asRoot, async (t) => {
  const stack = await startStack();
  t.after(() => stack.stop());
  await worksAsUser(stack);
});

test('... and where that is a MongoDB, as who owns the key, which it leaves to them', asRoot, async (t) => {
  const mongodb = await startMongodb();
  const stack = await startStack({ set: { store: mongodb.uri } });
  t.after(() => stack.stop().finally(() => mongodb.destroy()));
  const ann = await stack.register('ann');
  await worksAsUser(stack);
  const { code, stderr } = await stack.ctl('token', 'rotate');
  assert.deepEqual([code, stderr], [0, '']);
  const key = statSync(path.join(stack.dir, 'token.key'));
  assert.deepEqual([{ uid: key.uid, gid: key.gid }, key.mode & 0o777], [await accountIds(), 0o600]);

  const before = stack.killWorkers('palabre-api');
  await waitFor('other workers, which read the key', async () =>
    !stack.workers('palabre-api').some((pid) => before.includes(pid))
    && (await ann.api('/api/users/me').catch(() => ({}))).status === 200);
});

/* ./run must refuse: exit 1 and one line. */
async function refused(args, env, program = path.join(top, 'run')) {
  const run = spawnRun(args, env, program);
  assert.equal((await run.ended).code, 1, run.output);
  assert.equal(run.output.trim().split('\n').length, 1, run.output);
  return run.output.trim();
}

test('a directory with other things in it is not taken', asRoot, async (t) => {
  const dir = directoryFor(t);
  writeFileSync(path.join(dir, 'passwd'), 'root');
  mkdirSync(path.join(dir, 'nginx'));
  assert.equal(await refused(['--dir', dir, '--port', String(await freePort())]),
    `palabre: the directory cannot be used: ${dir} is not empty, and nothing of Palabre's is in it`);
  assert.deepEqual([statSync(dir).gid, statSync(path.join(dir, 'passwd')).uid], [0, 0]);
});

test('a directory of somebody else\'s is not taken', asRoot, async (t) => {
  const dir = path.join(directoryFor(t), 'var');
  await call('install', '-d', '-o', 'nobody', dir);
  assert.equal(await refused(['--dir', dir, '--port', String(await freePort())]),
    `palabre: the directory cannot be used: ${dir} belongs to nobody`);
});

test('a directory that the system user cannot get to is refused, naming what is closed', asRoot, async (t) => {
  const closed = path.join(directoryFor(t), 'closed');
  mkdirSync(closed, { mode: 0o700 });
  assert.equal(await refused(['--dir', `${closed}/deep/var`, '--port', String(await freePort())]),
    `palabre: the directory cannot be used: ${closed} is closed to the user palabre`);
});

/* The tree, built, in a place that is root's alone. */
function closedClone(t) {
  const clone = path.join(directoryFor(t), 'clone');
  mkdirSync(clone);
  for (const part of ['run', 'tools', 'html/dist', 'nginx']) {
    cpSync(path.join(top, part), path.join(clone, part), { recursive: true });
  }
  for (const part of ['fcgi-app/palabre-api', 'push-daemon/palabre-pushd']) {
    cpSync(path.join(build, part), path.join(clone, 'build', part));
  }
  chmodSync(clone, 0o700);
  return { run: path.join(clone, 'run'), env: { PALABRE_BUILD: path.join(clone, 'build') }, clone };
}

test('from a clone that is closed to it, it is given programs and pages', asRoot, async (t) => {
  const { run, env, clone } = closedClone(t);
  const dir = directoryFor(t);
  const stack = await startStack({ dir, env, program: run });
  t.after(() => stack.stop());
  assert.match(stack.run.output, new RegExp(`^The user palabre cannot read ${clone}: `, 'm'));
  assert.match(await (await fetch(stack.url)).text(), /<title>/);
  await stack.register('ann');
  for (const part of ['palabre-api', 'palabre-pushd']) {
    const { command } = processes().find(({ pid }) => pid === stack.pid(part));
    assert.ok(command.startsWith(`${dir}/programs/${part} `), command);
  }
  const { code } = await asAccount('cd "$1/programs" && { touch mine || mv ../programs ../mine; }', dir);
  assert.notEqual(code, 0, 'they stay root\'s');
});

test('... and where the clone\'s own directory would be closed, another one is taken, or named', asRoot, async (t) => {
  const { run, env, clone } = closedClone(t);
  const port = String(await freePort());
  const apart = ['--mount', 'sh', '-c', 'mount -t tmpfs none /var/lib && exec "$@"', 'sh', run, '--port', port];
  if ((await call('unshare', '--mount', 'mount', '-t', 'tmpfs', 'none', '/var/lib')).code === 0) {
    const first = spawnRun(apart, env, 'unshare');
    await waitFor('ready', () => first.output.includes('Palabre is ready'), 30000);
    assert.match(first.output, /: everything is in \/var\/lib\/palabre$/m);
    first.child.kill('SIGTERM');
    assert.equal((await first.ended).code, 0);
  }
  mkdirSync(path.join(clone, 'var'));
  assert.equal(await refused(['--port', port], env, run), 'palabre: the directory cannot be used: '
    + `the user palabre cannot get to ${clone}/var (mv ${clone}/var /var/lib/palabre)`);
});
