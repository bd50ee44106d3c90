// The page below a path of another nginx, as docs/operators.md says to set that
// up: one that passes the path on, and one that takes it away.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { freePort, temporaryDirectory, top, waitFor } from '../support/stack.mjs';
import { openScene } from './scene.mjs';

const scene = openScene({ set: { base_path: '/chat/', real_ip_from: '127.0.0.1' } });
const PASSES = 'passes the path on';
const TAKES = 'takes the path away';
const fronts = new Map();

/* The blocks of nginx's configuration in the guide: [location, map]. */
function guide() {
  const text = readFileSync(path.join(top, 'docs/operators.md'), 'utf8');
  return [...text.matchAll(/^```nginx\n(.*?)^```$/gms)].map(([, block]) => block);
}

/* change: of what the guide says. -> {url, stop()} */
async function startFront(change) {
  const dir = temporaryDirectory();
  const port = await freePort();
  const [location, map] = guide();
  const place = (name) => path.join(dir, name);
  mkdirSync(place('temp'));
  writeFileSync(place('nginx.conf'), `
    daemon off;
    pid ${place('pid')};
    error_log ${place('error.log')};
    events { worker_connections 200; }
    http {
      access_log ${place('access.log')};
      ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) =>
        `${name}_temp_path ${place('temp')}/${name};`).join('\n')}
      ${map}
      server {
        listen 127.0.0.1:${port};
        location / { return 404; }
        ${change(location).replaceAll('127.0.0.1:8080', `127.0.0.1:${scene.stack.port}`)}
      }
    }`);
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', 'nginx', '-e', place('error.log'), '-c', place('nginx.conf')],
    { stdio: 'inherit', env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
  const ended = new Promise((resolve) => { child.once('exit', resolve); });
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  await waitFor('the proxy', () => fetch(url).then(() => true, () => false)).catch(async (error) => {
    await stop();
    throw error;
  });
  return { url, stop };
}

/* What the guide says has no path behind the port. */
const changes = {
  [PASSES]: (location) => location,
  [TAKES]: (location) => location.replace('127.0.0.1:8080;', '127.0.0.1:8080/;'),
};
async function front(how) {
  if (!fronts.has(how)) fronts.set(how, startFront(changes[how]));
  return (await fronts.get(how)).url;
}
after(async () => {
  for (const one of fronts.values()) await (await one).stop();
});

/* What the page asks for that is not below the path, or not there. */
function watchRequests(page, url) {
  const wrong = [];
  page.on('response', (answer) => {
    if (!answer.url().startsWith(`${url}/chat/`) || answer.status() >= 400) wrong.push(`${answer.status()} ${answer.url()}`);
  });
  page.on('requestfailed', (request) => {
    // A reload breaks off what is under way.
    if (request.failure().errorText !== 'net::ERR_ABORTED') wrong.push(`failed ${request.url()}`);
  });
  return wrong;
}

for (const how of [PASSES, TAKES]) {
  test(`behind a proxy that ${how} people sign up, talk, reload and leave`, async () => {
    const url = await front(how);
    const [ann, ben] = [await scene.newcomer('ann', { url: `${url}/chat/` }), await scene.newcomer('ben', { url: `${url}/chat/` })];
    const wrong = watchRequests(ann.page, url);
    const sockets = [];
    ann.page.on('websocket', (socket) => sockets.push(socket.url()));
    await ann.register();
    await ben.register();
    await ann.find(ben.name);
    await ann.say('below');
    await ben.open(ann.name);
    assert.equal(await ben.reads('below'), 1);
    await ben.say('and back');
    assert.equal(await ann.reads('and back'), 1);
    await waitFor('a socket', () => sockets.length > 0);
    assert.ok(sockets.every((socket) => socket.startsWith(`${url.replace('http', 'ws')}/chat/socket.io/`)), sockets.join());

    await ann.page.reload();
    assert.equal(await ann.reads('and back'), 1);
    assert.ok(await ann.page.evaluate(() => Object.keys(localStorage).some((key) => key.startsWith('palabre./chat/.'))));
    await ann.page.goto(`${url}/chat/some/view`);
    await ann.sees('messenger');
    assert.equal(new URL(ann.page.url()).pathname, '/chat/');
    await ann.page.goto(`${url}/chat/client/`);
    assert.equal(new URL(ann.page.url()).pathname, '/chat/client');
    await ann.get('field-name').fill(`guest-${ann.name}`);
    await ann.get('submit').click();
    await ann.say('below, as a guest');
    await ann.reads('below, as a guest', 'sent');
    assert.deepEqual(wrong, []);
  });
}

test('a list that goes on names where, as one has to ask for it from outside', async () => {
  const url = await front(PASSES);
  const one = await scene.stack.register('ordinary');
  await scene.stack.register('another');
  const ask = (target) => fetch(url + target, { headers: { Authorization: `Bearer ${one.token}` } });
  const first = await ask('/chat/api/users?limit=1');
  const [, next] = /^<([^>]+)>/.exec(first.headers.get('link'));
  assert.match(next, /^\/chat\/api\/users\?/);
  assert.equal((await ask(next)).status, 200);
});

test('what is internal stays so below a path', async () => {
  const owner = await scene.stack.register('owner');
  const made = await owner.api('/api/files?name=a.txt', { body: 'secret', headers: { 'Content-Type': 'text/plain' } });
  assert.equal(made.status, 201, made.text);
  const files = path.join(scene.stack.dir, 'files');
  const [file] = readdirSync(files, { recursive: true }).filter((name) => statSync(path.join(files, name)).isFile());
  for (const target of ['/chat/palabre-files/', '/chat//palabre-files/', '/chat/%70alabre-files/', '/palabre-files/',
    '/chat/chat/palabre-files/', '/chat/api/..%2fpalabre-files/']) {
    for (const url of [scene.stack.url.replace(/\/chat$/, ''), await front(TAKES)]) {
      const answer = await fetch(url + target + file, { redirect: 'manual' });
      assert.ok([302, 404].includes(answer.status), `${target}: ${answer.status}`);
      assert.doesNotMatch(await answer.text(), /secret/);
    }
  }
});

test('an address without its slash, or of no place, leads to the page', async () => {
  const url = await front(PASSES);
  for (const [target, where] of [['/chat/nowhere', '/chat/'], ['/chat/api?a=1', '/chat/api/?a=1'],
    ['/chat/socket.io', '/chat/socket.io/']]) {
    const answer = await fetch(url + target, { redirect: 'manual' });
    assert.equal(answer.headers.get('location'), where);
  }
  const { headers } = await fetch(`${scene.stack.url}?a=1`, { redirect: 'manual' });
  assert.equal(headers.get('location'), '/chat/?a=1');
});
