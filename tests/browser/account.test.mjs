// What one changes of oneself, at one's own page and as others see it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { password, waitFor } from '../support/stack.mjs';
import { phone } from './people.mjs';
import { openScene } from './scene.mjs';

const NEW_PASSWORD = 'battery staple';
const scene = openScene();

async function openAccount(person, tab = 'profile') {
  await person.get('me').click();
  await person.get(`tab-${tab}`).click();
}

const save = async (person) => {
  await person.get('submit').click();
  await person.get('form-done').getByText('Saved.').waitFor();
};

const sees = (locator, text) => locator.getByText(text, { exact: true }).waitFor();

test('a new name, picture and status are seen at the pages of others within seconds', async () => {
  const [ann, ben] = await scene.pair();
  await ann.say('hello');
  await ben.reads('hello');
  await openAccount(ann);
  await ann.get('avatar-🦊').click();
  await ann.get('field-displayName').fill('Ann of the Hill');
  await ann.get('field-statusText').fill('up the hill');
  await sees(ann.get('avatar-preview'), '🦊');
  await save(ann);
  await ann.get('account-close').click();
  await ann.noLongerSees('account');
  await sees(ann.get('me'), 'Ann of the Hill');
  await sees(ann.get('me'), 'up the hill');

  await sees(ben.get('status-text'), 'up the hill');
  await ben.get('chat-title').filter({ hasText: 'Ann of the Hill' }).waitFor();
  const row = ben.get(`conversation-${ann.name}`);
  await sees(row, 'Ann of the Hill');
  await sees(row, '🦊');
  await ann.page.reload();
  await sees(ann.get('me'), 'Ann of the Hill');
});

test('who comes and goes is not asked for again, who changes is', async () => {
  const [ann, ben] = await scene.pair();
  await ann.context.clock.install();
  await ann.page.reload();
  await ann.seesPresence('online');
  await ann.page.waitForLoadState('networkidle'); // all lists are there
  await ann.context.clock.runFor(3000); // who is who after a reload
  const asked = [];
  ann.page.on('request', (request) => {
    if (/users\/[0-9a-f]{24}$/.test(request.url())) asked.push(request.url());
  });
  await ben.page.close();
  await ann.seesPresence('offline');
  await ann.context.clock.runFor(3000);
  await ben.comeBack();
  await ann.seesPresence('online');
  await ann.context.clock.runFor(3000);
  assert.deepEqual(asked, []);
  await ben.sees('messenger');
  await openAccount(ben);
  await ben.get('field-displayName').fill('Benedict');
  await save(ben);
  await ann.get('chat-title').filter({ hasText: 'Benedict' }).waitFor();
  assert.equal(asked.length, 1);
});

test('another window of mine follows, and keeps what I was writing there', async () => {
  const ann = await scene.registered('ann');
  const other = await ann.context.newPage();
  ann.watch(other);
  await other.goto(scene.url);
  await other.getByTestId('me').click();
  await other.getByTestId('field-displayName').fill('half a name');
  await openAccount(ann);
  await ann.get('field-statusText').fill('seen everywhere');
  await save(ann);
  await other.getByTestId('me').getByText('seen everywhere').waitFor();
  assert.equal(await other.getByTestId('field-statusText').inputValue(), 'seen everywhere');
  assert.equal(await other.getByTestId('field-displayName').inputValue(), 'half a name');
});

test('what was asked about oneself before a change does not undo it', async () => {
  const ann = await scene.registered('ann');
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  let answers = 0;
  await ann.page.route('**/api/users/me', async (route) => {
    const response = await route.fetch(); // as it is now
    await held;
    await route.fulfill({ response });
    answers += 1;
  });
  const asked = ann.page.waitForRequest('**/api/users/me');
  await ann.page.reload();
  await asked;
  await openAccount(ann);
  await ann.get('field-statusText').fill('newer');
  await save(ann);
  release();
  await waitFor('asked again because of the change', () => answers >= 2);
  await sees(ann.get('me'), 'newer');
  assert.equal(await ann.get('form-done').innerText(), 'Saved.');
});

test('what a profile cannot be is said at its field, and nothing is lost', async () => {
  const [ann, ben] = await Promise.all([scene.registered('ann'), scene.registered('ben')]);
  await openAccount(ann);
  assert.equal(await ann.get('submit').isDisabled(), true, 'nothing to save');
  await ann.get('field-displayName').fill('x'.repeat(65));
  await ann.get('field-avatar').fill('me');
  await ann.get('submit').click();
  await sees(ann.get('error-displayName'), 'At most 64 characters.');
  await sees(ann.get('error-avatar'), 'One emoji, please.');
  await ann.get('field-displayName').fill('Ann\u202e');
  await ann.get('field-avatar').fill('🦚');
  await ann.get('submit').click();
  await sees(ann.get('error-displayName'), 'No invisible characters, please.');
  await ann.get('field-displayName').fill('Ann');
  await ann.get('field-username').fill(ben.name.toUpperCase());
  await ann.get('submit').click();
  await sees(ann.get('error-username'), 'This username is taken.');
  assert.equal(await ann.page.evaluate(() => document.activeElement.name), 'username');
  await ann.get('field-username').fill(ann.name);
  await save(ann);
  await sees(ann.get('me'), '🦚');
});

