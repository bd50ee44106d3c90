// Input methods and other keyboards: keys that are part of writing a word do
// nothing else, and what is being composed counts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../support/stack.mjs';
import { phone } from './people.mjs';
import { openScene } from './scene.mjs';

const scene = openScene();

const AS_COMPOSED = [{ isComposing: true }, { keyCode: 229 }];

/* These keys while a word is being composed there. */
async function composing(locator, ...keys) {
  for (const how of AS_COMPOSED) {
    for (const key of keys) {
      await locator.dispatchEvent('keydown', { key, code: key, ...how });
    }
  }
}

/* A real composition of the browser, which is not ended. */
async function compose(person, text) {
  const session = await person.context.newCDPSession(person.page);
  await session.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
  return () => session.send('Input.insertText', { text });
}

const focused = (person) => person.page.evaluate(() => document.activeElement.dataset.testid);

test('keys of a composition do nothing else in the composer', async () => {
  const [ann, ben] = await scene.pair();
  await ann.say('as it was');
  await ann.reads('as it was', 'read');
  const input = ann.get('composer-input');
  await ann.act('as it was', 'reply');
  await input.fill('にほん');
  await composing(input, 'Enter', 'Escape', 'ArrowUp', 'ArrowDown');
  await ann.sees('composer-reply');
  await ann.seesComposer('にほん');
  await input.press('Enter');
  await ben.reads('にほん');
  await ann.act('as it was', 'edit');
  await input.fill('as it is');
  await composing(input, 'Enter', 'Escape');
  await ann.sees('composer-edit');
  await ann.seesComposer('as it is');
  assert.deepEqual(await ben.texts(), ['as it was', 'にほん']);
});

test('keys of a composition do nothing else in the search, menus and forms', async () => {
  const [ann, ben] = await scene.pair();
  await ann.say('hello');
  await ann.sees(`conversation-${ben.name}`);
  const search = ann.get('search-input');
  await search.fill(ben.name);
  await search.focus();
  await composing(search, 'Escape', 'ArrowDown', 'Enter', 'Home');
  assert.equal(await search.inputValue(), ben.name);
  assert.equal(await focused(ann), 'search-input');
  await search.press('Escape');
  assert.equal(await search.inputValue(), '');
  await ann.get('settings-button').click();
  await composing(ann.get('theme-light'), 'Escape');
  await ann.sees('sign-out');
  await ann.get('open-account').click();
  await composing(ann.get('field-displayName'), 'Escape', 'Enter', 'ArrowLeft');
  await composing(ann.get('tab-profile'), 'ArrowRight');
  await ann.sees('profile-form');
  await ann.page.keyboard.press('Escape');
  await ann.noLongerSees('account');
  await ann.message('hello').getByTestId('message-actions').click();
  const first = await focused(ann);
  await composing(ann.get(first), 'ArrowDown', 'Escape');
  assert.equal(await focused(ann), first);
});

test('what is being composed counts for the button, the draft and the search', async () => {
  const [ann, ben] = await scene.pair();
  await ann.get('composer-input').focus();
  await compose(ann, '한글');
  assert.equal(await ann.get('send-button').isEnabled(), true);
  await ann.sees('composer-input');
  await ann.get('send-button').click();
  await ben.reads('한글');
  await ann.seesComposer('');
  await ann.get('search-input').focus();
  const end = await compose(ann, ben.name);
  const found = ann.get(`conversation-${ben.name}`);
  await found.waitFor();
  await ann.page.getByRole('heading', { name: 'Conversations' }).waitFor();
  await end();
  await found.waitFor();
  await ann.get('me').click();
  await ann.get('field-displayName').focus();
  await compose(ann, 'あん');
  assert.equal(await ann.get('submit').getAttribute('aria-disabled'), 'false');
});

test('with a keyboard at a tablet, Enter breaks the line and Ctrl or Cmd with it sends', async () => {
  const [ann, ben] = await Promise.all([
    scene.registered('ann', { viewport: phone, isMobile: true, hasTouch: true }), scene.registered('ben')]);
  await ann.find(ben.name);
  await ben.find(ann.name);
  const input = ann.get('composer-input');
  for (const [n, key] of ['Control+Enter', 'Meta+Enter'].entries()) {
    await input.pressSequentially(`one ${n}`);
    await input.press('Enter');
    await input.pressSequentially('two');
    await input.press(key);
    await ben.reads(`one ${n}\ntwo`);
  }
});

