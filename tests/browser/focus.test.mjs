// The focus is never lost: what is pressed by keys may go, or move, and one is
// at what is beside it then, or came after it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { png } from '../support/pictures.mjs';
import { password, waitFor } from '../support/stack.mjs';
import { openScene } from './scene.mjs';

const scene = openScene();
let ann;

/* Where one is: by its test id, else by what is around it. */
const focused = () => ann.page.evaluate(() => {
  const { activeElement: at } = document;
  return at.dataset.testid ?? at.closest('[data-testid]')?.dataset.testid ?? at.tagName;
});
const isAt = (place) => waitFor(`the focus at ${place}`, async () => (await focused()) === place)
  .catch(async () => assert.equal(await focused(), place));

async function presses(what, key = 'Enter') {
  await (typeof what === 'string' ? ann.get(what) : what).focus();
  await ann.page.keyboard.press(key);
}

/* Ann, to whom each of these has written a line: -> them, the newest first. */
async function hears(...stems) {
  ann = await scene.registered('ann');
  const { user } = await scene.stack.login(ann.name);
  const others = [];
  for (const stem of stems) {
    const other = await scene.stack.register(`${stem}-${ann.name}`);
    await other.api('/api/messages', { body: { recipient_id: user._id, content: `I am ${stem}` } });
    await ann.sees(`conversation-${other.user.username}`);
    others.unshift(other);
  }
  return others;
}
const rowOf = ({ user }) => `conversation-${user.username}`;

/* A group of Ann's, its details open. */
async function rules(...members) {
  const me = await scene.stack.login(ann.name);
  await me.api('/api/conversations', { body: { title: 'Garden', members: members.map(({ user }) => user._id) } });
  await ann.open('Garden');
  await presses('open-details');
  await ann.sees('details');
}

async function chooses(row, action) {
  await presses(row, 'Shift+F10');
  await ann.sees('row-menu');
  await presses(`own-${action}`);
}

test('what is done with a row by its menu leaves one at the row, or at the next when it is put away', async () => {
  const [cyd, ben] = await hears('ben', 'cyd');
  await presses(rowOf(ben), 'Shift+F10');
  await ann.sees('row-menu');
  await ann.page.keyboard.press('Escape');
  await isAt(rowOf(ben));
  await chooses(rowOf(ben), 'pin');
  await ann.sees('pinned');
  await isAt(rowOf(ben));
  await chooses(rowOf(ben), 'read');
  await ann.get(rowOf(ben)).getByTestId('unread-badge').waitFor({ state: 'detached' });
  await isAt(rowOf(ben));
  await chooses(rowOf(ben), 'archive');
  await ann.noLongerSees(rowOf(ben));
  await isAt(rowOf(cyd));
});

test('a reaction that is taken back leaves one at its message, and what is copied where one was', async () => {
  const [ben] = await hears('ben');
  await ann.page.evaluate(() => {
    Object.defineProperty(navigator, 'clipboard', { value: { writeText: () => Promise.reject(new Error('no')) } });
  });
  await ann.open(ben.user.username);
  await presses('message-actions');
  await presses(ann.get('message-menu').getByRole('menuitemcheckbox').first());
  await presses(ann.get('reactions').getByRole('button'));
  await ann.noLongerSees('reactions');
  await isAt('message-actions');
  await presses('message-actions');
  await presses('action-copy');
  await ann.page.waitForFunction(() => document.activeElement.getAttribute('role') === 'region');
});

test('a file that is not to be sent leaves one at the next, the last at the words', async () => {
  const [ben] = await hears('ben');
  await ann.open(ben.user.username);
  const file = (name) => ({ name, mimeType: 'text/plain', buffer: Buffer.from('x') });
  await ann.get('file-input').setInputFiles([file('a.txt'), file('b.txt')]);
  await waitFor('both', async () => (await ann.get('tray-remove').count()) === 2);
  await presses(ann.get('tray-remove').first());
  await isAt('tray-remove');
  await ann.page.keyboard.press('Enter');
  await ann.noLongerSees('tray');
  await isAt('composer-input');
});

test('what goes from a group leaves one among what is there', async () => {
  const [cyd, ben] = await hears('ben', 'cyd');
  await rules(ben, cyd);
  await presses('invite-make');
  await ann.sees('invite-address');
  await isAt('invite-address');
  await presses('invite-revoke');
  await ann.sees('invite-make');
  await isAt('invite-make');
  await presses(ann.get('member-actions').first());
  await presses('remove-member');
  await ann.sees('ask');
  await ann.page.keyboard.press('Enter');
  await waitFor('one less', async () => (await ann.get('member-actions').count()) === 1);
  await waitFor('the focus at a member', async () => /^member-/.test(await focused()));
  await presses('leave-group');
  await ann.sees('ask');
  await ann.page.keyboard.press('Enter');
  await ann.noLongerSees('details');
  await isAt(rowOf(cyd));
});

