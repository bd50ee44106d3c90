// No word is lost: what is written without a network survives the browser's
// crash and the server's, and arrives once and in its order. The page opens
// without a network, for whoever is signed in and for nobody else.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { killAll, password, startStack, temporaryDirectory, waitFor } from '../support/stack.mjs';
import { crashBrowser, kept, Person, startOwnBrowser } from './people.mjs';
import { openScene } from './scene.mjs';
import { Way } from './way.mjs';

const scene = openScene();
const way = new Way();
const port = () => scene.stack.port;
before(() => way.open(port));
after(() => way.close());

/* Browsers with a directory of their own, which a test may crash. */
const own = [];

class Owner {
  constructor(options) {
    this.dir = temporaryDirectory();
    this.options = options;
    own.push(this);
  }

  async start(name, url = way.url) {
    this.context = await startOwnBrowser(this.dir, this.options);
    this.person = await Person.at(this.context, name, url);
    return this.person;
  }

  async crash() {
    const closed = new Promise((resolve) => { this.context.once('close', resolve); });
    crashBrowser(this.dir);
    await closed;
  }

  /* A browser takes its time to write down who is signed in. */
  async hasSession() {
    const token = await this.person.page.evaluate(() => JSON.parse(localStorage.getItem('palabre.user')).token);
    const folder = path.join(this.dir, 'Default', 'Local Storage', 'leveldb');
    await waitFor('the session is on the disk', () => readdirSync(folder).some((name) => {
      const bytes = readFileSync(path.join(folder, name));
      return bytes.includes(token) || bytes.includes(Buffer.from(token, 'utf16le'));
    }));
  }

  /* Their complaints; no page complains of what it was not told. */
  async end() {
    await this.context.close();
    rmSync(this.dir, { recursive: true, force: true });
    return this.person.complaints;
  }
}

afterEach(async () => {
  await way.open(port);
  const complaints = await Promise.all(own.splice(0).map((owner) => owner.end()));
  assert.deepEqual(complaints.flat(), []);
});

const workerReady = (person) =>
  person.page.evaluate(() => navigator.serviceWorker.ready.then(() => true));

/* Two of whom one can write to, and a group of both. */
async function company(person, user) {
  const [ben, cyd] = [await scene.stack.register(`ben-${person}`), await scene.stack.register(`cyd-${person}`)];
  for (const one of [ben, cyd]) {
    const said = await one.api('/api/messages', { body: { recipient_id: user._id, content: `hello from ${one.user.username}` } });
    assert.equal(said.status, 201);
    one.talk = said.body.conversationId;
  }
  const made = await ben.api('/api/conversations', { body: { title: `club-${person}`, members: [user._id, cyd.id] } });
  assert.equal(made.status, 201);
  return { ben, cyd, group: made.body._id };
}

const fileOf = (i) => ({ name: `file ${i}.txt`, mimeType: 'text/plain', buffer: Buffer.from(`words ${i}\n`.repeat(3000)) });

/* Twenty messages in turn to three conversations, two of them with files. */
async function writeTwenty(ann, rows) {
  const sent = rows.map(() => []);
  for (let i = 0; i < 20; i += 1) {
    const to = [0, 1, 2, 1, 0, 2][i % 6];
    await ann.open(rows[to]);
    if (i === 7 || i === 14) {
      await ann.get('file-input').setInputFiles(fileOf(i));
      await ann.get('tray').waitFor();
    }
    await ann.say(`number ${i}`);
    await ann.reads(`number ${i}`, 'pending');
    sent[to].push({ content: `number ${i}`, file: i === 7 || i === 14 ? fileOf(i) : null });
  }
  return sent;
}

/* What somebody finds of ann in a conversation. */
async function foundOf(user, reader, conversationId) {
  const { status, body } = await reader.api(`/api/messages/conversation?limit=100&conversationId=${conversationId}`);
  assert.equal(status, 200);
  return body.items.filter(({ sender, kind }) => sender === user._id && kind !== 'system');
}

/* Crashed, as by the loss of power, and started again. */
async function crashServer() {
  const { stack } = scene;
  stack.run.child.kill('SIGKILL');
  killAll(stack.leftovers());
  await waitFor('its parts end', () => stack.leftovers().length === 0);
  scene.stack = await startStack({ dir: stack.dir, port: stack.port });
}

