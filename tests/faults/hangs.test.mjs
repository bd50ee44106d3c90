// What hangs instead of dying: it is noticed, said in one line and in the
// metrics, costs those who meet it two seconds, and is healed.
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertError } from '../support/http.mjs';
import { call, collect } from '../support/socket.mjs';
import { build, sanitized, share, startStack, temporaryDirectory, waitFor } from '../support/stack.mjs';

const NOTICED_MS = 12000; // a worker that does not move
const STALL_MS = 3000; // fcgi-app/http/stall.h
const LOOK_MS = 2000; // fcgi-app/process/pools.h
const SAID_MS = 300;

async function stackFor(t, options) {
  const stack = await startStack(options);
  t.after(() => stack.stop());
  const boss = await stack.operator('boss');
  const figures = async () => (await boss.api('/api/operator/figures')).body;
  const lines = (wanted) => stack.log('palabre-api').split('\n').filter((line) => wanted.test(line));
  return { stack, figures, lines, ann: await stack.register('ann'), bob: await stack.register('bob') };
}

async function timed(promise) {
  const began = Date.now();
  return { answer: await promise, took: Date.now() - began };
}

/* ---- a worker is frozen when it has committed and has not said so ---- */

for (const [way, set, say] of [
  ['over REST', { api_workers: 2 }, ({ ann, bob }) => async (clientId) => {
    const { answer, took } = await timed(ann.api('/api/messages',
      { body: { recipient_id: bob.id, content: clientId, clientId } }));
    return { ok: answer.status < 300, code: answer.body.error?.code, duplicate: answer.status === 200, took };
  }],
  ['over a socket', { rt_workers: 2 }, async ({ ann, bob }) => {
    const socket = await ann.connect();
    return async (clientId) => {
      const { answer, took } = await timed(call(socket, 'send-message', { to: bob.id, content: clientId, clientId }, 10000));
      return { ok: answer.ok, code: answer.error?.code, duplicate: answer.duplicate === true, took };
    };
  }],
]) {
  test(`a worker that is frozen between commit and frame loses nothing: ${way}`, async (t) => {
    const { figures, lines, ann, bob } = await stackFor(t, { set, env: { PALABRE_TEST_STOP: 'after-commit:@2' } });
    const send = await say({ ann, bob });
    const heard = collect(await bob.connect(), 'message:new');
    const sent = [];
    let frozen = null;
    while (frozen === null && sent.length < 6) {
      const id = `m${sent.length}`;
      const answer = await send(id);
      sent.push(id);
      if (!answer.ok) frozen = { id, ...answer };
    }
    assert.equal(frozen?.code, 'outcome_unknown');
    assert.ok(frozen.took < 2000 + 500 * share(), `${frozen.took} ms`);

    await waitFor('everything is heard', () => new Set(heard.map(({ content }) => content)).size === sent.length,
      NOTICED_MS + 3000 * share());
    await waitFor('it was replaced', async () => (await figures().catch(() => null))?.workers?.stuck === 1,
      NOTICED_MS + 3000 * share(), 200);
    assert.deepEqual(heard.map(({ content }) => content).sort(), sent);
    assert.equal((await send(frozen.id)).duplicate, true);
    assert.equal(lines(/has not moved for 10 s: replacing it$/).length, 1);
    const { workers, push } = await figures();
    assert.deepEqual([workers.stuck, workers.died, workers.still], [1, 0, 0]);
    assert.ok(push.heals >= 1);
    await sleep(300);
    assert.equal(heard.length, sent.length, 'heard once');
  });
}

/* ---- a worker is late to say who came into a group, or left it ---- */

