// What an attacker with a browser, a terminal or an account of their own tries.
// docs/security.md says which line of the OWASP API Security Top 10 each of
// these proves; forged tokens, broken bodies and packets, floods and logs have
// their own files.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { SAID, document, documentParts, requestOf, requested } from '../support/authorization.mjs';
import { askedEvents, operations } from '../support/description.mjs';
import { assertError, raw } from '../support/http.mjs';
import { call, collect, connectSocket, next } from '../support/socket.mjs';
import { password, startStack, top, waitFor } from '../support/stack.mjs';

const NOBODY = '0123456789abcdef01234567';
const PAGE = 'https://chat.example';
let stack;
let count = 0;

before(async () => {
  stack = await startStack({
    set: { allowed_origins: PAGE },
  });
});
after(() => stack.stop());

const fresh = (stem) => `${stem}${(count += 1)}`;
const someone = (stem, more) => stack.register(fresh(stem), more);
const someones = (...stems) => Promise.all(stems.map((stem) => someone(stem)));
const send = async (from, to, content, more = {}) =>
  (await from.api('/api/messages', { body: { recipient_id: to.id, content, ...more } })).body;
const history = async (one, other) =>
  (await one.api(`/api/messages/conversation?with=${other.id}`)).body;

/* ---- mass assignment ---- */

/* What only the server says, as somebody might try to say it. */
const WISHES = {
  _id: NOBODY, id: NOBODY, userId: NOBODY, role: 'operator', passwordHash: 'x', disabled: false,
  failures: -9, lockedUntil: 0, createdAt: '2001-01-01T00:00:00.000Z', lastSeen: '2001-01-01T00:00:00.000Z',
  sender: NOBODY, senderName: 'Operator', seq: 1000, lastSeq: 1000, change: 1000, kind: 'system',
  edited: true, deleted: true, duplicate: true, status: 'read', readSeq: 1000, expiresAt: '2101-01-01T00:00:00.000Z',
  sid: NOBODY, members: [], __proto__: { role: 'operator' }, constructor: { prototype: { role: 'operator' } },
};

test('what only the server says of a user has no effect when a client says it', async () => {
  const started = Date.now();
  const made = await stack.api('/api/auth/register',
    { body: { ...WISHES, username: fresh('mallory'), password } });
  assert.equal(made.status, 201);
  const mallory = stack.person(made.body);
  const answers = [made.body.user];
  const { username } = mallory.user;
  answers.push((await stack.api('/api/auth/login', { body: { ...WISHES, username, password } })).body.user);
  for (const method of ['PUT', 'PATCH']) {
    const changed = await mallory.api('/api/users/profile', { method, body: { ...WISHES, statusText: method } });
    assert.equal(changed.body.statusText, method);
    answers.push(changed.body);
  }
  answers.push((await mallory.api('/api/users/me')).body);
  for (const { _id, role, createdAt, lastSeen } of answers) {
    assert.deepEqual([_id, role, createdAt], [mallory.id, 'user', made.body.user.createdAt]);
    assert.notEqual(mallory.id, NOBODY);
    assert.ok(Date.parse(createdAt) >= started - 1000 && Date.parse(lastSeen) >= started - 1000);
  }
  const again = await mallory.api('/api/auth/refresh', { method: 'POST', body: WISHES });
  assert.ok(Date.parse(again.body.expiresAt) < started + 8 * 86400000);
});

test('what only the server says of a message has no effect when a client says it', async () => {
  const [mallory, bob] = await someones('mallory', 'bob');
  const started = Date.now();
  const socket = await mallory.connect();
  const wish = { ...WISHES, content: 'mine' };
  const { message: bySocket } = await call(socket, 'send-message', { ...wish, to: bob.id });
  const byRest = await send(mallory, bob, 'mine', WISHES);
  const { items } = await history(bob, mallory);
  assert.deepEqual(items.map(({ _id }) => _id), [bySocket._id, byRest._id]);
  for (const [i, message] of items.entries()) {
    const { sender, senderName, seq, kind, edited, deleted, status, change, createdAt } = message;
    assert.deepEqual({ sender, senderName, seq, kind, edited, deleted, status, change }, {
      sender: mallory.id, senderName: mallory.user.username, seq: i + 1, kind: 'text',
      edited: false, deleted: false, status: 'sent', change: 0,
    });
    assert.notEqual(message._id, NOBODY);
    assert.ok(Date.parse(createdAt) >= started - 1000);
  }
  await mallory.api(`/api/messages/${byRest._id}`, { method: 'PUT', body: { ...WISHES, content: 'edited' } });
  const [, edited] = (await history(bob, mallory)).items;
  assert.deepEqual({ ...edited, change: 0 }, { ...items[1], content: 'edited', edited: true, change: 0 });
  const { conversationId } = byRest;
  const moved = await bob.api('/api/messages/read',
    { body: { ...WISHES, userId: mallory.id, conversationId, seq: 1 } });
  assert.deepEqual([moved.body.userId, moved.body.readSeq], [bob.id, 1]);
});

