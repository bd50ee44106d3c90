import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as database from '../src/lib/database.js';
import {
  forgetOutbox, loadOutbox, newEntry, nextOrder, nextToSend, removeEntry, saveEntry,
} from '../src/lib/outbox.js';

const entry = (content, more = {}) => newEntry({ to: 'b', content, ...more }, Date.now());
const contents = async (userId) => (await loadOutbox(userId)).map(({ content }) => content);

test('a browser that has no database says so, and nothing throws', async () => {
  assert.equal(globalThis.indexedDB, undefined);
  assert.equal(await saveEntry('ann', entry('x')), false);
  assert.equal(await loadOutbox('ann'), null);
  assert.equal(await database.get('known', 'ann', 'chat'), null);
  assert.equal(await database.isAny('outbox'), false);
  assert.equal(database.isWriting(), false);
});

test('with a database', async (t) => {
  before(() => import('fake-indexeddb/auto'));

  await t.test('the outbox is in the order of writing, for its own user only', async () => {
    const orders = [2000, 3000, 1000].map((at, i) => // a clock that was set back
      newEntry({ to: 'b', content: `at ${at}`, order: i + 1 }, at));
    for (const one of [orders[1], orders[2], orders[0]]) assert.equal(await saveEntry('ann', one), true);
    await saveEntry('ann2', entry('theirs'));
    assert.deepEqual(await contents('ann'), ['at 2000', 'at 3000', 'at 1000']);
    assert.ok((await loadOutbox('ann')).every(({ kept }) => kept));
    await removeEntry('ann', orders[0].clientId);
    assert.deepEqual(await contents('ann'), ['at 3000', 'at 1000']);
    assert.deepEqual(await contents('ann2'), ['theirs']);
    assert.equal(await database.isAny('outbox'), true);
  });

  await t.test('what is kept of an entry is the entry, without what this page thinks of it', async () => {
    const one = { ...entry('x', { file: { id: 'f', name: 'n', size: 1, mime: '', attachment: null }, tab: 't' }), kept: false };
    await saveEntry('eve', one);
    assert.deepEqual(await loadOutbox('eve'), [{ ...one, kept: true }]);
  });

  await t.test('what waits is worth a question to who leaves, what the page knew is not', async () => {
    const known = database.keep('known', 'fay', 'chat', 'text');
    assert.equal(database.isWriting(), false);
    const waits = saveEntry('fay', entry('x'));
    assert.equal(database.isWriting(), true);
    await Promise.all([known, waits]);
    assert.equal(database.isWriting(), false);
    const gone = forgetOutbox('fay');
    assert.equal(database.isWriting(), true);
    await gone;
  });

  await t.test('who leaves takes with them all that is theirs, and nothing else', async () => {
    await saveEntry('bob', entry('mine'));
    await database.keep('files', 'bob', 'f', 'bytes');
    await database.keep('known', 'bob', 'chat', 'text');
    await database.keep('files', 'bobby', 'f', 'other bytes');
    await forgetOutbox('bob');
    for (const store of ['outbox', 'files', 'known']) {
      assert.deepEqual(await database.all(store, 'bob'), [], store);
    }
    assert.deepEqual(await database.all('files', 'bobby'), ['other bytes']);
  });

  await t.test('a removal that follows a write is not overtaken by it', async () => {
    const one = entry('quick');
    await Promise.all([saveEntry('cyd', one), removeEntry('cyd', one.clientId)]);
    assert.deepEqual(await contents('cyd'), []);
    assert.equal(database.isWriting(), false);
  });

  await t.test('what cannot be kept says so', async () => {
    assert.equal(await database.keep('known', 'dan', 'x', () => {}), false);
  });
});

test('a number is above those that wait here, and without a memory, too', () => {
  assert.equal(nextOrder('ann', []), 1);
  assert.equal(nextOrder('ann', [{ order: 4 }, { order: 2 }]), 5);
});

test('a conversation waits for a file that is on its way, others do not', () => {
  const file = { id: 'f', name: 'n', size: 1, mime: '', attachment: null };
  const first = entry('a', { file });
  const second = entry('b');
  const other = newEntry({ to: 'c', content: 'c' }, 0);
  assert.equal(nextToSend([first, second]), undefined);
  assert.equal(nextToSend([first, second, other]), other);
  first.attachment = { _id: 'x' };
  assert.equal(nextToSend([first, second, other]), first);
});
