// Finding people: the directory page by page, the search, and who is called
// what.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startStack, waitFor } from '../support/stack.mjs';

const COUNT = 45;
let stack;
let ann;
const names = [];

before(async () => {
  stack = await startStack();
  ann = await stack.register('ann');
  for (let i = 0; i < COUNT; i += 1) {
    const name = `p${String(i).padStart(2, '0')}`;
    names.push(name);
    await stack.register(name);
  }
});
after(() => stack?.stop());

const nextOf = ({ headers }) => /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];

const get = async (target) => {
  const answer = await ann.api(target);
  assert.equal(answer.status, 200);
  return answer;
};

const goOnline = async (name) => {
  const socket = await (await stack.login(name)).connect();
  await waitFor(`${name} is online`, async () =>
    (await get('/api/users?limit=100')).body.items.find(({ username }) => username === name).status === 'online');
  return socket;
};

test('nobody falls between two pages, whoever comes and goes meanwhile', async () => {
  const early = [await goOnline('p40'), await goOnline('p41')];
  let answer;
  await waitFor('who is here is first', async () => {
    answer = await get('/api/users?limit=10');
    return answer.body.items.slice(0, 3).map(({ username }) => username).join() === 'p40,p41,p00';
  });
  const seen = new Set();
  const late = [];
  for (let page = 1; answer; page += 1) {
    assert.ok(page < 10);
    assert.ok(answer.body.items.length <= 10);
    assert.equal(answer.body.total, COUNT);
    for (const { username } of answer.body.items) seen.add(username);
    /* those of the first page leave, those of later pages come */
    if (page === 1) {
      for (const socket of early) socket.disconnect();
      late.push(await goOnline('p30'), await goOnline('p44'));
    }
    const next = nextOf(answer);
    answer = next && await get(next);
  }
  assert.deepEqual([...seen].sort(), names);
  for (const socket of late) socket.disconnect();
});

test('where all of the first page are online, the rest has everybody', async () => {
  const sockets = [];
  for (const name of ['p42', 'p43']) sockets.push(await goOnline(name));
  let first;
  await waitFor('both of the first page are online', async () => {
    first = await get('/api/users?limit=2');
    return first.body.items.map(({ status }) => status).join() === 'online,online';
  });
  const seen = first.body.items.map(({ username }) => username);
  for (let next = nextOf(first); next;) {
    const answer = await get(next);
    seen.push(...answer.body.items.map(({ username }) => username));
    next = nextOf(answer);
  }
  assert.deepEqual([...new Set(seen)].sort(), names);
  for (const socket of sockets) socket.disconnect();
});

test('a search forgives how a name is typed, and leads to all it finds', async () => {
  await stack.register('len', { displayName: 'Hélène  d’Arc' });
  for (const query of ['helene', 'HÉLÈNE', 'arc hele', "d'arc", 'darc  helene', 'len']) {
    const { body } = await get(`/api/users/search?q=${encodeURIComponent(query)}`);
    assert.deepEqual(body.map(({ username }) => username), ['len'], query);
  }
  for (const query of ['helene x', '’', '  ']) {
    assert.deepEqual((await get(`/api/users/search?q=${encodeURIComponent(query)}`)).body, [], query);
  }
  const found = [];
  for (let next = '/api/users/search?q=P'; next;) {
    const answer = await get(next);
    found.push(...answer.body.map(({ username }) => username));
    next = nextOf(answer);
  }
  assert.deepEqual([...new Set(found)].sort(), names);
});

test('a display name does not take the shape of another’s username', async () => {
  const taken = ({ status, body }) => {
    assert.deepEqual([status, body.error?.code, body.error?.field], [409, 'taken', 'displayName']);
  };
  const bob = await stack.register('bob');
  for (const displayName of ['ann', 'ANN', ' Ann ', '@ann', 'аnn', 'ａnn', 'a\u200dnn']) {
    taken(await bob.api('/api/users/profile', { method: 'PATCH', body: { displayName } }));
    taken(await stack.api('/api/auth/register', { body: { username: 'cyd', password: 'correct horse', displayName } }));
  }
  const impostor = await stack.api('/api/auth/register', { body: { username: 'аnn', password: 'correct horse' } });
  assert.deepEqual([impostor.status, impostor.body.error.field], [409, 'username']);
  for (const displayName of ['Bob', 'Ann B.', 'Änn', '']) {
    const answer = await bob.api('/api/users/profile', { method: 'PATCH', body: { displayName } });
    assert.equal(answer.status, 200, displayName);
  }
});

test('what a message may be is the same over REST and by socket', async () => {
  const bob = await stack.login('bob');
  const socket = await ann.connect();
  const say = async (content, to = bob.id) => [
    await ann.api('/api/messages', { body: { recipient_id: to, content } }),
    await socket.emitWithAck('send-message', { to, content }),
  ];
  for (const nothing of ['', ' \n', '\u200b', '\u3164\u2800', '\u00ad\u202e', '\ufe0f', '\u{e0061}']) {
    const [rest, live] = await say(nothing);
    assert.deepEqual([rest.status, rest.body.error.code, rest.body.error.field], [400, 'invalid', 'content']);
    assert.deepEqual([live.ok, live.error.code], [false, 'invalid']);
  }
  for (const typed of ['  if (x)\n    y();\n', '\u200bx ']) {
    const [rest, live] = await say(typed);
    assert.deepEqual([rest.status, rest.body.content], [201, typed]);
    assert.deepEqual([live.ok, live.message.content], [true, typed]);
  }
  socket.disconnect();
});