test('an answer says of others nothing that is theirs alone', async () => {
  const [ann, eve] = [await someone('ann', { email: `${fresh('secret')}@x.example` }), await someone('eve')];
  const opened = next(await eve.connect(), 'conversation:new');
  await send(ann, eve, 'hello');
  const texts = [JSON.stringify(await opened)];
  for (const target of [`/api/users/${ann.id}`, `/api/users?query=${ann.user.username}`,
    `/api/users/search?q=${ann.user.username}`, '/api/conversations', '/api/users/search?q=secret',
    `/api/messages/${ann.id}`, `/api/messages/conversation?with=${ann.id}`]) {
    texts.push((await eve.api(target)).text);
  }
  texts.push((await eve.api('/api/sync', { body: {} })).text);
  for (const text of texts) assert.doesNotMatch(text, /email|secret|hash|argon|failures|locked|address|agent/i);
});

/* ---- ids of others ---- */

/* Every operation and event that takes an id, with ids of conversations that eve
 * is not in; but for these, whose id names nothing of another's, ... */
const OPEN = [
  'GET /api/users/{id}', 'PUT /api/users/{id}/block', 'DELETE /api/users/{id}/block', // a user's id is public
  'GET /api/conversations', 'GET /api/messages/conversations', // as of one that is none: tests/contract
  'POST /api/conversations', 'GET /api/messages/conversation/{userId}', 'GET /api/messages/{id}',
  'POST /api/sync', // its own test below
  'send_message', // of client_id: tests/integration/support.test.mjs
  'typing', 'typing-stopped', // its own test below
  'watch-presence',
];
/* ... or which are the operators': tests/integration/operators.test.mjs. */
const isOpen = (name) => OPEN.includes(name) || name === 'list-clients' || name.includes('/api/operator/');
/* What is tried besides. */
const MORE = {
  'DELETE /api/conversations/{id}/members': ({ conversation, bob }) => [[`/api/conversations/${conversation}/members?userId=${bob}`]],
  'GET /api/files/{id}': ({ file }) => [[`/api/files/${file}?preview=1`]],
  'POST /api/messages': ({ message, bob, file }) => [
    ['/api/messages', { recipient_id: bob, content: 'x', replyTo: message }],
    ['/api/messages', { recipient_id: bob, attachment: file }]],
  'send-message': ({ message, bob }) => [{ to: bob, content: 'x', replyTo: message }],
  'message-received': ({ message }) => [{ messageId: message }, { id: message }],
  'message-read': ({ message }) => [{ messageId: message }, { id: message }],
};

/* Whether a description speaks of ids, wherever in it. */
const takesIds = (part) => /"name":"(\w*id|with)"|schemas\/Id"|"conversations":/i.test(JSON.stringify(part ?? ''));

const withIds = () => operations
  .filter(({ operation: { parameters, requestBody } }) => takesIds(parameters) || takesIds(requestBody))
  .map(({ method, path: where }) => `${method} ${where}`);
const eventsWithIds = () => Object.keys(askedEvents).filter((name) => !['renew', 'broadcast'].includes(name)); // sessions, operators.test.mjs

test('every operation and event that takes an id is tried with one of another\'s', () => {
  const all = [...withIds(), ...eventsWithIds()];
  assert.deepEqual([...OPEN, ...Object.keys(MORE)].filter((name) => !all.includes(name)), []);
  const tried = all.filter((name) => !isOpen(name));
  assert.ok(tried.length >= 22, `${tried.length}`);
  assert.deepEqual(tried.filter((name) => !requested.includes(name) && !SAID[name]), []);
});