test('without a network the form says so and keeps what it holds', async () => {
  const ann = await scene.registered('ann');
  await openAccount(ann);
  await ann.context.setOffline(true);
  await ann.get('field-statusText').fill('in a tunnel');
  await ann.get('submit').click();
  await sees(ann.get('account'), 'No connection to the server.');
  await ann.get('tab-sessions').click();
  await ann.get('account').getByRole('alert').getByText('No connection').waitFor();
  await ann.context.setOffline(false);
  await ann.sees('device-list');
  await ann.get('tab-profile').click();
  await save(ann);
  await sees(ann.get('me'), 'in a tunnel');
});

test('another email address asks for the password', async () => {
  const ann = await scene.registered('ann');
  await openAccount(ann);
  await ann.noLongerSees('field-password');
  await ann.get('field-email').fill(`${ann.name}@mail.example`);
  await ann.get('submit').click();
  await sees(ann.get('error-password'), 'Please fill this in.');
  await ann.get('field-password').fill('not this one');
  await ann.get('submit').click();
  await sees(ann.get('error-password'), 'This is not your password.');
  await ann.get('field-password').fill(password);
  await save(ann);
  await ann.noLongerSees('field-password');
  assert.equal(await ann.get('field-email').inputValue(), `${ann.name}@mail.example`);
});

test('a new password signs the other devices out, with the reason', async () => {
  const ann = await scene.registered('ann');
  const phoneOfAnn = await scene.registered('other');
  await phoneOfAnn.get('settings-button').click();
  await phoneOfAnn.get('sign-out').click();
  await phoneOfAnn.signIn(ann.name);
  await phoneOfAnn.sees('messenger');
  await openAccount(ann, 'password');
  const change = async (was, will) => {
    await ann.get('field-password').fill(was);
    await ann.get('field-newPassword').fill(will);
    await ann.get('submit').click();
  };
  await change('not this one', NEW_PASSWORD);
  await sees(ann.get('error-password'), 'This is not your password.');
  await change(password, '12345');
  await sees(ann.get('error-newPassword'), 'Use 8 to 128 characters.');
  await change(password, NEW_PASSWORD);
  await ann.get('form-done').getByText('Password changed.').waitFor();
  assert.equal(await ann.get('field-password').inputValue(), '');
  await phoneOfAnn.get('sign-in-reason').getByText('Your password was changed').waitFor();
  await phoneOfAnn.signIn(ann.name, NEW_PASSWORD);
  await phoneOfAnn.sees('messenger');
});

test('one sees one\'s devices, and signs out of one or of all others', async () => {
  const ann = await scene.registered('ann');
  const signIn = async (agent) => {
    const answer = await scene.stack.api('/api/auth/login',
      { body: { username: ann.name, password }, headers: { 'User-Agent': agent } });
    return scene.stack.person(answer.body);
  };
  const tablet = await signIn('Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) Version/17.5 Safari/604.1');
  const others = [await signIn('lynx/2'), await signIn('w3m/1')];
  await openAccount(ann, 'sessions');
  const device = (text) => ann.get('device').filter({ hasText: text });
  await device('This device').getByText(/^Chrome on/).waitFor();
  assert.equal(await ann.get('device').count(), 4);
  assert.equal(await device('This device').getByTestId('device-end').count(), 0);
  await device('Safari on iPad').getByTestId('device-end').click();
  await device('Safari on iPad').waitFor({ state: 'detached' });
  assert.equal((await tablet.api('/api/users/me')).status, 401);
  assert.equal((await others[0].api('/api/users/me')).status, 200);
  await ann.get('end-others').click();
  await ann.get('form-done').getByText('Signed out on 2 devices.').waitFor();
  assert.equal(await ann.get('device').count(), 1);
  for (const other of others) assert.equal((await other.api('/api/users/me')).status, 401);
  await ann.sees('messenger');
});

test('the account is worked by keys alone, and gives the focus back', async () => {
  const ann = await scene.registered('ann');
  const { keyboard } = ann.page;
  const focused = () => ann.page.evaluate(() => document.activeElement.dataset.testid);
  await ann.get('settings-button').focus();
  await keyboard.press('Enter');
  await waitFor('the menu', async () => (await focused()) === 'open-account');
  await keyboard.press('Enter');
  await ann.sees('account');
  assert.equal(await focused(), 'tab-profile');
  await keyboard.press('ArrowRight');
  await ann.sees('privacy');
  await keyboard.press('ArrowRight');
  await ann.sees('password-form');
  assert.equal(await focused(), 'tab-password');
  await keyboard.press('Tab');
  assert.equal(await focused(), 'field-password');
  for (let i = 0; i < 12; i += 1) await keyboard.press('Tab');
  assert.equal(await ann.page.evaluate(() =>
    document.activeElement === document.body || Boolean(document.activeElement.closest('dialog'))), true);
  await keyboard.press('Escape');
  await ann.noLongerSees('account');
  assert.equal(await focused(), 'settings-button');
});

test('on a phone the account fills the screen and nothing sticks out', async () => {
  const ann = await scene.registered('ann',
    { viewport: phone, isMobile: true, hasTouch: true, locale: 'fr-FR' });
  await ann.get('me').tap();
  for (const tab of ['profile', 'privacy', 'password', 'sessions']) {
    await ann.get(`tab-${tab}`).tap();
    const out = await ann.page.evaluate(() => [...document.querySelectorAll('dialog, dialog *')]
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5).length);
    assert.equal(out, 0, tab);
  }
  await ann.get('account').getByText('Cet appareil').waitFor();
  assert.deepEqual(await ann.get('account').evaluate((element) =>
    [element.clientWidth, element.clientHeight]), [phone.width, phone.height]);
});
