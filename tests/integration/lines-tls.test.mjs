// Lines over TLS (docs/lines.md), spoken by Node's own client.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { BANNER, endLineClients, lineConnection } from '../support/lines.mjs';
import { call, collect, next } from '../support/socket.mjs';
import { freePort, startStack, temporaryDirectory, waitFor } from '../support/stack.mjs';

const PATIENCE_MS = 5000; // for who does come, on a busy machine
const RATE = 20;
const dir = temporaryDirectory();
const files = { cert: path.join(dir, 'cert.pem'), key: path.join(dir, 'key.pem') };
let stack, port, plainPort, desk, desks, ca;

/* A certificate of its own for 127.0.0.1, whose key nobody but us may read. */
async function makeCertificate(name, { cert, key } = files) {
  await promisify(execFile)('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
    '-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2', '-keyout', `${key}.new`, '-out', `${cert}.new`]);
  chmodSync(`${key}.new`, 0o600);
  renameSync(`${key}.new`, key);
  renameSync(`${cert}.new`, cert);
  return readFileSync(cert);
}

before(async () => {
  ca = await makeCertificate('first');
  [port, plainPort] = [await freePort(), await freePort()];
  stack = await startStack({
    set: {
      line_port: plainPort, line_tls: `${files.cert} ${files.key}`, line_tls_port: port, line_tls_rate: RATE,
      line_name_ms: PATIENCE_MS, register_rate: 10000, register_burst: 10000,
    },
  });
  desk = await stack.register('desk');
  await stack.ctl('user', 'role', 'desk', 'operator');
  desks = await desk.connect();
});
after(async () => {
  endLineClients();
  await stack?.stop();
  rmSync(dir, { recursive: true, force: true });
});

let people = 0;
const name = () => `Ann${(people += 1)}`;
const secure = (first, options = {}) => lineConnection(port, first, { ca, ...options });
const hears = (who, text) => next(desks, 'message:new', ({ senderName, content }) => senderName === who && content === text);
const stats = async () => JSON.parse((await stack.ctl('stats')).stdout).stats;

test('a line over TLS is one like any other, both ways (L39, L42)', async () => {
  assert.match(stack.log('palabre-pushd'), new RegExp(`lines over TLS on 127\\.0\\.0\\.1 port ${port}$`, 'm'));
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    const who = name();
    const heard = hears(who, 'été');
    const client = await secure(`${who}\nété\n`, { minVersion: version, maxVersion: version });
    assert.equal(client.socket.getProtocol(), version);
    await client.says(BANNER[2]);
    const { conversationId } = await heard;
    const received = next(desks, 'message:received', (mark) => mark.conversationId === conversationId);
    const { message } = await call(desks, 'send-message', { conversationId, content: `yes?\n${'é'.repeat(2000)}` });
    await client.says(/é\n$/);
    assert.equal((await received).messageId, message._id);
    assert.deepEqual([client.lines[3], client.lines.slice(4).join('')], ['yes?', 'é'.repeat(2000)]);
    client.send('salut\n');
    await waitFor('its end', () => client.ended);
    assert.equal(client.lines.at(-1), 'Au revoir !');
  }
  const bare = await secure(name());
  await bare.says(BANNER[2]);
  await assert.rejects(secure(undefined, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }));
});

test('files of 2 MiB go both ways, to who reads slowly as well (L39)', async () => {
  const who = name();
  const client = await secure(`${who}\nhere\n`);
  const { conversationId } = await hears(who, 'here');
  const bytes = Buffer.alloc(2 * 1024 * 1024, 'palabre ');
  const heard = next(desks, 'message:new', ({ attachment }) => attachment !== null);
  client.send(`__FILE__|a.txt|text/plain|1|${bytes.toString('base64')}\n`);
  const { attachment } = await heard;
  assert.equal(attachment.size, bytes.length);
  client.socket.pause();
  await call(desks, 'send-message', { conversationId, content: '', attachment: (await desk.api('/api/files?name=b.txt', {
    body: bytes, headers: { 'Content-Type': 'application/octet-stream' },
  })).body._id });
  await sleep(1000);
  client.socket.resume();
  await waitFor('the file', () => client.text.length > bytes.length * 4 / 3 && client.text.endsWith('\n'), 30000);
  const line = client.lines.find((text) => text.startsWith('__FILE__|b.txt|'));
  assert.ok(Buffer.from(line.split('|')[4], 'base64').equals(bytes));
});

