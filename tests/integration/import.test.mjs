// What the systems that Palabre takes the place of kept, brought over by
// palabrectl: nothing is lost on the way, nothing is there twice, and what is
// not as it was is said.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  constants, mkdirSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync, writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startStack, waitFor } from '../support/stack.mjs';

// 100,000 take half a minute. Enough for the first import to be killed in it.
const MESSAGES = Number(process.env.PALABRE_IMPORT_MESSAGES ?? 20_000);
const CLIENTS = 50;
const SERVER = '000000000000000000000001';
const old = mkdtempSync(path.join(tmpdir(), 'palabre-import-'));
const place = (name) => path.join(old, name);
process.env.TZ = 'UTC'; // whose time old rows are of
let stack;
let boss;

/* As the old server wrote it: Python's sqlite3, a thread for each client, so
 * that rows of all are mixed. Prints what there should be in the end. */
const WRITE_OLD = `
import json, sqlite3, sys
from datetime import datetime, timedelta, timezone
path, count, clients = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
db = sqlite3.connect(path)
db.executescript('''
CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, client_id TEXT, type TEXT, sender TEXT, message TEXT,
  timestamp TEXT, read INTEGER DEFAULT 0, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE files (client_id TEXT, filename TEXT, mimetype TEXT, size INTEGER, type TEXT, sender TEXT,
  file_path TEXT, timestamp TEXT);
''')
start = datetime(2024, 3, 1, 8, 0, 0)
said = {}
def rows():
    for n in range(count):
        client = f'client-{n * 7 % clients:02d}'
        sent = n % 3 == 0
        text = f'line {n}'
        said.setdefault(client, []).append(text)
        # three of a client's are of the same second; the old rows say which was first
        at = (start + timedelta(seconds=n // (3 * clients))).isoformat(sep=' ' if n % 2 else 'T')
        yield client, 'sent' if sent else 'received', 'Serveur' if sent else client, text, at, int(n < count // 2)
db.executemany('INSERT INTO messages (client_id, type, sender, message, timestamp, read) VALUES (?, ?, ?, ?, ?, ?)', rows())
odd = [
    ('odd', 'received', 'Odd', '', '2024-03-02 09:00:00', 0),
    ('odd', 'received', 'Odd', 'x' * 6000, '2024-03-02 09:00:01', 0),
    ('odd', 'received', 'Odd', b'caf\\xe9', '2024-03-02 09:00:02.250000', 0),
    ('odd', 'received', 'Odd', 'when?', '09:00', 0),
    ('odd', 'lost', 'Odd', 'neither', '2024-03-02 09:00:04', 0),
    (None, 'received', 'Nobody', 'of nobody', '2024-03-02 09:00:05', 0),
    ('odd', 'sent', 'Serveur', 'the last', '2024-03-02T09:00:09+00:00', 1),
]
db.executemany('INSERT INTO messages (client_id, type, sender, message, timestamp, read, created_at)'
  " VALUES (?, ?, ?, ?, ?, ?, CASE WHEN ?4 = 'when?' THEN 'never' ELSE '2024-03-02 09:00:00' END)", odd)
files = [
    ('odd', 'notes.txt', 'text/plain', 5, 'received', 'Odd', '/srv/localnetmessage/uploads/notes.txt', '2024-03-02 09:00:06'),
    ('odd', 'gone.txt', 'text/plain', 5, 'received', 'Odd', 'uploads/gone.txt', '2024-03-02 09:00:07'),
    ('odd', 'secret', 'text/plain', 5, 'received', 'Odd', '../outside.txt', '2024-03-02 09:00:08'),
]
db.executemany('INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)', files)
db.commit()
print(json.dumps(said))
`;

const writeOld = (file, count) => JSON.parse(execFileSync('python3', ['-c', WRITE_OLD, file, count, CLIENTS],
  { encoding: 'utf8', env: { ...process.env, TZ: 'UTC' }, maxBuffer: 1 << 28 }));
const run = (...words) => stack.ctl('import', 'localnetmessage', ...words);

