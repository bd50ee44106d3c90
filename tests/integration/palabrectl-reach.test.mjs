// palabrectl finds the running product, however that was started and wherever
// its directory is now; and says so when it cannot be sure.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { assertLives, ending } from '../support/socket.mjs';
import {
  asOwnerOf, build, directoryFor, password, stackFor, startStack, waitFor,
} from '../support/stack.mjs';

const NEW_PASSWORD = 'battery staple';

async function stop(stack) {
  stack.run.child.kill('SIGTERM');
  await stack.run.ended;
}

/* palabrectl that knows the configuration and nothing else: {code, stdout, stderr} */
function ctl(dir, words, input = '') {
  return new Promise((resolve) => {
    const child = execFile(path.join(build, 'ctl/palabrectl'),
      ['--config', path.join(dir, 'palabre.conf'), ...words], (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : error.code, stdout, stderr }));
    child.stdin.on('error', () => {}); // it read none
    child.stdin.end(input);
  });
}

async function assertSignsOut(stack, dir, username) {
  const ann = await stack.register(username);
  const ended = ending(await ann.connect());
  const answer = await ctl(dir, ['user', 'password', username], `${NEW_PASSWORD}\n`);
  assert.deepEqual([answer.code, answer.stderr, answer.stdout],
    [0, '', `${username}: has another password and is signed out everywhere\n`]);
  assert.equal(await ended, 'password');
}

test('a directory with a path too long for sockets: palabrectl finds them', async (t) => {
  const dir = path.join(directoryFor(t), 'x'.repeat(100));
  const stack = await stackFor(t, { dir });
  await assertSignsOut(stack, dir, 'ann');
  assert.equal((await ctl(dir, ['ping'])).code, 0);
});

test('a setting by a flag of a later start, or by the environment: palabrectl finds it', async (t) => {
  const dir = directoryFor(t);
  await stop(await startStack({ dir }));
  const elsewhere = path.join(dir, 'run/elsewhere');
  const stack = await stackFor(t, { dir, set: { notify_socket: `${elsewhere}-notify` },
    env: { PALABRE_CTL_SOCKET: `${elsewhere}-ctl` } });
  await assertSignsOut(stack, dir, 'ann');
  assert.equal((await ctl(dir, ['ping'])).code, 0);
  assert.notEqual((await ctl(dir, ['--set', 'ctl_socket=/nowhere/ctl.sock', 'ping'])).code, 0,
    'one\'s own flag counts for more');
  await stop(stack);
  assert.ok(!existsSync(path.join(dir, 'run/settings')), 'those were of that start alone');
});

test('settings that a ./run left which was killed count no more', async (t) => {
  const dir = directoryFor(t);
  await stop(await startStack({ dir }));
  const stack = await stackFor(t, { dir, set: { ctl_socket: path.join(dir, 'run/elsewhere') } });
  stack.run.child.kill('SIGKILL');
  await stack.run.ended;
  await waitFor('its parts end', () => stack.leftovers().length === 0);
  assert.ok(existsSync(path.join(dir, 'run/settings')));
  assert.match((await ctl(dir, ['ping'])).stderr, /\/run\/ctl\.sock: (No such file|Connection refused)/);
});

/* The programs alone, as a unit of another system may start them: what else
 * they are told nobody finds in a file. Not as root, of whose processes
 * palabrectl learns nothing for stores that are not root's, such as those of
 * tests beside this one. */
async function startByHand(t, dir, flags, env) {
  const started = [];
  for (const [program, made] of [['push-daemon/palabre-pushd', 'ctl'], ['fcgi-app/palabre-api', 'api']]) {
    const installed = path.join(dir, 'programs', path.basename(program));
    const [first, ...words] = asOwnerOf(path.join(dir, 'palabre.db'), ['setpriv', '--pdeathsig', 'TERM', '--',
      existsSync(installed) ? installed : path.join(build, program), '--config', 'palabre.conf', ...flags]);
    const child = spawn(first, words, { cwd: dir, env: { ...process.env, ...env }, stdio: 'ignore' });
    t.after(() => child.kill('SIGKILL'));
    await waitFor(`${program} listens`, () => existsSync(path.join(dir, `run/${made}.sock`)));
    started.push(child);
  }
  return started[0];
}

