// Single moments that storms hit too seldom, each brought about on purpose.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockStore } from '../support/lock.mjs';
import { collect } from '../support/socket.mjs';
import { share, startStack, waitFor } from '../support/stack.mjs';
import { claimsOf } from '../support/tokens.mjs';

const CLOSED_MS = 2000; // the socket of a session that ended
const ROUNDS = 15;
const TWICE_MS = 300; // what is heard twice is heard within

async function stackFor(t, options) {
  const stack = await startStack(options);
  t.after(() => stack.stop());
  return stack;
}

/* Whatever dies over it is asked again. */
const persist = (what, ask) => waitFor(what, () => ask().catch(() => null), 15000);

async function statsOf(stack) {
  return JSON.parse((await stack.ctl('stats')).stdout).stats;
}

/* ---- palabre-pushd dies while a worker writes for it ---- */

/* What bob hears of a message whose writer waits for the store while
 * palabre-pushd dies and bob comes back and syncs; null: it waited too long. */
async function hearLate(stack, ann, bob, seq) {
  const { conversationId } = (await ann.api('/api/messages',
    { body: { recipient_id: bob.id, content: 'early' } })).body;
  const writing = await ann.connect();
  const unlock = await lockStore(stack);
  writing.emit('send-message', { to: bob.id, content: 'late' });
  await waitFor('a worker has it', async () => (await statsOf(stack)).inFlight === 1);
  await stack.signal('palabre-pushd', 'SIGKILL');
  const listening = await persist('the next palabre-pushd', () => bob.connect());
  const heard = collect(listening, 'message:new');
  const sync = await bob.api('/api/sync',
    { body: { conversations: { [conversationId]: { seq, change: 0 } } } });
  await unlock();
  const stored = await waitFor('it is stored, or was given up', async () => {
    const { items } = (await bob.api(`/api/messages/conversation?with=${ann.id}`)).body;
    return items.some(({ content }) => content === 'late');
  }, 1500 * share()).catch(() => false);
  if (!stored) return null;
  assert.deepEqual(sync.body.messages, []);
  await waitFor('it is heard', () => heard.length > 0);
  await sleep(TWICE_MS);
  return heard;
}

test('what was being written when palabre-pushd died is heard from the next one', async (t) => {
  const stack = await stackFor(t);
  const [ann, bob] = await Promise.all([stack.register('ann'), stack.register('bob')]);
  let heard = null;
  for (let tries = 1; heard === null && tries < 5; tries += 1) {
    heard = await hearLate(stack, ann, bob, tries);
  }

  assert.deepEqual(heard.map(({ content }) => content), ['late']);
});

/* ---- a worker dies when a session has ended and before it says so ---- */

const ENDINGS = [
  ['a logout', ({ api }) => api('/api/auth/logout', { method: 'POST' })],
  ['a logout everywhere', ({ api }) => api('/api/auth/logout', { body: { everywhere: true } })],
  ['a revocation', ({ api, token }) =>
    api(`/api/auth/sessions/${claimsOf(token).sid}`, { method: 'DELETE' })],
];

async function openSocket(person, transport) {
  const socket = await persist('a socket', () => person.connect({ transports: [transport] }));
  const told = collect(socket, 'session-expired');
  const closed = new Promise((resolve) => {
    socket.once('disconnect', () => resolve(Date.now()));
  });
  return { told, closed };
}

/* Nobody may have been there to end it, which the answer does not tell. */
async function lives({ api }) {
  const { status } = await api('/api/users/me');
  return { 200: 'yes', 401: 'no' }[status] ?? null;
}

/* The status of the answer. Whatever it is, if the session has ended its sockets
 * are told and closed. null: it has not. */
async function endAndSeeClosed(stack, [name, end]) {
  const person = await persist('a session', () => stack.login('ann'));
  const sockets = await Promise.all(['websocket', 'polling'].map((transport) =>
    openSocket(person, transport)));
  const { status, body } = await end(person);
  if (status === 503 && await persist('who they are', () => lives(person)) === 'yes') return null;
  const how = `${name}, ${status} ${body?.error?.code}`;
  const most = CLOSED_MS * share();
  const deadline = Date.now() + most;
  for (const { told, closed } of sockets) {
    const at = await Promise.race([closed, sleep(2 * most, Infinity, { ref: false })]);
    assert.ok(at < deadline, `${how}: closed ${at - deadline} ms too late`);
    assert.equal(told.length, 1, how);
  }
  await assert.rejects(person.connect(), { message: 'Unauthorized' });
  return status;
}

test('an ended session closes its sockets, even if nobody lives to say so', async (t) => {
  // The only worker dies over every fourth ending (who asks whether they live
  // counts, too), and three kinds take turns.
  const stack = await stackFor(t, {
    env: { PALABRE_TEST_KILL: 'before-frame:@5' },
    set: { api_workers: 1, auth_workers: 16, rt_workers: 16 },
  });
  await persist('ann', () => stack.register('ann').catch(() => stack.login('ann')));
  const died = new Set();
  for (let round = 0; round < ROUNDS; round += 1) {
    const ending = ENDINGS[round % ENDINGS.length];
    const status = await waitFor(ending[0], () => endAndSeeClosed(stack, ending), 15000);
    if (status === 503) died.add(ending);
  }

  assert.equal(died.size, ENDINGS.length);
});

/* ---- a worker dies when somebody is blocked and before it says so ---- */

test('whom somebody blocks is out of their sight, even if nobody lives to say so', async (t) => {
  const stack = await stackFor(t, {
    env: { PALABRE_TEST_KILL: 'before-frame:1/4' },
    set: { api_workers: 1, auth_workers: 16, rt_workers: 16, presence_grace_ms: 100 },
  });
  const [ann, bob] = await Promise.all(['ann', 'bob'].map((name) =>
    persist(name, () => stack.register(name).catch(() => stack.login(name)))));
  const socket = await persist('a socket', () => ann.connect());
  const seen = [];
  for (const event of ['user-online', 'user-offline']) socket.on(event, ({ userId }) => userId === bob.id && seen.push(event));
  socket.on('presence', ({ online, offline }) => { // of many in a second the rest comes at once
    if (online.includes(bob.id)) seen.push('user-online');
    if (offline.some(({ userId }) => userId === bob.id)) seen.push('user-offline');
  });
  await persist('his', () => bob.connect());
  await waitFor('he is seen', () => seen.at(-1) === 'user-online');
  let died = 0;
  for (let round = 0; died < 2; round += 1) {
    assert.ok(round < 60, `${died} deaths`);
    const blocks = round % 2 === 0;
    const target = `/api/users/${bob.id}/block`;
    const { status } = await ann.api(target, { method: blocks ? 'PUT' : 'DELETE' });
    const { items } = await persist('whom she blocks', async () => {
      const { status: known, body } = await ann.api('/api/users/blocks');
      return known === 200 && body;
    });
    if ((items.length === 1) !== blocks) continue; // nobody was there to do it
    died += status >= 500;
    await waitFor('what he is then', () => seen.at(-1) === (blocks ? 'user-offline' : 'user-online'), 5000 * share());
  }
});
