// The page of operators: two of them, line clients and guests at once.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { endLineClients, lineConnection } from '../support/lines.mjs';
import { freePort, startStack, waitFor } from '../support/stack.mjs';
import { letAxeIn, violationsOf } from './axe.mjs';
import { phone } from './people.mjs';
import { openScene } from './scene.mjs';

const MANY = 2000;
const linePort = await freePort();
const scene = openScene({
  set: {
    line_port: linePort, line_connections: MANY + 50, address_lines: MANY + 50, presence_grace_ms: 200,
    socket_rate: 10000, socket_burst: 10000, login_failures: 2, login_lock_ms: 60000,
  },
});
after(endLineClients);

const ID = /^#\/u\/([0-9a-f]{24})$/;

async function account(stem, role = 'operator') {
  const { stack } = scene;
  const { user } = await stack.newcomer(stem);
  assert.equal((await stack.ctl('user', 'role', user.username, role)).code, 0);
  return user.username;
}

/* Somebody at the page of operators, signed in. */
async function atTheDesk(stem, { role, ...options } = {}) {
  const name = await account(stem, role);
  const person = await scene.newcomer(stem, { url: `${scene.url}/server`, ...options });
  person.name = name;
  await person.signIn();
  if (!role) await person.sees('desk');
  return person;
}

async function guest(stem) {
  const person = await scene.newcomer(stem, { url: `${scene.url}/client` });
  await person.get('field-name').fill(person.name);
  await person.get('submit').click();
  await person.get('composer-input').waitFor();
  return person;
}

const row = (person, name) => person.get(`client-${name}`);
async function opens(person, name) {
  await person.get('client-search').fill(name);
  await row(person, name).click();
  await person.get('client-title').filter({ hasText: name }).waitFor();
  await person.get('client-search').fill('');
}
async function acts(person, action, yes = false) {
  await person.get('client-actions').click();
  await person.get(`act-${action}`).click();
  if (yes) await person.get('ask-yes').click();
}
const done = (person, text) => person.get('act-done').filter({ hasText: text }).waitFor();

test('two operators see web and line clients, and each other\'s answers', async () => {
  const [one, two] = [await atTheDesk('one'), await atTheDesk('two')];
  const zoe = await guest('zoe');
  const line = await lineConnection(linePort, 'Lena\n');
  await line.says('__SERVER_NAME__:Serveur');
  for (const [name, transport] of [[zoe.name, 'Web'], ['Lena', 'Line']]) {
    await row(one, name).getByText(`${transport} · 127.0.0.1 · idle <1 min · since`).waitFor();
    await row(two, name).getByText('guest').waitFor();
  }
  await zoe.say('Is anybody here?');
  line.send('Hello from a line\n');
  for (const operator of [one, two]) {
    await row(operator, zoe.name).getByTestId('client-unread').getByText('1', { exact: true }).waitFor();
    await row(operator, 'Lena').getByTestId('client-unread').waitFor();
  }
  assert.match(await one.page.title(), /^\(2\) /);

  await opens(one, zoe.name);
  await opens(two, zoe.name);
  await one.reads('Is anybody here?');
  await two.reads('Is anybody here?');
  await row(two, zoe.name).getByTestId('client-unread').waitFor({ state: 'detached' });
  await zoe.reads('Is anybody here?', 'read');
  await one.get('composer-input').pressSequentially('How');
  await two.sees('typing-indicator');
  await zoe.sees('typing-indicator');
  await one.say('How may I help?');
  await zoe.reads('How may I help?');
  await two.get('message').filter({ hasText: 'How may I help?' }).getByText(one.name, { exact: true }).waitFor();
  await two.say('We are two');
  await one.get('message').filter({ hasText: 'We are two' }).getByText(two.name, { exact: true }).waitFor();
  await zoe.reads('We are two');
  await one.reads('How may I help?', 'read');

  await opens(one, 'Lena');
  await one.reads('Hello from a line');
  await one.say('Hello, Lena');
  await line.says('Hello, Lena');
  await one.page.reload();
  await one.reads('Hello, Lena');
  assert.match(new URL(one.page.url()).hash, ID);
  line.end();
  await one.get('client-detail').getByText('offline').waitFor();
  await opens(two, 'Lena');
  await one.get('composer-input').pressSequentially('Still');
  await two.sees('typing-indicator');
  const named = await scene.stack.register(`named-${zoe.name}`, { displayName: 'Zoé' });
  await named.api('/api/messages', { body: { recipient_id: '000000000000000000000001', content: 'I am another' } });
  await opens(one, 'Zoé');
  await one.get('clients').getByTestId('handle').getByText(`@${named.user.username}`).waitFor();
});

