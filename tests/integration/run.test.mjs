// ./run, as README promises it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync,
  statSync, symlinkSync, writeFileSync,
} from 'node:fs';
import { get } from 'node:https';
import { createServer } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  account, asOwnerOf, build, directoryFor, freePort, killAll, processes, runningIn, share, spawnRun, stackFor, startStack, top, waitFor,
} from '../support/stack.mjs';

const PARTS = ['palabre-pushd', 'palabre-api', 'nginx'];

/* ./run must refuse: exit 1, nothing left, and one line of complaint. */
async function refuses(args, dir) {
  const run = spawnRun(args);
  run.child.stdout.on('data', () => { if (/ is ready/.test(run.output)) run.child.kill(); });
  const { code } = await run.ended;
  assert.equal(code, 1, run.output);
  assert.deepEqual(runningIn(dir), []);
  const complaints = run.output.split('\n').filter((line) => line !== '' && !/ is up$/.test(line));
  assert.equal(complaints.length, 1, run.output);
  return complaints[0];
}

/* Whatever command, its exit code and what it said; it is told to end when that
 * has `until`. */
function command(file, args, { until, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    const hear = (text) => {
      output += text;
      if (until?.test(output)) child.kill();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('close', (code) => resolve({ code, output }));
  });
}

/* A user who is not root, where this test is. */
const stranger = process.getuid() === 0
  ? ['setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', '--']]
  : ['env', []];

function asStranger(file, args, options) {
  return command(stranger[0], [...stranger[1], file, ...args], options);
}

test('each part is named as it comes up, and the ready line comes last', async (t) => {
  const stack = await stackFor(t);
  const lines = stack.run.output.trim().split('\n');
  assert.deepEqual(lines.slice(0, 3), PARTS.map((part) => `${part} is up`));
  assert.equal(lines.at(-1), `Palabre is ready: http://localhost:${stack.port}/`);
  const health = await stack.api('/api/health');
  assert.equal(health.status, 200);
  assert.equal(health.body.store, 'up');
  await waitFor('pushd is seen', async () => (await stack.api('/api/health')).body.push === 'up');
});

test('keys, configuration and store are for their owner alone', async (t) => {
  const stack = await stackFor(t);
  for (const file of ['token.key', 'palabre.db']) {
    assert.equal(statSync(path.join(stack.dir, file)).mode & 0o777, 0o600, file);
  }
  const { mode } = statSync(path.join(stack.dir, 'palabre.conf'));
  assert.equal(mode & 0o777, account === 'palabre' ? 0o640 : 0o600, 'root lets the programs read it');
});

test('built already, it is ready in under 3 s', {
  skip: process.env.PALABRE_BUILD && 'promised of the build that ships, not of this one',
}, async (t) => {
  const dir = directoryFor(t);
  let took;
  // The first one builds what may be missing.
  for (const turn of ['build', 'measure']) {
    const began = Date.now();
    const run = spawnRun(['--dir', dir, '--port', String(await freePort())],
      { PALABRE_NO_BUILD: '' });
    t.after(() => run.child.kill('SIGKILL'));
    await waitFor(`ready to ${turn}`, () => run.child.exitCode !== null
      || run.output.includes('Palabre is ready'), 300000);
    assert.equal(run.child.exitCode, null, run.output);
    took = Date.now() - began;
    run.child.kill('SIGTERM');
    await run.ended;
  }
  assert.ok(took < 3000 * share(), `${took} ms`);
});

test('settings reach the templates, and the first ones stay', async (t) => {
  const dir = directoryFor(t);
  const port = await freePort();
  const first = await stackFor(t,
    { dir, port, set: { server_name: 'chat.example', nginx_workers: 1 } });
  assert.match(readFileSync(path.join(dir, 'nginx/server.conf'), 'utf8'),
    /server_name chat\.example;/);
  assert.equal(first.workers('nginx').length, 1);
  first.run.child.kill('SIGTERM');
  await first.run.ended;

  const conf = path.join(dir, 'palabre.conf');
  const mine = `${readFileSync(conf, 'utf8')}\n# mine\nlog_level = debug\n`;
  writeFileSync(conf, mine);
  const other = await freePort();
  const second = await stackFor(t, { dir, port: other, set: { nginx_workers: 2 } });
  assert.equal(second.workers('nginx').length, 2);
  assert.equal((await second.api('/api/health')).status, 200);
  assert.match(readFileSync(path.join(dir, 'nginx/server.conf'), 'utf8'),
    /server_name chat\.example;/);
  assert.equal(readFileSync(conf, 'utf8'), mine, 'flags of a later start leave the file alone');
});

