// A server with SQLite and one with MongoDB that are asked the same: random acts by
// a seed, one after the other, and then what everybody sees; and once more when
// each store was moved to one of the other kind.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { databaseUri } from '../support/database.mjs';
import { randomFrom } from '../support/random.mjs';
import { startStack, temporaryDirectory } from '../support/stack.mjs';
import { TwinParty } from '../support/twin-party.mjs';
import { Twins } from '../support/twins.mjs';

const SEED = Number(process.env.PALABRE_SEED ?? 1);
const ACTS = Number(process.env.PALABRE_ACTS ?? 200);

const start = (t, dir, store) => {
  const starting = startStack({ dir, set: { store, guests: 'on', lobby: 'on' } });
  t.after(async () => (await starting).destroy());
  return starting;
};

const startAll = (t, places) => Promise.all(places.map(({ dir, store }) => start(t, dir, store)));

/* Each to where it is to be: while nothing is served. */
async function move(t, stacks, from, to) {
  await Promise.all(stacks.map(async (stack, i) => {
    stack.run.child.kill('SIGTERM');
    await stack.run.ended;
    const { code, stderr } = await stack.ctl('copy', from[i].store, to[i].store);
    assert.equal(code, 0, stderr);
  }));
  return startAll(t, to);
}

for (let n = 0; n < 2; n += 1) {
  test(`both stores answer the same, also when each is the other (seed ${SEED + n})`, async (t) => {
    const dirs = [temporaryDirectory(), temporaryDirectory()];
    const file = (dir, name) => ({ dir, store: `sqlite:${path.join(dir, name)}` });
    const first = [file(dirs[0], 'palabre.db'), { dir: dirs[1], store: databaseUri(`a${n}`) }];
    const second = [{ dir: dirs[0], store: databaseUri(`b${n}`) }, file(dirs[1], 'moved.db')];
    const stacks = await startAll(t, first);
    const twins = new Twins(stacks);
    const party = new TwinParty(twins, randomFrom(SEED + n));
    await party.come();
    for (let i = 0; i < ACTS; i += 1) await party.act();
    await party.lookAtAll();
    twins.stacks = await move(t, stacks, first, second);
    await party.lookAtAll();
    await Promise.all(twins.stacks.map((stack) => stack.stop()));
  });
}
