// Typed words are never lost: by another tab, a reload, something else that one
// begins, a browser that keeps nothing, or a window that is closed too soon.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../support/stack.mjs';
import { kept } from './people.mjs';
import { openScene } from './scene.mjs';

const scene = openScene();

const composer = (page) => page.getByTestId('composer-input');
const holds = (page, text) =>
  page.waitForFunction((wanted) => document.querySelector('#composer')?.value === wanted, text);

/* Another tab of the same browser, at the same address. */
async function another(person) {
  const page = await person.context.newPage();
  person.watch(page);
  await page.goto(person.page.url());
  await composer(page).waitFor();
  return page;
}

test('two tabs in one conversation keep each other’s drafts', async () => {
  const [ann] = await scene.pair();
  const one = ann.page;
  const two = await another(ann);
  await composer(one).fill('what one says');
  await composer(two).fill('what two says');
  await composer(two).fill('what two says now');
  for (const page of [one, two]) await page.reload();
  await holds(one, 'what one says');
  await holds(two, 'what two says now');
  await two.getByTestId('send-button').click();
  await holds(two, '');
  await one.reload();
  await holds(one, 'what one says');
  await composer(one).fill('');
  await one.reload();
  await composer(one).waitFor();
  await one.waitForTimeout(300);
  await holds(one, '');
});

test('what a closed tab was writing is gone on with by the next', async () => {
  const [ann, ben] = await scene.pair();
  await composer(ann.page).fill('half a thought');
  const two = await another(ann);
  await composer(two).fill('another one');
  await ann.page.close();
  const three = await another({ ...ann, context: ann.context, page: two, watch: (page) => ann.watch(page) });
  await holds(three, 'half a thought');
  await holds(two, 'another one');
  await three.reload();
  await holds(three, 'half a thought');
  await three.getByTestId('send-button').click();
  await ben.reads('half a thought');
  const four = await another({ context: ann.context, page: two, watch: (page) => ann.watch(page) });
  await four.waitForTimeout(300);
  await holds(four, '');
});

test('a reply and an edit survive a reload, and neither throws away the other', async () => {
  const [ann, ben] = await scene.pair();
  await ben.say('What time?');
  await ann.say('At seven');
  await ann.say('Or so');
  await ann.reads('Or so', 'read');
  await ann.act('What time?', 'reply');
  await composer(ann.page).fill('Well, ');
  await ann.page.reload();
  await ann.get('composer-reply').getByText('What time?').waitFor();
  await ann.seesComposer('Well, ');
  await ann.act('At seven', 'edit');
  await composer(ann.page).fill('At eight');
  await ann.page.reload();
  await ann.sees('composer-edit');
  await ann.seesComposer('At eight');
  await ann.act('Or so', 'edit'); // the other one waits
  await ann.seesComposer('Or so');
  await composer(ann.page).press('Escape');
  await ann.get('composer-reply').getByText('What time?').waitFor();
  await ann.seesComposer('Well, ');
  await ann.act('At seven', 'edit');
  await ann.seesComposer('At eight');
  await composer(ann.page).press('Enter');
  await ben.reads('At eight');
  await ann.get('composer-reply').getByText('What time?').waitFor();
  await ann.seesComposer('Well, ');
  await ann.say('Well, at eight');
  await ben.message('Well, at eight').getByTestId('quote').getByText('What time?').waitFor();
  await ann.noLongerSees('composer-reply');
});

test('a line that the browser cannot keep says so, and the page does not go unasked', async () => {
  const [ann, ben] = await scene.pair();
  await ann.keepsNothing();
  await composer(ann.page).fill('not kept');
  await ann.get('unkept').getByText('keeps nothing').waitFor();
  await ann.context.setOffline(true);
  await ann.sees('net-banner');
  await ann.get('send-button').click();
  await ann.message('not kept', 'pending').getByTestId('unkept').getByText('this page alone').waitFor();
  assert.equal(await ann.get('unkept').count(), 1);
  assert.equal(await ann.triesToGo(), 1);
  await ann.context.setOffline(false);
  await ben.reads('not kept');
  await ann.reads('not kept', 'read');
  await ann.noLongerSees('unkept');
});

test('what is written to somebody new has a row, whatever becomes of it', async () => {
  const ann = await scene.registered('ann');
  const names = [];
  for (const who of ['draft', 'waits', 'refused']) {
    const { user } = await scene.stack.register(`${who}-${ann.name}`);
    names.push(user.username);
  }
  const [draft, waits, refused] = names;
  await ann.find(draft);
  await composer(ann.page).fill('Dear');
  await ann.find(refused);
  await ann.page.routeWebSocket(/socket\.io/, (socket) => socket.close());
  await ann.page.route('**/api/messages', (route) => route.fulfill({
    status: 403, json: { error: { code: 'forbidden', message: 'Not to them.' } },
  }));
  await ann.page.reload();
  await ann.say('let me in');
  await ann.reads('let me in', 'failed');
  await ann.page.unroute('**/api/messages');
  await ann.page.route('**/api/messages', (route) => route.abort());
  await ann.find(waits);
  await ann.say('on its way');
  await ann.reads('on its way', 'pending');
  for (const reload of [false, true]) {
    if (reload) await ann.page.reload();
    await ann.get(`conversation-${draft}`).getByText('Draft: Dear').waitFor();
    await ann.get(`conversation-${waits}`).getByText('on its way').waitFor();
    await ann.get(`conversation-${refused}`).getByRole('img', { name: 'Not sent' }).waitFor();
    for (const name of names) assert.equal(await ann.get(`person-${name}`).count(), 0, 'one row');
  }
  await ann.open(draft);
  await ann.seesComposer('Dear');
  await composer(ann.page).fill('');
  await ann.noLongerSees(`conversation-${draft}`);
});

