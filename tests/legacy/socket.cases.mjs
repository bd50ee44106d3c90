// Cases for the rows of rows.mjs' Socket.IO table.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { collect, next } from '../support/socket.mjs';
import { share, waitFor } from '../support/stack.mjs';
import { readMessage } from './mevn-client.mjs';
import { NOBODY, ORIGIN, world } from './world.mjs';

const OF_THE_PAGE = { extraHeaders: { Origin: ORIGIN } };

/* Two with sockets, who have talked, and heard it. */
async function pair() {
  const [ann, bob] = await world.onlines('ann', 'bob');
  const heard = [ann, bob].map(({ socket }) => next(socket, 'message:new'));
  await ann.send(bob.id, 'hello');
  await Promise.all(heard);
  return [ann, bob];
}

/* A second window of somebody. */
async function window(client) {
  const second = world.client(client.storage);
  await second.connect();
  return second;
}

const connecting = {
  'over websocket, and over polling, with credentials, from the origin of the client': async () => {
    for (const transports of [['websocket', 'polling'], ['polling'], ['polling', 'websocket']]) {
      const [ann, bob] = await world.someones('ann', 'bob');
      await ann.connect({ transports, ...OF_THE_PAGE });
      const heard = next(ann.socket, 'message:new');
      await bob.send(ann.id, 'hello');
      assert.equal((await heard).content, 'hello', transports.join());
    }
    for (const [method, path] of [['GET', '/socket.io/?EIO=4&transport=polling'],
      ['OPTIONS', '/socket.io/?EIO=4&transport=polling'], ['OPTIONS', '/api/messages'],
      ['GET', '/api/users']]) {
      const { status, headers } = await world.stack.api(path, { method, headers: { Origin: ORIGIN } });
      assert.ok([200, 204, 401].includes(status), `${method} ${path}: ${status}`);
      assert.equal(headers.get('access-control-allow-origin'), ORIGIN, path);
      assert.equal(headers.get('access-control-allow-credentials'), 'true', path);
    }
  },
  'with auth: {token}': async () => {
    const ann = await world.someone();
    assert.ok((await ann.connect()).connected);
  },
  'with ?token=': async () => {
    const ann = await world.someone();
    const { token } = ann.signedIn;
    for (const transports of [['websocket'], ['polling']]) {
      assert.ok((await ann.connect({ auth: {}, query: { token }, transports })).connected);
      ann.close();
    }
  },
  'with a token that is refused: connect_error Unauthorized': async () => {
    const ann = await world.someone();
    const { token } = ann.signedIn;
    for (const options of [{ auth: { token: 'no.such.token' } }, { auth: {} },
      { auth: { token: `${token.slice(0, -4)}AAAA` } }, { auth: {}, query: { token: 'x' } }]) {
      await assert.rejects(ann.connect(options), { message: 'Unauthorized' });
    }
    await ann.logout();
    await assert.rejects(ann.connect({ auth: { token } }), { message: 'Unauthorized' });
  },
};

const sending = {
  'client: send-message {to, content}': {
    'acknowledged {ok: true, id}': async () => {
      const [ann, bob] = await pair();
      const { ok, id } = await ann.emit('send-message', { to: bob.id, content: 'by socket' });
      assert.equal(ok, true);
      const [newest] = (await bob.page(ann.id)).items;
      assert.deepEqual([newest._id, newest.content], [id, 'by socket']);
    },
    'acknowledged {ok: false, error}, an object of code and message': async () => {
      const [ann, bob] = await pair();
      for (const [data, code] of [[{ to: bob.id, content: '' }, 'invalid'], [{ content: 'x' }, 'invalid'],
        [{ to: NOBODY, content: 'x' }, 'not_found']]) {
        const { ok, error } = await ann.emit('send-message', data);
        assert.deepEqual([ok, error.code, typeof error.message], [false, code, 'string']);
      }
    },
    'and POST of the same text with the same clientId make one message': async () => {
      const [ann, bob] = await pair();
      const heard = collect(bob.socket, 'message:new');
      const ways = {
        rest: (content, clientId) => ann.send(bob.id, content, clientId).then(({ message }) => message._id),
        socket: (content, clientId) =>
          ann.emit('send-message', { to: bob.id, content, clientId }).then(({ id }) => id),
      };
      const orders = { both: null, 'REST first': ['rest', 'socket'], 'socket first': ['socket', 'rest'] };
      for (const [content, order] of Object.entries(orders)) {
        const clientId = world.fresh('c');
        const ids = [];
        if (order === null) ids.push(...await Promise.all([ways.rest(content, clientId), ways.socket(content, clientId)]));
        else for (const way of order) ids.push(await ways[way](content, clientId));
        assert.equal(ids[0], ids[1], content);
      }
      await ann.send(bob.id, 'the last');
      await waitFor('the last', () => heard.at(-1)?.content === 'the last');
      const expected = [...Object.keys(orders), 'the last'];
      assert.deepEqual(heard.map(({ content }) => content), expected);
      const { items } = await bob.page(ann.id);
      assert.deepEqual(items.map(({ content }) => content).reverse(), ['hello', ...expected]);
    },
  },
};

