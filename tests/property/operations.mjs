// Random sequences of everything people do. A sequence is made of its seed
// alone; `pick`s find their message when they run.
import { setTimeout as sleep } from 'node:timers/promises';
import { password } from '../support/stack.mjs';
import { ask, askFor } from './client.mjs';

const CUT_MS = 1000; // until all know that their lines were cut
const CLOSED_MS = 5000; // the sockets of a session that ended

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

/* What a person has said or been told over any of their clients. */
function messagesOf(scene, who, own) {
  const { id } = scene.people[who];
  return scene.sent.filter(({ sender, recipient }) =>
    sender === id || (!own && recipient === id));
}

function liveClient(scene, who, pick) {
  const living = scene.clients[who].filter(({ connected }) => connected);
  return living.length > 0 ? found(living, pick) : null;
}

/* One request, over a socket of theirs if `bySocket` and one lives, else REST;
 * `into` a conversation, or to a person. */
async function post(scene, who, to, { bySocket, pick, into, ...body }) {
  const client = bySocket ? liveClient(scene, who, pick) : null;
  const goes = (name) => (into ? { conversationId: into } : { [name]: scene.people[to].id });
  if (client) {
    const answer = await client.call('send-message', { ...goes('to'), ...body });
    if (answer?.ok) return answer.message;
    if (answer) throw new Error(`send-message: ${answer.error.code}`);
    scene.unknown = true; // it may still be written
    if (!body.clientId) return null;
  }
  return askFor(scene.people[who], '/api/messages',
    { body: { ...goes('recipient_id'), ...body } });
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
  const into = door % 4 > 1 ? between[0]?.conversationId : undefined;
  const message = await post(scene, who, to, { bySocket: door % 2 === 1, pick, into, ...body });
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

/* Whoever sees a message, to it, there or not there. */
async function react(scene, { who, pick, door }) {
  const known = messagesOf(scene, who);
  if (known.length === 0) return;
  const body = { emoji: ['\u{1f44d}', '\u2764\ufe0f', '\u{1f602}'][pick % 3], on: door % 3 > 0 };
  const answer = await ask(scene.people[who], `/api/messages/${found(known, pick)._id}/reactions`, { method: 'PUT', body });
  // 403: it was deleted
  if (answer.status !== 200 && answer.status !== 403) throw new Error(`reaction: ${answer.status} ${answer.text}`);
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

async function readOne(scene, { who, pick }) {
  const { id } = scene.people[who];
  const theirs = messagesOf(scene, who).filter(({ sender }) => sender !== id);
  if (theirs.length === 0) return;
  await askFor(scene.people[who], `/api/messages/${found(theirs, pick)._id}/read`, { method: 'POST' });
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

async function signIn({ stack }, { user }) {
  const { token } = await askFor({ api: stack.api.bind(stack) }, '/api/auth/login',
    { body: { username: user.username, password } });
  return stack.person({ token, user });
}

/* The session that they use goes on, another ends. */
async function changePassword(scene, { who }) {
  const person = scene.people[who];
  const other = await signIn(scene, person);
  await askFor(person, '/api/auth/password', { body: { password, newPassword: password } });
  const { status } = await ask(other, '/api/users/me');
  if (status !== 401) throw new Error(`a session that another password ended: ${status}`);
}

/* Each ends the session that they use. 401: it has ended, but who did that
 * died before they could say so. */
const ENDINGS = [
  (person) => ask(person, '/api/auth/logout', { method: 'POST' }),
  (person) => ask(person, '/api/auth/logout', { body: { everywhere: true } }),
  async (person) => {
    const { items } = await askFor(person, '/api/auth/sessions');
    const { _id } = items.find(({ current }) => current);
    return ask(person, `/api/auth/sessions/${_id}`, { method: 'DELETE' });
  },
];

async function seeClosed(living) {
  const deadline = Date.now() + CLOSED_MS;
  while (living.some(({ connected }) => connected)) {
    if (Date.now() > deadline) throw new Error('a session ended, its socket did not');
    await sleep(10);
  }
}

/* His sockets are told and close, whoever dies meanwhile. One whose line was cut
 * could not be told; they hear it when they come back. */
async function seeTold({ stack }, living, began) {
  await seeClosed(living);
  for (const client of living.filter(({ expired }) => !expired)) {
    const code = await client.back().then(() => 'nothing', ({ data }) => data?.code);
    if (code !== 'session_expired' || stack.cutAt < began - CUT_MS) {
      throw new Error(`${client.transport}: closed without session-expired, then ${code}`);
    }
  }
}

/* Then they sign in again. */
async function endSession(scene, { who, door }) {
  const person = scene.people[who];
  await settle(scene);
  const living = scene.clients[who].filter(({ connected }) => connected);
  const began = Date.now();
  const { status, text } = await found(ENDINGS, door)(person);
  if (status !== 200 && status !== 401) throw new Error(`an ending: ${status} ${text}`);
  await seeTold(scene, living, began);
  Object.assign(person, await signIn(scene, person));
}

/* Another token for the same session, on their open sockets, too. */
async function renew(scene, { who }) {
  const person = scene.people[who];
  const { token } = await askFor(person, '/api/auth/refresh', { method: 'POST' });
  Object.assign(person, scene.stack.person({ token, user: person.user }));
  for (const client of scene.clients[who].filter(({ connected }) => connected)) {
    const answer = await client.call('renew', { token });
    if (answer && !answer.ok) throw new Error(`renew: ${answer.error.code}`);
  }
}

/* As much as a sync gives, or more, mostly while the others are away. */
async function flood(scene, op) {
  const { who, pick, text, door } = op;
  const many = 1 + (pick % 250);
  await send(scene, { ...op, door: 0 });
  const others = scene.clients.filter((_, other) => other !== who).flat();
  if (door % 3 > 0) for (const client of others) client.drop();
  if (door % 2 === 1) {
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
  react: [8, react],
  received: [5, (scene, op) => move(scene, op, 'received')],
  read: [7, (scene, op) => move(scene, op, 'read')],
  readOne: [3, readOne],
  type: [4, type],
  oldPage: [1, openOldPage],
  rename: [1, rename],
  line: [18, dropOrReturn],
  renew: [1, renew],
  changePassword: [0.5, changePassword],
  endSession: [0.5, endSession],
  flood: [0.15, flood],
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
    text: [...`text ${i} \u{1f600}`].slice(0, 7 + random(4)).join('').trim(),
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
    if (alone || ['line', 'renew', 'changePassword', 'endSession'].includes(name)) await done;
    else scene.underWay.add(done);
    done.catch(() => {}); // settle() tells
  }
  await settle(scene);
}