/* Everybody who wrote to support, as operators see them. */
async function clients() {
  const all = [];
  for (let query = '', more = true; more;) {
    const { body } = await boss.api(`/api/operator/clients?limit=100${query}`);
    all.push(...body.items);
    more = body.more;
    query = `&before=${body.items.at(-1)?.conversation._id}`;
  }
  return all.map(({ client, conversation }) => ({
    client,
    ...conversation,
    user: conversation.members.map(({ userId }) => userId).find((id) => id !== SERVER),
  }));
}

/* All of it, the oldest first. */
async function history(user) {
  const all = [];
  for (let query = '', more = true; more;) {
    const { body } = await boss.api(`/api/operator/clients/${user}/messages?limit=100${query}`);
    all.unshift(...body.items);
    more = body.items.length === 100;
    query = `&before=${body.items[0]?.seq}`;
  }
  return all;
}

const total = async () => (await clients()).reduce((sum, { lastSeq }) => sum + lastSeq, 0);

before(async () => {
  stack = await startStack();
  boss = await stack.operator('boss');
});
after(async () => {
  await stack.stop();
  rmSync(old, { recursive: true, force: true });
});

test('what was said to localnetmessage is in support, in its order, also when the import broke off', async () => {
  const said = writeOld(place('messages.db'), MESSAGES);
  mkdirSync(place('uploads'));
  writeFileSync(place('uploads/notes.txt'), 'notes');
  writeFileSync(`${old}-outside.txt`, 'secret');
  writeFileSync(place('clients.json'), JSON.stringify({ 'client-00': { name: 'Zoë' }, 'client-01': 'Bob' }));

  const [program, ...words] = stack.ctlCommand('import', 'localnetmessage', place('messages.db'));
  const child = spawn(program, words, { stdio: 'ignore' });
  const ended = once(child, 'exit');
  await waitFor('some to be imported', async () => await total() > MESSAGES / 20);
  child.kill('SIGKILL');
  await ended;
  const half = await total();

  const { code, stdout, stderr } = await run(place('messages.db'), place('clients.json'));
  rmSync(`${old}-outside.txt`);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, new RegExp(`\\n${MESSAGES + 8 - half} messages of \\d+ clients were imported; ${half + 1} were there already or left out\\n$`));

  const all = await clients();
  assert.equal(all.length, CLIENTS + 1);
  for (const { title, lastSeq, user } of all.filter((row) => row.title !== 'odd')) {
    const name = { Zoë: 'client-00', Bob: 'client-01' }[title] ?? title;
    assert.equal(lastSeq, said[name].length, name);
    if (name !== 'client-07') continue;
    const lines = await history(user);
    assert.deepEqual(lines.map(({ content }) => content), said[name]);
    assert.deepEqual(lines.map(({ seq }) => seq), lines.map((line, n) => n + 1));
    assert.equal(lines[0].createdAt, '2024-03-01T08:00:00.000Z');
  }
  assert.equal(await total(), MESSAGES + 8);
  // Old times are read otherwise then; what is there is known all the same.
  for (const zone of ['UTC', 'JST-9', 'VET4']) {
    process.env.TZ = zone;
    const again = await run(place('messages.db'));
    assert.match(again.stdout, /\n0 messages of 0 clients were imported/, zone);
    assert.equal(await total(), MESSAGES + 8);
  }
  process.env.TZ = 'UTC';
  const verified = await stack.ctl('verify');
  assert.equal(verified.code, 0, verified.stdout);
});

