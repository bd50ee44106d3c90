// The page of guests: in with a name, a talk with the operators and in the lobby,
// and out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startStack, waitFor } from '../support/stack.mjs';
import { letAxeIn, violationsOf } from './axe.mjs';
import { phone } from './people.mjs';
import { openScene } from './scene.mjs';

const scene = openScene({ set: { lobby: 'on', presence_grace_ms: 200 } });

/* Over REST and a socket: the page of operators has tests of its own. */
async function operator(stem) {
  const { stack } = scene;
  const { user } = await stack.newcomer(stem);
  assert.equal((await stack.ctl('user', 'role', user.username, 'operator')).code, 0);
  return stack.login(user.username);
}

const atTheDoor = (stem, options = {}) => scene.newcomer(stem, { url: `${scene.url}/client`, ...options });
async function guest(stem, options) {
  const person = await atTheDoor(stem, options);
  await person.get('field-name').fill(person.name);
  await person.get('submit').click();
  await person.get('composer-input').waitFor();
  return person;
}
const supportOf = async (who, name) => (await who.api('/api/operator/clients')).body.items
  .find(({ client }) => client?.username === name);
const presence = (person, status) =>
  person.page.locator(`[data-testid="operator-presence"][data-status="${status}"]`).waitFor();

test('a guest comes with a name, is answered, and is the same person after a refresh', async () => {
  const boss = await operator('boss');
  const zoe = await guest('zoe');
  await presence(zoe, 'offline');
  await zoe.say('Is anybody here?');
  await zoe.reads('Is anybody here?', 'sent');
  const desk = await boss.connect();
  await presence(zoe, 'online');
  const { client, conversation } = await waitFor('her', () => supportOf(boss, zoe.name));
  assert.equal(client.role, 'guest');
  const typing = new Promise((resolve) => { desk.on('typing', resolve); });
  await zoe.get('composer-input').pressSequentially('and');
  assert.equal((await typing).from, client._id);
  await zoe.get('composer-input').fill('');
  desk.emit('typing', { conversationId: conversation._id });
  await zoe.sees('typing-indicator');
  await boss.api(`/api/operator/clients/${client._id}/messages`, { body: { content: 'How may I help?' } });
  await zoe.reads('How may I help?');
  await boss.api('/api/messages/read', { body: { conversationId: conversation._id, seq: 1 } });
  await zoe.reads('Is anybody here?', 'read');

  await zoe.page.reload();
  await zoe.reads('How may I help?');
  await zoe.say('Thank you');
  await zoe.reads('Thank you', 'sent');
  const { body } = await boss.api(`/api/operator/clients/${client._id}/messages`);
  assert.deepEqual(body.items.map(({ sender, content }) => [sender === client._id, content]),
    [[true, 'Is anybody here?'], [false, 'How may I help?'], [true, 'Thank you']]);

  await boss.api('/api/operator/server', { method: 'PATCH', body: { displayName: 'Help desk', statusText: 'until six' } });
  await zoe.get('server-name').filter({ hasText: 'Help desk' }).waitFor();
  await zoe.get('status-text').filter({ hasText: 'until six' }).waitFor();
  await boss.api('/api/operator/broadcast', { body: { message: 'Tea is served' } });
  await zoe.get('broadcast-note').filter({ hasText: 'Tea is served' }).waitFor();
  await zoe.get('broadcast-hide').click();
  await zoe.noLongerSees('broadcast-note');
  desk.disconnect();
  await presence(zoe, 'offline');
});

test('who leaves is out, and what they wrote here is not kept in the browser', async () => {
  const zoe = await guest('zoe');
  await zoe.say('Hello');
  await zoe.reads('Hello', 'sent');
  const yan = await guest('yan');
  await yan.get('room-lobby').click();
  await yan.say('Anybody?');
  await zoe.page.waitForFunction(() => /^\(\d+\) Palabre$/.test(document.title));
  await zoe.get('leave').click();
  await zoe.get('ask-no').click();
  await zoe.get('leave').click();
  await zoe.get('ask-yes').click();
  await zoe.sees('guest-form');
  assert.equal(await zoe.get('field-name').inputValue(), zoe.name, 'the name is offered again');
  assert.equal(await zoe.page.title(), 'Palabre');
  const kept = await zoe.page.evaluate(() => Object.keys(localStorage).join());
  assert.doesNotMatch(kept, /palabre\.guest\b|outbox|draft/);
  await zoe.page.reload();
  await zoe.sees('guest-form');
});

test('what a guest wrote and the browser cannot keep does not go unasked', async () => {
  const zoe = await guest('zoe');
  await zoe.keepsNothing();
  await zoe.context.setOffline(true);
  await zoe.sees('net-banner');
  await zoe.say('not kept');
  await zoe.message('not kept', 'pending').getByTestId('unkept').waitFor();
  assert.equal(await zoe.triesToGo(), 1);
  await zoe.context.setOffline(false);
  await zoe.reads('not kept', 'sent');
});

test('who has just come is shown people beside the lobby, until they know somebody', async () => {
  const ann = await scene.registered('ann');
  const ben = await scene.stack.register(`ben-${ann.name}`);
  await ann.page.reload();
  await ann.get('conversation-Lobby').waitFor();
  await ann.get(`person-${ben.user.username}`).click();
  await ann.say('hello');
  await ann.reads('hello', 'sent');
  await ann.noLongerSees('people-list');
});