test('two copies run side by side, but not in one directory', async (t) => {
  const one = await stackFor(t);
  const two = await stackFor(t);
  for (const stack of [one, two]) {
    assert.equal((await stack.api('/api/health')).status, 200);
  }
  const run = spawnRun(['--dir', one.dir, '--port', String(await freePort())]);
  assert.equal((await run.ended).code, 1);
  assert.match(run.output, /another copy of \.\/run works in /);
  assert.equal((await one.api('/api/health')).status, 200);
  await two.stop();
  assert.equal((await one.api('/api/health')).status, 200);
});

test('a port that is taken is nginx\'s complaint', async (t) => {
  const server = createServer();
  await new Promise((resolve) => { server.listen(0, '0.0.0.0', resolve); });
  t.after(() => server.close());
  const dir = directoryFor(t);
  const line = await refuses(['--dir', dir, '--port', String(server.address().port)], dir);
  assert.match(line, /^palabre: nginx cannot start: bind\(\).*Address already in use/);
});

test('a first start that fails leaves no settings behind', async (t) => {
  const server = createServer();
  await new Promise((resolve) => { server.listen(0, '0.0.0.0', resolve); });
  t.after(() => server.close());
  const dir = directoryFor(t);
  await refuses(['--dir', dir, '--port', String(server.address().port)], dir);
  await stackFor(t, { dir });
  assert.doesNotMatch(readFileSync(path.join(dir, 'palabre.conf'), 'utf8'),
    new RegExp(`^listen = ${server.address().port}$`, 'm'));
});

test('a full disk is named', { skip: !existsSync('/dev/full') }, async (t) => {
  const dir = directoryFor(t);
  symlinkSync('/dev/full', path.join(dir, 'palabre.conf.new'));
  assert.equal(await refuses(['--dir', dir, '--port', String(await freePort())], dir),
    `palabre: ${dir}/palabre.conf cannot be written: No space left on device`);
  mkdirSync(path.join(dir, 'nginx'), { recursive: true });
  symlinkSync('/dev/full', path.join(dir, 'nginx/server.conf.new'));
  assert.equal(await refuses(['--dir', dir, '--port', String(await freePort())], dir),
    `palabre: nginx cannot start: ${dir}/nginx/server.conf: No space left on device`);
});

test('pages that are not there are named', async (t) => {
  const dir = directoryFor(t);
  assert.match(await refuses(['--dir', dir, '--port', String(await freePort()),
    '--set', `html_dir=${dir}/nowhere`], dir), /nginx cannot start: html_dir .*no index\.html/);
});

/* An nginx as a machine may have it, whose workers are nobody. */
function startNginx(t, dir, lines) {
  const conf = path.join(dir, 'nginx.conf');
  const user = process.getuid() === 0 ? 'user nobody nogroup;' : '';
  writeFileSync(conf, `${user} daemon off; pid ${dir}/nginx.pid; error_log ${dir}/error.log;
    events {} http { ${lines} }`);
  const child = spawn('setpriv',
    ['--pdeathsig', 'TERM', 'nginx', '-p', dir, '-e', `${dir}/error.log`, '-c', conf],
    { env: { PATH: `${process.env.PATH}:/usr/sbin` }, stdio: 'ignore', detached: true });
  // Its workers, too, who may be all that is left of it by then.
  t.after(() => killAll(processes().filter(({ group }) => group === child.pid)));
}