test('waiting lines keep their order when the clock is set back', async () => {
  const [ann, ben] = await scene.pair();
  await ann.say('zero');
  await ben.reads('zero');
  await ann.context.setOffline(true);
  await ann.sees('net-banner');
  const said = [];
  for (const hours of [0, -5, 9, -20]) {
    await ann.page.evaluate((ms) => {
      const { now } = Date;
      globalThis.trueNow ??= now;
      Date.now = () => globalThis.trueNow() + ms;
    }, hours * 3600e3);
    said.push(`at ${hours}`);
    await ann.say(said.at(-1));
    await ann.reads(said.at(-1), 'pending');
  }
  assert.deepEqual(await ann.texts(), ['zero', ...said]);
  await waitFor('all are on the disk', async () => await kept(ann, 'outbox') === said.length);
  await ann.page.close();
  await ann.context.setOffline(false);
  await ann.comeBack();
  await ben.reads(said.at(-1));
  assert.deepEqual(await ben.texts(), ['zero', ...said]);
});

test('profile edits ask before they go, however one leaves', async () => {
  const ann = await scene.registered('ann');
  let answer = false;
  const asked = [];
  ann.page.on('dialog', (dialog) => {
    asked.push(dialog.type());
    return answer ? dialog.accept() : dialog.dismiss();
  });
  await ann.get('me').click();
  await ann.get('account-close').click();
  await ann.leaves('account');
  assert.deepEqual(asked, [], 'there is nothing to ask for');
  await ann.get('me').click();
  await ann.get('field-statusText').fill('half a mood');
  await ann.get('account-close').click();
  await ann.page.keyboard.press('Escape');
  await ann.page.keyboard.press('Escape');
  await ann.page.goBack();
  await waitFor('each has asked', () => asked.length >= 4);
  await ann.page.waitForTimeout(200);
  assert.deepEqual(asked, Array(4).fill('confirm'));
  assert.equal(await ann.get('field-statusText').inputValue(), 'half a mood');
  const token = await ann.page.evaluate(() => JSON.parse(localStorage.getItem('palabre.user')).token);
  await scene.stack.api('/api/auth/logout', { token, body: {} });
  await ann.signIn(); // the session had ended elsewhere
  await ann.get('me').click();
  assert.equal(await ann.get('field-statusText').inputValue(), 'half a mood');
  answer = true;
  await ann.get('account-close').click();
  await ann.leaves('account');
  await ann.get('me').click();
  assert.equal(await ann.get('field-statusText').inputValue(), '');
});

test('code keeps its first indent, and what cannot be seen is not sent', async () => {
  const [ann, ben] = await scene.pair();
  const code = '    if (x)\n        return;';
  await ann.say(`\n \n${code}  \n`);
  await ben.page.waitForFunction((text) =>
    document.querySelector('[data-testid=message-text]')?.textContent === text, code);
  for (const nothing of [' ', '\u200b', '\u2060\ufe0f', '\u3164', '\u2800 \u2800', '\u00ad\n\u200d', '\u{e0061}', '\u202e']) {
    await composer(ann.page).fill(nothing);
    assert.equal(await ann.get('send-button').isDisabled(), true, JSON.stringify(nothing));
  }
  await composer(ann.page).fill('\u200bx');
  assert.equal(await ann.get('send-button').isDisabled(), false);
});

test('marks that people type elsewhere are shown, and are no markup', async () => {
  const [ann, ben] = await scene.pair();
  await ann.say('> *<b>loud</b>* and `_plain_`\n- one\n- two\nthe _rest_ of 2*3*4');
  const text = ben.get('message-text');
  await text.locator('.quote strong').getByText('<b>loud</b>', { exact: true }).waitFor();
  assert.equal(await text.locator('code').innerText(), '_plain_');
  assert.deepEqual(await text.locator('.item').allInnerTexts(), ['one', 'two']);
  assert.equal(await text.locator('em').innerText(), 'rest');
  assert.match(await text.innerText(), /the rest of 2\*3\*4$/);
  assert.equal(await text.locator('b').count(), 0);
  await ben.get(`conversation-${ann.name}`).getByText('<b>loud</b> and _plain_').waitFor();
  await ann.page.locator('[data-testid=message]:not([data-status=pending])').waitFor();
  await ann.get('composer-input').focus();
  await ann.page.keyboard.press('ArrowUp');
  await ann.seesComposer('> *<b>loud</b>* and `_plain_`\n- one\n- two\nthe _rest_ of 2*3*4');
});
