// Writing: what is sent, when, and what is kept until it can be.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../support/stack.mjs';
import { kept } from './people.mjs';
import { openScene } from './scene.mjs';

const scene = openScene();

test('Enter that ends a word being composed sends nothing', async () => {
  const [ann, ben] = await scene.pair();
  const input = ann.get('composer-input');
  await input.fill('にほん');
  for (const how of [{ isComposing: true }, { keyCode: 229 }]) {
    await input.dispatchEvent('keydown', { key: 'Enter', code: 'Enter', ...how });
  }
  await ann.seesComposer('にほん');
  await input.press('Enter');
  await ben.reads('にほん');
  assert.deepEqual(await ben.texts(), ['にほん']);
});

test('Enter pressed and held sends once', async () => {
  const [ann, ben] = await scene.pair();
  await ann.get('composer-input').fill('once');
  for (let i = 0; i < 5; i += 1) await ann.page.keyboard.down('Enter');
  await ann.page.keyboard.up('Enter');
  await ann.say('next');
  await ben.reads('next');
  assert.deepEqual(await ben.texts(), ['once', 'next']);
});

test('5000 characters may be sent, whatever is around them, and no more', async () => {
  const [ann, ben] = await scene.pair();
  const text = '🦊'.repeat(5000);
  await ann.get('composer-input').fill(`${text}x`);
  await ann.page.getByText('1 character too many').waitFor();
  assert.equal(await ann.get('send-button').isDisabled(), true);
  await ann.get('composer-input').fill(`${text}\n \n`);
  await ann.get('send-button').click();
  await ben.reads(text);
});

test('a draft outlives a reload, and not a sign-out', async () => {
  const [ann, ben] = await scene.pair();
  await ann.get('composer-input').fill('half a thought');
  await ann.page.reload();
  await ann.seesComposer('half a thought');
  await ann.get('settings-button').click();
  await ann.get('sign-out').click();
  await ann.signIn();
  await ann.find(ben.name);
  assert.equal(await ann.get('composer-input').inputValue(), '');
});

test('what a closed window left behind is sent by another one', async () => {
  const [ann, ben] = await scene.pair();
  await ann.say('before');
  await ben.reads('before');
  const other = await ann.context.newPage();
  ann.watch(other);
  await other.goto(scene.url);
  await other.getByTestId('messenger').waitFor();
  await ann.context.setOffline(true);
  await other.getByTestId('net-banner').waitFor();
  for (const text of ['left', 'behind']) await ann.say(text);
  await ann.reads('behind', 'pending');
  await waitFor('both are on the disk', async () => (await kept(ann, 'outbox')) === 2);
  await ann.page.close();
  await ann.context.setOffline(false);
  await ben.reads('behind');
  assert.deepEqual(await ben.texts(), ['before', 'left', 'behind']);
});

test('a message that hangs does not hold up the next person at this page', async () => {
  const [ann, ben] = await Promise.all([scene.newcomer('ann'), scene.registered('ben')]);
  await ann.page.route('**/socket.io/**', (route) => route.abort());
  await ann.page.routeWebSocket(/socket\.io/, (socket) => socket.close());
  let hanging = true;
  await ann.page.route('**/api/messages', (route) => (hanging ? null : route.continue()));
  ann.page.on('dialog', (dialog) => dialog.accept());
  await ann.page.reload();
  await ann.register();
  await ann.find(ben.name);
  await ann.say('never');
  await ann.reads('never', 'pending');
  await ann.get('settings-button').click();
  await ann.get('sign-out').click();
  hanging = false;
  const cyd = `${ann.name}-cyd`;
  await scene.stack.register(cyd);
  await ann.signIn(cyd);
  await ann.find(ben.name);
  await ann.say('from somebody else');
  await ann.reads('from somebody else', 'sent');
  await ben.open(cyd);
  await ben.reads('from somebody else');
});

test('what the server refuses is said in its words, with the space that French wants', async () => {
  const [ann] = await scene.pair();
  await ann.page.routeWebSocket(/socket\.io/, (socket) => socket.close());
  await ann.page.route('**/api/messages', (route) => route.fulfill({
    status: 400, json: { error: { code: 'invalid', message: 'Not on a Sunday.', field: 'content' } },
  }));
  await ann.page.reload();
  await ann.say('hello');
  const refusal = ann.message('hello', 'failed').getByRole('alert');
  await refusal.getByText('Not sent: Not on a Sunday.').waitFor();
  await ann.get('settings-button').click();
  await ann.get('language-fr').click();
  await refusal.getByText('Non envoyé\u00a0: Not on a Sunday.').waitFor();
});
