// Back to a copy of the store, as README.md says it: what clients saw since then
// is no more, and they are told to load anew.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { startStack, temporaryDirectory, top } from '../support/stack.mjs';

const dir = temporaryDirectory();
const [store, copy] = ['palabre.db', 'copy.db'].map((name) => path.join(dir, name));
const [, renew] = readFileSync(path.join(top, 'README.md'), 'utf8').match(/`sqlite3 copy\.db "(UPDATE .*?)"`/);
let stack;

after(async () => {
  await stack.stop();
  rmSync(dir, { recursive: true, force: true });
});

/* What `sqlite3` does, which is not on every machine. */
function sqlite(script, ...args) {
  execFileSync('python3', ['-c', `import sqlite3, sys\n${script}`, ...args]);
}

async function restart(meanwhile) {
  stack.run.child.kill('SIGTERM');
  await stack.run.ended;
  meanwhile();
  stack = await startStack({ dir });
}

test('after going back to a copy every client loads anew', async () => {
  stack = await startStack({ dir });
  const people = [await stack.register('ann'), await stack.register('bob')];
  const say = async (content) => {
    const [ann, bob] = people.map(({ token, user }) => stack.person({ token, user }));
    const { status, body } = await ann.api('/api/messages', { body: { recipient_id: bob.id, content } });
    assert.equal(status, 201);
    return body;
  };
  const sync = async (body) => (await stack.api('/api/sync', { token: people[1].token, body })).body;

  await say('kept');
  sqlite('sqlite3.connect(sys.argv[1]).backup(sqlite3.connect(sys.argv[2]))', store, copy);
  const { conversationId, seq } = await say('lost');
  const known = { epoch: (await sync({})).epoch, conversations: { [conversationId]: { seq, change: 0 } } };
  await restart(() => {
    sqlite('with sqlite3.connect(sys.argv[1]) as db: db.execute(sys.argv[2])', copy, renew);
    for (const end of ['', '-wal', '-shm']) rmSync(store + end, { force: true });
    renameSync(copy, store);
  });

  // As many as there were: by its numbers nothing is amiss.
  assert.equal((await say('instead')).seq, seq);
  const { epoch, reset, messages } = await sync(known);
  assert.deepEqual([reset, messages], [[conversationId], []]);
  assert.deepEqual((await sync({ ...known, epoch })).reset, [], 'which then stays');
});
