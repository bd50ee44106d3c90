// A store that moves to MongoDB and back while nothing is served: clients go on
// with sync and notice nothing. And palabrectl on a store there.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Client, fetchFresh } from '../property/client.mjs';
import { databaseUri } from '../support/database.mjs';
import { startStack, temporaryDirectory, waitFor } from '../support/stack.mjs';

const MESSAGES = 510; // more than a copy takes at once
const dir = temporaryDirectory();
const place = (name) => path.join(dir, name);
const file = `sqlite:${place('palabre.db')}`;
/* Where files are others than palabre-api's, as a shell's are beside a service
 * of systemd's. Only root makes mounts. */
const apart = process.getuid() === 0 ? ['unshare', '--mount', '--'] : [];
let stack;
let [ann, bob] = [];
let first;

const start = async (store) => {
  stack = await startStack({ dir, port: stack?.port, set: { store } });
  for (const client of [ann, bob]) {
    if (!client) continue;
    client.stack = stack;
    client.person = stack.person(client.person);
  }
};

async function stop() {
  stack.run.child.kill('SIGTERM');
  await stack.run.ended;
}

const on = (store, ...words) => stack.ctl('--set', `store=${store}`, ...words);
const say = (from, to, content) =>
  from.person.api('/api/messages', { body: { recipient_id: to.person.id, content } });
const react = (who, { _id }, emoji) =>
  who.person.api(`/api/messages/${_id}/reactions`, { method: 'PUT', body: { emoji, on: true } });

async function agrees(client) {
  const fresh = await fetchFresh(client.person);
  await waitFor('all to be heard', () => {
    try {
      assert.deepEqual(client.model.state(), fresh);
      return true;
    } catch {
      return false;
    }
  }).catch(() => assert.deepEqual(client.model.state(), fresh));
  assert.deepEqual(client.complaints, []);
  assert.equal(client.counts.resets, 0);
}

