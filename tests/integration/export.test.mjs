// Somebody takes everything of theirs with them.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertError } from '../support/http.mjs';
import { asOwnerOf, startStack, waitFor } from '../support/stack.mjs';

let stack;
let dir;

before(async () => {
  stack = await startStack();
  dir = mkdtempSync(path.join(os.tmpdir(), 'palabre-export-'));
});
after(async () => {
  await stack.stop();
  rmSync(dir, { recursive: true, force: true });
});

const say = async (from, body) => {
  const answer = await from.api('/api/messages', { body });
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
};

/* By tar itself. */
function unpack(file) {
  const names = execFileSync('tar', ['-tf', file], { encoding: 'utf8' }).trim().split('\n');
  const read = (name) => execFileSync('tar', ['-xOf', file, name], { maxBuffer: 1 << 26 });
  return { names, read, json: (name) => JSON.parse(read(name)) };
}

async function download(who) {
  const answer = await fetch(`${stack.url}/api/users/me/export`, { headers: { Authorization: `Bearer ${who.token}` } });
  assert.equal(answer.status, 200);
  const file = path.join(dir, `${who.id}.tar`);
  writeFileSync(file, Buffer.from(await answer.arrayBuffer()));
  return { answer, ...unpack(file) };
}

test('an export has all that is somebody\'s, and nothing that they do not see', async () => {
  const [ann, bob, cat] = await Promise.all(['ann', 'bob', 'cat'].map((name) =>
    stack.register(name, { email: `${name}@x.example` })));
  const { conversationId } = await say(bob, { recipient_id: ann.id, content: 'hello' });
  await say(ann, { recipient_id: bob.id, content: 'hi 🌳' });
  const other = await say(bob, { recipient_id: cat.id, content: 'not for ann' });
  const bytes = Buffer.alloc(70000, 'x');
  const file = (await ann.api('/api/files?name=notes.txt', { body: bytes, headers: { 'Content-Type': 'application/octet-stream' } })).body;
  await say(ann, { recipient_id: bob.id, attachment: file._id });
  await ann.api(`/api/users/${cat.id}/block`, { method: 'PUT' });

  const { answer, names, read, json } = await download(ann);
  assert.match(answer.headers.get('content-type'), /^application\/x-tar/);
  assert.match(answer.headers.get('content-disposition'), /^attachment/);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.deepEqual(names, ['account.json', `conversations/${conversationId}/conversation.json`,
    `conversations/${conversationId}/1.json`, `files/${file._id}`, 'files.json']);
  const account = json('account.json');
  assert.equal(account.user.email, 'ann@x.example');
  assert.deepEqual(account.blocked.map(({ _id }) => _id), [cat.id]);
  assert.deepEqual(json(names[2]).map(({ content, sender }) => [content, sender]),
    [['hello', bob.id], ['hi 🌳', ann.id], ['', ann.id]]);
  assert.equal(json(names[1])._id, conversationId);
  assert.deepEqual(json('files.json').map(({ _id, name }) => [_id, name]), [[file._id, 'notes.txt']]);
  assert.deepEqual(read(`files/${file._id}`), bytes);
  assert.ok(!readFileSync(path.join(dir, `${ann.id}.tar`)).includes('not for ann'), other._id);
  assert.ok(!readFileSync(path.join(dir, `${ann.id}.tar`)).includes('argon'));
  assert.equal((await stack.api('/api/users/me/export')).status, 401);
});

test('many messages come in several files, in order', async () => {
  const [dan, eli] = await Promise.all(['dan', 'eli'].map((name) => stack.register(name)));
  let conversationId;
  for (let n = 0; n < 600; n += 20) {
    const sent = await Promise.all(Array.from({ length: 20 }, (_, i) => say(dan, { recipient_id: eli.id, content: `m${n + i}` })));
    ({ conversationId } = sent[0]);
  }
  const { names, json } = await download(eli);
  const pages = names.filter((name) => /\/\d+\.json$/.test(name));
  assert.deepEqual(pages, [1, 2].map((n) => `conversations/${conversationId}/${n}.json`));
  assert.deepEqual(pages.flatMap((name) => json(name).map(({ seq }) => seq)), Array.from({ length: 600 }, (_, i) => i + 1));
});

/* Files whose bytes come when we let them: twice as long as a worker that is
 * stuck is let be, and longer than nginx waits. */
test('one that takes long is made to its end, and is there for whoever asks again', async () => {
  const fay = await stack.register('fay');
  const places = [];
  for (const words of ['the first', 'the second', 'the third']) {
    const bytes = Buffer.from(words);
    const kept = await fay.api(`/api/files?name=${words.slice(4)}.txt`, { body: bytes });
    assert.equal(kept.status, 201, kept.text);
    const hash = createHash('sha256').update(bytes).digest('hex');
    const place = path.join(stack.dir, 'files', hash.slice(0, 2), hash);
    const [program, ...args] = asOwnerOf(place, ['sh', '-c', 'rm "$1" && mkfifo "$1"', 'sh', place]);
    execFileSync(program, args);
    places.push(place);
  }
  const workers = stack.workers('palabre-api').sort();
  const first = fay.api('/api/users/me/export');
  for (const place of places) {
    await sleep(5500);
    const [program, ...args] = asOwnerOf(place, ['sh', '-c', ': > "$1"', 'sh', place]);
    execFileSync(program, args, { timeout: 5000 });
  }
  assertError(await first, 503, 'unavailable');
  await waitFor('it', () => existsSync(path.join(stack.dir, `files/tmp/export-late-${fay.id}`)));
  const { names } = await download(fay);
  assert.equal(names.filter((name) => name.startsWith('files/')).length, 3);
  assert.deepEqual(stack.workers('palabre-api').sort(), workers, 'none was taken for one that is stuck');
  assert.ok(!existsSync(path.join(stack.dir, `files/tmp/export-late-${fay.id}`)), 'later ones are made anew');
});

test('one is made at a time, and whoever comes meanwhile is told when to come again', async () => {
  const ann = await stack.login('ann');
  const lock = path.join(stack.dir, 'files/tmp/.export'); // the earlier ones left it
  const other = spawn('flock', [lock, 'sh', '-c', 'echo locked; read line'], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(other.stdout, 'data');
  const answer = await ann.api('/api/users/me/export');
  other.stdin.end();
  await once(other, 'exit');
  assertError(answer, 429, 'rate_limited');
  assert.ok(Number(answer.headers.get('retry-after')) > 0);
  assert.equal((await ann.api('/api/users/me/export')).status, 200);
});

test('an operator writes it to a file, which nobody else may read and which was not there', async () => {
  const file = path.join(dir, 'ann.tar');
  const { code, stdout, stderr } = await stack.ctl('user', 'export', 'ann', file);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /ann is in /);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(unpack(file).names.includes('account.json'));
  const before = readFileSync(file);
  assert.equal((await stack.ctl('user', 'export', 'ann', file)).code, 2);
  assert.deepEqual(readFileSync(file), before);
  assert.equal((await stack.ctl('user', 'export', 'nobody', path.join(dir, 'no.tar'))).code, 1);
  assert.ok(!existsSync(path.join(dir, 'no.tar')));
});
