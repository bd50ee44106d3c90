// Reading in a conversation that goes on: what is counted, what stays where
// it is, and what counts as read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../support/stack.mjs';
import { openScene } from './scene.mjs';

const scene = openScene();
let ben;
let ann; // without a page

/* Ben at his page, who has heard so many lines of Ann. */
async function hears(count) {
  ben = await scene.registered('ben');
  ann = await scene.stack.register(`ann-${ben.name}`);
  const { user, api } = await scene.stack.login(ben.name);
  ben.readTo = ({ conversationId, seq }) =>
    api('/api/messages/read', { body: { conversationId, seq } });
  ben.readSeq = async () => (await api('/api/conversations')).body
    .find(({ otherUser }) => otherUser.username === ann.user.username).readSeq;
  ann.tell = async (content) =>
    (await ann.api('/api/messages', { body: { recipient_id: user._id, content } })).body;
  const messages = [];
  for (let i = 0; i < count; i += 1) messages.push(await ann.tell(`line ${i}`));
  if (count > 0) await ben.sees(`conversation-${ann.user.username}`);
  return messages;
}

const badge = (n) => ben.get(`conversation-${ann.user.username}`)
  .getByTestId('unread-badge').getByText(String(n), { exact: true });

const scrollTo = (top) => ben.page.evaluate((to) => {
  document.querySelector('[role=region]').scrollTop = to;
}, top);

for (const [how, reload] of [['heard live', false], ['found on coming back', true]]) {
  test(`what is unread opens where it begins, and is read at its end: ${how}`, async () => {
    await hears(28);
    if (reload) await ben.page.reload();
    await badge(28).waitFor();
    await ben.open(ann.user.username);
    await ben.sees('unread-mark');
    await ben.reads('line 0');
    assert.equal(await ben.get('new-messages').isVisible(), true);
    await ann.tell('and another'); // whose receipt comes after any for the others
    await badge(29).waitFor();
    await ben.get('new-messages').click();
    await badge(29).waitFor({ state: 'detached' });
  });
}

test('what came while one read above is counted, also after a lost connection', async () => {
  await hears(28);
  await ben.open(ann.user.username);
  await ben.get('new-messages').click();
  await badge(28).waitFor({ state: 'detached' });
  await scrollTo(10);
  await ben.get('new-messages').waitFor();
  await ann.tell('first');
  await ben.get('new-messages').getByText('1 new message', { exact: true }).waitFor();
  await ben.context.setOffline(true);
  await ben.sees('net-banner');
  for (const text of ['second', 'third', 'fourth']) await ann.tell(text);
  await ben.context.setOffline(false);
  await ben.get('new-messages').getByText('4 new messages').waitFor();
  await ben.get('new-messages').click();
  await ben.get('new-messages').waitFor({ state: 'detached' });
});

test('an edit that overtakes an older page is not lost', async () => {
  const messages = await hears(45);
  await ben.readTo(messages.at(-1)); // so that it opens at its end
  await ben.page.reload(); // now the page knows of the last one alone
  await ben.sees(`conversation-${ann.user.username}`);
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  await ben.page.route(/conversation\?.*before=/, async (route) => {
    const response = await route.fetch(); // as it was
    await held;
    await route.fulfill({ response });
  });
  const asked = ben.page.waitForRequest(/conversation\?.*before=/);
  await ben.open(ann.user.username);
  await ben.reads('line 44');
  await scrollTo(0);
  await asked;
  const answer = await ann.api(`/api/messages/${messages[3]._id}`,
    { method: 'PUT', body: { content: 'line three' } });
  assert.equal(answer.status, 200);
  /* the edit has come by when what was said after it is here */
  await ann.tell('after the edit');
  await ben.reads('after the edit');
  release();
  await ben.reads('line 4');
  await ben.reads('line three');
  assert.equal(await ben.message('line 3').count(), 0);
});

test('arrows walk through the rows, and leave the settings alone', async () => {
  await hears(1);
  const { keyboard } = ben.page;
  const focused = () => ben.page.evaluate(() => document.activeElement.dataset.testid);
  await ben.get('search-input').focus();
  await keyboard.press('ArrowDown');
  assert.equal(await focused(), `conversation-${ann.user.username}`);
  await keyboard.press('ArrowUp');
  assert.equal(await focused(), 'search-input');
  await ben.get('settings-button').click();
  await ben.get('theme-light').focus();
  await keyboard.press('ArrowDown');
  assert.equal(await focused(), 'theme-light');
});

test('who was opened while the server was away is shown when it is back', async () => {
  ben = await scene.registered('ben');
  ann = await scene.stack.register(`ann-${ben.name}`);
  let away = true;
  await ben.page.route(`**/api/users/${ann.id}`, (route) => (away ? route.abort() : route.continue()));
  await ben.page.route('**/api/users?*', (route) => route.fulfill({ json: { items: [], total: 0 } }));
  await ben.page.goto(`${scene.url}/#/u/${ann.id}`);
  await ben.page.reload();
  await ben.page.getByRole('alert').getByText('No connection').waitFor();
  away = false;
  await ben.context.setOffline(true);
  await ben.sees('net-banner');
  await ben.context.setOffline(false);
  await ben.get('chat-title').filter({ hasText: ann.user.username }).waitFor();
});

