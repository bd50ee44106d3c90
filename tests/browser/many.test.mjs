// Somebody who is in more conversations than a sync may name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits } from '../../html/src/lib/generated.js';
import { openScene } from './scene.mjs';

const scene = openScene();

test('who is in more conversations than a sync may name hears what comes after a reconnect, of the oldest, too', async () => {
  const ann = await scene.newcomer('ann');
  const me = await scene.stack.register(ann.name);
  const ben = await scene.stack.newcomer('ben');
  const make = async (title) => (await ben.api('/api/conversations', { body: { title, members: [me.user._id] } })).body;
  const say = async (conversation, content) => {
    const { status } = await ben.api('/api/messages', { body: { conversationId: conversation._id, content } });
    assert.equal(status, 201);
  };
  const first = await make('First');
  for (let i = 2; i < limits.conversations; i += 1) await make(`Group ${i}`);
  await ann.signIn();
  await ann.sees('conversation-Group 999');
  let last;
  for (const title of ['Before', 'And before', 'Last']) last = await make(title);
  await ann.open('Last');
  const asked = [];
  ann.page.on('response', (response) => /\/api\/sync$/.test(response.url()) && asked.push(response.status()));
  await ann.context.setOffline(true);
  await ann.sees('net-banner');
  await say(last, 'while she was away');
  await ann.context.setOffline(false);
  await ann.reads('while she was away');
  await say(last, 'after the reconnect');
  await ann.reads('after the reconnect');
  await say(first, 'from the oldest');
  await ann.open('First');
  await ann.reads('from the oldest');
  assert.deepEqual([...new Set(asked)], [200]);
});