test('an operator mutes, unmutes, disconnects and blocks, and all of it is in the audit', async () => {
  const boss = await atTheDesk('boss');
  const zoe = await guest('zoe');
  const line = await lineConnection(linePort, 'Max\n', { localAddress: '127.0.0.9' });
  await opens(boss, zoe.name);
  await boss.get('first-words').fill('May I help?');
  await boss.get('first-send').click();
  await boss.reads('May I help?');
  await zoe.reads('May I help?');

  await acts(boss, 'mute-hour');
  await done(boss, `${zoe.name} writes nothing until`);
  await zoe.say('But');
  await zoe.page.getByText(/muted/).waitFor();
  await acts(boss, 'unmute');
  await done(boss, `${zoe.name} may write again`);
  await zoe.get('discard').click();
  await zoe.say('Thank you');
  await boss.reads('Thank you');
  await acts(boss, 'unlock');
  await done(boss, `Wrong passwords of ${zoe.name} are forgotten.`);
  await acts(boss, 'kick', true);
  await done(boss, `${zoe.name} is disconnected.`);
  await zoe.sees('entry-reason');
  await boss.get('client-detail').getByText('offline').waitFor();

  await opens(boss, 'Max');
  await acts(boss, 'block-hour', true);
  await done(boss, '127.0.0.9 is blocked until');
  await waitFor('the line to be cut', () => line.ended);
  await boss.get('to-overview').click();
  await boss.get('view-addresses').click();
  await boss.get('addresses').getByText('127.0.0.9').waitFor();
  await boss.get('unblock').click();
  await boss.page.getByText('No address is blocked.').waitFor();
  await boss.get('field-address').fill('not an address');
  await boss.get('submit').click();
  await boss.page.locator('[aria-invalid=true]').waitFor();
  await boss.get('field-address').fill('192.0.2.7');
  await boss.get('block-span').selectOption('week');
  await boss.get('submit').click();
  await boss.get('addresses').getByText('192.0.2.7').waitFor();

  await boss.get('view-audit').click();
  for (const [act, words] of [['kick', `${boss.name} disconnected ${zoe.name}`], ['unblock', '127.0.0.9'], ['messages', `read what was said with ${zoe.name}`]]) {
    await boss.get('audit').locator(`[data-act=${act}]`).filter({ hasText: words }).first().waitFor();
  }
});

test('a word to all reaches all, and what the server shows changes at once', async () => {
  const boss = await atTheDesk('boss');
  const [zoe, ann] = [await guest('zoe'), await scene.registered('ann')];
  const line = await lineConnection(linePort, 'Nel\n');
  await line.says('__SERVER_NAME__:Serveur');
  await boss.get('open-broadcast').click();
  await boss.get('broadcast-text').fill('Tea is served');
  await boss.get('level-warning').check();
  await boss.get('broadcast-send').click();
  await boss.get('broadcast-done').filter({ hasText: /^[3-9]\d* connections were told\.$/ }).waitFor();
  for (const person of [zoe, ann]) await person.get('broadcast-note').filter({ hasText: 'Tea is served' }).waitFor();
  await line.says(/Tea is served/);
  await boss.get('broadcast-close').click();
  await boss.noLongerSees('broadcast-text');
  await boss.get('broadcast-hide').click();

  await boss.get('view-server').click();
  let letGo;
  const held = new Promise((resolve) => { letGo = resolve; });
  await boss.page.route('**/api/operator/server', async (route) => { await held; await route.continue(); });
  await boss.get('field-displayName').fill('Help desk');
  await boss.get('submit').click();
  await boss.get('field-statusText').fill('until six'); // typed while the other is saved
  letGo();
  await zoe.get('server-name').filter({ hasText: 'Help desk' }).waitFor();
  await boss.page.locator('[data-testid=submit][aria-disabled=false]').waitFor();
  assert.equal(await boss.get('field-statusText').inputValue(), 'until six');
  await boss.get('submit').click();
  await boss.get('form-done').filter({ hasText: 'Saved' }).waitFor();
  await line.says('__SERVER_NAME__:Help desk');
  await line.says('__SERVER_STATUS__:until six');
});

