// Small copies of pictures over the whole stack: palabre-preview as the
// supervisor runs it, and what becomes of uploads when a decoder misbehaves.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { bomb, broken, jpeg, png, webp } from '../support/pictures.mjs';
import { share, startStack, waitFor } from '../support/stack.mjs';

/* nginx waits no longer for an upload. */
const PROMISED_MS = 10000;
let stack, ann;

before(async () => {
  stack = await startStack({ set: { api_workers: 4 } });
  ann = await stack.register('ann');
  await waitFor('the program of previews', () => stack.previewer());
});
after(() => stack.stop());

const upload = async (body, who = ann) => (await who.api('/api/files',
  { body, headers: { 'Content-Type': 'application/octet-stream' } })).body;

/* The same in the time that is promised. */
async function uploadInTime(body) {
  const began = Date.now();
  const file = await upload(body);
  assert.ok(Date.now() - began < PROMISED_MS, `${Date.now() - began} ms`);
  return file;
}

async function preview(id, from = stack, who = ann) {
  const answer = await fetch(`${from.url}/api/files/${id}?preview=1`,
    { headers: { Authorization: `Bearer ${who.token}` } });
  return { status: answer.status, type: answer.headers.get('content-type'), data: Buffer.from(await answer.arrayBuffer()) };
}

/* Of a PNG's or a baseline JPEG's head. */
function sizeOf(data) {
  if (data[0] === 0x89) return [data.readUInt32BE(16), data.readUInt32BE(20)];
  const frame = data.indexOf(Buffer.from([0xff, 0xc0]));
  return [data.readUInt16BE(frame + 7), data.readUInt16BE(frame + 5)];
}

async function assertNextWorks() {
  const file = await upload(png(700, 20 + Math.floor(Math.random() * 400)));
  assert.equal(file.preview, true);
  assert.equal((await preview(file._id)).status, 200);
}

for (const [kind, picture, mime, size, small] of [
  ['JPEG', jpeg, 'image/jpeg', [640, 480], [512, 384]],
  ['PNG', png(1024, 256), 'image/png', [1024, 256], [512, 128]],
  ['WebP', webp, 'image/webp', [640, 480], [512, 384]],
]) {
  test(`a ${kind} tells its size and has a small copy`, async () => {
    const file = await upload(picture);
    assert.deepEqual([file.mime, file.width, file.height, file.preview], [mime, ...size, true]);
    const got = await preview(file._id);
    assert.equal(got.status, 200);
    assert.match(got.type, /^image\/(jpeg|png)$/);
    assert.deepEqual(sizeOf(got.data), small);
  });
}

test('many at once all get one, and nobody else waits for them', async () => {
  const before_ = Date.now();
  const files = Promise.all(Array.from({ length: 12 }, (_, i) => upload(png(800, 200 + i))));
  assert.equal((await ann.api('/api/users/me')).status, 200);
  assert.ok(Date.now() - before_ < 2000 * share(), `${Date.now() - before_} ms`);
  for (const { preview: there } of await files) assert.equal(there, true);
});

test('what cannot be drawn, or would be too large, is a file without a copy', async () => {
  for (const [body, size] of [[bomb, [60000, 60000]], [broken, [640, 480]]]) {
    const file = await uploadInTime(body);
    assert.deepEqual([file.width, file.height, file.preview], [...size, false]);
    assert.equal((await preview(file._id)).status, 404);
    assert.equal((await ann.api(`/api/files/${file._id}`)).status, 200);
  }
  await assertNextWorks();
});

test('it is given neither the settings nor any file that is open', async () => {
  const pid = stack.previewer();
  const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
  assert.doesNotMatch(environment, /PALABRE_/);
  const open = () => readdirSync(`/proc/${pid}/fd`).filter((fd) => fd > 2);
  // It may be closing those of its last picture.
  await waitFor('nothing to be open', () => open().length === 0);
});

test('when it is killed another one is there at once', async () => {
  const pid = stack.previewer();
  process.kill(pid, 'SIGKILL');
  await waitFor('another', () => ![undefined, pid].includes(stack.previewer()));
  await assertNextWorks();
});

test('when it is stopped it is replaced, and said to be', async () => {
  const pid = stack.previewer();
  process.kill(pid, 'SIGSTOP');
  await waitFor('another', () => ![undefined, pid].includes(stack.previewer()));
  await assertNextWorks();
  assert.match(stack.log('palabre-api'), new RegExp(`preview worker ${pid} was stopped: killing it$`, 'm'));
});

/* The process that decodes a picture now. */
function decoderOf(previewer) {
  return Number(readFileSync(`/proc/${previewer}/task/${previewer}/children`, 'utf8').trim());
}

for (const signal of ['SIGSTOP', 'SIGKILL']) {
  test(`a decoder that gets ${signal} costs its picture the copy, and no other`, async () => {
    const previewer = stack.previewer();
    // Large enough to be met at work.
    const file = uploadInTime(png(8000, 7000 + (signal === 'SIGSTOP')));
    process.kill(await waitFor('a decoder', () => decoderOf(previewer), 15000, 1), signal);
    assert.equal((await file).preview, false);
    await assertNextWorks();
  });
}

test('SIGHUP replaces it, too, and no picture notices', async () => {
  const pid = stack.previewer();
  await stack.signal('palabre-api', 'SIGHUP');
  await waitFor('another', async () => {
    await assertNextWorks();
    return ![undefined, pid].includes(stack.previewer());
  });
});

test('a socket of it that cannot be made keeps nothing else from working', async () => {
  const other = await startStack({ set: { preview_socket: '{dir}/palabre.conf/preview.sock' } });
  try {
    const bob = await other.register('bob');
    assert.equal((await upload(png(700, 300), bob)).preview, false);
    const lines = other.log('palabre-api').match(/^.* warning .*: pictures get no previews$/gm);
    assert.equal(lines?.length, 1, other.log('palabre-api'));
  } finally {
    await other.stop();
  }
});

test('without it pictures have their size, and nothing waits', async () => {
  const other = await startStack({ set: { preview: 'off' } });
  try {
    const bob = await other.register('bob');
    const began = Date.now();
    const file = await upload(png(700, 300), bob);
    assert.deepEqual([file.width, file.height, file.preview], [700, 300, false]);
    assert.ok(Date.now() - began < 2000 * share());
    assert.equal((await preview(file._id, other, bob)).status, 404);
    assert.equal(other.previewer(), undefined);
    assert.ok(!readdirSync(path.join(other.dir, 'run')).includes('preview.sock'));
  } finally {
    await other.stop();
  }
});