async function prepare(owner, stem) {
  const ann = await owner.start(`${stem}-${Date.now().toString(36)}`);
  await ann.register();
  const { user } = await scene.stack.login(ann.name);
  const { ben, cyd, group } = await company(ann.name, user);
  const rows = [ben.user.username, cyd.user.username, `club-${ann.name}`];
  for (const row of rows) await ann.get(`conversation-${row}`).waitFor();
  await ann.open(rows[0]);
  await ann.reads(`hello from ${rows[0]}`);
  const all = () => Promise.all([
    foundOf(user, ben, ben.talk),
    foundOf(user, cyd, cyd.talk),
    foundOf(user, ben, group),
  ]);
  return { ann, user, ben, cyd, rows, all };
}

test('what is written without a network outlives the crash of the browser and of the server, once and in order', async () => {
  const owner = new Owner();
  const { ann: first, rows, ben, cyd, all } = await prepare(owner, 'ann');
  await workerReady(first);
  await waitFor('what is known is kept', async () => (await kept(first, 'known')) === 1);
  await way.close();
  await first.context.setOffline(true);
  const sent = await writeTwenty(first, rows);
  await owner.hasSession();
  await waitFor('all are on the disk', async () => (await kept(first, 'outbox')) === 20);
  await owner.crash();

  const ann = await owner.start(first.name);
  for (const row of rows) await ann.get(`conversation-${row}`).waitFor();
  await ann.open(rows[0]);
  await ann.reads(`hello from ${rows[0]}`);
  await ann.reads('number 18', 'pending');
  assert.equal((await all()).flat().length, 0);

  await way.open(port, { words: 14 });
  await waitFor('some have arrived', () => way.isShut, 60000);
  await crashServer();
  const arrived = (await all()).flat().length;
  assert.ok(arrived > 0 && arrived < 20, `${arrived} were sent`);
  await way.close();
  await way.open(port);
  await waitFor('all have arrived', async () => (await all()).flat().length >= 20, 90000);
  await ann.reads('number 18', 'sent');
  const found = await all();
  assert.deepEqual(found.map((messages) => messages.map(({ content }) => content)),
    sent.map((messages) => messages.map(({ content }) => content)));
  await waitFor('nothing waits any more', async () => await kept(ann, 'outbox') === 0);
  await waitFor('nor do files', async () => await kept(ann, 'files') === 0);
  const files = found.flat().filter(({ attachment }) => attachment);
  const wanted = sent.flat().filter(({ file }) => file);
  assert.deepEqual(files.map(({ content }) => content).sort(), wanted.map(({ content }) => content).sort());
  for (const { content, attachment } of files) {
    const { file } = wanted.find((one) => one.content === content);
    const reader = found[1].some((one) => one.content === content) ? cyd : ben;
    const { text } = await reader.api(`/api/files/${attachment._id}`);
    assert.equal(text, file.buffer.toString());
    assert.equal(attachment.name, file.name);
  }
});

test('of an outbox that is in memory alone nothing arrives after a crash', async () => {
  const owner = new Owner();
  const { ann: first, rows, all } = await prepare(owner, 'mem');
  await workerReady(first);
  await first.page.evaluate(() => {
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function full(...what) {
      if (this.name !== 'known') throw new DOMException('full', 'QuotaExceededError');
      return put.apply(this, what);
    };
  });
  await way.close();
  await first.context.setOffline(true);
  await writeTwenty(first, rows);
  assert.ok(await first.get('unkept').count() > 0);
  await owner.hasSession();
  await owner.crash();
  await way.open(port);
  const ann = await owner.start(first.name);
  await ann.open(rows[0]);
  await ann.say('after the crash');
  await ann.reads('after the crash', 'sent');
  assert.deepEqual((await all()).flat().map(({ content }) => content), ['after the crash']);
});

test('the worker comes fresh, as a script under the policy of the page, and names only what there is', async () => {
  const worker = await scene.stack.api('/sw.js');
  assert.equal(worker.status, 200);
  assert.equal(worker.headers.get('cache-control'), 'no-cache');
  assert.match(worker.headers.get('content-type'), /javascript/);
  assert.match(worker.headers.get('content-security-policy'), /^default-src 'self';/);
  const files = JSON.parse(/^const FILES = (\[.*\]);$/m.exec(worker.text)[1]);
  assert.ok(files.some((name) => name.includes('Messenger')));
  for (const name of files) {
    const { status, headers } = await scene.stack.api(`/${name}`);
    assert.equal(status, 200, name);
    assert.match(headers.get('cache-control'), name.startsWith('assets/') ? /immutable/ : /^no-cache$/, name);
  }
  const manifest = await scene.stack.api('/manifest.webmanifest');
  assert.match(manifest.headers.get('content-type'), /^application\/manifest\+json/);
  for (const { src, type } of JSON.parse(manifest.text).icons) {
    const icon = await scene.stack.api(`/${src}`);
    assert.deepEqual([icon.status, icon.headers.get('content-type')], [200, type], src);
  }
});

