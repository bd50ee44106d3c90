// Who is online, as others see it: over nginx, real workers and pushd.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import WebSocket from 'ws';
import { watchSocket } from '../support/description.mjs';
import { call, next } from '../support/socket.mjs';
import { share, startStack, waitFor } from '../support/stack.mjs';

const GRACE_MS = 1200;
const PING_MS = 500;
const PONG_MS = 6000; // for who is there, on a busy machine
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let stack;
let people = 0;
let open = [];

async function start(options = {}) {
  stack = await startStack({
    ...options,
    set: {
      presence_grace_ms: GRACE_MS,
      presence_broadcast_max: 2,
      ping_interval_ms: PING_MS,
      ping_timeout_ms: PONG_MS,
      ...options.set,
    },
  });
}

before(() => start());
afterEach(async () => {
  for (const socket of open) socket.disconnect();
  open = [];
  // Nobody of one test is online in the next.
  await waitFor('nobody is online', async () => (await stats()).usersOnline === 0);
});
after(() => stack.stop());

async function person(more) {
  const who = await stack.register(`pers${(people += 1)}`, more);
  return who;
}

async function online(who, options) {
  const socket = await who.connect({ transports: ['websocket'], ...options });
  open.push(socket);
  return socket;
}

/* A contact: somebody with whom there is a conversation. */
async function contactOf(who, more) {
  const other = await person(more);
  const answer = await other.api('/api/messages', { body: { recipient_id: who.id, content: 'hi' } });
  assert.equal(answer.status, 201);
  return other;
}

/* What a socket hears of presence from now on, in order: [name, body]. */
function presenceOf(socket) {
  const heard = [];
  socket.onAny((name, body) => {
    if (['user-online', 'user-offline', 'user-status', 'presence'].includes(name)) {
      heard.push([name, body]);
    }
  });
  return heard;
}

/* The first `presence` that a new socket of theirs gets. */
function firstPresence(who) {
  const socket = io(stack.url, { auth: { token: who.token }, transports: ['websocket'],
    forceNew: true, reconnection: false });
  watchSocket(socket);
  open.push(socket);
  return next(socket, 'presence');
}

const named = (heard, name) => heard.filter(([one]) => one === name).map(([, body]) => body);

async function stats() {
  return JSON.parse((await stack.ctl('stats')).stdout).stats;
}

const shown = async (asking, who) => (await asking.api(`/api/users/${who.id}`)).body;

test('online comes with the first of several sockets, offline after the last', async () => {
  const ann = await person();
  const bob = await contactOf(ann, { statusText: 'at sea' });
  const heard = presenceOf(await online(ann));
  const tabs = [await online(bob), await online(bob, { transports: ['polling'] }), await online(bob)];
  await waitFor('online', () => named(heard, 'user-status').length === 1);
  await waitFor('it to be shown', async () => (await shown(ann, bob)).status === 'online');

  for (const tab of tabs.slice(0, 2)) tab.disconnect();
  await sleep(GRACE_MS * 2);
  assert.deepEqual(named(heard, 'user-offline'), []);

  const left = Date.now();
  tabs[2].disconnect();
  await waitFor('offline', () => named(heard, 'user-offline').length === 1);
  assert.ok(Date.now() - left >= GRACE_MS - 50, `${Date.now() - left} ms`);
  await waitFor('all of it', () => heard.filter(([, { userId }]) => userId === bob.id).length === 4);

  const own = heard.filter(([, { userId }]) => userId === bob.id);
  const [{ lastSeen }] = named(heard, 'user-offline');
  assert.match(lastSeen, TIME);
  assert.ok(Math.abs(Date.parse(lastSeen) - left) < 5000 * share(), `${lastSeen}, left at ${left}`);
  assert.match(own[1][1].lastSeen, TIME);
  const about = { userId: bob.id, statusText: bob.user.statusText };
  assert.deepEqual(own, [
    ['user-online', { userId: bob.id }],
    ['user-status', { ...about, status: 'online', lastSeen: own[1][1].lastSeen }],
    ['user-offline', { userId: bob.id, lastSeen }],
    ['user-status', { ...about, status: 'offline', lastSeen }],
  ]);
  assert.equal((await shown(ann, bob)).status, 'offline');
});