test('the list is one stop of the Tab key, and keys lead through it', async () => {
  const [dan, cyd, ben] = await hears('ben', 'cyd', 'dan');
  const { keyboard } = ann.page;
  await presses('search-input', 'Tab');
  await isAt(rowOf(dan));
  await keyboard.press('Tab');
  assert.doesNotMatch(await focused(), /^conversation-/);
  await presses('search-input', 'ArrowDown');
  for (const [key, row] of [['End', ben], ['ArrowDown', ben], ['Home', dan], ['ArrowDown', cyd]]) {
    await keyboard.press(key);
    await isAt(rowOf(row));
  }
  await presses('search-input', 'Tab');
  await isAt(rowOf(cyd));
  await keyboard.press('Enter');
  await ann.sees('composer-input');
  await ann.get(rowOf(ben)).click();
  await ann.get('chat-title').filter({ hasText: ben.user.username }).waitFor();
  await presses('search-input', 'Tab');
  await isAt(rowOf(ben));
  await ann.get('composer-input').focus();
  await ann.page.evaluate((hash) => location.assign(hash), await ann.get(rowOf(cyd)).getAttribute('href'));
  await ann.get('chat-title').filter({ hasText: cyd.user.username }).waitFor();
  await presses('search-input', 'Tab');
  await isAt(rowOf(cyd));
  await ann.page.reload();
  await ann.sees(rowOf(cyd));
  await presses('search-input', 'Tab');
  await isAt(rowOf(cyd));
});

test('the members of a group are one stop, and keys lead to each and to what one may do about them', async () => {
  const [cyd, ben] = await hears('ben', 'cyd');
  await rules(ben, cyd);
  const { keyboard } = ann.page;
  const [first, second] = [ben, cyd].map(({ user }) => `member-${user.username}`);
  await presses('add-people', 'Tab');
  await isAt(first);
  for (const [key, place] of [['ArrowDown', second], ['ArrowDown', second], ['ArrowRight', 'member-actions'],
    ['Home', first], ['ArrowRight', 'member-actions'], ['ArrowDown', second], ['ArrowUp', first], ['End', second]]) {
    await keyboard.press(key);
    await isAt(place);
  }
  await keyboard.press('Tab');
  assert.doesNotMatch(await focused(), /^member/);
  await presses('add-people', 'Tab');
  await isAt(second);
});

test('the files of a conversation are one stop, and keys lead from each to the next', async () => {
  const [ben] = await hears('ben');
  const { user } = await scene.stack.login(ann.name);
  for (const name of ['a.png', 'b.png', 'c.txt']) {
    const body = name.endsWith('png') ? png(8, 8) : Buffer.from('x');
    const { body: { _id } } = await ben.api(`/api/files?name=${name}`, { body, headers: { 'Content-Type': 'application/octet-stream' } });
    await ben.api('/api/messages', { body: { recipient_id: user._id, attachment: _id } });
  }
  await ann.open(ben.user.username);
  await presses('open-details');
  await waitFor('all', async () => (await ann.get('media').locator('li').count()) === 3);
  const { keyboard } = ann.page;
  await presses(ann.get('media').getByRole('button').first(), 'End');
  const at = () => ann.page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent);
  assert.match(await at(), /a\.png/);
  for (const [key, name] of [['ArrowUp', /b\.png/], ['ArrowRight', /a\.png/], ['Home', /c\.txt/]]) {
    await keyboard.press(key);
    assert.match(await at(), name);
  }
  await keyboard.press('Tab');
  assert.equal(await ann.get('media').locator(':focus').count(), 0);
  await keyboard.press('Shift+Tab');
  assert.match(await at(), /c\.txt/);
});

test('what a search finds is one stop, too, in whichever list it is', async () => {
  const [ben] = await hears('ben');
  const { username } = ben.user;
  const stranger = await scene.stack.register(`${username}-2`);
  const { user } = await scene.stack.login(ann.name);
  await ben.api('/api/messages', { body: { recipient_id: user._id, content: `I am called ${username}` } });
  await ann.get('search-input').fill(username);
  await ann.sees(`person-${stranger.user.username}`);
  await ann.sees('find');
  for (const [key, place] of [['ArrowDown', rowOf(ben)], ['ArrowDown', `person-${stranger.user.username}`], ['ArrowDown', 'find'],
    ['Home', rowOf(ben)]]) {
    await ann.page.keyboard.press(key);
    await isAt(place);
  }
  const stops = () => ann.page.locator('.lists a[tabindex="0"]').count();
  assert.equal(await stops(), 1);
  await ann.page.keyboard.press('ArrowUp');
  await isAt('search-input');
});

test('Escape closes the details from their header, and from within leads back to it', async () => {
  const [ben] = await hears('ben');
  await ann.open(ben.user.username);
  await presses('open-details');
  await ann.sees('details');
  await ann.page.keyboard.press('Escape');
  await ann.noLongerSees('details');
  await isAt('open-details');
  await presses('open-details');
  await presses('details-close', 'Escape');
  await ann.noLongerSees('details');
  await isAt('open-details');
});

test('whoever signs in or registers is at the beginning of what comes then', async () => {
  ann = await scene.newcomer('ann');
  await ann.get('auth-toggle').click();
  await ann.get('field-username').fill(ann.name);
  await ann.get('field-password').fill(password);
  await ann.page.keyboard.press('Enter');
  await ann.sees('messenger');
  await isAt('me');
  await presses('settings-button');
  await presses('sign-out');
  await ann.sees('login-form');
  await isAt('field-login');
  await ann.get('field-login').fill(ann.name);
  await ann.get('field-password').fill(password);
  await ann.page.keyboard.press('Enter');
  await ann.sees('messenger');
  await isAt('me');
});
