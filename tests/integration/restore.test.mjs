// Copies of the store: made while everybody writes, and put back. What clients
// saw since then is no more, and they are told to load anew, whoever put a copy
// back and however.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { age, awaitSweep, contract } from '../support/files.mjs';
import { asOwnerOf, share, startStack, temporaryDirectory, waitFor } from '../support/stack.mjs';

const MIB = 1024 * 1024;
const dir = temporaryDirectory();
const store = path.join(dir, 'palabre.db');
const folder = temporaryDirectory(); // for copies
const copy = (name) => path.join(folder, name);
let stack;
let people;

/* SQL on a file, as who owns it. */
function sqlite(file, sql) {
  const [program, ...args] = asOwnerOf(file, ['python3', '-c', `import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as db: print(db.execute(sys.argv[2]).fetchall())
db.close()`, file, sql]);
  return execFileSync(program, args, { encoding: 'utf8' });
}

async function start() {
  stack = await startStack({ dir });
}

async function stop() {
  stack.run.child.kill('SIGTERM');
  await stack.run.ended;
}

async function restart(meanwhile) {
  await stop();
  await meanwhile();
  await start();
}

const person = (n) => stack.person(people[n]);

async function say(content) {
  const { status, body } = await person(0).api('/api/messages',
    { body: { recipient_id: people[1].user._id, content } });
  assert.equal(status, 201);
  return body;
}

const sync = async (body = {}) => (await person(1).api('/api/sync', { body })).body;
const epoch = async () => (await sync()).epoch;
const texts = async () => (await person(1).api(`/api/messages/conversation?with=${people[0].user._id}`))
  .body.items.map(({ content }) => content);

async function backup(name) {
  const { code, stdout, stderr } = await stack.ctl('backup', copy(name));
  assert.deepEqual([code, stderr], [0, ''], stderr);
  assert.match(stdout, /: a copy of the store, \d+\.\d MiB\n$/);
  return copy(name);
}

before(async () => {
  await start();
  people = [await stack.register('ann'), await stack.register('bob')].map(({ token, user }) => ({ token, user }));
});
after(async () => {
  await stack.stop();
  for (const place of [dir, folder]) rmSync(place, { recursive: true, force: true });
});

test('after going back to a copy every client loads anew', async () => {
  await say('kept');
  const kept = await backup('first');
  assert.equal(statSync(kept).mode & 0o777, 0o600);
  const { conversationId, seq } = await say('lost');
  const known = { epoch: await epoch(), conversations: { [conversationId]: { seq, change: 0 } } };

  let said;
  await restart(async () => { said = await stack.ctl('restore', kept); });
  assert.deepEqual([said.code, said.stderr], [0, '1 conversations checked, 0 problems\n']);
  const [, replaced] = said.stdout.match(/^.*first: is the store now; what it was is (.*)\n$/);
  assert.match(sqlite(replaced, 'SELECT content FROM message'), /lost/);

  // As many as there were: by its numbers nothing is amiss.
  assert.equal((await say('instead')).seq, seq);
  const { epoch: next, reset, messages } = await sync(known);
  assert.deepEqual([reset, messages], [[conversationId], []]);
  assert.deepEqual((await sync({ ...known, epoch: next })).reset, [], 'which then stays');
  assert.deepEqual(await texts(), ['kept', 'instead']);
});

test('what was sent after the copy is there again with what the store was before', async () => {
  const swept = async (meanwhile) => {
    let done;
    await restart(async () => {
      await meanwhile();
      done = awaitSweep(dir);
    });
    await done();
  };
  const taken = await backup('without-file');
  const { body, name } = contract();
  const file = (await person(0).api('/api/files', { body, headers: { 'Content-Type': 'text/plain' } })).body;
  await person(0).api('/api/messages', { body: { recipient_id: people[1].user._id, attachment: file._id } });
  age(dir, name);

  let replaced;
  const get = () => person(1).api(`/api/files/${file._id}`);
  await swept(async () => { [, replaced] = (await stack.ctl('restore', taken)).stdout.match(/it was is (.*)\n$/); });
  assert.equal((await get()).status, 404);
  await swept(() => renameSync(replaced, store));
  assert.equal((await get()).text, body);
});

test('an epoch lasts as long as the store is the same, however it was ended', async () => {
  const first = await epoch();
  await restart(() => {});
  assert.equal(await epoch(), first);
  const killed = stack.pid('palabre-api');
  process.kill(killed, 'SIGKILL');
  await waitFor('it is back', async () => ![killed, undefined].includes(stack.pid('palabre-api'))
    && (await stack.api('/api/health').catch(() => ({}))).status === 200);
  assert.equal(await epoch(), first);
});