/* ./run beside an nginx of the machine's own; {port, run} once it is up. */
async function runBesideNginx(t, listen, lines = '', set = []) {
  const base = directoryFor(t);
  chmodSync(base, 0o755);
  const [dir, shared, other] = ['var', 'shared', 'nginx'].map((name) => path.join(base, name));
  for (const made of [shared, other]) mkdirSync(made);
  writeFileSync(path.join(shared, 'index.html'), 'the page');
  if (process.getuid() === 0) {
    const { output } = await command('id', ['-u', account]);
    chownSync(shared, Number(output), 65534);
  }
  chmodSync(shared, 0o2750);
  const sockets = ['api', 'auth', 'push'].flatMap((name) =>
    ['--set', `${name}_socket=${shared}/${name}.sock`]);
  const port = await freePort();
  const run = spawnRun(['--no-nginx', '--dir', dir, '--set', `listen=${port}${listen}`,
    '--set', `html_dir=${shared}`, ...sockets, ...set]);
  t.after(() => run.child.kill('SIGKILL'));
  await waitFor('ready', () => run.output.includes('Palabre is ready'));
  assert.doesNotMatch(run.output, /nginx is up/);
  const [, include] = run.output.match(/^For http \{\} of your nginx: (include .*;)$/m);
  startNginx(t, other, lines + include);
  return { dir, port, run };
}

test('an nginx that is there already may serve it', async (t) => {
  const { port, run } = await runBesideNginx(t, '');
  const url = `http://127.0.0.1:${port}`;
  const health = await waitFor('nginx', () => fetch(`${url}/api/health`).catch(() => null));
  assert.equal(health.status, 200);
  assert.equal(await (await fetch(url)).text(), 'the page');
  const polled = await fetch(`${url}/socket.io/?EIO=4&transport=polling`);
  assert.match(await polled.text(), /^0\{"sid"/);
  const login = await fetch(`${url}/api/auth/login`, { method: 'POST', body: '{}' });
  assert.equal(login.status, 415, 'answered by a worker of the auth pool');
  run.child.kill('SIGTERM');
  assert.equal((await run.ended).code, 0);
});

test('... over TLS, too', async (t) => {
  const dir = directoryFor(t);
  const pem = path.join(dir, 'both.pem');
  const made = await command('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes',
    '-subj', '/CN=localhost', '-keyout', pem, '-out', `${pem}.crt`]);
  assert.equal(made.code, 0, made.output);
  const { port, run } = await runBesideNginx(t, ' ssl',
    `ssl_certificate ${pem}.crt; ssl_certificate_key ${pem};`);
  assert.match(run.output, new RegExp(`^Palabre is ready: https://localhost:${port}/$`, 'm'));
  const health = (host) => new Promise((resolve) => {
    get({ host, port, path: '/api/health', rejectUnauthorized: false },
      (answer) => resolve(answer.resume())).on('error', () => resolve(null));
  });
  const addresses = ['127.0.0.1', ...existsSync('/proc/net/if_inet6') ? ['::1'] : []];
  for (const address of addresses) {
    const { statusCode, headers } = await waitFor('nginx', () => health(address));
    assert.equal(statusCode, 200, address);
    assert.equal(headers['strict-transport-security'], 'max-age=31536000');
  }
});

/* What server.conf in that directory lets one address have under way. */
const addressLimits = (dir) => Object.fromEntries(
  [...readFileSync(path.join(dir, 'server.conf'), 'utf8').matchAll(/limit_conn palabre_(\w+) (\d+);/g)]
    .map(([, what, count]) => [what, Number(count)]));

test('... where one address takes a share of its connections, which are few', async (t) => {
  const { dir } = await runBesideNginx(t, '');
  assert.deepEqual(addressLimits(path.join(dir, 'nginx')), { requests: 48, polls: 153 });
  const more = await runBesideNginx(t, '', '', ['--set', 'nginx_connections=33024']);
  assert.deepEqual(addressLimits(path.join(more.dir, 'nginx')), { requests: 1000, polls: 6604 });
});

test('... also one beside the packages', async (t) => {
  const dir = directoryFor(t);
  const { code, output } = await command(path.join(build, 'fcgi-app/palabre-api'),
    ['--config', path.join(top, 'debian/palabre.conf'), '--set', `dir=${dir}`, '--set', `log_dir=${dir}`,
      'nginx-config', '--output', dir]);
  assert.equal(code, 0, output);
  assert.deepEqual(addressLimits(dir), { requests: 48, polls: 153 });
});

