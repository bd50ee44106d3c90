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
};
