// Who may what: every role, every operation and every event, tried on the
// product. docs/security.md has the table of it, and this test fails where it
// is another; with PALABRE_WRITE=1 it writes it anew.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DOCUMENT_PATH, SAID, documentParts, requestOf, requested } from '../support/authorization.mjs';
import { askedEvents, heardEvents, operations } from '../support/description.mjs';
import { call, connectSocket, next } from '../support/socket.mjs';
import { startStack } from '../support/stack.mjs';

const ROLES = ['nobody', 'guest', 'user', 'member', 'owner', 'former member', 'blocked', 'operator', 'disabled'];
const RECEIPT_MS = 1100; // one a second of a person is told
let stack;
let boss;
let client; // wrote to support
let code; // leads to a group
let count = 0;

before(async () => {
  stack = await startStack({ set: { presence_grace_ms: 100 } });
  boss = await stack.operator('boss');
  client = await stack.guest('client');
  await ok(client.api('/api/messages', { body: { recipient_id: '000000000000000000000001', content: 'help' } }));
  const made = await ok(boss.api('/api/conversations', { body: { title: 'open to all' } }));
  ({ code } = await ok(boss.api(`/api/conversations/${made._id}/link`, { body: {} })));
});
after(() => stack.stop());

const fresh = (stem) => `${stem}${(count += 1)}`;

async function ok(asked) {
  const answer = await asked;
  assert.ok(answer.status < 300, answer.text);
  return answer.body;
}

/* ---- a person of each role, and what they try it on ---- */

const registered = () => stack.register(fresh('me'));
const leave = (who, group) => ok(who.api(`/api/conversations/${group}/members`, { method: 'DELETE' }));

const PEOPLE = {
  nobody: async () => null,
  guest: () => stack.guest(fresh('me')),
  user: registered,
  member: registered,
  owner: registered,
  'former member': registered,
  blocked: registered,
  operator: () => stack.operator(fresh('me')),
  disabled: registered,
};
const MEMBERS = ['member', 'owner', 'former member', 'disabled'];

/* A group of bob, the role where it is in it, and ann, who wrote. */
async function groupOf(role, me, ann, bob) {
  const ours = MEMBERS.includes(role) ? [me.id] : [];
  const group = (await ok(ann.api('/api/conversations', { body: { title: 'x', members: [bob.id, ...ours] } })))._id;
  const { _id: file } = await ok(ann.api('/api/files?name=a.txt', { body: Buffer.from('hers') }));
  const message = await ok(ann.api('/api/messages', { body: { conversationId: group, content: 'hers', attachment: file } }));
  if (role === 'owner') await ok(ann.api(`/api/conversations/${group}`, { method: 'PATCH', body: { owner: me.id } }));
  if (role === 'former member') await leave(me, group);
  return { conversation: group, message: message._id, file };
}

/* What ann wrote to them before she blocked them. */
async function directWith(me, ann) {
  const { _id: file } = await ok(ann.api('/api/files?name=a.txt', { body: Buffer.from('hers') }));
  const message = await ok(ann.api('/api/messages', { body: { recipient_id: me.id, content: 'hers', attachment: file } }));
  await ok(ann.api(`/api/users/${me.id}/block`, { method: 'PUT' }));
  return { conversation: message.conversationId, message: message._id, file };
}

async function castOf(role) {
  const [me, ann, bob, cat] = await Promise.all([PEOPLE[role](), registered(), registered(), registered()]);
  const where = role === 'blocked' ? await directWith(me, ann) : await groupOf(role, me, ann, bob);
  await ok(bob.api('/api/messages', { body: { recipient_id: ann.id, content: 'we two' } }));
  const [{ _id: session }] = (await ok(ann.api('/api/auth/sessions'))).items;
  const ids = { ...where, user: ann.id, bob: bob.id, cat: cat.id, session, client: client.id, code, fresh,
    login: bob.user.username, token: me?.token };
  if (role === 'disabled') assert.equal((await stack.ctl('user', 'disable', me.user.username)).code, 0);
  return { role, me, ann, bob, ids };
}

/* ---- trying ---- */

/* After these their session is over, and they come anew. */
const ENDS = ['POST /api/auth/logout', 'DELETE /api/auth/sessions'];

async function again({ role, me }) {
  if (role === 'nobody' || role === 'disabled') return me;
  return role === 'guest' ? PEOPLE.guest() : stack.login(me.user.username);
}

async function tryOperations(cast, note) {
  for (const operation of requested) {
    const { method, target, body } = requestOf(operation, cast.ids);
    const answer = await (cast.me ?? stack).api(target, { method, body });
    note(`${operation}`, answer.status < 300 ? 'yes' : answer.body.error.code);
    if (ENDS.includes(operation)) cast.me = await again(cast);
  }
}

/* Where an acknowledgement says little: what came of it. */
const CAME = {
  typing: async ({ me, ids, ann, bob, hears, talks }) => {
    const { seen, socket } = hears;
    const later = next(socket, 'typing', ({ from }) => from === bob.id);
    await call(talks, 'typing', { to: ann.id });
    await later;
    return seen.some(([event, { from, conversationId }]) => event === 'typing' && from === me.id && conversationId === ids.conversation);
  },
  'watch-presence': ({ answer, ann }) => answer.online.includes(ann.id),
};