test('a long word keeps within its row, at any width', async () => {
  await hears(0);
  await ann.api('/api/users/profile', { method: 'PATCH', body: { statusText: 'w'.repeat(140), displayName: 'W'.repeat(64) } });
  await ann.tell('x'.repeat(5000));
  for (const width of [320, 700, 1200]) {
    await ben.page.setViewportSize({ width, height: 700 });
    const { x, width: wide } = await badge(1).boundingBox();
    assert.ok(x > 0 && x + wide < width, `at ${width}`);
  }
  const heard = await ben.get(`conversation-${ann.user.username}`).innerText();
  assert.ok(heard.length < 300, 'nobody has to hear all of it in the list');
  await ben.open(ann.user.username);
  for (const width of [320, 700, 1200]) {
    await ben.page.setViewportSize({ width, height: 700 });
    const out = await ben.page.evaluate(() => [...document.querySelectorAll('main, main header, form, [role=navigation], li, [role=region]')]
      .filter((element) => element.scrollWidth > element.clientWidth + 1)
      .map((element) => `${element.tagName} ${element.className}`));
    assert.deepEqual(out, [], `at ${width}`);
  }
});

/* ---- more than a page ------------------------------------------------ */

const region = () => ben.page.getByRole('region', { name: 'Messages with' });
const rows = () => ben.get('message').count();
const MOST_ROWS = 320;

/* The rows that can be seen, by their numbers. */
const inSight = () => ben.page.evaluate(() => {
  const { top, bottom } = document.querySelector('[role=region]').getBoundingClientRect();
  return [...document.querySelectorAll('[data-testid=message]')].filter((element) => {
    const box = element.getBoundingClientRect();
    return box.bottom > top && box.top < bottom;
  }).map((element) => Number(element.dataset.seq));
});

const wheel = async (by) => {
  await region().hover();
  await ben.page.mouse.wheel(0, by);
  await ben.page.waitForTimeout(60);
};

for (const [count, already] of [[45, 0], [130, 7], [330, 40]]) {
  test(`of ${count} unread the first is shown, with their number, and no other is read`, async () => {
    const messages = await hears(count + already);
    if (already) await ben.readTo(messages[already - 1]);
    await ben.page.reload();
    await badge(count > 99 ? '99+' : count).waitFor();
    await ben.open(ann.user.username);
    await ben.get('unread-mark').getByText(`${count} unread messages`, { exact: true }).waitFor();
    await ben.reads(`line ${already}`);
    assert.ok((await inSight()).includes(already + 1), 'the first unread');
    assert.equal(await ben.readSeq(), already);
    await wheel(900);
    await waitFor('the first is out of sight', async () => !(await inSight()).includes(already + 1));
    const shown = Math.max(...await inSight());
    assert.ok(shown < count + already, 'there is more below');
    await ben.page.waitForTimeout(500);
    assert.ok(await ben.readSeq() <= shown);
    await ben.page.goto(`${scene.url}/#/`); // away
    const read = await waitFor('what was seen is read', async () => {
      const seq = await ben.readSeq();
      return seq > already && seq;
    });
    assert.ok(read === shown || read === shown - 1, `${read}, of ${shown} shown`);
    await ben.open(ann.user.username); // and back: where it goes on
    await ben.get('unread-mark').getByText(`${count + already - read} unread messages`, { exact: true }).waitFor();
    assert.ok((await inSight()).includes(read + 1));
    for (let last = 0; last < count + already; last = Math.max(...await inSight())) await wheel(3000);
    await badge('99+').or(badge(1)).waitFor({ state: 'detached' });
    assert.deepEqual((await ben.seqs()).slice(-20), messages.slice(-20).map(({ seq }) => seq));
    assert.ok(await rows() <= MOST_ROWS);
  });
}

test('many scrolled through leave few rows, without a hole, and the place is kept', async () => {
  const messages = await hears(700);
  await ben.readTo(messages.at(-1));
  const other = await scene.stack.register(`cyd-${ben.name}`);
  await ben.page.reload();
  await ben.open(ann.user.username);
  await ben.reads('line 699');
  const seen = new Set();
  let most = 0;
  for (let i = 0; !seen.has(1); i += 1) {
    assert.ok(i < 400, 'it goes up to the beginning');
    await wheel(-2500);
    for (const seq of await inSight()) seen.add(seq);
    most = Math.max(most, await rows());
    const seqs = await ben.seqs();
    assert.deepEqual(seqs, seqs.map((_, n) => seqs[0] + n), 'no hole');
  }
  assert.ok(most <= MOST_ROWS, `${most} rows`);
  await ben.page.getByText('This is where it began.').waitFor();
  await wheel(1500);
  await waitFor('the beginning is out of sight', async () => !(await inSight()).includes(1));
  const place = await inSight();
  await ben.find(other.user.username);
  await ben.open(ann.user.username);
  await ben.reads(`line ${place[1] - 1}`);
  assert.deepEqual(await inSight(), place, 'where one was');
  await ann.tell('something new'); // which is not below what is held
  await ben.get('new-messages').getByText('1 new message', { exact: true }).waitFor();
  assert.deepEqual(await inSight(), place);
  await ben.get('new-messages').click();
  await ben.reads('something new');
  await ben.noLongerSees('new-messages');
  assert.equal((await ben.seqs()).at(-1), 701);
  for (let i = 0; i < 30; i += 1) await wheel(-2500);
  await ben.say('from far above');
  await ben.reads('from far above', 'sent');
  assert.ok((await inSight()).includes(702));
});