test('what is no TLS is closed, and a plain port takes none (L39)', async () => {
  const already = (await stats()).linesNoTls;
  const heard = collect(desks, 'message:new');
  const plain = await lineConnection(port, `${name()}\nhello there\n`);
  await waitFor('its end', () => plain.ended);
  assert.doesNotMatch(plain.text, /__SERVER_/);
  assert.equal((await stats()).linesNoTls, already + 1);
  await assert.rejects(lineConnection(plainPort, undefined, { ca }));
  await sleep(200);
  assert.deepEqual(heard.filter(({ content }) => /hello there/.test(content)), []);
});

test('what is cut off is none of its lines (L39, L10)', async () => {
  const [who, other] = [name(), name()];
  const heard = collect(desks, 'message:new');
  const from = (one) => heard.filter(({ senderName }) => senderName === one).map(({ content }) => content);
  const [cut, whole] = [await secure(`${who}\none\n`), await secure(`${other}\none\n`)];
  await waitFor('both', () => from(who).length === 1 && from(other).length === 1);
  cut.socket.write('half of a', () => cut.socket.destroy());
  whole.socket.end('the last');
  await waitFor('its end', () => whole.ended);
  await waitFor('the last', () => from(other).includes('the last'));
  await sleep(200);
  assert.deepEqual(from(who), ['one']);
});

test('what one said over TLS before they went is done, too (L39, L10)', async () => {
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    const who = name();
    const heard = collect(desks, 'message:new');
    const lines = Array.from({ length: 150 }, (_, i) => `line ${i}`);
    const client = await secure(undefined, { minVersion: version, maxVersion: version });
    client.socket.write([who, ...lines, 'half of a'].join('\n'), client.end);
    const said = () => heard.filter(({ senderName }) => senderName === who).map(({ content }) => content);
    await waitFor('the last', () => said().includes(lines.at(-1)), 60000);
    await sleep(200);
    assert.deepEqual(said(), lines);
  }
});

test('lines that came whole are said, though the end has no word of it (L39, L10)', async () => {
  const who = name();
  const heard = collect(desks, 'message:new');
  const lines = Array.from({ length: 40 }, (_, i) => `line ${i}`);
  await promisify(execFile)('python3', ['-c', `
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[2])
line = context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1]))), server_hostname="127.0.0.1")
line.sendall(sys.argv[3].encode())
line.shutdown(socket.SHUT_WR)
while line.recv(4096):
    pass
`, String(port), files.cert, `${who}\n${lines.join('\n')}\nhalf of a`]);
  const said = () => heard.filter(({ senderName }) => senderName === who).map(({ content }) => content);
  await waitFor('the last', () => said().includes(lines.at(-1)));
  assert.deepEqual(said(), lines);
});

test('many who come at once wait for their turn, and of one address not more than a second\'s (L40)', async () => {
  await sleep(1000); // the bucket is full again
  const from = Date.now();
  const all = await Promise.allSettled(Array.from({ length: 4 * RATE }, () => secure(`${name()}\n`)));
  const ms = Date.now() - from;
  const came = all.filter(({ status }) => status === 'fulfilled').map(({ value }) => value);
  assert.ok(came.length >= RATE && came.length <= RATE * (2 + ms / 1000), `${came.length} in ${ms} ms`);
  assert.ok(came.length < all.length, 'the oldest went');
  await Promise.all(came.map((client) => client.says(BANNER[2])));
  for (const client of came) client.end();
  const late = await secure(`${name()}\n`);
  await late.says(BANNER[2]);
});

