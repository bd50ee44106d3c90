// Of whom the page hears that they come and go, where it knows too many to hear of all.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import './page.mjs';

const { adopt } = await import('../src/stores/session.js');
const { chat, resetChat } = await import('../src/stores/chat.js');
const { forgetPeople, people, remember } = await import('../src/stores/people.js');
const presence = await import('../src/stores/presence.js');

const MANY = 250;
const LAST = `u${MANY - 1}`;
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
