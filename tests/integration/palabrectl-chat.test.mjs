// `palabrectl chat`: an operator at a terminal or a pipe, with people on lines
// and on the web at the other end.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { endLineClients, lineConnection } from '../support/lines.mjs';
import { collect, next } from '../support/socket.mjs';
import { freePort, startStack, waitFor } from '../support/stack.mjs';
import { startProgram, terminal } from '../support/terminal.mjs';

const SERVER = '000000000000000000000001';
let stack, port, ann, bob;
let people = 0;
const name = (stem) => `${stem}${(people += 1)}`;

before(async () => {
  port = await freePort();
  stack = await startStack({ set: { line_port: port } });
  await stack.register('desk');
  [ann, bob] = [await stack.register('ann'), await stack.register('bob')];
  for (const who of ['desk', 'bob']) await stack.ctl('user', 'role', who, 'operator');
});
after(async () => {
  endLineClients();
  await stack?.stop();
});

/* {out, err, says, shows, knows, ended} of one with pipes; where: another stack. */
function chat(t, { where = stack, settings = [], as = 'desk' } = {}) {
  const [program, ...args] = where.ctlCommand();
  const run = startProgram(program, [...args, ...settings, 'chat', as]);
  t.after(() => run.child.kill('SIGKILL'));
  run.says = (...lines) => run.child.stdin.write(lines.map((line) => `${line}\n`).join(''));
  run.shows = (wanted, ms) => waitFor(`${wanted} to be shown`, () =>
    run.out.split('\n').find((line) => (typeof wanted === 'string' ? line === wanted : wanted.test(line))), ms)
    .catch((error) => assert.fail(`${error.message}\n${run.out}${run.err}`));
  /* That a line is here, of which it is told once a second. */
  run.knows = (guest) => waitFor(`${guest} to be here`, () => {
    run.says('/here');
    return new RegExp(`^\\(\\d+\\) ${guest}, line$`, 'm').test(run.out);
  }, undefined, 200);
  return run;
}

async function ready(t, options) {
  const run = chat(t, options);
  await run.shows('* /list, /select, /help');
  return run;
}

const toSupport = async (who, content) => {
  const { status, body, text } = await who.api('/api/messages', { body: { recipient_id: SERVER, content } });
  assert.equal(status, 201, text);
  return body;
};

/* One WebSocket frame of a server at the front of bytes: {size, text}. */
function firstFrame(bytes) {
  if (bytes.length < 4) return undefined;
  const [head, length] = bytes[1] === 127 ? [10, bytes.length < 10 ? Infinity : Number(bytes.readBigUInt64BE(2))]
    : bytes[1] === 126 ? [4, bytes.readUInt16BE(2)] : [2, bytes[1]];
  return bytes.length < head + length ? undefined
    : { size: head + length, text: bytes.toString('utf8', head, head + length) };
}

