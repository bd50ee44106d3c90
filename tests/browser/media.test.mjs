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

test('older files come when one asks for them', async () => {
  const { ann, ben, shows } = await talks();
  for (let n = 0; n < 32; n += 1) await shows(`${n}.txt`, Buffer.from(`words ${n}`));
  await ann.open(ben.user.username);
  await ann.get('open-details').click();
  const names = () => ann.get('media').getByTestId('file-name').allInnerTexts();
  await ann.get('media-more').waitFor();
  assert.equal((await names()).length, 30);
  await ann.get('media-more').click();
  await ann.get('media-more').waitFor({ state: 'detached' });
  assert.deepEqual(await names(), Array.from({ length: 32 }, (_, n) => `${31 - n}.txt`));
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
    const today = await fresh.page.evaluate(() => document.querySelector('[data-testid="jump-date"]').max);
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
