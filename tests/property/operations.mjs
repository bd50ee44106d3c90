// Random sequences of everything people do, and of what happens to workers. A
// sequence is made of its seed alone; `pick`s find their message when they run.
import { setTimeout as sleep } from 'node:timers/promises';
import { password } from '../support/stack.mjs';
import { ask, askFor } from './client.mjs';

const CALM_MS = 200; // what a kill hurts is over
const BETWEEN_HURTS_MS = 1000;

/* xorshift32 over a hash of the seed: random(n) is one of 0...n-1. */
export function dice(seed) {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) || 1;
  return (sides) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % sides;
  };
}

const found = (list, pick) => list[pick % list.length];
const otherThan = (scene, who, pick) =>
  (who + 1 + (pick % (scene.people.length - 1))) % scene.people.length;

/* What a person has said or been told over any of his clients. */
function messagesOf(scene, who, own) {
  const { id } = scene.people[who];
  return scene.sent.filter(({ sender, recipient }) =>
    sender === id || (!own && recipient === id));
}

function liveClient(scene, who, pick) {
  const living = scene.clients[who].filter(({ connected }) => connected);
  return living.length > 0 ? found(living, pick) : null;
}

/* One request, over a socket of his if `bySocket` and one lives, else REST. */
async function post(scene, who, to, { bySocket, pick, ...body }) {
  const client = bySocket ? liveClient(scene, who, pick) : null;
  const recipient = scene.people[to].id;
  if (client) {
    const answer = await client.call('send-message', { to: recipient, ...body });
    if (answer?.ok) return answer.message;
    if (answer) throw new Error(`send-message: ${answer.error.code}`);
    scene.unknown = true; // it may still be written
    if (!body.clientId) return null;
  }
  return askFor(scene.people[who], '/api/messages',
    { body: { recipient_id: recipient, ...body } });
}

let clientIds = 0;

async function send(scene, { who, pick, text, door, replies }) {
  const to = otherThan(scene, who, pick);
  const between = messagesOf(scene, who).filter(({ sender, recipient }) =>
    [sender, recipient].includes(scene.people[to].id));
  const body = {
    content: text,
    ...(door % 3 > 0 && { clientId: `c${clientIds += 1}` }),
    ...(replies && between.length > 0 && { replyTo: found(between, pick)._id }),
  };
  const message = await post(scene, who, to, { bySocket: door % 2 === 1, pick, ...body });
  if (message === null) return;
  scene.sent.push(message);
  if (body.clientId) scene.keyed.push({ who, to, body, id: message._id });
}

/* A clientId once more, through either door: the first message answers. */
async function repeat(scene, { pick, door }) {
  if (scene.keyed.length === 0) return;
  const { who, to, body, id } = found(scene.keyed, pick);
  const message = await post(scene, who, to, { bySocket: door % 2 === 1, pick, ...body });
  if (message._id !== id) throw new Error(`a repeat of ${id} became ${message._id}`);
}

async function change(scene, { who, pick, text }, method) {
  const own = messagesOf(scene, who, true);
  if (own.length === 0) return;
  const { _id } = found(own, pick);
  const answer = await ask(scene.people[who], `/api/messages/${_id}`,
    { method, ...(method === 'PUT' && { body: { content: text } }) });
  // 403: it was deleted
  if (answer.status !== 200 && !(method === 'PUT' && answer.status === 403)) {
    throw new Error(`${method}: ${answer.status} ${answer.text}`);
  }
}

async function move(scene, { who, pick, door }, kind) {
  const known = messagesOf(scene, who);
  if (known.length === 0) return;
  const { _id, conversationId, seq } = found(known, pick);
  const client = door % 2 === 1 ? liveClient(scene, who, pick) : null;
  if (!client) {
    await askFor(scene.people[who], `/api/messages/${kind}`, { body: { conversationId, seq } });
    return;
  }
  const where = door % 3 === 0 ? { messageId: _id } : { conversationId, seq };
  const answer = await client.call(`message-${kind}`, where);
  scene.unknown ||= !answer;
  if (answer && !answer.ok) throw new Error(`message-${kind}: ${answer.error.code}`);
}

async function type(scene, { who, pick, door }) {
  liveClient(scene, who, pick)?.socket.emit(door % 3 ? 'typing' : 'typing-stopped',
    { to: scene.people[otherThan(scene, who, pick)].id });
}

async function openOldPage(scene, { who, pick }) {
  const other = scene.people[otherThan(scene, who, pick)];
  await askFor(scene.people[who], `/api/messages/${other.id}?page=1&limit=20`);
}

async function rename(scene, { who, text }) {
  const answer = await ask(scene.people[who], '/api/users/profile',
    { method: 'PUT', body: { displayName: text } });
  if (answer.status !== 200) throw new Error(`profile: ${answer.status} ${answer.text}`);
}

async function dropOrReturn(scene, { who, pick }) {
  const client = found(scene.clients[who], pick);
  if (client.connected) client.drop();
  else await client.back();
}

/* Between "3probe" and "5" no transport takes an event; who closes there is
 * told so when he comes back by himself. */
async function assertRefused(client) {
  const { transport } = client;
  client.drop();
  const refusal = await client.open().then(() => null, ({ data }) => data?.code);
  if (transport !== 'upgrade' || !['unauthorized', 'session_expired'].includes(refusal)) {
    throw new Error(`${transport}: closed without session-expired, then ${refusal}`);
  }
}

