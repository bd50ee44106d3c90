// Cases for the rows of rows.mjs' REST table.
import assert from 'node:assert/strict';
import { call, next } from '../support/socket.mjs';
import { password, waitFor } from '../support/stack.mjs';
import { errorText } from './mevn-client.mjs';
import { NOBODY, refused, world } from './world.mjs';

const SERVER = '000000000000000000000001';

const PAGE = ['/api/messages', '/api/messages/conversation'];
const LIST = ['/api/messages/conversations', '/api/conversations'];

async function said(from, to, count) {
  const ids = [];
  for (let i = 1; i <= count; i += 1) {
    ids.push((await from.send(to.id, `line ${i}`)).message._id);
  }
  return ids;
}

async function newestFirst(path) {
  const [ann, bob] = await world.someones('ann', 'bob');
  await said(ann, bob, 3);
  await bob.send(ann.id, 'line 4');
  const first = await ann.page(bob.id, 1, 3, path);
  assert.deepEqual([first.page, first.limit], [1, 3]);
  assert.deepEqual(first.items.map(({ content }) => content), ['line 4', 'line 3', 'line 2']);
  const second = await ann.page(bob.id, 2, 3, path);
  assert.deepEqual(second.items.map(({ content }) => content), ['line 1']);
  assert.deepEqual((await ann.page(bob.id, 3, 3, path)).items, []);
  const [cat] = await world.someones('cat');
  assert.deepEqual((await cat.page(bob.id, 1, 3, path)).items, []);
}

async function limits(path) {
  const [ann, bob] = await world.someones('ann', 'bob');
  await said(ann, bob, 105);
  for (const [limit, expected] of [[undefined, 30], [100, 100], [500, 100]]) {
    const page = await ann.page(bob.id, 1, limit, path);
    assert.deepEqual([page.limit, page.items.length], [expected, expected], `${limit}`);
  }
}

async function reads(path) {
  const [ann, bob] = await world.onlines('ann', 'bob');
  const ids = await said(ann, bob, 3);
  const told = next(ann.socket, 'message:read');
  const { items } = await bob.page(ann.id, undefined, undefined, path);
  assert.deepEqual(items.map(({ status }) => status), ['read', 'read', 'read']);
  assert.equal((await told).messageId, ids[2]);
  assert.equal((await bob.conversations())[0].unread, 0);
  assert.deepEqual((await ann.page(bob.id)).items.map(({ status }) => status), ['read', 'read', 'read']);
}

const everyRequest = {
  'carries Content-Type: application/json and Authorization: Bearer, GET and DELETE too': async () => {
    const [ann, bob] = await world.someones('ann', 'bob');
    const { message } = await ann.send(bob.id, 'x');
    await ann.users();
    await bob.markRead(message._id); // a POST of no body at all
    await ann.remove(message._id);
    await ann.logout();
  },
  'names an id of 24 hex digits, and an unknown one is 404': async () => {
    const ann = await world.someone();
    assert.match(ann.id, /^[0-9a-f]{24}$/);
    for (const id of [NOBODY, 'no-id-at-all']) {
      await refused(ann.user(id), 404);
      await refused(ann.page(id), 404);
      await refused(ann.edit(id, { content: 'x' }), 404);
      await refused(ann.remove(id), 404);
      await refused(ann.markRead(id), 404);
    }
  },
  'that is refused says why in error.message, else error, else message': async () => {
    assert.equal(errorText({ error: { message: 'a' }, message: 'b' }), 'a');
    assert.equal(errorText({ error: 'a', message: 'b' }), 'a');
    assert.equal(errorText({ message: 'b' }), 'b');
    const [ann, stranger] = [await world.someone(), world.client()];
    const refusals = {
      'without a token': [() => stranger.users(), 401],
      'in what it says': [() => ann.send(ann.id, ''), 400],
      'by nginx': [() => ann.ask('GET', `/api/${'x'.repeat(9000)}`), 414],
      'as nothing there': [() => ann.ask('GET', '/api/nothing/here'), 404],
      'as the wrong method': [() => ann.ask('DELETE', '/api/users'), 405],
      'as too large': [() => ann.ask('POST', '/api/messages', { content: 'x'.repeat(1 << 20) }), 413],
    };
    for (const [asking, status] of Object.values(refusals)) await refused(asking(), status);
  },
};

