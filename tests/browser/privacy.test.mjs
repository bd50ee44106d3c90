// What people show of themselves, at the page.
import { test } from 'node:test';
import { openScene } from './scene.mjs';

const scene = openScene();

async function switches(person, name) {
  await person.get('me').click();
  await person.get('tab-privacy').click();
  await person.get(`switch-${name}`).click();
  await person.page.locator(`[data-testid=switch-${name}][aria-checked=true]`).waitFor();
  await person.page.keyboard.press('Escape');
  await person.noLongerSees('privacy');
}

test('when somebody was last here is not shown where they hide it', async () => {
  const [ann, ben] = await scene.pair();
  await ann.say('Hello');
  await ben.reads('Hello');
  await switches(ann, 'hidesLastSeen');
  await ben.seesPresence('online');
  await ann.page.close();
  await ben.seesPresence('offline');
  await ben.get('presence').getByText('offline', { exact: true }).waitFor();
});

test('what one has read is not shown where one hides it, and nor is it to oneself', async () => {
  const [ann, ben] = await scene.pair();
  await ann.say('first');
  await ann.reads('first', 'read');
  await switches(ben, 'hidesReceipts');
  await ann.say('second');
  await ben.reads('second');
  await ann.reads('second', 'received');
  await ben.say('third');
  await ann.reads('third');
  await ben.reads('third', 'received');
  await ann.reads('second', 'received');
  await ann.page.reload();
  await ann.reads('second', 'received');
});
