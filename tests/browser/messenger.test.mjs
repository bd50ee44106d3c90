// Two people at the messenger, through nginx, workers, store and daemon.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { share, waitFor } from '../support/stack.mjs';
import { kept, phone } from './people.mjs';
import { openScene } from './scene.mjs';

const scene = openScene();

test('two people register, find each other by search and talk both ways, live', async () => {
  const [ann, ben] = await Promise.all([
    scene.registered('ann'),
    scene.registered('ben'),
  ]);
  await ann.get('search-input').fill(ben.name.slice(0, -3));
  await ann.get(`person-${ben.name}`).click();
  await ann.say('Hello Ben');
  await ben.get(`conversation-${ann.name}`).click();
  await ben.reads('Hello Ben');
  await ben.say('Hello Ann');
  await ann.reads('Hello Ann');
  await ann.get('composer-input').fill('By the Enter key');
  await ann.get('composer-input').press('Enter');
  await ben.reads('By the Enter key');
  const expected = ['Hello Ben', 'Hello Ann', 'By the Enter key'];
  assert.deepEqual(await ann.texts(), expected);
  assert.deepEqual(await ben.texts(), expected);
});

test('what waits unread is counted in the list and in the title, until it is read', async () => {
  const [ann, ben] = await scene.pair();
  const cyd = await scene.registered('cyd');
  await ben.find(cyd.name);
  await ann.say('one');
  await ann.say('two');
  const badge = ben.get(`conversation-${ann.name}`).getByTestId('unread-badge');
  await badge.getByText('2', { exact: true }).waitFor();
  assert.match(await ben.page.title(), /^\(2\)/);
  await ben.open(ann.name);
  await ben.sees('unread-mark');
  await badge.waitFor({ state: 'detached' });
  assert.equal(await ben.page.title(), 'Palabre');
});

test('one sees the other type, and stop by pausing and by sending', async () => {
  const [ann, ben] = await scene.pair();
  await ben.say('And you?'); // strangers do not see each other type
  await ann.reads('And you?');
  await ann.get('composer-input').pressSequentially('thinking');
  await ben.sees('typing-indicator');
  await ben.get('presence').getByText('typing').waitFor(); // also where one reads far above
  await ben.noLongerSees('typing-indicator');
  await ann.get('composer-input').pressSequentially(' aloud');
  await ben.sees('typing-indicator');
  await ann.get('send-button').click();
  await ben.reads('thinking aloud');
  await ben.noLongerSees('typing-indicator');
});

test('ticks say sent, then received, then read', async () => {
  const [ann, ben] = await Promise.all([
    scene.registered('ann'),
    scene.newcomer('ben'),
  ]);
  await scene.stack.register(ben.name); // he exists, and is nowhere
  await ann.find(ben.name);
  await ann.say('Are you there?');
  await ann.reads('Are you there?', 'sent');
  await ben.signIn(); // his page is open, the conversation is not
  await ben.sees(`conversation-${ann.name}`);
  await ann.reads('Are you there?', 'received');
  await ben.open(ann.name);
  await ann.reads('Are you there?', 'read');
  await ann.say('And this?'); // he is looking
  await ann.reads('And this?', 'read');
});

test('one sees the other online, gone, and back', async () => {
  const [ann, ben] = await scene.pair();
  await ann.seesPresence('online');
  await ben.page.close();
  await ann.seesPresence('offline');
  await ann.get('presence').getByText(/^last seen/).waitFor();
  await ben.comeBack();
  await ann.seesPresence('online');
});

test('reloading does not make one look gone', async () => {
  const [ann, ben] = await scene.pair();
  await ann.seesPresence('online');
  await ann.page.evaluate(() => {
    const element = document.querySelector('[data-testid=presence]');
    globalThis.shown = [];
    new MutationObserver(() => {
      globalThis.shown.push(element.dataset.status);
    }).observe(element, { attributes: true });
  });
  await ben.page.reload();
  await ben.sees('composer-input');
  await ben.say('back');
  await ann.reads('back');
  /* unknown is what a doubt about one's own connection makes of everybody */
  const shown = await ann.page.evaluate(() => globalThis.shown);
  assert.ok(!shown.includes('offline'), shown.join());
});

