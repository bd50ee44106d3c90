// What no other test meets of docs/openapi.json and docs/asyncapi.yaml. That
// it is as described is seen to where it arrives, in tests/support; here it
// only has to happen.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, renameSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { operations } from '../support/description.mjs';
import { frame } from '../support/fastcgi.mjs';
import { call, next } from '../support/socket.mjs';
import { startStack, waitFor, top } from '../support/stack.mjs';

const NOBODY = '0190000000000000000000b2';
let stack;
let ann;
let bob;
let boss; // an operator: asks for what is theirs
let eve; // asks for everything else, also to be signed out
let sent;

before(async () => {
  stack = await startStack({
    set: { presence_grace_ms: 100, typing_stop_ms: 200 },
  });
  boss = await stack.operator('boss');
  [ann, bob, eve] = await Promise.all(['ann', 'bob', 'eve'].map((name) => stack.register(name)));
  sent = (await ann.api('/api/messages', { body: { recipient_id: bob.id, content: 'x' } })).body;
});
after(() => stack.stop());

const isOperators = (template) => template.startsWith('/api/operator/');

const target = ({ path: template }) => template.replace(/\{\w+\}/g, NOBODY);

function ask({ method, ...operation }, { query = '', ...options } = {}) {
  const who = isOperators(operation.path) ? boss : eve;
  return who.api(target(operation) + query, { method, ...options });
}

/* Every operation that can answer so is made to. */
async function provoke(status, options, answering = operations) {
  const those = answering.filter(({ operation }) => operation.responses[status]);
  assert.ok(those.length > 0);
  await Promise.all(those.map(async (one) => {
    const answer = await ask(one, options);
    assert.equal(answer.status, status, `${one.method} ${one.path}: ${answer.text}`);
  }));
}

test('the description is served as it is in the source', async () => {
  const { text, body } = await stack.api('/api/openapi.json');
  assert.equal(text, readFileSync(path.join(top, 'docs/openapi.json'), 'utf8'));
  assert.equal(body.info.version, (await stack.api('/api/health')).body.version);
});

test('every operation refuses a malformed address', () => provoke(400, { query: '?a=%zz' }));

test('every operation that needs a session refuses to do without', () =>
  provoke(401, { token: 'none' }, operations.filter(({ operation }) => !operation.security)));

test('every operation refuses addresses and headers beyond 8 KiB', async () => {
  await provoke(414, { query: `?a=${'b'.repeat(9000)}` });
  await provoke(431, { headers: { 'X-Big': 'b'.repeat(9000) } });
});

test('every operation that takes a body refuses a large one and a strange one', async () => {
  const streams = ({ operation }) => operation.operationId === 'uploadFile'; // files.test.mjs
  const others = operations.filter((one) => !streams(one));
  await provoke(413, { body: Buffer.alloc(1024 * 1024 + 1, ' ') }, others);
  await provoke(415, { body: '{}', headers: { 'Content-Type': 'text/plain' } }, others);
  await provoke(415, { body: '{}', headers: { 'Content-Type': 'multipart/form-data; boundary=x' } }, operations.filter(streams));
});

/* What counts against write_rate. */
const WRITES = [
  'logout', 'refresh', 'changePassword', 'endSessions', 'endSession', 'changeProfile', 'patchProfile',
  'sendMessage', 'markReceived', 'markRead', 'getPageByLongName', 'getPage', 'editMessage', 'deleteMessage', 'reactToMessage',
  'readMessage', 'listClients', 'getClientHistory', 'answerClient', 'kickClient', 'muteClient', 'unlockUser',
  'broadcast', 'changeServer', 'getAudit', 'listReports', 'reportMessage', 'blockAddress', 'unblockAddress',
];

test('every operation that writes is told to wait when it is too often', async () => {
  const strict = await startStack({ set: { write_rate: 1, write_burst: 1 } });
  try {
    const [dan, eli] = await Promise.all(['dan', 'eli'].map((name) => strict.register(name)));
    const op = await strict.operator('boss');
    const message = (await dan.api('/api/messages', { body: { recipient_id: eli.id, content: 'x' } })).body;
    const { conversationId } = message;
    const bodies = {
      sendMessage: { recipient_id: eli.id, content: 'x' },
      markReceived: { conversationId, seq: 1 },
      markRead: { conversationId, seq: 1 },
      editMessage: { content: 'y' },
      reactToMessage: { emoji: '\u{1f44d}', on: true },
      changeOwn: { mutedUntil: null },
      answerClient: { content: 'x' },
      muteClient: { seconds: 1 },
      broadcast: { message: 'x' },
      blockAddress: { address: '192.0.2.1', seconds: 1 },
      changeServer: { statusText: 'y' },
      changeProfile: { statusText: 'y' },
      patchProfile: { statusText: 'z' },
    };
    const writing = operations.filter(({ operation }) => WRITES.includes(operation.operationId));
    assert.equal(writing.length, WRITES.length);
    for (const { method, path: template, operation } of writing) {
      const place = template.replace('{userId}', dan.id).replace('{id}', isOperators(template) ? dan.id : message._id);
      const who = isOperators(template) ? op : /read|received|report|conversation\/|messages\/\{id\}$/.test(template) && method !== 'PUT' && method !== 'DELETE' ? eli : dan;
      await waitFor(`429 of ${method} ${template}`, async () => {
        // On a busy machine it may have got through, and have ended their sessions.
        if ((await who.api('/api/users/me')).status === 401) Object.assign(who, await strict.login(who.user.username));
        await Promise.all([1, 2, 3].map((n) => who.api('/api/messages',
          { body: { recipient_id: who === dan ? eli.id : dan.id, content: `${n}` } })));
        return (await who.api(place, { method, body: bodies[operation.operationId] })).status === 429;
      });
    }
  } finally {
    await strict.stop();
  }
});