test('with the ids of others one reads, writes and ends nothing', async () => {
  const [ann, bob, eve] = await someones('ann', 'bob', 'eve');
  const sent = await send(ann, bob, 'secret');
  const [{ _id: session }] = (await ann.api('/api/auth/sessions')).body.items;
  const group = (await ann.api('/api/conversations', { body: { title: 'secret', members: [bob.id] } })).body._id;
  const file = (await ann.api('/api/files', { body: Buffer.from('secret') })).body._id;
  const ids = { bob: bob.id, cat: bob.id, session, message: sent._id, file };
  const before = await history(ann, bob);
  const socket = await eve.connect();

  const both = [group, sent.conversationId].map((conversation) => ({ ...ids, conversation }));
  const more = (name) => both.flatMap((those) => MORE[name]?.(those) ?? []);
  for (const operation of withIds().filter((name) => !isOpen(name))) {
    const [method] = operation.split(' ');
    const asked = both.map((those) => requestOf(operation, those)).map(({ target, body }) => [target, body]);
    for (const [target, body] of [...asked, ...more(operation)]) {
      const answer = await eve.api(target, { method, body });
      assert.equal(answer.status, 404, `${method} ${target}: ${answer.text}`);
      assert.doesNotMatch(answer.text, /secret/);
    }
  }
  for (const event of eventsWithIds().filter((name) => !isOpen(name))) {
    for (const data of [...both.map(SAID[event]), ...more(event)]) {
      const answer = await call(socket, event, data);
      assert.deepEqual([answer.ok, answer.error?.code], [false, 'not_found'], `${event} ${JSON.stringify(data)}`);
    }
  }
  assert.deepEqual(await history(ann, bob), before);
  assert.equal((await ann.api('/api/users/me')).status, 200, 'her session lives');
  assert.deepEqual((await eve.api('/api/conversations')).body, []);
});

test('sync gives a stranger\'s conversation to nobody, and says no more than that it is gone', async () => {
  const [ann, bob, eve] = await someones('ann', 'bob', 'eve');
  const { conversationId } = await send(ann, bob, 'secret');
  for (const id of [conversationId, NOBODY]) {
    const { epoch } = (await eve.api('/api/sync', { body: {} })).body;
    const answer = await eve.api('/api/sync',
      { body: { epoch, conversations: { [id]: { seq: 0, change: 0 } } } });
    const { messages, changes, new: opened, gone, pointers } = answer.body;
    assert.deepEqual([messages, changes, opened, gone, pointers], [[], [], [], [id], {}]);
  }
});

test('an answer quotes no message of another conversation, not even of one\'s own', async () => {
  const [ann, bob, cat] = await someones('ann', 'bob', 'cat');
  const { _id } = await send(ann, bob, 'said to bob');
  const answer = await ann.api('/api/messages', { body: { recipient_id: cat.id, content: 'x', replyTo: _id } });
  assert.equal(answer.status, 404);
  const socket = await ann.connect();
  const refused = await call(socket, 'send-message', { to: cat.id, content: 'x', replyTo: _id });
  assert.equal(refused.error.code, 'not_found');
  assert.deepEqual((await history(ann, cat)).items, []);
});

test('typing in a conversation is heard from nobody who is not in it', async () => {
  const [ann, bob, eve] = await someones('ann', 'bob', 'eve');
  const { conversationId } = await send(ann, bob, 'hello');
  const [hers, his, strange] = await Promise.all([ann, bob, eve].map((one) => one.connect()));
  const heard = [hers, his].map((socket) => collect(socket, 'typing'));
  await call(strange, 'typing', { conversationId });
  await call(strange, 'typing-stopped', { conversationId });
  const real = next(his, 'typing', ({ from }) => from === ann.id);
  await call(hers, 'typing', { to: bob.id });
  await real; // what eve said before it would have come before it
  assert.deepEqual(heard[0], []);
  assert.deepEqual(heard[1].map(({ from }) => from), [ann.id]);
});

test('an operator reads, writes and hears no direct conversation', async () => {
  const [ann, bob, eve] = await someones('ann', 'bob', 'eve');
  const made = await stack.ctl('user', 'role', eve.user.username, 'operator');
  assert.equal(made.code, 0, made.stderr);
  const operator = await stack.login(eve.user.username);
  assert.equal(operator.user.role, 'operator');
  const socket = await operator.connect();
  const heard = collect(socket, 'message:new');
  const { conversationId, _id } = await send(ann, bob, 'secret');
  for (const [method, target, body] of [
    ['GET', `/api/messages/conversation?conversationId=${conversationId}`],
    ['POST', '/api/messages', { conversationId, content: 'x' }],
    ['PUT', `/api/messages/${_id}`, { content: 'x' }], ['DELETE', `/api/messages/${_id}`],
  ]) {
    assert.equal((await operator.api(target, { method, body })).status, 404, `${method} ${target}`);
  }
  await send(ann, operator, 'to the operator');
  await waitFor('hers', () => heard.length > 0);
  assert.deepEqual(heard.map(({ content }) => content), ['to the operator']);
});

