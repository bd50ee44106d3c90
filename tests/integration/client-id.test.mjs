// A clientId names one message for ever: over every door, through a restart of
// everything, a year later, and after it was edited.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertError } from '../support/http.mjs';
import { mongodbOf } from '../support/mongodb.mjs';
import { call, collect } from '../support/socket.mjs';
import { password, startStack, temporaryDirectory, waitFor } from '../support/stack.mjs';

const YEAR_MS = 365 * 86400 * 1000;
const TIMES = 50;
const SOCKETS = 5;
const dir = temporaryDirectory();
const request = { content: 'once and for ever', clientId: 'for-ever' };
let stack;
let people; // {ann, bob}, each signed in
let first; // the message
let markers = 0;

before(async () => {
  stack = await startStack({ dir });
  people = { ann: await stack.register('ann'), bob: await stack.register('bob') };
});
after(async () => {
  await stack.stop();
  rmSync(dir, { recursive: true, force: true });
});

/* Everything ends and starts again, on the same store. */
async function restart(env) {
  for (const socket of stack.sockets) socket.disconnect();
  stack.run.child.kill('SIGTERM');
  await stack.run.ended;
  stack = await startStack({ dir, env });
}

/* The tokens are good still. */
function comeBack() {
  for (const [name, { token, user }] of Object.entries(people)) {
    people[name] = stack.person({ token, user });
  }
}

async function signIn(name) {
  const answer = await stack.api('/api/auth/login',
    { body: { username: name, password } });
  assert.equal(answer.status, 200);
  people[name] = stack.person(answer.body);
}

function overRest(body = request) {
  return people.ann.api('/api/messages', { body: { recipient_id: people.bob.id, ...body } });
}

/* Somebody new writes to bob: what was announced to him before has come then. */
async function mark(hisHeard) {
  markers += 1;
  const marker = await stack.register(`marker${markers}`);
  const content = `marker ${markers}`;
  assert.equal((await marker.api('/api/messages', { body: { recipient_id: people.bob.id, content } })).status, 201);
  await waitFor('the marker', () => hisHeard.some((message) => message.content === content));
  return content;
}

/* The same message fifty times at once, every other one over a socket; bob
 * hears of it `heard` times. Its answers: messages. */
async function sendAll(heard) {
  const his = collect(await people.bob.connect(), 'message:new');
  const sockets = await Promise.all(Array.from({ length: SOCKETS }, () => people.ann.connect()));
  const answers = await Promise.all(Array.from({ length: TIMES }, async (_, i) => {
    if (i % 2 === 0) {
      const { status, body } = await overRest();
      assert.equal(status, body.duplicate ? 200 : 201);
      return body;
    }
    const { ok, id, message, duplicate } = await call(sockets[i % SOCKETS], 'send-message',
      { to: people.bob.id, ...request });
    assert.equal(ok, true);
    assert.equal(id, message._id);
    return { ...message, ...(duplicate && { duplicate }) };
  }));
  await waitFor('all that bob is to hear', () => his.length >= heard);
  await sleep(400);
  const marker = await mark(his);
  assert.equal(his.filter(({ content }) => content !== marker).length, heard);
  return answers;
}

async function assertOneRow(content = request.content) {
  const page = await people.bob.api(`/api/messages/conversation?with=${people.ann.id}`);
  assert.deepEqual(page.body.items.map(({ _id, content: text }) => [_id, text]),
    [[first._id, content]]);
}

async function assertAllDuplicates(content = request.content) {
  for (const answer of await sendAll(0)) {
    assert.equal(answer.duplicate, true);
    assert.equal(answer._id, first._id);
    assert.equal(answer.content, content);
    assert.equal(answer.createdAt, first.createdAt);
  }
  await assertOneRow(content);
}

test('sent fifty times at once it is one row, told once', async () => {
  const answers = await sendAll(1);
  const news = answers.filter(({ duplicate }) => !duplicate);

  assert.equal(news.length, 1);
  [first] = news;
  assert.ok(answers.every(({ _id }) => _id === first._id));
  assert.equal(answers.filter(({ duplicate }) => duplicate === true).length, TIMES - 1);
  await assertOneRow();
});

test('after a restart of everything it is a duplicate', async () => {
  // There, what is younger may be announced once more (docs/mongodb.md).
  if (mongodbOf(stack)) await sleep(2500);
  await restart();
  comeBack();
  await assertAllDuplicates();
});

test('whose answer was lost is answered, though they were muted or removed since', async () => {
  const { ann, bob } = people;
  const group = (await ann.api('/api/conversations', { body: { title: 'g', members: [bob.id] } })).body._id;
  const sent = { conversationId: group, content: 'is it there?', clientId: 'lost' };
  const send = (body) => bob.api('/api/messages', { body });
  const message = (await send(sent)).body;
  const socket = await bob.connect();
  const assertThere = async () => {
    const { status, body } = await send(sent);
    assert.deepEqual([status, body.duplicate, body._id], [200, true, message._id]);
    const ack = await call(socket, 'send-message', sent);
    assert.deepEqual([ack.ok, ack.duplicate, ack.id], [true, true, message._id]);
  };
  const mute = async (time) => assert.equal((await stack.ctl('mute', bob.user.username, time)).code, 0);
  await mute('1h');
  await assertThere();
  assertError(await send({ ...sent, clientId: 'another' }), 403, 'muted');
  await mute('0');
  assert.equal((await ann.api(`/api/conversations/${group}/members/${bob.id}`, { method: 'DELETE' })).status, 200);
  await assertThere();
  assertError(await send({ ...sent, clientId: 'another' }), 404, 'not_found');
  assertError(await send({ ...sent, content: 'another' }), 409, 'client_id_reused');
});

test('a year later the old token is worth nothing', async () => {
  await restart({ PALABRE_TEST_CLOCK_OFFSET_MS: String(YEAR_MS) });
  comeBack();
  const answer = await people.ann.api('/api/users/me');
  assert.equal(answer.status, 401);
  await assert.rejects(people.ann.connect(), { message: 'Unauthorized' });
});

test('a year later, signed in again, it is a duplicate', async () => {
  await signIn('ann');
  await signIn('bob');
  await assertAllDuplicates();
});

test('after an edit it is a duplicate still, and shows the edit', async () => {
  const edit = await people.ann.api(`/api/messages/${first._id}`,
    { method: 'PUT', body: { content: 'edited' } });
  assert.equal(edit.status, 200);
  await assertAllDuplicates('edited');
});

test('the same clientId with another request is refused', async () => {
  const socket = await people.ann.connect();
  const others = [
    { ...request, content: 'something else' },
    { ...request, content: 'edited' },
    { ...request, replyTo: first._id },
  ];
  for (const body of others) {
    const answer = await overRest(body);
    assert.equal(answer.status, 409);
    assert.equal(answer.body.error.code, 'client_id_reused');
    const acknowledged = await call(socket, 'send-message', { to: people.bob.id, ...body });
    assert.equal(acknowledged.ok, false);
    assert.equal(acknowledged.error.code, 'client_id_reused');
  }
  await assertOneRow('edited');
});

test('what is new a year later is of that time', async () => {
  const news = await overRest({ content: 'new', clientId: 'new' });
  assert.equal(news.status, 201);
  assert.notEqual(news.body._id, first._id);
  const age = Date.parse(news.body.createdAt) - Date.now();
  assert.ok(Math.abs(age - YEAR_MS) < 60000, `${age} ms from now`);
});
