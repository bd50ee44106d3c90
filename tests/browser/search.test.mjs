// Searching: people, conversations and what was said, from one field.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phone } from './people.mjs';
import { openScene } from './scene.mjs';

const scene = openScene();
const FAR = 250; // more than the page holds

async function api(person, target, body) {
  return person.page.evaluate(async ([path, json]) => {
    const { token } = JSON.parse(localStorage.getItem('palabre.user'));
    const answer = await fetch(path, {
      method: json ? 'POST' : 'GET', body: json && JSON.stringify(json),
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    });
    return answer.json();
  }, [target, body]);
}

/* Ben has said something long ago, and much since. */
async function talk(options) {
  const [ann, ben] = await Promise.all([scene.registered('ann', options), scene.registered('ben')]);
  await ben.find(ann.name);
  await ben.say('Où est le Café des amis ?');
  await ann.get(`conversation-${ben.name}`).waitFor();
  const { 0: { _id: id } } = await api(ben, '/api/conversations');
  for (let i = 0; i < FAR; i += 25) {
    await Promise.all(Array.from({ length: 25 }, (_, n) =>
      api(ben, '/api/messages', { conversationId: id, content: `line ${i + n}` })));
  }
  return [ann, ben];
}

const focused = (person) => person.page.evaluate(() => document.activeElement.textContent);

test('what was said long ago is found by keys, marked, and led to', async () => {
  const [ann, ben] = await talk();
  const box = ann.get('search-input');
  await box.fill('cafe am');
  await ann.get('find').getByText('Café').waitFor();
  assert.deepEqual(await ann.get('find').locator('mark').allTextContents(), ['Café', 'am']);
  assert.match(await ann.get('find').textContent(), new RegExp(ben.name));
  await box.press('ArrowDown');
  await ann.page.keyboard.press('Enter');
  await ann.message('Où est le Café des amis ?').waitFor();
  await ann.page.waitForFunction(() => document.activeElement?.dataset.testid === 'message');
  assert.match(await focused(ann), /Café/);
  assert.equal(await box.inputValue(), 'cafe am', 'to go on to the next one');
  await ann.get('new-messages').click();
  await ann.message(`line ${FAR - 1}`).waitFor();
});

test('what one looks for is marked in the names of conversations and people', async () => {
  const ann = await scene.registered('ann');
  const me = await scene.stack.login(ann.name);
  const zoe = await scene.stack.register(`zoe-${ann.name}`, { displayName: 'Zoé Dupré' });
  const other = await scene.stack.register(`other-${ann.name}`, { displayName: 'Marc Prétorius' });
  await zoe.api('/api/conversations', { body: { title: 'Les prés', members: [me.user._id] } });
  await ann.sees('conversation-Les prés');
  const marks = (testid) => ann.get(testid).locator('mark').allTextContents();
  await ann.get('search-input').fill('pre');
  await ann.sees(`person-${other.user.username}`);
  assert.deepEqual(await marks('conversation-Les prés'), ['pré']);
  assert.deepEqual(await marks(`person-${zoe.user.username}`), ['pré']);
  assert.deepEqual(await marks(`person-${other.user.username}`), ['Pré']);
  await ann.get('search-input').fill('');
  await ann.noLongerSees(`person-${zoe.user.username}`);
  assert.deepEqual(await marks('conversation-Les prés'), []);
});

test('more are shown when one asks, and none where nothing is said', async () => {
  const [ann] = await talk();
  await ann.get('search-input').fill('line 24');
  await ann.get('more-finds').click();
  await ann.page.waitForFunction(() => document.querySelectorAll('[data-testid=find]').length === 11);
  await ann.get('search-input').fill('zanzibar');
  await ann.page.getByText('Nobody found for “zanzibar”.').waitFor();
  assert.equal(await ann.get('find').count(), 0);
});

test('on a phone it leads there and back', async () => {
  const [ann] = await talk({ locale: 'fr-FR', viewport: phone, hasTouch: true });
  await ann.get('search-input').fill('CAFÉ');
  await ann.get('finds').getByRole('heading', { name: 'Messages' }).waitFor();
  await ann.get('find').tap();
  await ann.message('Où est le Café des amis ?').waitFor();
  await ann.page.goBack();
  await ann.get('find').waitFor();
});
