// What is asked for while another such thing is under way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.mjs';

const { useAttempt } = await import('../src/lib/use-attempt.js');
const { adopt } = await import('../src/stores/session.js');

const enter = (id) => adopt({ token: 'token', user: { _id: id, username: id } });

/* A work that ends when it is told to, and what was begun. */
function works() {
  const begun = [];
  const work = (name) => () => new Promise((resolve, reject) => { begun.push({ name, resolve, reject }); });
  return { begun, work, names: () => begun.map(({ name }) => name) };
}
const tick = () => new Promise((resolve) => { setTimeout(resolve); });

test('an attempt is not begun while another is under way', async () => {
  enter('ann');
  const { attempt } = useAttempt();
  const { begun, work, names } = works();
  const first = attempt(work('first'));
  assert.equal(await attempt(work('second')), false);
  begun[0].resolve();
  assert.equal(await first, true);
  assert.deepEqual(names(), ['first']);
});

test('in turn it is begun behind it, also where that is refused, whose reason stays', async () => {
  enter('ann');
  const { refused, inTurn } = useAttempt(({ message }) => message);
  const { begun, work, names } = works();
  const first = inTurn(work('first'));
  const second = inTurn(work('second'));
  await tick();
  assert.deepEqual(names(), ['first']);
  begun[0].reject(new Error('no'));
  assert.equal(await first, false);
  await tick();
  begun[1].resolve();
  assert.equal(await second, true);
  assert.equal(refused.value, 'no');
  const third = inTurn(work('third'));
  assert.equal(refused.value, '');
  await tick();
  begun[2].resolve();
  assert.equal(await third, true);
});

test('what waits is not done in the name of whoever came meanwhile', async () => {
  enter('ann');
  const { inTurn } = useAttempt();
  const { begun, work, names } = works();
  inTurn(work('first'));
  const second = inTurn(work('second'));
  await tick();
  enter('ben');
  begun[0].resolve();
  assert.equal(await second, false);
  assert.deepEqual(names(), ['first']);
});
