// schemathesis makes requests out of the description, right ones and wrong
// ones, and judges every answer: no failure, no 500. So that every operation
// is also done, and not only refused, it knows who and what there is.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { operations } from '../support/description.mjs';
import { pythonEnvironment } from '../support/python.mjs';
import { password, startStack } from '../support/stack.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
/* What is met here is nothing that the integration tests met: seen.test.mjs. */
delete process.env.PALABRE_SEEN;
/* PALABRE_SEED=N tries others. */
const seed = process.env.PALABRE_SEED ?? '1';
let stack;
let programs;

before(async () => {
  programs = await pythonEnvironment('schemathesis', path.join(here, 'requirements.txt'));
  /* A busy disk has a 503 of its own, which slow-disk.test.mjs is about. */
  stack = await startStack({ set: { login_failures: 100, sqlite_sync: 'normal' } });
});
after(() => stack?.stop());

/* ---- who and what there is ---- */

const toml = JSON.stringify; /* of a text or a list of them */
const authorization = ({ token }) => `{ Authorization = ${toml(`Bearer ${token}`)} }`;

/* One operation's own part: who asks, and half the time which of these for its
 * parameters, {place: [values]}. */
function part(operation, { who, known = {} }) {
  const name = (place) => `${operation} ${place}`;
  const places = Object.keys(known);
  return [
    '[[operations]]', `include-name = ${toml(operation)}`,
    ...who ? [`headers = ${authorization(who)}`] : [],
    ...places.length ? ['[operations.parameters]'] : [],
    ...places.map((place) => `${toml(place)} = { dictionary = ${toml(name(place))}, probability = 0.5 }`),
    ...places.flatMap((place) => [`[dictionaries.${toml(name(place))}]`, `values = ${toml(known[place])}`]),
  ];
}

async function sessionsOf(person, count) {
  for (let i = 0; i < count; i += 1) await stack.login(person.user.username);
  const { items } = (await person.api('/api/auth/sessions')).body;
  return items.filter(({ current }) => !current).map(({ _id }) => _id);
}

