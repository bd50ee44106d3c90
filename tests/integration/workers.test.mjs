// palabre-api's processes: replaced, respawned and stopped without losing a
// request.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertError } from '../support/http.mjs';
import { call } from '../support/socket.mjs';
import {
  build, processes, share, startStack, temporaryDirectory, waitFor,
} from '../support/stack.mjs';

const api = path.join(build, 'fcgi-app', 'palabre-api');
let stack, ann;

before(async () => {
  stack = await startStack({ set: { api_workers: 3 } });
  ann = await stack.register('ann');
});
after(() => stack.stop());

/* Requests all the while; {statuses: {200: n, ...}} */
async function under(load) {
  const statuses = {};
  let over = false;
  const client = async () => {
    while (!over) {
      const { status } = await ann.api('/api/users/me');
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  const clients = Array.from({ length: 8 }, client);
  try {
    await load();
  } finally {
    over = true;
    await Promise.all(clients);
  }
  return statuses;
}

test('SIGHUP replaces every worker and no request notices', async () => {
  await waitFor('all are there', () => stack.workers('palabre-api').length === 3 + 2 + 2 && stack.keeper());
  const before_ = new Set(stack.workers('palabre-api'));
  const keeper = stack.keeper();
  assert.equal(before_.size, 3 + 2 + 2);
  const statuses = await under(async () => {
    await stack.signal('palabre-api', 'SIGHUP');
    await waitFor('all are new', () => {
      const now = stack.workers('palabre-api');
      return now.length === before_.size && now.every((pid) => !before_.has(pid))
        && ![undefined, keeper].includes(stack.keeper());
    });
  });
  assert.deepEqual(Object.keys(statuses), ['200']);
});

test('what keeps house is back when it was killed, and replaced with the rest', async () => {
  const first = stack.keeper();
  process.kill(first, 'SIGKILL');
  const second = await waitFor('another one', () => stack.keeper() !== first && stack.keeper());
  await stack.signal('palabre-api', 'SIGHUP');
  await waitFor('a third one', () => ![undefined, first, second].includes(stack.keeper()));
});

/* No commit does; so somebody has to. */
test('what is written is copied from the log of the store to its file', async () => {
  const file = path.join(stack.dir, 'palabre.db');
  const before_ = statSync(file).mtimeMs;
  await stack.register('copied');
  await waitFor('it is in the file', () => statSync(file).mtimeMs > before_);
});

test('a worker that hangs keeps no other from being replaced', async () => {
  const before_ = stack.workers('palabre-api');
  process.kill(before_[0], 'SIGSTOP');
  await stack.signal('palabre-api', 'SIGHUP');
  await waitFor('all are new', () => {
    const now = stack.workers('palabre-api');
    return now.length === before_.length && now.every((pid) => !before_.includes(pid));
  });
  assert.match(stack.log('palabre-api'),
    new RegExp(`warning .*worker ${before_[0]} does not leave: killing it$`, 'm'));
});

/* The rt workers are the last two. What was given to the one that hangs, before
 * anybody could know, is all that is in doubt. */
test('an rt worker that hangs makes one message doubtful and no other late', async () => {
  const people = await Promise.all(Array.from({ length: 12 }, (_, i) => stack.register(`hung${i}`)));
  const sockets = await Promise.all(people.map((one) => one.connect()));
  const hung = stack.workers('palabre-api').sort((a, b) => a - b).at(-1);
  process.kill(hung, 'SIGSTOP');
  try {
    const answers = [];
    for (const [i, socket] of sockets.entries()) {
      const before_ = Date.now();
      answers.push(call(socket, 'send-message',
        { to: people[(i + 1) % 12].id, content: 'x', clientId: 'once' })
        .then((answer) => ({ ...answer, ms: Date.now() - before_ })));
      await sleep(40);
    }
    const bad = (await Promise.all(answers)).filter(({ ok, ms }) => !ok || ms > 2000 * share());
    assert.ok(bad.length <= 1, JSON.stringify(bad));
    for (const { error } of bad) assert.equal(error.code, 'outcome_unknown');
    // ... and it is safe to send it again.
    const again = await Promise.all(sockets.map((socket, i) => call(socket, 'send-message',
      { to: people[(i + 1) % 12].id, content: 'x', clientId: 'once' })));
    assert.ok(again.every(({ ok }) => ok), JSON.stringify(again));
  } finally {
    process.kill(hung, 'SIGCONT');
    for (const socket of sockets) socket.disconnect();
  }
});

/* SIGHUP, and what the supervisor logs when it has looked at the settings. */
async function reload(word) {
  const before_ = stack.log('palabre-api').length;
  await stack.signal('palabre-api', 'SIGHUP');
  await waitFor(word, () => stack.log('palabre-api').slice(before_).includes(word));
}

test('a key file that is wrong or gone replaces nobody, and none is made', async () => {
  const before_ = stack.workers('palabre-api');
  const keys = path.join(stack.dir, 'token.key');
  chmodSync(keys, 0o644);
  await reload('others may read it: chmod 600 it: going on with the settings of before');
  chmodSync(keys, 0o600);
  renameSync(keys, `${keys}.away`);
  await reload('token.key: No such file or directory: going on with the settings of before');
  renameSync(`${keys}.away`, keys);
  assert.deepEqual(stack.workers('palabre-api'), before_);
  assert.equal((await ann.api('/api/users/me')).status, 200);
});

test('a new key signs, and tokens of the old one hold on', async () => {
  const keys = path.join(stack.dir, 'token.key');
  const secret = randomBytes(32).toString('base64');
  writeFileSync(keys, `new ${secret}\n${readFileSync(keys, 'utf8')}`);
  const before_ = stack.workers('palabre-api');
  await reload('settings read again');
  await waitFor('all are new', () => {
    const now = stack.workers('palabre-api');
    return now.length === before_.length && now.every((pid) => !before_.includes(pid));
  });
  assert.equal((await ann.api('/api/users/me')).status, 200);
  const again = await stack.login('ann');
  const header = JSON.parse(Buffer.from(again.token.split('.')[0], 'base64url').toString());
  assert.equal(header.kid, 'new');
  assert.equal((await again.api('/api/users/me')).status, 200);
});

test('a killed worker is back at once, and costs its own request at most', async () => {
  const [victim] = stack.workers('palabre-api');
  const statuses = await under(async () => {
    await sleep(200);
    process.kill(victim, 'SIGKILL');
    await waitFor('another one', () => {
      const now = stack.workers('palabre-api');
      return now.length === 7 && !now.includes(victim);
    }, 1000 * share());
    await sleep(200);
  });
  const lost = Object.entries(statuses).filter(([status]) => status !== '200');
  assert.ok(lost.reduce((sum, [, count]) => sum + count, 0) <= 1, JSON.stringify(statuses));
});

/* Of what only reads there is none: it is just not answered. */
test('of a write that its worker died over nobody knows the outcome', async (t) => {
  const own = await startStack({ env: { PALABRE_TEST_KILL: 'before-answer:@6' } });
  t.after(() => own.stop());
  const [eve, fay] = [await own.register('eve'), await own.register('fay')];
  const send = (clientId) => eve.api('/api/messages', { body: { recipient_id: fay.id, content: 'x', clientId } });
  /* The first answer that there is not. */
  async function died(ask) {
    for (let i = 0; i < 100; i += 1) {
      const answer = await ask(`${i}`);
      if (answer.status >= 500) return { answer, clientId: `${i}` };
    }
    return assert.fail('no worker died');
  }
  const { answer, clientId } = await died(send);
  assertError(answer, 503, 'outcome_unknown');
  const again = await waitFor('it may be sent again', async () => {
    const { status } = await send(clientId);
    return status < 300 && status;
  });
  assert.equal(again, 200, 'it was done');
  assertError((await died(() => eve.api('/api/users/me'))).answer, 503, 'unavailable');
  assertError((await died(() => eve.api('/api/sync', { body: {} }))).answer, 503, 'unavailable');
});

test('workers end with their supervisor', async () => {
  const supervisor = stack.pid('palabre-api');
  const workers = stack.workers('palabre-api');
  process.kill(supervisor, 'SIGKILL');
  await waitFor('nobody is left', () =>
    processes().every(({ pid }) => !workers.includes(pid)), 2000 * share());
  await waitFor('./run starts it again', async () =>
    (await stack.api('/api/health')).status === 200);
});

test('a worker that cannot live is tried again ever later', async () => {
  const key = path.join(stack.dir, 'token.key');
  await waitFor('all are there', () => stack.workers('palabre-api').length === 7);
  const supervisor = stack.pid('palabre-api');
  const [victim] = stack.workers('palabre-api');
  const deaths = () => stack.log('palabre-api').split('ended with status 1').length - 1;
  chmodSync(key, 0o644); // refused: others may read it
  process.kill(victim, 'SIGKILL');
  await waitFor('it dies', () => deaths() > 0);
  await sleep(1500);
  /* 0, 100, 300, 700, 1500 ms */
  assert.ok(deaths() <= 6, `${deaths()}`);
  await waitFor('it dies again', () => deaths() >= 3);
  assert.equal((await ann.api('/api/users/me')).status, 200, 'the others serve');
  chmodSync(key, 0o600);
  await waitFor('all are back', () => stack.workers('palabre-api').length === 7);
  assert.equal(stack.pid('palabre-api'), supervisor);
});

test('while all workers die as they start, who asks is told so at once', async () => {
  const key = path.join(stack.dir, 'token.key');
  const socket = await ann.connect();
  chmodSync(key, 0o644); // refused: others may read it
  try {
    stack.killWorkers('palabre-api');
    const signIn = () => stack.api('/api/auth/login', { body: { username: 'ann', password: 'x' } });
    /* Who came in between may have been taken by one that dies. */
    for (const ask of [() => stack.api('/api/health'), signIn]) {
      await waitFor('nobody serves', async () => (await ask()).body?.error?.code === 'unavailable');
    }
    for (let i = 0; i < 30; i += 1) {
      const began = Date.now();
      const answers = await Promise.all([stack.api('/api/health'), ann.api('/api/users/me'),
        ann.api('/api/messages', { body: { recipient_id: ann.id, content: 'x' } }),
        signIn()]);
      assert.ok(Date.now() - began < 1000 * share(), `${Date.now() - began} ms`);
      for (const answer of answers) assertError(answer, 503, 'unavailable');
      await sleep(100);
    }
    const answer = await call(socket, 'send-message', { to: ann.id, content: 'x' });
    assert.equal(answer.error.code, 'unavailable');
  } finally {
    chmodSync(key, 0o600);
    socket.disconnect();
  }
  await waitFor('all are back', () => stack.workers('palabre-api').length === 7);
  assert.equal((await ann.api('/api/users/me')).status, 200);
});

/* Those of all three pools, and one that nobody asks anything. */
test('workers that have not moved for 10 s are replaced, each in one line of the log', async () => {
  const before_ = stack.workers('palabre-api').sort((a, b) => a - b);
  const frozen = [before_[0], before_[3], before_.at(-1)];
  const logged = stack.log('palabre-api').length;
  const began = Date.now();
  for (const pid of frozen) process.kill(pid, 'SIGSTOP');
  await waitFor('others', () => {
    const now = stack.workers('palabre-api');
    return now.length === before_.length && frozen.every((pid) => !now.includes(pid));
  }, 12000 + 2000 * share());
  assert.ok(Date.now() - began >= 9000, `${Date.now() - began} ms`);
  const lines = stack.log('palabre-api').slice(logged).split('\n');
  for (const pid of frozen) {
    const about = lines.filter((line) => line.includes(` ${pid} `));
    assert.equal(about.length, 1, about.join('\n'));
    assert.match(about[0], /warning .* (api|auth|rt) worker \d+ has not moved for 10 s: replacing it$/);
  }
  assert.ok(before_.filter((pid) => !frozen.includes(pid)).every((pid) =>
    stack.workers('palabre-api').includes(pid)), 'who waits for work is not stuck');
});

test('all of them frozen, the service comes back by itself', async () => {
  const all = stack.workers('palabre-api');
  for (const pid of all) process.kill(pid, 'SIGSTOP');
  await waitFor('an answer', async () => (await ann.api('/api/users/me')).status === 200, 30000);
  await waitFor('all are new', () => stack.workers('palabre-api').every((pid) => !all.includes(pid)));
});

/* palabre-api on its own: {code, stderr} */
function start(dir, ...settings) {
  return new Promise((resolve) => {
    const args = [`dir=${dir}`, ...settings].flatMap((pair) => ['--set', pair]);
    execFile(api, args, { timeout: 60000 }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stderr }));
  });
}