test('a page that is reloaded again and again never flickers', async () => {
  const ann = await person();
  const bob = await contactOf(ann);
  const heard = presenceOf(await online(ann));
  let page = await online(bob);
  await waitFor('bob', () => named(heard, 'user-status').length === 1);
  assert.equal(named(heard, 'user-online').length, 1);
  /* Who takes longer to come back than the grace lasts was away. */
  await waitFor('a machine that has time for us', async () => {
    let slowest = 0;
    heard.length = 0;
    for (let i = 0; i < 5; i++) {
      const left = Date.now();
      page.disconnect();
      await sleep(50);
      page = await online(bob, { transports: i % 2 ? ['polling'] : ['websocket'] });
      slowest = Math.max(slowest, Date.now() - left);
    }
    await sleep(GRACE_MS * 1.5);
    return slowest <= GRACE_MS / 2;
  }, 60000);
  for (const what of ['user-online', 'user-offline', 'user-status']) assert.deepEqual(named(heard, what), []);
});

test('who comes in is told who of their contacts is online, and nothing of themselves', async () => {
  const ann = await person();
  const [bob, eve] = [await contactOf(ann), await contactOf(ann)];
  const stranger = await person();
  await online(bob);
  await online(stranger);
  await online(await person());
  assert.deepEqual(await firstPresence(ann), { online: [bob.id], offline: [] });
  const heard = presenceOf(open.at(-1));
  await online(eve);
  await waitFor('eve', () => named(heard, 'user-online').length > 0);
  assert.deepEqual(named(heard, 'user-online'), [{ userId: eve.id }]);
});

