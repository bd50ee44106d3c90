// All of oneself, taken along or taken away, and what others see of it then.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { password } from '../support/stack.mjs';
import { openScene } from './scene.mjs';

const scene = openScene();

const opens = async (person) => {
  await person.get('me').click();
  await person.get('tab-privacy').click();
};

test('what one wrote is taken along in one archive', async () => {
  const [ann] = await scene.pair();
  await ann.say('mine');
  await ann.reads('mine', 'read');
  await opens(ann);
  const download = ann.page.waitForEvent('download');
  await ann.get('export').click();
  assert.match((await download).suggestedFilename(), /\.tar$/);
});

test('an account goes with its password and a yes, and its words with it', async () => {
  const [ann, ben] = await scene.pair();
  await ann.say('to be forgotten');
  await ben.reads('to be forgotten');
  await opens(ann);
  await ann.get('erase-open').click();
  await ann.get('erase').click();
  await ann.get('error-erasePassword').getByText('fill this in').waitFor();
  await ann.get('field-erasePassword').fill('not the one');
  await ann.get('erase').click();
  await ann.get('ask-no').click();
  await ann.noLongerSees('ask');
  await ann.get('erase').click();
  await ann.get('ask-yes').click();
  await ann.get('erase-form').getByText('This is not your password.').waitFor();
  await ann.get('field-erasePassword').fill(password);
  await ann.get('erase').click();
  await ann.get('ask-yes').click();
  await ann.get('sign-in-reason').getByText('Your account is deleted.').waitFor();
  await ben.page.waitForFunction(() => !document.body.innerText.includes('to be forgotten'));
  await ben.page.reload();
  await ben.sees('messenger');
  assert.equal(await ben.page.getByText('to be forgotten').count(), 0);
});
