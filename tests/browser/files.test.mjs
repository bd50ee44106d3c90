// Files at the page: attached in every way, seen before they go, and never lost
// without a word.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { png } from '../support/pictures.mjs';
import { waitFor } from '../support/stack.mjs';
import { kept } from './people.mjs';
import { openScene } from './scene.mjs';

const scene = openScene();

const picture = (name = 'garden.png', size = [640, 480]) =>
  ({ name, mimeType: 'image/png', buffer: png(...size) });
const notes = (name = 'notes é.txt', text = 'plain words\n') =>
  ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });

/* So many are on the disk of their browser. */
const keeps = (person, store, count) =>
  waitFor(`${count} in ${store}`, async () => await kept(person, store) === count);

const attach = (person, ...files) => person.get('file-input').setInputFiles(files);

/* Uploads of this page wait until one lets them go. */
async function holdUploads(person) {
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  await person.page.route('**/api/files?*', async (route) => {
    await held;
    await route.continue().catch(() => {}); // it was stopped meanwhile
  });
  return release;
}

const refuseUploads = (person, status, code, message = code) =>
  person.page.route('**/api/files?*', (route) =>
    route.fulfill({ status, json: { error: { code, message } } }));

const shown = (person) => person.page.waitForFunction(() => {
  const images = [...document.querySelectorAll('[data-testid=picture] img')];
  return images.length > 0 && images.every((image) => image.complete && image.naturalWidth > 0);
});

test('a picture is seen before it goes, has its size before it is there, and is looked at', async () => {
  const [ann, ben] = await scene.pair();
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  await ben.page.route(/api\/files\/\w+/, async (route) => { await held; await route.continue(); });
  await attach(ann, picture());
  await ann.get('tray').getByText('garden.png').waitFor();
  await ann.page.waitForFunction(() => document.querySelector('[data-testid=tray] img')?.naturalWidth === 640);
  await ann.say('Look');
  await ann.noLongerSees('tray');
  await shown(ann);
  await ben.reads('Look');
  const box = async () => {
    const { width, height } = await ben.get('picture').boundingBox();
    return [Math.round(width), Math.round(height)];
  };
  const before = await box();
  assert.equal(before[0] / before[1], 4 / 3);
  release();
  await shown(ben);
  assert.deepEqual(await box(), before, 'nothing moves when it comes');
  await ann.reads('Look', 'read');

  await ben.get('picture').getByRole('button').click();
  await ben.sees('lightbox-picture');
  assert.equal(await ben.get('lightbox-picture').evaluate((image) => image.decode().then(() => image.naturalWidth)), 640);
  await ben.page.keyboard.press('Escape');
  await ben.noLongerSees('lightbox');
  assert.equal(await ben.page.evaluate(() => Boolean(document.activeElement.closest('[data-testid=picture]'))), true);
});

test('other files are cards, which are saved under their name', async () => {
  const [ann, ben] = await scene.pair();
  await attach(ann, notes());
  await ann.get('send-button').click();
  await ben.get('file-card').getByText('notes é.txt').waitFor();
  await ben.get('file-card').getByText('12 bytes').waitFor();
  const download = ben.page.waitForEvent('download');
  await ben.get('file-save').click();
  assert.equal((await download).suggestedFilename(), 'notes é.txt');
  await ann.get(`conversation-${ben.name}`).getByText('File: notes é.txt').waitFor();
});

test('files that are pasted and dropped are attached, and go in their order', async () => {
  const [ann, ben] = await scene.pair();
  await ann.page.evaluate((bytes) => {
    const of = (name) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], name, { type: 'image/png' }));
      return data;
    };
    const input = document.querySelector('#composer');
    input.dispatchEvent(new ClipboardEvent('paste', { clipboardData: of('pasted.png'), bubbles: true, cancelable: true }));
    const zone = document.querySelector('[role=region]');
    for (const type of ['dragenter', 'dragover']) {
      zone.dispatchEvent(new DragEvent(type, { dataTransfer: of('dropped.png'), bubbles: true, cancelable: true }));
    }
  }, [...png(30, 20)]);
  await ann.sees('drop-here');
  await ann.page.evaluate((bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], 'dropped.png', { type: 'image/png' }));
    document.querySelector('[role=region]')
      .dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  }, [...png(20, 30)]);
  await ann.noLongerSees('drop-here');
  await ann.get('tray').getByText('dropped.png').waitFor();
  assert.equal(await ann.get('tray-file').count(), 2);
  await attach(ann, notes('third.txt'));
  await ann.say('Three of them');
  await ben.get('file-card').getByText('third.txt').waitFor();
  assert.deepEqual(await ben.get('message').evaluateAll((all) => all.map((element) =>
    element.querySelector('[data-testid=picture] button')?.ariaLabel
    ?? element.querySelector('[data-testid=file-name]').textContent)),
  ['Look at pasted.png', 'Look at dropped.png', 'third.txt']);
  await ben.get('picture').first().getByRole('button').click();
  await ben.get('lightbox').getByText('pasted.png').waitFor();
  await ben.page.keyboard.press('ArrowRight');
  await ben.get('lightbox').getByText('dropped.png').waitFor();
  assert.equal(await ben.get('lightbox-after').isDisabled(), true);
});

