// How long one stays signed in: for as long as one comes by.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { password, share, waitFor } from '../support/stack.mjs';
import { tokenUntil } from '../support/tokens.mjs';
import { openScene } from './scene.mjs';

const scene = openScene();
let ann;

const keptAt = (page) =>
  page.evaluate(() => JSON.parse(localStorage.getItem('palabre.user')));

/* Her page, come back to with a token that is nearly over. */
async function comeBack(life) {
  const { token, user } = await keptAt(ann.page);
  const until = Math.ceil(Date.now() / 1000) * 1000 + life;
  const old = tokenUntil(scene.stack, token, until);
  await ann.page.evaluate((kept) => {
    localStorage.setItem('palabre.user', JSON.stringify(kept));
  }, { token: old, user });
  await ann.page.reload();
  return { old, until };
}

/* Tokens made within one second are the same. */
const untilAnotherSecond = () => new Promise((resolve) => { setTimeout(resolve, 1100); });

const renewed = (old) =>
  waitFor('a new token', async () => {
    const { token } = await keptAt(ann.page);
    return token !== old && token;
  }, 10000);

test('the token is swapped on the open socket, which outlives the old one', async () => {
  ann = await scene.registered('ann');
  const ben = await scene.stack.register(`${ann.name}-ben`);
  const sockets = [];
  ann.page.on('websocket', (socket) => sockets.push(socket));
  const { old, until } = await comeBack(Math.ceil(3000 * share()));
  await ann.sees('messenger');
  await renewed(old);
  await waitFor('its time is over', () => Date.now() > until + 1500, Math.max(0, until - Date.now()) + 10000);
  const { user } = await keptAt(ann.page);
  await ben.api('/api/messages', { body: { recipient_id: user._id, content: 'still here?' } });
  await ann.open(ben.user.username);
  await ann.reads('still here?');
  assert.equal(sockets.length, 1);
  assert.equal(sockets[0].isClosed(), false);
});

test('a laptop that slept for a day swaps its token on waking', async () => {
  ann = await scene.registered('ann');
  await ann.context.clock.install();
  await ann.page.reload();
  await ann.sees('messenger');
  const { token: old } = await keptAt(ann.page);
  await untilAnotherSecond();
  await ann.context.clock.fastForward('25:00:00');
  await renewed(old);
  await ann.sees('messenger');
});

test('of two windows one asks for a token, and both use it', async () => {
  ann = await scene.registered('ann');
  const other = await ann.context.newPage();
  const { token: old } = await keptAt(ann.page);
  let asked = 0;
  let answer;
  const bothLooked = new Promise((resolve) => { answer = resolve; });
  await ann.context.route('**/api/auth/refresh', async (route) => {
    asked += 1;
    await bothLooked;
    await route.continue();
  });
  await untilAnotherSecond();
  await ann.page.evaluate((aDay) => {
    const kept = JSON.parse(localStorage.getItem('palabre.user'));
    kept.since -= aDay;
    localStorage.setItem('palabre.user', JSON.stringify(kept));
  }, 25 * 3600e3);
  const both = [ann.page, other];
  await Promise.all([ann.page.reload(), other.goto(scene.url)]);
  await Promise.all(both.map((page) => page.getByTestId('messenger').waitFor()));
  answer();
  const token = await renewed(old);
  for (const page of both) {
    const request = page.waitForRequest(/users\/search/);
    await page.getByTestId('search-input').fill('somebody');
    assert.equal((await request).headers().authorization, `Bearer ${token}`);
  }
  assert.equal(asked, 1);
});

test('a server that cannot renew now is asked again, and nobody is signed out', async () => {
  ann = await scene.registered('ann');
  let refusals = 0;
  await ann.page.route('**/api/auth/refresh', async (route) => {
    refusals += 1;
    if (refusals === 1) await route.abort();
    else if (refusals === 2) await route.fulfill({ status: 503, json: { error: { code: 'unavailable' } } });
    else await route.continue();
  });
  const { old } = await comeBack(60000);
  await renewed(old);
  assert.equal(refusals, 3);
  await ann.sees('messenger');
});

test('one who was signed out is told why, also after a reload', async () => {
  ann = await scene.registered('ann');
  const elsewhere = await scene.stack.login(ann.name);
  await waitFor('her socket', async () =>
    (await elsewhere.api('/api/users/me')).body.status === 'online');
  const answer = await elsewhere.api('/api/auth/password',
    { body: { password, newPassword: 'battery staple' } });
  assert.equal(answer.status, 200);
  const reason = () => ann.get('sign-in-reason').getByText('Your password was changed').waitFor();
  await reason();
  await ann.page.reload();
  await reason();
  await ann.signIn(ann.name, 'battery staple');
  await ann.sees('messenger');
});

