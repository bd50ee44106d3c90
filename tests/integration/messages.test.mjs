// Messages over the real stack: REST and sockets are two doors to one room.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertError } from '../support/http.mjs';
import { call, collect, next } from '../support/socket.mjs';
import { startStack, waitFor } from '../support/stack.mjs';

const NOBODY = '0190000000000000000000b2';
let stack;

before(async () => { stack = await startStack(); });
after(() => stack.stop());

const person = (name) => stack.newcomer(name);
/* Two people who never met. */
const pair = () => Promise.all(['ann', 'bob'].map(person));

function send(from, to, content, more = {}) {
  return from.api('/api/messages', { body: { recipient_id: to.id, content, ...more } });
}

async function history(who, other, query = '') {
  const answer = await who.api(`/api/messages/conversation?with=${other.id}${query}`);
  assert.equal(answer.status, 200);
  return answer.body;
}

test('a message sent over REST reaches every socket of both, once', async () => {
  const [ann, bob] = await pair();
  const sockets = await Promise.all([ann.connect(), bob.connect(), bob.connect()]);
  const heard = sockets.map((socket) => collect(socket, 'message:new'));
  const opened = sockets.map((socket) => next(socket, 'conversation:new'));
  const known = sockets.map((socket) => next(socket, 'presence'));

  const sent = await send(ann, bob, 'hello', { clientId: 'rest-1' });
  assert.equal(sent.status, 201);
  const views = await Promise.all(opened);
  for (const view of views) assert.deepEqual(view, views[0]);
  assert.deepEqual(views[0].members.map(({ userId, readSeq }) => [userId, readSeq]).sort(),
    [[ann.id, 1], [bob.id, 0]].sort());
  assert.equal(views[0].lastMessage._id, sent.body._id);
  assert.deepEqual((await Promise.all(known)).map(({ online }) => online),
    [[bob.id], [ann.id], [ann.id]], 'who is there follows');
  await waitFor('all to hear', () => heard.every((events) => events.length > 0));
  await sleep(400);
  for (const events of heard) {
    assert.equal(events.length, 1);
    assert.deepEqual(events[0], sent.body);
  }
});

test('the same clientId over REST and socket makes one message', async () => {
  const [ann, bob] = await pair();
  const [mine, his] = await Promise.all([ann.connect(), bob.connect()]);
  const heard = collect(his, 'message:new');
  const body = { content: 'once', clientId: 'both-1' };

  const [rest, acknowledged] = await Promise.all([
    send(ann, bob, 'once', { clientId: 'both-1' }),
    call(mine, 'send-message', { to: bob.id, ...body }),
  ]);
  assert.equal(acknowledged.ok, true);
  assert.equal(acknowledged.id, rest.body._id);
  assert.deepEqual(
    [rest.body.duplicate === true, acknowledged.duplicate === true].sort(), [false, true]);
  await waitFor('it', () => heard.length > 0);
  await sleep(400);
  assert.equal(heard.length, 1);
  assert.equal((await history(bob, ann)).items.length, 1);
});

test('twenty requests at once with one clientId make one row', async () => {
  const [ann, bob] = await pair();
  const answers = await Promise.all(Array.from({ length: 20 }, () =>
    send(ann, bob, 'once', { clientId: 'twenty' })));

  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  assert.equal(answers.filter(({ status, body }) => status === 200 && body.duplicate).length, 19);
  assert.equal(new Set(answers.map(({ body }) => body._id)).size, 1);
  const other = await send(ann, bob, 'another', { clientId: 'twenty' });
  assert.equal(other.status, 409);
  assert.equal(other.body.error.code, 'client_id_reused');
});

test('many writers at once leave no hole in seq', async () => {
  const [ann, bob] = await pair();
  const sockets = await Promise.all([ann.connect(), bob.connect()]);

  await Promise.all(Array.from({ length: 60 }, (_, i) => {
    const [from, to, socket] = i % 2 ? [ann, bob, sockets[0]] : [bob, ann, sockets[1]];
    return i % 4 < 2 ? send(from, to, `m${i}`)
      : call(socket, 'send-message', { to: to.id, content: `m${i}` });
  }));
  const page = await history(ann, bob, '&limit=100');
  assert.deepEqual(page.items.map(({ seq }) => seq), Array.from({ length: 60 }, (_, i) => i + 1));
  assert.equal(new Set(page.items.map(({ content }) => content)).size, 60);
  const verified = await stack.ctl('verify');
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
});

