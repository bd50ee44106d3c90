// What tells of messages while nobody looks, and where several windows agree.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory, waitFor } from '../support/stack.mjs';
import { Person, startOwnBrowser } from './people.mjs';
import { openScene } from './scene.mjs';

const scene = openScene();

/* What the page would show and sound is written down instead. */
const recorder = (permission) => {
  globalThis.told = [];
  globalThis.tones = 0;
  globalThis.dismissed = 0;
  globalThis.requests = 0;
  globalThis.Notification = class {
    static permission = sessionStorage.getItem('permission') ?? permission;

    static requestPermission() {
      globalThis.requests += 1;
      this.permission = 'granted';
      sessionStorage.setItem('permission', 'granted');
      return Promise.resolve('granted');
    }

    constructor(title, options) {
      globalThis.told.push({ title, body: options.body });
    }

    close() {
      globalThis.dismissed += 1;
    }
  };
  const { start } = OscillatorNode.prototype;
  OscillatorNode.prototype.start = function started(...when) {
    globalThis.tones += 1;
    return start.apply(this, when);
  };
  /* Other windows and sound are given too little time for a busy machine. */
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (work, ms, ...more) => setTimeout(work, ms === 150 || ms === 200 ? 10 * ms : ms, ...more);
};

/* Ann's window has no focus, as when she is at another program. */
const away = (page) => page.evaluate(() => {
  document.hasFocus = () => false;
  dispatchEvent(new Event('blur'));
});
const back = (page) => page.evaluate(() => {
  document.hasFocus = () => true;
  dispatchEvent(new Event('focus'));
});

const told = (page) => page.evaluate(() => globalThis.told);
const tones = (page) => page.evaluate(() => globalThis.tones);

/* Ann, whose page records, and Ben without one; they have met. */
async function meet(permission = 'granted') {
  const ann = await scene.newcomer('ann');
  await ann.context.addInitScript(recorder, permission);
  await ann.page.reload();
  await ann.register();
  const { user } = await scene.stack.login(ann.name);
  const ben = await scene.stack.register(`ben-${ann.name}`);
  const tell = async (content) => {
    const { status } = await ben.api('/api/messages', { body: { recipient_id: user._id, content } });
    assert.equal(status, 201);
  };
  await tell('first');
  await ann.open(ben.user.username);
  await ann.reads('first');
  return { ann, ben, tell };
}

async function another(ann) {
  const page = await ann.context.newPage();
  ann.watch(page);
  await page.goto(scene.url);
  await page.getByTestId('messenger').getByTestId('me').waitFor();
  await page.locator('body').click({ position: { x: 600, y: 300 } }); // sound needs a touch
  return page;
}

test('of two windows one tells, with the words and a sound, and none while somebody looks', async () => {
  const { ann, ben, tell } = await meet();
  const other = await another(ann);
  const all = async () => [...(await told(ann.page)), ...(await told(other))];
  await away(ann.page);
  await tell('one of them looks');
  await other.getByTestId('unread-badge').getByText('1', { exact: true }).waitFor();
  await ann.page.waitForTimeout(2500); // the question who looks has an answer by then
  assert.deepEqual(await all(), []);
  await away(other);
  await tell('nobody looks');
  await waitFor('it is told', async () => (await all()).length > 0);
  const notes = async () => await tones(ann.page) + await tones(other);
  await waitFor('two notes', async () => await notes() >= 2);
  await ann.page.waitForTimeout(400);
  assert.deepEqual(await all(), [{ title: ben.user.username, body: 'nobody looks' }]);
  assert.equal(await notes(), 2, 'once');
});

test('after a connection was gone everybody who wrote is told of, by the newest and with one sound', async () => {
  const { ann, ben, tell } = await meet();
  const { user } = await scene.stack.login(ann.name);
  const cleo = await scene.stack.register(`cleo-${ann.name}`);
  const say = (content) => cleo.api('/api/messages', { body: { recipient_id: user._id, content } });
  await say('hello');
  await ann.sees(`conversation-${cleo.user.username}`);
  await away(ann.page);
  await ann.context.setOffline(true);
  await ann.sees('net-banner');
  await tell('one');
  await say('two');
  await tell('three');
  await ann.context.setOffline(false);
  const all = async () => (await told(ann.page)).map(({ title, body }) => `${title}: ${body}`).sort();
  await waitFor('both are told', async () => (await all()).length === 2);
  assert.deepEqual(await all(), [`${ben.user.username}: three`, `${cleo.user.username}: two`].sort());
  await waitFor('two notes', async () => await tones(ann.page) >= 2);
  await ann.page.waitForTimeout(400);
  assert.equal(await tones(ann.page), 2, 'once');
});

