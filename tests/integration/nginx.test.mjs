// nginx as `palabre-api nginx-config` sets it up: errors in the API's shape,
// headers, limits, and logs without secrets.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import WebSocket from 'ws';
import { raw } from '../support/http.mjs';
import { share, startStack, temporaryDirectory, waitFor } from '../support/stack.mjs';

let stack, pages;

before(async () => {
  pages = temporaryDirectory();
  writeFileSync(path.join(pages, 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(path.join(pages, '.secret'), 'no');
  writeFileSync(path.join(pages, 'page.js'), 'page()');
  writeFileSync(path.join(pages, 'page.js.gz'), gzipSync('page(1)'));
  stack = await startStack({
    set: { html_dir: pages, auth_rate: 1, auth_burst: 5, allowed_origins: 'https://x.example https://A.Example null' },
  });
});
after(() => stack.stop());

function assertError(answer, status, code) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
  assert.equal(answer.body.error.code, code);
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
}

test('every page has the security headers', async () => {
  for (const target of ['/', '/some/view', '/api/health', '/api/nothing', '/assets/none.js']) {
    const { headers } = await stack.api(target);
    assert.match(headers.get('content-security-policy'), /^default-src 'self'; .*frame-ancestors 'none'/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', target);
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.equal(headers.get('permissions-policy'), 'camera=(), geolocation=(), microphone=(self)');
    assert.match(headers.get('x-request-id'), /^[0-9a-f]{32}$/);
    assert.equal(headers.get('server'), 'nginx');
    assert.equal(headers.get('strict-transport-security'), null, 'of TLS alone');
  }
});

test('the page is at one place, never cached; from anywhere else one is sent there', async () => {
  const page = await stack.api('/');
  assert.equal(page.status, 200);
  assert.equal(page.headers.get('cache-control'), 'no-cache');
  assert.match(page.text, /<title>page/);
  const view = await stack.api('/some/view');
  assert.deepEqual([view.status, view.headers.get('location')], [302, '/']);
  assertError(await stack.api('/assets/none.js'), 404, 'not_found');
  assertError(await stack.api('/.secret'), 404, 'not_found');
});

test('what the build compressed is sent as it is, to those who take it', async () => {
  for (const [encoding, sent, text] of [['gzip', 'gzip', 'page(1)'], ['identity', null, 'page()']]) {
    const answer = await stack.api('/page.js', { headers: { 'accept-encoding': encoding } });
    assert.equal(answer.headers.get('content-encoding'), sent);
    assert.equal(answer.headers.get('vary'), 'Accept-Encoding');
    assert.equal(answer.text, text);
  }
});

test("nginx's own errors are JSON of the API's shape", async () => {
  assertError(await stack.api('/', { method: 'POST' }), 405, 'method_not_allowed');
  assertError(await stack.api('/api/users/%zz'), 400, 'invalid');
  assertError(await stack.api(`/api/${'a'.repeat(9000)}`), 414, 'too_large');
  assertError(await stack.api('/api/health', { headers: { 'x-big': 'b'.repeat(9000) } }),
    431, 'too_large');
  assertError(await stack.api('/api/auth/login', { body: Buffer.alloc(1024 * 1024 + 1, ' ') }),
    413, 'too_large');
  assert.match(await raw(stack.port, 'GET / HTTP/1.1\r\n\r\n'), /^HTTP\/1.1 400 [^]*"code":"invalid"/);
  assert.match(await raw(stack.port, 'nonsense\r\n\r\n'), /"code":"invalid"/);
  assert.match(await raw(stack.port, 'POST /api/sync HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n'),
    /^HTTP\/1.1 501 [^]*"message":"This transfer encoding is not known\."/);
  assert.match(await raw(stack.port, 'GET / HTTP/3.0\r\nHost: x\r\n\r\n'), /^HTTP\/1.1 505 [^]*"code":"invalid"/);
  assertError(await stack.api('/', { headers: { 'If-Match': '"x"' } }), 412, 'invalid');
});

test('what palabre-pushd could not read is refused in the same shape, at once', async () => {
  const sockets = '/socket.io/?EIO=4&transport=polling';
  for (const more of ['&t=%', '&t=%zz', '&t=%00', '&'.repeat(100), `&t=${'x'.repeat(7000)}`]) {
    assertError(await stack.api(sockets + more), 400, 'invalid');
  }
  for (const method of ['PUT', 'PURGE']) {
    const answer = await stack.api(sockets, { method });
    assertError(answer, 405, 'method_not_allowed');
    assert.equal(answer.headers.get('allow'), 'GET, HEAD, POST, OPTIONS');
  }
});

test('what is too large for a socket is 413 each time, whoever sends it', async () => {
  const { sid } = JSON.parse((await stack.api('/socket.io/?EIO=4&transport=polling')).text.slice(1));
  for (const of of [sid, 'nobody']) {
    for (const size of [200_000, 900_000]) {
      for (let i = 0; i < 10; i += 1) {
        const answer = await stack.api(`/socket.io/?EIO=4&transport=polling&sid=${of}`,
          { body: Buffer.alloc(size, '4'), headers: { 'Content-Type': 'text/plain' } });
        assertError(answer, 413, 'too_large');
      }
    }
  }
});

test('headers that palabre-pushd does not read keep nobody out', async () => {
  const many = Array.from({ length: 300 }, (_, i) => [`X-${i}`, 'x'.repeat(50)]);
  for (const headers of [{ 'X-A': '1' }, { Cookie: 'x'.repeat(7000) }, { 'User-Agent': 'x'.repeat(7000) },
    Object.fromEntries(many)]) {
    const { status, text } = await stack.api('/socket.io/?EIO=4&transport=polling', { headers });
    assert.equal(status, 200, `${Object.keys(headers)[0]}: ${text}`);
  }
  const upgrade = (what) => raw(stack.port, 'GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n'
    + `Host: localhost\r\nConnection: close\r\nUpgrade: ${what}\r\n\r\n`);
  for (const what of ['h2c', 'websocket']) assert.match(await upgrade(what), /^HTTP\/1.1 200 /, what);
});

test('a WebSocket that offers subprotocols gets the first of them', async () => {
  const url = `${stack.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
  const plain = new WebSocket(url);
  const offering = new WebSocket(url, ['chat.v2', 'chat.v1']);
  await Promise.all([plain, offering].map((socket) => once(socket, 'open')));
  assert.deepEqual([plain.protocol, offering.protocol], ['', 'chat.v2']);
  for (const socket of [plain, offering]) socket.close();
});

test('a WebSocket handshake that RFC 6455 wants refused is, and the answer names version 13', async () => {
  const shake = (change, protocol = 'HTTP/1.1') => raw(stack.port, [
    `GET /socket.io/?EIO=4&transport=websocket ${protocol}`,
    ...Object.entries({
      Host: 'localhost', Connection: 'close, Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', ...change,
    }).filter(([, value]) => value !== null).map((pair) => pair.join(': ')), '', ''].join('\r\n'));
  for (const change of [{ 'Sec-WebSocket-Version': '8' }, { 'Sec-WebSocket-Version': null },
    { 'Sec-WebSocket-Key': null }, { 'Sec-WebSocket-Key': 'short' }]) {
    const answer = await shake(change);
    assert.match(answer, /^HTTP\/1.1 4(00|26) /, JSON.stringify(change));
    assert.match(answer, /^sec-websocket-version: 13\r$/im);
  }
  assert.match(await shake({}, 'HTTP/1.0'), /^HTTP\/1.1 400 /);
});

test('a WebSocket handshake that meets no daemon is 503 in the shape of the API', async () => {
  const socket = stack.socketPath('push');
  renameSync(socket, `${socket}.away`);
  try {
    const answer = await raw(stack.port, ['GET /socket.io/?EIO=4&transport=websocket HTTP/1.1', 'Host: localhost',
      'Connection: close, Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''].join('\r\n'));
    assert.match(answer, /^HTTP\/1.1 503 [^]*\r\nRetry-After: 2\r\n[^]*"code":"unavailable"/);
  } finally {
    renameSync(`${socket}.away`, socket);
  }
});

test('a preflight of a socket grants the headers that it asks for', async () => {
  const answer = await stack.api('/socket.io/?EIO=4&transport=polling', {
    method: 'OPTIONS',
    headers: {
      origin: 'https://a.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-app-version',
    },
  });
  assert.equal(answer.status, 204);
  assert.equal(answer.headers.get('access-control-allow-headers'), 'content-type,x-app-version');
  assert.equal(answer.headers.get('access-control-allow-origin'), 'https://a.example');
});

test('a wrong method names the right ones, once', async () => {
  const answer = await stack.api('/api/users', { method: 'DELETE' });
  assertError(answer, 405, 'method_not_allowed');
  assert.equal(answer.headers.get('allow'), 'GET, HEAD, OPTIONS');
  assert.equal((await stack.api('/api/sync')).headers.get('allow'), 'POST, OPTIONS');
  assert.equal((await stack.api('/', { method: 'POST' })).headers.get('allow'), 'GET, HEAD');
});

test('bodies that are no JSON object are refused', async () => {
  const ann = await stack.register('bodies');
  const send = (body, type = 'application/json') =>
    ann.api('/api/messages', { body, headers: { 'Content-Type': type } });
  for (const body of ['{', '[]', 'null', '{"a":1}x',
    Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), Buffer.from('{}\0')]) {
    assertError(await send(body), 400, 'invalid_json');
  }
  assertError(await send('['.repeat(100000)), 400, 'too_deep');
  assertError(await send('{}', 'text/plain'), 415, 'unsupported_media_type');
  assertError(await send(''), 400, 'invalid_json');
});

test('OPTIONS is answered anywhere, with the allowed origins alone', async () => {
  const ask = (origin, more) => stack.api('/api/any/thing', { method: 'OPTIONS', headers: { origin, ...more } });
  const allowed = await ask('https://a.example');
  assert.equal(allowed.status, 204);
  assert.equal(allowed.headers.get('access-control-allow-origin'), 'https://a.example');
  assert.match(allowed.headers.get('access-control-allow-headers'), /Authorization/);
  const asking = await ask('https://a.example', { 'access-control-request-headers': 'authorization,x-requested-with' });
  assert.equal(asking.headers.get('access-control-allow-headers'), 'authorization,x-requested-with');
  for (const unreadable of ['x'.repeat(401), 'x-\xe9']) {
    const { headers } = await ask('https://a.example', { 'access-control-request-headers': unreadable });
    assert.equal(headers.get('access-control-allow-headers'), allowed.headers.get('access-control-allow-headers'));
  }
  assert.equal((await ask('https://b.example')).headers.get('access-control-allow-origin'), null);
  assert.equal((await ask('null')).headers.get('access-control-allow-origin'), 'null');
  const error = await stack.api('/api/users', { headers: { origin: 'https://a.example' } });
  assert.equal(error.headers.get('access-control-allow-origin'), 'https://a.example');
});

test('a page of an allowed origin may read what nginx itself says, no other', async () => {
  const ask = async (origin) => (await stack.api('/api/messages',
    { headers: { origin }, body: Buffer.alloc(1024 * 1024 + 1, ' ') }));
  const { status, headers } = await ask('https://a.example');
  assert.equal(status, 413);
  assert.equal(headers.get('access-control-allow-origin'), 'https://a.example');
  assert.equal(headers.get('access-control-allow-credentials'), 'true');
  for (const origin of ['https://A.example:443', 'null']) {
    assert.equal((await ask(origin)).headers.get('access-control-allow-origin'), origin);
  }
  assert.match(headers.get('access-control-expose-headers'), /Retry-After/);
  assert.equal(headers.get('vary'), 'Origin');
  for (const origin of ['https://b.example', 'file://', 'https://a.example.evil', 'https://a.example:444', '']) {
    const other = await ask(origin);
    assert.equal(other.headers.get('access-control-allow-origin'), null, origin);
    assert.equal(other.headers.get('access-control-allow-credentials'), null, origin);
  }
});

test('an address that signs in too often is told to wait', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) =>
    stack.api('/api/auth/login', { body: { username: `nobody${i}`, password: 'secret1' } })));
  const limited = answers.filter(({ status }) => status === 429);
  assert.ok(limited.length >= 10, `${limited.length}`);
  assertError(limited[0], 429, 'rate_limited');
  assert.equal(limited[0].headers.get('retry-after'), '1');
  assert.equal((await stack.api('/api/health')).status, 200, 'the rest goes on');
});

test('workers that hang are 503 in two seconds, workers that are gone at once', async () => {
  const supervisor = stack.pid('palabre-api');
  const all = [supervisor, ...stack.workers('palabre-api')];
  all.forEach((pid) => process.kill(pid, 'SIGSTOP'));
  try {
    const began = Date.now();
    assertError(await stack.api('/api/health'), 503, 'unavailable');
    const took = Date.now() - began;
    assert.ok(took >= 1900 && took < 2500 * share(), `${took} ms`);
    const upload = await stack.api('/api/files', { body: Buffer.alloc(5_000_000) });
    assertError(upload, 503, 'outcome_unknown');
  } finally {
    all.forEach((pid) => process.kill(pid, 'SIGCONT'));
  }
  const run = stack.run.child.pid; // it would start them again this moment
  process.kill(run, 'SIGSTOP');
  try {
    process.kill(supervisor, 'SIGTERM');
    const gone = await waitFor('503', async () => {
      const answer = await stack.api('/api/health');
      return answer.status === 503 && answer;
    });
    assertError(gone, 503, 'unavailable');
    assert.equal(gone.headers.get('retry-after'), '2');
  } finally {
    process.kill(run, 'SIGCONT');
  }
  await waitFor('./run starts it again', async () =>
    (await stack.api('/api/health')).status === 200);
});

test('no token and no message is in any log', async () => {
  const ann = await stack.register('quiet');
  const secret = 'tell-nobody-this';
  await ann.api('/api/messages', { body: { conversationId: secret, content: secret } });
  await stack.api(`/socket.io/?EIO=4&transport=polling&token=${ann.token}`);
  await stack.api(`/api/users?token=${ann.token}`);
  await stack.api(`/api/${'a'.repeat(9000)}?token=${ann.token}`);
  await stack.signal('palabre-pushd', 'SIGKILL');
  await stack.api(`/socket.io/?EIO=4&transport=polling&token=${ann.token}`);
  const logs = path.join(stack.dir, 'log');
  for (const name of readdirSync(logs)) {
    const text = readFileSync(path.join(logs, name), 'utf8');
    assert.ok(!text.includes(ann.token), name);
    assert.ok(!text.includes(secret), name);
  }
  assert.match(readFileSync(path.join(logs, 'access.log'), 'utf8'), /"GET \/socket.io\/ HTTP/);
});

test('what a page asks beforehand is no sign-in', async () => {
  const from = '127.0.0.77';
  for (let i = 0; i < 30; i += 1) {
    const answer = await stack.api('/api/auth/login',
      { method: 'OPTIONS', headers: { origin: 'https://x.example' }, from });
    assert.equal(answer.status, 204);
  }
  const answer = await stack.api('/api/auth/login', { body: { username: 'nobody', password: 'nobody here' }, from });
  assert.equal(answer.status, 401);
});

test('the log names the method that was asked, also where nginx refuses it', async () => {
  assert.equal((await stack.api('/nothing/at/all', { method: 'PUT', body: {} })).status, 405);
  await waitFor('the line', () => / "PUT \/nothing\/at\/all HTTP\/1\.1" 405 /.test(stack.log('access')));
});

test('the log names no method where there was none to read', async () => {
  await raw(stack.port, 'nonsense\r\n\r\n');
  await waitFor('the line', () => / "- \S+ \S+" 400 /.test(stack.log('access')));
});

test('what is no host does not come into the policy of the page', async () => {
  const policy = async (host) => {
    const answer = await raw(stack.port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    return /^Content-Security-Policy: (.*)\r$/m.exec(answer)[1];
  };
  assert.match(await policy('chat.example:8443'), /connect-src 'self' ws:\/\/chat\.example:8443 wss:\/\/chat\.example:8443;/);
  for (const host of ["x; script-src *", "x;script-src'unsafe-inline'", 'a,b', 'x*']) {
    assert.doesNotMatch(await policy(host), /script-src(?! 'self')|a,b|x\*/, host);
  }
});

test('a redirect names no scheme and no port, which a proxy in front may have changed', async () => {
  for (const where of ['/api', '/socket.io']) {
    const { status, headers } = await stack.api(`${where}?a=1`);
    assert.equal(status, 301);
    assert.equal(headers.get('location'), `${where}/?a=1`);
  }
});