test('ticks go from sent to received to read, live and in history', async () => {
  const [ann, bob] = await pair();
  const [mine, his] = await Promise.all([ann.connect(), bob.connect()]);
  const sent = (await send(ann, bob, 'tick')).body;
  const ticks = async () => (await history(ann, bob)).items[0].status;

  assert.equal(await ticks(), 'sent');
  const received = next(mine, 'message:received');
  assert.deepEqual(
    await call(his, 'message-received', { conversationId: sent.conversationId, seq: 1 }),
    { ok: true });
  assert.equal((await received).messageId, sent._id);
  assert.equal(await ticks(), 'received');
  const read = next(mine, 'message:read');
  assert.deepEqual(await call(his, 'message-read', { messageId: sent._id }), { ok: true });
  const { messageId, _id, id, readSeq, userId } = await read;
  assert.deepEqual({ messageId, _id, id, readSeq, userId },
    { messageId: sent._id, _id: sent._id, id: sent._id, readSeq: 1, userId: bob.id });
  assert.equal(await ticks(), 'read');
  const [conversation] = (await bob.api('/api/conversations')).body;
  assert.equal(conversation.unread, 0);
});

test('answering reads what was before it', async () => {
  const [ann, bob] = await pair();
  const mine = await ann.connect();

  await send(ann, bob, 'question');
  const read = next(mine, 'message:read');
  await send(bob, ann, 'answer');
  assert.equal((await read).readSeq, 2);
  assert.equal((await history(ann, bob)).items[0].status, 'read');
});

test('an edit and a deletion reach open sockets and stay', async () => {
  const [ann, bob] = await pair();
  const his = await bob.connect();
  const { _id } = (await send(ann, bob, 'teh')).body;

  const updated = next(his, 'message:updated');
  const edit = await ann.api(`/api/messages/${_id}`, { method: 'PUT', body: { content: 'the' } });
  assert.equal(edit.status, 200);
  assert.deepEqual(await updated, edit.body);
  const deleted = next(his, 'message:deleted');
  assert.equal((await ann.api(`/api/messages/${_id}`, { method: 'DELETE' })).status, 200);
  assert.equal((await deleted).deleted, true);
  const page = await history(bob, ann);
  assert.deepEqual(page.items.map(({ content, deleted: gone }) => [content, gone]), [['', true]]);
  assert.equal(page.lastChange, 2);
  assert.equal((await bob.api(`/api/messages/${_id}`, { method: 'DELETE' })).status, 403);
});

test('the old page is newest first and reads what it shows', async () => {
  const [ann, bob] = await pair();
  for (const content of ['one', 'two', 'three']) await send(ann, bob, content);

  const page = await bob.api(`/api/messages/${ann.id}?page=1&limit=2`);
  assert.equal(page.status, 200);
  assert.deepEqual(page.body.items.map(({ content }) => content), ['three', 'two']);
  const rest = await bob.api(`/api/messages/conversation/${ann.id}?page=2&limit=2`);
  assert.deepEqual(rest.body.items.map(({ content }) => content), ['one']);
  assert.equal((await history(ann, bob)).items[2].status, 'read');
});

test('nobody sees or touches what is not theirs', async () => {
  const [ann, bob] = await pair();
  const [eve] = await pair();
  const { _id, conversationId } = (await send(ann, bob, 'secret')).body;

  const tries = [
    [`/api/messages/conversation?conversationId=${conversationId}`],
    ['/api/messages', { body: { conversationId, content: 'x' } }],
    ['/api/messages', { body: { recipient_id: ann.id, content: 'x', replyTo: _id } }],
    [`/api/messages/${_id}`, { method: 'PUT', body: { content: 'x' } }],
    [`/api/messages/${_id}`, { method: 'DELETE' }],
    [`/api/messages/${_id}/read`, { method: 'POST' }],
    ['/api/messages/read', { body: { conversationId, seq: 1 } }],
    ['/api/messages/received', { body: { conversationId, seq: 1 } }],
  ];
  for (const [target, options] of tries) {
    const answer = await eve.api(target, options);
    assert.equal(answer.status, 404, target);
    assert.equal(answer.body.error.code, 'not_found');
    assert.ok(!answer.text.includes('secret'));
  }
  const socket = await eve.connect();
  for (const event of ['message-read', 'message-received']) {
    assert.equal((await call(socket, event, { messageId: _id })).error.code, 'not_found');
  }
  const sent = await call(socket, 'send-message', { conversationId, content: 'x' });
  assert.equal(sent.error.code, 'not_found');
});