test('two windows have one outbox, and send it in the order of writing', async () => {
  const owner = new Owner();
  const { ann, rows, all } = await prepare(owner, 'two');
  const other = await Person.at(owner.context, ann.name, way.url);
  await other.open(rows[0]);
  await way.close();
  for (let i = 0; i < 3; i += 1) {
    await ann.say(`one ${i}`);
    await other.reads(`one ${i}`, 'pending');
    await other.say(`two ${i}`);
    await ann.reads(`two ${i}`, 'pending');
  }
  await ann.say('never mind');
  await other.reads('never mind', 'pending');
  await way.open(port);
  await ann.reads('never mind', 'sent');
  await other.reads('never mind', 'sent');
  assert.deepEqual((await all())[0].map(({ content }) => content),
    ['one 0', 'two 0', 'one 1', 'two 1', 'one 2', 'two 2', 'never mind']);
  assert.deepEqual(other.complaints, []);
});

test('to sign out forgets all of it, in every window', async () => {
  const owner = new Owner();
  const { ann, rows } = await prepare(owner, 'out');
  const other = await Person.at(owner.context, ann.name, way.url);
  await other.open(rows[1]);
  await waitFor('what is known is kept', async () => (await kept(ann, 'known')) === 1);
  await way.close();
  await ann.get('file-input').setInputFiles(fileOf(1));
  await ann.say('never sent');
  await other.say('nor this');
  await ann.reads('never sent', 'pending');
  await waitFor('they are kept', async () => (await kept(ann, 'outbox')) === 2);
  ann.page.on('dialog', (dialog) => dialog.accept());
  await ann.get('settings-button').click();
  await ann.get('sign-out').click();
  await other.sees('login-form');
  for (const store of ['outbox', 'files', 'known']) {
    await waitFor(`no ${store}`, async () => (await kept(ann, store)) === 0);
  }
  await way.open(port);
  await ann.page.waitForTimeout(300); // what a page wrote late would be there
  for (const store of ['outbox', 'files', 'known']) assert.equal(await kept(ann, store), 0, store);
});

test('whoever signs in after a session that was over sees nothing of it, and sends nothing of it', async () => {
  const owner = new Owner();
  const { ann, rows, all } = await prepare(owner, 'old');
  await way.close();
  await ann.say('mine alone');
  await ann.reads('mine alone', 'pending');
  await waitFor('it is kept', async () => (await kept(ann, 'outbox')) === 1);
  await ann.act(`hello from ${rows[0]}`, 'forward');
  await ann.sees('forward');
  const { token } = await ann.page.evaluate(() => JSON.parse(localStorage.getItem('palabre.user')));
  assert.equal((await scene.stack.api('/api/auth/logout', { token, body: {} })).status, 200);
  await way.open(port);
  await ann.sees('login-form');
  await ann.page.getByText('What you wrote is kept.').waitFor();
  await waitFor('nothing is known', async () => (await kept(ann, 'known')) === 0);
  const eve = `eve-${ann.name}`;
  await scene.stack.register(eve);
  await ann.signIn(eve, password);
  await ann.sees('messenger');
  await ann.page.getByText('No conversations yet').waitFor();
  assert.equal(await ann.get(`conversation-${rows[0]}`).count(), 0);
  assert.equal(await ann.get('forward').count(), 0);
  assert.equal(await kept(ann, 'outbox'), 1);
  assert.equal((await all()).flat().length, 0);
  await ann.get('settings-button').click();
  await ann.get('sign-out').click();
  await ann.signIn(ann.name, password);
  await waitFor('it has arrived', async () => (await all()).flat().length === 1);
});

test('a window that finds somebody else in its place leaves nothing of who was there, and goes on as theirs', async () => {
  const owner = new Owner();
  const { ann, user, rows } = await prepare(owner, 'gone');
  await waitFor('what is known is kept', async () => (await kept(ann, 'known')) === 1);
  const eve = await scene.stack.register(`eve-${ann.name}`);
  const aside = await owner.context.newPage();
  await aside.goto(`${way.url}/theme.js`); // of the same place, and with no page
  await aside.evaluate((session) => localStorage.setItem('palabre.user', session),
    JSON.stringify({ token: eve.token, user: eve.user, since: Date.now() }));
  await ann.noLongerSees(`conversation-${rows[2]}`);
  const whose = () => ann.page.evaluate(() => new Promise((resolve, reject) => {
    const asked = indexedDB.open('palabre');
    asked.onerror = reject;
    asked.onsuccess = () => {
      const keys = asked.result.transaction('known').objectStore('known').getAllKeys();
      keys.onsuccess = () => { asked.result.close(); resolve(keys.result.map(([id]) => id)); };
    };
  }));
  await waitFor('what she knew is gone', async () => !(await whose()).includes(user._id));
  await ann.find(rows[0]);
  await ann.say('from eve');
  await ann.reads('from eve', 'sent');
});

