// palabre, the terminal client, against a model of a server of the line
// protocol: in a pipe, and in a real terminal (tmux).
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { build, waitFor } from '../support/stack.mjs';
import { startProgram, terminal } from '../support/terminal.mjs';

const program = join(build, 'ctl/palabre');
let dir;

before(() => {
  dir = mkdtempSync(join(tmpdir(), 'palabre-client-'));
});
after(() => rmSync(dir, { recursive: true, force: true }));

// A server that keeps the lines it got and says what a test wants.
async function serve(t, onLine = () => {}, onQuit = (socket) => socket.end('Au revoir !\n')) {
  const server = net.createServer();
  const model = { lines: [], sockets: new Set() };
  server.on('connection', (socket) => {
    let rest = '';
    model.sockets.add(socket);
    socket.setEncoding('utf8');
    socket.on('error', () => {});
    socket.on('close', () => model.sockets.delete(socket));
    socket.on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        model.lines.push(line);
        if (line === '/quit') onQuit(socket);
        else onLine(line, socket);
      }
    });
  });
  model.open = async (port = 0) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    model.port = server.address().port;
  };
  model.close = async () => {
    server.close();
    for (const socket of model.sockets) socket.destroy();
    if (server.listening) await once(server, 'close');
  };
  model.say = (text) => {
    for (const socket of model.sockets) socket.write(text);
  };
  await model.open();
  t.after(model.close);
  return model;
}

const start = (args, env) => startProgram(program, args, env);