for (const [how, put] of [
  ['copied over the store', (from) => copyFileSync(from, store)],
  ['moved to its place', (from) => renameSync(from, store)],
  ['put there after the store was removed', (from) => { rmSync(store); copyFileSync(from, store); }],
]) {
  for (const [what, take] of [
    ['of palabrectl\'s', (name) => backup(name)],
    ['of another program\'s', (name) => {
      sqlite(store, `VACUUM INTO '${path.join(dir, name)}'`);
      renameSync(path.join(dir, name), copy(name));
      return copy(name);
    }],
  ]) {
    test(`a copy ${what}, ${how} by hand, is found at start`, async () => {
      const taken = await take(`by-hand-${how.length}${what.length}`);
      const first = await epoch();
      await restart(() => {
        put(taken);
        for (const end of ['-wal', '-shm']) rmSync(store + end, { force: true });
      });
      const second = await epoch();
      assert.notEqual(second, first);
      await restart(() => {});
      assert.equal(await epoch(), second, 'once');
    });
  }
}

test('a copy is refused while palabre-api runs', async () => {
  const taken = await backup('refused');
  const files = readdirSync(dir);
  const said = await stack.ctl('restore', taken);
  assert.deepEqual([said.code, said.stdout], [1, '']);
  assert.equal(said.stderr, `palabre-api (process ${stack.pid('palabre-api')}) runs: stop it first\n`);
  assert.deepEqual(readdirSync(dir), files);
  await say('it goes on');
});

test('... and while anything else has the store open', async () => {
  const taken = copy('refused');
  await restart(async () => {
    const [program, ...args] = asOwnerOf(store, ['python3', '-c', `import sqlite3, sys
db = sqlite3.connect(sys.argv[1]); db.execute("SELECT * FROM meta").fetchall(); print("open", flush=True)
sys.stdin.read()`, store]);
    const other = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(other.stdout, 'data');
    const said = await stack.ctl('restore', taken);
    other.stdin.end();
    await once(other, 'exit');
    assert.deepEqual([said.code, said.stderr], [1, `${store} is in use: stop palabre-api first\n`]);
  });
  assert.ok((await texts()).includes('it goes on'));
});

for (const [what, spoil, complaint] of [
  ['with a hole', (file) => sqlite(file, 'DELETE FROM message WHERE content = \'kept\''), / is not as it should be\n$/],
  ['cut short', (file) => writeFileSync(file, readFileSync(file).subarray(0, 20000)), /malformed|is not a database/],
  ['that is none', (file) => writeFileSync(file, 'x'.repeat(8192)), /not a database/],
  ['of another program', (file) => { rmSync(file); writeFileSync(file, ''); sqlite(file, 'CREATE TABLE x (y)'); },
    /is not a Palabre database/],
  ['of a newer version', (file) => sqlite(file, 'PRAGMA user_version = 1000'), /newer Palabre/],
  ['that is not there', (file) => rmSync(file), /No such file/],
]) {
  test(`a backup ${what} is refused, and all is as it was`, async () => {
    const taken = copy('spoilt');
    copyFileSync(copy('refused'), taken);
    spoil(taken);
    const first = await epoch();
    await restart(async () => {
      const files = readdirSync(dir);
      const said = await stack.ctl('restore', taken);
      assert.deepEqual([said.code, said.stdout], [1, '']);
      assert.match(said.stderr, complaint);
      assert.deepEqual(readdirSync(dir), files);
    });
    assert.equal(await epoch(), first);
    assert.ok((await texts()).includes('it goes on'));
  });
}

test('a store that is broken can be replaced', async () => {
  await restart(async () => {
    writeFileSync(store, 'x'.repeat(20000));
    const said = await stack.ctl('restore', copy('refused'));
    assert.equal(said.code, 0, said.stderr);
  });
  assert.ok((await texts()).includes('kept'));
});

test('a file that is there is not written over, not even the store', async () => {
  for (const file of [copy('refused'), store]) {
    const size = statSync(file).size;
    const said = await stack.ctl('backup', file);
    assert.deepEqual([said.code, said.stderr], [1, `${file} is there already\n`]);
    assert.equal(statSync(file).size, size);
  }
  const nowhere = await stack.ctl('backup', path.join(folder, 'no', 'such'));
  assert.deepEqual([nowhere.code, nowhere.stderr],
    [1, `${path.join(folder, 'no', 'such.part')}: No such file or directory\n`]);
});

