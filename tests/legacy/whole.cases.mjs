// The old client from sign-up to sign-out, and what its operators know.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { next } from '../support/socket.mjs';
import { password, top, waitFor } from '../support/stack.mjs';
import { rows } from './rows.mjs';
import { world } from './world.mjs';

const until = (what, condition) => waitFor(what, condition);

async function chatBothWays(ann, bob) {
  await ann.send(bob.id, 'Hello Bob');
  await until('unread', () => bob.unread.get(ann.id) === 1);
  await bob.show(ann.id);
  assert.equal(bob.unread.get(ann.id), 0);
  await bob.emit('send-message', { to: ann.id, content: 'Hello Ann' });
  await ann.show(bob.id);
  await ann.send(bob.id, 'How are you?', 'one-of-mine');
  for (const [one, other] of [[ann, bob], [bob, ann]]) {
    await until('the same', () => one.shows(other.id).length === 3);
    assert.deepEqual(one.shows(other.id), ['Hello Bob', 'Hello Ann', 'How are you?']);
  }
  const mine = () => [...ann.threads.get(bob.id).values()].at(-1);
  await until('read, for he is looking', () => mine().status === 'read');
}

async function typeBothWays(ann, bob) {
  for (const [one, other] of [[ann, bob], [bob, ann]]) {
    await one.emit('typing', { to: other.id });
    await until('typing', () => other.typing.has(one.id));
    await one.emit('send-message', { to: other.id, content: 'typed' });
    await until('no longer', () => !other.typing.has(one.id));
  }
}

async function comeAndGo(ann, bob) {
  await until('online', () => ann.status.get(bob.id) === 'online');
  bob.close();
  await until('offline', () => ann.status.get(bob.id) === 'offline');
  await ann.send(bob.id, 'while you were out');
  await bob.connect();
  await until('back', () => ann.status.get(bob.id) === 'online');
  await bob.conversations();
  assert.equal(bob.unread.get(ann.id), 1);
}

async function pageBack(ann, bob) {
  for (let i = 0; i < 70; i += 1) await bob.send(ann.id, `older ${i}`);
  await ann.show(bob.id);
  assert.equal(ann.shows(bob.id).length, 30);
  while (await ann.older(bob.id));
  const whole = ann.shows(bob.id);
  assert.deepEqual([whole.length, whole[0], whole.at(-1)], [76, 'Hello Bob', 'older 69']);
}

const client = {
  'signs up, lists people, chats both ways, shows typing, presence and unread, pages back': async () => {
    const [ann, bob] = await world.onlines('ann', 'bob');
    const { items } = await ann.users();
    assert.ok(items.some(({ _id }) => _id === bob.id));
    await chatBothWays(ann, bob);
    await typeBothWays(ann, bob);
    await comeAndGo(ann, bob);
    await pageBack(ann, bob);
    const end = next(ann.socket, 'disconnect');
    await ann.logout();
    await end;
  },
  'keeps {token, user} and is signed in after a reload': async () => {
    const ann = await world.someone();
    const reloaded = world.client(ann.storage);
    assert.deepEqual([reloaded.id, reloaded.signedIn.user.username], [ann.id, ann.name]);
    await reloaded.connect();
    await reloaded.login(ann.email, password);
    await reloaded.users();
  },
};

const readme = readFileSync(path.join(top, 'README.md'), 'utf8');
const NAMES = rows['settings operators know'];

export const cases = {
  'the client as it was': client,
  'settings operators know': Object.fromEntries(NAMES.map((name) => [name, () =>
    assert.match(readme, new RegExp(`^\\|.*\`${name}\`.*\\|.*\\S.*\\|$`, 'm'))])),
};