/* The daemon, without what it says of which loses(text): {path, says(text)}. */
async function lossyDaemon(t, loses) {
  const path = `${stack.dir}/run/${name('lossy')}.sock`;
  const sockets = new Set();
  const server = net.createServer((socket) => {
    const daemon = net.connect(stack.socketPath('push'));
    let rest = Buffer.alloc(0), isIn = false;
    for (const one of [socket, daemon]) sockets.add(one.on('error', () => {}));
    socket.pipe(daemon);
    daemon.on('end', () => socket.end()).on('data', (bytes) => {
      rest = Buffer.concat([rest, bytes]);
      const head = rest.indexOf('\r\n\r\n') + 4;
      if (!isIn && head < 4) return;
      if (!isIn) socket.write(rest.subarray(0, head));
      if (!isIn) rest = rest.subarray(head);
      isIn = true;
      for (let frame; (frame = firstFrame(rest)) !== undefined; rest = rest.subarray(frame.size)) {
        if (!loses(frame.text)) socket.write(rest.subarray(0, frame.size));
      }
    });
    says = (text) => socket.write(Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)]));
  });
  let says;
  await new Promise((resolve) => server.listen(path, resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { path, says: (text) => says(text) };
}

test('what was not said of in time is shown before what came behind it, or when all are to catch up', async (t) => {
  const lost = new Set();
  const daemon = await lossyDaemon(t, (text) => [...lost].some((one) => text.includes(one)));
  const run = await ready(t, { settings: ['--set', `push_socket=${daemon.path}`] });
  const eve = await stack.register(name('eve'));
  const says = async (content) => {
    const { _id } = await toSupport(eve, content);
    return _id;
  };
  await says('the first');
  await run.shows(/: the first$/);
  lost.add('the second');
  await says('the second');
  await says('the third');
  await run.shows(/: the third$/);
  lost.add('the fourth');
  await says('the fourth');
  daemon.says('42["sync"]');
  await run.shows(/: the fourth$/);
  const shown = run.out.split('\n').filter((line) => line.includes(`${eve.user.username}: `));
  assert.deepEqual(shown.map((line) => line.split(': ')[1]), ['the first', 'the second', 'the third', 'the fourth']);
  run.child.stdin.end();
  assert.equal(await run.ended, 0, run.err);
});

test('a line that is too long is left out, said, and counts in the status; others are sent', async (t) => {
  const eve = await stack.register(name('eve'));
  const run = await ready(t);
  await toSupport(eve, 'a question');
  await run.shows(/: a question$/);
  run.says(`/select ${eve.user.username}`, 'x'.repeat(100_000), 'the answer');
  run.child.stdin.end();
  assert.equal(await run.ended, 1);
  assert.equal(run.err, 'palabrectl: chat: a line that is too long was left out\n');
  const { body } = await eve.api('/api/conversations');
  assert.equal(body.find(({ kind }) => kind === 'support').lastMessage.content, 'the answer');
});

test('through pipes: who writes is shown, and what is typed reaches a line and a page', async (t) => {
  const run = await ready(t);
  const guest = name('Guest');
  const line = await lineConnection(port, `${guest}\nbonjour \u001b[2Jtous\n`);
  const shown = await run.shows(new RegExp(`^\\(\\d+\\) ${guest}: bonjour `));
  assert.ok(!shown.includes('\u001b'), 'nothing steers the terminal');
  const socket = await ann.connect();
  const heard = collect(socket, 'message:new');
  await toSupport(ann, 'a question');
  await run.shows(/^\(\d+\) ann: a question$/);

  run.says(`/select ${guest.toUpperCase()}`, 'que puis-je ?', '//slash', '/to ann the answer');
  await line.says('que puis-je ?');
  await line.says('/slash');
  const { sender, content } = await waitFor('the answer', () => heard.find((message) => message.content === 'the answer'));
  assert.deepEqual([sender === ann.id, content], [false, 'the answer']);
  const told = next(socket, 'system_message');
  run.says('/broadcast closing soon');
  assert.equal((await told).message, 'closing soon');
  await line.says('closing soon');
  await run.shows('* To all: closing soon');
  assert.doesNotMatch(run.out, /you to/, 'what is typed here is not shown again');

  await run.knows(guest);
  const late = await lineConnection(port, `${name('Late')}\n`);
  await run.shows(/^\* Late\d+ is here\.$/);
  run.says('/quit');
  assert.equal(await run.ended, 0, run.err);
  for (const client of [line, late]) client.end();
  socket.disconnect();
});

test('what others answer is shown, and the list says what is unread', async (t) => {
  const guest = name('Guest');
  const line = await lineConnection(port, `${guest}\none\ntwo\n`);
  const run = await ready(t);
  await waitFor('both to be written', async () => (await bob.api('/api/operator/clients')).body.items.some(
    ({ client, conversation }) => client?.username === guest && conversation.lastMessage.content === 'two'));
  run.says('/list');
  const [, number] = (await run.shows(new RegExp(`^\\(\\d+\\) ${guest}, (?:line|here), 2 unread: two$`))).match(/\((\d+)\)/);
  const { body: { items } } = await bob.api('/api/operator/clients');
  const { client, conversation } = items.find((item) => item.client?.username === guest);
  const answer = await bob.api(`/api/operator/clients/${client._id}/messages`, { body: { content: 'bob knows' } });
  assert.equal(answer.status, 201);
  await run.shows(`(${number}) bob to ${guest}: bob knows`);
  const edited = await bob.api(`/api/messages/${answer.body._id}`, { method: 'PUT', body: { content: 'bob thinks' } });
  assert.equal(edited.status, 200);
  await run.shows(new RegExp(`^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d \\(${number}\\) bob to ${guest}: bob thinks$`));

  run.says(`/select ${number}`, '/read 2');
  await run.shows(new RegExp(`^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d \\(${number}\\) ${guest}: two$`));
  const unread = async () => (await bob.api(`/api/conversations/${conversation._id}`)).body.unread;
  await waitFor('it to be read', async () => await unread() === 0);
  line.send('three\n');
  await run.shows(`(${number}) ${guest}: three`);
  await waitFor('that to be read, too', async () => await unread() === 0);
  await run.knows(guest);
  line.end();
  await run.shows(`* ${guest} has gone.`);
  run.child.stdin.end();
  assert.equal(await run.ended, 0, run.err);
});

test('the session is in the list of devices while it lasts, and ends with it', async (t) => {
  const agents = async () => (await bob.api('/api/auth/sessions')).body.items.map(({ agent }) => agent);
  const run = await ready(t, { as: 'bob' });
  assert.ok((await agents()).includes('palabrectl'));
  run.child.kill('SIGTERM');
  assert.equal(await run.ended, 0);
  assert.ok(!(await agents()).includes('palabrectl'));
});

test('who has never written is written to by name', async (t) => {
  const cat = await stack.register(name('cat'));
  for (let i = 0; i < 21; i += 1) await stack.register(`a${i}${cat.user.username}`); // who are found before
  const run = await ready(t);
  run.says(`/to ${cat.user.username} hello`);
  const guest = name('Guest');
  const line = await lineConnection(port, `${guest}\n`);
  await run.knows(guest);
  run.says(`/to ${guest} welcome`);
  await line.says('welcome');
  line.end();
  await waitFor('the message', async () => {
    const { body } = await cat.api('/api/conversations');
    return body.some(({ kind, lastMessage }) => kind === 'support' && lastMessage?.content === 'hello');
  });
  run.child.stdin.end();
  assert.equal(await run.ended, 0, run.err);
});

test('statuses: 1 for what is refused or lost, 2 for what cannot be tried', async (t) => {
  const refused = await ready(t);
  refused.says('nobody is selected', '/select nobody-at-all', '/nonsense');
  refused.child.stdin.end();
  assert.equal(await refused.ended, 1);
  assert.match(refused.err, /^palabrectl: chat: Nobody is selected: \/select NUMBER\|NAME\n.*nobody-at-all: there is nobody of that name.*\n.*\/nonsense: there is no such command/);

  const user = chat(t, { as: 'ann' });
  assert.equal(await user.ended, 1);
  assert.match(user.err, /ann is no operator/);
  const nobody = chat(t, { as: 'nobody-at-all' });
  assert.equal(await nobody.ended, 1);
  assert.match(nobody.err, /nobody-at-all/);
  const [program, ...args] = stack.ctlCommand();
  assert.equal(await startProgram(program, [...args, 'chat']).ended, 2);
  const away = chat(t, { settings: ['--set', `push_socket=${stack.dir}/run/none.sock`] });
  assert.equal(await away.ended, 2);
  assert.match(away.err, /palabre-pushd at .*none\.sock: No such file/);
});

test('a script does not outlive its connection, a signed-out one ends, too', async (t) => {
  const kicked = await ready(t);
  assert.equal((await stack.ctl('user', 'disable', 'desk')).code, 0);
  assert.equal(await kicked.ended, 1);
  assert.match(kicked.err, /The session has ended \(disabled\)/);
  assert.equal((await stack.ctl('user', 'enable', 'desk')).code, 0);
  const lost = await ready(t);
  await stack.signal('palabre-pushd', 'SIGKILL');
  assert.equal(await lost.ended, 1);
  assert.match(lost.err, /the connection to palabre-pushd is lost/);
  await waitFor('the daemon', async () => (await stack.api('/api/health')).body?.push === 'up');
});

test('in a terminal: what comes does not break what is typed, and what was missed is shown once', async (t) => {
  const guest = name('Guest');
  const line = await lineConnection(port, `${guest}\nhere\n`);
  await waitFor('it to have written', async () =>
    (await bob.api('/api/operator/clients')).body.items.some(({ client }) => client?.username === guest));
  const shell = terminal(t, stack.dir, `${stack.ctlCommand('chat', 'desk').join(' ')}; echo left $? $(stty -a | grep -o ' -*echo '); sleep 60`);
  const has = (what, wanted) => waitFor(`${what}: ${shell.lines().join('\n')}`, () => shell.lines().some((one) => wanted.test(one)), 30000);
  await has('the start', /^\* \/list, \/select, \/help$/);
  shell.type('-l', `/select ${guest}`);
  shell.type('Enter');
  shell.type('-l', 'half a sentence, 日本');
  await has('the history', new RegExp(`\\(\\d+\\) ${guest}: here$`));
  await has('the typed line', new RegExp(`^${guest}> half a sentence, 日本$`));
  line.send('in between\n');
  await has('the message', new RegExp(`^\\(\\d+\\) ${guest}: in between$`));
  await waitFor('it to be last', () => shell.lines().at(-1) === `${guest}> half a sentence, 日本`);
  shell.type('-l', ' done');
  shell.type('Enter');
  await line.says('half a sentence, 日本 done');

  const { body: { items } } = await bob.api('/api/operator/clients');
  const { client } = items.find((item) => item.client?.username === guest);
  await stack.signal('palabre-pushd', 'SIGKILL');
  const answer = await bob.api(`/api/operator/clients/${client._id}/messages`, { body: { content: 'meanwhile' } });
  assert.equal(answer.status, 201);
  await has('the notice', /^\* No connection; next try in/);
  await has('what was missed', new RegExp(`^\\(\\d+\\) bob to ${guest}: meanwhile$`));
  assert.equal(shell.lines().filter((one) => one.endsWith('meanwhile')).length, 1);
  shell.type('C-d');
  await has('the end, and the terminal as it was', /^left 0 echo$/);
  line.end();
});

test('where plain lines go to the lobby it is one of those to talk to', async (t) => {
  const linePort = await freePort();
  const where = await startStack({ set: { line_port: linePort, lobby: 'on' } });
  t.after(() => where.stop());
  await where.register('desk');
  await where.ctl('user', 'role', 'desk', 'operator');
  const run = await ready(t, { where });
  const line = await lineConnection(linePort, 'Dan\nhello all\n');
  await run.shows('(1) Dan to lobby: hello all');
  run.says('/select lobby', 'hello Dan', '/read');
  await line.says('desk: hello Dan');
  await run.shows(/\(1\) you to lobby: hello Dan$/);
  run.child.stdin.end();
  assert.equal(await run.ended, 0, run.err);
  line.end();
});