test('who does not finish a handshake is closed, whatever comes meanwhile (L40)', async () => {
  await sleep(1000);
  const hello = await new Promise((resolve) => {
    const server = net.createServer((socket) => socket.once('data', (bytes) => { resolve(bytes); socket.destroy(); server.close(); }));
    server.listen(0, '127.0.0.1', () => tls.connect({ port: server.address().port, host: '127.0.0.1', ca }).on('error', () => {}));
  });
  const from = Date.now();
  const [silent, slow] = [await lineConnection(port), await lineConnection(port)];
  for (const byte of hello.subarray(0, 200)) {
    if (slow.ended) break;
    slow.send(Buffer.from([byte]));
    await sleep(30); // 200 of them outlast it
  }
  await waitFor('both to be closed', () => silent.ended && slow.ended);
  assert.ok(Date.now() - from >= PATIENCE_MS - 100);
  const late = await secure(`${name()}\n`);
  await late.says(BANNER[2]);
});

test('a byte at a time is a handshake, too (L40)', async () => {
  const relay = net.createServer((near) => {
    const far = net.connect(port, '127.0.0.1');
    far.setNoDelay(true);
    near.on('data', async (bytes) => {
      near.pause();
      for (let i = 0; i < bytes.length; i += 7) {
        far.write(bytes.subarray(i, i + 7));
        if (i % 70 === 0) await sleep(1);
      }
      near.resume();
    });
    for (const [one, other] of [[near, far], [far, near]]) one.on('close', () => other.destroy()).on('error', () => {});
    far.pipe(near);
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const who = name();
  const heard = hears(who, 'in pieces');
  const client = await lineConnection(relay.address().port, `${who}\nin pieces\n`, { ca });
  await heard;
  await client.says(BANNER[2]);
  client.end();
  relay.close();
});

test('a SIGHUP has another certificate read, and nobody goes (L41)', async () => {
  const stays = await secure(`${name()}\n`);
  await stays.says(BANNER[2]);
  const issuer = (client) => client.socket.getPeerCertificate().subject.CN;
  const hangUp = async (pattern) => {
    const already = (stack.log('palabre-pushd').match(pattern) ?? []).length;
    await stack.signal('palabre-pushd', 'SIGHUP');
    await waitFor(pattern, () => (stack.log('palabre-pushd').match(pattern) ?? []).length > already);
  };
  assert.equal(issuer(stays), 'first');
  writeFileSync(`${files.cert}.broken`, 'no certificate');
  renameSync(`${files.cert}.broken`, files.cert);
  chmodSync(files.key, 0o644);
  await hangUp(/cert\.pem: no certificate in PEM; the certificate is still the one from before$/gm);
  const meanwhile = await secure(`${name()}\n`);
  assert.equal(issuer(meanwhile), 'first');
  ca = await makeCertificate('second');
  chmodSync(files.key, 0o644);
  await hangUp(/the certificate of lines was read again$/gm);
  const late = await secure(`${name()}\n`);
  await late.says(BANNER[2]);
  assert.deepEqual([issuer(late), stays.ended, meanwhile.ended], ['second', false, false]);
});

test('a start without a certificate, or with the key of another, says which file (L39)', async () => {
  const other = { cert: path.join(dir, 'other.pem'), key: path.join(dir, 'other.key') };
  await makeCertificate('other', other);
  for (const [line_tls, why] of [
    [`${dir}/none.pem ${files.key}`, /line_tls: .*none\.pem: No such file/],
    [`${other.cert} ${files.key}`, /line_tls: .*key\.pem: not its key in PEM/],
    [files.cert, /line_tls: CERTIFICATE KEY are two files/],
  ]) {
    const started = await startStack({ set: { line_tls, line_tls_port: await freePort() } }).catch((error) => error);
    if (!(started instanceof Error)) await started.stop();
    assert.match(String(started), why);
  }
});