test('a network that went dead is noticed by ping', async () => {
  const ann = await person();
  const bob = await contactOf(ann);
  const heard = presenceOf(await online(ann));
  // It never answers a ping, and its connection stays open.
  const dead = new WebSocket(`${stack.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  dead.on('message', (data) => {
    if (String(data)[0] === '0') dead.send(`40${JSON.stringify({ token: bob.token })}`);
  });
  dead.on('error', () => {});
  await waitFor('online', () => named(heard, 'user-online').length === 1);
  const began = Date.now();
  await waitFor('offline', () => named(heard, 'user-offline').length === 1);
  const took = Date.now() - began;
  assert.ok(took > GRACE_MS, `${took} ms`);
  assert.ok(took < (PING_MS + PONG_MS + GRACE_MS + 1500) * share(), `${took} ms`);
  assert.equal((await stats()).timeouts >= 1, true);
  dead.terminate();
});

test('a network that went dead under long-polling is noticed, too', async () => {
  const ann = await person();
  const bob = await contactOf(ann);
  const heard = presenceOf(await online(ann));
  const base = `${stack.url}/socket.io/?EIO=4&transport=polling`;
  const { sid } = JSON.parse((await (await fetch(base)).text()).slice(1));
  await fetch(`${base}&sid=${sid}`,
    { method: 'POST', body: `40${JSON.stringify({ token: bob.token })}` });
  await waitFor('online', () => named(heard, 'user-online').length === 1);
  await waitFor('offline', () => named(heard, 'user-offline').length === 1);
});

test('among many only those who share a conversation, and watchers, hear', async () => {
  const ann = await person();
  const bob = await contactOf(ann);
  const [watcher, stranger] = [await person(), await person()];
  const heard = [];
  for (const who of [ann, watcher, stranger]) heard.push(presenceOf(await online(who)));
  // While two are online everyone hears of everyone: count Bob alone.
  const times = (list, name) => named(list, name).filter(({ userId }) => userId === bob.id).length;
  const answer = await call(open[1], 'watch-presence', { ids: [bob.id] });
  assert.deepEqual(answer, { ok: true, online: [] });

  const socket = await online(bob);
  for (const list of heard.slice(0, 2)) {
    await waitFor('online', () => times(list, 'user-online') === 1);
  }
  socket.disconnect();
  for (const list of heard.slice(0, 2)) {
    await waitFor('offline', () => times(list, 'user-offline') === 1);
  }
  await sleep(100);
  assert.deepEqual(heard[2].filter(([, { userId }]) => userId === bob.id), []);

  // The last list of ids is the one that counts.
  assert.deepEqual(await call(open[1], 'watch-presence', { ids: [] }), { ok: true, online: [] });
  await online(bob);
  await waitFor('again', () => times(heard[0], 'user-online') === 2);
  await sleep(100);
  assert.equal(times(heard[1], 'user-online'), 1);
});

test('while few are online everyone hears of everyone', async () => {
  const [ann, stranger] = [await person(), await person()];
  const heard = presenceOf(await online(ann));
  const socket = await online(stranger);
  await waitFor('online', () => named(heard, 'user-online').length === 1);
  assert.equal(named(heard, 'user-online')[0].userId, stranger.id);
  socket.disconnect();
  await waitFor('offline', () => named(heard, 'user-offline').length === 1);
});

test('a first message makes contacts of two who are online already', async () => {
  const [ann, bob] = [await person(), await person()];
  await online(await person());
  const heard = presenceOf(await online(ann));
  const socket = await online(bob);
  await call(socket, 'send-message', { to: ann.id, content: 'hello' });
  socket.disconnect();
  await waitFor('offline', () => named(heard, 'user-offline').some(({ userId }) => userId === bob.id));
});

test('more than ten changes a second come as one presence, and the last word counts', async () => {
  const ann = await person();
  const others = [];
  for (let i = 0; i < 25; i++) others.push(await contactOf(ann));
  const socket = await online(ann);
  const heard = presenceOf(socket);
  await sleep(1100);
  let began = Date.now();
  const sockets = await Promise.all(others.map((one) => online(one)));
  const knows = () => new Set([
    ...named(heard, 'user-online').map(({ userId }) => userId),
    ...named(heard, 'presence').flatMap(({ online: ids }) => ids)]);
  await waitFor('all of them', () => knows().size === 25);
  // Ten, and another ten for every second that they took to come.
  const few = (name) => {
    const { length } = named(heard, name);
    const seconds = Math.max(1, Math.ceil((Date.now() - began) / 1000));
    assert.ok(length >= 10 && length <= 10 * (1 + seconds), `${length} ${name} in ${seconds} s`);
    return length < 25;
  };
  assert.ok(!few('user-online') || named(heard, 'presence').length > 0);
  for (const body of named(heard, 'presence')) {
    assert.deepEqual(Object.keys(body).sort(), ['offline', 'online']);
  }
  await sleep(1500); // that storm is over
  began = Date.now() + GRACE_MS;
  for (const one of sockets) one.disconnect();
  const gone = () => [...named(heard, 'user-offline'),
    ...named(heard, 'presence').flatMap(({ offline }) => offline)];
  await waitFor('all are gone', () => gone().length === 25);
  for (const body of gone()) {
    assert.deepEqual(Object.keys(body).sort(), ['lastSeen', 'userId']);
    assert.match(body.lastSeen, TIME);
  }
  few('user-offline');
});

test('lastSeen is stored, and a restart forgets nothing', async () => {
  const ann = await person();
  const bob = await contactOf(ann);
  assert.equal((await shown(ann, bob)).lastSeen, bob.user.createdAt);
  const first = await online(bob);
  const left = Date.now();
  first.disconnect();
  const { lastSeen } = await waitFor('it is stored', async () => {
    const user = await shown(ann, bob);
    return user.lastSeen > bob.user.createdAt && user;
  });
  assert.ok(Math.abs(Date.parse(lastSeen) - left) < 5000 * share(), lastSeen);

  // Who is online while everything stops was last seen then, also where pushd
  // is told last.
  await online(ann);
  const before = Date.now();
  const { dir, port } = stack;
  open = [];
  process.env.PALABRE_KEEP = '1';
  const pushd = stack.pid('palabre-pushd');
  process.kill(pushd, 'SIGSTOP');
  try {
    const stopped = stack.stop();
    await sleep(200);
    process.kill(pushd, 'SIGCONT');
    await stopped;
  } finally {
    delete process.env.PALABRE_KEEP;
  }
  await start({ dir, port });
  const again = { ...ann, api: (target, options) => stack.api(target, { token: ann.token, ...options }) };
  assert.equal((await shown(again, bob)).lastSeen, lastSeen);
  const own = await shown(again, ann);
  const since = Date.parse(own.lastSeen) - before;
  assert.ok(since >= 0 && since < 3000 * share(), `${since} ms`);
  assert.equal(own.status, 'offline');
});
