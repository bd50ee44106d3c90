// Files over the real stack: nginx, workers, store and disk.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { age, awaitSweep, contract } from '../support/files.mjs';
import { assertError } from '../support/http.mjs';
import { mongodbOf } from '../support/mongodb.mjs';
import { chunk, jpeg, png } from '../support/pictures.mjs';
import { next } from '../support/socket.mjs';
import { asOwnerOf, startStack, temporaryDirectory, waitFor } from '../support/stack.mjs';

const NOBODY = '0190000000000000000000b2';
let stack;

before(async () => { stack = await startStack({ set: { file_quota: 25_000_000 } }); });
after(() => stack.stop());

const person = (name) => stack.newcomer(name);

const upload = (who, body, query = '') =>
  who.api(`/api/files${query}`, { body, headers: { 'Content-Type': 'application/octet-stream' } });

/* The bytes, as fetch() has them. */
async function bytes(who, id, { query = '', headers = {}, of = stack } = {}) {
  const answer = await fetch(`${of.url}/api/files/${id}${query}`,
    { headers: { Authorization: `Bearer ${who.token}`, ...headers } });
  return { status: answer.status, headers: answer.headers, data: Buffer.from(await answer.arrayBuffer()) };
}

const send = (from, to, attachment, more = {}) =>
  from.api('/api/messages', { body: { recipient_id: to.id, attachment, ...more } });

const kept = (of = stack) => {
  const dir = path.join(of.dir, 'files');
  return readdirSync(dir).flatMap((folder) => readdirSync(path.join(dir, folder)).map((name) => `${folder}/${name}`));
};

/* An nginx that is another user reads as one of the group of file_dir. */
test('what is kept belongs to the group of its directory', async () => {
  const dir = path.join(stack.dir, 'files');
  const ann = await person('grace');

  await upload(ann, Buffer.from('makes the directory'));
  chmodSync(dir, 0o2750);
  rmSync(path.join(dir, 'tmp'), { recursive: true });
  const before = kept();
  assert.equal((await upload(ann, Buffer.from('of that group'))).status, 201);
  const [file] = kept().filter((name) => !before.includes(name));
  const mode = (name) => (statSync(path.join(dir, name)).mode & 0o7777).toString(8);
  assert.equal(mode('tmp'), '2750');
  assert.equal(mode(path.dirname(file)), '2750');
  assert.equal(mode(file), '640');
});

test('a file comes back as it went, to whom a message shows it', async () => {
  const [ann, bob, cat] = await Promise.all(['ann', 'bob', 'cat'].map(person));
  const socket = await bob.connect();
  const heard = next(socket, 'message:new');
  const text = Buffer.from('plain words\n'.repeat(1000));

  const file = await upload(ann, text, `?name=${encodeURIComponent('../notes é.txt')}`);
  assert.equal(file.status, 201, file.text);
  assert.deepEqual({ ...file.body, _id: '' },
    { _id: '', name: 'notes é.txt', mime: 'text/plain', size: text.length });
  assert.equal((await bytes(bob, file.body._id)).status, 404);

  const message = await send(ann, bob, file.body._id, { content: 'look' });
  assert.equal(message.status, 201, message.text);
  assert.equal(message.body.kind, 'file');
  assert.deepEqual(message.body.attachment, file.body);
  assert.deepEqual((await heard).attachment, file.body);
  const got = await bytes(bob, file.body._id);
  assert.equal(got.status, 200);
  assert.deepEqual(got.data, text);
  assert.equal(got.headers.get('content-type'), 'application/octet-stream');
  assert.equal(got.headers.get('content-disposition'), "attachment; filename*=UTF-8''notes%20%C3%A9.txt");
  assert.equal(got.headers.get('x-content-type-options'), 'nosniff');
  assert.match(got.headers.get('content-security-policy'), /sandbox/);
  assert.match(got.headers.get('cache-control'), /private/);
  assert.equal((await bytes(cat, file.body._id)).status, 404);
  assertError(await cat.api(`/api/files/${file.body._id}`), 404, 'not_found');
});

