// What thousands of sockets cost that go and come back at once: frames, counted
// by pushd and by the sockets, for N of them and for 2N. Twice as many people
// may cost twice as much, not four times.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { frame } from '../support/fastcgi.mjs';
import { Herd, openFiles } from '../support/herd.mjs';
import { Pushd, answerWith, goodAnswer } from '../support/pushd.mjs';
import { waitFor } from '../support/stack.mjs';

const SPARE_FILES = 300;
const most = Math.min(10000, openFiles() - SPARE_FILES);

const idOf = (index) => index.toString(16).padStart(24, '0');
const tokens = (count) => Array.from({ length: count }, (_, i) => `u${i}`);

/* Everyone knows the next `known` people, and so as many before them. */
function session(token, count, known) {
  const index = Number(token.slice(1));
  return frame('RESULT', {
    ok: true,
    user: { _id: idOf(index), username: token },
    sessionId: token,
    expiresAt: Date.now() + 3600000,
    asOf: '0'.repeat(24),
    rooms: [`u:${idOf(index)}`],
    contacts: Array.from({ length: known }, (_, i) => idOf((index + 1 + i) % count)),
  });
}

/* run(world) with a pushd of its own; {step name: frames}. */
async function withHerd(count, known, set, run) {
  const pushd = await new Pushd({ ping_interval_ms: 600000, ...set }).start();
  const herd = new Herd(pushd.socketPath('push'));
  const cost = {};
  pushd.answer = (commands) => {
    pushd.calls = [];
    return answerWith(...commands.map((one) => (one.head.command === 'session'
      ? session(JSON.parse(one.payload).token, count, known) : goodAnswer(one))));
  };
  /* Until nothing is said for as long as something may be held back. */
  const quiet = async () => {
    for (let before = -1; before !== (await pushd.stats()).framesOut;) {
      before = (await pushd.stats()).framesOut;
      await sleep(1300);
    }
  };
  const step = async (name, act) => {
    const before = (await pushd.stats()).framesOut;
    await act();
    await quiet();
    cost[name] = (await pushd.stats()).framesOut - before;
  };
  try {
    await run({ pushd, herd, step, all: tokens(count) });
    const { framesOut, dropped, overflows } = await pushd.stats();
    // What was on its way to a socket when it broke nobody got.
    assert.ok(herd.frames <= framesOut && herd.frames > 0.99 * framesOut,
      `the sockets got ${herd.frames} frames, pushd counted ${framesOut}`);
    assert.deepEqual([dropped, overflows], [0, 0]);
  } finally {
    herd.drop(herd.sockets.keys());
    await pushd.stop();
  }
  return cost;
}

function compare(t, name, count, one, two) {
  const ratio = two / one;
  t.diagnostic(`${name}: ${one} frames for ${count}, ${two} for ${2 * count}, ` +
    `ratio ${ratio.toFixed(2)}`);
  assert.ok(ratio > 1 && ratio < 3, `${name}: ${one} frames, then ${two}`);
}

test('sockets that drop and reconnect within the grace cost three frames each', async (t) => {
  const half = Math.floor(most / 2);
  if (most < 10000) t.diagnostic(`note: ${most} sockets, for the limit of open files`);
  const cost = await withHerd(2 * half, 50, { presence_grace_ms: 600000 },
    async ({ pushd, herd, step, all }) => {
      await step('come', () => herd.joinAll(all));
      for (const some of [all.slice(half), all]) {
        await step(some.length, () => {
          herd.drop(some);
          return herd.joinAll(some);
        });
        const { clients, usersOnline } = await pushd.stats();
        assert.deepEqual([clients, usersOnline], [all.length, all.length]);
      }
    });
  compare(t, 'reconnect', half, cost[half], cost[2 * half]);
  // The Engine.IO handshake, the answer to CONNECT, and who is online.
  assert.equal(cost[2 * half], 3 * 2 * half);
});

test('half of the people going and coming back costs the other half O(N)', async (t) => {
  const run = (count) => withHerd(count, count / 10, { presence_grace_ms: 200 },
    async ({ pushd, herd, step, all }) => {
      const half = all.filter((_, i) => i % 2 === 0);
      await step('begin', () => herd.joinAll(all));
      await step('go', async () => {
        herd.drop(half);
        await waitFor('offline', async () =>
          (await pushd.stats()).usersOnline === all.length - half.length, 20000);
      });
      await step('come', () => herd.joinAll(half));
      assert.equal((await pushd.stats()).usersOnline, all.length);
    });
  const [one, two] = [await run(600), await run(1200)];
  for (const name of Object.keys(one)) compare(t, name, 600, one[name], two[name]);
});