test('bad input is refused by name, and nothing is written', async () => {
  const [ann, bob] = await pair();
  const socket = await ann.connect();
  const good = { recipient_id: bob.id, content: 'x' };
  const cases = [
    ['{"recipient_id":', 400, 'invalid_json'],
    ['[]', 400, 'invalid_json'],
    ['', 400, 'invalid_json'],
    ['{"a":'.repeat(20) + '1' + '}'.repeat(20), 400, 'too_deep'],
    [Buffer.from('{"content":"\xff"}', 'latin1'), 400, 'invalid_json'],
    [JSON.stringify({ ...good, content: 'x'.repeat(2 * 1024 * 1024) }), 413, 'too_large'],
    [{ ...good, content: 'x'.repeat(5001) }, 400, 'invalid', 'content'],
    [{ ...good, content: ' \n\u3000' }, 400, 'invalid', 'content'],
    [{ ...good, content: 'a\0b' }, 400, undefined],
    [{ ...good, content: 7 }, 400, 'invalid', 'content'],
    [{ content: 'x' }, 400, 'invalid', 'recipient_id'],
    [{ ...good, recipient_id: [bob.id] }, 400, 'invalid', 'recipient_id'],
    [{ ...good, recipient_id: { $ne: null } }, 400, 'invalid', 'recipient_id'],
    [{ ...good, recipient_id: NOBODY }, 404, 'not_found'],
    [{ ...good, clientId: 'x'.repeat(65) }, 400, 'invalid', 'clientId'],
    [{ ...good, clientId: 7 }, 400, 'invalid', 'clientId'],
    [{ ...good, replyTo: 'x' }, 400, 'invalid', 'replyTo'],
    [{ ...good, replyTo: NOBODY }, 404, 'not_found'],
    [{ ...good, attachment: { _id: 'x' } }, 400, 'invalid', 'attachment'],
  ];
  for (const [body, status, code, field] of cases) {
    const answer = await ann.api('/api/messages', { method: 'POST', body });
    const label = answer.text.slice(0, 200);
    assert.equal(answer.status, status, label);
    if (code) assert.equal(answer.body.error.code, code, label);
    if (field) assert.equal(answer.body.error.field, field, label);
  }
  for (const data of [undefined, null, 'x', [], { to: 7 }, { to: bob.id },
    { to: bob.id, content: 'x'.repeat(5001) }]) {
    const refused = await call(socket, 'send-message', data);
    assert.equal(refused.ok, false);
    assert.equal(refused.error.code, 'invalid');
  }
  assert.equal((await history(ann, bob)).items.length, 0);
  const most = await send(ann, bob, '\u{1f600}'.repeat(5000));
  assert.equal(most.status, 201);
});

test('who has no session gets 401 everywhere', async () => {
  for (const [target, options] of [
    ['/api/messages', { body: {} }],
    ['/api/conversations'],
    ['/api/messages/conversations'],
    [`/api/messages/${NOBODY}`],
    ['/api/sync', { body: {} }],
  ]) {
    const answer = await stack.api(target, options);
    assert.equal(answer.status, 401, target);
    assert.match(answer.headers.get('www-authenticate'), /^Bearer/);
  }
});

test('a mention is shown to all, over REST and sockets, and goes with the text', async () => {
  const [ann, bob] = await Promise.all(['ann', 'bob'].map(person));
  const mine = await ann.connect();
  const his = await bob.connect();
  const heard = next(his, 'message:new');
  const mentions = [{ userId: bob.id, start: 2, length: 4 }];
  const ack = await call(mine, 'send-message', { to: bob.id, content: '🌳 @bob', mentions });
  assert.equal(ack.ok, true, JSON.stringify(ack));
  assert.deepEqual(ack.message.mentions, mentions);
  assert.deepEqual((await heard).mentions, mentions);
  const put = (body) => ann.api(`/api/messages/${ack.id}`, { method: 'PUT', body });
  assert.deepEqual((await put({})).body.mentions, mentions, 'as it is');
  assert.deepEqual((await put({ content: 'none' })).body.mentions, []);
  const again = [{ userId: ann.id, start: 0, length: 3 }, { userId: bob.id, start: 3, length: 1 }];
  assert.deepEqual((await put({ content: 'meu', mentions: [{ userId: ann.id, start: 0, length: 3 }] })).body.mentions,
    again.slice(0, 1));
  assert.deepEqual((await put({ content: 'meuu', mentions: again })).body.mentions, again);
});

test('only people of the conversation are mentioned, and within its text', async () => {
  const [ann, bob, cat] = await Promise.all(['ann', 'bob', 'cat'].map(person));
  const said = (mentions) => ann.api('/api/messages', { body: { recipient_id: bob.id, content: 'hé', mentions } });
  const of = (userId, start, length) => [{ userId, start, length }];
  assertError(await said(of(cat.id, 0, 1)), 409, 'not_member');
  assertError(await said(of(bob.id, 1, 2)), 400, 'invalid', 'mentions');
  assertError(await said(of('bob', 0, 1)), 400, 'invalid', 'mentions');
  assertError(await said(Array.from({ length: 51 }, () => of(bob.id, 0, 1)[0])), 400, 'invalid', 'mentions');
  const { _id } = (await said(of(bob.id, 1, 1))).body;
  assertError(await ann.api(`/api/messages/${_id}`, { method: 'PUT', body: { content: 'x', mentions: of(cat.id, 0, 1) } }),
    409, 'not_member');
  const socket = await ann.connect();
  const ack = await call(socket, 'send-message', { to: bob.id, content: 'x', mentions: of(cat.id, 0, 1) });
  assert.equal(ack.error.code, 'not_member');
});
