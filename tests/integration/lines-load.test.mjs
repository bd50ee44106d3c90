// Line clients among sockets: many of both at once, and nothing is lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSettings, runLineLoad } from '../support/line-load.mjs';
import { freePort, startStack } from '../support/stack.mjs';

const PAIRS = 200;
const SECONDS = 20;

test('200 lines and 200 sockets write to each other: nothing is lost, nothing comes twice', async (t) => {
  const port = await freePort();
  const stack = await startStack({ set: loadSettings(port, PAIRS) });
  t.after(() => stack.stop());
  const { said, heard, pairs } = await runLineLoad(stack, port, PAIRS, SECONDS);
  assert.equal(said, 2 * PAIRS * SECONDS / 2);
  assert.equal(heard, said);
  for (const { heardByLine, heardBySocket, told } of pairs) {
    const all = Array.from({ length: SECONDS / 2 }, (_, n) => `${n} été`);
    assert.deepEqual([heardByLine, heardBySocket, told], [all, all, []], 'each once, and in order');
  }
});
