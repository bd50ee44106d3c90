// The first screen: there before the page's script, which takes over what was
// typed into it; and whom one asks who cannot come in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { password, startStack } from '../support/stack.mjs';
import { phone } from './people.mjs';
import { openScene } from './scene.mjs';

const scene = openScene();
const PLACES = '.entry .card, h1, .tagline, .field, input, .button.primary, .other';

/* Somebody for whom no script of the page comes until it is let in. */
async function early(options) {
  const person = await scene.newcomer('ben', { serviceWorkers: 'block', ...options });
  let letIn;
  const open = new Promise((resolve) => { letIn = resolve; });
  await person.page.route('**/assets/*.js', async (route) => {
    await open;
    await route.continue();
  });
  return { person, letIn };
}
const opens = (person) => person.page.goto(scene.url, { waitUntil: 'commit' });

const placesOf = (page) => page.evaluate((selector) => [...document.querySelectorAll(selector)]
  .filter((e) => e.getClientRects().length)
  .map((e) => {
    const { x, y, width, height } = e.getBoundingClientRect();
    return `${e.tagName} ${[x, y, width, height].map(Math.round)} ${e.innerText ?? ''}`;
  }), PLACES);

for (const locale of ['en-GB', 'fr-FR']) {
  for (const [size, viewport] of [['a desk', undefined], ['a phone', phone]]) {
    test(`the form is there before the script, and stays where it is: ${locale}, on ${size}`, async () => {
      const { person, letIn } = await early({ locale, ...(viewport && { viewport }) });
      await opens(person);
      await person.page.locator('.first-screen input').first().waitFor();
      await person.page.waitForFunction(() =>
        [...document.querySelectorAll('link[rel=stylesheet]')].every(({ sheet }) => sheet));
      await person.page.evaluate(() => document.fonts.ready);
      const before = await placesOf(person.page);
      assert.ok(before.length >= 9, before.join('\n'));
      letIn();
      await person.sees('login-form');
      assert.deepEqual(await placesOf(person.page), before);
    });
  }
}

test('what was typed and sent before the script was there signs in', async () => {
  const { person, letIn } = await early();
  await scene.stack.register(person.name);
  await opens(person);
  await person.page.locator('.first-screen [name=login]').fill(person.name);
  await person.page.locator('.first-screen [name=password]').fill(password);
  await person.page.keyboard.press('Enter');
  letIn();
  await person.sees('messenger');
  assert.equal(person.page.url(), `${scene.url}/`);
});

test('what was typed and not sent is still there, with the focus', async () => {
  const { person, letIn } = await early();
  await opens(person);
  await person.page.locator('.first-screen [name=login]').fill('ann');
  await person.page.locator('.first-screen [name=password]').fill('half of');
  letIn();
  await person.sees('login-form');
  assert.equal(await person.get('field-login').inputValue(), 'ann');
  assert.equal(await person.get('field-password').inputValue(), 'half of');
  assert.equal(await person.page.evaluate(() => document.activeElement.name), 'password');
});

test('whoever is signed in sees outlines first, and no form', async () => {
  const { person, letIn } = await early();
  const { token, user } = await scene.stack.register(person.name);
  await person.page.evaluate((session) => localStorage.setItem('palabre.user', JSON.stringify(session)),
    { token, user, since: Date.now() });
  await opens(person);
  await person.page.locator('.first-screen.known').waitFor();
  assert.equal(await person.page.locator('.first-screen.sign-in').isVisible(), false);
  letIn();
  await person.sees('search-input');
  assert.equal(await person.page.locator('.first-screen, .skeleton').count(), 0);
});

test('where accounts are made for people, and passwords lost, one is told whom to ask', async () => {
  const ben = await scene.newcomer('ben');
  await ben.get('lost').click();
  await ben.get('lost-help').getByText('the people who run this server').waitFor();
  assert.equal(await ben.get('contact').count(), 0);
  const closed = await startStack({ set: { registration: 'closed', contact: 'Awa, help@palabre.example (room 3)' } });
  try {
    const ann = await scene.newcomer('ann', { url: closed.url });
    await ann.get('registration-closed').getByText('make the accounts').waitFor();
    assert.equal(await ann.get('auth-toggle').count(), 0);
    assert.equal(await ann.get('contact').innerText(), 'Awa, help@palabre.example (room 3)');
    assert.equal(await ann.get('contact').getByRole('link').getAttribute('href'), 'mailto:help@palabre.example');
    await ann.get('lost').click();
    await ann.get('lost-help').waitFor();
  } finally {
    await closed.stop();
  }
});

test('who keeps passwords knows which they are, and when they are sent', async () => {
  const ben = await scene.newcomer('ben');
  const fields = () => ben.page.locator('form').evaluate((form) =>
    [form.checkValidity(), ...[...form.elements].filter(({ name }) => name)
      .map(({ name, type, autocomplete }) => `${name} ${type} ${autocomplete}`)]);
  assert.deepEqual(await fields(), [true, 'login text username', 'password password current-password']);
  await ben.get('auth-toggle').click();
  assert.deepEqual(await fields(),
    [true, 'username text username', 'email email email', 'password password new-password']);
  await ben.page.evaluate(() => {
    addEventListener('submit', (event) => { globalThis.submitted = event.isTrusted; });
  });
  await ben.fillRegistration(ben.name, password);
  await ben.sees('messenger');
  assert.equal(await ben.page.evaluate(() => globalThis.submitted), true);
});