test('root\'s own folder will do, for a copy and back', { skip: process.getuid() !== 0 }, async () => {
  const closed = copy('closed');
  mkdirSync(closed, { mode: 0o700 });
  const taken = await backup('closed/copy');
  assert.equal(statSync(taken).uid, 0);
  const { uid } = statSync(store);
  await restart(async () => {
    const said = await stack.ctl('restore', taken);
    assert.equal(said.code, 0, said.stderr);
    assert.equal(statSync(store).uid, uid);
  });
  assert.ok((await texts()).includes('kept'));
});

/* The store with so many MiB more in it. */
const fill = (mib) => sqlite(store, `INSERT INTO meta VALUES ('filler', hex(zeroblob(${(mib / 2) * MIB})))`);

test('it ends while everybody writes, and holds what was acknowledged before', async () => {
  fill(100);
  let writing = true;
  const waits = [];
  const write = async (n) => {
    for (let i = 0; writing; i += 1) {
      const began = performance.now();
      await say(`${n}.${i}`);
      waits.push(performance.now() - began);
    }
  };
  const writers = [0, 1, 2, 3].map(write);
  await waitFor('they write', () => waits.length > 20);
  const acknowledged = waits.length;
  const taken = await backup('busy').finally(() => { writing = false; });
  const during = waits.slice(acknowledged);
  await Promise.all(writers);

  assert.ok(during.length > 5, `${during.length} were written meanwhile`);
  assert.ok(Math.max(...during) < 2000 * share(), `one waited ${Math.max(...during)} ms`);
  const verified = await stack.ctl('--set', `store=sqlite:${taken}`, 'verify');
  assert.deepEqual([verified.code, verified.stdout], [0, '1 conversations checked, 0 problems\n']);
  const held = Number(sqlite(taken, 'SELECT count(*) FROM message WHERE content LIKE \'%.%\'').replace(/\D/g, ''));
  assert.ok(held >= acknowledged, `${held} of ${acknowledged}`);
});

test('an index of words that is damaged is told of, and no copy is refused for it', async () => {
  const taken = await backup('words');
  sqlite(taken, 'DELETE FROM search_data');
  const verify = (...words) => stack.ctl('--set', `store=sqlite:${taken}`, 'verify', ...words);
  const said = await verify();
  assert.equal(said.code, 0);
  assert.match(said.stdout, /^the index of words in .*words is damaged: .*\n\d+ conversations checked, 0 problems\n$/);
  const { notice, problems } = JSON.parse((await verify('--json')).stdout);
  assert.deepEqual([notice, problems], [said.stdout.split('\n')[0], []]);
});

/* A copy under way: {child, ended}. It may also just have been done. */
async function beginBackup(name) {
  const [program, ...args] = stack.ctlCommand('backup', copy(name));
  const child = spawn(program, args, { stdio: 'ignore' });
  const ended = once(child, 'exit');
  await waitFor('it has begun', () => existsSync(copy(`${name}.part`)) || existsSync(copy(name)));
  return { child, ended };
}

/* Until meddle(name) says that it came before the copy was done. */
async function inTime(name, meddle) {
  for (let tries = 0; tries < 20; tries += 1) {
    if (await meddle(name)) return;
    rmSync(copy(name));
  }
  assert.fail('it was done before, every time');
}

test('what came to be there while it was made stays', () => inTime('late', async (name) => {
  const { ended } = await beginBackup(name);
  try {
    writeFileSync(copy(name), 'of somebody', { flag: 'wx' });
  } catch (error) {
    assert.equal(error.code, 'EEXIST');
    assert.deepEqual(await ended, [0, null]);
    return false;
  }
  assert.deepEqual(await ended, [1, null]);
  assert.equal(readFileSync(copy(name), 'utf8'), 'of somebody');
  assert.ok(!existsSync(copy(`${name}.part`)));
  return true;
}));

test('interrupted, it leaves nothing', () => inTime('interrupted', async (name) => {
  const { child, ended } = await beginBackup(name);
  child.kill('SIGINT');
  const [code] = await ended;
  if (code === 0) return false;
  assert.equal(code, 1);
  assert.deepEqual(readdirSync(folder).filter((one) => one.startsWith(name)), []);
  return true;
}));

test('at a terminal it shows how far it is', async () => {
  const quoted = stack.ctlCommand('backup', copy('shown')).map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', quoted, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text) => { shown += text; });
  const [code] = await once(child, 'close');
  assert.equal(code, 0, shown);
  assert.match(shown, /\r\d+\.\d of 1\d\d\.\d MiB, \d+ % /);
  assert.match(shown, /: a copy of the store, 1\d\d\.\d MiB/);
});
