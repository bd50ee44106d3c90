// Replies, edits and deletions: two people, each seeing at once what the
// other one did, and the same after a reload.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phone } from './people.mjs';
import { openScene } from './scene.mjs';

const MARKUP = '<img src=/stolen onerror=alert(1)><svg onload=alert(2)>';
const scene = openScene();
let ann;
let ben;

async function meet(...texts) {
  [ann, ben] = await scene.pair();
  for (const text of texts) await ann.say(text);
  for (const text of texts) await ben.reads(text);
  await ann.reads(texts.at(-1), 'read');
}

/* Both see it now, and both see it when they come again. */
async function bothSee(check) {
  await Promise.all([check(ann), check(ben)]);
  await Promise.all([ann.page.reload(), ben.page.reload()]);
  await Promise.all([check(ann), check(ben)]);
}

test('an edit is seen by both, marked, and after a reload', async () => {
  await meet('Helo', 'And more');
  await ann.act('Helo', 'edit');
  await ann.sees('composer-edit');
  await ann.seesComposer('Helo');
  await ann.get('composer-input').fill('Hello');
  await ann.get('send-button').click();
  await bothSee(async (person) => {
    await person.message('Hello').getByTestId('edited').waitFor();
    assert.deepEqual(await person.texts(), ['Hello', 'And more']);
    assert.equal(await person.message('And more').getByTestId('edited').count(), 0);
  });
});

test('Escape ends an edit and gives back what one was writing', async () => {
  await meet('as it was');
  const input = ann.get('composer-input');
  await input.fill('half a thought');
  await ann.act('as it was', 'edit');
  await ann.seesComposer('as it was');
  await input.fill('never mind');
  await input.press('Escape');
  await ann.noLongerSees('composer-edit');
  await ann.seesComposer('half a thought');
  await input.press('Enter');
  await ben.reads('half a thought');
  assert.deepEqual(await ben.texts(), ['as it was', 'half a thought']);
  assert.equal(await ben.get('edited').count(), 0);
});

test('a deletion is asked for once more, and leaves a tombstone with both', async () => {
  await meet('kept', 'regretted');
  await ann.act('regretted', 'delete');
  await ann.get('delete-no').click();
  await ann.noLongerSees('delete-confirm');
  await ann.reads('regretted');
  await ann.act('regretted', 'delete');
  await ann.get('delete-yes').click();
  await bothSee(async (person) => {
    await person.get('tombstone').getByText('Message deleted').waitFor();
    assert.deepEqual(await person.texts(), ['kept']);
    assert.equal(await person.get('message').count(), 2);
    assert.equal(await person.get('message-actions').count(), 1, 'a tombstone has no menu');
  });
  await ann.get(`conversation-${ben.name}`).getByText('Message deleted').waitFor();
});

test('a reply quotes its original for both, follows its edit, and leads to it', async () => {
  await meet('What time?', ...Array.from({ length: 20 }, (_, i) => `line ${i}`));
  await ben.act('What time?', 'reply');
  await ben.get('composer-reply').getByText(`Reply to ${ann.name}`).waitFor();
  await ben.say('At eight');
  await ben.noLongerSees('composer-reply');
  const quote = (person) => person.message('At eight').getByTestId('quote');
  await bothSee((person) => quote(person).getByText('What time?', { exact: true }).waitFor());
  await quote(ben).getByText(ann.name, { exact: true }).waitFor();
  await quote(ann).getByText('You', { exact: true }).waitFor();
  const inView = () => ben.message('What time?').evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top > 0 && bottom < innerHeight && document.activeElement === element;
  });
  assert.equal(await inView(), false);
  await quote(ben).click();
  assert.equal(await inView(), true);
  await ann.act('What time?', 'edit');
  await ann.get('composer-input').fill('When?');
  await ann.get('composer-input').press('Enter');
  await bothSee((person) => quote(person).getByText('When?', { exact: true }).waitFor());
  await ann.act('When?', 'delete');
  await ann.get('delete-yes').click();
  await bothSee((person) => quote(person).getByText('Message deleted').waitFor());
});

test('what one does not own is answered, copied, sent on and reported, and nothing else', async () => {
  await meet('mine');
  await ben.message('mine').getByTestId('message-actions').click();
  assert.deepEqual(await ben.page.getByTestId(/^action-/).allInnerTexts(), ['Reply', 'Copy', 'Forward', 'Select', 'Report']);
  await ben.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await ben.get('action-copy').click();
  await ben.get('toast').getByText('Copied').waitFor();
  assert.equal(await ben.page.evaluate(() => navigator.clipboard.readText()), 'mine');
});

