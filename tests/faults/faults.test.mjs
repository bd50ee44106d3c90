// The promises of docs and design, with parts dying at the worst moments:
// what was acknowledged is stored once, and everyone has it once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastMs } from './line.mjs';
import { startStorm } from './storm.mjs';

const SEED = Number(process.env.PALABRE_SEED ?? 1);
const POINTS = ['before-commit', 'after-commit', 'before-frame', 'before-answer', 'after-answer'];
const HITS = 20;

async function stormFor(t, options) {
  const storm = await startStorm({ seed: SEED, ...options });
  t.after(() => storm.destroy());
  return storm;
}

function tell(t, name, report) {
  const kills = Object.entries(report.kills).map(([kind, { all, underWay }]) =>
    `${kind} ${all} (${underWay} while requests were under way)`);
  const { returns, again, numbers } = report.lines;
  t.diagnostic(`note: ${name}: killed ${[...kills, `${report.deaths} workers in all`].join(', ')}; `
    + `${report.stored} messages, ${report.failures} failed attempts, ${report.again} said again; `
    + `${report.heals} heals, ${report.healed} healed; `
    + `lines came back ${returns} times, ${again.length} messages again (${Math.max(0, ...again)} ms), ${numbers} numbers`);
}

function assertWhole(report) {
  assert.deepEqual(report.wrong, [], 'acknowledged, but not stored exactly once');
  assert.deepEqual(report.missing, [], 'stored, but not with its recipient');
  assert.deepEqual(report.twice, [], 'heard twice');
  assert.deepEqual(report.refused, [], 'refused for no good reason');
  assert.equal(report.verify.code, 0, report.verify.stdout + report.verify.stderr);
  assert.ok(report.stored >= report.acknowledged);
  assert.deepEqual(report.lines.odd, [], 'shown on a line for no good reason');
  assert.deepEqual(report.lines.wrongNumbers, [], 'told on a line to have missed so many');
  assert.ok(Math.max(0, ...report.lines.again) <= lastMs(), `shown again: ${report.lines.again}`);
}

function assertHit(report) {
  for (const [kind, { underWay }] of Object.entries(report.kills)) {
    assert.ok(underWay >= 3, `${kind}: ${underWay} kills while requests were under way`);
  }
}

const WORKERS = {
  kinds: ['worker', 'supervisor'],
  each: 125,
};
// A worker that dies between commit and frame is what healing is for.
const UNANNOUNCED = { env: { PALABRE_TEST_KILL: 'before-frame:1/300' } };

test('5000 messages survive the death of every part', async (t) => {
  const storm = await stormFor(t, UNANNOUNCED);
  const workers = await storm.act(WORKERS);
  tell(t, 'workers and supervisor die', workers);
  assertWhole(workers);
  assertHit(workers);
  assert.equal(workers.disconnects, 0, 'sockets stay open while workers die');
  assert.equal(workers.syncs, 0, 'delivery and healing alone');
  assert.deepEqual(workers.lines.returns, [0, 0, 0, 0, 0], 'lines stay open, too');
  assert.ok(workers.heals > 0);
  assert.ok(workers.healed > 0);

  storm.letEveryoneSync();
  const all = await storm.act({
    kinds: ['worker', 'keeper', 'supervisor', 'daemon', 'nginx master', 'nginx worker'],
    each: 125,
    pauseMs: 60,
    killMs: 300,
  });
  tell(t, 'everything dies', all);
  assertWhole(all);
  assertHit(all);
  assert.ok(all.stored >= 4500, `${all.stored} messages`);
  assert.ok(Math.min(...all.lines.returns) >= 3, `lines came back ${all.lines.returns} times`);
  assert.ok(all.lines.numbers >= 3, `lines were told ${all.lines.numbers} times what they missed`);
  await storm.close();
});

test('without healing the same seed loses messages', async (t) => {
  const storm = await stormFor(t, { ...UNANNOUNCED, set: { heal: 'off' } });
  const report = await storm.act(WORKERS);
  tell(t, 'heal = off', report);
  assert.deepEqual(report.wrong, []);
  assert.equal(report.healed, 0);
  assert.notDeepEqual(report.missing, []);
  await storm.close();
});

for (const point of POINTS) {
  test(`workers that die ${point} lose nothing`, async (t) => {
    const storm = await stormFor(t, { env: { PALABRE_TEST_KILL: `${point}:1/30` } });
    const report = await storm.act({ each: 200, stop: () => storm.deaths >= HITS });
    tell(t, point, report);
    assert.ok(report.deaths >= HITS, `${report.deaths} hits`);
    assertWhole(report);
    assert.equal(report.disconnects, 0, 'sockets stay open while workers die');
    assert.equal(report.syncs, 0, 'delivery and healing alone');
    await storm.close();
  });
}
