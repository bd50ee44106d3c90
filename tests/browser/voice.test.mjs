// Voice notes: recorded in one browser, heard in another.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { afterEach, test } from 'node:test';
import { temporaryDirectory } from '../support/stack.mjs';
import { Person, startOwnBrowser } from './people.mjs';
import { openScene } from './scene.mjs';

const scene = openScene();
const own = [];

/* Somebody whose browser has a microphone that hums, or none. */
async function speaker(...args) {
  const dir = temporaryDirectory();
  const context = await startOwnBrowser(dir, { args, serviceWorkers: 'block' });
  own.push({ dir, context });
  const person = await Person.at(context, `ann-${Date.now().toString(36)}`, scene.url);
  await person.register();
  own.at(-1).person = person;
  return person;
}
const HUMS = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

afterEach(async () => {
  for (const { dir, context, person } of own.splice(0)) {
    await context.close();
    rmSync(dir, { recursive: true, force: true });
    assert.deepEqual(person.complaints, []);
  }
});

const longer = (person) => person.get('voice-length').filter({ hasText: /0:(0[1-9]|[1-5]\d)/ }).waitFor();

test('what somebody says is recorded, sent and heard; thrown away it is not', async () => {
  const ann = await speaker(...HUMS);
  const ben = await scene.registered('ben');
  await ann.find(ben.name);
  await ann.get('voice-start').click();
  await longer(ann);
  await ann.get('voice-cancel').click();
  await ann.noLongerSees('voice');
  assert.equal(await ann.get('composer-input').evaluate((input) => input === document.activeElement), true);
  await ann.get('voice-start').click();
  await longer(ann);
  await ann.get('send-button').click();
  await ann.noLongerSees('voice');
  await ben.open(ann.name);
  await ben.get('file-name').getByText(/^Voice note .*\.weba$/).waitFor();
  assert.equal(await ben.get('message').count(), 1);
  await ben.get('media-play').click();
  await ben.page.waitForFunction(() => {
    const audio = document.querySelector('audio');
    return audio && !audio.error && audio.currentTime > 0.3;
  });
});

test('what one was saying when one goes elsewhere waits to be sent', async () => {
  const ann = await speaker(...HUMS);
  const [ben, cyd] = await Promise.all([scene.registered('ben'), scene.registered('cyd')]);
  await ann.find(ben.name);
  await ann.say('hello');
  await ann.find(cyd.name);
  await ann.say('hello');
  await ann.get('voice-start').click();
  await longer(ann);
  await ann.get('search-input').fill('');
  await ann.open(ben.name);
  await ann.noLongerSees('voice');
  await ann.open(cyd.name);
  await ann.get('tray').getByText(/Voice note/).waitFor();
  await ann.get('send-button').click();
  await cyd.open(ann.name);
  await cyd.get('media-play').waitFor();
});

test('one that was sent is, though one goes elsewhere at once', async () => {
  const ann = await speaker(...HUMS);
  const ben = await scene.registered('ben');
  await ann.find(ben.name);
  await ann.get('voice-start').click();
  await longer(ann);
  await ann.page.evaluate(() => {
    const { stop } = MediaRecorder.prototype;
    MediaRecorder.prototype.stop = function slowly() { setTimeout(() => stop.call(this), 300); };
    document.querySelector('[data-testid=send-button]').click();
    location.hash = '#/';
  });
  await ann.noLongerSees('composer-input');
  await ben.open(ann.name);
  await ben.get('media-play').waitFor();
});

test('who has no microphone, or gives none, is told why', async () => {
  const ann = await speaker();
  const ben = await scene.registered('ben');
  await ann.find(ben.name);
  await ann.page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
  });
  await ann.get('voice-start').click();
  await ann.get('voice-refused').getByText('gives the page no microphone').waitFor();
  await ann.noLongerSees('voice');
  await ann.page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotFoundError'));
  });
  await ann.get('voice-start').click();
  await ann.get('voice-refused').getByText('No microphone was found').waitFor();
  await ann.get('composer-input').fill('words, then');
  assert.equal(await ann.get('voice-start').count(), 0);
});
