// All of oneself, taken along or taken away, and what others see of it then.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { password, waitFor } from '../support/stack.mjs';
import { kept } from './people.mjs';
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
  await ben.sees('me');
  assert.equal(await ben.page.getByText('to be forgotten').count(), 0);
});

/* A draft, and a message that waits for its file. */
async function leavesUnsent(person) {
  await person.page.route('**/api/files*', () => {});
  await person.get('file-input').setInputFiles({ name: 'mine.txt', mimeType: 'text/plain', buffer: Buffer.from('mine') });
  await person.say('with a file');
  await person.reads('with a file', 'pending');
  await person.get('composer-input').fill('half a thought');
  await waitFor('all of it is kept', async () => (await left(person)).join() === '1,1,1');
}

/* How many drafts, messages and files this browser has. */
const left = async (person) => [
  await person.page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('palabre.draft.')).length),
  await kept(person, 'outbox'),
  await kept(person, 'files'),
];

async function leavesNothing(person) {
  await person.get('sign-in-reason').getByText('Your account is deleted.', { exact: true }).waitFor();
  await waitFor('nothing is left', async () => (await left(person)).join() === '0,0,0');
  await person.page.waitForTimeout(300); // what a page wrote late would be there
  assert.deepEqual(await left(person), [0, 0, 0]);
  assert.equal(await person.get('sign-in-reason').innerText(), 'Your account is deleted.');
}

test('whoever erases their account leaves nothing that was not sent in this browser', async () => {
  const [ann] = await scene.pair();
  await leavesUnsent(ann);
  await opens(ann);
  await ann.get('erase-open').click();
  await ann.get('field-erasePassword').fill(password);
  await ann.get('erase').click();
  await ann.get('ask-yes').click();
  await leavesNothing(ann);
});

test('... nor does whoever is erased from another device', async () => {
  const [ann] = await scene.pair();
  await leavesUnsent(ann);
  const device = await scene.stack.login(ann.name);
  assert.equal((await device.api('/api/users/me', { method: 'DELETE', body: { password } })).status, 200);
  await leavesNothing(ann);
});
