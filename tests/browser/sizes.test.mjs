// The page at every size: it never scrolls as a whole, whatever is in it, and
// nothing of it is out of reach.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../support/stack.mjs';
import { leakingOf, movableOf, wideOf } from './fits.mjs';
import { phone } from './people.mjs';
import { openScene } from './scene.mjs';

const SIZES = [[2560, 1440], [1366, 625], [phone.width, phone.height], [320, 256]];
const MANY = 60;
const scene = openScene();
let ben;

/* Ben at a page with so many conversations, each of one unread line. */
async function hears(count, options) {
  ben = await scene.registered('ben', options);
  const { user } = await scene.stack.login(ben.name);
  const others = [];
  for (let i = 0; i < count; i += 1) {
    const other = await scene.stack.register(`p${i}-${ben.name}`);
    await other.api('/api/messages', { body: { recipient_id: user._id, content: `line of ${i}` } });
    others.push(other.user.username);
  }
  if (count) await ben.sees(`conversation-${others.at(-1)}`);
  return others.reverse();
}

const movable = () => movableOf(ben.page);
const leaking = () => leakingOf(ben.page);
const wide = () => wideOf(ben.page);

/* Each of these can be brought into the window. */
async function reaches(...testIds) {
  for (const testId of testIds) {
    const there = await ben.get(testId).evaluate((element) => {
      element.scrollIntoView({ block: 'center' });
      const { top, bottom, left, right } = element.getBoundingClientRect();
      return top >= 0 && left >= 0 && right <= innerWidth && bottom <= innerHeight;
    });
    assert.ok(there, testId);
  }
}

const fontOf = (px) => ben.page.evaluate((size) => {
  document.documentElement.style.fontSize = size;
}, `${px}px`);

test('with many conversations the page stays where it is, whichever one opens', async () => {
  const others = await hears(MANY);
  for (const [width, height] of SIZES) {
    await ben.page.setViewportSize({ width, height });
    await ben.page.goto(`${scene.url}/#/`);
    for (const name of [others[10], others.at(-1)]) {
      await ben.get(`conversation-${name}`).scrollIntoViewIfNeeded();
      await ben.get(`conversation-${name}`).focus();
      await ben.open(name);
      await ben.reads(/^line of/);
      assert.deepEqual(await movable(), [], `${width}x${height}`);
      assert.deepEqual(await leaking(), [], `${width}x${height}`);
      const { y, height: high } = await ben.get('composer-input').boundingBox();
      assert.ok(y > 0 && y + high <= height, `${width}x${height}`);
      await ben.page.goto(`${scene.url}/#/`);
    }
    await ben.get('me').click();
    await ben.get('avatar-🚀').focus();
    assert.deepEqual(await movable(), [], `${width}x${height}`);
    assert.deepEqual(await leaking(), [], `${width}x${height}`);
    await ben.get('account-close').click();
    await ben.leaves('account');
  }
});

for (const font of [16, 24, 32]) {
  for (const locale of ['en-GB', 'fr-FR']) {
    test(`sign-in fits and scrolls at every size: ${font} px, ${locale}`, async () => {
      ben = await scene.newcomer('ben', { locale });
      await fontOf(font);
      for (const [width, height] of SIZES) {
        await ben.page.setViewportSize({ width, height });
        await reaches('field-login', 'field-password', 'submit', 'auth-toggle');
        await ben.get('auth-toggle').click();
        await ben.get('submit').click();
        await ben.sees('error-username');
        await reaches('field-username', 'error-username', 'field-email', 'error-password', 'submit', 'auth-toggle');
        assert.deepEqual(await wide(), [], `${width}x${height}`);
        assert.deepEqual(await movable(), [], `${width}x${height}`);
        await ben.page.mouse.move(width / 2, height / 2);
        await ben.get('auth-toggle').click();
      }
    });
  }
}

test('words have the page\'s own face, and nothing moves when it comes', async () => {
  ben = await scene.newcomer('ben');
  await ben.sees('login-form');
  await ben.page.waitForFunction(() => document.readyState === 'complete');
  const { faces, moved } = await ben.page.evaluate(async () => {
    const shifts = [];
    new PerformanceObserver((list) => shifts.push(...list.getEntries()))
      .observe({ type: 'layout-shift', buffered: true });
    const loaded = [...await document.fonts.ready].filter(({ status }) => status === 'loaded');
    await new Promise((resolve) => { setTimeout(resolve, 300); });
    return {
      faces: loaded.map(({ family }) => family),
      moved: shifts.reduce((sum, { value }) => sum + value, 0),
    };
  });
  assert.deepEqual(faces, ['Palabre']);
  assert.equal(moved, 0);
});

test('a wheel leads to the end of the sign-in page', async () => {
  ben = await scene.newcomer('ben', { viewport: { width: 1366, height: 625 } });
  await ben.get('auth-toggle').click();
  await ben.get('submit').click();
  await ben.page.setViewportSize({ width: 640, height: 300 });
  await ben.page.mouse.move(320, 150);
  const wheels = (by, there) => waitFor('the wheel leads there', async () => {
    await ben.page.mouse.wheel(0, by);
    return ben.page.evaluate(there);
  }, undefined, 100);
  await wheels(5000, () => document.querySelector('[data-testid=auth-toggle]').getBoundingClientRect().bottom < innerHeight);
  await wheels(-5000, () => document.querySelector('h1').getBoundingClientRect().top > 0);
});

for (const font of [16, 24]) {
  test(`nothing sticks out of the messenger at any size: ${font} px`, async () => {
    const [name] = await hears(2, { locale: 'fr-FR' });
    await fontOf(font);
    for (const [width, height] of SIZES) {
      const at = `${width}x${height}`;
      await ben.page.setViewportSize({ width, height });
      await ben.page.goto(`${scene.url}/#/`);
      await reaches('me', 'settings-button', 'search-input', `conversation-${name}`);
      assert.deepEqual(await wide(), [], at);
      await ben.get('settings-button').click();
      await reaches('open-account', 'theme-dark', 'language-en', 'sign-out');
      assert.deepEqual(await wide(), [], at);
      await ben.get('open-account').click();
      for (const tab of ['sessions', 'password', 'privacy', 'profile']) {
        await reaches(`tab-${tab}`);
        await ben.get(`tab-${tab}`).click();
        await reaches('account-close');
        assert.deepEqual(await wide(), [], `${at} ${tab}`);
      }
      await reaches('field-displayName', 'field-email', 'submit');
      await ben.get('account-close').click();
      await ben.noLongerSees('account');
      await ben.get('new-conversation').click();
      await reaches('new-group', 'pick-search', 'new-close');
      assert.deepEqual(await wide(), [], `${at} new`);
      await ben.get('new-close').click();
      await ben.leaves('new');
      await ben.open(name);
      await ben.get('open-details').click();
      await reaches('details-close', 'mute');
      assert.deepEqual(await wide(), [], `${at} details`);
      await ben.get('details-close').click();
      await ben.noLongerSees('details');
      await ben.get('message-actions').last().click();
      await reaches('action-reply');
      await ben.get('action-reply').click();
      await reaches('composer-input', 'send-button', 'composer-cancel', 'chat-title');
      assert.deepEqual(await wide(), [], at);
      assert.deepEqual(await movable(), [], at);
      await ben.get('composer-cancel').click();
    }
  });
}