test('guests and others talk in the lobby', async () => {
  const [zoe, yan] = [await guest('zoe'), await guest('yan')];
  for (const person of [zoe, yan]) await person.get('room-lobby').click();
  await zoe.say('Hello all');
  await yan.reads('Hello all');
  await yan.get('message').filter({ hasText: 'Hello all' }).getByText(zoe.name).waitFor();
  await yan.say('Hello Zoe');
  await zoe.reads('Hello Zoe');
  await zoe.get('room-support').click();
  await yan.say('Still there?');
  await zoe.get('room-lobby').getByText(/unread message/).waitFor();
  await zoe.say('To support alone');
  await zoe.reads('To support alone', 'sent');
  await yan.get('room-support').click();
  assert.deepEqual(await yan.texts(), []);
});

test('how much is written is counted, and too much is not sent', async () => {
  const zoe = await guest('zoe');
  await zoe.get('counter').filter({ hasText: '0 / 5000' }).waitFor();
  await zoe.get('composer-input').fill('😀'.repeat(12));
  await zoe.get('counter').filter({ hasText: '12 / 5000' }).waitFor();
  await zoe.get('composer-input').fill('x'.repeat(5001));
  await zoe.page.getByText('1 character too many').waitFor();
  assert.ok(await zoe.get('send-button').isDisabled());
  await zoe.get('composer-input').fill('x'.repeat(5000));
  assert.ok(await zoe.get('send-button').isEnabled());
});

test('a name is judged at once, one with blanks is shown, and one that is taken is refused', async () => {
  const zoe = await atTheDoor('zoe');
  await zoe.get('submit').click();
  await zoe.page.getByText('Please fill this in.').waitFor();
  await zoe.get('field-name').fill('x'.repeat(33));
  await zoe.get('submit').click();
  await zoe.page.getByText(/at most 32 characters/).waitFor();
  await zoe.get('field-name').fill(`Zoe of ${zoe.name.slice(-8)}`);
  await zoe.get('submit').click();
  await zoe.get('settings-button').click();
  await zoe.page.getByText(`You are Zoe of ${zoe.name.slice(-8)}`).waitFor();
  await zoe.page.keyboard.press('Escape');
  const yan = await atTheDoor('yan');
  await yan.get('field-name').fill(`zoe_of_${zoe.name.slice(-8)}`);
  await yan.get('submit').click();
  await yan.page.locator('[aria-invalid=true]').waitFor();
});

test('who is sent away is told why, and is a guest beside the account of the same browser', async () => {
  const boss = await operator('boss');
  const ann = await scene.registered('ann');
  const page = await ann.context.newPage();
  await page.goto(`${scene.url}/client`);
  await page.getByTestId('field-name').fill('annsguest');
  await page.getByTestId('submit').click();
  await page.getByTestId('composer-input').fill('Hello');
  await page.getByTestId('send-button').click();
  const { client } = await waitFor('them', () => supportOf(boss, 'annsguest'));
  await boss.api(`/api/operator/clients/${client._id}/kick`, { body: {} });
  await page.getByTestId('entry-reason').waitFor();
  await page.getByTestId('guest-form').waitFor();
  await ann.page.reload();
  await ann.sees('messenger');
});

test('where there are no guests the page says so', async () => {
  const closed = await startStack({ set: { guests: 'off' } });
  try {
    const zoe = await scene.newcomer('zoe', { url: `${closed.url}/client` });
    await zoe.sees('guests-closed');
    assert.equal(await zoe.get('guest-form').count(), 0);
    await zoe.page.getByRole('link', { name: 'Sign in' }).click();
    await zoe.sees('login-form');
    assert.equal((await closed.api('/api/health')).body.guests, false);
  } finally {
    await closed.stop();
  }
});

test('nginx gives the page as it gives the messenger, at one address', async () => {
  const [mine, theirs] = await Promise.all(['/client', '/'].map((where) => fetch(scene.url + where, { redirect: 'manual' })));
  assert.equal(mine.status, 200);
  for (const name of ['content-security-policy', 'cache-control', 'x-frame-options', 'referrer-policy']) {
    assert.equal(mine.headers.get(name), theirs.headers.get(name), name);
  }
  for (const where of ['/client/', '/client.html']) {
    const answer = await fetch(scene.url + where, { redirect: 'manual' });
    assert.deepEqual([answer.status, answer.headers.get('location')], [302, '/client'], where);
  }
  assert.equal((await fetch(`${scene.url}/client`, { method: 'POST' })).status, 405);
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing at the page of guests: ${colorScheme}`, async () => {
    const found = [];
    const zoe = await atTheDoor('zoe', { colorScheme, viewport: colorScheme === 'dark' ? phone : undefined, locale: 'fr-FR' });
    const finds = async (view) => found.push(...(await violationsOf(zoe.page)).map((one) => `${view}: ${one}`));
    await letAxeIn(zoe);
    await zoe.get('submit').click();
    await finds('the door');
    await zoe.get('field-name').fill(zoe.name);
    await zoe.get('submit').click();
    await zoe.say('Hello');
    await zoe.reads('Hello', 'sent');
    await finds('the room');
    await zoe.get('settings-button').click();
    await zoe.get(`theme-${colorScheme === 'dark' ? 'light' : 'dark'}`).click();
    await finds('another theme');
    await zoe.page.keyboard.press('Escape');
    await zoe.get('leave').click();
    await finds('the question');
    await zoe.page.keyboard.press('Escape');
    assert.deepEqual(found, []);
  });
}
