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

const start = async (set) => { stack = await startStack({ dir, port: stack?.port, set }); };
const copy = (...words) => stack.ctl('copy', `sqlite:${store}`, `sqlite:${other}`, ...words);
const texts = async (person) => (await stack.person(person)
  .api(`/api/messages/conversation?with=${(person === ann ? bob : ann).user._id}`))
  .body.items.map(({ content }) => content);
const say = (from, to, content) =>
  stack.person(from).api('/api/messages', { body: { recipient_id: to.user._id, content } });

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

  // While it is in use nothing else may have it, nor what it is copied to. However it is spelled, and whatever this
  // call's own store is.
  const link = path.join(dir, 'link.db');
  symlinkSync(store, link);
  for (const name of [`${dir}//palabre.db`, path.relative('.', store), link, store]) {
    const { code, stdout, stderr } = await stack.ctl('--set', `store=sqlite:${dir}/nothing.db`,
      'copy', `sqlite:${other}`, `sqlite:${name}`);
    assert.deepEqual([code, stdout], [1, ''], name);
    assert.match(stderr, /^palabre-api \(process \d+\) runs: stop it first\n$/);
    assert.equal((await stack.ctl('copy', `sqlite:${name}`, `sqlite:${store}`)).stderr,
      'these are one and the same store\n');
  }
  const first = await stack.ctl('--set', `store=sqlite:${dir}/nothing.db`, 'copy', `sqlite:${link}`, `sqlite:${other}`);
  assert.deepEqual([first.code, first.stderr], [0, '']);
  assert.match(first.stdout, /^\d+ records were copied or compared; the second store lacks what changes in the first: stop palabre-api and say the same again\n$/);
  rmSync(link);
  await say(bob, ann, 'meanwhile');
  await stack.person(ann).api(`/api/messages/${said.body._id}`, { method: 'PUT', body: { content: 'edited' } });
  assert.equal(JSON.parse((await copy('--json')).stdout).whole, false);
  await say(bob, ann, 'at last');
  await assert.rejects(startStack({ set: { store: `sqlite:${other}` } }),
    /other\.db: is half a copy of another one, which was not copied to its end\n/);

  const half = (...words) => stack.ctl('--set', `store=sqlite:${other}`, ...words);
  for (const words of [['user', 'role', 'ann', 'operator'], ['backup', path.join(dir, 'no.db')]]) {
    const answer = await half(...words);
    assert.deepEqual([answer.code, answer.stdout], [2, ''], words.join(' '));
    assert.match(answer.stderr, /other\.db: is half a copy of another one, which was not copied to its end\n$/);
  }
  assert.equal((await half('verify')).code, 0);

  await stop();
  const restored = await stack.ctl('restore', other);
  assert.deepEqual([restored.code, restored.stdout], [1, '']);
  assert.match(restored.stderr, /^it is half a copy of another one, which was not copied to its end\n/);
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

  assert.deepEqual(await texts(bob), ['edited', 'meanwhile', 'at last']);
  const synced = (await stack.person(bob).api('/api/sync',
    { body: { epoch, conversations: { [conversationId]: { seq: 1, change: 0 } } } })).body;
  assert.equal(synced.epoch, epoch);
  assert.deepEqual(synced.messages.map(({ content }) => content), ['meanwhile', 'at last']);
  const repeated = await stack.person(ann).api('/api/messages', { body: send });
  assert.deepEqual([repeated.body.duplicate, repeated.body._id], [true, said.body._id]);
  await say(bob, ann, 'after');
  assert.deepEqual(await texts(ann), ['edited', 'meanwhile', 'at last', 'after']);
});

test('who goes back to the store that was copied from is given what is there, and keeps nothing of the other', async () => {
  const third = path.join(dir, 'third.db');
  const sync = async (body) => (await stack.person(bob).api('/api/sync', { body })).body;
  const { conversationId } = (await say(ann, bob, 'here and there')).body;
  const { epoch } = await sync({});
  const here = await texts(bob);
  await stop();
  for (let n = 0; n < 2; n++) {
    const { code, stderr } = await stack.ctl('copy', `sqlite:${store}`, `sqlite:${third}`);
    assert.equal(code, 0, stderr);
  }

  await start({ store: `sqlite:${third}` });
  const { seq } = (await say(ann, bob, 'there')).body;
  const known = { epoch, conversations: { [conversationId]: { seq, change: 0 } } };
  const there = await sync(known);
  assert.deepEqual([there.epoch, there.reset, there.messages], [epoch, [], []]);
  await stop();

  await start();
  assert.deepEqual(await texts(bob), here);
  assert.equal((await say(ann, bob, 'back here')).body.seq, seq);
  const back = await sync(known);
  assert.notEqual(back.epoch, epoch);
  assert.deepEqual(back.reset, [conversationId]);
  assert.deepEqual(await texts(bob), [...here, 'back here']);
  // That was once: it is the store from now on.
  await stop();
  await start();
  assert.equal((await sync(known)).epoch, back.epoch);
});
