// Who signs out leaves nothing on the disk, from whichever page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.mjs';
import * as database from '../src/lib/database.js';
import * as storage from '../src/lib/storage.js';

const { eraseAccount, leave } = await import('../src/stores/account.js');
const { leaveOff } = await import('../src/stores/known.js');
const { adopt, api, endSession, session } = await import('../src/stores/session.js');

api.logout = async () => {};
const come = (id) => adopt({ token: `token of ${id}`, user: { _id: id, username: id } });

async function fill(id) {
  for (const store of ['outbox', 'files', 'known']) await database.keep(store, id, 'x', 'mine');
  storage.save(`draft.${id}.bob.tab`, { text: 'mine' });
  storage.save('emoji', ['👍']); // those used last
}
const left = async (id) => [
  ...(await Promise.all(['outbox', 'files', 'known'].map((store) => database.all(store, id)))).flat(),
  ...storage.namesUnder(`draft.${id}.`),
].length;

test('to sign out where no connection was made takes all of it along, and nobody else’s', async () => {
  await fill('ann');
  await fill('eve');
  come('ann');
  leave();
  assert.equal(session.token, null);
  assert.equal(storage.load('emoji'), null);
  assert.equal(await left('ann'), 0);
  assert.equal(await left('eve'), 4);
});

test('an account that is erased leaves nothing either', async () => {
  await fill('ann');
  come('ann');
  api.erase = async () => {};
  await eraseAccount('password');
  assert.equal(session.token, null);
  assert.equal(await left('ann'), 0);
});

test('... whatever ended its session before that was answered', async () => {
  for (const reason of ['deleted', 'expired']) {
    await fill('ann');
    come('ann');
    api.erase = async () => endSession(session.token, reason);
    await eraseAccount('password');
    assert.equal(await left('ann'), 0, reason);
  }
});

test('a session that is over there takes what was known along, not what was written', async () => {
  await fill('ann');
  come('ann');
  leaveOff('ann');
  assert.equal(await left('ann'), 4, 'still in');
  endSession(session.token);
  leaveOff('ann');
  assert.deepEqual(await database.all('known', 'ann'), []);
  assert.equal(await left('ann'), 3);
});