test('what is not there is not found', async () => {
  const bodies = {
    sendMessage: { recipient_id: NOBODY, content: 'x' },
    markReceived: { conversationId: NOBODY, seq: 1 },
    markRead: { conversationId: NOBODY, seq: 1 },
    makeGroup: { title: 'x', members: [NOBODY] },
    changeGroup: { title: 'x' },
    addMembers: { userId: NOBODY },
    changeOwn: { mutedUntil: null },
    makeLink: {},
    answerClient: { content: 'x' },
    reactToMessage: { emoji: '\u{1f44d}', on: true },
    muteClient: { seconds: 1 },
    joinGroup: { code: 'x' },
  };
  for (const one of operations.filter(({ operation }) => operation.responses[404])) {
    const id = one.operation.operationId;
    const answer = await ask(one,
      { body: bodies[id], query: { getHistory: `?with=${NOBODY}`, searchMessages: `?q=x&conversationId=${NOBODY}` }[id] ?? '' });
    assert.equal(answer.status, 404, `${id}: ${answer.text}`);
  }
});

test('what is another\'s is forbidden, and what is read was received', async () => {
  const { _id, conversationId } = sent;
  for (const [who, method, target_, status, body] of [
    [bob, 'PUT', `/api/messages/${_id}`, 403, { content: 'y' }],
    [bob, 'DELETE', `/api/messages/${_id}`, 403],
    [ann, 'POST', `/api/messages/${_id}/read`, 403],
    [bob, 'POST', '/api/messages/received', 200, { conversationId, seq: 1 }],
    [bob, 'POST', `/api/messages/${_id}/read`, 200],
    [bob, 'GET', '/api/messages/conversations', 200],
    [bob, 'PATCH', '/api/users/profile', 409, { username: 'Ann' }],
    [bob, 'PATCH', '/api/users/profile', 403, { email: 'bob@x.example', password: 'not mine at all' }],
  ]) {
    const answer = await who.api(target_, { method, body });
    assert.equal(answer.status, status, `${method} ${target_}: ${answer.text}`);
  }
});

test('every operation is 503 while no worker listens', async () => {
  const sockets = ['api', 'auth'].map((name) => stack.socketPath(name));
  for (const socket of sockets) renameSync(socket, `${socket}.away`);
  try {
    await provoke(503);
  } finally {
    for (const socket of sockets) renameSync(`${socket}.away`, socket);
  }
});

test('every operation is 503 when no worker answers in time', async () => {
  const all = [stack.pid('palabre-api'), ...stack.workers('palabre-api')];
  for (const pid of all) process.kill(pid, 'SIGSTOP');
  try {
    await provoke(503, { signal: AbortSignal.timeout(40_000) });
  } finally {
    for (const pid of all) process.kill(pid, 'SIGCONT');
  }
});

test('typing, watching and receipts are acknowledged, and refused', async () => {
  const [mine, his] = [await ann.connect(), await bob.connect()];
  const { conversationId } = sent;
  const stopped = next(his, 'typing-stopped');
  for (const [event, good, bad] of [
    ['typing', { to: bob.id }, { to: 7 }],
    ['typing-stopped', { conversationId }, {}],
    ['watch-presence', { ids: [bob.id] }, { ids: ['x'] }],
    ['message-received', { conversationId, seq: 1 }, { conversationId }],
    ['message-read', { conversationId, seq: 1 }, { id: 'x' }],
  ]) {
    assert.equal((await call(mine, event, good)).ok, true, event);
    assert.equal((await call(mine, event, bad)).error.code, 'invalid', event);
  }
  await stopped;
  assert.equal((await call(mine, 'nothing', {})).error.code, 'unknown_event');
});

test('who goes is offline, and a forged token gets nobody in', async () => {
  const [mine, his] = [await ann.connect(), await bob.connect()];
  const gone = next(mine, 'user-offline', ({ userId }) => userId === bob.id);
  his.disconnect();
  for (const socket of stack.sockets) if (socket !== mine) socket.disconnect();
  await gone;
  await assert.rejects(stack.connectSocket('forged'), { message: 'Unauthorized' });
});

test('a gap that is too wide to fill is said to be one', async () => {
  const mine = await ann.connect();
  const worker = connect(stack.socketPath('notify'));
  const told = next(mine, 'sync');
  const head = { rooms: [`u:${ann.id}`], conversationId: sent.conversationId };
  try {
    await once(worker, 'connect');
    worker.write(Buffer.concat([
      frame('HELLO', { pid: process.pid, pool: 'api' }),
      frame('EVENT', { ...head, seq: 1 }, ['message:new', sent]),
      frame('EVENT', { ...head, seq: 5000 }, ['message:new', { ...sent, seq: 5000 }]),
      frame('BYE', {}),
    ]));
    await told;
  } finally {
    worker.destroy();
  }
});
