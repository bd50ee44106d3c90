// What people do all day, in each browser that Debian has: they sign up, find
// each other, talk, send files, are offline, and come back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { png } from '../support/pictures.mjs';
import { browsers } from './people.mjs';
import { openScene } from './scene.mjs';
import { Way } from './way.mjs';

const shown = (person) => person.page.waitForFunction(() => {
  const images = [...document.querySelectorAll('[data-testid=picture] img')];
  return images.length > 0 && images.every((image) => image.complete && image.naturalWidth > 0);
});

const scene = openScene();

for (const browser of browsers) {
  test(`two people find each other, talk, send files, and come back: ${browser}`, async (t) => {
    const way = new Way();
    await way.open(() => scene.stack.port);
    t.after(() => way.close());
    const [ann, ben] = await Promise.all([
      scene.registered('ann', { browser, url: way.url }), scene.registered('ben', { browser }),
    ]);
    assert.equal(await ann.page.evaluate(() => /Firefox/.test(navigator.userAgent)), browser === 'firefox');
    await ann.find(ben.name);
    await ann.say('Bonjour');
    // Of Firefox's windows one has the focus, and who has not does not read.
    await ben.page.bringToFront();
    await ben.open(ann.name);
    await ben.reads('Bonjour');
    await ann.reads('Bonjour', 'read');

    await ben.get('composer-input').pressSequentially('Hi');
    await ann.sees('typing-indicator');
    await ben.page.keyboard.press('Enter');
    await ann.reads('Hi');
    await ann.act('Bonjour', 'edit');
    await ann.say('Bonsoir');
    await ben.reads('Bonsoir');

    await ben.get('file-input').setInputFiles([
      { name: 'garden.png', mimeType: 'image/png', buffer: png(64, 48) },
      { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('plain words\n') },
    ]);
    await ben.get('tray-file').nth(1).waitFor();
    await ben.say('Two files');
    await ann.get('file-name').filter({ hasText: 'notes.txt' }).waitFor();
    await shown(ann);

    await way.close();
    await ann.say('Later');
    await ann.reads('Later', 'pending');
    await way.open(() => scene.stack.port);
    await ben.reads('Later');

    await ben.page.reload();
    await ben.reads('Later');
    assert.deepEqual(await ben.texts(), await ann.texts());
    await ben.get('settings-button').click();
    await ben.get('sign-out').click();
    await ben.sees('login-form');
    await ben.signIn();
    await ben.sees(`conversation-${ann.name}`);
  });
}
