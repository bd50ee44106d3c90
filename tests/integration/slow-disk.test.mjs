// A disk whose syncs take long: who writes is answered in two seconds, by what
// is known then, and may safely ask again.
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { assertError } from '../support/http.mjs';
import { call } from '../support/socket.mjs';
import { build, sanitized, share, startStack, temporaryDirectory, waitFor } from '../support/stack.mjs';

const PROMISED_MS = 2000;
const options = { skip: sanitized() && 'a sanitizer wants to be loaded first' };
let stack, ann, bob, told;

/* From now on a sync takes so long. */
const slow = (ms) => writeFileSync(told, String(ms));

before(async () => {
  if (options.skip) return;
  const dir = temporaryDirectory();
  told = path.join(dir, 'sync-ms');
  slow(0);
  chmodSync(told, 0o644);
  stack = await startStack({
    dir: path.join(dir, 'var'),
    env: { LD_PRELOAD: path.join(build, 'tests', 'slow-sync.so'), PALABRE_TEST_SYNC: told },
    set: { api_workers: 4, base_path: '/chat/' },
  });
  [ann, bob] = await Promise.all([stack.register('ann'), stack.register('bob')]);
});
beforeEach(async () => {
  if (!stack) return;
  slow(0);
  await waitFor('nobody waits for the disk any more', async () => (await stack.api('/api/health')).status === 200);
});
after(async () => {
  if (!stack) return;
  slow(0);
  await stack.stop();
});

const send = (content, clientId) =>
  ann.api('/api/messages', { body: { recipient_id: bob.id, content, clientId } });
const history = async () =>
  (await bob.api(`/api/messages/conversation?with=${ann.id}`)).body.items.map(({ content }) => content);

async function timed(promise) {
  const began = Date.now();
  return { answer: await promise, took: Date.now() - began };
}

/* Sent again as soon as the disk is well: there is one. */
async function assertOnce(content, clientId) {
  slow(0);
  const again = await waitFor('the store', async () => {
    const answer = await send(content, clientId);
    return answer.status < 300 && answer;
  });
  assert.ok([200, 201].includes(again.status), again.text);
  assert.equal((await history()).filter((one) => one === content).length, 1);
}

test('a write whose sync does not end has an unknown outcome after 2 s, and is safe to repeat', options, async () => {
  await send('first', 'first');
  slow(6000);
  const { answer, took } = await timed(send('slow', 'slow-1'));
  assertError(answer, 503, 'outcome_unknown');
  assert.equal(answer.headers.get('retry-after'), '2');
  assert.ok(took >= PROMISED_MS - 100 && took < PROMISED_MS + 500 * share(), `${took} ms`);
  await assertOnce('slow', 'slow-1');
});

test('... so is one that may need a password', options, async () => {
  slow(4000);
  const { answer, took } = await timed(ann.api('/api/users/profile', { method: 'PATCH', body: { statusText: 'slow' } }));
  assertError(answer, 503, 'outcome_unknown');
  assert.ok(took < PROMISED_MS + 500 * share(), `${took} ms`);
});

test('... over a socket, too', options, async () => {
  const socket = await ann.connect();
  slow(6000);
  const { answer, took } = await timed(call(socket, 'send-message', { to: bob.id, content: 'live', clientId: 'live-1' }, 10000));
  assert.equal(answer.ok, false);
  assert.equal(answer.error.code, 'outcome_unknown');
  assert.ok(took >= PROMISED_MS - 100 && took < PROMISED_MS + 500 * share(), `${took} ms`);
  await assertOnce('live', 'live-1');
  socket.disconnect();
});

test('reading goes on meanwhile', options, async () => {
  slow(4000);
  const write = send('meanwhile', 'meanwhile-1');
  for (const target of ['/api/users/me', '/api/conversations', `/api/messages/conversation?with=${ann.id}`]) {
    const { answer, took } = await timed(bob.api(target));
    assert.equal(answer.status, 200, target);
    assert.ok(took < 1000 * share(), `${target}: ${took} ms`);
  }
  assert.equal((await bob.api('/api/sync', { body: {} })).status, 200);
  assertError(await write, 503, 'outcome_unknown');
  await assertOnce('meanwhile', 'meanwhile-1');
});

test('syncs of 0.9 s keep nobody waiting for more than 2 s', options, async () => {
  slow(900);
  const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => timed(send(`queue ${i}`, `queue-${i}`))));
  for (const { answer, took } of answers) {
    assert.ok(took < PROMISED_MS + 500 * share(), `${took} ms`);
    if (answer.status !== 201) assert.ok(['store_unavailable', 'outcome_unknown'].includes(answer.body.error.code), answer.text);
  }
  assert.ok(answers.some(({ answer }) => answer.status === 201));
  for (let i = 0; i < 12; i += 1) await assertOnce(`queue ${i}`, `queue-${i}`);
});

test('what only reads has no outcome to be unknown', options, async () => {
  const all = [stack.pid('palabre-api'), ...stack.workers('palabre-api')];
  all.forEach((pid) => process.kill(pid, 'SIGSTOP'));
  try {
    // Below base_path and, as behind a proxy that takes that away, at the root.
    for (const url of [stack.url, new URL(stack.url).origin]) {
      const ask = (target, more) => stack.api(target, { ...more, token: ann.token, url });
      const [list, sync, edit] = await Promise.all([ask('/api/conversations'), ask('/api/sync', { body: {} }),
        ask(`/api/messages/${ann.id}`, { method: 'PUT', body: { content: 'x' } })]);
      assertError(list, 503, 'unavailable');
      assertError(sync, 503, 'unavailable');
      assertError(edit, 503, 'outcome_unknown');
    }
  } finally {
    all.forEach((pid) => process.kill(pid, 'SIGCONT'));
  }
});