test('what keeps it from starting is said in one line', async (t) => {
  const dir = temporaryDirectory();
  const bad = path.join(dir, 'bad');
  t.after(() => processes().filter(({ command }) => command.includes(`dir=${dir}`))
    .forEach(({ pid }) => process.kill(pid)));
  writeFileSync(bad, 'nonsense\n', { mode: 0o600 });
  mkdirSync(path.join(dir, 'run'));
  for (const [settings, says] of [
    [[`api_socket=${dir}/no/such/api.sock`], /^palabre-api: socket directory .*No such file/],
    [[`api_socket=${bad}`], /^palabre-api: .*bad: exists and is no socket$/m],
    [[`key_file=${bad}`], /^palabre-api: key file .*bad: line 1: expected a key id/],
    [[`key_file=${dir}/no/key`], /^palabre-api: key file .*No such file/],
    [['store=oracle:x'], /^palabre-api: store oracle:x: /],
    [[`store=sqlite:${bad}`], /^palabre-api: store .*bad: /],
    [['api_workers=0'], /^palabre: .*api_workers/],
    [[`api_socket=${stack.socketPath('api')}`], /another palabre-api \(pid \d+\) serves it/],
  ]) {
    const { code, stderr } = await start(dir, ...settings);
    assert.equal(code, 1, `${settings}: ${stderr}`);
    assert.match(stderr, says);
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  }
});