test('a notification goes when its conversation was read elsewhere, and only then', async () => {
  const { ann, ben, tell } = await meet();
  const me = await scene.stack.login(ann.name);
  const cleo = await scene.stack.register(`cleo-${ann.name}`);
  const closed = () => ann.page.evaluate(() => globalThis.dismissed);
  await away(ann.page);
  await tell('read on the phone');
  await cleo.api('/api/messages', { body: { recipient_id: me.user._id, content: 'not read yet' } });
  await waitFor('both are told', async () => (await told(ann.page)).length === 2);
  assert.equal(await closed(), 0);
  const { body } = await ben.api(`/api/messages/conversation?with=${me.user._id}`);
  await me.api('/api/messages/read', { body: { conversationId: body.conversationId, seq: body.lastSeq } });
  await waitFor('it is gone', async () => (await closed()) === 1);
  await ann.get(`conversation-${cleo.user.username}`).getByTestId('unread-badge').waitFor();
  assert.equal(await closed(), 1);
  await back(ann.page);
  await waitFor('the other, when she looks', async () => (await closed()) === 2);
});

test('when the window that told is closed another one tells', async () => {
  const { ann, tell } = await meet();
  const other = await another(ann);
  await away(other);
  await ann.page.close();
  await waitFor('the other is the one that tells', () => other.evaluate(async () => {
    const { held, pending } = await navigator.locks.query();
    const teller = ({ name }) => name.endsWith('teller');
    return held.some(teller) && !pending.some(teller);
  }));
  await tell('still told');
  await waitFor('it is told', async () => (await told(other)).length === 1);
});

test('a page of guests, which tells of nothing, keeps no other from telling', async () => {
  const { ann, tell } = await meet();
  await ann.page.close();
  const room = await ann.context.newPage();
  await room.goto(`${scene.url}/client`);
  await room.getByTestId('field-name').fill(`guest-${ann.name}`);
  await room.getByTestId('submit').click();
  await room.getByTestId('composer-input').waitFor();
  await ann.comeBack();
  await ann.sees('me'); // with all lists: what comes from now on is news
  await back(room);
  await away(ann.page);
  await tell('beside a page of guests');
  await waitFor('it is told', async () => (await told(ann.page)).length === 1);
});

test('of a muted conversation nothing is told, and sound and notifications are off for who wants none', async () => {
  const { ann, ben, tell } = await meet();
  await ann.get('settings-button').click();
  await ann.get('switch-sound').click();
  await ann.page.keyboard.press('Escape');
  await away(ann.page);
  await tell('without a sound');
  await waitFor('it is told', async () => (await told(ann.page)).length === 1);
  assert.equal(await tones(ann.page), 0);
  await back(ann.page);
  await ann.get('settings-button').click();
  await ann.get('switch-sound').click();
  await ann.get('switch-desktop').click();
  await ann.page.keyboard.press('Escape');
  await ann.page.reload(); // the choice stays
  await ann.get('composer-input').click();
  await away(ann.page);
  await tell('a sound alone');
  await waitFor('it sounds', async () => (await tones(ann.page)) === 2);
  assert.deepEqual(await told(ann.page), []);
  await back(ann.page);
  const { body } = await scene.stack.login(ann.name).then((me) => me.api('/api/conversations'));
  const me = await scene.stack.login(ann.name);
  const muted = await me.api(`/api/conversations/${body[0]._id}/own`, { method: 'PATCH', body: { mutedUntil: 'forever' } });
  assert.equal(muted.status, 200);
  await ann.get(`conversation-${ben.user.username}`).locator('.own-sign').waitFor();
  await away(ann.page);
  await tell('muted');
  await ann.reads('muted');
  await ann.page.waitForTimeout(400);
  assert.equal(await tones(ann.page), 2);
});

test('whether one may notify is asked when something was missed, once', async () => {
  const { ann, tell } = await meet('default');
  assert.equal(await ann.get('notice-offer').count(), 0);
  await away(ann.page);
  await tell('missed');
  await ann.reads('missed');
  assert.equal(await ann.get('notice-offer').count(), 0);
  await back(ann.page);
  await ann.get('notice-offer').getByText('A message came while you looked elsewhere').waitFor();
  assert.equal(await ann.page.evaluate(() => globalThis.requests), 0);
  await ann.get('notice-yes').click();
  await ann.noLongerSees('notice-offer');
  assert.equal(await ann.page.evaluate(() => globalThis.requests), 1);
  await away(ann.page);
  await tell('not missed');
  await ann.reads('not missed');
  await waitFor('it is told', async () => (await told(ann.page)).length === 1);
});

