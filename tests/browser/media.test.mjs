// What a conversation shows of files, in its details, and the way to a date.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { png } from '../support/pictures.mjs';
import { waitFor } from '../support/stack.mjs';
import { phone } from './people.mjs';
import { openScene } from './scene.mjs';

const scene = openScene({ set: { write_rate: 100, write_burst: 1000 } });

/* Somebody with whom ann has a conversation, and how that one says something. */
async function talks(options) {
  const ann = await scene.registered('ann', options);
  const { user } = await scene.stack.login(ann.name);
  const ben = await scene.stack.register(`ben-${ann.name}`);
  const say = async (more) => (await ben.api('/api/messages', { body: { recipient_id: user._id, ...more } })).body;
  const shows = async (name, body) => {
    const file = await ben.api(`/api/files?name=${name}`, { body, headers: { 'Content-Type': 'application/octet-stream' } });
    return say({ attachment: file.body._id });
  };
  return { ann, ben, say, shows };
}

test('the details list pictures and files, also those that come and go meanwhile', async () => {
  const { ann, ben, say, shows } = await talks();
  await shows('first.png', png(30, 20));
  await shows('notes.txt', Buffer.from('words'));
  await say({ content: 'and words' });
  await ann.open(ben.user.username);
  await ann.get('open-details').click();
  const media = ann.get('media');
  await media.getByTestId('media-picture').waitFor();
  await media.getByTestId('file-name').getByText('notes.txt').waitFor();
  const { _id } = await shows('second.png', png(20, 30));
  await waitFor('both pictures', async () => (await media.getByTestId('media-picture').count()) === 2);
  await media.getByTestId('media-picture').first().click();
  await ann.get('lightbox-picture').waitFor();
  await ann.get('lightbox').getByText('second.png').waitFor();
  await ann.get('lightbox-before').click();
  await ann.get('lightbox').getByText('first.png').waitFor();
  await ann.page.keyboard.press('Escape');
  await ben.api(`/api/messages/${_id}`, { method: 'DELETE' });
  await waitFor('one picture', async () => (await media.getByTestId('media-picture').count()) === 1);
});

const NAMES = Array.from({ length: 70 }, (_, n) => `${69 - n}.txt`);
const namesOf = (person) => person.get('media').getByTestId('file-name').allInnerTexts();
const topOf = (element) => element.evaluate((one) => one.getBoundingClientRect().top);

test('older files come as one gets to them, and nothing that is there moves', async () => {
  const { ann, ben, shows } = await talks();
  for (const name of [...NAMES].reverse()) await shows(name, Buffer.from(`words ${name}`));
  await ann.open(ben.user.username);
  await ann.get('open-details').click();
  await waitFor('the first', async () => (await namesOf(ann)).length >= 30);
  assert.ok((await namesOf(ann)).length < NAMES.length, 'not all at once');
  const sight = ann.get('media').getByTestId('file-name').getByText(NAMES[25], { exact: true });
  await sight.scrollIntoViewIfNeeded();
  const before = await topOf(sight);
  await waitFor('more', async () => (await namesOf(ann)).length >= 60);
  assert.equal(await topOf(sight), before);
  await ann.get('media').getByTestId('file-name').getByText(NAMES[59], { exact: true }).scrollIntoViewIfNeeded();
  await waitFor('all of them', async () => (await namesOf(ann)).length === NAMES.length);
  assert.deepEqual(await namesOf(ann), NAMES);
  await shows('new.txt', Buffer.from('new'));
  await waitFor('what is new', async () => (await namesOf(ann)).join() === ['new.txt', ...NAMES].join());
});

test('what could not be loaded is asked for again', async () => {
  const { ann, ben, shows } = await talks();
  await shows('notes.txt', Buffer.from('words'));
  await ann.open(ben.user.username);
  await ann.page.route('**/files?*', (route) => route.fulfill({ status: 503, json: { error: { code: 'unavailable' } } }));
  await ann.get('open-details').click();
  await ann.get('media').getByText('could not be loaded').waitFor();
  await ann.page.unroute('**/files?*');
  await ann.get('media').getByRole('button', { name: 'Try again' }).click();
  await ann.get('media').getByTestId('file-name').getByText('notes.txt').waitFor();
});