/* Who does what ends sessions is somebody else each time. */
async function config() {
  const [ann, bob, leaver, quitter, changer, ender, blocker, goer, client, reporter, host] = await Promise.all(
    ['ann', 'bob', 'leaver', 'quitter', 'changer', 'ender', 'blocker', 'goer', 'client', 'reporter', 'host'].map((name) => stack.register(name)));
  /* Nobody can kick or mute these, whom schemathesis finds in answers. */
  for (const name of ['ann', 'bob', 'leaver', 'quitter', 'changer', 'ender', 'blocker', 'goer']) {
    assert.equal((await stack.ctl('user', 'role', name, 'operator')).code, 0);
  }
  const send = async (from, to) =>
    (await from.api('/api/messages', { body: { recipient_id: to.id, content: 'hello' } })).body._id;
  await send(ann, bob);
  const heard = await send(bob, ann);
  const ugly = [await send(bob, reporter), await send(bob, reporter)];
  const { _id: group } = (await ann.api('/api/conversations', { body: { title: 'open' } })).body;
  const { _id: full } = (await ann.api('/api/conversations', { body: { title: 'full', members: [bob.id] } })).body;
  /* Of whom schemathesis knows nothing, and so ends no link of. */
  const { _id: open } = (await host.api('/api/conversations', { body: { title: 'hosted' } })).body;
  const { code } = (await host.api(`/api/conversations/${open}/link`, { body: {} })).body;
  const blocked = Array.from({ length: 20 }, (_, i) => `192.0.2.${i + 1}`);
  for (const address of blocked) await ann.api('/api/operator/blocks', { body: { address, seconds: 3600 } });
  const passwords = [password, 'battery staple'];

  return [
    `headers = ${authorization(ann)}`,
    readFileSync(path.join(here, 'schemathesis.toml'), 'utf8'),
    ...part('POST /api/auth/login',
      { known: { 'body.username': ['bob'], 'body.password': [password] } }),
    ...part('POST /api/auth/logout', { who: leaver }),
    ...part('POST /api/auth/password',
      { who: changer, known: { 'body.password': passwords, 'body.newPassword': passwords } }),
    ...part('DELETE /api/auth/sessions', { who: quitter }),
    ...part('DELETE /api/auth/sessions/{id}',
      { who: ender, known: { 'path.id': await sessionsOf(ender, 10) } }),
    ...part('DELETE /api/users/me', { who: goer, known: { 'body.password': [password] } }),
    ...part('PUT /api/users/{id}/block', { who: blocker, known: { 'path.id': [bob.id] } }),
    ...part('DELETE /api/users/{id}/block', { who: blocker, known: { 'path.id': [bob.id] } }),
    ...part('PATCH /api/conversations/{id}/own', { known: { 'path.id': [group] } }),
    ...part('GET /api/messages/{id}', { known: { 'path.id': [bob.id] } }),
    ...part('DELETE /api/conversations/{id}/members/{userId}',
      { who: ann, known: { 'path.id': [full], 'path.userId': [bob.id] } }),
    ...part('POST /api/conversations/{id}/members', { known: { 'path.id': [group, full], 'body.userId': [client.id] } }),
    ...part('POST /api/messages/{id}/report', { who: reporter, known: { 'path.id': ugly } }),
    ...part('PUT /api/messages/{id}/reactions', { known: { 'path.id': [heard], 'body.emoji': ['👍', '🤷🏽‍♀️'] } }),
    ...part('POST /api/join', { who: bob, known: { 'body.code': [code] } }),
    ...operations.filter(({ path: where }) => /^\/api\/operator\/.*\{id\}/.test(where)).flatMap(({ method, path: where }) =>
      part(`${method} ${where}`, { known: { 'path.id': [client.id] } })),
    ...part('DELETE /api/operator/blocks/{address}', { known: { 'path.address': blocked } }),
    ...part('POST /api/operator/blocks', { known: { 'body.address': ['192.0.2.100'] } }),
    ...part('POST /api/messages/{id}/read', { known: { 'path.id': [heard] } }),
  ].join('\n');
}

/* {code, output} */
function schemathesis(file) {
  const args = ['--config-file', file, 'run', `${stack.url}/api/openapi.json`,
    '--seed', seed, '--no-color', '--generation-database', 'none', '--max-examples', '25'];
  return new Promise((resolve) => {
    execFile(path.join(programs, 'schemathesis'), args,
      { cwd: stack.dir, timeout: 600000, maxBuffer: 1 << 26 },
      (error, stdout, stderr) => resolve({ code: error ? error.code : 0, output: stdout + stderr }));
  });
}

test('every answer to any request is as described', async (t) => {
  const file = path.join(stack.dir, 'schemathesis.toml');
  writeFileSync(file, await config());
  const { code, output } = await schemathesis(file);
  assert.equal(code, 0, output);
  const [, counts] = output.match(/(\d+ generated, .*)/);
  t.diagnostic(`note: schemathesis, seed ${seed}: ${counts}`);
});

test('every operation was done, not only refused', () => {
  const done = [...stack.log('access').matchAll(/"([A-Z]+) ([^ ?"]+)\S* HTTP[^"]*" 2\d\d /g)]
    .map(([, method, address]) => `${method} ${address}`);
  const undone = operations.map(({ method, path: template }) => `${method} ${template}`)
    .filter((operation) => {
      const pattern = new RegExp(`^${operation.replace(/\{\w+\}/g, '[0-9a-f.]{5,24}')}/?$`);
      return !done.some((one) => pattern.test(one));
    });
  assert.deepEqual(undone, []);
});

test('no worker died of it', () => {
  assert.doesNotMatch(stack.log('palabre-api'), /was killed|ended with/);
});
