// A page that has to wait for its turn.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../support/stack.mjs';
import { openScene } from './scene.mjs';

const RETRY_MS = 9000; // what the server says: both times, and a second
const LATE_MS = 1500; // the first try is noticed so late on a busy machine
const scene = openScene({ set: { user_sockets: 1, ping_interval_ms: 4000, ping_timeout_ms: 4000 } });

test('one window too many tries again when the server says, and is live then', async () => {
  const ann = await scene.registered('ann');
  const elsewhere = await scene.stack.login(ann.name);
  await waitFor('her socket', async () =>
    (await elsewhere.api('/api/users/me')).body.status === 'online');
  const other = await ann.context.newPage();
  const tries = [];
  other.on('websocket', () => tries.push(Date.now()));
  await other.goto(scene.url);
  const banner = other.getByTestId('net-banner');
  await banner.getByText('Live connection lost').waitFor();
  await ann.page.close();
  await banner.waitFor({ state: 'detached' });
  assert.equal(tries.length, 2);
  assert.ok(tries[1] - tries[0] >= RETRY_MS - LATE_MS, `${tries[1] - tries[0]} ms`);
});