test('who is late to say that somebody came or went undoes nothing that happened since', async (t) => {
  const { stack, ann, bob } = await stackFor(t, { set: { api_workers: 3, write_burst: 200 }, env: { PALABRE_TEST_STOP: 'after-commit:1/3' } });
  const cat = await stack.register('cat');
  const heard = collect(await cat.connect(), 'typing');
  const types = await ann.connect();
  const goOn = () => stack.workers('palabre-api').forEach((pid) => process.kill(pid, 'SIGCONT'));
  const { _id: conversationId } = (await waitFor('a group', async () => {
    const made = await ann.api('/api/conversations', { body: { title: 'Garden', members: [bob.id] } });
    goOn();
    return made.status === 201 && made;
  }, NOTICED_MS)).body;
  const members = `/api/conversations/${conversationId}/members`;
  let member = false;
  const move = () => {
    member = !member;
    return member ? ann.api(members, { body: { userId: cat.id } }) : ann.api(`${members}/${cat.id}`, { method: 'DELETE' });
  };

  const late = new Set();
  for (let i = 0; i < 100 && late.size < 2; i += 1) {
    if ((await move()).status === 200) continue;
    const came = member;
    const undone = (await move()).status === 200;
    goOn();
    if (!undone) continue;
    late.add(came);
    await sleep(SAID_MS);
    const before_ = heard.length;
    assert.equal((await call(types, 'typing', { conversationId })).ok, true);
    await sleep(SAID_MS);
    assert.equal(heard.length > before_, member, member ? 'a member hears it' : 'nobody else hears it');
  }
  assert.equal(late.size, 2);
});

test('what a frozen worker has not said yet is not told to who came since', async (t) => {
  const { stack, ann, bob } = await stackFor(t, { set: { rt_workers: 3, api_workers: 4 }, env: { PALABRE_TEST_STOP: 'after-commit:@4' } });
  const cat = await stack.register('cat');
  const sends = await ann.connect();
  const [his, hers] = (await Promise.all([bob.connect(), cat.connect()])).map((socket) => collect(socket, 'message:new'));
  const { _id } = (await ann.api('/api/conversations', { body: { title: 'Garden', members: [bob.id] } })).body;
  let said = 0;
  let answer = { ok: true };
  for (; answer.ok && said < 10; said += 1) {
    answer = await call(sends, 'send-message', { conversationId: _id, content: `secret ${said}` }, 10000);
  }
  assert.equal(answer.error?.code, 'outcome_unknown');
  assert.equal((await ann.api(`/api/conversations/${_id}/members`, { body: { userId: cat.id } })).status, 200);
  const secrets = (heard) => heard.filter(({ content }) => content.startsWith('secret')).length;
  await waitFor('the others hear it', () => secrets(his) === said, NOTICED_MS + 3000 * share());
  await waitFor('she hears that she came', () => hers.some(({ system }) => system?.event === 'added'));
  assert.equal(secrets(hers), 0);
});

/* ---- a disk whose syncs do not end, while many write ---- */