test('media is answered by ranges', async () => {
  const ann = await person('ann');
  const file = (await upload(ann, Buffer.from('0123456789'))).body;
  const part = await bytes(ann, file._id, { headers: { Range: 'bytes=2-4' } });
  assert.equal(part.status, 206);
  assert.equal(part.data.toString(), '234');
  assert.equal((await bytes(ann, file._id, { headers: { Range: 'bytes=50-' } })).status, 416);
  const etag = (await bytes(ann, file._id)).headers.get('etag');
  assert.equal((await bytes(ann, file._id, { headers: { 'If-None-Match': etag } })).status, 304);
  for (const [headers, status] of [[{}, 200], [{ Range: 'bytes=2-4' }, 206], [{ Range: 'bytes=50-' }, 416],
    [{ 'If-None-Match': etag }, 304]]) {
    assert.equal((await ann.api(`/api/files/${file._id}`, { headers })).status, status);
  }
});

test('a picture tells its size, and nothing that a camera wrote', async () => {
  const ann = await person('ann');
  const clean = png(64, 32);
  const file = (await upload(ann, png(64, 32,
    { chunks: [chunk('tEXt', Buffer.from('Author\0me')), chunk('eXIf', Buffer.from('MM\0*'))] })))
    .body;
  assert.equal(file.mime, 'image/png');
  assert.deepEqual([file.width, file.height], [64, 32]);
  const got = await bytes(ann, file._id);
  assert.deepEqual(got.data, clean);
  assert.equal(got.headers.get('content-type'), 'image/png');
  assert.match(got.headers.get('content-disposition'), /^inline/);
});

test('a damaged picture tells nothing that a camera wrote, or is refused', async () => {
  const ann = await person('ann');
  const whole = png(64, 32, { chunks: [chunk('eXIf', Buffer.from('MM\0*secret'))] });
  const end = chunk('IEND', Buffer.alloc(0)).length;

  for (const cut of [1, end - 1, end]) {
    const file = await upload(ann, whole.subarray(0, whole.length - cut));
    assert.equal(file.status, 201, file.text);
    assert.deepEqual([file.body.mime, file.body.width, file.body.height], ['image/png', 64, 32]);
    assert.deepEqual((await bytes(ann, file.body._id)).data, png(64, 32));
  }
  assertError(await upload(ann, whole.subarray(0, whole.length - end - 1)), 400, 'invalid');
  const stray = Buffer.concat([jpeg.subarray(0, 2), Buffer.from('\xff\xe1\0\x08secret?', 'latin1'), jpeg.subarray(2)]);
  assert.deepEqual((await bytes(ann, (await upload(ann, stray)).body._id)).data, jpeg);
});

test('sound has a duration, four hours at most, and words have none', async () => {
  const ann = await person('ann');
  const wave = Buffer.from('524946462400000057415645666d7420100000000100010'
    + '0401f0000401f0000010008006461746100000000', 'hex');
  const most = 4 * 3600 * 1000;

  assert.equal((await upload(ann, wave, `?duration=${most}`)).body.duration, most);
  assert.equal((await upload(ann, Buffer.from('words'), '?duration=5000')).body.duration, undefined);
  for (const wrong of [most + 1, '99999999999999', -5, 'x', '99999999999999999999']) {
    assertError(await upload(ann, wave, `?duration=${wrong}`), 400, 'invalid', 'duration');
  }
});

test('a form is refused, not kept as a file', async () => {
  const ann = await person('ann');
  const form = new FormData();
  form.append('file', new Blob(['words']), 'x.txt');
  const answer = await fetch(`${stack.url}/api/files`,
    { method: 'POST', body: form, headers: { Authorization: `Bearer ${ann.token}` } });
  assert.equal(answer.status, 415);
  assert.equal((await answer.json()).error.code, 'unsupported_media_type');
  assert.equal((await ann.api('/api/files',
    { body: Buffer.from('words'), headers: { 'Content-Type': 'application/x-www-form-urlencoded' } })).status, 201);
});

