// What the logs say, and what they never say: everything at log_level = debug.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chownSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { io } from 'socket.io-client';
import { watchSocket } from '../support/description.mjs';
import { call, collect, next } from '../support/socket.mjs';
import { startStack, waitFor } from '../support/stack.mjs';

const ID = /^[0-9a-f]{32}$/;
const FORGED = 'forged-5db1';
const secrets = {
  password: 'marked-password-7f31',
  'a wrong password': 'marked-wrong-c0de',
  'the next password': 'marked-next-91ab',
  'a token that is none': 'marked.token.0b5e',
  content: 'marked-content-4c2d',
  'edited content': 'marked-edit-66e0',
  'a query': 'marked-query-a1a1',
  'a cookie': 'marked-cookie-f00d',
};

const PLAIN = {
  'access.log': /^[\d.]+ \[[^\]]+\] "([A-Z]*|-) [^" ]* [-\w./]+" \d{3} \d+ [\d.]+ [-\d, :]+ [-\d., :]+ [0-9a-f]{32}$/,
  'palabre-api.log': /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z (error|warning|info|debug) palabre-api\[\d+\]: \S/,
  'palabre-pushd.log': /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z (error|warning|info|debug) palabre-pushd\[\d+\]: \S/,
};

/* Bytes that no client library would send. Resolves when the server hangs up. */
async function sendRaw(port, text) {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.end(text, 'latin1');
  socket.resume();
  await once(socket, 'close');
}