test('a session that ends at the page of operators takes with it what the messenger knew', async () => {
  const owner = new Owner();
  const boss = await owner.start(`boss-${Date.now().toString(36)}`);
  await scene.stack.operator(boss.name);
  await boss.signIn(boss.name, password);
  await boss.sees('messenger');
  await waitFor('what is known is kept', async () => (await kept(boss, 'known')) === 1);
  const { token } = await boss.page.evaluate(() => JSON.parse(localStorage.getItem('palabre.user')));
  await boss.page.goto(`${way.url}/server`);
  await boss.page.getByTestId('settings-button').waitFor();
  assert.equal((await scene.stack.api('/api/auth/logout', { token, body: {} })).status, 200);
  await boss.sees('login-form');
  await waitFor('nothing is known', async () => (await kept(boss, 'known')) === 0);
});

test('to sign out at the page of operators, which is not for one, leaves nothing of the messenger', async () => {
  const owner = new Owner();
  const { ann, rows } = await prepare(owner, 'aside');
  await ann.open(rows[0]);
  await ann.get('composer-input').fill('not sent');
  await waitFor('what is known is kept', async () => (await kept(ann, 'known')) === 1);
  const drafts = () => ann.page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('palabre.draft.')));
  await waitFor('the draft is kept', async () => (await drafts()).length === 1);
  await ann.page.goto(`${way.url}/server`);
  await ann.sees('no-operator');
  await ann.get('sign-out').click();
  await ann.sees('login-form');
  await waitFor('nothing is known', async () => (await kept(ann, 'known')) === 0);
  assert.deepEqual(await drafts(), []);
});

test('a no that comes when somebody else is in is nothing of theirs', async () => {
  const owner = new Owner();
  const { ann } = await prepare(owner, 'late');
  const eve = `eve-${ann.name}`;
  await scene.stack.register(eve);
  let answer;
  const answered = new Promise((resolve) => { answer = resolve; });
  const told = [];
  await ann.page.routeWebSocket(/socket\.io/, (socket) => socket.close());
  await ann.page.route('**/api/messages', async (route) => {
    told.push(route.request().postDataJSON().content);
    await answered;
    await route.fulfill({ status: 403, json: { error: { code: 'forbidden', message: 'no' } } }).catch(() => {});
  });
  await ann.page.reload();
  await ann.get('composer-input').waitFor();
  await ann.say('mine alone');
  await waitFor('it is on its way', () => told.length === 1);
  ann.page.on('dialog', (dialog) => dialog.accept());
  await ann.get('settings-button').click();
  await ann.get('sign-out').click();
  await ann.signIn(eve, password);
  await ann.page.getByText('No conversations yet').waitFor();
  await waitFor('nothing is kept', async () => (await kept(ann, 'outbox')) === 0);
  const refused = ann.page.waitForResponse((response) => response.status() === 403);
  answer();
  await refused;
  await ann.page.waitForTimeout(300); // what a page wrote late would be there
  assert.equal(await kept(ann, 'outbox'), 0);
});

test('where there is neither https nor localhost all goes on, without a word', async () => {
  const owner = new Owner({ args: ['--host-resolver-rules=MAP palabre.test 127.0.0.1'] });
  const url = way.url.replace('127.0.0.1', 'palabre.test');
  const ann = await owner.start(`far-${Date.now().toString(36)}`, url);
  assert.equal(await ann.page.evaluate(() => `${navigator.serviceWorker} ${navigator.locks}`), 'undefined undefined');
  const said = [];
  ann.page.on('console', (message) => said.push(message.text()));
  await ann.register();
  const ben = await scene.stack.register(`ben-${ann.name}`);
  await ann.find(ben.user.username);
  assert.equal(await ann.get('voice-start').count(), 0, 'no browser gives a microphone here');
  await ann.say('before');
  await ann.reads('before', 'sent');
  assert.deepEqual(said, []);
  await way.close();
  await ann.say('kept here, too');
  await ann.reads('kept here, too', 'pending');
  await waitFor('it is kept', async () => (await kept(ann, 'outbox')) === 1);
  await owner.hasSession();
  await owner.crash();
  await way.open(port);
  const again = await owner.start(ann.name, url);
  await again.open(ben.user.username);
  await again.reads('kept here, too', 'sent');
});
