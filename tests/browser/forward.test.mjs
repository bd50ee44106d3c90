// Messages that are sent on, one or several, and what else one does with several.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { png } from '../support/pictures.mjs';
import { phone } from './people.mjs';
import { openScene } from './scene.mjs';

const scene = openScene();
const TARGETS = 20; // at once

/* Ann at Ben's conversation, with words of both, and Cleo, whom she knows not. */
async function meet(options) {
  const ann = await scene.registered('ann', options);
  const me = await scene.stack.login(ann.name);
  const [ben, cleo] = await Promise.all(['ben', 'cleo'].map((name) => scene.stack.register(`${name}-${ann.name}`)));
  const says = (who, more) => who.api('/api/messages', { body: more });
  await says(ben, { recipient_id: me.user._id, content: 'theirs one' });
  await says(ben, { recipient_id: me.user._id, content: 'theirs two' });
  await says(me, { recipient_id: ben.user._id, content: 'mine one' });
  await says(me, { recipient_id: ben.user._id, content: 'mine two' });
  await ann.open(ben.user.username);
  await ann.reads('mine two');
  const said = async (one, other) =>
    (await one.api(`/api/messages/conversation?with=${other.user._id}`)).body.items ?? [];
  return { ann, me, ben, cleo, says, said };
}

const focused = (person) => person.page.evaluate(() => document.activeElement.dataset.testid ?? document.activeElement.className);
async function picks(person, ...texts) {
  for (const text of texts) await person.message(text).getByTestId('message-text').click();
}

test('a message goes to somebody whom one had never written to, and one goes with it', async () => {
  const { ann, me, cleo, said } = await meet();
  await ann.act('theirs one', 'forward');
  await ann.sees('forward');
  assert.equal(await focused(ann), 'forward-search');
  await ann.get('forward-search').fill(cleo.user.username);
  await ann.get(`forward-row-${cleo.user.username}`).click();
  await ann.get('chosen').getByText(cleo.user.username).first().waitFor();
  await ann.get('forward-send').click();
  await ann.get('toast').getByText(cleo.user.username).waitFor(); // it goes by itself
  await ann.get('chat-title').filter({ hasText: cleo.user.username }).waitFor();
  await ann.reads('theirs one', 'sent');
  assert.deepEqual((await said(cleo, me)).map(({ content, sender }) => [content, sender]), [['theirs one', me.user._id]]);
});

test('several go to several, in their order, with the file and without whom they name', async () => {
  const { ann, me, ben, cleo, says, said } = await meet();
  const group = (await ben.api('/api/conversations', { body: { title: 'Garden', members: [me.user._id] } })).body;
  const { body: { _id: file } } = await ben.api('/api/files?name=tree.png',
    { body: png(300, 200), headers: { 'Content-Type': 'application/octet-stream' } });
  const name = me.user.username;
  await says(ben, { conversationId: group._id, content: `look @${name}`, mentions: [{ userId: me.user._id, start: 5, length: name.length + 1 }] });
  await says(ben, { conversationId: group._id, attachment: file });
  await says(ben, { conversationId: group._id, content: 'not this' });
  await ann.get('conversation-Garden').click();
  await ann.reads('not this');
  await ann.get('picture').locator('img').waitFor();
  await ann.get('message').nth(-2).getByTestId('message-actions').click();
  await ann.get('action-select').click();
  await ann.get('message').nth(-3).getByTestId('message-text').click();
  await ann.get('selection').getByText('2 selected').waitFor();
  await ann.get('select-forward').click();
  await ann.get(`forward-row-${ben.user.username}`).click();
  await ann.get('forward-search').fill(cleo.user.username);
  await ann.get('forward-search').press('Enter');
  await ann.get('forward-send').getByText('2').waitFor();
  await ann.get('forward-send').click();
  await ann.noLongerSees('forward');
  await ann.noLongerSees('selection');
  await ann.get('chat-title').filter({ hasText: 'Garden' }).waitFor();
  assert.equal(await focused(ann), 'composer-input');
  await ann.get(`conversation-${cleo.user.username}`).click();
  await ann.get('picture').locator('img').waitFor();
  await ann.page.locator('[data-status=sent]').nth(1).waitFor();
  for (const who of [ben, cleo]) {
    const there = (await said(who, me)).slice(-2);
    assert.deepEqual(there.map(({ content, attachment, mentions }) => [content, attachment?._id ?? null, mentions ?? []]),
      [[`look @${name}`, null, []], ['', file, []]]);
    assert.equal((await who.api(`/api/files/${file}`)).status, 200, 'whoever gets it may read it');
  }
});