test('nor does a list of people that was asked for when nobody could say who is here', async () => {
  const [ann, ben] = await scene.pair();
  await ann.seesPresence('online');
  await ann.page.route(/\/api\/users\?/, async (route) => {
    const response = await route.fetch();
    const all = await response.json();
    for (const user of all.items) Object.assign(user, { status: 'offline', statusText: 'as it came' });
    await route.fulfill({ response, json: all });
  });
  await ann.get('new-conversation').click(); // asks for it again
  await ann.get(`pick-row-${ben.name}`).getByText('as it came').waitFor();
  await ann.seesPresence('online', 1000 * share());
});

test('after a reload everything is there, and older pages come as one scrolls up', async () => {
  const [ann, ben] = await scene.pair();
  const expected = Array.from({ length: 70 }, (_, i) => `line ${i}`);
  for (const text of expected) await ann.say(text);
  await ann.reads('line 69', 'read');
  await ben.reads('line 69');
  await ben.page.reload();
  await ben.reads('line 69');
  assert.ok((await ben.texts()).length < 70, 'the first page is not all');
  for (let older = 39; older > 0; older -= 30) {
    await ben.get('message').first().scrollIntoViewIfNeeded();
    await ben.reads(`line ${older}`);
  }
  await ben.get('message').first().scrollIntoViewIfNeeded();
  await ben.reads('line 0');
  assert.deepEqual(await ben.texts(), expected);
  assert.deepEqual(await ben.seqs(), expected.map((_, i) => i + 1));
  await ann.page.reload();
  await ann.reads('line 69', 'read');
});

test('older pages do not move what one is reading', async () => {
  const [ann, ben] = await scene.pair();
  for (let i = 0; i < 45; i += 1) await ann.say(`line ${i}`);
  await ben.reads('line 44');
  await ben.page.reload();
  await ben.reads('line 44');
  const place = await ben.page.evaluate(() => {
    const list = document.querySelector('[role=region]');
    list.scrollTop = 200;
    const message = [...list.querySelectorAll('[data-testid=message]')].find(
      (element) => element.getBoundingClientRect().top > 150);
    return { seq: message.dataset.seq, top: message.getBoundingClientRect().top };
  });
  await ben.reads('line 0');
  const top = await ben.page
    .locator(`[data-seq="${place.seq}"]`)
    .evaluate((element) => element.getBoundingClientRect().top);
  assert.ok(Math.abs(top - place.top) < 2, `moved from ${place.top} to ${top}`);
  await ann.say('something new');
  await ben.get('new-messages').getByText('1 new message').waitFor();
  await ann.reads('something new', 'received'); // below the fold is not read
  await ben.get('new-messages').click();
  await ann.reads('something new', 'read');
});

test('what is written without a network waits and arrives once', async () => {
  const [ann, ben] = await scene.pair();
  await ann.say('before');
  await ben.reads('before');
  await ann.context.setOffline(true);
  await ann.sees('net-banner');
  await ann.say('in the tunnel');
  await ann.reads('in the tunnel', 'pending');
  await ben.say('from above');
  await ann.context.setOffline(false);
  await ben.reads('in the tunnel');
  await ann.reads('from above');
  await ann.reads('in the tunnel', 'read');
  await ann.page.reload();
  await ann.reads('in the tunnel', 'read');
  for (const person of [ann, ben]) {
    assert.equal(await person.message('in the tunnel').count(), 1);
    assert.deepEqual(await person.seqs(), [1, 2, 3]);
  }
});

test('what waited when the page was closed is sent by the next one', async () => {
  const [ann, ben] = await scene.pair();
  await ann.say('before');
  await ben.reads('before');
  await ann.context.setOffline(true);
  await ann.sees('net-banner');
  await ann.say('last words');
  await ann.reads('last words', 'pending');
  await waitFor('it is on the disk', async () => await kept(ann, 'outbox') === 1);
  await ann.page.close();
  await ann.context.setOffline(false);
  await ann.comeBack();
  await ben.reads('last words');
  await ann.open(ben.name);
  await ann.reads('last words', 'read');
  assert.deepEqual(await ann.seqs(), [1, 2]);
});

test('a session that ends elsewhere shows sign-in with the reason and keeps what waits', async () => {
  const [ann, ben] = await scene.pair();
  await ann.say('before');
  await ben.reads('before');
  const token = await ann.page.evaluate(() =>
    JSON.parse(localStorage.getItem('palabre.user')).token);
  await ann.context.setOffline(true);
  await ann.sees('net-banner');
  await ann.say('not yet sent');
  const answer = await scene.stack.api('/api/auth/logout', { token, body: {} });
  assert.equal(answer.status, 200);
  await ann.context.setOffline(false);
  await ann.get('sign-in-reason').getByText('what you wrote is kept').waitFor();
  await ann.signIn();
  await ben.reads('not yet sent');
});