const aMessage = {
  'has _id, sender, recipient, content, createdAt, status, edited, deleted, clientId': async () => {
    const [ann, bob] = await world.someones('ann', 'bob');
    const clientId = world.fresh('c');
    const { message } = await ann.send(bob.id, ' Olá, 世界 ', clientId);
    const { _id, createdAt, ...rest } = message;
    assert.match(_id, /^[0-9a-f]{24}$/);
    assert.ok(Math.abs(Date.now() - Date.parse(createdAt)) < 5000);
    assert.deepEqual(rest, {
      sender: ann.id, recipient: bob.id, content: ' Olá, 世界 ', clientId,
      status: 'sent', edited: false, deleted: false,
    });
    const { items } = await ann.page(bob.id);
    assert.deepEqual(items, [message]);
  },
  'names its sender and recipient by plain ids': async () => {
    const [ann, bob] = await world.someones('ann', 'bob');
    await ann.send(bob.id, 'x');
    for (const one of [(await bob.conversations())[0].lastMessage, (await bob.page(ann.id)).items[0]]) {
      assert.deepEqual([one.sender, one.recipient], [ann.id, bob.id]);
    }
  },
  'goes from sent to received to read': async () => {
    const [ann, bob] = await world.someones('ann', 'bob');
    const { message } = await ann.send(bob.id, 'x');
    const status = async () => (await ann.page(bob.id)).items[0].status;
    assert.equal(await status(), 'sent');
    // The old server moved it on; here a new client says so, on the same wire.
    const { conversationId } = (await bob.ask('GET', LIST[0])).body[0].lastMessage;
    await bob.ask('POST', '/api/messages/received', { conversationId, seq: 1 });
    assert.equal(await status(), 'received');
    await bob.markRead(message._id);
    assert.equal(await status(), 'read');
  },
};