test('what is sent before its file is there waits for it, keeps its order, and can be stopped', async () => {
  const [ann, ben] = await scene.pair();
  const release = await holdUploads(ann);
  await attach(ann, notes('slow.txt'));
  await ann.say('with a file');
  await ann.get('message').getByTestId('upload-cancel').waitFor();
  assert.equal(await ann.get('unkept').count(), 0);
  await ann.say('after it');
  await attach(ann, notes('never.txt'));
  await ann.get('tray').getByTestId('upload-cancel').click();
  await ann.noLongerSees('tray');
  await ann.reads('after it', 'pending');
  assert.deepEqual(await ben.texts(), []);
  release();
  await ben.reads('after it');
  assert.deepEqual(await ben.texts(), ['with a file', 'after it']);
  await ben.get('file-card').getByText('slow.txt').waitFor();
  await ann.reads('after it', 'read');
  assert.equal(await ben.get('file-card').count(), 1);
});

test('what is refused says why in words, before it is sent and after', async () => {
  const [ann, ben] = await scene.pair();
  await attach(ann, { name: 'big.bin', mimeType: '', buffer: Buffer.alloc(10 * 1024 * 1024 + 1) });
  await ann.get('tray-error').getByText('Files may have 10 MiB at most.').waitFor();
  assert.equal(await ann.get('send-button').isEnabled(), false);
  assert.equal(await ann.get('tray-retry').count(), 0);
  await ann.get('tray-remove').click();
  await attach(ann, notes('empty.txt', ''));
  await ann.get('tray-error').getByText('There is nothing in this file.').waitFor();
  await ann.get('tray-remove').click();

  for (const [status, code, words] of [[413, 'quota_exceeded', 'more room than you have'], [503, 'no_space', 'no room']]) {
    await refuseUploads(ann, status, code);
    await attach(ann, notes('full.txt'));
    await ann.get('tray-error').getByText(words).waitFor();
    await ann.get('tray-remove').click();
    await ann.page.unroute('**/api/files?*');
  }
  let refuse;
  const asked = new Promise((resolve) => { refuse = resolve; });
  await ann.page.route('**/api/files?*', async (route) => {
    await asked;
    await route.fulfill({ status: 413, json: { error: { code: 'quota_exceeded', message: 'x' } } });
  });
  await attach(ann, notes('kept.txt'));
  await ann.say('with words');
  refuse();
  await ann.get('message').getByText(/Not sent: Your files would take more room/).waitFor();
  await ann.page.unroute('**/api/files?*');
  await ann.get('retry').click();
  await ben.reads('with words');
  await ben.get('file-card').getByText('kept.txt').waitFor();
});

test('without a network a file waits, and goes when it is back', async () => {
  const [ann, ben] = await scene.pair();
  await ann.say('before');
  await ben.reads('before');
  await ann.context.setOffline(true);
  await ann.sees('net-banner');
  await attach(ann, notes('tunnel.txt'));
  await ann.say('in the tunnel');
  await ann.reads('in the tunnel', 'pending');
  await ann.context.setOffline(false);
  await ben.reads('in the tunnel');
  await ben.get('file-card').getByText('tunnel.txt').waitFor();
});

test('a reload goes on with the files that it stopped, before they are sent and after', async () => {
  const [ann, ben] = await scene.pair();
  ann.page.on('dialog', (dialog) => dialog.accept());
  await attach(ann, notes('there.txt'));
  await ann.get('tray-remove').waitFor(); // it has arrived
  await ann.page.reload();
  await ann.get('tray').getByText('there.txt').waitFor();
  await ann.get('send-button').click();
  await ben.get('file-card').getByText('there.txt').waitFor();
  for (const store of ['files', 'outbox']) await keeps(ann, store, 0);

  await holdUploads(ann);
  await attach(ann, picture('draft.png'));
  await ann.get('tray').getByTestId('upload-cancel').waitFor();
  await keeps(ann, 'files', 1);
  await ann.page.reload();
  await ann.page.waitForFunction(() => document.querySelector('[data-testid=tray] img')?.naturalWidth === 640);
  await ann.say('words of it');
  await ann.get('message').getByTestId('upload-cancel').waitFor();
  await keeps(ann, 'outbox', 1);
  await ann.page.reload();
  await ann.reads('words of it', 'pending');
  await ann.page.unroute('**/api/files?*');
  await ann.page.reload();
  await ben.reads('words of it');
  await shown(ben);
  await ben.get('picture').getByRole('button', { name: 'Look at draft.png' }).waitFor();
  await ann.reads('words of it', 'read');
  assert.equal(await ann.get('message').count(), 2);
});

