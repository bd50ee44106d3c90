// Every view before axe-core, in both themes: nothing that WCAG 2.2 AA forbids
// and a program can find.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { png } from '../support/pictures.mjs';
import { password } from '../support/stack.mjs';
import { letAxeIn, violationsOf } from './axe.mjs';
import { phone } from './people.mjs';
import { openScene } from './scene.mjs';

const scene = openScene();
let person;
let crowd; // enough for all the suggestions that there may be
let found = []; // in all views, so that one run tells of each

async function finds(view) {
  found.push(...(await violationsOf(person.page)).map((violation) => `${view}: ${violation}`));
}

const closes = async (dialog) => {
  await person.get(`${dialog}-close`).click();
  await person.leaves(dialog);
};

/* A group with words, a file, a picture and what happened in it. */
async function furnish() {
  const { user } = await scene.stack.login(person.name);
  const other = await scene.stack.register(`other-${person.name}`, { displayName: 'Somebody Else' });
  await other.api('/api/messages', { body: { recipient_id: user._id, content: 'hello https://a.example/' } });
  crowd ??= await Promise.all([...Array(8).keys()].map((n) => scene.stack.register(`one-${n}-${person.name}`)));
  const members = [user, ...crowd.map((one) => one.user)].map(({ _id }) => _id);
  const group = (await other.api('/api/conversations', { body: { title: 'Garden', members } })).body;
  const say = (more) => other.api('/api/messages', { body: { conversationId: group._id, ...more } });
  const upload = async (name, body) => (await other.api(`/api/files?name=${name}`,
    { body, headers: { 'Content-Type': 'application/octet-stream' } })).body._id;
  await say({ content: `hello @${person.name}`, mentions: [{ userId: user._id, start: 6, length: person.name.length + 1 }] });
  await say({ attachment: await upload('a.png', png(300, 200)) });
  await say({ content: 'read this', attachment: await upload('a.txt', Buffer.from('words')) });
  await other.api(`/api/conversations/${group._id}`, { method: 'PATCH', body: { owner: user._id } });
  await person.sees('conversation-Garden');
  return other.user.username;
}

for (const colorScheme of ['light', 'dark']) {
  for (const [size, options] of [['wide', { viewport: { width: 1280, height: 800 } }], ['narrow', { viewport: phone }]]) {
    test(`axe finds nothing: ${colorScheme}, ${size}`, async () => {
      found = [];
      person = await scene.newcomer('ann', { colorScheme, ...options });
      /* its own code is evaluated, which the page's policy would forbid it */
      await letAxeIn(person);
      await finds('sign-in');
      await person.get('auth-toggle').click();
      await person.get('submit').click();
      await finds('registration with errors');
      await person.fillRegistration(person.name, password);
      await person.sees('messenger');
      await finds('nobody yet');
      const other = await furnish();
      await finds('list');
      await person.get('settings-button').click();
      await finds('settings');
      await person.page.keyboard.press('Escape');
      await person.page.keyboard.press('Control+/');
      await finds('shortcuts');
      await closes('shortcuts');
      await person.get('me').click();
      for (const tab of ['profile', 'privacy', 'password', 'sessions']) {
        await person.get(`tab-${tab}`).click();
        if (tab === 'privacy') await person.get('erase-open').click();
        await finds(`account: ${tab}`);
      }
      await closes('account');
      await person.get('new-conversation').click();
      await person.get(`pick-row-${other}`).waitFor();
      await finds('new conversation');
      await person.get('new-group').click();
      await person.get(`pick-row-${other}`).click();
      await finds('people of a group');
      await person.get('new-next').click();
      await finds('a new group');
      await closes('new');
      await person.open(other);
      await finds('direct conversation');
      await person.get('open-details').click();
      await person.sees('details');
      await person.get('media').getByText('Nothing yet').waitFor();
      await finds('profile');
      await person.get('block').click();
      await person.get('ask-yes').click();
      await person.get('block').getByText('Unblock').waitFor();
      await finds('somebody blocked');
      await person.get('block').click();
      await person.page.goto(`${scene.url}/#/`);
      await person.open('Garden');
      await person.get('picture').waitFor();
      await finds('group');
      await person.get('message-actions').last().click();
      await person.get('message-menu').getByRole('menuitemcheckbox').first().click();
      await person.sees('reactions');
      await finds('a reaction');
      await person.get('message-actions').last().click();
      await finds('menu of a message');
      await person.get('react-more').click();
      await person.sees('emoji-search');
      await finds('all emoji for a message');
      await person.page.keyboard.press('Escape');
      await person.get('message-actions').last().click();
      await person.get('action-select').click();
      await person.sees('selection');
      await finds('selecting');
      await person.get('select-forward').click();
      await person.get(`forward-row-${other}`).click();
      await finds('forwarding');
      await closes('forward');
      await person.get('select-end').click();
      await person.get('message-actions').last().click();
      await person.page.keyboard.press('Escape');
      await person.get('file-input').setInputFiles({ name: 'b.txt', mimeType: 'text/plain', buffer: Buffer.from('x') });
      await person.get('tray-remove').waitFor();
      await person.get('composer-input').pressSequentially('@');
      await person.get('mentions').waitFor();
      await finds('composer');
      await person.get('composer-input').fill('');
      await person.get('composer-input').pressSequentially(':sm');
      await person.sees('emojis');
      await finds('emoji that complete a word');
      await person.page.keyboard.press('Escape');
      await person.get('picture').getByRole('button').click();
      await person.sees('lightbox-picture');
      await finds('lightbox');
      await closes('lightbox');
      await person.get('open-details').click();
      await person.get('invite-make').click();
      await person.sees('invite-address');
      await person.get('media').getByTestId('media-picture').scrollIntoViewIfNeeded();
      await person.get('media').locator('img').waitFor();
      await person.get('member-actions').first().click();
      await finds('details');
      await person.get('remove-member').click();
      await finds('question');
      await person.get('ask-no').click();
      for (const [path, what] of [['c/0', 'conversation'], ['u/1', 'person']]) {
        await person.page.goto(`${scene.url}/#/${path}${'0'.repeat(23)}`);
        await person.page.getByText(`This ${what} is not here.`).waitFor();
        await finds(`no such ${what}`);
      }
      assert.deepEqual([...new Set(found)], []);
    });
  }
}