test('an IPv6 network counts as one address, however it is written', async (t) => {
  const { port } = await runBesideNginx(t, '',
    'set_real_ip_from 127.0.0.1; real_ip_header X-Address;', ['--set', 'auth_rate=1', '--set', 'auth_burst=1']);
  const login = async (address) => (await fetch(`http://127.0.0.1:${port}/api/auth/login`,
    { method: 'POST', body: '{}', headers: { 'X-Address': address } }).catch(() => ({}))).status;
  await waitFor('nginx', async () => await login('192.0.2.1') === 415);
  /* Two are let through at once and the third is not, unless it comes late. */
  const isLimited = async (addresses) => {
    for (let tries = 0; tries < 10; tries += 1) {
      if (String((await Promise.all(addresses.map(login))).sort()) === '415,415,429') return true;
      await sleep(2500);
    }
    return false;
  };

  for (const [first, second, third, other] of [
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::7', '2001:db8:1:2:ffff::', '2001:db8:1:3::7'],
    ['2001:db8:1::1', '2001:db8:1::2:3', '2001:db8:1:0::ffff', '2001:db8:2::1'],
    ['2001:0:0:9:1:2:3:4', '2001:0:0:9:ffff:2:3:4', '2001::9:5:6:7:8', '2001:0:0:8:1:2:3:4'],
    ['2001:db8::1', '2001:db8::2', '2001:db8::3:4', '2001:db9::1'],
  ]) {
    assert.ok(await isLimited([first, second, third]), first);
    assert.equal(await login(other), 415, other);
  }
  const each = [];
  for (const address of ['::1', '::2', '192.0.2.2', '192.0.2.3']) each.push(await login(address));
  assert.deepEqual(each, [415, 415, 415, 415]);
  for (const address of ['::1', '192.0.2.2']) {
    assert.ok(await isLimited([address, address, address]), address);
  }
});

test('a directory that cannot be used is named', async (t) => {
  const dir = directoryFor(t);
  const file = path.join(dir, 'file');
  writeFileSync(file, '');
  assert.match(await refuses(['--dir', file], dir), /the directory cannot be used: .*file/);
  assert.match(await refuses(['--dir', path.join(file, 'below')], dir),
    /the directory cannot be used: .*file/);
});

test('a store that cannot be made is palabre-api\'s complaint', async (t) => {
  const dir = directoryFor(t);
  mkdirSync(path.join(dir, 'palabre.db'));
  const port = String(await freePort());
  const line = await refuses(['--dir', dir, '--port', port], dir);
  assert.match(line, /^palabre: palabre-api cannot start: .*palabre\.db/);
});

test('a bad key or value in the configuration is named with its line', async (t) => {
  const dir = directoryFor(t);
  const port = String(await freePort());
  const conf = path.join(dir, 'palabre.conf');
  writeFileSync(conf, '# mine\n\ncolour = blue\n');
  assert.equal(await refuses(['--dir', dir, '--port', port], dir),
    `palabre: palabre-api cannot start: ${conf}:3: unknown key "colour"`);
  writeFileSync(conf, 'api_workers = many\n');
  assert.match(await refuses(['--dir', dir, '--port', port], dir), /palabre\.conf:1: .*api_workers/);
  rmSync(conf);
  assert.match(await refuses(['--dir', dir, '--port', port, '--set', 'colour=blue'], dir),
    /unknown key "colour"/);
  for (const origin of ['https://a.example/', '*', 'https://bücher.example', 'a.example', 'https://']) {
    const line = await refuses(['--dir', dir, '--port', port,
      '--set', `allowed_origins=https://b.example:8443 ${origin}`], dir);
    assert.ok(line.includes(`allowed_origins: ${origin} is no origin`), line);
  }
  for (const network of ['proxy.example', '10.0.0.1;', 'all']) {
    const line = await refuses(['--dir', dir, '--port', port, '--set', `real_ip_from=10.0.0.0/8 ${network}`], dir);
    assert.ok(line.includes(`real_ip_from: ${network} is no network`), line);
  }
  for (const base of ['', 'chat/', '/chat', '//', '/../', '/a b/', '/api/', '/palabre-files/', '/a;/']) {
    const line = await refuses(['--dir', dir, '--port', port, '--set', `base_path=${base}`], dir);
    assert.ok(line.includes(`base_path: ${base} is no path of directories`), line);
  }
  for (const contact of ['a'.repeat(201), 'two\u2028lines', 'turned\u202e']) {
    const line = await refuses(['--dir', dir, '--port', port, '--set', `contact=${contact}`], dir);
    assert.match(line, /contact: at most 200 characters of UTF-8, in one line/);
  }
});

