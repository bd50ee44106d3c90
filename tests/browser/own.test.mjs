// What one alone has of a conversation at the page: pinned, archived, marked
// unread and drafts, the same on all one's devices.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../support/stack.mjs';
import { phone } from './people.mjs';
import { openScene } from './scene.mjs';

const scene = openScene({ set: { write_rate: 100, write_burst: 1000 } });

/* Somebody to whom each of these has written, in this order, one line. */
async function knows(stems, options) {
  const ann = await scene.registered('ann', options);
  const { user } = await scene.stack.login(ann.name);
  const others = [];
  for (const stem of stems) {
    const other = await scene.stack.register(`${stem}-${ann.name}`);
    other.say = (content) => other.api('/api/messages', { body: { recipient_id: user._id, content } });
    await other.say(`I am ${stem}`);
    await ann.sees(`conversation-${other.user.username}`);
    others.push(other);
  }
  return [ann, ...others];
}

async function anotherDevice(ann, options) {
  const other = await scene.newcomer('device', options);
  await other.signIn(ann.name);
  await other.sees('messenger');
  return other;
}

const rowOf = (person, { user }) => person.get(`conversation-${user.username}`);
const order = (person) => person.get('conversation-list').locator('a.row').evaluateAll((rows) =>
  rows.map(({ dataset }) => dataset.testid.replace('conversation-', '')));
const shows = (person, ...others) => waitFor(`the order at ${person.name}`, async () =>
  (await order(person)).join() === others.map(({ user }) => user.username).join());

async function chooses(person, other, action) {
  await rowOf(person, other).click({ button: 'right' });
  await person.get(`own-${action}`).click();
}

const holds = (person, text) => person.seesComposer(text);

test('what is pinned is on top, on all devices, whatever comes', async () => {
  const [ann, ben, cyd] = await knows(['ben', 'cyd']);
  const other = await anotherDevice(ann);
  await shows(ann, cyd, ben);
  await chooses(ann, ben, 'pin');
  for (const person of [ann, other]) {
    await shows(person, ben, cyd);
    await rowOf(person, ben).getByTestId('pinned').waitFor();
  }
  await cyd.say('and more');
  await rowOf(ann, cyd).getByText('and more').waitFor();
  await shows(ann, ben, cyd);
  await ann.page.reload();
  await shows(ann, ben, cyd);
  await chooses(other, ben, 'unpin');
  await shows(ann, cyd, ben);
});

test('five are pinned at most, and the menu says so', async () => {
  const [ann, ...others] = await knows(['ben', 'cyd', 'dan', 'eve', 'fay', 'gus']);
  const last = others.pop();
  for (const other of others) {
    await chooses(ann, other, 'pin');
    await rowOf(ann, other).getByTestId('pinned').waitFor();
  }
  await rowOf(ann, last).click({ button: 'right' });
  await ann.get('own-pin').getByText('At most 5 conversations are pinned').waitFor();
  await ann.get('own-pin').click({ force: true });
  await ann.page.keyboard.press('Escape');
  assert.equal(await rowOf(ann, last).getByTestId('pinned').count(), 0);
  await shows(ann, ...others.reverse(), last);
});

test('what is archived is folded away until something comes; what is muted stays there', async () => {
  const [ann, ben, cyd] = await knows(['ben', 'cyd']);
  const other = await anotherDevice(ann);
  await chooses(ann, ben, 'archive');
  for (const person of [ann, other]) await shows(person, cyd);
  await ann.get('archived-unread').getByText('1', { exact: true }).waitFor();
  await ann.get('archive').click();
  await ann.get('archived-list').getByTestId(`conversation-${ben.user.username}`).waitFor();
  await ann.get('archive').click();
  assert.equal(await ann.get('archived-list').count(), 0);
  await ben.say('are you there?');
  for (const person of [ann, other]) await shows(person, ben, cyd);
  await chooses(other, ben, 'mute');
  await chooses(other, ben, 'archive');
  for (const person of [ann, other]) await shows(person, cyd);
  await ben.say('hello?');
  await ann.get('archive').click();
  await rowOf(ann, ben).getByText('hello?').waitFor();
  await shows(ann, cyd);
  await ann.get('search-input').fill(ben.user.username);
  await ann.get('conversation-list').getByTestId(`conversation-${ben.user.username}`).waitFor();
  await ann.get('search-input').fill('');
  await chooses(ann, ben, 'unarchive');
  await shows(ann, ben, cyd);
});