test('pictures take their place before they are there, and are named', async () => {
  const { ann, ben, shows } = await talks();
  await shows('notes.txt', Buffer.from('words'));
  await shows('wide.png', png(300, 20));
  await shows('high.png', png(20, 300));
  await ann.page.route('**/api/files/**', () => { /* not yet */ });
  await ann.open(ben.user.username);
  await ann.get('open-details').click();
  const pictures = ann.get('media').getByTestId('media-picture');
  await waitFor('both', async () => (await pictures.count()) === 2);
  const place = () => ann.get('media').evaluate((media) => [...media.querySelectorAll('[data-testid=media-picture], [data-testid=file-card]')]
    .map((one) => JSON.stringify(one.getBoundingClientRect())));
  const before = await place();
  assert.equal(before.length, 3);
  assert.equal(await pictures.first().getAttribute('aria-label'), 'Look at high.png');
  await ann.page.unrouteAll({ behavior: 'ignoreErrors' });
  await ann.page.reload();
  await waitFor('they are there', () => ann.get('media').evaluate((media) =>
    media.querySelectorAll('img').length === 2 && [...media.querySelectorAll('img')].every((one) => one.complete && one.naturalWidth)));
  assert.deepEqual(await place(), before);
});

test('where there are no files the details say so', async () => {
  const { ann, ben, say } = await talks();
  await say({ content: 'only words' });
  await ann.open(ben.user.username);
  await ann.get('open-details').click();
  await ann.get('media').getByText('Nothing yet').waitFor();
});

for (const [size, options] of [['beside the conversation', {}], ['on a phone', { viewport: phone }]]) {
  test(`a date leads to what was said first since, ${size}`, async () => {
    const { ann, ben, say } = await talks(options);
    let last = null;
    for (let n = 1; n <= 120; n += 1) last = await say({ content: `line ${n}` });
    const { conversationId, seq } = last;
    await (await scene.stack.login(ann.name)).api('/api/messages/read', { body: { conversationId, seq } });
    await ann.get(`conversation-${ben.user.username}`).getByTestId('unread-badge').waitFor({ state: 'detached' });
    const fresh = await scene.newcomer('device', options);
    await fresh.signIn(ann.name);
    await fresh.sees('messenger');
    await fresh.open(ben.user.username);
    await fresh.reads('line 120');
    assert.equal(await fresh.message('line 1').count(), 0, 'it is not loaded');
    await fresh.get('open-details').click();
    const today = await fresh.get('jump-date').getAttribute('max');
    await fresh.get('jump-date').fill(today);
    await fresh.message('line 1').waitFor();
    await waitFor('it is in sight', () => fresh.message('line 1').evaluate((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    }));
    await fresh.get('new-messages').click();
    await fresh.message('line 120').waitFor();
  });
}

test('by keys a date is typed and sent off, and what was said then has the focus', async () => {
  const { ann, ben, say } = await talks();
  for (let n = 1; n <= 80; n += 1) await say({ content: `line ${n}` });
  await ann.open(ben.user.username);
  await ann.reads('line 80');
  await ann.get('open-details').focus();
  await ann.page.keyboard.press('Enter');
  await ann.get('jump-date').focus();
  assert.ok(await ann.get('jump-go').isDisabled(), 'without a date it leads nowhere');
  const [year, month, day] = (await ann.get('jump-date').getAttribute('max')).split('-');
  await ann.page.keyboard.type(`${month}${day}${year}`);
  assert.equal(await ann.get('jump-date').inputValue(), `${year}-${month}-${day}`);
  assert.equal(await ann.page.evaluate(() => document.activeElement.dataset.testid), 'jump-date', 'not before it is sent off');
  await ann.page.keyboard.press('Enter');
  await waitFor('the first of that day', () => ann.page.evaluate(() => document.activeElement.textContent.includes('line 1')));
});
