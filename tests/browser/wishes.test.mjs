// What people ask of their system: less motion, and lines that run the other way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../support/stack.mjs';
import { movableOf, pushableOf, wideOf } from './fits.mjs';
import { phone } from './people.mjs';
import { openScene } from './scene.mjs';

const scene = openScene();
const SHORT_MS = 2; // nobody sees it move

/* Ann has a group and a conversation with Ben, and looks at it. */
async function meet(options) {
  const ann = await scene.registered('ann', options);
  const { user } = await scene.stack.login(ann.name);
  const ben = await scene.stack.register(`ben-${ann.name}`, { displayName: 'محمد علي' });
  await ben.api('/api/conversations', { body: { title: 'Garden', members: [user._id] } });
  await ben.api('/api/messages', { body: { recipient_id: user._id, content: 'مرحبا بك' } });
  await ann.open(ben.user.username);
  await ann.reads('مرحبا بك');
  await ann.say('mine');
  await ann.reads('mine', 'sent');
  return ann;
}

const turn = (person) => person.page.evaluate(() => { document.documentElement.dir = 'rtl'; });
const boxOf = async (locator) => {
  const { x, width } = await locator.boundingBox();
  return { from: x, to: x + width };
};

async function fits(person, view) {
  assert.deepEqual(await movableOf(person.page), [], view);
  assert.deepEqual(await wideOf(person.page), [], view);
  assert.deepEqual(await pushableOf(person.page), [], view);
}

test('where lines run from right to left the page is the other way round', async () => {
  const ann = await meet();
  await turn(ann);
  const [list, writing, send] = await Promise.all(['search-input', 'composer-input', 'send-button'].map((id) => boxOf(ann.get(id))));
  assert.ok(list.from > writing.to, 'the list is at the right');
  assert.ok(send.to <= writing.from, 'one sends at the left');
  const [theirs, mine] = await Promise.all(['مرحبا بك', 'mine'].map((text) => boxOf(ann.message(text).locator('.bubble'))));
  assert.ok(mine.to < theirs.from, 'one’s own are at the left');
  const row = ann.get('conversation-Garden');
  const [picture, title] = await Promise.all([boxOf(row.locator('.avatar')), row.locator('.title').evaluate((e) => {
    const range = document.createRange();
    range.selectNodeContents(e);
    return range.getBoundingClientRect().right;
  })]);
  assert.ok(picture.from - title > 0 && picture.from - title < 24, 'a name is beside its picture');
  await fits(ann, 'a conversation');
  await ann.get('open-details').click();
  await ann.sees('details');
  assert.ok((await boxOf(ann.get('details'))).to <= (await boxOf(ann.get('composer-input'))).from, 'what is known of it is at the far left');
  await fits(ann, 'three columns');
  await ann.get('settings-button').click();
  await ann.sees('theme-dark');
  await fits(ann, 'settings');
});

test('so it is on a phone, where menus and dialogs stay in the window', async () => {
  const ann = await meet({ viewport: phone, hasTouch: true });
  await turn(ann);
  await ann.message('mine').getByTestId('message-actions').tap();
  const menu = await boxOf(ann.get('message-menu'));
  assert.ok(menu.from >= 0 && menu.to <= phone.width);
  await fits(ann, 'menu');
  await ann.get('action-select').tap();
  await ann.sees('selection');
  await fits(ann, 'selecting');
  await ann.get('select-forward').tap();
  await ann.sees('forward-list');
  await fits(ann, 'forwarding');
  await ann.get('forward-close').tap();
  await ann.get('select-end').tap();
  await ann.get('back').tap();
  await ann.sees('search-input');
  await fits(ann, 'list');
});

/* How long anything takes that moves now or has just begun to. */
const motions = (person) => person.page.evaluate(() =>
  Math.max(0, ...document.getAnimations().map(({ effect }) => effect.getComputedTiming().duration)));

test('who wants less motion sees nothing move', async () => {
  const longest = async (options) => {
    const ann = await meet(options);
    const seen = [];
    await ann.page.exposeFunction('moved', (name, duration) => seen.push([name, duration]));
    await ann.page.evaluate(() => {
      addEventListener('animationstart', ({ animationName, target }) => {
        globalThis.moved(animationName, parseFloat(getComputedStyle(target).animationDuration) * 1000);
      }, true);
    });
    await ann.get('settings-button').click();
    await ann.sees('theme-dark');
    await ann.page.keyboard.press('Escape');
    await ann.get('new-conversation').click();
    await ann.sees('new');
    await waitFor('the dialog has moved', () => seen.some(([name]) => name.startsWith('rise')));
    await ann.page.waitForTimeout(100);
    return { most: Math.max(0, ...seen.map(([, duration]) => duration)), now: await motions(ann), count: seen.length };
  };
  const usual = await longest();
  assert.ok(usual.count > 0 && usual.most > 100, 'else this would show nothing');
  const { most, now } = await longest({ reducedMotion: 'reduce' });
  assert.ok(most <= SHORT_MS && now <= SHORT_MS, `${most} ms, ${now} ms`);
});
