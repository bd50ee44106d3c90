// Of whom the page hears that they come and go, where it knows too many to hear of all.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import './page.mjs';

const { adopt, api } = await import('../src/stores/session.js');
const { chat, resetChat } = await import('../src/stores/chat.js');
const { start, stop } = await import('../src/stores/connection.js');
const { forgetPeople, lookAgainSoon, people, presenceEvents, remember } = await import('../src/stores/people.js');
const presence = await import('../src/stores/presence.js');

const MANY = 250;
const LAST = `u${MANY - 1}`;
async function until(holds) {
  for (let i = 0; i < 500 && !holds(); i += 1) await sleep(20);
  assert.ok(holds(), String(holds));
}
const statusOf = (id) => people.byId[id].status;

/* A server that has one list of whom it tells, and always says who is here. */
let here;
let watched;
let silent;
const answer = (name, { ids }) => {
  assert.equal(name, 'watch-presence');
  watched = ids;
  return { ok: true, online: ids.filter((id) => here.includes(id)) };
};
const socket = {
  up: true,
  ask: async (name, payload) => answer(name, payload),
  probe: async (name, payload) => (silent ? null : answer(name, payload)),
};

beforeEach(() => {
  adopt({ token: 'token', user: { _id: 'ann', username: 'ann' } });
  resetChat('ann');
  forgetPeople();
  here = ['u0', LAST];
  silent = false;
  for (let i = 0; i < MANY; i += 1) remember({ _id: `u${i}`, displayName: `U ${i}`, status: 'offline' });
  presence.attach(socket);
});

test('whoever is first in the list since then is followed from the probe of the connection on', async () => {
  await presence.watchPresence();
  const before = watched;
  assert.equal(before.includes(LAST), false);
  chat.active = { userId: LAST };
  assert.equal(await presence.probe(socket), true);
  assert.equal(watched.includes(LAST), true);
  assert.equal(statusOf(LAST), 'online', 'as the answer says');
  remember({ _id: LAST, status: 'offline' });
  assert.equal(statusOf(LAST), 'online', 'an answer of REST may be older than what the events say');
  const left = before.find((id) => !watched.includes(id));
  remember({ _id: left, status: 'online' });
  assert.equal(statusOf(left), 'online', 'of whom no event tells any more, REST is believed');
});

test('a probe that nobody answers changes nothing of whom the page follows', async () => {
  await presence.watchPresence();
  silent = true;
  chat.active = { userId: LAST };
  assert.equal(await presence.probe(socket), false);
  remember({ _id: LAST, status: 'online' });
  assert.equal(statusOf(LAST), 'online');
  remember({ _id: 'u0', status: 'offline' });
  assert.equal(statusOf('u0'), 'online');
});

test('nor does the answer to a probe of a connection that is not the page\'s any more', async () => {
  const asked = presence.probe(socket);
  presence.attach(null);
  assert.equal(await asked, true);
  assert.equal(statusOf('u0'), 'offline');
});

test('of whom events tell an answer changes not whether they are here, and when they were last only to a later time', async () => {
  for (const id of ['u1', 'u2']) remember({ _id: id, status: 'offline', lastSeen: '2026-01-01T10:00:00.000Z' });
  await presence.watchPresence();
  presenceEvents['user-offline']({ userId: 'u1', lastSeen: '2026-01-01T12:00:00.000Z' });
  const older = { status: 'online', lastSeen: '2026-01-01T11:00:00.000Z', statusText: 'in the garden' };
  remember({ _id: 'u1', ...older });
  api.user = async (id) => ({ _id: id, ...older });
  lookAgainSoon('u2');
  await until(() => people.byId.u2.statusText === 'in the garden');
  for (const [id, hour] of [['u1', 12], ['u2', 11]]) {
    const { status, lastSeen, statusText } = people.byId[id];
    assert.deepEqual([status, lastSeen, statusText], ['offline', `2026-01-01T${hour}:00:00.000Z`, 'in the garden'], id);
  }
});

test('... unless nobody knew', async () => {
  await presence.watchPresence();
  remember({ _id: 'u1', status: 'online', lastSeen: '2026-01-01T10:00:00.000Z' });
  assert.deepEqual([statusOf('u1'), people.byId.u1.lastSeen], ['offline', '2026-01-01T10:00:00.000Z']);
});

test('of whom no event tells both answers are believed', async () => {
  api.user = async (id) => ({ _id: id, status: 'online', statusText: 'in the garden' });
  lookAgainSoon('u1');
  await until(() => people.byId.u1.statusText === 'in the garden');
  assert.equal(statusOf('u1'), 'online');
  remember({ _id: 'u2', status: 'online' });
  assert.equal(statusOf('u2'), 'online');
});

test('of whom no event tells yet an answer that is older than one makes their last time no earlier, but hides it', () => {
  const at = (hour) => `2026-01-01T${hour}:00:00.000Z`;
  remember({ _id: 'u1', lastSeen: at(10) });
  presenceEvents['user-offline']({ userId: 'u1', lastSeen: at(12) });
  remember({ _id: 'u1', status: 'offline', lastSeen: at(11) });
  assert.equal(people.byId.u1.lastSeen, at(12));
  remember({ _id: 'u1', displayName: 'U' });
  assert.equal(people.byId.u1.lastSeen, at(12));
  remember({ _id: 'u1', status: 'offline', lastSeen: null });
  assert.equal(people.byId.u1.lastSeen, null);
});

test('an answer that comes after one has signed out is nobody new, for whom to ask again', async (t) => {
  const asked = [];
  const answers = [];
  api.user = () => new Promise((resolve) => { answers.push(resolve); });
  api.users = async () => asked.push('users') && [];
  t.mock.method(globalThis, 'setTimeout', (then) => queueMicrotask(then));
  lookAgainSoon('u1');
  await new Promise(setImmediate);
  forgetPeople();
  answers[0]({ _id: 'u1', status: 'online' });
  await new Promise(setImmediate);
  assert.deepEqual([answers.length, asked, people.byId], [1, [], {}]);
});

test('without a socket answers are believed again of whom the events told', async (t) => {
  const server = createServer((request, response) => response.writeHead(503).end());
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  globalThis.location = new URL(`http://127.0.0.1:${server.address().port}/`);
  await presence.watchPresence();
  assert.equal(statusOf('u0'), 'online');
  api.sync = async () => ({});
  api.users = async () => [{ _id: 'u0', displayName: 'U 0', status: 'offline' }];
  api.blocks = async () => [];
  start();
  t.after(() => {
    stop();
    delete globalThis.location;
    server.close();
  });
  await until(() => chat.net === 'polling');
  await until(() => statusOf('u0') === 'offline');
});
