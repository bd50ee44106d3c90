// A store that becomes another one while nothing is served: nobody notices.
import assert from 'node:assert/strict';
import { existsSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startStack, temporaryDirectory } from '../support/stack.mjs';

const dir = temporaryDirectory();
const store = path.join(dir, 'palabre.db');
const other = path.join(dir, 'other.db');
let stack;
let ann;
let bob;

const start = async () => { stack = await startStack({ dir }); };
const copy = () => stack.ctl('copy', `sqlite:${store}`, `sqlite:${other}`);
const texts = async (person) => (await stack.person(person)
  .api(`/api/messages/conversation?with=${(person === ann ? bob : ann).user._id}`))
  .body.items.map(({ content }) => content);

async function stop() {
  stack.run.child.kill('SIGTERM');
  await stack.run.ended;
}

before(async () => {
  await start();
  [ann, bob] = [await stack.register('ann'), await stack.register('bob')].map(({ token, user }) => ({ token, user }));
});
after(async () => {
  await stack.stop();
  rmSync(dir, { recursive: true, force: true });
});

test('who was signed in goes on in the copy, without a reset and without a message twice', async () => {
  const send = { recipient_id: bob.user._id, content: 'before', clientId: 'the-same' };
  const said = await stack.person(ann).api('/api/messages', { body: send });
  assert.equal(said.status, 201);
  const { conversationId } = said.body;
  const { epoch } = (await stack.person(bob).api('/api/sync', { body: {} })).body;
  const refused = await copy();
  assert.deepEqual([refused.code, refused.stdout], [1, '']);
  assert.match(refused.stderr, /^palabre-api \(process \d+\) runs: stop it first\n$/);
  assert.ok(!existsSync(other));

  // However it is spelled, and whatever this call's own store is.
  const link = path.join(dir, 'link.db');
  symlinkSync(store, link);
  for (const name of [`${dir}//palabre.db`, path.relative('.', store), link, store]) {
    for (const uris of [[name, other], [other, name]]) {
      const { code, stdout, stderr } = await stack.ctl('--set', `store=sqlite:${dir}/nothing.db`,
        'copy', ...uris.map((uri) => `sqlite:${uri}`));
      assert.deepEqual([code, stdout], [1, ''], uris.join(' '));
      assert.match(stderr, /^palabre-api \(process \d+\) runs: stop it first\n$/);
    }
    const { stderr } = await stack.ctl('copy', `sqlite:${name}`, `sqlite:${store}`);
    assert.equal(stderr, 'these are one and the same store\n');
  }
  rmSync(link);

  await stop();
  const { code, stdout, stderr } = await copy();
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^\d+ records are in the second store as in the first/);
  assert.match(stderr, /conversations checked, 0 problems\n$/);
  // Once more compares both, and changes nothing.
  const again = await copy();
  assert.deepEqual([again.code, again.stdout], [0, stdout], again.stderr);
  for (const end of ['', '-wal', '-shm', '-stamp']) {
    rmSync(`${store}${end}`, { force: true });
    if (existsSync(`${other}${end}`)) renameSync(`${other}${end}`, `${store}${end}`);
  }
  await start();

  assert.deepEqual(await texts(bob), ['before']);
  const synced = (await stack.person(bob).api('/api/sync',
    { body: { epoch, conversations: { [conversationId]: { seq: 1, change: 0 } } } })).body;
  assert.equal(synced.epoch, epoch);
  const repeated = await stack.person(ann).api('/api/messages', { body: send });
  assert.deepEqual([repeated.body.duplicate, repeated.body._id], [true, said.body._id]);
  await stack.person(bob).api('/api/messages', { body: { recipient_id: ann.user._id, content: 'after' } });
  assert.deepEqual(await texts(ann), ['before', 'after']);
});
