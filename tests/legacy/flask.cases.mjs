// The Flask chat's events, as its web client says and hears them: it connects
// with a name alone.
import assert from 'node:assert/strict';
import { call, enterSocket, next } from '../support/socket.mjs';
import { waitFor } from '../support/stack.mjs';
import { world } from './world.mjs';

async function webClient() {
  const username = world.fresh('web');
  const { socket, heard } = await enterSocket(world.url, { username });
  world.stack.sockets.add(socket);
  await waitFor('their token', () => heard.length > 0);
  const [[, { user }]] = heard;
  return { socket, user, username };
}

async function desk() {
  const name = world.fresh('desk');
  const who = await world.stack.register(name);
  await world.stack.ctl('user', 'role', name, 'operator');
  return { ...who, socket: await who.connect() };
}

export const cases = {
  'send_message {message}': {
    'from a web client': async () => {
      const { socket } = await webClient();
      const { ok, message } = await call(socket, 'send_message', { message: 'hello' });
      assert.deepEqual([ok, message.content], [true, 'hello']);
      assert.equal((await call(socket, 'send_message', { message: 'x'.repeat(5000) })).ok, true);
    },
  },
  broadcast_message: {
    'to the clients concerned': async () => {
      const [one, other, server] = [await webClient(), await webClient(), await desk()];
      const strange = [];
      other.socket.on('broadcast_message', (event) => strange.push(event));
      const heard = [one, server].map(({ socket }) => next(socket, 'broadcast_message'));
      await call(one.socket, 'send_message', { message: 'hello' });
      for (const { message, username, client_id: client } of await Promise.all(heard)) {
        assert.deepEqual([message, username, client], ['hello', one.username, one.user._id]);
      }
      const answer = next(one.socket, 'broadcast_message');
      await call(server.socket, 'send_message', { message: 'yes?', client_id: one.user._id });
      assert.equal((await answer).message, 'yes?');
      assert.deepEqual(strange, []);
    },
  },
  clients_update: {
    'when someone comes or goes': async () => {
      const server = await desk();
      const there = (username) => ({ clients }) => clients.some((client) => client.username === username);
      const username = world.fresh('web');
      const came = next(server.socket, 'clients_update', there(username));
      const { socket } = await enterSocket(world.url, { username });
      const { clients } = await came;
      assert.equal(clients.find((client) => client.username === username).ip, '127.0.0.1');
      const went = next(server.socket, 'clients_update', (update) => !there(username)(update));
      socket.disconnect();
      await went;
    },
  },
  system_message: {
    'for information': async () => {
      const [{ socket }, server] = [await webClient(), await desk()];
      const heard = next(socket, 'system_message');
      await call(server.socket, 'broadcast', { message: 'closing' });
      const { message, level } = await heard;
      assert.deepEqual([message, level], ['closing', 'info']);
    },
  },
  'the server\'s own name, status and avatar': {
    'clients hear of it when they change': async () => {
      const [{ socket }, server] = [await webClient(), await desk()];
      const heard = next(socket, 'user-status', ({ statusText }) => statusText === 'away for lunch');
      const token = (await world.stack.login(server.user.username)).token;
      await world.stack.api('/api/operator/server', { token, method: 'PATCH', body: { displayName: 'Desk', statusText: 'away for lunch' } });
      const { userId } = await heard;
      assert.equal((await world.stack.api(`/api/users/${userId}`, { token })).body.displayName, 'Desk');
    },
  },
};