for (const format of ['text', 'json']) {
  describe(`log_format = ${format}`, () => {
    let stack;
    let ann;
    let bob;
    const tokens = [];

    const linesOf = (name) => readFileSync(path.join(stack.dir, 'log', name), 'utf8')
      .split('\n').filter(Boolean);
    const found = (name, id) => linesOf(name).filter((line) => line.includes(id));
    /* A line's fields, whatever the format. */
    const fieldsOf = (line) => (format === 'json' ? JSON.parse(line) : {
      message: / (?:error|warning|info|debug) \S+: (.*?)(?: \w+=|$)/.exec(line)[1],
      ...Object.fromEntries([...line.matchAll(/ (\w+)=(\S+)/g)].map(([, name, value]) =>
        [name, /^-?\d{1,15}$/.test(value) ? Number(value) : value])),
    });

    before(async () => {
      stack = await startStack({
        set: { log_level: 'debug', log_format: format },
      });
      ann = await stack.register('ann', { password: secrets.password });
      bob = await stack.register('bob', { password: secrets.password });
      tokens.push(ann.token, bob.token);
    });
    after(() => stack.stop());

    test('a message over REST is found in every log by its request id', async () => {
      const socket = await bob.connect();
      const heard = next(socket, 'message:new');
      const answer = await ann.api('/api/messages',
        { body: { recipient_id: bob.id, content: secrets.content } });
      const id = answer.headers.get('x-request-id');
      assert.match(id, ID);
      const message = await heard;
      await waitFor('the lines', () => ['access.log', 'palabre-api.log', 'palabre-pushd.log']
        .every((name) => found(name, id).length > 0));

      assert.equal(found('access.log', id).length, 1);
      const [line] = found('palabre-api.log', id).map(fieldsOf);
      assert.equal(line.message, 'request');
      assert.equal(line.route, '/api/messages');
      assert.equal(line.status, 201);
      const delivered = found('palabre-pushd.log', id).map(fieldsOf)
        .find(({ seq }) => seq === message.seq);
      assert.equal(delivered.conversationId, message.conversationId);
      /* Unless a recovery, which knows no request, was quicker. */
      if (delivered.message !== 'seen before') assert.deepEqual([delivered.message, delivered.sent], ['delivered', 1]);
      socket.disconnect();
    });

    test('so are an edit, a deletion and a receipt', async () => {
      const socket = await bob.connect();
      const send = async () => (await ann.api('/api/messages',
        { body: { recipient_id: bob.id, content: secrets.content } })).body;
      const [{ _id }, last] = [await send(), await send()];
      for (const [who, event, method, target, body] of [
        [ann, 'message:updated', 'PUT', `/api/messages/${_id}`, { content: secrets['edited content'] }],
        [ann, 'message:deleted', 'DELETE', `/api/messages/${_id}`],
        [bob, 'message:read', 'POST', `/api/messages/${last._id}/read`],
      ]) {
        const heard = next(socket, event);
        const answer = await who.api(target, { method, body });
        const id = answer.headers.get('x-request-id');
        await heard;
        await waitFor('the lines', () => ['access', 'palabre-api', 'palabre-pushd']
          .every((name) => found(`${name}.log`, id).length > 0));
        const [line] = found('palabre-pushd.log', id).map(fieldsOf);
        assert.equal(line.conversationId, last.conversationId, event);
        /* Unless a recovery, which knows no request, was quicker. */
        assert.match(line.message, /^(delivered|seen before)$/, event);
        assert.equal(fieldsOf(found('palabre-api.log', id)[0]).message, 'request');
      }
      socket.disconnect();
    });

    test('so are a changed profile and a session that ends', async () => {
      const socket = await bob.connect();
      const again = await stack.api('/api/auth/login',
        { body: { username: 'ann', password: secrets.password } });
      const hers = stack.person(again.body);
      for (const [event, message, method, target, body] of [
        ['user-status', 'set', 'PUT', '/api/users/profile', { statusText: 'away' }],
        [null, 'revoked', 'POST', '/api/auth/logout'],
      ]) {
        const heard = event && next(socket, event);
        const answer = await hers.api(target, { method, body });
        const id = answer.headers.get('x-request-id');
        await heard;
        await waitFor('the lines', () => ['access', 'palabre-api', 'palabre-pushd']
          .every((name) => found(`${name}.log`, id).length > 0));
        const [line] = found('palabre-pushd.log', id).map(fieldsOf);
        assert.deepEqual([line.message, line.userId], [message, ann.id]);
      }
      socket.disconnect();
    });

    for (const transports of [['websocket'], ['polling']]) {
      test(`a message over ${transports} is found by the id of its connection`, async () => {
        const socket = await ann.connect({ transports });
        const sent = await call(socket, 'send-message', { to: bob.id, content: secrets.content });
        assert.equal(sent.ok, true);
        const bad = await call(socket, 'send-message', { to: 'nobody', content: secrets.content });
        assert.equal(bad.ok, false);
        socket.disconnect();
        const { requestId: id } = await waitFor('connected', () => linesOf('palabre-pushd.log')
          .map(fieldsOf).findLast(({ message, userId }) =>
            message === 'connected' && userId === ann.id));
        assert.match(id, ID);
        await waitFor('its end', () => found('palabre-pushd.log', id)
          .some((line) => line.includes('disconnected')));
        await waitFor("nginx's line", () => found('access.log', id).length === 1);

        const pushd = found('palabre-pushd.log', id).map(fieldsOf);
        const api = found('palabre-api.log', id).map(fieldsOf);
        const told = ({ message, requestId, event, command, code }) =>
          [message, requestId.slice(32), event ?? command, code].filter(Boolean).join(' ');
        assert.deepEqual([...new Set(pushd.map(told))], ['connected', 'delivered .1',
          'answered .1 send-message', `answered .2 send-message ${bad.error.code}`, 'disconnected']);
        assert.deepEqual(api.map(told), ['command session', 'command .1 send',
          `command .2 send ${bad.error.code}`]);
        assert.ok(pushd.some(({ seq }) => seq === sent.message.seq));
        assert.equal(pushd.at(-1).reason, 'client_disconnect');
      });
    }

    test('what people say and who they are stays out of every log', async () => {
      const login = (body) => stack.api('/api/auth/login', { body });
      assert.equal((await login({ username: 'ann', password: secrets['a wrong password'] })).status, 401);
      assert.equal((await login({ username: `x\n${FORGED}`, password: secrets.password })).status >= 400, true);
      const none = secrets['a token that is none'];
      assert.equal((await stack.api('/api/users/me', { token: none })).status, 401);
      await stack.api(`/api/users?query=${secrets['a query']}&token=${ann.token}`);
      await ann.api(`/api/users/search?q=${secrets['a query']}`);
      // Refused, malformed, unknown: each another way to a line.
      await ann.api('/api/messages', { body: { recipient_id: bob.id, content: secrets.content.repeat(400) } });
      await ann.api('/api/messages', { body: `{"content":"${secrets.content}` });
      await ann.api(`/api/nothing/${FORGED}%0a2026-01-01T00:00:00.000Z%1b[2J`);
      const { body: message } = await ann.api('/api/messages',
        { body: { recipient_id: bob.id, content: secrets.content } });
      await ann.api(`/api/messages/${message._id}`,
        { method: 'PUT', body: { content: secrets['edited content'] } });

      // A token in the address, by both transports; of CONNECT's, too.
      for (const transports of [['polling'], ['websocket'], ['polling', 'websocket']]) {
        for (const [query, auth] of [[{ token: ann.token }, {}], [{ token: none }, {}],
          [{}, { token: none }]]) {
          const socket = io(stack.url, { transports, query, auth, forceNew: true, reconnection: false });
          watchSocket(socket);
          const refused = query.token !== ann.token;
          await once(socket, refused ? 'connect_error' : 'connect');
          if (!refused) {
            const heard = collect(socket, 'message:new');
            await call(socket, 'send-message', { to: bob.id, content: secrets.content });
            await call(socket, 'no-such-event', { content: secrets.content });
            await call(socket, `${FORGED}\n\u001b[2J`, { content: secrets.content });
            assert.equal(heard.length, 1);
          }
          socket.disconnect();
        }
      }

      // Headers and request lines with control characters.
      const evil = `${FORGED}\x1b[2J\x9b31m\t\x07`;
      for (const target of ['/api/users/me', `/socket.io/?EIO=4&transport=polling&token=${ann.token}`,
        `/api/${FORGED}\x1b[2J`, `/api/${FORGED}\xc2\x9b2J\x9b`, `/\xe2\x80\xae`, `/socket.io/\x07?token=${ann.token}`]) {
        await sendRaw(stack.port, `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
          `User-Agent: ${evil}\r\nX-Request-Id: ${evil}\r\nX-Real-IP: ${evil}\r\n` +
          `Authorization: Bearer ${none}${evil}\r\nCookie: ${secrets['a cookie']}\r\n\r\n`);
      }
      await sendRaw(stack.port, `GET /?token=${ann.token} HTTP/1.1\r\nHost: localhost\r\n` +
        `X: ${none.repeat(4000)}\r\n\r\n`);
      await sendRaw(stack.port, `${FORGED}\x1b[2J ${ann.token}\r\n\r\n`);

      // The ways of a token: a new one for the old, over REST and on a socket.
      const changed = await ann.api('/api/auth/password',
        { body: { password: secrets.password, newPassword: secrets['the next password'] } });
      assert.equal(changed.status, 200, changed.text);
      const refreshed = await bob.api('/api/auth/refresh', { method: 'POST' });
      assert.equal(refreshed.status, 200, refreshed.text);
      tokens.push(...[changed, refreshed].map(({ body }) => body.token).filter(Boolean));
      const socket = await stack.connectSocket(refreshed.body.token);
      assert.equal((await call(socket, 'renew', { token: refreshed.body.token })).ok, true);
      assert.equal((await call(socket, 'renew', { token: none })).ok, false);
      socket.disconnect();
      await bob.api('/api/auth/logout', { method: 'POST', body: {} });
    });

    test('and each line is one line, of the format that was asked for', async () => {
      await stack.api('/api/health');
      const names = readdirSync(path.join(stack.dir, 'log'));
      for (const name of Object.keys(PLAIN)) assert.ok(names.includes(name), name);
      const all = [...names.map((name) => [name, stack.log(name.replace(/\.log$/, ''))]),
        ['the output of ./run', stack.run.output]];
      for (const [name, text] of all) {
        for (const [what, secret] of Object.entries(secrets)) {
          assert.ok(!text.includes(secret), `${what} is in ${name}`);
        }
        for (const token of tokens) {
          // Its signature alone would do.
          assert.ok(!text.includes(token.split('.')[2]), `a token is in ${name}`);
          assert.ok(!text.includes(token.split('.')[1]), `a token is in ${name}`);
        }
        assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\ufffd]/, name);
      }
      for (const [name, form] of Object.entries(PLAIN)) {
        const lines = linesOf(name);
        assert.ok(lines.length > 15, `${name}: ${lines.length} lines`);
        for (const line of lines) {
          assert.ok(!line.startsWith(FORGED), line);
          if (format === 'text') {
            assert.match(line, form);
            continue;
          }
          const fields = JSON.parse(line);
          assert.ok(Date.parse(fields.time) > 0, line);
          assert.equal(typeof fields.program, 'string', line);
        }
      }
    });
  });
}

describe('logs that grow', () => {
  let stack;
  const files = (stem) => readdirSync(path.join(stack.dir, 'log')).filter((name) => name.startsWith(stem));
  const read = (name) => readFileSync(path.join(stack.dir, 'log', name), 'utf8');
  /* Null: it was renamed this moment. */
  const tryRead = (name) => {
    try {
      return read(name);
    } catch (error) {
      assert.equal(error.code, 'ENOENT');
      return null;
    }
  };

  before(async () => { stack = await startStack({ set: { log_level: 'debug', log_max: 20000 } }); });
  after(() => stack.stop());

  test('are renamed by ./run, five of each are kept, and no line of theirs is lost', async () => {
    const asked = new Set();
    const logs = ['access.log', 'palabre-api.log'];
    const most = (log) => files(log).length;
    const seen = Object.fromEntries(logs.map((log) => [log, new Map()]));
    const note = () => logs.forEach((log) => files(log).forEach((name) => {
      for (const [id] of (tryRead(name) ?? '').matchAll(/[0-9a-f]{32}/g)) seen[log].set(id, true);
    }));
    await waitFor('five of each', async () => {
      const answers = await Promise.all(Array.from({ length: 40 }, () => stack.api('/api/health')));
      answers.forEach(({ headers }) => asked.add(headers.get('x-request-id')));
      note();
      return logs.every((log) => most(log) === 5);
    }, 60000, 100);
    await waitFor('one more of each', async () => {
      await stack.api('/api/health');
      return logs.every((log) => tryRead(log)?.length < 20000);
    });
    await waitFor('the last lines', () => {
      note();
      return logs.every((log) => [...asked].every((id) => seen[log].has(id)));
    });
    for (const log of logs) {
      assert.deepEqual(files(log).sort(), [log, ...[1, 2, 3, 4].map((n) => `${log}.${n}`)]);
      assert.deepEqual([...asked].filter((id) => !seen[log].has(id)), [], log);
    }
  });

  test('may be renamed by another program, which puts new ones there', async () => {
    const [log, away] = ['palabre-api.log', 'moved'].map((name) => path.join(stack.dir, 'log', name));
    const { uid, gid } = statSync(log);
    const ask = async () => (await stack.api('/api/health')).headers.get('x-request-id');
    renameSync(log, away);
    const between = await ask();
    await waitFor('the line is in the old one', () => read('moved').includes(between));
    writeFileSync(log, '');
    chownSync(log, uid, gid);
    const after_ = await ask();
    await waitFor('the line is in the new one', () => read('palabre-api.log').includes(after_));
    assert.ok(!read('moved').includes(after_));
  });
});