test('where no WebSocket passes, messages are live all the same', async () => {
  ann = await scene.registered('ann');
  await ann.page.addInitScript(() => {
    globalThis.WebSocket = class extends EventTarget {
      constructor() {
        super();
        setTimeout(() => { this.onerror?.(new Event('error')); this.onclose?.({}); });
      }
      close() {}
    };
  });
  const polling = ann.page.waitForRequest(/socket\.io.*transport=polling.*sid=/);
  await ann.page.reload();
  await ann.sees('messenger');
  assert.ok(await polling);
  const ben = await scene.stack.register(`${ann.name}-ben`);
  const { user } = await keptAt(ann.page);
  await ben.api('/api/messages', { body: { recipient_id: user._id, content: 'the long way' } });
  await ann.open(ben.user.username);
  await ann.reads('the long way');
});

test('when the network is back nobody waits for the next try', async () => {
  ann = await scene.registered('ann');
  await ann.context.clock.install();
  await ann.page.reload();
  await ann.sees('messenger');
  await ann.context.setOffline(true);
  await ann.sees('net-banner');
  for (let i = 0; i < 20; i += 1) await ann.context.clock.runFor(5000); // each try later than the last
  const again = ann.page.waitForEvent('websocket', { timeout: 2000 * share() });
  await ann.context.setOffline(false);
  await again;
  await ann.get('net-banner').waitFor({ state: 'detached' });
});

test('a page that is not told what it missed says so, until it is', async () => {
  ann = await scene.registered('ann');
  const ben = await scene.stack.register(`${ann.name}-ben`);
  const { user } = await keptAt(ann.page);
  const tell = (content) => ben.api('/api/messages', { body: { recipient_id: user._id, content } });
  await tell('before');
  await ann.open(ben.user.username);
  await ann.page.route('**/api/sync', (route) => route.fulfill({ status: 500, json: {} }));
  await ann.context.setOffline(true);
  await ann.sees('net-banner');
  await ann.context.setOffline(false);
  await ann.get('net-banner').getByText('New messages cannot be fetched').waitFor();
  await tell('missed');
  await ann.page.unroute('**/api/sync');
  await ann.get('net-banner').getByRole('button').click();
  await ann.reads('missed');
  await ann.noLongerSees('net-banner');
});

test('a list that was asked for before a deletion and a new name undoes neither', async () => {
  ann = await scene.registered('ann');
  const ben = await scene.stack.register(`${ann.name}-ben`);
  const { user } = await keptAt(ann.page);
  const { body: group } = await ben.api('/api/conversations', { body: { title: 'Old name', members: [user._id] } });
  const { body: secret } = await ben.api('/api/messages', { body: { recipient_id: user._id, content: 'secret' } });
  const row = ann.get(`conversation-${ben.user.username}`);
  await row.getByText('secret').waitFor();
  await ann.sees('conversation-Old name');
  const lists = [];
  await ann.page.route(/\/api\/conversations(\?|$)/, async (route) => {
    lists.push([route, await route.fetch()]);
  });
  await ann.context.setOffline(true);
  await ann.sees('net-banner');
  await ann.context.setOffline(false);
  await waitFor('the list is under way', () => lists.length === 1);
  await ben.api(`/api/messages/${secret._id}`, { method: 'DELETE' });
  await ben.api(`/api/conversations/${group._id}`, { method: 'PATCH', body: { title: 'New name' } });
  await ann.sees('conversation-New name');
  await row.getByText('secret').waitFor({ state: 'detached' });
  const [[route, response]] = lists;
  await route.fulfill({ response });
  await ann.page.waitForTimeout(400); // it is applied by then
  assert.equal(await row.getByText('secret').count(), 0);
  assert.equal(await ann.get('conversation-New name').count(), 1);
});

test('a server on this machine is not lost with the network', async () => {
  assert.equal(new URL(scene.stack.url).hostname, 'localhost');
  ann = await scene.registered('ann', { url: scene.stack.url });
  await scene.stack.register(`${ann.name}-ben`);
  await ann.find(`${ann.name}-ben`);
  await ann.seesPresence('offline');
  const synced = ann.page.waitForResponse(/api\/sync/); // later than it would complain
  for (const what of ['offline', 'online']) {
    await ann.page.evaluate((name) => { dispatchEvent(new Event(name)); }, what);
  }
  await synced;
  assert.equal(await ann.get('net-banner').count(), 0);
  await ann.seesPresence('offline');
});

test('a conversation that is not there is said to be none', async () => {
  ann = await scene.registered('ann');
  await ann.page.goto(`${scene.url}/#/c/0123456789abcdef01234567`);
  await ann.page.getByText('This conversation is not here.').waitFor();
});