test('what an import could not bring over as it was is said', async () => {
  const odd = (await clients()).find(({ title }) => title === 'odd');
  const lines = await history(odd.user);
  assert.deepEqual(lines.map(({ content, kind }) => [kind, content.slice(0, 8)]), [
    ['text', ''], ['text', 'xxxxxxxx'], ['text', 'caf\ufffd'], ['text', 'when?'], ['file', ''],
    ['text', 'gone.txt'], ['text', 'secret'], ['text', 'the last'],
  ]);
  assert.deepEqual(lines.map(({ sender }) => sender._id ?? sender), [...Array(7).fill(odd.user), SERVER]);
  assert.equal(lines[2].createdAt, '2024-03-02T09:00:02.250Z');
  assert.equal(odd.client, null);

  const { attachment } = lines[4];
  const answer = await boss.api(`/api/files/${attachment._id}`);
  assert.deepEqual([attachment.name, answer.text], ['notes.txt', 'notes']);

  const { stdout } = await run('--json', place('messages.db'));
  const report = JSON.parse(stdout);
  const row = (n) => MESSAGES + n;
  assert.deepEqual(report.notes.filter((line) => line.startsWith('odd')), [
    `odd, message ${row(1)}: is empty: was kept`,
    `odd, message ${row(2)}: is longer than messages are: was kept`,
    `odd, message ${row(3)}: is not UTF-8: what cannot be read is marked`,
    `odd, message ${row(4)}: says not when: placed behind the one before`,
    `odd, message ${row(5)}: is neither received nor sent: was left out`,
  ]);
  assert.equal(report.orphans, 1);
});

// Only root writes there.
test('an old store in / is refused: all of the machine would be below its folder', { skip: process.getuid() !== 0 && 'not root' }, async (t) => {
  const file = `/palabre-import-${process.pid}.db`;
  t.after(() => rmSync(file, { force: true }));
  writeOld(file, 10);
  const { code, stdout, stderr } = await run(file);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /lies in \/; put it and its files into a folder of their own\n$/);
});

test('what cannot be imported is one clear line', async () => {
  writeFileSync(place('not.db'), 'this is no database, and long enough to be looked at as one, if it were one');
  writeFileSync(place('bad.json'), '[1');
  for (const [words, code, line] of [
    [[place('nothing.db')], 1, /nothing\.db: No such file/],
    [[place('not.db')], 1, /not\.db: file is not a database/],
    [[place('messages.db'), place('bad.json')], 1, /bad\.json: is no JSON object of clients/],
    [[place('messages.db'), place('no.json')], 2, /no\.json: No such file/],
  ]) {
    const answer = await run(...words);
    assert.deepEqual([answer.code, answer.stdout], [code, ''], words.join(' '));
    assert.match(answer.stderr, line);
  }
});

/* Full, so that whoever says anything into it waits: {fd, drain()}. */
function fullPipe() {
  const fifo = place('pipe');
  execFileSync('mkfifo', [fifo]);
  const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
  const piece = Buffer.alloc(4096, '\n');
  const until = (what) => {
    try {
      for (;;) what();
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  };
  let text = '';
  until(() => writeSync(fd, piece));
  return {
    fd: openSync(fifo, 'w'),
    drain() {
      until(() => { text += piece.toString('utf8', 0, readSync(fd, piece)); });
      return text.trim();
    },
  };
}

/* It does nothing any more. */
async function standsStill({ pid }) {
  const sleeps = () => / S /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\)/s, ''));
  let times = 0;
  await waitFor('it stands still', () => {
    times = sleeps() ? times + 1 : 0;
    return times > 20;
  });
}

test('an import whose words nobody reads keeps nobody from writing', async (t) => {
  const [ann, bob] = [await stack.register('ann'), await stack.register('bob')];
  execFileSync('python3', ['-c', `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute('CREATE TABLE messages (id INTEGER PRIMARY KEY, client_id, type, sender, message, timestamp, read, created_at)')
rows = [('first', 'hello')] * 10 + [('second', '')] * 400
db.executemany("INSERT INTO messages (client_id, type, message, timestamp) VALUES (?, 'received', ?, '2024-03-01 08:00:00')", rows)
db.commit()
`, place('words.db')]);
  const pipe = fullPipe();
  const [program, ...words] = stack.ctlCommand('import', 'localnetmessage', place('words.db'));
  const child = spawn(program, words, { stdio: ['ignore', pipe.fd, 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  await standsStill(child);
  const said = await ann.api('/api/messages', { body: { recipient_id: bob.id, content: 'meanwhile' } });
  await waitFor('all to be said', () => pipe.drain() && child.exitCode !== null);
  assert.equal(said.status, 201, said.text);
  assert.deepEqual([await ended, pipe.drain().split('\n').length], [[0, null], 401]);
  assert.match(pipe.drain(), /\n410 messages of 2 clients were imported; 0 were there already or left out$/);
});