test('the menu is worked by keys alone', async () => {
  await meet('by keys');
  const focused = () => ann.page.evaluate(() => document.activeElement.dataset.testid);
  await ann.message('by keys').getByTestId('message-actions').focus();
  await ann.page.keyboard.press('Enter');
  await ann.sees('message-menu');
  assert.equal(await focused(), 'react-👍');
  await ann.page.keyboard.press('ArrowUp');
  assert.equal(await focused(), 'action-delete');
  await ann.page.keyboard.press('Escape');
  await ann.noLongerSees('message-menu');
  assert.equal(await focused(), 'message-actions');
  await ann.page.keyboard.press('Space');
  await ann.sees('message-menu');
  for (let i = 0; i < 4; i += 1) await ann.page.keyboard.press('ArrowDown');
  assert.equal(await focused(), 'action-edit');
  await ann.page.keyboard.press('Enter');
  await ann.sees('composer-edit');
  assert.equal(await focused(), 'composer-input');
  await ann.page.keyboard.type(' only');
  await ann.page.keyboard.press('Enter');
  await ben.reads('by keys only');
});

test('an edit that cannot be stored says so and keeps its text until it can', async () => {
  await meet('before');
  await ann.act('before', 'edit');
  await ann.context.setOffline(true);
  await ann.get('composer-input').fill('after');
  await ann.get('send-button').click();
  await ann.get('edit-error').getByText('Not saved: No connection to the server.').waitFor();
  await ann.seesComposer('after');
  assert.deepEqual(await ann.texts(), ['before']);
  await ann.context.setOffline(false);
  await ann.get('send-button').click();
  await ann.noLongerSees('composer-edit');
  await ben.reads('after');
  await ann.reads('after');
});

test('a deletion that fails says so, and can be tried again', async () => {
  await meet('stubborn');
  await ann.context.setOffline(true);
  await ann.act('stubborn', 'delete');
  await ann.get('delete-yes').click();
  await ann.get('delete-error').getByText('Not deleted: No connection').waitFor();
  await ann.reads('stubborn');
  await ann.context.setOffline(false);
  await ann.get('delete-retry').click();
  await bothSee((person) => person.sees('tombstone'));
});

test('a reply that waits for the network keeps what it answers', async () => {
  await meet('Are you there?');
  await ben.context.setOffline(true);
  await ben.act('Are you there?', 'reply');
  await ben.say('In a tunnel');
  await ben.message('In a tunnel').getByTestId('quote').getByText('Are you there?').waitFor();
  await ben.context.setOffline(false);
  await bothSee((person) =>
    person.message('In a tunnel').getByTestId('quote').getByText('Are you there?').waitFor());
});

test('markup that is edited in, or quoted, is text', async () => {
  await meet('harmless');
  const done = [];
  for (const { page } of [ann, ben]) {
    page.on('dialog', (dialog) => { done.push(dialog.message()); dialog.dismiss(); });
    page.on('request', (r) => { if (r.url().includes('/stolen')) done.push(r.url()); });
  }
  await ann.act('harmless', 'edit');
  await ann.get('composer-input').fill(MARKUP);
  await ann.get('composer-input').press('Enter');
  await ben.reads(MARKUP);
  await ben.act(MARKUP, 'reply');
  await ben.get('composer-quote').getByText(MARKUP, { exact: true }).waitFor();
  await ben.say('I see');
  await bothSee(async (person) => {
    await person.get('quote-text').getByText(MARKUP, { exact: true }).waitFor();
    assert.equal(await person.page.locator('#app img, #app svg[onload], #app script').count(), 0);
  });
  assert.deepEqual(done, []);
});

test('a finger finds the menu, and it stays within a small screen', async () => {
  [ann, ben] = await Promise.all([
    scene.registered('ann', { viewport: phone, isMobile: true, hasTouch: true }),
    scene.registered('ben'),
  ]);
  await ann.find(ben.name);
  await ann.say('by finger');
  await ann.message('by finger').getByTestId('message-actions').tap();
  const { x, y, width, height } = await ann.get('message-menu').boundingBox();
  assert.ok(x >= 0 && y >= 0 && x + width <= phone.width && y + height <= phone.height);
  await ann.get('action-delete').tap();
  await ann.get('delete-yes').tap();
  await ann.sees('tombstone');
});

test('ArrowUp where nothing is written edits the last of one’s own', async () => {
  await meet('first of mine', 'last of mine');
  await ben.say('and his');
  await ann.reads('and his');
  await ann.get('composer-input').press('ArrowUp');
  await ann.seesComposer('last of mine');
  await ann.get('composer-input').press('Escape');
  await ann.get('composer-input').fill('words');
  await ann.get('composer-input').press('ArrowUp');
  await ann.seesComposer('words');
});