for (const [how, flags, env] of [
  ['a flag', ['--set', 'notify_socket={dir}/run/else.sock'], {}],
  ['the environment', [], { PALABRE_NOTIFY_SOCKET: '{dir}/run/else.sock' }],
]) {
  test(`a daemon whose notify.sock is elsewhere by ${how} is found by its own settings`, async (t) => {
    const dir = directoryFor(t);
    await stop(await startStack({ dir }));
    const pushd = await startByHand(t, dir, flags, env);
    const made = await ctl(dir, ['user', 'add', 'ann'], `${password}\n`);
    assert.equal(made.code, 0, made.stderr);
    const answer = await ctl(dir, ['user', 'disable', 'ann']);
    assert.deepEqual([answer.code, answer.stderr], [0, '']);
    pushd.kill('SIGSTOP');
    assert.equal((await ctl(dir, ['user', 'disable', 'ann'])).code, 1, 'it was the one');
  });
}

for (const [what, words, done] of [
  ['password', ['password'], 'has another password'],
  ['disable', ['disable'], 'is disabled'],
  ['role', ['role', 'operator'], 'is operator now'],
]) {
  test(`user ${what} fails aloud while a daemon lives that has not confirmed it`, async (t) => {
    const stack = await stackFor(t);
    const ann = await stack.register('ann');
    const socket = await ann.connect();
    const pushd = stack.pid('palabre-pushd');
    const [verb, ...rest] = words;
    const line = `ann: ${done}, but palabre-pushd (process ${pushd}) has not confirmed it: `
      + 'sockets may still be open\n';
    const attempt = () => ctl(stack.dir, ['user', verb, 'ann', ...rest], `${NEW_PASSWORD}\n`);

    process.kill(pushd, 'SIGSTOP');
    const hung = await attempt().finally(() => process.kill(pushd, 'SIGCONT'));
    assert.deepEqual([hung.code, hung.stdout, hung.stderr], [1, '', line]);

    rmSync(stack.socketPath('notify'));
    const deaf = await attempt();
    assert.deepEqual([deaf.code, deaf.stdout, deaf.stderr], [1, '', line]);
    socket.disconnect();
  });
}

test('where no daemon runs nobody is waited for, whatever else runs on the machine', async (t) => {
  const other = await stackFor(t);
  const ann = await other.register('ann');
  const socket = await ann.connect();
  const stack = await stackFor(t);
  await stack.register('ann');
  await stop(stack);
  for (const words of [['password', 'ann'], ['role', 'ann', 'operator'], ['disable', 'ann']]) {
    const answer = await ctl(stack.dir, ['user', ...words], `${NEW_PASSWORD}\n`);
    assert.deepEqual([answer.code, answer.stderr], [0, ''], words.join(' '));
  }
  await assertLives(socket);
});

