// What others wrote, at a page: text, whatever it looks like.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshName } from './people.mjs';
import { openScene } from './scene.mjs';

const MARKUP = '<img src=/stolen onerror=alert(1)><svg onload=alert(2)>';
const scene = openScene();

/* Ann, at her page, and what her page did that no text should make it do. */
async function victim() {
  const ann = await scene.registered('ann');
  const done = [];
  ann.page.on('dialog', (dialog) => { done.push(dialog.message()); dialog.dismiss(); });
  ann.page.on('request', (request) => { if (request.url().includes('/stolen')) done.push(request.url()); });
  const { user } = await scene.stack.login(ann.name);
  return { ann, done, id: user._id };
}

test('markup in a name, a status and a message is shown, and does nothing', async () => {
  const her = await victim();
  const { ann } = her;
  const eve = await scene.stack.register(freshName('eve'), { displayName: MARKUP, avatar: '/stolen' });
  await eve.api('/api/users/profile', { method: 'PUT', body: { statusText: MARKUP } });
  await ann.get('search-input').fill(eve.user.username);
  const found = ann.get(`person-${eve.user.username}`);
  await found.getByText(MARKUP, { exact: true }).first().waitFor();
  await eve.api('/api/messages', { body: { recipient_id: her.id, content: MARKUP } });
  await ann.get('search-input').fill('');
  const row = ann.get(`conversation-${eve.user.username}`);
  await row.getByText(MARKUP, { exact: true }).nth(1).waitFor();
  assert.deepEqual(await row.getByText(MARKUP, { exact: true }).allInnerTexts(), [MARKUP, MARKUP]);
  await row.click();
  await ann.reads(MARKUP);
  assert.match(await ann.get('chat-title').innerText(), /<img src=\/stolen/);
  assert.equal(await ann.page.locator('#app img, #app svg[onload], #app script').count(), 0);
  assert.deepEqual(her.done, []);
});

test('what turns text around stays within its own text', async () => {
  const her = await victim();
  const { ann } = her;
  const eve = await scene.stack.register(freshName('eve'));
  const content = '\u202eetouq \u2067on\u2069 https://a.example/\u05d0?b=1 \u202a';
  await eve.api('/api/messages', { body: { recipient_id: her.id, content } });
  const row = ann.get(`conversation-${eve.user.username}`);
  const isolated = (locator) => locator.evaluate((element) =>
    getComputedStyle(element).unicodeBidi);
  await row.waitFor();
  for (const part of ['.title', '.preview']) {
    assert.match(await isolated(row.locator(part)), /isolate|plaintext/, part);
  }
  await row.click();
  const text = ann.get('message-text');
  await text.waitFor();
  assert.equal(await text.evaluate((element) => element.textContent), content);
  const link = text.getByRole('link'); // reads from left to right in any text
  for (const element of [text, link, ann.get('chat-title')]) {
    assert.match(await isolated(element), /isolate|plaintext/);
  }
  assert.equal(await link.evaluate((element) => getComputedStyle(element).direction), 'ltr');
  assert.deepEqual(her.done, []);
});

test('the page lets no script run but its own, and sits in no frame', async () => {
  const her = await victim();
  const answer = await her.ann.page.reload();
  const policy = answer.headers()['content-security-policy'];
  for (const part of ["default-src 'self'", "script-src 'self'", "object-src 'none'", "base-uri 'none'",
    "frame-ancestors 'none'"]) {
    assert.ok(policy.includes(part), part);
  }
  assert.doesNotMatch(policy, /unsafe|\*/);
  await her.ann.page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'alert(3)';
    document.body.append(script);
    document.body.insertAdjacentHTML('beforeend', '<button onclick="alert(4)">x</button>');
    document.body.lastElementChild.click();
  });
  assert.ok(her.ann.complaints.splice(0).every((text) => /Content Security Policy/.test(text)));
  assert.deepEqual(her.done, []);
});

test('what runs in the page can tell nobody elsewhere', async () => {
  const her = await victim();
  await her.ann.page.reload();
  const said = await her.ann.page.evaluate((asks) => Promise.all(asks.map((address) => new Promise((resolve) => {
    addEventListener('securitypolicyviolation', ({ blockedURI, effectiveDirective }) => {
      if (blockedURI.startsWith(address)) resolve(effectiveDirective);
    });
    const tried = () => setTimeout(resolve, 1000, 'tried');
    if (address.startsWith('ws')) new WebSocket(address).onerror = tried;
    else fetch(address).catch(tried);
  }))), ['ws://127.0.0.1:9', 'wss://evil.invalid', 'http://127.0.0.1:9', 'https://evil.invalid']);
  assert.deepEqual(said, Array(4).fill('connect-src'));
  her.ann.complaints.splice(0);
  assert.deepEqual(her.done, []);
});