test('a refusal is shown at the field it is about', async () => {
  const ann = await scene.registered('ann');
  const ben = await scene.newcomer('ben');
  await ben.signIn(ann.name, 'not her password');
  await ben.get('error-password').getByText('Name or password is wrong').waitFor();
  await ben.get('auth-toggle').click();
  await ben.fillRegistration(ann.name, 'good enough');
  await ben.get('error-username').getByText('taken').waitFor();
  await ben.fillRegistration('no spaces', '12345');
  await ben.get('error-username').getByText('No spaces').waitFor();
  await ben.sees('error-password');
});

test('markup is text, an address is a link, and neither runs anything', async () => {
  const [ann, ben] = await scene.pair();
  const text = '<img src=x onerror="alert(1)"> https://palabre.example/a?b=1. ann@palabre.example';
  await ann.say(text);
  await ben.page.getByText('<img src=x', { exact: false }).last().waitFor();
  const link = ben.get('message-text').getByRole('link').first();
  assert.equal(await link.getAttribute('href'), 'https://palabre.example/a?b=1');
  assert.match(await link.getAttribute('rel'), /noopener/);
  const mail = ben.get('message-text').getByRole('link').last();
  assert.equal(await mail.getAttribute('href'), 'mailto:ann@palabre.example');
  assert.equal(await mail.getAttribute('target'), null, 'it is another program’s, and leaves no empty tab');
  assert.equal(await ben.get('message-text').locator('img').count(), 0);
  assert.deepEqual(await ben.texts(), [text]);
});

test('a phone shows the list or the conversation, with a way back', async () => {
  const ann = await scene.registered('ann');
  const ben = await scene.registered('ben', { viewport: phone, isMobile: true, hasTouch: true });
  await ann.find(ben.name);
  await ann.say('small screen?');
  await ben.open(ann.name);
  await ben.reads('small screen?');
  assert.equal(await ben.get('search-input').isVisible(), false);
  await ben.get('back').click();
  await ben.get('search-input').waitFor();
  assert.equal(await ben.get('composer-input').isVisible(), false);
  await ben.page.goForward();
  await ben.reads('small screen?');
});

test('theme and language follow the system until one chooses, and the choice stays', async () => {
  const ann = await scene.registered('ann', { colorScheme: 'dark', locale: 'fr-FR' });
  const root = ann.page.locator('html');
  assert.equal(await root.getAttribute('data-theme'), 'dark');
  assert.equal(await root.getAttribute('lang'), 'fr');
  await ann.get('settings-button').click();
  await ann.get('theme-light').click();
  await ann.get('language-en').click();
  await ann.page.reload();
  await ann.sees('messenger');
  assert.equal(await root.getAttribute('data-theme'), 'light');
  assert.equal(await root.getAttribute('lang'), 'en');
  await ann.get('settings-button').click();
  assert.equal(await ann.get('theme-light').getAttribute('aria-pressed'), 'true');
  await ann.get('theme-system').click();
  assert.equal(await root.getAttribute('data-theme'), 'dark');
  await ann.page.emulateMedia({ colorScheme: 'light' });
  await ann.page.locator('html[data-theme=light]').waitFor();
  assert.equal(await ann.get('theme-system').getAttribute('aria-pressed'), 'true');
  await ann.page.emulateMedia({ colorScheme: 'dark' });
  await ann.page.reload();
  await ann.sees('messenger');
  assert.equal(await root.getAttribute('data-theme'), 'dark');
});

test('one\'s devices are a step from the menu', async () => {
  const ann = await scene.registered('ann');
  await ann.get('settings-button').click();
  await ann.get('open-devices').click();
  await ann.get('device-list').waitFor();
  assert.equal(await ann.get('tab-sessions').getAttribute('aria-selected'), 'true');
});

test('signing out leaves nothing of the session in the browser', async () => {
  const ann = await scene.registered('ann');
  const token = await ann.page.evaluate(() =>
    JSON.parse(localStorage.getItem('palabre.user')).token);
  await ann.get('settings-button').click();
  const told = ann.page.waitForResponse(/\/api\/auth\/logout$/);
  await ann.get('sign-out').click();
  await ann.sees('login-form');
  await told; // a reload would take it back
  assert.equal(
    await ann.page.evaluate(() => localStorage.getItem('palabre.user')), null);
  await ann.page.reload();
  await ann.sees('login-form');
  assert.equal((await scene.stack.api('/api/users/me', { token })).status, 401);
});