test('in a script: the name, the lines, a goodbye, and status 0', async (t) => {
  const model = await serve(t, (line, socket) => line === 'hello' && socket.write('Bob: hé\u001b[2J\n'));
  const run = start(['--name', 'Ann', '127.0.0.1', `${model.port}`]);
  run.child.stdin.end('hello\nlast without an end');
  assert.equal(await run.ended, 0);
  assert.deepEqual(model.lines, ['Ann', 'hello', 'last without an end', '/quit']);
  assert.match(run.out, /^Bob: hé\[2J$/m, 'shown, and nothing steers the terminal');
  assert.match(run.out, /Au revoir !/);
});

test('a line that is too long is left out, said, and counts in the status; others are sent', async (t) => {
  const model = await serve(t);
  const run = start(['--name', 'Ann', '127.0.0.1', `${model.port}`]);
  run.child.stdin.end(`before\n${'x'.repeat(100_000)}\nbehind\n${'y'.repeat(100_000)}`);
  assert.equal(await run.ended, 1);
  assert.deepEqual(model.lines, ['Ann', 'before', 'behind', '/quit']);
  assert.equal(run.err, 'palabre: a line that is too long was left out\n'.repeat(2));
});

test('a banner is shown as one line, a bare LF not at all', async (t) => {
  const model = await serve(t, (line, socket) => {
    if (line === 'Ann') socket.write('__SERVER_NAME__:Serveur\n__SERVER_STATUS__:Disponible\n__SERVER_AVATAR__:🙂\n\n');
  });
  const run = start(['--name', 'Ann', '127.0.0.1', `${model.port}`]);
  await waitFor('the banner', () => run.out.includes('Disponible'));
  run.child.stdin.end();
  assert.equal(await run.ended, 0);
  assert.equal(run.out, '🙂 Serveur (Disponible)\nAu revoir !\n');
});

test('files go both ways, and nothing is overwritten', async (t) => {
  const bytes = Buffer.from([0, 255, 10, 13, 124]);
  const sent = join(dir, 'sent.bin');
  writeFileSync(sent, bytes);
  const model = await serve(t, (line, socket) => {
    const [mark, name, mime, , base64] = line.split('|');
    if (mark !== '__FILE__') return;
    socket.write(`__FILE__|../../${name}|${mime}|1|${base64}\n`);
  });
  const run = start(['--name', 'Ann', '--download', dir, '127.0.0.1', `${model.port}`]);
  run.child.stdin.write(`/file ${sent}\n/file ${join(dir, 'none')}\n`);
  await waitFor('the file', () => run.out.includes('kept as'));
  run.child.stdin.end();
  assert.equal(await run.ended, 0);
  assert.match(run.out, /none: No such file/);
  assert.deepEqual(readFileSync(join(dir, '2-sent.bin')), bytes);
  assert.deepEqual(readFileSync(sent), bytes);
  assert.deepEqual(readdirSync(dir).sort(), ['2-sent.bin', 'sent.bin']);
});

test('/file with a number asks the server for one of its files', async (t) => {
  const model = await serve(t);
  const run = start(['--name', 'Ann', '127.0.0.1', `${model.port}`]);
  run.child.stdin.write('/file\n/file 12\n/file ./12\n');
  run.child.stdin.end();
  assert.equal(await run.ended, 0);
  assert.deepEqual(model.lines, ['Ann', '/file', '/file 12', '/quit']);
  assert.match(run.out, /\.\/12: No such file/);
});

test('--login is the first line, in place of a name, and its password is never shown', async (t) => {
  const model = await serve(t, (line, socket) => line.startsWith('/login') && socket.write('* You are ann.\n'));
  const run = start(['--login', 'ann', '127.0.0.1', `${model.port}`], { PALABRE_PASSWORD: 'quite secret' });
  run.child.stdin.end('hello\n');
  assert.equal(await run.ended, 0);
  assert.deepEqual(model.lines, ['/login ann quite secret', 'hello', '/quit']);
  assert.doesNotMatch(run.out + run.err, /secret/);
});

test('whoever is not signed in says nothing: status 1', async (t) => {
  const model = await serve(t, (line, socket) => {
    if (line.startsWith('/login')) setTimeout(() => socket.write('\n* Name or password is wrong.\n'), 100);
  });
  const run = start(['--login', 'ann', '127.0.0.1', `${model.port}`], { PALABRE_PASSWORD: 'wrong' });
  run.child.stdin.end('hello\n');
  assert.equal(await run.ended, 1);
  assert.deepEqual(model.lines, ['/login ann wrong']);
  assert.equal(run.out, '* Name or password is wrong.\n');
  assert.equal(run.err, 'palabre: not signed in, and nothing was sent\n');
});

test('a server that takes its time is waited for while a bare LF says that it is there', async (t) => {
  const model = await serve(t, (line, socket) => {
    if (line !== 'hello') return;
    const probe = setInterval(() => socket.write('\n'), 3000);
    socket.on('close', () => clearInterval(probe));
    setTimeout(() => socket.write('late\n'), 12_000);
  }, (socket) => setTimeout(() => socket.end('Au revoir !\n'), 13_000));
  const run = start(['--name', 'Ann', '127.0.0.1', `${model.port}`]);
  run.child.stdin.end('hello\n');
  assert.equal(await run.ended, 0);
  assert.equal(run.out, 'late\nAu revoir !\n');
});

test('a server that says nothing, or goes without a goodbye, may not have had all: status 1', async (t) => {
  const silent = await serve(t, undefined, () => {});
  const gone = await serve(t, undefined, (socket) => socket.end());
  const [one, other] = [silent, gone].map(({ port }) => start(['--name', 'Ann', '127.0.0.1', `${port}`]));
  one.child.stdin.end('hello\n');
  other.child.stdin.end('hello\n');
  assert.equal(await other.ended, 1);
  assert.equal(other.err, 'palabre: the connection was lost\n');
  assert.equal(await one.ended, 1);
  assert.equal(one.err, 'palabre: the server does not answer: not all may have arrived\n');
});

test('more than may wait is read as the server takes it', async (t) => {
  const model = await serve(t);
  const run = start(['--name', 'Ann', '127.0.0.1', `${model.port}`]);
  await waitFor('the name', () => model.lines.includes('Ann'));
  for (const socket of model.sockets) {
    socket.pause();
    setTimeout(() => socket.resume(), 2000);
  }
  run.child.stdin.end(`${'x'.repeat(9999)}\n`.repeat(3000));
  assert.equal(await run.ended, 0);
  assert.equal(model.lines.length, 3002);
});

test('a goodbye of the server is one: status 0', async (t) => {
  const model = await serve(t, (line, socket) => line === 'bye' && socket.end('Au revoir !\n'));
  const run = start(['--name', 'Ann', '127.0.0.1', `${model.port}`]);
  run.child.stdin.write('bye\n');
  assert.equal(await run.ended, 0);
  const shell = terminal(t, dir, `${program} --name Ann 127.0.0.1 ${model.port}; echo left $?; sleep 60`);
  await waitFor('the second name', () => model.lines.filter((line) => line === 'Ann').length === 2);
  shell.type('-l', 'bye');
  shell.type('Enter');
  await waitFor('the end', () => shell.lines().includes('left 0'));
});

test('statuses: 1 without a connection or when it is lost in a script, 2 for a wrong call', async (t) => {
  const model = await serve(t, (line, socket) => line === 'hello' && socket.destroy());
  const lost = start(['--name', 'Ann', '127.0.0.1', `${model.port}`]);
  lost.child.stdin.write('hello\n');
  assert.equal(await lost.ended, 1);
  await model.close();
  const refused = start(['127.0.0.1', `${model.port}`]);
  assert.equal(await refused.ended, 1);
  assert.match(refused.err, /palabre: 127\.0\.0\.1 port \d+: Connection refused/);
  assert.equal(await start([]).ended, 2);
  assert.equal(await start(['--nonsense', 'x']).ended, 2);
});

test('in a terminal: what comes does not break the line being typed', async (t) => {
  const model = await serve(t);
  const shell = terminal(t, dir, `${program} --name Ann 127.0.0.1 ${model.port}; echo left $?; sleep 60`);
  await waitFor('the name', () => model.lines.includes('Ann'));
  shell.type('-l', 'half a sentence, 日本');
  await waitFor('the typed line', () => shell.lines().some((line) => line.endsWith('日本')));
  model.say('Bob: in between\n');
  await waitFor('the message', () => shell.lines().includes('Bob: in between'));
  const shown = await waitFor('the typed line again', () => {
    const lines = shell.lines();
    return lines.at(-1) === '> half a sentence, 日本' && lines;
  });
  assert.equal(shown.filter((line) => line.includes('half a sentence')).length, 1);
  shell.type('BSpace', 'BSpace');
  shell.type('-l', 'done');
  shell.type('Enter');
  await waitFor('the whole line', () => model.lines.includes('half a sentence, done'));

  shell.type('-l', '/login ann secret');
  shell.type('Enter');
  await waitFor('the login', () => model.lines.includes('/login ann secret'));
  shell.type('Up');
  await waitFor('the history', () => shell.lines().at(-1) === '> half a sentence, done');
  shell.type('C-u');
  shell.type('-l', ' /login ann trimmed');
  shell.type('Enter');
  await waitFor('the other login', () => model.lines.includes(' /login ann trimmed'));
  shell.type('Up');
  await waitFor('the history', () => shell.lines().at(-1) === '> half a sentence, done');
  shell.type('C-u', 'C-d');
  await waitFor('the end', () => shell.lines().includes('left 0'));
});

test('in a terminal: a lost connection is made again', async (t) => {
  const banner = '__SERVER_NAME__:Serveur\n__SERVER_STATUS__:\n__SERVER_AVATAR__:🙂\n';
  const model = await serve(t, (line, socket) => line === 'Ann' && socket.write(banner));
  const shell = terminal(t, dir, `${program} --name Ann 127.0.0.1 ${model.port}`);
  await waitFor('the name', () => model.lines.includes('Ann'));
  await model.close();
  await waitFor('the notice', () => shell.lines().some((line) => line.startsWith('No connection; next try in')));
  shell.type('-l', 'too early');
  shell.type('Enter');
  await waitFor('the refusal', () => shell.lines().includes('Not connected: this was not sent.'));
  await model.open(model.port);
  await waitFor('the name again', () => model.lines.filter((line) => line === 'Ann').length === 2);
  shell.type('-l', 'back');
  shell.type('Enter');
  await waitFor('the line', () => model.lines.includes('back'));
  assert.ok(!model.lines.includes('too early'));
  await waitFor('the banner again', () => shell.lines().filter((line) => line.endsWith(' Serveur')).length >= 2);
  await sleep(200);
  assert.equal(shell.lines().filter((line) => line.endsWith(' Serveur')).length, 2, 'each time once');
});