test('a no is a no, after a reload, too', async () => {
  const { ann, tell } = await meet('default');
  for (const again of [false, true]) {
    await away(ann.page);
    await tell(`missed ${again}`);
    await ann.reads(`missed ${again}`);
    await back(ann.page);
    if (again) break;
    await ann.get('notice-no').click();
    await ann.noLongerSees('notice-offer');
    await ann.page.reload();
    await ann.reads('missed false');
  }
  await ann.page.waitForTimeout(300);
  assert.equal(await ann.get('notice-offer').count(), 0);
  assert.equal(await ann.page.evaluate(() => globalThis.requests), 0);
});

test('the icon of the tab and of the app say that something is unread', async () => {
  const { ann, tell } = await meet();
  await ann.page.evaluate(() => {
    globalThis.badges = [];
    navigator.setAppBadge = async (n) => { globalThis.badges.push(n); };
    navigator.clearAppBadge = async () => { globalThis.badges.push(0); };
  });
  const icon = () => ann.page.locator('link[rel=icon]').getAttribute('href');
  assert.match(await icon(), /\/favicon\.svg$/);
  await away(ann.page);
  await tell('unread');
  await waitFor('the icon has a dot', async () => /\/favicon-unread\.svg$/.test(await icon()));
  assert.equal((await scene.stack.api('/favicon-unread.svg')).status, 200);
  await back(ann.page);
  await waitFor('it has none', async () => /\/favicon\.svg$/.test(await icon()));
  assert.deepEqual(await ann.page.evaluate(() => globalThis.badges), [1, 0]);
});

test('theme and language that are chosen in one window are those of all', async () => {
  const { ann } = await meet();
  const other = await another(ann);
  await ann.get('settings-button').click();
  await ann.get('theme-dark').click();
  await other.locator('html[data-theme=dark]').waitFor();
  await ann.get('language-fr').click();
  await other.locator('html[lang=fr]').waitFor();
  await other.getByPlaceholder('Rechercher').or(other.getByLabel('Réglages')).first().waitFor();
});

test('a notification is answered where it stands, and leads to its conversation', async () => {
  const dir = temporaryDirectory();
  const context = await startOwnBrowser(dir);
  try {
    await context.grantPermissions(['notifications'], { origin: scene.url });
    const ann = await Person.at(context, `bell-${Date.now().toString(36)}`, scene.url);
    await ann.register();
    await ann.sees('me');
    await ann.page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
    const { user } = await scene.stack.login(ann.name);
    const ben = await scene.stack.register(`ben-${ann.name}`);
    await away(ann.page);
    await ben.api('/api/messages', { body: { recipient_id: user._id, content: 'are you there?' } });
    const worker = context.serviceWorkers()[0] ?? await context.waitForEvent('serviceworker');
    const shown = () => worker.evaluate(async () =>
      (await self.registration.getNotifications()).map(({ title, body, tag }) => ({ title, body, tag })));
    await waitFor('it is shown', async () => (await shown()).length === 1);
    const [{ title, body, tag }] = await shown();
    assert.deepEqual([title, body], [ben.user.username, 'are you there?']);
    const me = await scene.stack.login(ann.name);
    await me.api('/api/messages/read', { body: { conversationId: tag, seq: 1 } });
    await waitFor('it goes when it was read elsewhere', async () => (await shown()).length === 0);
    await ben.api('/api/messages', { body: { recipient_id: user._id, content: 'and now?' } });
    await waitFor('the next is shown', async () => (await shown()).length === 1);
    const click = (reply) => worker.evaluate(async (text) => {
      const [notification] = await self.registration.getNotifications();
      self.dispatchEvent(new self.NotificationEvent('notificationclick', {
        notification, action: text ? 'reply' : '', reply: text,
      }));
    }, reply);
    await click('in a minute');
    const said = async () => (await ben.api(`/api/messages/conversation?conversationId=${tag}`)).body.items
      .map(({ content }) => content);
    await waitFor('the answer is there', async () => (await said()).includes('in a minute'));
    assert.deepEqual(await shown(), []);
    assert.equal(await ann.get('composer-input').count(), 0);
    await ben.api('/api/messages', { body: { recipient_id: user._id, content: 'come and see' } });
    await waitFor('it is shown', async () => (await shown()).length === 1);
    await click('');
    await ann.reads('come and see');
    assert.deepEqual(ann.complaints, []);
  } finally {
    await context.close();
    rmSync(dir, { recursive: true, force: true });
  }
});
