// Who is who, and finding them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../support/stack.mjs';
import { openScene } from './scene.mjs';

const scene = openScene();

/* Somebody without a page, called so. */
async function known(username, displayName, more = {}) {
  const person = await scene.stack.register(username, { displayName, ...more });
  person.name = username;
  return person;
}

const handles = (locator) => locator.getByTestId('handle').allInnerTexts();

test('two of one name are told apart wherever they are seen', async () => {
  const ben = await scene.registered('ben');
  const real = await known(`real-${ben.name}`, 'Zoë Quick');
  const other = await known(`other-${ben.name}`, 'Zoë Quick');
  const { user } = await scene.stack.login(ben.name);
  for (const person of [real, other]) {
    await person.api('/api/messages', { body: { recipient_id: user._id, content: 'send me your key' } });
  }
  for (const person of [real, other]) {
    const row = ben.get(`conversation-${person.name}`);
    await row.getByText('Zoë Quick', { exact: true }).waitFor();
    assert.deepEqual(await handles(row), [`@${person.name}`]);
    await row.click();
    await ben.get('chat-title').getByText(`@${person.name}`).waitFor();
    await ben.page.getByRole('main', { name: `Zoë Quick @${person.name}` }).waitFor();
    await ben.act('send me your key', 'reply');
    await ben.get('composer-reply').getByText(`@${person.name}`).waitFor();
    await ben.get('composer-cancel').click();
  }
  const third = await known(`third-${ben.name}`, `W${'w'.repeat(63)}`);
  await ben.get('search-input').fill(third.name);
  const shown = ben.get(`person-${third.name}`).getByTestId('handle');
  const { x, width } = await shown.boundingBox();
  const row = await ben.get(`person-${third.name}`).boundingBox();
  assert.ok(width > 60 && x + width <= row.x + row.width, 'a long name does not hide it');
});

test('whose name is the username has no second one', async () => {
  const ben = await scene.registered('ben');
  const same = await known(`Same-${ben.name}`, `SAME-${ben.name}`);
  await ben.get('search-input').fill(same.name);
  await ben.sees(`person-${same.name}`);
  assert.equal(await ben.get('handle').count(), 0);
});

test('another’s username is no display name, which is said at its field', async () => {
  const [ann, ben] = await scene.pair();
  await ben.get('me').click();
  await ben.get('field-displayName').fill(ann.name.toUpperCase());
  await ben.get('submit').click();
  await ben.get('error-displayName').getByText('somebody else’s username').waitFor();
});

test('a search forgives how a name is typed, and each has one row', async () => {
  const ben = await scene.registered('ben');
  const tail = ben.name.replace(/\W/g, '');
  const lena = await known(`lena-${ben.name}`, `Hélène d’Arc${tail}`);
  const rows = () => ben.page.locator('[data-testid^=person-], [data-testid^=conversation-l]').count();
  for (const query of [`darc${tail} helene`, `HELENE   d'arc${tail}`, lena.name, `d’ARC${tail}`]) {
    await ben.get('search-input').fill(query);
    await ben.sees(`person-${lena.name}`);
    await waitFor('one row', async () => (await rows()) === 1);
  }
  await ben.get(`person-${lena.name}`).click();
  await ben.say('hello');
  await ben.sees(`conversation-${lena.name}`);
  for (const query of [`arc${tail} hel`, lena.name]) {
    await ben.get('search-input').fill(query);
    await ben.page.getByText('1 result').waitFor({ state: 'attached' });
    await ben.sees(`conversation-${lena.name}`);
    assert.equal(await ben.get(`person-${lena.name}`).count(), 0, query);
  }
  await ben.get('search-input').fill(`${lena.name} nobody`);
  await ben.page.getByText('Nobody found').waitFor();
});

test('all of the directory and of a search can be shown, whoever comes and goes', async () => {
  const ben = await scene.registered('ben');
  const tail = ben.name;
  const all = [];
  for (let i = 0; i < 58; i += 1) all.push((await known(`q${i}-${tail}`, '')).name);
  const first = await (await scene.stack.login(all[57])).connect();
  await ben.page.reload();
  await ben.sees(`person-${all[57]}`);
  first.disconnect();
  const late = await (await scene.stack.login(all[56])).connect();
  const names = () => ben.page.locator(`[data-testid^=person-q][data-testid$="${tail}"]`).evaluateAll(
    (rows) => rows.map((row) => row.dataset.testid.slice('person-'.length)));
  const more = ben.get('more-people');
  const showAll = async () => { // it goes with the last page, maybe under the pointer
    while (await more.count()) await more.click({ timeout: 1000 }).catch(() => {});
  };
  await waitFor('everybody is there', async () => { await showAll(); return (await names()).length === 58; });
  assert.deepEqual((await names()).sort(), [...all].sort());
  await ben.page.reload();
  await ben.get('search-input').fill(`q ${tail}`);
  await more.waitFor();
  await waitFor('all that match', async () => { await showAll(); return (await names()).length === 58; });
  late.disconnect();
});