/* Reads the newest of ann's under this name. */
async function readBy(name) {
  const [ann, bob] = await pair();
  const { message } = await ann.send(bob.id, 'read me');
  const told = next(ann.socket, 'message:read');
  assert.equal((await bob.emit('message-read', { [name]: message._id })).ok, true);
  assert.equal((await told).messageId, message._id);
  assert.equal((await ann.page(bob.id)).items[0].status, 'read');
  assert.equal((await bob.emit('message-read', { [name]: NOBODY })).ok, false);
}

const reading = {
  'client: message-read {messageId}': {
    'acknowledged {ok}': () => readBy('messageId'),
    '{id} does the same': () => readBy('id'),
  },
  'server: message:read': {
    '{messageId}, also as _id and id': async () => {
      const [ann, bob] = await pair();
      const { message } = await ann.send(bob.id, 'read me');
      const told = next(ann.socket, 'message:read');
      await bob.markRead(message._id);
      const { messageId, _id, id } = await told;
      assert.deepEqual([messageId, _id, id], Array(3).fill(message._id));
    },
  },
};

const typing = {
  'client: typing {to}': {
    'acknowledged {ok}': async () => {
      const [ann, bob] = await pair();
      assert.equal((await ann.emit('typing', { to: bob.id })).ok, true);
      assert.equal((await ann.emit('typing', {})).ok, false);
    },
    'the server sends the stop itself 3 s after the last one': async () => {
      const [ann, bob] = await pair();
      const stops = collect(bob.socket, 'typing-stopped');
      await ann.emit('typing', { to: bob.id });
      await sleep(1500);
      assert.equal((await ann.emit('typing', { to: bob.id })).ok, true);
      const last = Date.now();
      await waitFor('the stop', () => stops.length > 0);
      const after = Date.now() - last;
      assert.ok(after >= 2900 && after < 4500 * share(), `${after} ms`);
    },
  },
  'server: typing, typing-stopped': {
    '{from}': async () => {
      const [ann, bob] = await world.onlines('ann', 'bob'); // who have never talked
      const [on, off] = [next(bob.socket, 'typing'), next(bob.socket, 'typing-stopped')];
      await ann.emit('typing', { to: bob.id });
      assert.equal((await on).from, ann.id);
      await ann.send(bob.id, 'what I typed');
      assert.equal((await off).from, ann.id);
    },
  },
};

const hearing = {
  'server: message:new': {
    'the whole message, to every socket of both sides': async () => {
      const [ann, bob] = await pair();
      const all = [ann, bob, await window(ann), await window(bob)];
      const heard = all.map(({ socket }) => collect(socket, 'message:new'));
      await ann.emit('send-message', { to: bob.id, content: 'by socket' });
      await ann.send(bob.id, 'by REST');
      await waitFor('both', () => heard.every((list) => list.length === 2));
      const { items } = await ann.page(bob.id, 1, 2);
      for (const list of heard) {
        const seen = list.map((message) => ({ ...readMessage(message), status: '' }));
        assert.deepEqual(seen, items.map((message) => ({ ...message, status: '' })).reverse());
      }
    },
    'with clientId when it came by REST': async () => {
      const [ann, bob] = await pair();
      const clientId = world.fresh('c');
      const heard = [ann, bob].map(({ socket }) => next(socket, 'message:new'));
      await ann.send(bob.id, 'x', clientId);
      for (const message of await Promise.all(heard)) assert.equal(message.clientId, clientId);
    },
  },
};

const presence = {
  'server: user-status': {
    '{userId, status, lastSeen}, to everyone': async () => {
      const [stranger, ann] = await Promise.all([world.online('eve'), world.someone('ann')]);
      const of = (status) => next(stranger.socket, 'user-status',
        (data) => data.userId === ann.id && data.status === status);
      const online = of('online');
      await ann.connect();
      assert.ok(Date.parse((await online).lastSeen) > 0);
      const offline = of('offline');
      ann.close();
      assert.ok(Math.abs(Date.now() - Date.parse((await offline).lastSeen)) < 5000);
    },
  },
  'server: user-online, user-offline': {
    '{userId}, and {userId, lastSeen}, to everyone': async () => {
      const [stranger, ann] = await Promise.all([world.online('eve'), world.someone('ann')]);
      const about = ({ userId }) => userId === ann.id;
      const online = next(stranger.socket, 'user-online', about);
      await ann.connect();
      await online;
      const offline = next(stranger.socket, 'user-offline', about);
      ann.close();
      const { lastSeen } = await offline;
      assert.ok(Math.abs(Date.now() - Date.parse(lastSeen)) < 5000);
      assert.equal((await stranger.user(ann.id)).status, 'offline');
    },
  },
};

export const cases = { connecting, ...sending, ...reading, ...typing, ...hearing, ...presence };
