// After sleep or a change of network: connections that died without a word are
// noticed, replaced, and nobody is said to be online meanwhile.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { share, waitFor } from '../support/stack.mjs';
import { openScene } from './scene.mjs';
import { Way } from './way.mjs';

const LIVE_MS = 5000; // the promise
const scene = openScene();

const way = new Way();
before(() => way.open(() => scene.stack.port));
after(() => way.close());

let ann;
let ben; // without a page, but online

async function meet() {
  ann = await scene.registered('ann', { url: way.url });
  ben = await scene.stack.register(`ben-${ann.name}`);
  const socket = await ben.connect();
  const { user } = await scene.stack.login(ann.name);
  ben.tell = async (content) => {
    const answer = await ben.api('/api/messages', { body: { recipient_id: user._id, content } });
    assert.equal(answer.status, 201);
  };
  await ben.tell('before');
  await ann.find(ben.user.username);
  await ann.reads('before');
  await ann.seesPresence('online');
  return socket;
}

const presence = () => ann.get('presence').getAttribute('data-status');

/* Until it is here, nobody is said to be online, but for a blink. */
async function hearsAgain(text) {
  const [limit, blink] = [LIVE_MS * share(), 1000 * share()];
  const began = Date.now();
  const said = [];
  while (!(await ann.message(text).count())) {
    assert.ok(Date.now() - began < limit, `not live after ${limit} ms`);
    if (Date.now() - began > blink) said.push(await presence());
    await ann.page.waitForTimeout(50);
  }
  assert.ok(!said.slice(0, -2).includes('online'), said.join());
  await ann.seesPresence('online', limit);
}

const dispatch = (target, type) => ann.page.evaluate(
  ([what, name]) => globalThis[what].dispatchEvent(new Event(name)), [target, type]);

const wakes = {
  'the network is back': () => dispatch('window', 'online'),
  'the page is seen again': () => dispatch('document', 'visibilitychange'),
  'the window has the focus after a pause': async () => {
    await dispatch('window', 'blur');
    await ann.page.waitForTimeout(3500);
    await dispatch('window', 'focus');
  },
  'the machine had slept': () => ann.page.evaluate(() => {
    const { now } = Date;
    Date.now = () => now() + 3600e3; // so that the next tick finds an hour gone
  }),
};

for (const [what, wake] of Object.entries(wakes)) {
  test(`a connection that died is replaced when ${what}`, async () => {
    await meet();
    way.freeze();
    await ben.tell('while it was dead');
    await wake();
    await hearsAgain('while it was dead');
    await ben.tell('after');
    await ann.reads('after');
    await ann.say('and back');
    await ann.reads('and back', 'sent');
  });
}

test('an answer that got stuck on the way is asked for anew', async () => {
  await meet();
  const stuck = await ann.context.newPage();
  ann.watch(stuck);
  let held = 0;
  /* the socket is fine, but the first sync is never answered */
  await stuck.route('**/api/sync', (route) => {
    held += 1;
    return held === 1 ? null : route.continue();
  });
  const began = Date.now();
  await stuck.goto(way.url);
  await stuck.getByTestId('messenger').getByTestId(`conversation-${ben.user.username}`).waitFor();
  assert.ok(Date.now() - began < (LIVE_MS + 2000) * share(), `${Date.now() - began} ms`);
  assert.equal(held, 2);
});

test('a connection that lives is kept, whoever comes and goes', async () => {
  await meet();
  const sockets = [];
  ann.page.on('websocket', (socket) => sockets.push(socket));
  for (const [target, type] of [['window', 'online'], ['document', 'visibilitychange'], ['window', 'focus']]) {
    await dispatch(target, type);
  }
  await ann.page.waitForTimeout(700);
  await ann.seesPresence('online');
  await ben.tell('still here');
  await ann.reads('still here');
  await ann.page.waitForTimeout(2500);
  assert.equal(sockets.length, 0);
});

test('what one writes on a dead connection arrives, once', async () => {
  const socket = await meet();
  const heard = [];
  socket.on('message:new', (message) => heard.push(message.content));
  way.freeze();
  await ann.say('into the dark');
  await dispatch('window', 'online');
  await ann.reads('into the dark', 'sent');
  await ben.tell('thanks');
  await ann.reads('thanks');
  await waitFor('once', () => heard.filter((text) => text === 'into the dark').length === 1);
});
