// What one notes for oneself, at the page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openScene } from './scene.mjs';

const scene = openScene();
const title = (person, words) => person.get('chat-title').getByText(words, { exact: true }).waitFor();

test('notes to oneself are found by these words, written, and on all one\'s devices', async () => {
  const ann = await scene.registered('ann');
  await ann.get('search-input').fill('notes');
  await ann.get(`conversation-${ann.name}`).getByText('Notes to yourself').waitFor();
  await ann.page.keyboard.press('Enter');
  await title(ann, 'Notes to yourself');
  await ann.say('oat milk');
  await ann.reads('oat milk');
  await ann.get('message').getByText('oat milk').waitFor();
  // Once it has been sent: nobody else gets it.
  await ann.page.waitForFunction(() => document.querySelector('.ticks') === null);
  assert.equal(await ann.get('presence').count(), 0);
  const other = await scene.newcomer('device', { locale: 'fr-FR' });
  await other.signIn(ann.name);
  await other.get(`conversation-${ann.name}`).getByText('Notes à soi-même').waitFor();
  await other.open(ann.name);
  await other.reads('oat milk');
  await other.say('pain');
  await ann.reads('pain');
  await ann.get(`conversation-${ann.name}`).getByText('pain').waitFor();
  assert.equal(await ann.get('unread-badge').count(), 0);
  await ann.act('oat milk', 'delete');
  await ann.get('delete-yes').click();
  await other.get('message').filter({ hasText: 'oat milk' }).waitFor({ state: 'detached' });
});

test('one finds them by one\'s own name, and begins them with a button', async () => {
  const ann = await scene.registered('ann');
  await ann.get('search-input').fill(ann.name);
  await ann.get(`conversation-${ann.name}`).waitFor();
  await ann.get('search-input').fill('');
  assert.equal(await ann.get(`conversation-${ann.name}`).count(), 0);
  await ann.get('new-conversation').click();
  await ann.get('new-notes').click();
  await title(ann, 'Notes to yourself');
  await ann.say('first');
  await ann.reads('first');
  assert.equal(await ann.get(`conversation-${ann.name}`).count(), 1);
});