test('a disk that hangs keeps nobody from reading, and writes go on when it is well',
  { skip: sanitized() && 'a sanitizer wants to be loaded first' }, async (t) => {
    const dir = temporaryDirectory();
    const told = path.join(dir, 'sync-ms');
    const slow = (ms) => writeFileSync(told, String(ms));
    slow(0);
    chmodSync(told, 0o644);
    t.after(() => slow(0));
    const { stack, figures, lines, ann, bob } = await stackFor(t, {
      dir: path.join(dir, 'var'),
      env: { LD_PRELOAD: path.join(build, 'tests', 'slow-sync.so'), PALABRE_TEST_SYNC: told },
      set: { api_workers: 4, metrics_from: '127.0.0.1' },
    });
    let written = 0;
    const write = () => {
      written += 1;
      const clientId = `w${written}`;
      return timed(ann.api('/api/messages', { body: { recipient_id: bob.id, content: clientId, clientId } }));
    };
    const read = () => timed(bob.api(`/api/messages/conversation?with=${ann.id}`));
    assert.equal((await write()).answer.status, 201);

    slow(300000);
    const began = Date.now();
    const first = Promise.all(Array.from({ length: 12 }, write));
    await waitFor('somebody reads', async () => Date.now() > began + STALL_MS && (await read()).answer.status === 200,
      STALL_MS + 2 * LOOK_MS + 3000 * share());
    for (const { answer, took } of await first) {
      assert.ok(['outcome_unknown', 'store_unavailable', 'unavailable'].includes(answer.body.error.code), answer.text);
      assert.ok(took < 2000 + 1000 * share(), `${took} ms`);
    }
    assert.equal((await figures()).store.stalled, true);
    assert.match((await stack.api('/api/metrics')).text, /^palabre_store_stalled 1$/m);

    // Longer than it takes to replace all of them.
    const until = Date.now() + NOTICED_MS + 4000;
    let refused = 0;
    while (Date.now() < until) {
      const [{ answer, took }, { answer: wrote, took: waited }] = await Promise.all([read(), write()]);
      assert.equal(answer.status, 200, answer.text);
      assert.ok(took < 1000 * share(), `${took} ms`);
      assert.equal(wrote.status, 503, wrote.text);
      if (waited < 1000) refused += 1;
      await sleep(250);
    }
    assert.ok(refused > 10, `${refused} were refused at once`);
    assertError(await stack.api('/api/nothing'), 404, 'not_found');
    assert.equal((await stack.api('/api/health')).body.store, 'down');
    assert.equal(lines(/the disk of the store does not answer: a commit has been under way for \d+ s; until one ends nothing is written$/).length, 1);
    assert.ok(lines(/ warning /).length < 30, lines(/ warning /).join('\n'));

    slow(0);
    await waitFor('it is written again', async () => (await write()).answer.status === 201, NOTICED_MS + 6000 * share(), 200);
    await waitFor('it was said', () => lines(/the disk of the store answers again, after \d+ s$/).length === 1);
    assert.equal((await figures()).store.stalled, false);
    const all = await Promise.all(Array.from({ length: 8 }, write));
    assert.deepEqual(all.map(({ answer }) => answer.status), Array(8).fill(201));
    const { code, stdout, stderr } = await stack.ctl('verify');
    assert.equal(code, 0, stdout + stderr);
  });

/* ---- settings are read again while some workers hang ---- */

test('a reload waits for no worker that hangs: each is killed, said in a line and counted', async (t) => {
  const { stack, figures, lines } = await stackFor(t, { set: { api_workers: 4 } });
  const before_ = stack.workers('palabre-api');
  const hung = before_.slice(1, 3);
  hung.forEach((pid) => process.kill(pid, 'SIGSTOP'));
  await stack.signal('palabre-api', 'SIGHUP');
  await waitFor('it is seen to go on', async () => (await figures().catch(() => null))?.workers?.leaving > 0);
  await waitFor('all are new', () => {
    const now = stack.workers('palabre-api');
    return now.length === before_.length && now.every((pid) => !before_.includes(pid));
  }, hung.length * 4000 + 5000 * share());
  await waitFor('it is seen to be over', async () => (await figures()).workers.leaving === 0);
  const { workers } = await figures();
  assert.deepEqual([workers.late + workers.stuck, workers.died], [2, 0]);
  for (const pid of hung) {
    assert.equal(lines(new RegExp(`worker ${pid} (does not leave: killing it|has not moved for 10 s: replacing it)$`)).length, 1);
  }
});

/* ---- a supervisor that hangs: nobody would be replaced ---- */

test('a supervisor that is stopped is seen in the metrics', async (t) => {
  const { stack } = await stackFor(t, { set: { metrics_from: '127.0.0.1' } });
  const looked = async () => Number(/^palabre_supervisor_seconds (\d+)$/m.exec((await stack.api('/api/metrics')).text)[1]);
  assert.ok(await looked() <= 3 * share());
  process.kill(stack.pid('palabre-api'), 'SIGSTOP');
  try {
    await waitFor('it is seen', async () => await looked() >= 5, 10000);
  } finally {
    process.kill(stack.pid('palabre-api'), 'SIGCONT');
  }
  await waitFor('it goes on', async () => await looked() <= 3, 10000 * share());
});
