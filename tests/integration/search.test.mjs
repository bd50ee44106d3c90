// Searching what was said, over the real stack, with housekeeping at work.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertError } from '../support/http.mjs';
import { startStack } from '../support/stack.mjs';

const INDEXED_MS = 3000; // housekeeping comes once a second
let stack;

before(async () => { stack = await startStack(); });
after(() => stack.stop());

const people = (...names) => Promise.all(names.map((name) => stack.newcomer(name)));

async function say(from, to, content) {
  const answer = await from.api('/api/messages', { body: { recipient_id: to.id, content } });
  assert.equal(answer.status, 201);
  return answer.body;
}

const search = (who, query) => who.api(`/api/messages/search?${new URLSearchParams(query)}`);

async function find(who, query) {
  const answer = await search(who, query);
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

const said = ({ items }) => items.map(({ content }) => content);

test('one finds what was said to one, newest first, with where it stands, and nobody else does', async () => {
  const [ann, bob, cat] = await people('ann', 'bob', 'cat');
  await say(ann, bob, 'Où est le Café ?');
  const { conversationId, seq } = await say(bob, ann, 'The cafe is closed');
  await say(cat, bob, 'a cafe of theirs');
  for (let i = 0; i < 2; i += 1) { // at once, and when it is indexed
    const found = await find(ann, { q: 'CAFÉ' });
    assert.deepEqual(said(found), ['The cafe is closed', 'Où est le Café ?']);
    assert.deepEqual([found.more, found.before], [false, null]);
    assert.deepEqual([found.items[0].conversationId, found.items[0].seq], [conversationId, seq]);
    assert.deepEqual(said(await find(ann, { q: '"cafe is" clo' })), ['The cafe is closed']);
    assert.deepEqual(said(await find(bob, { q: 'cafe', from: cat.id })), ['a cafe of theirs']);
    assert.deepEqual(said(await find(bob, { q: 'cafe', conversationId })), ['The cafe is closed', 'Où est le Café ?']);
    assertError(await search(cat, { q: 'cafe', conversationId }), 404, 'not_found');
    await sleep(INDEXED_MS);
  }
});

test('pages go on where the last one ended', async () => {
  const [ann, bob] = await people('ann', 'bob');
  for (let i = 0; i < 7; i += 1) await say(i % 2 ? ann : bob, i % 2 ? bob : ann, `apple ${i}`);
  const contents = [];
  for (let before = null, pages = 0; pages < 9; pages += 1) {
    const found = await find(ann, { q: 'apple', limit: 3, ...(before && { before }) });
    contents.push(...said(found));
    before = found.before;
    if (!found.more) break;
  }
  assert.deepEqual(contents, [6, 5, 4, 3, 2, 1, 0].map((i) => `apple ${i}`));
});

test('what was deleted is not found, what was edited as it is now', async () => {
  const [ann, bob] = await people('ann', 'bob');
  const one = await say(ann, bob, 'secret plan');
  const two = await say(ann, bob, 'secret place');
  await sleep(INDEXED_MS);
  await ann.api(`/api/messages/${one._id}`, { method: 'DELETE' });
  await ann.api(`/api/messages/${two._id}`, { method: 'PUT', body: { content: 'open place' } });
  assert.deepEqual(said(await find(bob, { q: 'secret' })), []);
  assert.deepEqual(said(await find(bob, { q: 'place' })), ['open place']);
});

test('of a person one blocks nothing is found that they wrote since', async () => {
  const [ann, bob] = await people('ann', 'bob');
  await say(ann, bob, 'before apples');
  await bob.api(`/api/users/${ann.id}/block`, { method: 'PUT' });
  await say(ann, bob, 'after apples');
  assert.deepEqual(said(await find(bob, { q: 'apples' })), ['before apples']);
  assert.deepEqual(said(await find(ann, { q: 'apples' })), ['after apples', 'before apples']);
});

test('operators find nothing of support by their role', async () => {
  const [ann] = await people('ann');
  const boss = await stack.operator('boss');
  await ann.api('/api/messages', { body: { recipient_id: '000000000000000000000001', content: 'helpless' } });
  const { items: [{ conversationId }] } = await find(ann, { q: 'helpless' });
  assert.deepEqual(said(await find(boss, { q: 'helpless' })), []);
  assertError(await search(boss, { q: 'helpless', conversationId }), 404, 'not_found');
});

test('what is looked for is a text, and what it names are ids', async () => {
  const [ann] = await people('ann');
  assertError(await ann.api('/api/messages/search'), 400, 'invalid', 'q');
  assertError(await search(ann, { q: 'x'.repeat(201) }), 400, 'invalid', 'q');
  for (const name of ['conversationId', 'from', 'before']) {
    assertError(await search(ann, { q: 'x', [name]: 'y' }), 400, 'invalid', name);
  }
  for (const q of ['', '!?', '"', 'a OR b* NEAR(c) -d:e^ {f}', '漢'.repeat(200)]) {
    assert.deepEqual(await find(ann, { q }), { items: [], more: false, before: null });
  }
});