test('whom Enter cannot choose, as it is enough, stays searched for', async () => {
  const { ann, me, ben, cleo } = await meet();
  const titles = Array.from({ length: TARGETS }, (_, i) => `Bed ${i + 1}.`);
  for (const title of titles) {
    assert.equal((await ben.api('/api/conversations', { body: { title, members: [me.user._id] } })).status, 201);
  }
  await ann.act('theirs one', 'forward');
  for (const title of titles) await ann.get(`forward-row-${title}`).click();
  await ann.get('forward-most').getByText(`${TARGETS}`).waitFor();
  const box = ann.get('forward-search');
  await box.fill(cleo.user.username);
  await ann.sees(`forward-row-${cleo.user.username}`);
  await box.press('Enter');
  assert.equal(await box.inputValue(), cleo.user.username);
  await ann.get('forward-send').getByText(`${TARGETS}`).waitFor();
  await box.fill(titles[0]);
  await ann.sees(`forward-row-${titles[0]}`);
  await ann.noLongerSees(`forward-row-${titles[1]}`);
  await box.press('Enter');
  assert.equal(await box.inputValue(), '', 'who is chosen is, and the next can be typed');
});

test('by keys alone several are selected, copied and left', async () => {
  const { ann } = await meet();
  await ann.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await ann.message('theirs two').getByTestId('message-actions').focus();
  await ann.page.keyboard.press('Enter');
  await ann.get('action-select').press('Enter');
  await ann.get('selection').getByText('1 selected').waitFor();
  assert.equal(await focused(ann), 'select-box');
  await ann.page.keyboard.press('ArrowDown');
  await ann.page.keyboard.press('Space');
  await ann.get('selection').getByText('2 selected').waitFor();
  assert.equal(await ann.get('select-delete').isDisabled(), true, 'one of them is not hers');
  await ann.get('select-copy').press('Enter');
  await ann.get('toast').getByText('Copied').waitFor();
  await ann.noLongerSees('selection');
  const lines = (await ann.page.evaluate(() => navigator.clipboard.readText())).split('\n');
  assert.equal(lines.length, 2);
  assert.match(lines[0], /^\[.+\] ben-.+: theirs two$/);
  assert.match(lines[1], /^\[.+\] ann-.+: mine one$/);
  await ann.message('mine one').getByTestId('message-actions').focus();
  await ann.page.keyboard.press('Enter');
  await ann.get('action-select').press('Enter');
  await ann.page.keyboard.press('Escape');
  await ann.noLongerSees('selection');
  await ann.sees('composer-input');
  assert.equal(await focused(ann), 'composer-input');
});

test('several of one’s own are deleted after a question, on a phone', async () => {
  const { ann, me, ben, said } = await meet({ viewport: phone, hasTouch: true });
  await ann.message('mine one').getByTestId('message-actions').tap();
  await ann.get('action-select').tap();
  await picks(ann, 'mine two', 'theirs one');
  assert.equal(await ann.get('select-delete').isDisabled(), true);
  await picks(ann, 'theirs one');
  await ann.get('select-delete').tap();
  await ann.get('ask-no').tap();
  await ann.get('selection').getByText('2 selected').waitFor();
  await ann.get('select-delete').tap();
  await ann.get('ask-yes').tap();
  await ann.noLongerSees('selection');
  await ann.get('tombstone').nth(1).waitFor();
  assert.deepEqual((await said(me, ben)).map(({ content, deleted }) => [content, deleted]),
    [['theirs one', false], ['theirs two', false], ['', true], ['', true]]);
});

test('what is deleted meanwhile is no longer selected, and another conversation begins with none', async () => {
  const { ann, ben, cleo, me, says, said } = await meet();
  await says(cleo, { recipient_id: me.user._id, content: 'elsewhere' });
  await ann.act('theirs one', 'select');
  await picks(ann, 'theirs two');
  await ann.get('selection').getByText('2 selected').waitFor();
  const [{ _id }] = await said(ben, me);
  assert.equal((await ben.api(`/api/messages/${_id}`, { method: 'DELETE' })).status, 200);
  await ann.get('selection').getByText('1 selected').waitFor();
  await ann.open(cleo.user.username);
  await ann.reads('elsewhere');
  assert.equal(await ann.get('select-box').count(), 0);
});
