// What people are used to from other messengers and do not think about: where
// the focus is, what Enter and the way back do, what a screen reader hears.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phone } from './people.mjs';
import { openScene } from './scene.mjs';

const touch = { viewport: phone, isMobile: true, hasTouch: true };
const zoomed = { viewport: { width: 640, height: 400 } }; // 1280 x 800 at 200 %
const scene = openScene();
let ben;

/* Ben at his page, and Ann without one: she tells him so many lines. */
async function hears(count, options) {
  ben = await scene.registered('ben', options);
  const ann = await scene.stack.register(`ann-${ben.name}`);
  const { user } = await scene.stack.login(ben.name);
  ann.name = ann.user.username;
  ann.tell = async (content, more) =>
    (await ann.api('/api/messages', { body: { recipient_id: user._id, content, ...more } })).body;
  ann.lines = [];
  for (let i = 0; i < count; i += 1) ann.lines.push(await ann.tell(`line ${i}`));
  if (count > 0) await ben.get(`conversation-${ann.name}`).getByText(`line ${count - 1}`, { exact: true }).waitFor();
  return ann;
}

const focused = () => ben.page.evaluate(() => {
  const { dataset, tagName } = document.activeElement;
  return dataset.testid ?? tagName;
});
const focusedRole = () =>
  ben.page.evaluate(() => document.activeElement.getAttribute('role'));
const press = async (...keys) => {
  for (const key of keys) await ben.page.keyboard.press(key);
};
const shownWith = (role) => ben.page.getByRole(role).filter({ visible: true }).count();

test('the one who comes next is in the list of the one who waits', async () => {
  ben = await scene.registered('ben');
  const cyd = await scene.registered('cyd');
  await ben.sees(`person-${cyd.name}`);
});

test('Enter opens the first that is found, however soon', async () => {
  ben = await scene.registered('ben');
  const { user } = await scene.stack.register(`first-${ben.name}`);
  await ben.get('search-input').pressSequentially(user.username);
  await press('Enter');
  await ben.get('chat-title').filter({ hasText: user.username }).waitFor();
  assert.equal(await focused(), 'composer-input');
});

test('a form keeps the focus, whatever comes of it', async () => {
  ben = await scene.newcomer('ben');
  assert.equal(await focused(), 'field-login');
  await ben.get('field-login').fill(ben.name);
  await ben.get('field-password').fill('not the one');
  await ben.get('submit').click();
  await ben.sees('error-password');
  assert.equal(await focused(), 'field-password');
  await ben.register();
  await ben.get('me').click();
  await ben.get('field-statusText').fill('here');
  await ben.get('submit').click();
  await ben.get('form-done').getByText('Saved.').waitFor();
  assert.equal(await focused(), 'submit');
});

test('the focus stays with the devices when one of them goes', async () => {
  await hears(0); // she signs in as him, too
  await ben.get('me').click();
  await ben.get('tab-sessions').click();
  await ben.get('device-end').click();
  await ben.get('form-done').getByText('Signed out on one device.').waitFor();
  assert.equal(await focused(), 'device-list');
});

test('the focus stays with the messages when a failure is put aside', async () => {
  const ann = await hears(1);
  await ben.open(ann.name);
  await ben.say('regretted');
  await ben.reads('regretted', 'sent');
  await ben.context.setOffline(true);
  await ben.act('regretted', 'delete');
  await ben.get('delete-yes').click();
  await ben.get('delete-keep').click();
  await ben.noLongerSees('delete-error');
  assert.equal(await focusedRole(), 'region');
});

test('a text of many lines leaves the messages at their end', async () => {
  const ann = await hears(28);
  await ben.open(ann.name);
  await ben.get('new-messages').click();
  await ben.noLongerSees('new-messages');
  await ben.get('composer-input').fill('1\n2\n3\n4\n5\n6');
  await press('Control+End', '7', '8');
  await ben.page.evaluate(() => new Promise((done) => {
    requestAnimationFrame(() => requestAnimationFrame(done));
  }));
  assert.equal(await ben.get('new-messages').count(), 0);
  const { height } = await ben.get('composer-input').boundingBox();
  assert.ok(height > 6 * 16, 'it is as high as its text');
});

