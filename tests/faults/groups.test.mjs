// Groups, files and people who go, while workers die at every moment: what was
// acknowledged is so, and everything else is whole.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collect } from '../support/socket.mjs';
import { password, startStack, waitFor } from '../support/stack.mjs';

const POINTS = ['before-commit', 'after-commit', 'before-frame', 'before-answer', 'after-answer'];
const ROUNDS = 12;
const DEATHS = 3;
const MOST_MORE = 500; // messages, until chance has had so many
const PATIENCE_MS = 30_000;

/* Whatever dies over it is asked again: an answer that is none of nginx's. */
function insist(what, ask) {
  return waitFor(what, async () => {
    const answer = await ask().catch(() => null);
    return answer !== null && answer.status < 500 && answer;
  }, PATIENCE_MS);
}

function membersOf({ body }) {
  return body.members.map(({ userId }) => userId);
}

async function round(n, { ann, bob, cat }) {
  const act = (who, where, method, body) =>
    insist(`${method} ${where}`, () => who.api(`/api/conversations/${where}`, { method, body }));
  const made = await insist('a group', () => ann.api('/api/conversations', { body: { title: `g${n}`, members: [bob.id] } }));
  assert.equal(made.status, 201, made.text);
  const { _id } = made.body;
  assert.ok(membersOf(await act(ann, `${_id}/members`, 'POST', { userId: cat.id })).includes(cat.id));
  assert.equal((await act(ann, _id, 'PATCH', { title: `t${n}` })).body.title, `t${n}`);
  /* It may have been done before it was asked again. */
  assert.ok([200, 404].includes((await act(cat, `${_id}/members/me`, 'DELETE')).status));
  const bytes = `file ${n}`;
  const file = await insist('a file', () => ann.api(`/api/files?name=${n}.txt`,
    { body: Buffer.from(bytes), headers: { 'Content-Type': 'application/octet-stream' } }));
  assert.equal(file.status, 201, file.text);
  const sent = await insist('a message', () => ann.api('/api/messages',
    { body: { conversationId: _id, attachment: file.body._id, content: 'look', clientId: `f${n}` } }));
  assert.ok([200, 201].includes(sent.status), sent.text);
  const told = await insist('a report', () => bob.api(`/api/messages/${sent.body._id}/report`, { body: { reason: `r${n}` } }));
  assert.ok([200, 201].includes(told.status), told.text);
  return { _id, bytes, file: file.body._id, message: sent.body._id, report: told.body };
}

/* Once, and all of it: what says so, and a copy. */
async function assertReported(n, report, file, bob) {
  const { items } = (await insist('support', () =>
    bob.api(`/api/messages/conversation?conversationId=${report.conversationId}&limit=100`))).body;
  const said = items.filter(({ system }) => system?.reason === `r${n}`);
  assert.deepEqual(said.map((one) => one._id), [report._id]);
  const copies = items.filter(({ replyTo }) => replyTo === report._id);
  assert.deepEqual(copies.map(({ attachment }) => attachment._id), [file]);
}

async function assertAsSaid(n, { _id, bytes, file, message, report }, { ann, bob }) {
  await assertReported(n, report, file, bob);
  const seen = await insist('a look', () => bob.api(`/api/conversations/${_id}`));
  assert.equal(seen.body.title, `t${n}`);
  assert.deepEqual(membersOf(seen).sort(), [ann.id, bob.id].sort());
  const { items } = (await insist('the history', () => bob.api(`/api/messages/conversation?conversationId=${_id}`))).body;
  assert.deepEqual(items.map(({ seq }) => seq), items.map((_, i) => i + 1));
  assert.deepEqual(items.filter(({ attachment }) => attachment?._id === file).map((one) => one._id), [message]);
  const read = await insist('the file', () => fetch(`${bob.base}/api/files/${file}`, { headers: { Authorization: `Bearer ${bob.token}` } }));
  assert.equal(await read.text(), bytes);
}

for (const point of POINTS) {
  test(`groups, files and who goes are whole though workers die ${point}`, async (t) => {
    const stack = await startStack({ env: { PALABRE_TEST_KILL: `${point}:1/12` } });
    t.after(() => stack.stop());
    const join = (name) => waitFor(name, () =>
      stack.register(name).catch(() => stack.login(name)).catch(() => null), PATIENCE_MS);
    const people = Object.fromEntries(await Promise.all(['ann', 'bob', 'cat'].map(async (name) => [name, await join(name)])));
    people.bob.base = stack.url;
    const socket = await waitFor('a socket', () => people.bob.connect().catch(() => null), PATIENCE_MS);
    const opened = collect(socket, 'conversation:new');

    const said = [];
    const deaths = () => (stack.log('palabre-api').match(/was killed|ended with/g) ?? []).length;
    for (let n = 0; n < ROUNDS; n += 1) said.push(await round(n, people));
    for (let n = 0; n < MOST_MORE && deaths() < DEATHS; n += 1) {
      await insist('one more', () => people.bob.api('/api/messages', { body: { recipient_id: people.cat.id, content: 'more' } }));
    }
    for (const [n, one] of said.entries()) await assertAsSaid(n, one, people);
    await waitFor('bob was told of each', () =>
      said.every(({ _id }) => opened.some((conversation) => conversation._id === _id)), PATIENCE_MS);

    /* Asked again it is 401: the first time may have been heard. */
    const gone = await insist('ann goes', () => people.ann.api('/api/users/me', { method: 'DELETE', body: { password } }));
    assert.ok([200, 401].includes(gone.status), gone.text);
    await waitFor('she is gone', async () =>
      (await people.bob.api(`/api/users/${people.ann.id}`).catch(() => ({}))).status === 404, PATIENCE_MS);
    const { items } = (await insist('what is left', () =>
      people.bob.api(`/api/messages/conversation?conversationId=${said[0]._id}`))).body;
    assert.ok(items.every(({ content, attachment, senderName, sender }) =>
      attachment === null && !content.includes('look') && (sender !== people.ann.id || senderName === '')), JSON.stringify(items));
    assert.ok(deaths() >= DEATHS, `${deaths()} deaths`);
    const { code, stdout } = await stack.ctl('verify');
    assert.equal(code, 0, stdout);
  });
}