before(async () => {
  await start(file);
  const client = (person, transport) => new Client(stack, person, transport,
    { counts: { returns: 0, refused: 0, told: 0, resets: 0 } });
  ann = client(await stack.register('ann'), 'websocket');
  bob = client(await stack.register('bob'), 'polling');
  await Promise.all([ann.back(), bob.back()]);
});
after(async () => {
  for (const client of [ann, bob]) client?.drop();
  await stack?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/* Killed where that point says (kill_point.h). False: it came to its end. */
async function isKilled(point, from, to) {
  const [program, ...words] = stack.ctlCommand('copy', from, to);
  const child = spawn(program, words, { env: { ...process.env, PALABRE_TEST_KILL: point } });
  let said = '';
  child.stderr.on('data', (text) => { said += text; });
  const [code, signal] = await once(child, 'close');
  if (code !== 0) assert.equal(signal, 'SIGKILL', said);
  return code !== 0;
}

/* Copies until it is done, killed at another step each time. */
async function copyKilled(from, to) {
  let kills = 0;
  while (await isKilled(`between-pages:@${1 + kills % 4}`, from, to)) {
    kills += 1;
    assert.ok(kills < 60, 'it never comes to its end');
  }
  return kills;
}

test('a store moves to MongoDB, killed at each step, and who was connected goes on with sync', async () => {
  first = (await say(ann, bob, 'first')).body;
  for (let n = 1; n < MESSAGES; n += 10) {
    await Promise.all(Array.from({ length: 10 }, (_, i) => say(i % 3 ? ann : bob, i % 3 ? bob : ann, `line ${n + i}`)));
  }
  await agrees(bob);
  bob.drop(); // and hears nothing of what comes now
  await say(ann, bob, 'while you were out');
  await ann.person.api(`/api/messages/${first._id}`, { method: 'PUT', body: { content: 'first, edited' } });
  await react(ann, first, '\u{1f600}');
  await agrees(ann);
  const { epoch } = ann;

  await stop();
  const target = databaseUri('palabre');
  assert.ok(await copyKilled(file, target) > 5);
  // One that came to its end is compared once more, whether or not it was said.
  assert.ok(await isKilled('copied:@1', file, target));
  const again = await stack.ctl('copy', file, target);
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stderr, /conversations checked, 0 problems\n$/);

  await start(target);
  await Promise.all([ann.back(), bob.back()]);
  assert.deepEqual([ann.epoch, bob.epoch], [epoch, epoch]);
  await say(bob, ann, 'and on');
  await react(bob, first, '\u{1f389}'); // which has one already
  await Promise.all([agrees(ann), agrees(bob)]);
  assert.match((await stack.ctl('verify')).stdout, /checked, 0 problems\n$/);
  await stop();
  const used = await stack.ctl('copy', file, target);
  assert.equal(used.code, 1);
  assert.match(used.stderr, /^the store to copy to is a copy that was used since, or this one was: [a-z]+ \w+ is (another one|in one alone)\n$/);
});

test('and back to a file, as somebody is connected all the time', async () => {
  const back = `sqlite:${place('back.db')}`;
  await start(databaseUri('palabre'));
  await Promise.all([ann.back(), bob.back()]);
  await say(ann, bob, 'once more');
  const busy = (async () => {
    for (let n = 0; n < 30; n++) await say(n % 3 ? ann : bob, n % 3 ? bob : ann, `meanwhile ${n}`);
  })();
  for (const where of [[], apart]) {
    const [program, ...words] = [...where, ...stack.ctlCommand('copy', databaseUri('palabre'), back)];
    const live = await promisify(execFile)(program, words);
    assert.equal(live.stderr, '');
    assert.match(live.stdout, /^\d+ records were copied or compared; /);
  }
  await busy;
  await say(ann, bob, 'at last');
  // Where it cannot be seen that it is in use, as it is spelled otherwise, nothing is copied: the database is held.
  const uri = databaseUri('palabre');
  const spelled = `${uri}${uri.includes('?') ? '&' : '?'}appname=another`;
  const other = await on('sqlite:/nothing.db', 'copy', spelled, back);
  assert.match(other.stderr, /^MongoDB database \w+ is used by another node/);
  await stop();
  assert.ok(await copyKilled(databaseUri('palabre'), back) > 0);
  await start(back);
  await Promise.all([ann.back(), bob.back()]);
  await say(bob, ann, 'and back');
  await Promise.all([agrees(ann), agrees(bob)]);
  const { body } = await ann.person.api(`/api/messages/conversation?conversationId=${first.conversationId}&limit=1&before=2`);
  assert.deepEqual(body.items[0].reactions.map(({ emoji }) => emoji), ['\u{1f600}', '\u{1f389}']);
  for (const client of [ann, bob]) client.drop();
  await stop();
});

test('a store on MongoDB is verified, exported, backed up and restored', async () => {
  const copy = place('backup.db');
  await start(databaseUri('palabre'));
  const epochNow = async () => (await ann.person.api('/api/sync', { body: {} })).body.epoch;
  const epoch = await epochNow();
  assert.notEqual(epoch, ann.epoch); // for it went on in another place
  assert.equal((await stack.ctl('user', 'export', 'ann', place('ann.tar'))).code, 0);
  assert.match(execFileSync('tar', ['-xOf', place('ann.tar')], { encoding: 'utf8', maxBuffer: 1 << 26 }), /while you were out/);
  const refused = await stack.ctl('backup', copy);
  assert.deepEqual([refused.code, refused.stdout], [1, '']);
  assert.match(refused.stderr, /^palabre-api \(process \d+\) runs: stop it first\n$/);
  await stop();

  // What is beside it is somebody's, whatever its name.
  const theirs = ['', '-wal', '-shm', '-stamp'].map((end) => `backup.db.copy${end}`);
  for (const name of theirs) writeFileSync(place(name), `${name} of somebody`);
  const made = await stack.ctl('backup', copy);
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /: a copy of the store, \d+\.\d MiB\n$/);
  assert.deepEqual(readdirSync(dir).filter((name) => name.startsWith('backup')).sort(), ['backup.db', ...theirs].sort());
  for (const name of theirs) assert.equal(readFileSync(place(name), 'utf8'), `${name} of somebody`);
  assert.equal((await on(`sqlite:${copy}`, 'verify')).code, 0);
  assert.match((await stack.ctl('backup', copy)).stderr, /backup\.db is there already\n$/);

  await start(databaseUri('palabre'));
  assert.equal(await epochNow(), epoch); // a backup is not where it goes on
  await stop();

  // Root's own folder will do, for a copy and back.
  const closed = place('closed');
  mkdirSync(closed, { mode: 0o700 });
  const kept = await stack.ctl('backup', path.join(closed, 'copy'));
  assert.equal(kept.code, 0, kept.stderr);
  assert.deepEqual(readdirSync(closed), ['copy']);
  assert.equal(statSync(path.join(closed, 'copy')).uid, process.getuid());

  const restored = databaseUri('restored');
  const done = await on(restored, 'restore', path.join(closed, 'copy'));
  assert.equal(done.code, 0, done.stderr);
  const over = await on(restored, 'restore', copy);
  assert.equal(over.code, 1);
  assert.match(over.stderr, /\nthe store to copy to has something in it already\n$/);
  await start(restored);
  const sync = (await ann.person.api('/api/sync', { body: { epoch, conversations: {} } })).body;
  assert.notEqual(sync.epoch, epoch);
  const { body } = await bob.person.api(`/api/messages/conversation?conversationId=${first.conversationId}&limit=2`);
  assert.deepEqual(body.items.map(({ content }) => content), ['meanwhile 29', 'at last']);
  await stop();
});

test('what makes no sense there is one clear line', async () => {
  writeFileSync(place('no.db'), 'no database');
  const nothing = databaseUri('nothing');
  const mistyped = `${nothing}${nothing.includes('?') ? '&' : '?'}s3cr3t=1`; // of which libmongoc warns
  for (const [words, line] of [
    [['backup', place('never.db')], /^MongoDB database \w+_nothing is empty\n$/],
    [['restore', place('none.db')], /none\.db: No such file or directory\n$/],
    [['restore', place('no.db')], /no\.db: file is not a database \(SQLite 26\)\n$/],
    [['copy', nothing, `sqlite:${place('never.db')}`], /^MongoDB database \w+_nothing is empty\n$/],
    [['copy', mistyped, `sqlite:${place('never.db')}`], /^MongoDB database \w+_nothing is empty\n$/],
    [['copy', nothing, nothing], /^these are one and the same store\n$/],
  ]) {
    const answer = await on(nothing, ...words);
    assert.deepEqual([answer.code, answer.stdout], [1, ''], words.join(' '));
    assert.match(answer.stderr, line);
  }
  assert.deepEqual(readdirSync(dir).filter((name) => name.startsWith('never')), []);
});

/* libmongoc has counters in a file of its process's number. */
test('what one that was killed has left is no word of the next that has its number', async (t) => {
  const words = stack.ctlCommand('--set', `store=${databaseUri('nothing')}`, 'backup', place('never.db'));
  const child = spawn('sh', ['-c', 'touch "/dev/shm/mongoc-$$" && exec "$@"', 'sh', ...words]);
  t.after(() => rmSync(`/dev/shm/mongoc-${child.pid}`, { force: true }));
  let said = '';
  child.stderr.on('data', (text) => { said += text; });
  await once(child, 'close');
  assert.match(said, /^MongoDB database \w+_nothing is empty\n$/);
});