test('Ctrl+K finds on every layout, and is not taken from others', async () => {
  const [ann] = await scene.pair();
  const press = (event) => ann.get('composer-input').dispatchEvent('keydown', { ctrlKey: true, bubbles: true, cancelable: true, ...event });
  const here = async (event) => {
    await ann.get('composer-input').focus();
    await press(event);
    return (await focused(ann)) === 'search-input';
  };
  const finds = [{ key: 'k', code: 'KeyK' }, { key: 'K', code: 'KeyK' }, { key: 'л', code: 'KeyK' }, { key: 'κ', code: 'KeyK' },
    { key: 'ن', code: 'KeyK' }, { key: 'k', code: 'KeyV' }, { key: 'k', code: 'KeyK', ctrlKey: false, metaKey: true }];
  for (const event of finds) assert.equal(await here(event), true, event.key);
  const others = [{ key: 't', code: 'KeyK' }, { key: 'k', code: 'KeyK', altKey: true }, { key: 'K', code: 'KeyK', shiftKey: true },
    { key: 'k', code: 'KeyK', ctrlKey: false }, { key: 'л', code: 'KeyG' }];
  for (const event of others) assert.equal(await here(event), false, JSON.stringify(event));
});

test('an emoji comes by its name, by the list of what may be meant, and from the picker', async () => {
  const [ann, ben] = await scene.pair();
  const input = ann.get('composer-input');
  const asked = [];
  ann.page.on('request', (request) => { if (/emoji-/.test(request.url())) asked.push(request.url()); });
  await input.pressSequentially('at 10:30 ');
  assert.deepEqual(asked, [], 'nobody wanted one yet');
  await input.pressSequentially(':rocket: and :smil');
  await ann.get('emojis').getByText('grinning face with smiling eyes').waitFor();
  await input.press('ArrowDown');
  await input.press('ArrowUp');
  await input.press('Enter');
  await ann.seesComposer('at 10:30 🚀 and 😄 ');
  assert.equal(asked.length, 1);
  await ann.get('emoji-open').click();
  await ann.get('emoji-search').fill('red heart');
  await ann.get('emoji-❤️').click();
  await ann.seesComposer('at 10:30 🚀 and 😄 ❤️');
  await ann.get('emoji-search').fill('');
  await ann.get('emoji-search').press('ArrowDown');
  await ann.page.keyboard.press('ArrowRight');
  await ann.page.keyboard.press('Enter');
  await ann.page.keyboard.press('Escape');
  await ann.noLongerSees('emoji-picker');
  assert.equal(await ann.get('emoji-open').evaluate((button) => button === document.activeElement), true);
  await ann.seesComposer('at 10:30 🚀 and 😄 ❤️😃');
  await ann.get('send-button').click();
  await ben.reads('at 10:30 🚀 and 😄 ❤️😃');
});

test('emoji whose names come later than what is typed are put in where they were meant', async () => {
  const [ann] = await scene.pair();
  let letThrough;
  const held = new Promise((resolve) => { letThrough = resolve; });
  await ann.page.route(/emoji-/, async (route) => { await held; await route.continue(); });
  const asked = ann.page.waitForRequest(/emoji-/);
  await ann.get('composer-input').pressSequentially(':rocket: or :rocket: and :smil');
  await asked;
  letThrough();
  await ann.get('emojis').getByText('grinning face with smiling eyes').waitFor();
  await ann.get('composer-input').press('Enter');
  await ann.seesComposer('🚀 or 🚀 and 😄 ');
});

test('... and one goes on where one was by then, in front of it', async () => {
  const [ann] = await scene.pair();
  const input = ann.get('composer-input');
  let letThrough;
  const held = new Promise((resolve) => { letThrough = resolve; });
  await ann.page.route(/emoji-/, async (route) => { await held; await route.continue(); });
  await input.pressSequentially('x :rocket:');
  await input.press('Home');
  await input.pressSequentially('ab');
  letThrough();
  await ann.seesComposer('abx 🚀');
  await input.pressSequentially('c');
  await ann.seesComposer('abcx 🚀');
});

test('in a low window that of the suggestions which the keys choose is in sight', async () => {
  const [ann] = await scene.pair();
  await ann.page.setViewportSize({ width: 900, height: 320 });
  await ann.get('composer-input').pressSequentially(':sm');
  const list = ann.get('emojis');
  await list.getByRole('option').nth(5).waitFor();
  assert.equal(await list.getByRole('option').count(), 6);
  const inSight = () => list.evaluate((element) => {
    const { top, bottom } = element.querySelector('[aria-selected=true]').getBoundingClientRect();
    const around = element.getBoundingClientRect();
    return top >= around.top && bottom <= around.bottom;
  });
  assert.ok(await list.evaluate((element) => element.scrollHeight > element.clientHeight), 'not all are');
  await ann.get('composer-input').press('ArrowUp'); // to the last
  await waitFor('the last in sight', inSight);
});