test('every route but the public ones wants a session', async () => {
  const open = ['POST /api/auth/register', 'POST /api/auth/guest', 'POST /api/auth/login', 'GET /api/health', 'GET /api/openapi.json'];
  let closed = 0;
  for (const { method, path: where } of operations) {
    if (open.includes(`${method} ${where}`)) continue;
    const target = where.replace(/\{\w+\}/g, NOBODY);
    for (const token of [undefined, '', 'x']) {
      const answer = await stack.api(target, { method, token, ...(method !== 'GET' && method !== 'DELETE' && { body: {} }) });
      assert.equal(answer.status, 401, `${method} ${where}`);
      assert.match(answer.headers.get('www-authenticate'), /^Bearer/);
    }
    closed += 1;
  }
  assert.ok(closed >= 20);
});

test('what pushd alone may ask is not to be reached through nginx', async () => {
  const ann = await someone('ann');
  for (const target of ['/rt', '/api/../rt', '/api/rt', '/api/%2e%2e/rt', '//rt', '/api//rt']) {
    const answer = await raw(stack.port, `POST ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n`
      + `Authorization: Bearer ${ann.token}\r\nContent-Length: 0\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 (400|404|405) /, target);
  }
});

/* ---- pages of other origins ---- */

const FOREIGN = ['https://evil.example', 'null', 'https://chat.example.evil.example', 'http://chat.example',
  'https://chat.example:444', 'https://chat.exampl', 'https://evil.example/https://chat.example', 'file://'];

test('a page of another origin may neither ask nor read', async () => {
  const ann = await someone('ann');
  for (const origin of FOREIGN) {
    for (const [method, target] of [['OPTIONS', '/api/messages'], ['GET', '/api/users/me'], ['GET', '/api/health'],
      ['GET', '/api/nothing'], ['DELETE', '/api/users'], ['OPTIONS', '/socket.io/?EIO=4&transport=polling']]) {
      const { headers } = await ann.api(target, { method, headers: { origin } });
      assert.equal(headers.get('set-cookie'), null, 'nothing that a browser would send by itself');
      for (const name of ['origin', 'credentials']) {
        assert.equal(headers.get(`access-control-allow-${name}`), null, `${method} ${target} from ${origin}`);
      }
    }
  }
  for (const method of ['OPTIONS', 'GET']) {
    const { headers } = await ann.api('/api/users/me', { method, headers: { origin: PAGE } });
    assert.equal(headers.get('access-control-allow-origin'), PAGE);
    assert.match(headers.get('vary'), /Origin/);
  }
});

/* 'open', or the status that refused it. */
function webSocket(query, headers) {
  const url = `${stack.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket${query}`;
  return new Promise((resolve) => {
    const socket = new WebSocket(url, { headers });
    socket.on('open', () => { resolve('open'); socket.terminate(); });
    socket.on('unexpected-response', (request, response) => {
      resolve(response.statusCode);
      request.destroy();
    });
    socket.on('error', () => {});
  });
}

test('a page of another origin opens no socket, whatever token it has', async () => {
  const ann = await someone('ann');
  for (const origin of FOREIGN) {
    assert.equal(await webSocket(`&token=${ann.token}`, { origin }), 403, origin);
    const polling = await stack.api(`/socket.io/?EIO=4&transport=polling&token=${ann.token}`, { headers: { origin } });
    assert.equal(polling.status, 403, origin);
    assert.doesNotMatch(polling.text, /"sid"/);
    for (const transport of ['websocket', 'polling']) {
      await assert.rejects(connectSocket(stack.url, ann.token,
        { transports: [transport], extraHeaders: { origin }, reconnection: false }), /error/, origin);
    }
  }
  for (const origin of [PAGE, stack.url]) assert.equal(await webSocket('', { origin }), 'open', origin);
  assert.equal(await webSocket('', {}), 'open', 'no browser');
});

test('an origin is the same with the port of its scheme, and one refused names the setting in the log', async () => {
  const open = (host, origin) => stack.api('/socket.io/?EIO=4&transport=polling',
    { headers: { host, origin }, from: '127.0.0.1' });
  for (const [host, origin] of [['a.example:443', 'https://a.example'], ['a.example', 'https://a.example:443'],
    ['a.example:80', 'http://a.example'], ['a.example', `${PAGE}:443`]]) {
    assert.equal((await open(host, origin)).status, 200, `${host} ${origin}`);
  }
  for (const [host, origin] of [['a.example:444', 'https://a.example'], ['a.example:80', 'https://a.example'],
    ['a.example', 'http://b.example'], ['a.example', `${PAGE}:444`]]) {
    assert.equal((await open(host, origin)).status, 403, `${host} ${origin}`);
    await open(host, origin);
    const lines = stack.log('palabre-pushd').split('\n').filter((line) => line.includes(`origin=${origin} `));
    assert.equal(lines.length, 1, `${origin} once`);
    assert.match(lines[0], /origin refused .*setting=allowed_origins/);
  }
  const read = await stack.api('/api/health', { headers: { origin: `${PAGE}:443` } });
  assert.equal(read.headers.get('access-control-allow-origin'), `${PAGE}:443`);
  const missing = await stack.api('/nothing/', { method: 'PUT', headers: { origin: `${PAGE}:443` } });
  assert.equal(missing.headers.get('access-control-allow-origin'), `${PAGE}:443`);
});

test('a page of another origin adds nothing to a session it has guessed', async () => {
  const opened = await stack.api('/socket.io/?EIO=4&transport=polling');
  const { sid } = JSON.parse(opened.text.slice(1));
  const target = `/socket.io/?EIO=4&transport=polling&sid=${sid}`;
  const foreign = await stack.api(target,
    { method: 'POST', body: '40', headers: { origin: FOREIGN[0], 'Content-Type': 'text/plain' } });
  assert.equal(foreign.status, 403);
});

/* ---- headers and logs ---- */

test('CR and LF from a client split no header and no log line', async () => {
  const ann = await someone('ann');
  const evil = '\r\nX-Evil: yes\r\n2026-01-01T00:00:00.000Z error forged[1]: owned';
  const encoded = encodeURIComponent(evil);
  for (const target of [`/api/users/${encoded}`, `/api/users/search?q=${encoded}`, `/${encoded}`,
    `/socket.io/?EIO=4&transport=polling&t=${encoded}`, `/api/messages/${encoded}/read`]) {
    const { headers } = await ann.api(target);
    assert.equal(headers.get('x-evil'), null, target);
  }
  for (const body of [{ username: `ann${evil}`, password }, { username: 'ann\u2028forged', password },
    { username: fresh('ann'), password, displayName: `Ann${evil}` },
    { username: fresh('ann'), password, email: `a@b${evil}` },
    { username: fresh('ann'), password, avatar: `https://x.example/${evil}` }]) {
    assert.equal((await stack.api('/api/auth/register', { body })).status, 400, JSON.stringify(body));
  }
  await stack.api('/api/auth/login', { body: { username: evil, password } });
  const socket = await ann.connect();
  await call(socket, evil, {});
  await call(socket, 'send-message', { to: evil, content: evil, clientId: evil });
  await assert.rejects(connectSocket(stack.url, evil), { message: 'Unauthorized' });
  for (const part of ['palabre-api', 'palabre-pushd']) {
    for (const line of stack.log(part).split('\n').filter(Boolean)) {
      assert.match(line, /^\d{4}-\d\d-\d\dT[\d:.]+Z \w+ palabre-\w+\[\d+\]: /, part);
      assert.doesNotMatch(line, /owned/);
    }
  }
  for (const line of stack.log('access').split('\n').filter(Boolean)) assert.match(line, /^[\d.:a-f]+ \[/);
});

test('a request has the id that nginx gave it, not one that the client brings', async () => {
  const answer = await stack.api('/api/health', { headers: { 'X-Request-Id': 'a'.repeat(32) } });
  const id = answer.headers.get('x-request-id');
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.notEqual(id, 'a'.repeat(32));
  await waitFor('logged', () => stack.log('access').includes(id));
  assert.ok(!stack.log('access').includes('a'.repeat(32)));
});

test('a client that names an address is not at that address', async () => {
  const username = fresh('ann');
  await stack.register(username);
  const headers = { 'X-Forwarded-For': '203.0.113.9', 'X-Real-IP': '203.0.113.9', Forwarded: 'for=203.0.113.9' };
  const ann = stack.person((await stack.api('/api/auth/login', { body: { username, password }, headers })).body);
  const { items } = (await ann.api('/api/auth/sessions')).body;
  assert.ok(items.every(({ address }) => address !== '203.0.113.9'), JSON.stringify(items));
});

test('a User-Agent is kept as text, and cut', async () => {
  const username = fresh('ann');
  await stack.register(username);
  const long = `x${'é'.repeat(300)}`;
  for (const [agent, expected] of [
    ['<script>alert(1)</script>"\\\x1b[31m', '<script>alert(1)</script>"\\\x1b[31m'],
    [long, long.slice(0, 128)], // 256 bytes at most, and no half of a letter
    [Buffer.from([0x78, 0xff, 0xc0]), ''],
  ]) {
    const body = JSON.stringify({ username, password });
    const text = await raw(stack.port, Buffer.concat([
      Buffer.from(`POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nUser-Agent: `),
      Buffer.from(agent), Buffer.from(`\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`)]));
    const { token, user } = JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4));
    const { items } = (await stack.person({ token, user }).api('/api/auth/sessions')).body;
    const { agent: kept } = items.find(({ current }) => current);
    assert.equal(kept, expected);
  }
});

test('slow and large requests end at nginx: its time-outs and sizes are set', async () => {
  const config = ['server', 'api', 'socketio'].map((name) =>
    readFileSync(path.join(stack.dir, 'nginx', `${name}.conf`), 'utf8')).join('\n');
  for (const [directive, most] of Object.entries({
    client_header_timeout: 10, client_body_timeout: 10, send_timeout: 30, fastcgi_connect_timeout: 2,
    fastcgi_send_timeout: 5, fastcgi_read_timeout: 10, proxy_connect_timeout: 2,
  })) {
    const [, seconds] = new RegExp(`^\\s*${directive} (\\d+)s;`, 'm').exec(config) ?? [];
    assert.ok(Number(seconds) > 0 && Number(seconds) <= most, `${directive} ${seconds}`);
  }
  for (const line of ['client_max_body_size 1048576;', 'large_client_header_buffers 4 8k;',
    'fastcgi_request_buffering on;', 'fastcgi_next_upstream off;', 'server_tokens off;']) {
    assert.ok(config.includes(line), line);
  }
  assert.match(config, /limit_req zone=palabre_auth/);
});

/* ---- names and texts ---- */

test('a name with what nobody sees is refused, and so is one of nothing visible', async () => {
  const hidden = ['\0', '\x07', '\x7f', '\x85', '\u00ad', '\u061c', '\u200b', '\u200e', '\u200f', '\u2028',
    '\u202a', '\u202d', '\u202e', '\u2060', '\u2066', '\u2069', '\ufeff', '\u{e0041}', '\uffff'];
  for (const character of hidden) {
    const username = `ann${character}${fresh('x')}`;
    const point = character.codePointAt(0).toString(16);
    assert.equal((await stack.api('/api/auth/register', { body: { username, password } })).status, 400, point);
    if (character === '\u2028') continue; // white space, and a display name may have some
    const named = { username: fresh('ann'), password, displayName: `Ann${character}` };
    assert.equal((await stack.api('/api/auth/register', { body: named })).status, 400, point);
  }
  for (const username of ['\u3164\u3164\u3164', '\u200d\u200d\u200d', 'an\u200d', '\ufe0f\ufe0f\ufe0f',
    '\u2800\u2800\u2800', 'ann＠home']) {
    assert.equal((await stack.api('/api/auth/register', { body: { username, password } })).status, 400);
  }
});

test('two names are one when they look alike in case, width, form or by a joiner', async () => {
  const number = fresh('');
  await stack.register(`Skåne${number}`);
  for (const username of [`SKÅNE${number}`, `ſkåne${number}`, `s\u212aåne${number}`, `Ｓkåne${number}`,
    `Ska\u030ane${number}`, `Sk\u212bne${number}`, `Skå\u200dne${number}`, `Skå\u200cne${number}`, `Skåne\u3164${number}`]) {
    const answer = await stack.api('/api/auth/register', { body: { username, password } });
    assert.equal(answer.status, 409, `${username}: ${answer.text}`);
    assert.equal((await stack.api('/api/auth/login', { body: { username, password } })).status, 200, username);
  }
});

test('a text keeps every character but NUL, on every way', async () => {
  const [ann, bob] = await someones('ann', 'bob');
  const [hers, his] = await Promise.all([ann.connect(), bob.connect()]);
  const texts = ['\u202eevil\u202c', 'a\u200bb\ufeff', '<b>&amp;</b>', '"\\u0000"', '\x01\x1b[31m\x7f',
    'a\u2028b\u2029c', '👩‍🚀', '\u{10ffff}', '\ufffe', 'e\u0301', "'; DROP TABLE message; --", '{"$ne":null}'];
  const heard = collect(his, 'message:new');
  for (const content of texts) {
    assert.equal((await send(ann, bob, content)).content, content);
    const answer = await call(hers, 'send-message', { to: bob.id, content });
    assert.equal(answer.message.content, content);
  }
  const twice = texts.flatMap((text) => [text, text]);
  await waitFor('all', () => heard.length === twice.length);
  assert.deepEqual(heard.map(({ content }) => content), twice);
  const { items } = await history(bob, ann);
  assert.deepEqual(items.map(({ content }) => content), twice);
  const nul = { recipient_id: bob.id, to: bob.id, content: 'a\0b' };
  assert.equal((await ann.api('/api/messages', { body: nul })).status, 400);
  assert.equal((await call(hers, 'send-message', nul)).ok, false);
  // Half of a character is none, however it is written.
  for (const half of ['\ud83c', '\udf50 and more', 'x\ud83c\ud83c\udf50']) {
    const body = { recipient_id: bob.id, to: bob.id, content: half };
    assertError(await ann.api('/api/messages', { body }), 400, 'invalid_json');
    assert.equal((await call(hers, 'send-message', body)).error.code, 'invalid_json');
  }
  assert.equal((await send(ann, bob, '\ud83c\udf50')).content, '\u{1f350}');
});

/* ---- addresses that users give ---- */

test('the server never fetches an address that a user gives', async () => {
  let connections = 0;
  const trap = createServer((socket) => { connections += 1; socket.destroy(); });
  await new Promise((resolve) => { trap.listen(0, '127.0.0.1', resolve); });
  const url = `http://127.0.0.1:${trap.address().port}/`;
  try {
    const [ann, bob] = [await someone('ann', { avatar: `${url}avatar.png` }), await someone('bob')];
    await ann.api('/api/users/profile', { method: 'PUT', body: { avatar: `${url}other.png` } });
    await send(ann, bob, `look: ${url}`);
    await bob.api('/api/users');
    await history(bob, ann);
    assert.equal((await bob.api(`/api/users/${ann.id}`)).body.avatar, `${url}other.png`);
    assert.equal(connections, 0);
  } finally {
    trap.close();
  }
  for (const avatar of ['file:///etc/passwd', 'gopher://x', 'javascript:alert(1)', 'data:image/svg+xml,x', 'JaVaScRiPt:x']) {
    const answer = await stack.api('/api/auth/register', { body: { username: fresh('ann'), password, avatar } });
    assert.equal(answer.status, 400, avatar);
  }
});

/* ---- the document ---- */

test('docs/security.md names tests that exist, for every line of the top ten', () => {
  const [before, , behind] = documentParts(document());
  const lines = (before + behind).split('\n');
  for (let n = 1; n <= 10; n += 1) {
    assert.ok(lines.some((line) => line.startsWith(`## API${n}:2023 `)), `API${n}`);
  }
  let named = 0;
  for (const line of lines.filter((text) => /^\| (?!What Palabre does |---)/.test(text))) {
    const [, file, names] = /^\| .+ \| `(tests\/[^`]+)`: "(.+)" \|$/.exec(line) ?? [];
    assert.ok(names, `names no test: ${line}`);
    const source = readFileSync(path.join(top, file), 'utf8').replaceAll("\\'", "'");
    for (const name of names.split('", "')) {
      const found = file.endsWith('.c')
        ? new RegExp(`void\\s+${name}\\(void \\*\\*`).test(source)
        : [`'${name}'`, `"${name}"`, `\`${name}\``].some((quoted) => source.includes(`test(${quoted}`));
      assert.ok(found, `${file} has no "${name}"`);
      named += 1;
    }
  }
  assert.ok(named >= 40, `${named}`);
});
