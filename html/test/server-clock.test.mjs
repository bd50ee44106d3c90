// What is compared with the server's times goes by its clock, not by this machine's.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { nextTick } from 'vue';
import './page.mjs';

const { createApi } = await import('../src/lib/api.js');
const { now } = await import('../src/lib/now.js');
const { hearDate, serverNow } = await import('../src/lib/server-clock.js');
const { adopt, api } = await import('../src/stores/session.js');
const { chat, resetChat } = await import('../src/stores/chat.js');
const { act, mute } = await import('../src/stores/own.js');
const arrivals = await import('../src/stores/arrivals.js');

const HOUR = 3600 * 1000;
const TRUE = Date.parse('2026-03-01T12:00:00Z');
const real = { now: Date.now, mono: performance.now, fetch: globalThis.fetch };

/* What it is here, by the clock that can be set and by the other. */
let wall;
let mono;
const pass = (ms) => {
  wall += ms;
  mono += ms;
};
const said = (ms) => new Date(ms).toUTCString();

beforeEach(() => {
  wall = TRUE;
  mono = 1000;
  Date.now = () => wall;
  performance.now = () => mono;
  hearDate(said(TRUE), wall);
  assert.equal(serverNow(), TRUE);
});
afterEach(() => {
  Date.now = real.now;
  performance.now = real.mono;
  globalThis.fetch = real.fetch;
});

/* This machine's clock was wrong from the beginning. */
function beginAt(ms) {
  wall = ms;
  hearDate(said(TRUE), wall);
}

for (const [what, off] of [['an hour slow', -HOUR], ['an hour fast', HOUR]]) {
  test(`where the clock is ${what} an answer tells, and views go by it at once`, async () => {
    wall = TRUE + off;
    globalThis.fetch = async () => new Response('{}', { headers: { Date: said(TRUE) } });
    await createApi({ token: () => '', onUnauthorized: () => {} }).health();
    assert.deepEqual([serverNow(), now.value], [TRUE, TRUE]);
    pass(10 * 60000);
    assert.equal(serverNow(), TRUE + 10 * 60000);
  });

  test(`and an hour of quiet is one where it is ${what}`, async () => {
    const asked = [];
    adopt({ token: 't', user: { _id: 'ann', username: 'ann' } });
    resetChat('ann');
    api.changeOwn = async (id, fields) => asked.push(fields.mutedUntil);
    beginAt(TRUE + off);
    await mute({ _id: 'c' }, HOUR);
    await act({ _id: 'c' }, 'mute');
    assert.deepEqual(asked, ['2026-03-01T13:00:00.000Z', 'forever']);
  });
}

test('what is quiet still makes no noise by a clock that is fast', () => {
  const heard = [];
  arrivals.onHeard((messages) => heard.push(...messages.map(({ content }) => content)));
  resetChat('ann');
  beginAt(TRUE + HOUR);
  const say = (seq, content) => arrivals.tellOfArrivals([
    { _id: `m${seq}`, conversationId: 'c', seq, kind: 'text', sender: 'bob', content, mentions: [] },
  ]);
  chat.state.conversations.c = { mutedUntil: new Date(TRUE + 60000).toISOString() };
  say(1, 'quiet');
  pass(120000);
  say(2, 'loud');
  assert.deepEqual(heard, ['loud']);
});

test('an answer that was on its way for seconds, or has no date, moves nothing', () => {
  for (const date of [said(TRUE - 20000), null, '', 'soon']) hearDate(date, wall);
  assert.equal(serverNow(), TRUE);
});

test('nor does one over which the machine slept', async () => {
  globalThis.fetch = async () => {
    wall += HOUR;
    return new Response('{}', { headers: { Date: said(TRUE) } });
  };
  await createApi({ token: () => '', onUnauthorized: () => {} }).health();
  assert.equal(serverNow(), TRUE + HOUR);
});

test('a clock that is set right while the page is open is right at once, and after the next answer', () => {
  beginAt(TRUE - HOUR);
  wall = TRUE;
  assert.equal(serverNow(), TRUE);
  hearDate(null, wall); // which tells nothing
  assert.equal(serverNow(), TRUE);
  hearDate(said(TRUE), wall);
  assert.equal(serverNow(), TRUE);
});

test('a machine that slept counts by its own clock until an answer tells, and so do views', async () => {
  beginAt(TRUE - HOUR);
  wall += 8 * HOUR;
  assert.equal(serverNow(), wall);
  now.value = serverNow(); // as when it is looked at
  wall += 700; // the Date of an answer is in whole seconds
  hearDate(said(TRUE + 8 * HOUR), wall);
  await nextTick();
  assert.deepEqual([serverNow(), now.value], [TRUE + 8 * HOUR, TRUE + 8 * HOUR]);
});
