// Promise 4, everything or reset: after any sequence of what people do, dropped
// lines and dying workers, a client's state is that of a fresh fetch.
// PALABRE_SEED=N replays a crew's sequences, PALABRE_SEQUENCES=N runs so many.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startStack } from '../support/stack.mjs';
import { dice } from './operations.mjs';
import { faults } from './faults.mjs';
import { runSequences } from './sequences.mjs';

const SEQUENCES = Number(process.env.PALABRE_SEQUENCES ?? 200);
const FAULT_SEQUENCES = 1000;
const seed = Number(process.env.PALABRE_SEED ?? 0);
let stack;

before(async () => {
  stack = await startStack({
    // Between a commit and its frame: what healing is for.
    env: { PALABRE_TEST_KILL: 'before-frame:1/1000' },
    set: {
      socket_rate: 100000,
      socket_burst: 100000,
      presence_broadcast_max: 0,
      // A client whose line is cut in the middle of its upgrade learns so by
      // the missing ping, and not sooner.
      ping_interval_ms: 2000,
      ping_timeout_ms: 3000,
      log_level: 'warning',
    },
  });
});
after(() => stack.stop());

function tell(t, { run, returns, resets, told, ...operations }) {
  t.diagnostic(`note: ${run} sequences, ${returns} returns, ${resets} resets, ` +
    `${told} told to sync; ${Object.entries(operations).map((pair) => pair.join(' ')).join(', ')}`);
}

async function assertSound(t, options) {
  const { found, counts } = await runSequences(stack, options);
  tell(t, counts);
  assert.equal(found, null);
  assert.ok(counts.resets * 20 < counts.returns,
    `${counts.resets} of ${counts.returns} returns were resets`);
}

if (seed) {
  // Chance has a part in what meets what, so several crews do the same.
  test('the sequences of that seed', (t) =>
    assertSound(t, { seed, step: 0, sequences: 60, lanes: 12 }));
} else {
  test('clients end as a fresh fetch after sequences of fixed seeds', (t) =>
    assertSound(t, { seed: 11, sequences: 20, lanes: 4 }));

  test('clients end as a fresh fetch after random sequences', (t) => {
    const random = 10000 + Math.floor(Math.random() * 1e9);
    t.diagnostic(`note: random sequences from PALABRE_SEED=${random} on`);
    return assertSound(t, { seed: random, sequences: SEQUENCES });
  });

  test('the store is sound after all that', async () => {
    const verified = await stack.ctl('verify');
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  });

  describe('a planted fault is found', { concurrency: true }, () => {
    for (const [name, wireOf] of Object.entries(faults)) {
      test(name, async (t) => {
        const { found, counts } = await runSequences(stack, {
          seed: 500,
          sequences: FAULT_SEQUENCES,
          lanes: 3,
          rough: false,
          quietMs: 2500,
          wireOf: (random) => {
            const hurt = dice(random(1e9));
            return wireOf(() => hurt(4) === 0);
          },
        });
        assert.ok(found, `not found in ${counts.run} sequences`);
        t.diagnostic(`found in sequence ${counts.run}: ${found}`);
      });
    }
  });
}
