// Which files a conversation shows, and its history from a time on.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertError } from '../support/http.mjs';
import { png } from '../support/pictures.mjs';
import { startStack } from '../support/stack.mjs';

const NOBODY = '0123456789abcdef01234567';
let stack;

before(async () => {
  stack = await startStack({ set: { write_rate: 100, write_burst: 1000 } });
});
after(() => stack.stop());

const someone = (stem) => stack.newcomer(stem);
const upload = async (who, name) => (await who.api(`/api/files?name=${name}`,
  { body: png(3, 2), headers: { 'Content-Type': 'application/octet-stream' } })).body._id;
const say = async (who, where, more) => {
  const { status, body, text } = await who.api('/api/messages', { body: { ...where, ...more } });
  assert.equal(status, 201, text);
  return body;
};
const files = (who, id, query = '') => who.api(`/api/conversations/${id}/files${query}`);
const names = ({ body }) => body.items.map(({ attachment }) => attachment.name);

test('the files of a conversation are listed newest first, page by page, for who sees them', async () => {
  const [ann, bob, cat] = await Promise.all(['ann', 'bob', 'cat'].map(someone));
  const group = (await ann.api('/api/conversations', { body: { title: 'x', members: [bob.id] } })).body._id;
  const where = { conversationId: group };
  for (const name of ['a.png', 'b.png', 'c.png']) {
    await say(ann, where, { attachment: await upload(ann, name) });
    await say(bob, where, { content: `about ${name}` });
  }
  assert.deepEqual(names(await files(bob, group)), ['c.png', 'b.png', 'a.png']);
  const first = await files(bob, group, '?limit=2');
  assert.deepEqual([names(first), first.body.more], [['c.png', 'b.png'], true]);
  const second = await files(bob, group, `?limit=2&before=${first.body.items.at(-1).seq}`);
  assert.deepEqual([names(second), second.body.more], [['a.png'], false]);
  assertError(await files(cat, group), 404, 'not_found');
  assertError(await files(cat, NOBODY), 404, 'not_found');
  assertError(await files(bob, group, '?before=x'), 400, 'invalid', 'before');
  await ann.api(`/api/conversations/${group}/members`, { method: 'POST', body: { userId: cat.id } });
  assert.deepEqual(names(await files(cat, group)), [], 'what was before is not theirs');
  const last = await say(ann, where, { content: 'look', attachment: await upload(ann, 'd.png') });
  assert.deepEqual(names(await files(cat, group)), ['d.png']);
  await bob.api(`/api/messages/${last._id}/reactions`, { method: 'PUT', body: { emoji: '👍', on: true } });
  const [shown] = (await files(cat, group)).body.items;
  const history = (await cat.api(`/api/messages/conversation?conversationId=${group}`)).body.items;
  assert.deepEqual(shown, history.at(-1), 'as everywhere');
  assert.deepEqual(shown.reactions.map(({ emoji, count: people }) => [emoji, people]), [['👍', 1]]);
  await ann.api(`/api/messages/${last._id}`, { method: 'DELETE' });
  assert.deepEqual(names(await files(cat, group)), []);
  assert.deepEqual(names(await files(bob, group)), ['c.png', 'b.png', 'a.png']);
});

test('what is hidden of a blocked person is in no list of files', async () => {
  const [ann, bob] = await Promise.all(['ann', 'bob'].map(someone));
  const { conversationId } = await say(ann, { recipient_id: bob.id }, { content: 'x' });
  await bob.api(`/api/users/${ann.id}/block`, { method: 'PUT' });
  await say(ann, { recipient_id: bob.id }, { attachment: await upload(ann, 'a.png') });
  assert.deepEqual(names(await files(bob, conversationId)), []);
  assert.deepEqual(names(await files(ann, conversationId)), ['a.png']);
});

test('history begins with what was written at a time', async () => {
  const [ann, bob] = await Promise.all(['ann', 'bob'].map(someone));
  const sent = [];
  for (let n = 1; n <= 6; n += 1) {
    sent.push(await say(ann, { recipient_id: bob.id }, { content: `${n}` }));
    await sleep(20);
  }
  const at = async (time, more = '') => {
    const { body } = await bob.api(`/api/messages/conversation?with=${ann.id}&at=${encodeURIComponent(time)}${more}`);
    return [body.items.map(({ seq }) => seq), body.more];
  };
  assert.deepEqual(await at(sent[2].createdAt), [[3, 4, 5, 6], false]);
  assert.deepEqual(await at(sent[2].createdAt, '&limit=2'), [[3, 4], true]);
  assert.deepEqual(await at(new Date(Date.parse(sent[3].createdAt) + 5).toISOString()), [[5, 6], false]);
  assert.deepEqual(await at('1999-01-01T00:00:00Z', '&limit=3'), [[1, 2, 3], true]);
  assert.deepEqual(await at('2999-01-01T00:00:00Z', '&limit=2'), [[5, 6], true], 'nothing since: the newest');
  for (const wrong of ['', 'yesterday', '2026-13-01T00:00:00Z']) {
    assertError(await bob.api(`/api/messages/conversation?with=${ann.id}&at=${wrong}`), 400, 'invalid', 'at');
  }
  const cat = await someone('cat');
  assert.deepEqual((await cat.api(`/api/messages/conversation?with=${ann.id}&at=1999-01-01T00:00:00Z`)).body.items, []);
});