test('a daemon that says nothing of itself and ends is not counted', async (t) => {
  const dir = directoryFor(t);
  const stack = await stackFor(t);
  await stack.register('ann');
  await stop(stack);
  const program = path.join(dir, 'palabre-pushd');
  writeFileSync(program, '#!/bin/sh\necho ready\nread line\n', { mode: 0o755 });
  const child = spawn(program, ['--config', dir], { stdio: ['pipe', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  const answer = ctl(stack.dir, ['user', 'disable', 'ann']);
  setTimeout(() => child.stdin.end(), 200); // longer, and it would disturb other tests
  assert.equal((await answer).code, 0, (await answer).stderr);
});

const asRoot = { skip: process.getuid() !== 0 && 'only root makes mounts' };

test('a daemon of a container is another, and no reason to doubt', asRoot, async (t) => {
  const [dir, apart] = [directoryFor(t), directoryFor(t)];
  const stack = await stackFor(t);
  await stack.register('ann');
  await stop(stack);
  const program = path.join(dir, 'palabre-pushd');
  const conf = path.join(apart, 'palabre.conf'); // which is there for that daemon alone
  writeFileSync(program, '#!/bin/sh\necho ready\nread line\n', { mode: 0o755 });
  for (const one of [dir, apart]) chmodSync(one, 0o755);
  const run = asOwnerOf(path.join(stack.dir, 'palabre.db'), [program, '--config', conf]).join(' ');
  const child = spawn('unshare', ['--mount', 'sh', '-c',
    `mount -t tmpfs none ${apart} && echo dir = ${apart} >${conf} && exec ${run}`],
  { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const answer = await ctl(stack.dir, ['user', 'disable', 'ann']);
  child.stdin.end();
  await once(child, 'exit');
  assert.equal(answer.code, 0, answer.stderr);
});

/* Which users a directory's store has, as palabrectl meets them. */
const has = async (dir, username) => (await ctl(dir, ['user', 'enable', username])).code === 0;

test('a directory that was copied or moved leaves the original alone', async (t) => {
  const base = directoryFor(t);
  const [first, copy, moved] = ['first', 'copy', 'moved'].map((name) => path.join(base, name));
  await stop(await startStack({ dir: first }));
  cpSync(first, copy, { recursive: true, preserveTimestamps: true });
  const made = await ctl(copy, ['user', 'add', 'ann'], `${password}\n`);
  assert.equal(made.code, 0, made.stderr);
  assert.deepEqual([await has(copy, 'ann'), await has(first, 'ann')], [true, false]);

  renameSync(copy, moved);
  assert.equal(await has(moved, 'ann'), true);
  await (await stackFor(t, { dir: moved })).login('ann');
});

test('... also one whose palabre.conf still names its old place, once it is started', async (t) => {
  const base = directoryFor(t);
  const [first, copy] = ['first', 'copy'].map((name) => path.join(base, name));
  await stop(await startStack({ dir: first }));
  cpSync(first, copy, { recursive: true });
  const conf = path.join(copy, 'palabre.conf');
  writeFileSync(conf, readFileSync(conf, 'utf8').replace(/^dir = .*$/m, `dir = ${first}`));
  const { mode, uid } = statSync(conf);

  const stack = await stackFor(t, { dir: copy });
  assert.match(stack.run.output, new RegExp(`^${conf} had dir = ${first}; it says where it lies now$`, 'm'));
  await stop(stack);
  assert.match(readFileSync(conf, 'utf8'), /^dir = \.$/m);
  assert.deepEqual([statSync(conf).mode & 0o700, statSync(conf).uid], [mode & 0o700, uid]);
  assert.equal((await ctl(copy, ['user', 'add', 'ann'], `${password}\n`)).code, 0);
  assert.deepEqual([await has(copy, 'ann'), await has(first, 'ann')], [true, false]);
});

test('a path that is too long for a socket is refused at start, whoever uses it', async (t) => {
  const dir = directoryFor(t);
  mkdirSync(path.join(dir, 'run'));
  const long = `/${'x'.repeat(107)}`;
  for (const name of ['api', 'auth', 'rt', 'push', 'notify', 'ctl']) {
    for (const [program, ...more] of [['fcgi-app/palabre-api'], ['push-daemon/palabre-pushd'],
      ['fcgi-app/palabre-api', '--check-config']]) {
      const answer = await new Promise((resolve) => {
        execFile(path.join(build, program), ['--set', `dir=${dir}`, '--set', `${name}_socket=${long}`, ...more],
          { timeout: 60000 }, (error, stdout, stderr) => resolve({ code: error?.code, stderr }));
      });
      assert.equal(answer.code, 1, `${program} ${name}`);
      assert.ok(answer.stderr.includes(`${name}_socket: ${long} is too long for a socket (at most 107 bytes)`),
        answer.stderr);
    }
  }
});