test('what could run in a browser is neither shown nor named as what it is', async () => {
  const ann = await person('ann');
  for (const [name, body] of [
    ['a.html', '<!DOCTYPE html><html><script>alert(1)</script></html>'],
    ['a.svg', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
    ['a.png', '<html><script>alert(1)</script></html>'],
    ['a.jpg.exe', 'MZ\x90\0'],
  ]) {
    const file = (await upload(ann, Buffer.from(body), `?name=${name}`)).body;
    const got = await bytes(ann, file._id);
    assert.equal(got.headers.get('content-type'), 'application/octet-stream', name);
    assert.match(got.headers.get('content-disposition'), /^attachment/, name);
  }
});

test('equal bytes are on the disk once, and no name of a client is', async () => {
  const [ann, bob] = await Promise.all([person('ann'), person('bob')]);
  const body = Buffer.from('the very same bytes');
  const before = kept().length;
  const files = [await upload(ann, body, '?name=../../../etc/passwd'), await upload(bob, body, '?name=b')];
  assert.notEqual(files[0].body._id, files[1].body._id);
  assert.equal(files[0].body.name, 'passwd');
  assert.equal(kept().length, before + 1);
  for (const name of kept()) assert.match(name, /^[0-9a-f]{2}\/[0-9a-f]{64}(\.preview)?$/);
});

test('nginx gives nobody a file past the workers', async () => {
  const [name] = kept();
  const answer = await fetch(`${stack.url}/palabre-files/${name}`);
  assert.equal(answer.status, 404);
});

test('too much, nothing, and more than one has room for are refused', async () => {
  const ann = await person('ann');
  const before = kept().length;
  assertError(await upload(ann, ''), 400, 'invalid');
  assertError(await upload(ann, Buffer.alloc(10 * 1024 * 1024 + 1)), 413, 'too_large');
  assert.equal((await upload(ann, Buffer.alloc(10 * 1024 * 1024, 'a'))).status, 201);
  assert.equal((await upload(ann, Buffer.alloc(10 * 1024 * 1024, 'b'))).status, 201);
  assertError(await upload(ann, Buffer.alloc(6 * 1024 * 1024, 'c')), 413, 'quota_exceeded');
  assert.equal(kept().filter((name) => name.startsWith('tmp/')).length, 0);
  assert.ok(kept().length <= before + 3);
});

test('what a quota refuses is not on the disk, and takes nobody what they have', async () => {
  const [ann, bob] = await Promise.all(['ann', 'bob'].map(person));
  const body = randomBytes(1000);
  const file = (await upload(bob, body)).body;
  for (const size of [10_000_000, 10_000_000, 5_000_000]) {
    assert.equal((await upload(ann, randomBytes(size))).status, 201);
  }
  const folders = () => readdirSync(path.join(stack.dir, 'files')).sort();
  const before = [kept().sort(), folders()];
  for (const more of [randomBytes(1_000_000), png(301, 203), body, 'x']) {
    assertError(await upload(ann, more), 413, 'quota_exceeded');
    assert.deepEqual([kept().sort(), folders()], before, 'the store was asked first');
  }
  assert.deepEqual((await bytes(bob, file._id)).data, body);
});

/* While small copies are made, of a large picture first, another file takes the
 * room that all of them were found to have. */
test('nor is what it refuses only in the end, as of several at once', async (t) => {
  const pictures = [png(8000, 7000), png(700, 300), png(700, 301)];
  const room = 2 * pictures[0].length;
  const small = await startStack({ set: { api_workers: 4, file_quota: room } });
  t.after(() => small.stop());
  await waitFor('the program of previews', () => small.previewer());
  const ann = await small.newcomer('ann');
  const answers = [await upload(ann, 'x')];
  const late = pictures.map((body) => upload(ann, body));
  await waitFor('all to be there', () => kept(small).filter((name) => !name.startsWith('tmp/')).length > late.length);
  answers.push(await upload(ann, randomBytes(room - 1)), ...await Promise.all(late));
  const ours = answers.filter(({ status }) => status === 201);
  for (const refused of answers.filter((one) => !ours.includes(one))) assertError(refused, 413, 'quota_exceeded');
  assert.equal(kept(small).length, ours.length + ours.filter(({ body }) => body.preview).length);
});

test('an upload that breaks off leaves nothing and harms nobody', async () => {
  const ann = await person('ann');
  const before = kept();
  const { port } = new URL(stack.url);
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(`POST /api/files HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${ann.token}\r\n`
    + 'Content-Length: 1000000\r\n\r\nsome of it');
  await new Promise((resolve) => { setTimeout(resolve, 200); });
  socket.destroy();
  assert.equal((await upload(ann, Buffer.from('another'))).status, 201);
  await waitFor('the rest to be gone', () => kept().filter((name) => name.startsWith('tmp/')).length === 0);
  assert.equal(kept().length, before.length + 1);
});

test('a message names only a file that its sender may read, and a deleted one none', async () => {
  const [ann, bob, cat] = await Promise.all(['ann', 'bob', 'cat'].map(person));
  const file = (await upload(ann, Buffer.from('mine'))).body;
  assertError(await send(bob, cat, file._id), 404, 'not_found');
  assertError(await send(ann, bob, NOBODY), 404, 'not_found');
  assertError(await send(ann, bob, { name: 'x' }), 400, 'invalid', 'attachment');
  const message = (await send(ann, bob, { _id: file._id }, { clientId: 'f-1' })).body;
  assert.equal(message.content, '');
  assert.equal((await send(ann, bob, file._id, { clientId: 'f-1' })).body.duplicate, true);
  assert.equal((await send(bob, cat, file._id)).status, 201, 'forwarded');
  assert.equal((await ann.api(`/api/messages/${message._id}`, { method: 'DELETE' })).status, 200);
  assert.equal((await bytes(bob, file._id)).status, 200, 'he sent it on');
  assert.equal((await bytes(cat, file._id)).status, 200);
});

/* As if a day and an hour had passed, in the store. */
async function ageFiles() {
  const mongodb = mongodbOf(stack);
  if (mongodb) return mongodb({ update: 'file', updates: [{ q: {}, u: { $inc: { createdAt: -90000000n } }, multi: true }] });
  const store = path.join(stack.dir, 'palabre.db');
  const [program, ...args] = asOwnerOf(store, ['python3', '-c', `import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as db: db.execute("UPDATE file SET created_at = created_at - 90000000")`, store]);
  return execFileSync(program, args);
}

test('what nothing names for a day is taken away, and what was left half written', async () => {
  const [ann, bob] = await Promise.all(['ann', 'bob'].map(person));
  const before = new Set(kept());
  const unused = await upload(ann, Buffer.from('never sent'));
  const [name] = kept().filter((one) => !before.has(one));
  const used = await upload(ann, Buffer.from('sent'));
  assert.equal((await send(ann, bob, used.body._id)).status, 201);
  await ageFiles();
  writeFileSync(path.join(stack.dir, 'files/tmp/0123456789abcdef'), 'half');
  process.kill(stack.keeper()); // the next one begins with it
  await waitFor('it is gone', () => !kept().includes(name) && !kept().includes('tmp/0123456789abcdef'));
  assert.equal((await bytes(ann, unused.body._id)).status, 404);
  assert.equal((await bytes(bob, used.body._id)).data.toString(), 'sent');
});

test('another store, served for a while in the same place, takes nobody a file', async (t) => {
  const dir = temporaryDirectory();
  let ours = await startStack({ dir });
  t.after(() => ours.stop());
  const [ann, bob] = [await ours.register('ann'), await ours.register('bob')];
  const { body, name } = contract();
  const sent = (await upload(ann, Buffer.from(body))).body;
  assert.equal((await send(ann, bob, sent._id)).status, 201);
  age(dir, name);

  for (const set of [{ store: `sqlite:${path.join(dir, 'another.db')}` }, {}]) {
    ours.run.child.kill('SIGTERM');
    await ours.run.ended;
    const swept = awaitSweep(dir);
    ours = await startStack({ dir, set });
    await swept();
    assert.ok(kept(ours).includes(name));
  }
  const { status, data } = await bytes(bob, sent._id, { of: ours });
  assert.deepEqual([status, data.toString()], [200, body]);
});

test('the picture of a person is for everyone who is signed in', async () => {
  const [ann, bob] = await Promise.all([person('ann'), person('bob')]);
  const file = (await upload(ann, png(8, 8))).body;
  assert.equal((await bytes(bob, file._id)).status, 404);
  assert.equal((await ann.api('/api/users/profile', { method: 'PATCH', body: { avatar: file._id } })).status, 200);
  assert.equal((await bytes(bob, file._id)).status, 200);
  assert.equal((await fetch(`${stack.url}/api/files/${file._id}`)).status, 401);
});

test('bytes that are lost on the disk are 404, and the rest goes on', async () => {
  const ann = await person('ann');
  const body = Buffer.from(`lost ${Math.random()}`);
  const before = new Set(kept());
  const file = (await upload(ann, body)).body;
  const [name] = kept().filter((one) => !before.has(one));
  assert.ok(statSync(path.join(stack.dir, 'files', name)).size > 0);
  rmSync(path.join(stack.dir, 'files', name));
  assert.equal((await bytes(ann, file._id)).status, 404);
});