test('what is marked unread is so on all devices, until one opens it', async () => {
  const [ann, ben] = await knows(['ben', 'cyd']);
  const other = await anotherDevice(ann);
  await ann.open(ben.user.username);
  for (const person of [ann, other]) await rowOf(person, ben).getByTestId('unread-badge').waitFor({ state: 'detached' });
  await chooses(ann, ben, 'unread');
  for (const person of [ann, other]) await rowOf(person, ben).getByTestId('marked-unread').waitFor();
  await waitFor('the title counts it', async () => /^\(2\) /.test(await other.page.title()));
  await other.open(ben.user.username);
  for (const person of [ann, other]) await rowOf(person, ben).getByTestId('marked-unread').waitFor({ state: 'detached' });
});

test('what is unread is read without being opened', async () => {
  const [ann, ben] = await knows(['ben']);
  await rowOf(ann, ben).getByTestId('unread-badge').waitFor();
  await chooses(ann, ben, 'read');
  await rowOf(ann, ben).getByTestId('unread-badge').waitFor({ state: 'detached' });
  const other = await anotherDevice(ann);
  await rowOf(other, ben).getByTestId('unread-badge').waitFor({ state: 'detached' });
});

test('all of it by keys', async () => {
  const [ann, ben, cyd] = await knows(['ben', 'cyd']);
  await rowOf(ann, ben).focus();
  await ann.page.keyboard.press('ContextMenu');
  await ann.page.locator('[data-testid="own-pin"]:focus').waitFor();
  await ann.page.keyboard.press('ArrowDown');
  await ann.page.keyboard.press('ArrowUp');
  await ann.page.keyboard.press('Enter');
  await shows(ann, ben, cyd);
  await rowOf(ann, cyd).focus();
  await ann.page.keyboard.press('ContextMenu');
  await ann.page.keyboard.press('ArrowDown');
  await ann.page.keyboard.press('Enter');
  await shows(ann, ben);
  await rowOf(ann, ben).focus();
  await ann.page.keyboard.press('ArrowUp');
  await ann.page.keyboard.press('Enter');
  await ann.get('archived-list').getByTestId(`conversation-${cyd.user.username}`).waitFor();
});

test('the details pin and archive, too', async () => {
  const [ann, ben, cyd] = await knows(['ben', 'cyd']);
  await ann.open(ben.user.username);
  await ann.get('open-details').click();
  await ann.get('details-pin').click();
  await shows(ann, ben, cyd);
  await ann.get('details-archive').click();
  await shows(ann, cyd);
  await ann.get('details-unarchive').click();
  await shows(ann, cyd, ben);
});

/* A finger that goes by so much and stays until then. */
async function touches(person, row, by, until = async () => {}) {
  const { x, y, width, height } = await row.boundingBox();
  const client = await person.context.newCDPSession(person.page);
  const at = (dx) => ({ touchPoints: [{ x: x + width / 2 + dx, y: y + height / 2 }] });
  const send = (type, more) => client.send('Input.dispatchTouchEvent', { type, ...more });
  const moves = by ? Array.from({ length: 8 }, (_, step) => at((by * (step + 1)) / 8)) : [];
  /* In one go: a finger that rests for half a second is held. */
  await Promise.all([send('touchStart', at(0)), ...moves.map((to) => send('touchMove', to))]);
  await until();
  await send('touchEnd', { touchPoints: [] });
}