test('what comes on the way down is gone down to, with the focus kept', async () => {
  const ann = await hears(150);
  await ben.open(ann.name);
  await ben.get('new-messages').click();
  await ann.tell('the very last');
  await ben.page.waitForFunction(() => {
    const { bottom } = document.querySelector('li.message:last-of-type').getBoundingClientRect();
    return document.body.innerText.includes('the very last') && bottom < innerHeight;
  });
  assert.equal(await ben.get('new-messages').count(), 0);
  assert.equal(await focusedRole(), 'region');
});

test('a reply leads to its original, however far above', async () => {
  const ann = await hears(150);
  await ann.tell('an answer', { replyTo: ann.lines[3]._id });
  await ben.page.reload(); // now the page knows of the newest alone
  await ben.open(ann.name);
  await ben.get('new-messages').click();
  await ben.get('quote').getByText('Earlier message').waitFor();
  await ben.context.setOffline(true);
  await ben.get('quote').getByText('Earlier message').click();
  await ben.get('quote').getByText('could not be loaded').waitFor();
  await ben.context.setOffline(false);
  await ben.get('quote').getByText('could not be loaded').click();
  await ben.message('line 3').waitFor();
  await ben.page.waitForFunction(() => document.activeElement.innerText.includes('line 3'));
  await ben.get('quote').getByText('line 3').waitFor();
});

test('the messages are one stop of the Tab key, and arrows lead through them', async () => {
  const ann = await hears(3);
  await ben.open(ann.name);
  const label = () => ben.page.evaluate(() => document.activeElement.getAttribute('aria-label'));
  await ben.get('composer-input').focus();
  await press('Shift+Tab'); // the emoji
  await press('Shift+Tab');
  assert.match(await label(), /line 2/);
  await press('ArrowUp');
  assert.match(await label(), /line 1/);
  await press('Home');
  assert.match(await label(), /line 0/);
  await press('ArrowUp');
  assert.match(await label(), /line 0/);
  await press('Tab', 'Shift+Tab');
  assert.match(await label(), /line 0/, 'one comes back to where one was');
  await press('Shift+Tab');
  assert.match(await label(), /^Messages with/);
});

test('a screen reader hears who wrote what, and the same words twice', async () => {
  const ann = await hears(1);
  await ben.open(ann.name);
  await ben.say('hello');
  const heard = (text) => ben.message(text).ariaSnapshot();
  assert.match(await heard('line 0'), new RegExp(ann.name));
  assert.match(await heard('hello'), /You/);
  const spoken = await ben.get('spoken').evaluateHandle((element) => {
    const all = [];
    new MutationObserver(() => all.push(element.textContent.trim()))
      .observe(element, { childList: true, subtree: true, characterData: true });
    return all;
  });
  for (const n of [1, 2]) {
    await ann.tell('ok');
    await ben.page.waitForFunction((count) =>
      document.querySelectorAll('[data-own=false]').length === 1 + count, n);
  }
  assert.deepEqual(await spoken.jsonValue(), Array(2).fill(`${ann.name}: ok`));
});

test('the list shows where one was writing', async () => {
  const ann = await hears(1);
  await ben.open(ann.name);
  await ben.get('composer-input').fill('half a thought');
  const draft = ben.get(`conversation-${ann.name}`).getByText('Draft: half a thought');
  assert.equal(await draft.count(), 0);
  await ben.page.goto(`${scene.url}/#/`);
  await draft.waitFor();
});

test('at 200 % keys lead from the list to a conversation and back', async () => {
  const ann = await hears(1, zoomed);
  assert.deepEqual([await shownWith('main'), await shownWith('navigation')], [1, 0]);
  await ben.get('search-input').focus();
  await press('ArrowDown', 'Enter');
  await ben.get('composer-input').waitFor();
  assert.equal(await shownWith('main'), 1);
  await ben.get('back').focus();
  await press('Enter');
  await ben.sees(`conversation-${ann.name}`);
  await ben.page.waitForFunction((id) =>
    document.activeElement.dataset.testid === id, `conversation-${ann.name}`);
  await press('Enter');
  await ben.get('composer-input').waitFor();
  await press('Control+k');
  await ben.page.waitForFunction(() => document.activeElement.type === 'search');
});

