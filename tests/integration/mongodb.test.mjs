// A store on MongoDB, as its operator has it: one node at a time, and what the
// URI holds is the server's and nobody else's to know.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { startMongodb } from '../support/mongodb.mjs';
import { stackFor, startStack, waitFor } from '../support/stack.mjs';

const END_MS = 15000; // of a lease that nobody keeps
const SECRET = 'p4ss@word';
let mongodb;

before(async () => { mongodb = await startMongodb(); });
after(() => mongodb?.destroy());

/* All that a start says that comes to nothing. */
async function refused(uri) {
  const { message } = await startStack({ set: { store: uri } }).then(
    async (stack) => {
      await stack.stop();
      return { message: 'it started' };
    }, (error) => error);
  const [ended, ...said] = message.trim().split('\n');
  assert.equal(ended, './run ended with 1:');
  return said.filter((line) => line !== 'palabre-pushd is up').join('\n');
}

const uriOf = (name) => `mongodb://127.0.0.1:${mongodb.port}/${name}`;
const startOn = (t, name) => stackFor(t, { set: { store: uriOf(name) } });
/* As if that node were another machine's. */
const moveAway = (name) => mongodb.run({ update: 'meta', updates: [
  { q: { _id: 'lease' }, u: { $set: { owner: 'elsewhere boot pid:[1] 1 1', beat: 1 } }, upsert: true }] }, name);

describe('one node at a time', { concurrency: true }, () => {
  test('a second one is refused in one line, until the first has stopped', async (t) => {
    const first = await startOn(t, 'turns');
    await first.register('ann');
    const said = await refused(uriOf('turns'));
    assert.match(said, /^palabre: palabre-api cannot start: .*database turns is used by another node \(\S+\): one at a time$/);
    assert.equal((await first.login('ann')).user.username, 'ann');
    await first.stop();
    const second = await startOn(t, 'turns');
    await second.login('ann');
    assert.doesNotMatch(second.run.output, /waiting/);
    await second.stop();
  });

  test('one that was killed on this machine is seen to be gone', async (t) => {
    const killed = await startOn(t, 'killed');
    killed.destroy();
    const next = await startOn(t, 'killed');
    assert.doesNotMatch(next.run.output, /waiting/);
    await next.stop();
  });

  test('one that was killed on another machine is waited for', async (t) => {
    const killed = await startOn(t, 'elsewhere');
    killed.destroy();
    await moveAway('elsewhere');
    const began = Date.now();
    const next = await startOn(t, 'elsewhere');
    const took = Date.now() - began;
    assert.ok(took >= END_MS, `${took} ms`);
    assert.match(next.run.output, /^palabre-api is waiting 15 s whether the node that used database elsewhere last is gone$/m);
    await next.stop();
  });

  test('one that another has taken the database from says so', async (t) => {
    const stack = await startOn(t, 'taken');
    await moveAway('taken');
    await waitFor('it says so', () => /database taken is used by another node, too/.test(stack.log('palabre-api')));
    await stack.stop();
  });
});

/* ---- what is secret ---- */

/* A server that asks who one is, on a line that nobody reads. */
async function startGuarded() {
  const server = await startMongodb();
  const cert = path.join(server.dir, 'cert.pem');
  const key = path.join(server.dir, 'key.pem');
  await promisify(execFile)('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
    '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2', '-keyout', key, '-out', cert]);
  chmodSync(cert, 0o644);
  await server.run({ createUser: 'palabre', pwd: SECRET, roles: [{ role: 'readWrite', db: 'palabre' }] });
  await server.kill();
  await server.start('--auth', '--tls-cert-file', cert, '--tls-key-file', key);
  const uri = (password, options) => `mongodb://palabre:${encodeURIComponent(password)}@127.0.0.1:${server.port}/palabre` +
    `?authSource=admin&tls=true${options}`;
  return { server, right: uri(SECRET, `&tlsCAFile=${cert}`), wrong: uri(`${SECRET}!`, `&tlsCAFile=${cert}`), unproved: uri(SECRET, '') };
}

/* All that was written, by whatever part. */
function written(stack) {
  const dir = path.join(stack.dir, 'log');
  return stack.run.output + readdirSync(dir).map((name) => readFileSync(path.join(dir, name), 'latin1')).join('\n');
}

const assertSilent = (text) =>
  assert.doesNotMatch(text, new RegExp(`${SECRET}|${encodeURIComponent(SECRET)}`));

test('by TLS and with a password, which nobody is shown', async (t) => {
  const { server, right, wrong, unproved } = await startGuarded();
  t.after(() => server.destroy());
  const said = await Promise.all([refused(wrong), refused(unproved)]);
  assertSilent(said.join());
  for (const line of said) assert.match(line, /^palabre: palabre-api cannot start: store mongodb:\/\/[^\n]*: MongoDB[^\n]*$/);
  const stack = await stackFor(t, { set: { store: right, log_level: 'debug' } });
  const ann = await stack.register('ann');
  const send = (content) => ann.api('/api/messages', { body: { recipient_id: ann.id, content } });
  assert.equal((await send('to myself')).status, 201);
  await server.kill();
  const down = await send('lost');
  assert.equal(down.status, 503);
  const verified = await stack.ctl('verify');
  assert.notEqual(verified.code, 0);
  assertSilent(down.text + verified.stdout + verified.stderr);
  await waitFor('it is said why', () => / store: MongoDB/.test(stack.log('palabre-api')));
  assertSilent(written(stack));
});