test('by touch: drawn to the left it is archived, to the right marked, held it has a menu', async () => {
  const [ann, ben, cyd] = await knows(['ben', 'cyd'], { viewport: phone, isMobile: true, hasTouch: true });
  await touches(ann, rowOf(ann, cyd), -40);
  await shows(ann, cyd, ben);
  await touches(ann, rowOf(ann, cyd), -120);
  await shows(ann, ben);
  await touches(ann, rowOf(ann, ben), 120);
  await rowOf(ann, ben).getByTestId('unread-badge').waitFor({ state: 'detached' });
  await touches(ann, rowOf(ann, ben), 120);
  await rowOf(ann, ben).getByTestId('marked-unread').waitFor();
  await touches(ann, rowOf(ann, ben), 0, () => ann.sees('row-menu'));
  await ann.get('own-pin').tap();
  await rowOf(ann, ben).getByTestId('pinned').waitFor();
  assert.equal(await ann.get('composer-input').count(), 0, 'none of it opened the conversation');
  await rowOf(ann, ben).tap();
  await ann.sees('composer-input');
});

test('a draft follows to another device, and goes when it is sent', async () => {
  const [ann, ben] = await knows(['ben']);
  const other = await anotherDevice(ann);
  await ann.open(ben.user.username);
  await ann.get('composer-input').fill('half a thought');
  await rowOf(other, ben).getByText('Draft: half a thought').waitFor();
  await other.open(ben.user.username);
  await holds(other, 'half a thought');
  await other.get('composer-input').fill('half a thought, and the other half');
  await holds(ann, 'half a thought, and the other half');
  await other.get('send-button').click();
  await other.reads('half a thought, and the other half');
  for (const person of [ann, other]) await holds(person, '');
  const late = await anotherDevice(ann);
  await late.open(ben.user.username);
  await late.reads('half a thought, and the other half');
  await holds(late, '');
});

test('what is answered and who is named go with it', async () => {
  const [ann, ben] = await knows(['ben']);
  const other = await anotherDevice(ann);
  await ann.open(ben.user.username);
  await ann.act('I am ben', 'reply');
  await ann.get('composer-input').fill('I know');
  await rowOf(other, ben).getByText('Draft: I know').waitFor();
  await other.open(ben.user.username);
  await holds(other, 'I know');
  await other.get('composer-reply').getByText('I am ben').waitFor();
});

test('what two devices write apart is lost on neither', async () => {
  const [ann, ben] = await knows(['ben']);
  const other = await anotherDevice(ann);
  for (const person of [ann, other]) await person.open(ben.user.username);
  await other.context.setOffline(true);
  await other.sees('net-banner');
  await other.get('composer-input').fill('written on the train');
  await ann.get('composer-input').fill('written at home');
  const third = await anotherDevice(ann);
  await rowOf(third, ben).getByText('Draft: written at home').waitFor();
  await other.context.setOffline(false);
  await other.get('net-banner').waitFor({ state: 'detached' });
  await other.page.reload();
  await holds(other, 'written on the train');
  await holds(ann, 'written at home');
  await ann.get('send-button').click();
  await other.reads('written at home');
  await holds(other, 'written on the train');
  await holds(ann, 'written on the train');
});

test('words that were sent without a network are no draft in the list', async () => {
  const [ann, ben] = await knows(['ben', 'cyd']);
  await ann.open(ben.user.username);
  await ann.get('composer-input').fill('half a thought');
  const other = await anotherDevice(ann);
  await rowOf(other, ben).getByText('Draft: half a thought').waitFor();
  await ann.context.setOffline(true);
  await ann.sees('net-banner');
  await ann.get('send-button').click();
  await ann.reads('half a thought', 'pending');
  await ann.page.goto(`${scene.url}/#/`);
  const isNoDraft = async (person) => {
    await rowOf(person, ben).getByTestId('draft').waitFor({ state: 'detached' });
    await rowOf(person, ben).getByText('half a thought', { exact: true }).waitFor();
  };
  await isNoDraft(ann);
  await ann.context.setOffline(false);
  for (const person of [ann, other]) await isNoDraft(person);
});
