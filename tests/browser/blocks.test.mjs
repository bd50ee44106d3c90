// To hear nothing more from somebody, at all of one's pages, now and later; and to
// show the operators what they wrote.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openScene } from './scene.mjs';

const scene = openScene();

const blocks = async (person) => {
  await person.get('open-details').click();
  await person.get('block').click();
  await person.get('ask-yes').click();
  await person.sees('blocked-note');
};

test('who is blocked is not heard on any of one’s pages, and is told nothing', async () => {
  const [ann, ben] = await scene.pair();
  await ben.say('before');
  await ann.reads('before');
  const tablet = await scene.newcomer('tablet');
  await tablet.signIn(ann.name);
  await tablet.open(ben.name);
  await ann.get('open-details').click();
  await ann.get('block').click();
  await ann.get('ask').getByText(`Block ${ben.name}?`).waitFor();
  await ann.get('ask-no').click();
  assert.equal(await ann.get('blocked-note').count(), 0);
  await ann.get('block').click();
  await ann.get('ask-yes').click();
  for (const page of [ann, tablet]) {
    await page.sees('blocked-note');
    assert.equal(await page.get('composer-input').count(), 0);
  }
  await ben.say('are you there?');
  await ben.reads('are you there?', 'sent');
  await tablet.get('unblock').click();
  await ann.noLongerSees('blocked-note');
  await ben.say('hello again');
  for (const page of [ann, tablet]) {
    await page.reads('hello again');
    assert.deepEqual(await page.texts(), ['before', 'hello again']);
  }
  await ann.page.reload();
  await ann.reads('hello again');
  assert.deepEqual(await ann.texts(), ['before', 'hello again'], 'not even later');
});

test('in a group what they say is folded until one asks; the account lists them', async () => {
  const [ann, ben] = await scene.pair();
  const { user } = await scene.stack.login(ben.name);
  const { api } = await scene.stack.login(ann.name);
  const made = await api('/api/conversations', { body: { title: 'Choir', members: [user._id] } });
  assert.equal(made.status, 201);
  await blocks(ann);
  await ben.open('Choir');
  await ben.say('la la la');
  await ann.page.goto(`${scene.url}/#/`);
  await ann.get('conversation-Choir').getByText('Written by somebody you block').waitFor();
  await ann.open('Choir');
  await ann.sees('unfold');
  assert.equal(await ann.message('la la la').count(), 0);
  await ann.get('unfold').click();
  await ann.reads('la la la');
  await ann.get('me').click();
  await ann.get('tab-privacy').click();
  await ann.get('blocked-list').getByRole('button', { name: `Unblock ${ben.name}` }).click();
  await ann.get('privacy').getByText('Nobody').waitFor();
});

test('beside a conversation the newest that somebody else wrote is reported', async () => {
  const [ann, ben] = await scene.pair();
  await ann.get('open-details').click();
  await ann.sees('details');
  assert.equal(await ann.get('report-newest').count(), 0, 'nobody has written yet');
  await ben.say('you are ugly');
  await ann.say('am I?');
  await ann.get('report-newest').click();
  await ann.get('report').getByText('you are ugly').waitFor();
  await ann.get('report').getByTestId('submit').click();
  await ann.get('form-done').getByText('Reported. Thank you.').waitFor();
  const { api } = await scene.stack.login(ann.name);
  const support = (await api('/api/conversations')).body.find(({ kind }) => kind === 'support');
  assert.equal(support.lastMessage.content, 'you are ugly');
  await ann.page.keyboard.press('Escape');
  await ann.noLongerSees('report');
  assert.equal(await ann.page.evaluate(() => document.activeElement.dataset.testid), 'report-newest');
});

test('what somebody wrote is shown to the operators, once, and one sees what they see', async () => {
  const [ann, ben] = await scene.pair();
  await ben.say('hello');
  await ben.say('you are ugly');
  await ann.reads('you are ugly');
  await ann.act('you are ugly', 'report');
  await ann.get('field-reason').fill('he is rude');
  await ann.get('report').getByTestId('submit').click();
  await ann.get('form-done').getByText('Reported. Thank you.').waitFor();
  await ann.page.keyboard.press('Escape');
  await ann.noLongerSees('report');
  const { api } = await scene.stack.login(ann.name);
  const support = (await api('/api/conversations')).body.find(({ kind }) => kind === 'support');
  const { items } = (await api(`/api/messages/conversation?conversationId=${support._id}`)).body;
  assert.deepEqual(items.map(({ content }) => content),
    [`${ann.name} reported a message of ${ben.name}: he is rude`, 'hello', 'you are ugly']);
  await ann.page.goto(`${scene.url}/#/c/${support._id}`);
  await ann.get('message-text').getByText(`You reported what ${ben.name} wrote: he is rude`).waitFor();
  await ann.reads('you are ugly');
});