test('at 200 % no field is hidden by the button below', async () => {
  await hears(0, zoomed);
  await ben.get('me').click();
  await ben.get('field-avatar').focus();
  for (const field of ['displayName', 'statusText', 'username', 'email']) {
    await press('Tab');
    assert.equal(await focused(), `field-${field}`);
    const { y, height } = await ben.get(`field-${field}`).boundingBox();
    assert.ok(y + height <= (await ben.get('submit').boundingBox()).y, field);
  }
});

test('at 400 % the settings can be scrolled to their end', async () => {
  await hears(0, { viewport: { width: 320, height: 256 } });
  await ben.get('settings-button').click();
  await ben.get('open-account').hover();
  await ben.page.mouse.wheel(0, 500);
  await ben.page.waitForFunction(() =>
    document.querySelector('[data-testid=sign-out]').getBoundingClientRect().bottom < innerHeight);
});

test('a file that is dropped does not take the place of the page', async () => {
  await hears(0);
  const refused = await ben.page.evaluate(() => ['dragover', 'drop'].map((type) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(['x'], 'x.png'));
    const event = new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true });
    return !document.body.dispatchEvent(event);
  }));
  assert.deepEqual(refused, [true, true]);
});

test('the way back of a phone closes the account, then the conversation', async () => {
  const ann = await hears(1, touch);
  const entries = () => ben.page.evaluate(() => history.length);
  const before = await entries();
  await ben.get(`conversation-${ann.name}`).tap();
  await ben.get('back').tap();
  await ben.get('search-input').waitFor();
  await ben.get('me').tap();
  await ben.sees('account');
  await ben.page.goBack();
  await ben.noLongerSees('account');
  await ben.get('me').tap();
  await ben.get('account-close').tap();
  await ben.leaves('account');
  await ben.get(`conversation-${ann.name}`).tap();
  await ben.sees('composer-input');
  await ben.page.goBack();
  await ben.get('search-input').waitFor();
  assert.equal(await entries(), before + 1, 'nothing piles up');
});

test('a list of what keys do opens by keys, from the settings, and gives the focus back', async () => {
  await hears(0);
  await ben.get('settings-button').focus();
  await press('?');
  await ben.get('shortcuts').getByText('Keyboard shortcuts').waitFor();
  await press('Escape');
  await ben.noLongerSees('shortcuts');
  await ben.get('search-input').fill('?');
  await press('?');
  assert.equal(await ben.get('shortcuts').count(), 0, 'where one writes it is a sign');
  await press('Control+/');
  await ben.sees('shortcuts');
  await ben.get('shortcuts-close').click();
  await ben.noLongerSees('shortcuts');
  assert.equal(await focused(), 'search-input');
  await ben.get('settings-button').click();
  await ben.get('open-shortcuts').click();
  await ben.sees('shortcuts');
});

test('keys are called what is on them, in French, too', async () => {
  ben = await scene.registered('ben', { locale: 'fr-FR' });
  await press('Control+/');
  await ben.sees('shortcuts');
  const names = await ben.get('shortcuts').locator('kbd').allInnerTexts();
  assert.deepEqual([...new Set(names)].filter((name) => name.length > 1), ['Ctrl', 'Maj', 'F10', 'Entrée', 'Échap', 'Tab']);
});

test('a button that is a sign alone says in words what it does to whoever points at it', async () => {
  const ann = await hears(1);
  await ben.open(ann.name);
  await ben.get('open-details').click();
  await ben.sees('details');
  await ben.get('search-input').fill('line');
  const signs = await ben.page.locator('button:visible').evaluateAll((all) => all
    .filter((e) => !e.innerText.trim() && e.querySelector('.icon'))
    .map((e) => [e.ariaLabel, e.title]));
  assert.ok(signs.length > 5);
  assert.deepEqual(signs.filter(([label, title]) => !label || title !== label), []);
});