test('a flag that is none, or has no value, is named', async (t) => {
  const dir = directoryFor(t);
  assert.match(await refuses(['--prot', '1'], dir), /"--prot"/);
  assert.match(await refuses(['--port'], dir), /--port: a value is missing/);
  assert.match(await refuses(['--port', '70000'], dir), /--port 70000: not a port/);
  assert.match(await refuses(['--set', 'colour'], dir), /--set colour: expected key=value/);
});

test('a store of a newer version is refused in one line', async (t) => {
  const dir = directoryFor(t);
  const first = await startStack({ dir });
  first.run.child.kill('SIGTERM');
  await first.run.ended;
  const store = path.join(dir, 'palabre.db');
  const [python, ...words] = asOwnerOf(store, ['python3', '-c',
    'import sqlite3,sys; sqlite3.connect(sys.argv[1]).execute("PRAGMA user_version = 1000")', store]);
  const made = await command(python, words);
  assert.equal(made.code, 0, made.output);
  const line = await refuses(['--dir', dir, '--port', String(await freePort())], dir);
  assert.match(line, /^palabre: palabre-api cannot start: .*newer Palabre.*1000/);
});

test('a part that dies is started again, with its orphans out of the way', async (t) => {
  const stack = await stackFor(t);
  for (const part of PARTS) {
    const before = stack.pid(part);
    const orphans = stack.workers(part);
    process.kill(before, 'SIGKILL');
    await waitFor(`${part} is back`, async () => stack.pid(part) !== before
      && (await stack.api('/api/health').catch(() => ({}))).status === 200);
    const alive = processes().filter(({ pid }) => orphans.includes(pid));
    assert.deepEqual(alive, [], `workers of the ${part} that died`);
    assert.match(stack.run.output, new RegExp(`^${part} ended, starting it again$`, 'm'));
  }
  await stack.stop();
});

test('a worker that dies is replaced', async (t) => {
  const stack = await stackFor(t, { set: { api_workers: 1 } });
  const [worker] = stack.workers('palabre-api');
  process.kill(worker, 'SIGKILL');
  await waitFor('a new worker', () => {
    const workers = stack.workers('palabre-api');
    return workers.length === 5 && !workers.includes(worker);
  });
  assert.equal((await stack.api('/api/health')).status, 200);
});

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  test(`${signal} stops everything within 5 s and leaves nothing`, async (t) => {
    const stack = await stackFor(t);
    const anna = await stack.register('anna');
    await anna.connect();
    const began = Date.now();
    stack.run.child.kill(signal);
    const { code } = await stack.run.ended;
    assert.ok(Date.now() - began < 5000 * share());
    assert.equal(code, 0);
    assert.deepEqual(stack.leftovers(), []);
  });
}

test('parts that hang are ended all the same', async (t) => {
  const stack = await stackFor(t);
  for (const part of PARTS) process.kill(stack.pid(part), 'SIGSTOP');
  for (const worker of stack.workers('palabre-api')) process.kill(worker, 'SIGSTOP');
  const began = Date.now();
  stack.run.child.kill('SIGTERM');
  await stack.run.ended;
  assert.ok(Date.now() - began < 5000 * share());
  assert.deepEqual(stack.leftovers(), []);
});