/* Each ends the session that he is using. */
const ENDINGS = [
  (person) => askFor(person, '/api/auth/logout', { method: 'POST' }),
  (person) => askFor(person, '/api/auth/logout', { body: { everywhere: true } }),
  async (person) => {
    const { items } = await askFor(person, '/api/auth/sessions');
    const { _id } = items.find(({ current }) => current);
    await askFor(person, `/api/auth/sessions/${_id}`, { method: 'DELETE' });
  },
];

/* His sockets close at once, unless the worker dies between the row and its
 * frame: then at their next command. So nobody is killed meanwhile. */
async function endAndSeeClosed(scene, living, end) {
  const { stack } = scene;
  stack.ending += 1;
  try {
    await sleep(Math.max(0, stack.hurtAt + CALM_MS - Date.now()));
    await end();
    for (let waited = 0; living.some((client) => client.connected); waited += 10) {
      if (waited > 10000) throw new Error('a session ended, its socket did not');
      await sleep(10);
    }
  } finally {
    stack.ending -= 1;
  }
}

/* Then he signs in again. */
async function endSession(scene, { who, door }) {
  const person = scene.people[who];
  await settle(scene);
  const living = scene.clients[who].filter(({ connected }) => connected);
  await endAndSeeClosed(scene, living, () => found(ENDINGS, door)(person));
  for (const client of living.filter(({ expired }) => !expired)) await assertRefused(client);
  const { token } = await askFor({ api: scene.stack.api.bind(scene.stack) }, '/api/auth/login',
    { body: { username: person.user.username, password } });
  Object.assign(person, scene.stack.person({ token, user: person.user }));
}

/* Another token for the same session, on his open sockets, too. */
async function renew(scene, { who }) {
  const person = scene.people[who];
  const { token } = await askFor(person, '/api/auth/refresh', { method: 'POST' });
  Object.assign(person, scene.stack.person({ token, user: person.user }));
  for (const client of scene.clients[who].filter(({ connected }) => connected)) {
    const answer = await client.call('renew', { token });
    if (answer && !answer.ok) throw new Error(`renew: ${answer.error.code}`);
  }
}

async function hurtWorker({ stack, rough, counts }, { pick }, signal) {
  while (stack.ending > 0) await sleep(10);
  if (!rough || Date.now() < stack.hurtAt + BETWEEN_HURTS_MS) return;
  stack.hurtAt = Date.now();
  counts[signal] = (counts[signal] ?? 0) + 1;
  const workers = stack.workers('palabre-api');
  if (signal === 'SIGHUP') process.kill(stack.pid('palabre-api'), signal);
  else if (workers.length > 0) process.kill(found(workers, pick), signal);
}

/* More than a sync gives. */
async function flood(scene, { who, pick, text, door }) {
  const own = messagesOf(scene, who, true);
  const many = 201 + (pick % 40);
  if (door % 2 === 1 && own.length > 0) {
    for (let i = 0; i < many; i += 1) {
      await change(scene, { who, pick, text: `${text} ${i}` }, 'PUT');
    }
    return;
  }
  for (let i = 0; i < many; i += 10) {
    await Promise.all(Array.from({ length: Math.min(10, many - i) }, (_, n) =>
      send(scene, { who, pick, text: `${text} ${i + n}`, door: 0 })));
  }
}

/* name: [how often, what it does] */
const OPERATIONS = {
  send: [20, send],
  reply: [5, (scene, op) => send(scene, { ...op, replies: true })],
  repeat: [5, repeat],
  edit: [12, (scene, op) => change(scene, op, 'PUT')],
  delete: [4, (scene, op) => change(scene, op, 'DELETE')],
  received: [5, (scene, op) => move(scene, op, 'received')],
  read: [10, (scene, op) => move(scene, op, 'read')],
  type: [4, type],
  oldPage: [1, openOldPage],
  rename: [1, rename],
  line: [18, dropOrReturn],
  renew: [1, renew],
  endSession: [0.5, endSession],
  kill: [0.3, (scene, op) => hurtWorker(scene, op, 'SIGKILL')],
  reload: [0.2, (scene, op) => hurtWorker(scene, op, 'SIGHUP')],
  flood: [0.06, flood],
};
const TOTAL = Object.values(OPERATIONS).reduce((sum, [often]) => sum + often, 0);

function choose(random) {
  let at = (random(1e6) / 1e6) * TOTAL;
  for (const [name, [often]] of Object.entries(OPERATIONS)) {
    at -= often;
    if (at < 0) return name;
  }
  return 'send';
}

export function makeOperations(random, people) {
  return Array.from({ length: 6 + random(20) }, (_, i) => ({
    name: choose(random),
    who: random(people),
    pick: random(1 << 20),
    door: random(12),
    text: `text ${i} \u{1f600}`.slice(0, 8 + random(4)).trim(),
    alone: random(2) === 0, // the next one waits for it
  }));
}

async function settle(scene) {
  await Promise.all(scene.underWay);
  scene.underWay.clear();
}

export async function runOperations(scene, operations) {
  scene.underWay = new Set();
  for (const operation of operations) {
    const { name, alone } = operation;
    scene.counts[name] = (scene.counts[name] ?? 0) + 1;
    const done = OPERATIONS[name][1](scene, operation);
    if (alone || ['line', 'renew', 'endSession'].includes(name)) await done;
    else scene.underWay.add(done);
    done.catch(() => {}); // settle() tells
  }
  await settle(scene);
}