/* The browser keeps words, and has no room for files. */
const keepsNoFiles = (person) => person.page.evaluate(() => {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function full(...what) {
    if (this.name === 'files') throw new DOMException('full', 'QuotaExceededError');
    return put.apply(this, what);
  };
});

test('a file that the browser would not keep is said to be lost after a reload', async () => {
  const [ann] = await scene.pair();
  ann.page.on('dialog', (dialog) => dialog.accept());
  await holdUploads(ann);
  await keepsNoFiles(ann);
  await attach(ann, notes('draft.txt'));
  await ann.get('tray').getByTestId('upload-cancel').waitFor();
  await ann.page.reload();
  await ann.get('tray-error').getByText('closed before the file was sent').waitFor();
  assert.equal(await ann.get('send-button').isEnabled(), false);
  await ann.get('tray-remove').click();
  await keepsNoFiles(ann);
  await attach(ann, notes('sent.txt'));
  await ann.say('words of it');
  await ann.message('words of it', 'pending').getByTestId('unkept').waitFor();
  await ann.page.reload();
  await ann.reads('words of it', 'failed');
  await ann.get('message').getByText('closed before the file was sent').waitFor();
  assert.equal(await ann.get('retry').count(), 0);
  await ann.get('discard').click();
  assert.equal(await ann.message('words of it').count(), 0);
});

/* Half a second of silence. */
function wav() {
  const samples = Buffer.alloc(4000, 128);
  const head = Buffer.from('RIFF....WAVEfmt ....................data....', 'latin1');
  head.writeUInt32LE(36 + samples.length, 4);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(8000, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

test('sound is played in the page', async () => {
  const [ann, ben] = await scene.pair();
  await attach(ann, { name: 'quiet.wav', mimeType: 'audio/wav', buffer: wav() });
  await ann.get('send-button').click();
  await ben.get('media-play').click();
  await ben.page.waitForFunction(() => {
    const audio = document.querySelector('audio');
    return audio && audio.duration > 0.4 && !audio.error;
  });
});

test('a picture of oneself is cut, uploaded, and seen by others', async () => {
  const [ann, ben] = await scene.pair();
  await ann.say('hello');
  await ann.get('me').click();
  await ann.get('avatar-file').setInputFiles(notes('no-picture.png', 'words'));
  await ann.get('avatar-error').getByText('no picture').waitFor();
  await ann.get('avatar-file').setInputFiles(picture('me.png', [800, 200]));
  await ann.sees('avatar-image');
  await ann.get('submit').click();
  await ann.get('form-done').getByText('Saved.').waitFor();
  const size = (person, within) => person.page.waitForFunction((selector) => {
    const image = document.querySelector(`${selector} .avatar img`);
    return image?.naturalWidth > 0 && image.naturalWidth === image.naturalHeight;
  }, within);
  await size(ann, '[data-testid=me]');
  await size(ben, `[data-testid="conversation-${ann.name}"]`);
});

test('a picture on its way is waited for, and does not take the place of what was chosen since', async () => {
  const ann = await scene.registered('ann');
  const button = (busy) => ann.page.locator(`[data-testid=submit][aria-disabled=${busy}]`).waitFor();
  const isChosen = (name) => ann.get(`avatar-${name}`).locator('xpath=../input').isChecked();
  await ann.get('new-conversation').click();
  await ann.get('new-group').click();
  await ann.get('new-next').click();
  await ann.get('field-title').fill('Garden');
  let letThrough = await holdUploads(ann);
  await ann.get('avatar-file').setInputFiles(picture('one.png'));
  await button(true);
  await ann.get('field-title').press('Enter');
  letThrough();
  await button(false);
  assert.equal(await isChosen('image'), true);
  await ann.page.unroute('**/api/files?*');
  letThrough = await holdUploads(ann);
  await ann.get('avatar-file').setInputFiles(picture('other.png', [20, 20]));
  await button(true);
  await ann.get('avatar-🦊').click();
  letThrough();
  await button(false);
  assert.equal(await isChosen('🦊'), true);
  letThrough = await holdUploads(ann);
  await ann.get('avatar-file').setInputFiles(picture('late.png'));
  await button(true);
  await ann.get('new-back').click();
  await ann.get('new-next').click();
  await button(false);
  letThrough();
  await ann.get('submit').click();
  await ann.get('chat-title').filter({ hasText: 'Garden' }).waitFor();
  await ann.get('conversation-Garden').getByText('🦊').waitFor();
});