test('operators talk in the lobby, too', async () => {
  const { stack } = scene;
  const boss = await atTheDesk('boss');
  assert.equal(await boss.get('to-lobby').count(), 0, 'where there is none');
  const open = await startStack({ set: { lobby: 'on' } });
  scene.stack = open;
  try {
    const name = await account('host');
    const host = await scene.newcomer('host', { url: `${open.url}/server` });
    await host.signIn(name);
    await host.get('to-lobby').click();
    await host.page.getByText('No messages yet').waitFor();
    await host.say('Welcome');
    await host.reads('Welcome');
  } finally {
    scene.stack = stack;
    await open.stop();
  }
});

test('what is reported is listed, and leads to its copies', async () => {
  const boss = await atTheDesk('boss');
  await boss.get('view-reports').click();
  await boss.page.getByText('Nothing was reported.').waitFor();
  const [ann, ben] = await Promise.all(['ann', 'ben'].map((stem) => scene.stack.newcomer(stem)));
  const { _id } = (await ben.api('/api/messages', { body: { recipient_id: ann.id, content: 'Give me your shoes' } })).body;
  const made = await ann.api(`/api/messages/${_id}/report`, { body: { reason: 'he wants my shoes' } });
  assert.equal(made.status, 201, made.text);
  await boss.get('to-overview').click();
  await boss.get('view-health').click();
  await boss.get('view-reports').click();
  await boss.get('reports').getByText(`${ann.user.username} reported what ${ben.user.username} wrote: he wants my shoes`).waitFor();
  await boss.get('open-report').click();
  await boss.get('client-title').filter({ hasText: ann.user.username }).waitFor();
  await boss.page.getByText('Give me your shoes').first().waitFor();
});

test('the health of the server is seen at a glance', async () => {
  const boss = await atTheDesk('boss');
  const { user } = await scene.stack.login(boss.name);
  const ann = await scene.stack.newcomer('ann');
  for (let i = 0; i < 3; i += 1) await ann.api('/api/messages', { body: { recipient_id: user._id, content: `${i}` } });
  for (const name of ['connections', 'messages', 'latency']) {
    await boss.get(`figure-${name}`).getByTestId('plot').waitFor();
  }
  await waitFor('the connection is counted', async () =>
    /[1-9]\d*\n[^]*web/.test(await boss.get('figure-connections').innerText()), 30000);
  for (const name of ['queue', 'heals', 'disk', 'workers', 'uptime']) await boss.sees(`figure-${name}`);
  assert.match(await boss.get('figure-disk').innerText(), /[GT]B/);
});

test('who is no operator is refused, and nobody registers there', async () => {
  const ann = await atTheDesk('ann', { role: 'user' });
  await ann.get('no-operator').filter({ hasText: 'is no operator' }).waitFor();
  assert.equal(await ann.get('desk').count(), 0);
  await scene.stack.ctl('user', 'role', ann.name, 'operator');
  await ann.page.reload();
  await ann.sees('desk');
  await scene.stack.ctl('user', 'role', ann.name, 'user');
  await ann.page.reload();
  await ann.get('login-form').or(ann.get('no-operator')).first().waitFor();
  const eve = await scene.newcomer('eve', { url: `${scene.url}/server` });
  await eve.sees('login-form');
  assert.equal(await eve.get('auth-toggle').count(), 0);
});