test('when ./run itself is killed its parts end, and the next start works', async (t) => {
  const dir = directoryFor(t);
  const port = await freePort();
  const first = await startStack({ dir, port });
  first.run.child.kill('SIGKILL');
  await waitFor('the parts end', () => first.leftovers().length === 0);
  const second = await stackFor(t, { dir, port });
  assert.equal((await second.api('/api/health')).status, 200);
});

test('blanks and great length in the directory\'s path do no harm', async (t) => {
  const base = directoryFor(t);
  const blanks = await stackFor(t, { dir: path.join(base, 'a directory; of {mine}') });
  assert.equal((await blanks.api('/')).status, 200);
  await blanks.register('anna');
  const long = await stackFor(t, { dir: path.join(base, 'x'.repeat(100)) });
  await long.register('anna');
  const [, sockets] = long.run.output.match(/too long for sockets: they are in (.*)$/m);
  await long.stop();
  assert.throws(() => statSync(sockets), { code: 'ENOENT' });
});

test('without root it says which packages are needed', async (t) => {
  const tree = mkdtempSync('/tmp/palabre-tools-');
  t.after(() => rmSync(tree, { recursive: true, force: true }));
  chmodSync(tree, 0o755);
  mkdirSync(path.join(tree, 'tools'));
  cpSync(path.join(top, 'tools/install'), path.join(tree, 'tools/install'));
  writeFileSync(path.join(tree, 'tools/packages'),
    'runtime palabre-is-no-package\nruntime dpkg\ntest palabre-neither\n');
  const { code, output } = await asStranger(path.join(tree, 'tools/install'), ['runtime']);
  assert.equal(code, 1);
  assert.match(output, /apt-get install .* palabre-is-no-package$/m);
  assert.doesNotMatch(output, /dpkg|neither/);
});

test('an ordinary user may run it', async (t) => {
  const readable = await asStranger('test', ['-x', path.join(build, 'fcgi-app/palabre-api')]);
  if (readable.code !== 0) {
    t.skip('the tree is closed to other users');
    return;
  }
  const dir = mkdtempSync('/tmp/palabre-other-');
  t.after(() => {
    killAll(runningIn(dir));
    rmSync(dir, { recursive: true, force: true });
  });
  if (process.getuid() === 0) chownSync(dir, 65534, 65534);
  const port = await freePort();
  const { output } = await asStranger(path.join(top, 'run'), ['--dir', dir, '--port', String(port)], {
    until: /^Palabre is ready/m,
    timeout: 60000,
    // The search path that Debian gives to ordinary users.
    env: {
      ...process.env, PALABRE_NO_BUILD: '1', PALABRE_BUILD: build, TMPDIR: '/tmp',
      PATH: '/usr/local/bin:/usr/bin:/bin',
    },
  });
  assert.match(output, /^Palabre is ready/m);
  assert.deepEqual(runningIn(dir), []);
});

test('with a certificate of its own it serves TLS, without another nginx', async (t) => {
  const dir = directoryFor(t);
  const pem = path.join(dir, '..', `${path.basename(dir)}.pem`);
  t.after(() => [pem, `${pem}.crt`].forEach((file) => rmSync(file, { force: true })));
  const made = await command('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes',
    '-subj', '/CN=localhost', '-keyout', pem, '-out', `${pem}.crt`]);
  assert.equal(made.code, 0, made.output);
  const port = await freePort();
  const run = spawnRun(['--dir', dir, '--set', `listen=${port} ssl`,
    '--set', `tls_certificate=${pem}.crt`, '--set', `tls_key=${pem}`]);
  t.after(() => run.child.kill('SIGKILL'));
  await waitFor('ready', () => run.child.exitCode !== null || run.output.includes('Palabre is ready'), 15000);
  assert.match(run.output, new RegExp(`^Palabre is ready: https://localhost:${port}/$`, 'm'));
  const { statusCode } = await new Promise((resolve, reject) => {
    get({ port, path: '/api/health', rejectUnauthorized: false }, (answer) => resolve(answer.resume()))
      .on('error', reject);
  });
  assert.equal(statusCode, 200);
  run.child.kill('SIGTERM');
  assert.equal((await run.ended).code, 0);
});