const accounts = {
  'POST /api/auth/register {email, username, password, avatar?}': {
    '201 {token, user}; user has _id, email, username, avatar, status, createdAt, lastSeen': async () => {
      const client = world.client();
      const username = world.fresh('Ann');
      const { status, token, user } = await client.register(
        { email: `${username}@X.example`, username, password, avatar: '🦊' });
      assert.equal(status, 201);
      assert.match(token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
      assert.deepEqual([user.username, user.avatar, user.status], [username, '🦊', 'online']);
      assert.equal(user.email.toLowerCase(), `${username}@x.example`.toLowerCase());
      assert.ok(Math.abs(Date.now() - Date.parse(user.createdAt)) < 5000);
      assert.equal((await client.user(user._id)).avatar, '🦊');
    },
    '400 when something is missing or wrong': async () => {
      const fine = () => ({ username: world.fresh('ann'), password, email: `${world.fresh('a')}@x.example` });
      for (const wrong of [{ username: undefined }, { password: undefined }, { username: 'ab' },
        { password: '12345' }, { email: 'nobody' }]) {
        await refused(world.client().register({ ...fine(), ...wrong }), 400);
      }
    },
    '409 when the name or the email is taken': async () => {
      const ann = await world.someone('ann');
      const again = (who) => world.client().register({ password, ...who });
      await refused(again({ username: ann.name.toUpperCase(), email: `${world.fresh('a')}@x.example` }), 409);
      await refused(again({ username: world.fresh('ann'), email: ann.email.toUpperCase() }), 409);
    },
  },
  'POST /api/auth/login {email, password}': {
    '200 {token, user}; user.status is online': async () => {
      const ann = await world.someone();
      const again = world.client();
      const { status, user } = await again.login(ann.email, password);
      assert.deepEqual([status, user._id, user.status], [200, ann.id, 'online']);
      await again.users();
    },
    '401 otherwise': async () => {
      const ann = await world.someone();
      await refused(world.client().login(ann.email, 'not hers'), 401);
      await refused(world.client().login(`${world.fresh('nobody')}@x.example`, password), 401);
    },
  },
  'POST /api/auth/logout': {
    '200 {message}': async () => {
      const ann = await world.someone();
      const { token } = ann.signedIn;
      const { status, message } = await ann.logout();
      assert.deepEqual([status, typeof message], [200, 'string']);
      ann.storage.set('auth', JSON.stringify({ token, user: {} }));
      await refused(ann.users(), 401);
    },
  },
};

const people = {
  'GET /api/users?page=&limit=': {
    '{page, limit, total, items: [{_id, username, avatar, status, lastSeen}]}': async () => {
      const [ann, bob] = await world.someones('ann', 'bob');
      const { page, limit, total, items } = await ann.users(1, 100);
      assert.deepEqual([page, limit], [1, 100]);
      const all = [...items];
      for (let n = 2; all.length < total; n += 1) all.push(...(await ann.users(n, 100)).items);
      assert.equal(new Set(all.map(({ _id }) => _id)).size, total);
      assert.deepEqual(all.filter(({ _id }) => _id === bob.id).map(({ username }) => username), [bob.name]);
    },
    'online first, then by name': async () => {
      const [, zoe, ada] = await Promise.all(
        [world.someone('ann'), world.online('zoe'), world.online('ada')]);
      const { items } = await (await world.someone()).users();
      const online = items.filter(({ status }) => status === 'online');
      assert.deepEqual(items.slice(0, online.length), online);
      for (const part of [online, items.slice(online.length)]) {
        const names = part.map(({ username }) => username.toLowerCase());
        assert.deepEqual(names, [...names].sort());
      }
      const at = (one) => online.findIndex(({ _id }) => _id === one.id);
      assert.ok(at(ada) >= 0 && at(ada) < at(zoe));
    },
    'limit at most 100': async () => {
      const ann = await world.someone();
      assert.equal((await ann.users(1, 1000)).limit, 100);
      assert.equal((await ann.users(1, 2)).items.length, 2);
    },
  },
  'GET /api/users/:id': {
    '{_id, username, avatar, status, lastSeen}': async () => {
      const [ann, bob] = await Promise.all([world.someone('ann'), world.online('bob')]);
      const seen = await ann.user(bob.id);
      assert.deepEqual([seen._id, seen.username, seen.avatar, seen.status],
        [bob.id, bob.name, '', 'online']);
      assert.equal((await bob.user(ann.id)).status, 'offline');
    },
    '404 when there is nobody': async () => refused((await world.someone()).user(NOBODY), 404),
  },
  'GET /api/users/search?q= or query=': {
    'array of the same: part of a name, in any case': async () => {
      const [ann, bob] = await world.someones('ann', 'Bob');
      for (const name of ['q', 'query']) {
        const found = await ann.search(bob.name.slice(1).toUpperCase(), name);
        assert.deepEqual(found.map(({ username }) => username), [bob.name]);
      }
    },
    'at most 20': async () => {
      const [ann] = await Promise.all([world.someone('ann'),
        ...Array.from({ length: 22 }, () => world.someone('many'))]);
      assert.equal((await ann.search('many')).length, 20);
    },
    'an empty q finds nobody': async () => {
      const ann = await world.someone();
      assert.deepEqual(await ann.search(''), []);
    },
  },
  'PUT /api/users/profile {username?, avatar?}': {
    'the profile, as it is now': async () => {
      const [ann, bob] = await world.someones('ann', 'bob');
      const username = world.fresh('Anna');
      assert.equal((await ann.profile({ avatar: '🐙' })).avatar, '🐙');
      const seen = await ann.profile({ username });
      assert.deepEqual([seen._id, seen.username, seen.avatar], [ann.id, username, '🐙']);
      assert.equal((await bob.user(ann.id)).username, username);
    },
    '400 or 422 for a name shorter than 3': async () => {
      const ann = await world.someone();
      await refused(ann.profile({ username: 'ab' }), 400, 422);
      assert.equal((await ann.user(ann.id)).username, ann.name);
    },
  },
};

const messages = {
  'POST /api/messages {recipient_id, content, clientId?}': {
    '201 the message': async () => {
      const [ann, bob] = await world.someones('ann', 'bob');
      const { status, message } = await ann.send(bob.id, 'Hello');
      assert.deepEqual([status, message.content], [201, 'Hello']);
    },
    '400 without recipient_id': async () => {
      const ann = await world.someone();
      await refused(ann.send(undefined, 'Hello'), 400);
      await refused(ann.send('', 'Hello'), 400);
    },
    '404 for an unknown recipient': async () => refused((await world.someone()).send(NOBODY, 'x'), 404),
  },
  'GET /api/messages/:userId?page=&limit=': {
    '{page, limit, items}, newest first': () => newestFirst(PAGE[0]),
    'limit 30 unless asked for, at most 100': () => limits(PAGE[0]),
    'what the other wrote becomes read': () => reads(PAGE[0]),
  },
  'GET /api/messages/conversation/:userId?page=&limit=': {
    'the same': async () => {
      await newestFirst(PAGE[1]);
      await limits(PAGE[1]);
      await reads(PAGE[1]);
    },
  },
  'GET /api/messages/conversations and GET /api/conversations': {
    'array of {otherUser: {_id, username, avatar, status, lastSeen}, lastMessage, unread}': async () => {
      const [ann, bob] = await Promise.all([world.someone('ann'), world.online('bob')]);
      await said(bob, ann, 3);
      const { message } = await bob.send(ann.id, 'newest');
      for (const path of LIST) {
        const [{ otherUser, lastMessage, unread }, ...more] = await ann.conversations(path);
        assert.deepEqual(more, []);
        assert.deepEqual([otherUser._id, otherUser.username, otherUser.avatar, otherUser.status],
          [bob.id, bob.name, '', 'online']);
        assert.deepEqual([lastMessage._id, lastMessage.content, unread], [message._id, 'newest', 4]);
      }
      assert.equal((await bob.conversations())[0].unread, 0);
    },
    'newest first': async () => {
      const [ann, bob, cat] = await world.someones('ann', 'bob', 'cat');
      await said(bob, ann, 1);
      await said(cat, ann, 1);
      await ann.send(bob.id, 'and back');
      for (const path of LIST) {
        assert.deepEqual((await ann.conversations(path)).map(({ otherUser }) => otherUser._id),
          [bob.id, cat.id]);
      }
    },
  },
  'GET /api/messages/conversations': {
    'an otherUser also where it is the server, a group, or somebody who is gone': async () => {
      const [ann, bob, cat] = await world.someones('ann', 'bob', 'cat');
      await said(bob, ann, 1);
      await said(cat, ann, 1);
      const { status } = await world.stack.api('/api/conversations',
        { token: bob.signedIn.token, body: { title: 'All '.repeat(12).trim(), members: [ann.id] } });
      assert.equal(status, 201);
      await world.stack.api('/api/users/me', { token: cat.signedIn.token, method: 'DELETE', body: { password } });
      await waitFor('they are gone', () => ann.user(cat.id).then(() => false, () => true));
      await world.stack.api('/api/messages', { token: ann.signedIn.token, body: { recipient_id: SERVER, content: 'help' } });
      const { body: rows } = await world.stack.api('/api/messages/conversations', { token: ann.signedIn.token });
      assert.deepEqual(rows.map(({ otherUser }) => otherUser.username).sort(), ['All '.repeat(8), 'Somebody', 'Support', bob.name].sort());
      assert.equal(rows.find(({ kind }) => kind === 'support').otherUser._id, SERVER);
    },
  },
};

const changes = {
  'PUT /api/messages/:id {content?}': {
    '200 the message, edited': async () => {
      const [ann, bob] = await world.someones('ann', 'bob');
      const { message } = await ann.send(bob.id, 'teh');
      const edit = await ann.edit(message._id, { content: 'the' });
      assert.equal(edit.status, 200);
      assert.deepEqual(edit.message, { ...message, content: 'the', edited: true });
      const [shown] = (await bob.page(ann.id)).items;
      assert.deepEqual([shown.content, shown.edited], ['the', true]);
    },
    'edited is true even without content': async () => {
      const [ann, bob] = await world.someones('ann', 'bob');
      for (const body of [{}, undefined]) {
        const { message } = await ann.send(bob.id, 'as it was');
        const edit = await ann.edit(message._id, body);
        assert.deepEqual([edit.status, edit.message.edited, edit.message.content],
          [200, true, 'as it was']);
        assert.equal((await ann.page(bob.id)).items[0].edited, true);
      }
    },
    '403 or 404 for others': async () => {
      const [ann, bob, eve] = await world.someones('ann', 'bob', 'eve');
      const { message } = await ann.send(bob.id, 'mine');
      await refused(bob.edit(message._id, { content: 'his' }), 403, 404);
      await refused(eve.edit(message._id, { content: 'hers' }), 403, 404);
      const [shown] = (await ann.page(bob.id)).items;
      assert.deepEqual([shown.content, shown.edited], ['mine', false]);
    },
  },
  'DELETE /api/messages/:id': {
    '200 {message}; the row stays, deleted': async () => {
      const [ann, bob] = await world.someones('ann', 'bob');
      const { message } = await ann.send(bob.id, 'regretted');
      await ann.send(bob.id, 'kept');
      const { status, message: words } = await ann.remove(message._id);
      assert.deepEqual([status, typeof words], [200, 'string']);
      for (const [one, other] of [[ann, bob], [bob, ann]]) {
        const { items } = await one.page(other.id);
        assert.deepEqual(items.map(({ _id, deleted, content }) => [_id === message._id, deleted, content]),
          [[false, false, 'kept'], [true, true, '']]);
      }
    },
    '403 or 404 for others': async () => {
      const [ann, bob, eve] = await world.someones('ann', 'bob', 'eve');
      const { message } = await ann.send(bob.id, 'mine');
      await refused(bob.remove(message._id), 403, 404);
      await refused(eve.remove(message._id), 403, 404);
      assert.equal((await ann.page(bob.id)).items[0].deleted, false);
    },
  },
  'POST /api/messages/:id/read': {
    '200 the message, status read': async () => {
      const [ann, bob] = await world.someones('ann', 'bob');
      const { message } = await ann.send(bob.id, 'x');
      const answer = await bob.markRead(message._id);
      assert.deepEqual([answer.status, answer.message], [200, { ...message, status: 'read' }]);
      assert.equal((await ann.page(bob.id)).items[0].status, 'read');
      assert.equal((await bob.markRead(message._id)).status, 200);
    },
    'recipient only': async () => {
      const [ann, bob, eve] = await world.someones('ann', 'bob', 'eve');
      const { message } = await ann.send(bob.id, 'x');
      await refused(ann.markRead(message._id), 403, 404);
      await refused(eve.markRead(message._id), 403, 404);
      assert.equal((await ann.page(bob.id)).items[0].status, 'sent');
    },
  },
  'OPTIONS anywhere': {
    '200 or 204': async () => {
      for (const path of ['/api/auth/login', '/api/users', '/api/messages/x', '/api/no/such', '/api/',
        '/socket.io/?EIO=4&transport=polling', '/', '/no/such/page']) {
        const answer = await world.stack.api(path, { method: 'OPTIONS' });
        assert.ok([200, 204].includes(answer.status), `${path}: ${answer.status}`);
      }
    },
  },
};

const flask = {
  'a message of the Flask system': {
    'has at most 5000 characters': async () => {
      const [ann, bob] = await Promise.all([world.online('ann'), world.someone('bob')]);
      assert.equal((await ann.send(bob.id, '€'.repeat(5000))).status, 201);
      await refused(ann.send(bob.id, '€'.repeat(5001)), 400);
      const answer = await call(ann.socket, 'send-message', { to: bob.id, content: 'x'.repeat(5001) });
      assert.equal(answer.ok, false);
    },
  },
};

export const cases = {
  'every request': everyRequest,
  ...accounts,
  ...people,
  ...messages,
  ...changes,
  'a message': aMessage,
  ...flask,
};