test('two thousand clients are listed, and the page draws no more than are in sight', async () => {
  const lines = [];
  for (let i = 0; i < MANY; i += 50) {
    lines.push(...await Promise.all(Array.from({ length: 50 }, (_, n) =>
      lineConnection(linePort, `crowd${String(i + n).padStart(4, '0')}\n`))));
  }
  await waitFor('all to be in', () => lines.every(({ text }) => text.includes('__SERVER_AVATAR__')), 120_000);
  const boss = await atTheDesk('boss');
  await boss.get('client-count').filter({ hasText: /^20\d\d clients connected$/ }).waitFor();
  const rows = () => boss.get('clients').getByRole('listitem').count();
  await row(boss, 'crowd0000').waitFor();
  assert.ok(await rows() <= 40, `${await rows()} rows`);
  await boss.get('client-search').press('ArrowDown');
  await boss.page.keyboard.press('End');
  const focused = () => boss.page.evaluate(() => {
    const item = document.activeElement.closest('li');
    return item && [Number(item.ariaPosInSet), Number(item.ariaSetSize)];
  });
  await waitFor('the last to have the focus', async () => {
    const [place, all] = (await focused()) ?? [];
    return all >= MANY && place === all;
  });
  assert.ok(await rows() <= 40, `${await rows()} rows`);
  const [, all] = await focused();
  await boss.page.keyboard.press('ArrowUp');
  await waitFor('the one before it', async () => (await focused())?.[0] === all - 1);
  await boss.get('client-search').fill('wd17');
  await row(boss, 'crowd1700').waitFor();
  await boss.get('client-search').press('Enter');
  await boss.get('client-title').filter({ hasText: 'crowd1700' }).waitFor();
  await boss.get('client-search').fill('');
  /* somebody far below who writes comes to the top */
  lines[1500].send('Help\n');
  await row(boss, 'crowd1500').getByTestId('client-unread').waitFor();
  assert.ok(await rows() <= 40, `${await rows()} rows`);
  for (const line of lines) line.end();
  await boss.get('client-count').filter({ hasText: /^\d{1,2} clients? connected$/ }).waitFor({ timeout: 60_000 });
});

test('in French, on a phone, by keys alone', async () => {
  const boss = await atTheDesk('boss', { locale: 'fr-FR', viewport: phone });
  const zoe = await guest('zoe');
  await zoe.say('Bonjour');
  await row(boss, zoe.name).getByTestId('client-unread').waitFor();
  await boss.get('client-search').focus();
  await boss.page.keyboard.press('ArrowDown');
  await boss.page.keyboard.press('Enter');
  await boss.reads('Bonjour');
  assert.equal(await boss.get('client-search').isVisible(), false, 'one thing at a time');
  await boss.get('composer-input').focus();
  await boss.page.keyboard.type('Bonsoir');
  await boss.page.keyboard.press('Control+Enter');
  await zoe.reads('Bonsoir');
  await boss.get('back').press('Enter');
  await boss.get('view-audit').waitFor();
});

test('nginx gives the page as it gives the messenger, at one address', async () => {
  const [mine, theirs] = await Promise.all(['/server', '/'].map((where) => fetch(scene.url + where, { redirect: 'manual' })));
  assert.equal(mine.status, 200);
  for (const name of ['content-security-policy', 'cache-control', 'x-frame-options', 'referrer-policy']) {
    assert.equal(mine.headers.get(name), theirs.headers.get(name), name);
  }
  assert.equal((await fetch(`${scene.url}/server/`, { redirect: 'manual' })).headers.get('location'), '/server');
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing at the page of operators: ${colorScheme}`, async () => {
    const found = [];
    const boss = await atTheDesk('boss', { colorScheme, viewport: colorScheme === 'dark' ? phone : { width: 1280, height: 800 } });
    const finds = async (view) => found.push(...(await violationsOf(boss.page)).map((one) => `${view}: ${one}`));
    await letAxeIn(boss);
    const zoe = await guest('zoe');
    await zoe.say('Hello');
    await row(boss, zoe.name).getByTestId('client-unread').waitFor();
    for (const view of ['health', 'reports', 'addresses', 'audit', 'server']) {
      await boss.get(`view-${view}`).click();
      await boss.page.waitForTimeout(300);
      await finds(view);
    }
    await boss.get('open-broadcast').click();
    await finds('broadcast');
    await boss.page.keyboard.press('Escape');
    await boss.leaves('broadcast');
    await row(boss, zoe.name).click();
    await boss.reads('Hello');
    await finds('a client');
    await boss.get('client-actions').click();
    await finds('actions');
    await boss.page.keyboard.press('Escape');
    assert.deepEqual(found, []);
  });
}