async function listen(person) {
  const seen = [];
  const socket = await person.connect();
  socket.onAny((event, data) => seen.push([event, data]));
  return { socket, seen };
}

async function tryEvents(cast, note) {
  const hears = await listen(cast.ann);
  const talks = await cast.bob.connect();
  let socket;
  try {
    socket = await (cast.me?.connect() ?? connectSocket(stack.url, ''));
  } catch (error) {
    assert.ok(error.data, error.stack);
    for (const event of Object.keys(SAID)) note(event, error.data.code);
  }
  for (const [event, said] of Object.entries(socket ? SAID : {})) {
    const answer = await call(socket, event, said(cast.ids));
    const came = answer.ok && (await CAME[event]?.({ ...cast, hears, talks, answer }) ?? true);
    note(event, answer.ok ? (came ? 'yes' : 'unseen') : answer.error.code);
  }
  for (const one of [socket, talks, hears.socket]) one?.disconnect();
}

/* ---- what they hear of it ---- */

/* Of a conversation, of people who are in it, and of all. */
const HEARD = ['message:new', 'message:updated', 'message:deleted', 'message:reaction', 'message:read', 'message:received',
  'conversation:updated', 'typing', 'typing-stopped', 'user-online', 'user-offline', 'user-status', 'system_message', 'clients_update'];
/* Of oneself: who one is, what is one's own, where one comes in or goes, and
 * what says that one may have missed something. */
const OWN = ['connect_error', 'guest', 'lobby', 'conversation:new', 'conversation:own', 'conversation:gone', 'user:blocked',
  'conversation:erased', 'broadcast_message', 'presence', 'sync', 'session-expired'];

/* What ann, who wrote, and bob do there; what they may not do is not heard. */
async function actThere({ role, me, ann, bob, ids: { conversation } }, socket) {
  const { body: sent } = await ann.api('/api/messages', { body: { conversationId: conversation, content: 'one' } });
  for (const kind of ['received', 'read']) {
    await bob.api(`/api/messages/${kind}`, { body: { conversationId: conversation, seq: sent.seq ?? 1 } });
    await sleep(RECEIPT_MS);
  }
  await ann.api(`/api/messages/${sent._id}`, { method: 'PUT', body: { content: 'two' } });
  await bob.api(`/api/messages/${sent._id}/reactions`, { method: 'PUT', body: { emoji: '\u{1f44d}', on: true } });
  await ann.api(`/api/messages/${sent._id}`, { method: 'DELETE' });
  await (role === 'owner' ? me : ann).api(`/api/conversations/${conversation}`, { method: 'PATCH', body: { title: fresh('t') } });
  const hers = await ann.connect();
  for (const event of ['typing', 'typing-stopped']) await call(hers, event, { conversationId: conversation });
  await ann.api('/api/users/profile', { method: 'PATCH', body: { statusText: 'busy' } });
  // REST may say so too early: it does where palabre-pushd is slow to answer.
  const his = await bob.connect();
  const away = next(his, 'user-offline', ({ userId }) => userId === ann.id);
  hers.disconnect();
  await away;
  his.disconnect();
  const last = next(socket, 'system_message', ({ message }) => message === conversation);
  await boss.api('/api/operator/broadcast', { body: { message: conversation } });
  await last;
}

const about = ({ ann, ids }, { conversationId, _id, userId, from }) =>
  [conversationId, _id].includes(ids.conversation) || (userId ?? from) === ann.id;

async function tryHearing(cast, note) {
  if (!cast.me || cast.role === 'disabled') {
    for (const event of HEARD) note(`hears ${event}`, cast.me ? 'session_expired' : 'unauthorized');
    return;
  }
  const { socket, seen } = await listen(cast.me);
  await actThere(cast, socket);
  const heard = new Set(seen.filter(([event, data]) => ['system_message', 'clients_update'].includes(event) || about(cast, data))
    .map(([event]) => event));
  for (const event of HEARD) note(`hears ${event}`, heard.has(event) ? 'yes' : 'unseen');
  socket.disconnect();
}

/* ---- the table ---- */

function tableOf(columns) {
  const names = [...new Set(Object.values(columns).flatMap((column) => Object.keys(column)))];
  const rows = names.map((name) => [`\`${name}\``, ...ROLES.map((role) => columns[role][name])]);
  return [['', ...ROLES], ['---', ...ROLES.map(() => '---')], ...rows]
    .map((row) => `| ${row.join(' | ')} |\n`).join('');
}

test('every operation and event is tried', () => {
  assert.deepEqual([...requested].sort(), operations.map(({ method, path }) => `${method} ${path}`).sort());
  assert.deepEqual(Object.keys(SAID).sort(), Object.keys(askedEvents).sort());
  assert.deepEqual([...HEARD, ...OWN].sort(), Object.keys(heardEvents).sort());
});

test('what each role may is what docs/security.md says', async () => {
  const columns = {};
  for (const role of ROLES) {
    columns[role] = {};
    const note = (what, came) => { columns[role][what] = came; };
    await tryEvents(await castOf(role), note);
    await tryHearing(await castOf(role), note);
    await tryOperations(await castOf(role), note);
  }
  const table = `\n${tableOf(columns)}`;
  const [before_, now, behind] = documentParts();
  if (process.env.PALABRE_WRITE) writeFileSync(DOCUMENT_PATH, before_ + table + behind);
  else assert.equal(now, table, 'PALABRE_WRITE=1 writes it anew');
});
