// Reactions: by the mouse, by keys and by touch, seen by both at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phone } from './people.mjs';
import { openScene } from './scene.mjs';

const THUMB = '👍';
const HEART = '❤️';
const scene = openScene();

async function meet(text) {
  const [ann, ben] = await scene.pair();
  await ann.say(text);
  await ben.reads(text);
  return [ann, ben];
}

const chip = (person, text, emoji) => person.message(text).getByTestId(`reaction-${emoji}`);
const shows = async (person, text, emoji, count, mine) =>
  chip(person, text, emoji).and(person.page.locator(`[aria-pressed=${mine}]`)).getByText(String(count), { exact: true }).waitFor();

test('a press on the message that one points at reacts, and both see it', async () => {
  const [ann, ben] = await meet('shall we?');
  await ben.message('shall we?').getByTestId('message-text').hover();
  await ben.get('quick-reactions').click();
  await ben.get(`react-${THUMB}`).click();
  await shows(ben, 'shall we?', THUMB, 1, true);
  await shows(ann, 'shall we?', THUMB, 1, false);
  await chip(ann, 'shall we?', THUMB).click();
  await shows(ann, 'shall we?', THUMB, 2, true);
  await shows(ben, 'shall we?', THUMB, 2, true);
  await Promise.all([ann.page.reload(), ben.page.reload()]);
  await shows(ann, 'shall we?', THUMB, 2, true);
  await chip(ben, 'shall we?', THUMB).click();
  await shows(ben, 'shall we?', THUMB, 1, false);
  await shows(ann, 'shall we?', THUMB, 1, true);
  assert.match(await chip(ben, 'shall we?', THUMB).getAttribute('title'), new RegExp(ann.name));
  await chip(ann, 'shall we?', THUMB).click();
  for (const person of [ann, ben]) await person.noLongerSees(`reaction-${THUMB}`);
});

test('keys lead to the six in the menu, and on to who reacted with what', async () => {
  const [ann, ben] = await meet('by keys');
  await ben.message('by keys').getByTestId('message-actions').focus();
  await ben.page.keyboard.press('Enter');
  await ben.get('message-menu').waitFor();
  await ben.page.keyboard.press('ArrowRight');
  await ben.page.keyboard.press('Enter');
  await shows(ann, 'by keys', HEART, 1, false);
  await ben.noLongerSees('message-menu');
  assert.equal(await ben.page.evaluate(() => document.activeElement.dataset.testid), 'message-actions');
  await ann.message('by keys').getByTestId('message-actions').focus();
  await ann.page.keyboard.press('Enter');
  await ann.get(`reacted-${HEART}`).getByText(ben.name).waitFor();
  await ann.get(`reacted-${HEART}`).press('Enter');
  await shows(ann, 'by keys', HEART, 2, true);
});

test('behind the six are all others, by the mouse and by keys', async () => {
  const [ann, ben] = await meet('any of them');
  await ben.message('any of them').getByTestId('message-text').hover();
  await ben.get('quick-reactions').click();
  await ben.get('react-more').click();
  await ben.get('emoji-search').fill('hedgehog');
  await ben.get('emoji-🦔').click();
  await ben.noLongerSees('emoji-picker');
  await shows(ann, 'any of them', '🦔', 1, false);
  await ann.message('any of them').getByTestId('message-actions').focus();
  await ann.page.keyboard.press('Enter');
  await ann.sees('message-menu');
  await ann.page.keyboard.press('ArrowLeft');
  await ann.page.keyboard.press('Enter');
  await ann.sees('reaction-picker');
  await ann.sees('emoji-search');
  await ann.page.waitForFunction(() => document.activeElement.dataset.testid === 'emoji-search');
  await ann.page.keyboard.type('france');
  await ann.get('emoji-🇫🇷').waitFor();
  await ann.page.keyboard.press('Enter');
  await shows(ben, 'any of them', '🇫🇷', 1, false);
  await ann.noLongerSees('reaction-picker');
  assert.equal(await ann.page.evaluate(() => document.activeElement.dataset.testid), 'message-actions');
  await ann.page.keyboard.press('Enter');
  await ann.sees('message-menu');
});

test('by touch the menu has them, in the other language too', async () => {
  const [ann, ben] = await Promise.all([
    scene.registered('ann', { locale: 'fr-FR', viewport: phone, hasTouch: true }), scene.registered('ben')]);
  await ben.find(ann.name);
  await ben.say('on a phone');
  await ann.get(`conversation-${ben.name}`).tap();
  await ann.reads('on a phone');
  await ann.message('on a phone').getByTestId('message-actions').tap();
  await ann.sees('message-menu');
  const all = await ann.page.getByTestId(/^react-/).evaluateAll((buttons) => buttons.map((b) => b.getBoundingClientRect().toJSON()));
  assert.ok(all.length === 7 && all.every(({ width, height, top }) => width >= 36 && height >= 36 && top === all[0].top), 'a finger hits each');
  await ann.get(`react-${THUMB}`).tap();
  await shows(ann, 'on a phone', THUMB, 1, true);
  assert.equal(await chip(ann, 'on a phone', THUMB).getAttribute('aria-label'), `${THUMB} 1\u00a0: Vous`);
});

test('what the server refuses is taken back, with a word', async () => {
  const [ann, ben] = await meet('no');
  await ann.page.route('**/reactions', (route) => route.fulfill({ status: 409, json: { error: { code: 'too_many_reactions', message: 'x' } } }));
  await ann.message('no').getByTestId('message-actions').click();
  await ann.get(`react-${THUMB}`).click();
  await ann.get('reaction-error').waitFor();
  assert.equal(await ann.get(`reaction-${THUMB}`).count(), 0);
  await ann.page.unroute('**/reactions');
  await ann.message('no').getByTestId('message-actions').click();
  await ann.get(`react-${THUMB}`).click();
  await shows(ben, 'no', THUMB, 1, false);
  await ann.noLongerSees('reaction-error');
});
