// Clients of the old line protocol. Each test names the rules of docs/lines.md
// that it tries, and every rule has one, here or in lines-tls.test.mjs.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BANNER, endLineClients, lineConnection, terminalClient, webClient } from '../support/lines.mjs';
import { call, collect, next } from '../support/socket.mjs';
import { build, freePort, password, startStack, temporaryDirectory, top, waitFor } from '../support/stack.mjs';

const PROBE_MS = 300;
const DAY_MS = 86400e3;
const SESSION_MS = 15000; // in which everything has to start
let stack, port, desk, desks;
let few, fewPort; // takes four lines, of one address three
let people = 0;
const name = (stem = 'Ann') => `${stem}${(people += 1)}`;

before(async () => {
  [port, fewPort] = [await freePort(), await freePort()];
  [stack, few] = await Promise.all([
    startStack({ set: { line_port: port, line_probe_ms: PROBE_MS, presence_grace_ms: 100, socket_rate: 100000, socket_burst: 100000 } }),
    startStack({
      set: {
        line_port: fewPort, line_connections: 4, address_lines: 3, line_name_ms: 4000, line_banner: 'off', lobby: 'on',
      },
    }),
  ]);
  desk = await stack.register('desk');
  await stack.ctl('user', 'role', 'desk', 'operator');
  desks = await desk.connect();
});
after(async () => {
  endLineClients();
  await Promise.all([stack?.stop(), few?.stop()]);
});

/* What that one writes from now on, as operators hear it. */
const hears = (from, content) => next(desks, 'message:new', ({ senderName, content: text }) =>
  senderName === from && (content === undefined || text === content));
/* Once, whatever a busy machine makes of the first try. */
const answer = async ({ conversationId }, content) => {
  const message = { conversationId, content, clientId: randomUUID() };
  const answered = await waitFor('an answer', async () => {
    const said = await call(desks, 'send-message', message);
    return !['unavailable', 'outcome_unknown'].includes(said.error?.code) && said;
  });
  assert.equal(answered.ok, true, JSON.stringify(answered));
  return answered.message;
};
/* Who ends lines, and is in; with their first message. */
async function enter(who = name(), options = {}) {
  const heard = hears(who);
  const client = await lineConnection(port, `${who}\nhere\n`, options);
  await client.says(BANNER[2]);
  return { client, who, message: await heard };
}
const statsOf = async (where) => JSON.parse((await where.ctl('stats')).stdout).stats;
const statusOf = async (id) => (await desk.api(`/api/users/${id}`)).body.status;

test('every rule of docs/lines.md has a test that names it', () => {
  const rules = [...readFileSync(path.join(top, 'docs/lines.md'), 'utf8').matchAll(/^- \*\*(L\d+)\*\*/gm)];
  const own = ['lines', 'lines-tls'].map((part) =>
    readFileSync(path.join(path.dirname(fileURLToPath(import.meta.url)), `${part}.test.mjs`), 'utf8')).join('');
  const named = new Set([...own.matchAll(/^test\(.*\((L\d+(?:, L\d+)*)\)/gm)].flatMap(([, all]) => all.split(', ')));
  assert.deepEqual(rules.map(([, rule]) => rule), rules.map((_, i) => `L${i + 1}`));
  assert.deepEqual(rules.map(([, rule]) => rule).filter((rule) => !named.has(rule)), []);
});

/* ---- the original programs ---- */

test('the terminal client: a banner for its name, an answer for each message (L2, L7, L14, L17)', async () => {
  const [client, who] = [terminalClient(port), name()];
  client.say(who);
  await client.shows(BANNER.join('\n'));
  const heard = hears(who);
  client.say('bonjour à tous');
  await answer(await heard, 'que puis-je ?');
  await client.shows('que puis-je ?');
  client.say('salut');
  await answer(await hears(who, 'salut'), 'salut aussi');
  await client.shows('salut aussi');
  client.say('Bye');
  await client.shows('Au revoir !');
  await waitFor('it to end', () => client.has('ended'));
  assert.equal(client.shown.length, 4);
});

test('the terminal client is never one behind: what comes while its user types waits (L20)', async () => {
  const [client, who] = [terminalClient(port), name()];
  client.say(who);
  await client.shows(BANNER.join('\n'));
  const heard = hears(who);
  client.say('one');
  const message = await heard;
  await answer(message, 'first');
  await client.shows('first');
  await answer(message, 'second');
  await answer(message, 'é'.repeat(900));
  client.say('two');
  await client.shows('second');
  client.say('three');
  await client.shows('é'.repeat(512));
  client.say('four');
  await client.shows('é'.repeat(388));
  assert.deepEqual(client.shown.length, 5);
});

test('the web client: banner, messages, answers, a goodbye (L3, L7, L14, L17)', async () => {
  const who = name('Bob');
  const client = webClient(port, who);
  for (const line of BANNER) await client.shows(line);
  const heard = hears(who);
  client.say('hello');
  await answer(await heard, 'yes?\r\n\n  what else?');
  await client.shows('  what else?');
  assert.deepEqual(client.shown.slice(3), ['yes?', '  what else?']);
  client.say('salut');
  await client.shows('Au revoir !');
});

test('the web client shows all of a long text, and of many at once (L19)', async () => {
  const who = name('Bob');
  const client = webClient(port, who);
  const heard = hears(who);
  client.say('hello');
  const message = await heard;
  const words = 'é'.repeat(49);
  await answer(message, `${words} `.repeat(40).trim());
  await answer(message, 'a'.repeat(5000));
  const many = Array.from({ length: 60 }, (_, i) => `${i} ${'ü'.repeat(100)}`);
  for (const text of many) await answer(message, text);
  await client.shows(many.at(-1));
  const shown = client.shown.slice(3);
  const cut = shown.indexOf('a'.repeat(5000));
  assert.equal(shown.slice(0, cut).join(' '), `${words} `.repeat(40).trim());
  assert.deepEqual(shown.slice(cut + 1), many);
  assert.equal(client.has('lost'), false, 'no read was thrown away');
});

test('the web client comes back: the same guest, and its old connection is left alone (L8, L9)', async () => {
  const who = name('Bob');
  const client = webClient(port, who);
  const first = hears(who);
  client.say('before');
  const { sender } = await first;
  client.command('disconnect');
  client.command('connect', who);
  const heard = hears(who, 'after');
  client.say('after');
  const message = await heard;
  assert.equal(message.sender, sender);
  for (let i = 0; i < 5; i += 1) {
    await answer(message, `answer ${i}`);
    await sleep(2 * PROBE_MS / 5);
  }
  await client.shows('answer 4');
  client.say('still here');
  await hears(who, 'still here');
  assert.equal(client.has('ended'), false);
  assert.deepEqual(client.shown.filter((text) => /^answer/.test(text)).length, 5, 'each of them whole');
});

test('who was left alone and speaks again receives again (L9, L25)', async () => {
  const { client, who, message } = await enter();
  for (let i = 0; i < 20; i += 1) await answer(message, 'a'.repeat(5000));
  const other = await lineConnection(port, `${who}\n`);
  await other.says(BANNER[2]);
  other.end();
  const heard = hears(who, 'still here');
  client.send('still here\n');
  await heard;
  const received = collect(desks, 'message:received');
  const { _id } = await answer(message, 'yes?');
  await waitFor('the tick', () => received.some(({ messageId }) => messageId === _id));
});

test('a web client that was left without a word is noticed (L22)', async () => {
  const who = name('Bob');
  const client = webClient(port, who);
  const heard = hears(who);
  client.say('hello');
  const { sender } = await heard;
  client.command('disconnect');
  await waitFor('it to be away', async () => (await statusOf(sender)) === 'offline');
});

test('palabre, our own client: signs in, writes, and shows what comes (L7, L30)', async () => {
  const [ann, bob] = [await stack.register(name('ann')), await stack.register(name('bob'))];
  const socket = await bob.connect();
  const heard = next(socket, 'message:new');
  const child = spawn(path.join(build, 'ctl/palabre'), ['--login', ann.user.username, '127.0.0.1', String(port)],
    { env: { ...process.env, PALABRE_PASSWORD: password } });
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text) => { shown += text; });
  child.stdin.write(`/msg ${bob.user.username} hi bob\n`);
  const { sender, content } = await heard;
  assert.deepEqual([sender, content], [ann.id, 'hi bob']);
  await call(socket, 'send-message', { to: ann.id, content: 'hi ann' });
  await waitFor('the answer', () => shown.includes(`${bob.user.username}: hi ann\n`));
  child.stdin.end();
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
  assert.match(shown, /^\* You are ann\d+\.\n🙂 Serveur \(Disponible\)\n[^]*Au revoir !\n$/, 'and no guest before');
});

/* ---- coming ---- */

test('the port is on 127.0.0.1, and the server does not speak first (L1)', async () => {
  const silent = await lineConnection(port);
  await sleep(2 * PROBE_MS);
  assert.equal(silent.text, '');
  silent.end();
  const other = Object.values(networkInterfaces()).flat().find(({ family, internal }) => family === 'IPv4' && !internal);
  if (other) await assert.rejects(lineConnection(port, undefined, { host: other.address }), { code: 'ECONNREFUSED' });
  assert.match(stack.log('palabre-pushd'), new RegExp(`lines on 127\\.0\\.0\\.1 port ${port}$`, 'm'));
  assert.equal(/plain text/.test(stack.log('palabre-pushd')), false);
});

test('a line comes in any pieces and at any pace (L2, L3)', async () => {
  const who = name();
  const client = await lineConnection(port);
  const heard = hears(who, 'été à la mer');
  /* Up to the first LF silence ends a line, and a busy machine is soon silent. */
  for (const byte of Buffer.from(`${who}\r\n`)) client.send(Buffer.from([byte]));
  for (const byte of Buffer.from('été')) {
    client.send(Buffer.from([byte]));
    await sleep(byte > 127 ? 150 : 5);
  }
  client.send(' à la');
  await sleep(250);
  client.send(' mer\r\n');
  await heard;
  const several = collect(desks, 'message:new');
  client.send('one\ntwo\r\n\nthree\n');
  await waitFor('three', () => several.length === 3);
  assert.deepEqual(several.map(({ content }) => content), ['one', 'two', 'three']);
});

/* A moment apart. -> the longest pause between two, in ms */
async function sendParts(client, parts) {
  let longest = 0;
  let last;
  for (const part of parts) {
    const from = last ?? performance.now();
    client.send(part);
    longest = Math.max(longest, performance.now() - from);
    last = performance.now();
    await sleep(20);
  }
  return longest;
}

test('without an LF silence ends a line, and shorter gaps do not (L2)', async () => {
  const heard = collect(desks, 'message:new');
  await waitFor('a machine that has time for us', async () => {
    const who = name();
    const said = () => heard.filter(({ senderName }) => senderName === who).map(({ content }) => content);
    const client = await lineConnection(port);
    if (await sendParts(client, [who.slice(0, 2), who.slice(2)]) >= 90) return false;
    await client.says(BANNER[2]);
    const pause = await sendParts(client, ['a text', ' in three', ' parts']);
    await waitFor('all of it', () => said().some((text) => text.endsWith('parts')));
    if (pause >= 90) return false;
    assert.deepEqual(said(), ['a text in three parts']);
    return true;
  }, 60000);
});

test('a name with blanks is shown as it is, and made one of a user (L4)', async () => {
  const shown = `Ann  de ${name()}`;
  const heard = hears(shown);
  const client = await lineConnection(port, `${shown}\nhello\n`);
  const { sender } = await heard;
  const { username, displayName, role } = (await desk.api(`/api/users/${sender}`)).body;
  assert.deepEqual([username, displayName, role], [shown.replace(/ +/g, '_'), shown, 'guest']);
  await client.says(BANNER[2]);
  assert.deepEqual(client.lines, BANNER, 'that is not told: it is their name');
});

test('who gives no name gets a number (L5)', async () => {
  for (const first of ['\nhello\n', 'hello you there', 'x'.repeat(33)]) {
    const heard = next(desks, 'message:new');
    const client = await lineConnection(port, first);
    const { senderName, content } = await heard;
    assert.match(senderName, /^Client_\d{4}/);
    assert.equal(content, first.trim());
    await client.says(BANNER[2]);
    client.end();
  }
});

test('nobody takes another\'s name over, and is told once, with the banner (L6)', async () => {
  const zoe = await stack.register(name('zoe'));
  const reads = [];
  const client = await lineConnection(port);
  client.socket.on('data', (text) => reads.push(text));
  client.send(zoe.user.username);
  await client.says(BANNER[2]);
  const told = `* The name ${zoe.user.username} is taken: you are ${zoe.user.username}_2.`;
  assert.deepEqual(reads, [`${[...BANNER, told].join('\n')}\n`]);
  const heard = hears(`${zoe.user.username}_2`);
  client.send('a message');
  await heard;

  const web = await stack.api('/api/auth/guest', { body: { username: name('web') } });
  const guest = await lineConnection(port, `${web.body.user.username}\n`);
  await guest.says(new RegExp(`you are ${web.body.user.username}_2`));
});

test('without a banner who waits for an answer is told their name, others nothing (L7)', async () => {
  const [terminal, web] = [await lineConnection(fewPort, 'Eve'), await lineConnection(fewPort, 'Max\n')];
  await terminal.says('* You are Eve.');
  await waitFor('both to be in', async () =>
    (await statsOf(few)).clients === 2);
  assert.deepEqual(web.lines, []);
  terminal.end();
  web.end();
  await waitFor('both to be out', async () => (await statsOf(few)).lines === 0);
});

test('the end of what it sends ends nothing that it has said (L10)', async () => {
  const who = name();
  const heard = collect(desks, 'message:new');
  const client = await lineConnection(port);
  client.socket.end(`${who}\none\ntwo`);
  await waitFor('both', () => heard.length === 2);
  assert.deepEqual(heard.map(({ content }) => content), ['one', 'two']);
  await waitFor('its end', () => client.ended);
  assert.deepEqual(client.lines, BANNER);

  const bare = await lineConnection(port);
  bare.socket.end(name());
  await waitFor('its end', () => bare.ended);
  assert.deepEqual(bare.lines, BANNER, 'a name and no more');
});

/* What they wrote, as it is kept once the last of it is. */
async function kept(who, last) {
  const { conversationId } = await hears(who, last);
  const { body } = await desk.api(`/api/messages/conversation?conversationId=${conversationId}&limit=100`);
  return body.items.map(({ content }) => content);
}

test('what one said before they went is done, though nothing reaches them any more (L10, L12)', async () => {
  for (const count of [90, 300]) {
    const who = name();
    const heard = collect(desks, 'message:new');
    const all = Array.from({ length: count }, (_, i) => `m${i}`);
    const client = await lineConnection(port);
    client.socket.write([who, ...all, ''].join('\n'), client.end);
    await waitFor('all of them', () => heard.filter(({ senderName }) => senderName === who).length === count, 30000);
    assert.deepEqual(heard.filter(({ senderName }) => senderName === who).map(({ content }) => content), all);
  }
  /* Gone before pushd, which is stopped, has heard of it: but they said that
   * this was the end, so that what has no LF is whole. */
  const [who, pushd] = [name(), stack.pid('palabre-pushd')];
  const all = kept(who, 'four');
  process.kill(pushd, 'SIGSTOP');
  const { socket } = await lineConnection(port);
  await new Promise((ended) => socket.end(`${who}\none\n/who\ntwo\n/help\nthree\nfour`, ended));
  socket.resetAndDestroy();
  process.kill(pushd, 'SIGCONT');
  assert.deepEqual(await all, ['one', 'two', 'three', 'four']);
});

test('a pause of pushd is no silence of the client (L2)', async () => {
  const who = name();
  const client = await lineConnection(port, who); // whose lines silence ends
  await client.says(BANNER[2]);
  const heard = collect(desks, 'message:new');
  const pushd = stack.pid('palabre-pushd');
  client.send('one half');
  await sleep(50);
  process.kill(pushd, 'SIGSTOP');
  client.send(', and the other');
  await sleep(300);
  process.kill(pushd, 'SIGCONT');
  const mine = () => heard.filter(({ senderName }) => senderName === who).map(({ content }) => content);
  await waitFor('it', () => mine().length > 0);
  client.send('and more');
  await waitFor('that, too', () => mine().at(-1) === 'and more');
  assert.deepEqual(mine(), ['one half, and the other', 'and more']);
});

test('who breaks off has said what came whole, and all of it where silence ends lines (L10)', async () => {
  const [who, bare] = [name(), name()];
  const heard = collect(desks, 'message:new');
  const said = (from) => heard.filter(({ senderName }) => senderName === from).map(({ content }) => content);
  const client = await lineConnection(port);
  const all = Array.from({ length: 90 }, (_, i) => `m${i}`);
  client.socket.write([who, ...all, 'half of a'].join('\n'), () => client.socket.resetAndDestroy());
  const terminal = await lineConnection(port, bare);
  await terminal.says(BANNER[2]);
  terminal.socket.write('goodbye all', () => terminal.socket.resetAndDestroy());
  await waitFor('both', () => said(who).length >= all.length && said(bare).length === 1);
  await waitFor('them to be out', async () => (await statusOf(heard[0].sender)) === 'offline');
  assert.deepEqual([said(who), said(bare)], [all, ['goodbye all']]);
});

test('the banner is the server\'s profile, and comes again when that changes (L7)', async () => {
  const show = (profile) => desk.api('/api/operator/server', { method: 'PATCH', body: profile });
  const [web, terminal] = [await lineConnection(port, `${name()}\n`), await lineConnection(port, name())];
  await Promise.all([web.says(BANNER[2]), terminal.says(BANNER[2])]);
  try {
    await show({ displayName: 'Help desk', statusText: 'back at nine', avatar: '☎️' });
    await web.says('__SERVER_AVATAR__:☎️');
    const changed = ['__SERVER_NAME__:Help desk', '__SERVER_STATUS__:back at nine', '__SERVER_AVATAR__:☎️'];
    assert.deepEqual(web.lines, [...BANNER, ...changed]);
    const other = await lineConnection(port, name());
    await other.says(changed[2]);
    assert.deepEqual(other.lines, changed);
    await show({ statusText: '', avatar: 'https://palabre.example/face.png' });
    await waitFor('two lines', () => web.lines.length === 8);
    assert.deepEqual(web.lines.slice(6), ['__SERVER_STATUS__:', '__SERVER_AVATAR__:🙂'], 'the name is as it was');
    await show({ displayName: 'é'.repeat(64), statusText: '€'.repeat(140) });
    const reads = [];
    const long = await lineConnection(port);
    long.socket.on('data', (text) => reads.push(text));
    long.send(name());
    await long.says('__SERVER_AVATAR__:🙂');
    assert.equal(reads.length, 1);
    assert.ok(Buffer.byteLength(reads[0]) <= 1024 && !/\ufffd/.test(reads[0]));
    assert.equal(terminal.text, `${BANNER.join('\n')}\n`, 'an answer to nothing');
  } finally {
    await show({ displayName: 'Serveur', statusText: 'Disponible', avatar: '🙂' });
  }
  await waitFor('all of it', () => web.lines.slice(8).includes(BANNER[1]));
});

test('a command as the first line is no name (L5, L37)', async () => {
  const ann = await stack.register(name('ann'));
  const heard = collect(desks, 'message:new');
  const [first, wrong] = [await lineConnection(port, `/login ${ann.user.username} correct horse\nhello\n`),
    await lineConnection(port, `/login ${ann.user.username} guess`)];
  await first.says(`* You are ${ann.user.username}.`);
  await waitFor('the message', () => heard.length > 0);
  assert.deepEqual(heard.map(({ sender, content }) => [sender, content]), [[ann.id, 'hello']]);
  await first.says(BANNER[2]);
  await wrong.says('* Name or password is wrong.');
  wrong.send('hello');
  await wrong.says('* Not sent. Sign in: /login USER PASSWORD');
  const asks = await lineConnection(port, '/help\n');
  await asks.says(/^\* \/help/m);
});

/* ---- speaking ---- */

test('what is not UTF-8 is replaced, and empty lines are nothing (L11)', async () => {
  const { client, who } = await enter();
  const heard = hears(who);
  client.send(Buffer.from('\n  \r\n \xff\xc3 a\x80 \n', 'latin1'));
  assert.equal((await heard).content, '\ufffd\ufffd a\ufffd');
});

test('a burst is read as fast as one may write, in order, and each is kept once (L12)', async () => {
  const { client, who, message } = await enter();
  const heard = collect(desks, 'message:new');
  const all = Array.from({ length: 300 }, (_, i) => `m${i}`);
  client.send(all.map((text) => `${text}\n`).join(''));
  await waitFor('all of them', () => heard.length === all.length, 30000);
  assert.deepEqual(heard.map(({ content }) => content), all);
  assert.deepEqual(heard.map(({ seq }) => seq), all.map((_, i) => message.seq + 1 + i));
  assert.deepEqual(client.lines, BANNER, `${who} is told of nothing`);
});

test('a message is sent once, whatever becomes of a worker (L12)', async () => {
  const { client, message } = await enter();
  const heard = collect(desks, 'message:new');
  for (let i = 0; i < 40; i += 1) {
    if (i % 10 === 5) stack.killWorkers('palabre-api');
    client.send(`m${i}\n`);
    await sleep(20);
  }
  await waitFor('the last', () => heard.some(({ content }) => content === 'm39'), 30000);
  const { items } = await waitFor('workers', async () => {
    const { status, body } = await desk.api(`/api/messages/conversation?conversationId=${message.conversationId}&limit=100`);
    return status === 200 && body;
  });
  assert.deepEqual(items.slice(1).map(({ content }) => content), Array.from({ length: 40 }, (_, i) => `m${i}`));
});

test('a message that is too long is told, a line without end told and closed (L13)', async () => {
  const { client, who } = await enter();
  client.send(`${'é'.repeat(5001)}\n`);
  await client.says(/^\* Not sent\. .*5000/m);
  const heard = hears(who);
  client.send(`${'é'.repeat(5000)}\n`);
  assert.equal((await heard).content, 'é'.repeat(5000));

  const endless = (await enter()).client;
  const chunk = 'x'.repeat(100000);
  for (let i = 0; i < 100 && !endless.ended; i += 1) {
    endless.send(chunk);
    await sleep(2);
  }
  await waitFor('its end', () => endless.ended);
  assert.deepEqual(endless.lines.slice(3), ['* That line is too long.']);
});

test('a goodbye is answered and ends it, as the first line, too (L14)', async () => {
  for (const word of ['QUIT', 'À PLUS', 'bye bye', 'À bientôt', 'tchao', 'salut', 'fin']) {
    const { client } = await enter();
    client.send(`${word}\n`);
    await waitFor('its end', () => client.ended);
    assert.equal(client.lines.at(-1), 'Au revoir !', word);
  }
  for (const first of ['exit\n', 'adieu', 'salut\n']) {
    const client = await lineConnection(port, first);
    await waitFor('its end', () => client.ended);
    assert.equal(client.text, 'Au revoir !\n', first);
  }
});

test('control lines are no messages: they change what others see (L15)', async () => {
  const { client, who, message } = await enter();
  const heard = collect(desks, 'message:new');
  const shown = name('Eve');
  client.send(`__CLIENT_NAME__:${shown}\n__CLIENT_STATUS__:away\n__CLIENT_AVATAR__:🦊\nhello\n`);
  await waitFor('the last', () => heard.length > 0);
  assert.deepEqual(heard.map(({ senderName, content }) => [senderName, content]), [[shown, 'hello']]);
  const { username, displayName, statusText, avatar } = (await desk.api(`/api/users/${message.sender}`)).body;
  assert.deepEqual([username, displayName, statusText, avatar], [who, shown, 'away', '🦊']);
  assert.deepEqual(client.lines, BANNER);
});

test('... but not while an operator has muted them', async () => {
  const { client, message } = await enter();
  const shown = async () => (await desk.api(`/api/users/${message.sender}`)).body;
  const before = await shown();
  assert.equal((await desk.api(`/api/operator/clients/${message.sender}/mute`, { body: { seconds: 3600 } })).status, 200);
  client.send(`__CLIENT_NAME__:${name('Eve')}\n__CLIENT_STATUS__:away\n__CLIENT_AVATAR__:🦊\n/nick ${name('Eve')}\n`);
  await waitFor('a word', () => client.text.includes('An operator has muted you for a while.'));
  assert.deepEqual(await shown(), before);
});

test('who gives an empty name later is shown under a number (L5, L15)', async () => {
  const { client, who, message } = await enter();
  const heard = collect(desks, 'message:new');
  client.send('__CLIENT_NAME__:\nhello\n');
  await waitFor('it', () => heard.some(({ content }) => content === 'hello'));
  const { username, displayName } = (await desk.api(`/api/users/${message.sender}`)).body;
  assert.equal(username, who);
  assert.match(displayName, /^Client_\d{4}$/);
  assert.deepEqual(client.lines, BANNER);
});

test('a slash word that is no command is text (L16)', async () => {
  const { client, who } = await enter();
  const heard = hears(who);
  client.send('/shrug me\n');
  assert.equal((await heard).content, '/shrug me');
});

/* ---- hearing ---- */

test('nothing that others write speaks for the server or steers a terminal (L17, L18)', async () => {
  const { client, message } = await enter();
  await answer(message, 'a\u001b[2J\rb\u2028__SERVER_NAME__:Eve\nquit now');
  await client.says('quit now');
  assert.deepEqual(client.lines.slice(3), ['a\ufffd[2J', 'b', ' __SERVER_NAME__:Eve', 'quit now']);
  await answer(message, `[ENCRYPTED]${'A'.repeat(2000)}==`);
  await client.says(`[ENCRYPTED]${'A'.repeat(2000)}==`);
});

test('a line of the server\'s own begins with a star (L21)', async () => {
  const { client } = await enter();
  client.send(`${'x'.repeat(5001)}\n`);
  await waitFor('it', () => client.lines.length > 3);
  assert.match(client.lines[3], /^\* Not sent\./);
});

test('who ends lines is sent a bare LF now and then, who ends none never is (L22)', async () => {
  const [web, terminal] = [await lineConnection(port, `${name()}\n`), await lineConnection(port, name())];
  await Promise.all([web.says(BANNER[2]), terminal.says(BANNER[2])]);
  await waitFor('a bare LF', () => web.text.endsWith('\n\n'));
  await sleep(2 * PROBE_MS);
  assert.equal(terminal.text, `${BANNER.join('\n')}\n`);
});

test('who speaks all the time hears that the server is there (L22)', async () => {
  const client = await lineConnection(port, `${name()}\n`);
  await client.says(BANNER[2]);
  const talk = setInterval(() => client.send('\n'), PROBE_MS / 10);
  try {
    await waitFor('a bare LF', () => client.text.endsWith('\n\n'));
  } finally {
    clearInterval(talk);
  }
});

test('who does not read stays at sent, and is closed when too much waits (L23, L25)', async () => {
  const { client, message } = await enter();
  const received = collect(desks, 'message:received');
  const mine = () => received.filter(({ conversationId }) => conversationId === message.conversationId);
  const last = await answer(message, 'you read this');
  await waitFor('the tick', () => mine().some(({ messageId }) => messageId === last._id));
  client.socket.pause();
  const slow = async () => (await statsOf(stack)).linesSlow;
  let written;
  for (let i = 0; i < 4000 && (i % 200 > 0 || await slow() === 0); i += 1) {
    written = await answer(message, 'a'.repeat(5000));
  }
  assert.equal(await slow(), 1);
  const { items } = (await desk.api(`/api/messages/conversation?conversationId=${message.conversationId}&after=${written.seq - 1}`)).body;
  assert.equal(items[0].status, 'sent');
});

/* ---- being there ---- */

test('a client is online while it is connected (L24)', async () => {
  const { client, message } = await enter();
  await waitFor('it to be shown', async () => (await statusOf(message.sender)) === 'online');
  client.end();
  await waitFor('it to be away', async () => (await statusOf(message.sender)) === 'offline');
});

/* Where the daemon's clock is almost a day ahead a guest has some seconds. */
test('who stays outlasts their session (L24)', async () => {
  const [dir, tools, linePort] = [temporaryDirectory(), temporaryDirectory(), await freePort()];
  for (const part of ['fcgi-app', 'preview', 'ctl']) symlinkSync(path.join(build, part), path.join(tools, part));
  mkdirSync(path.join(tools, 'push-daemon'), { mode: 0o755 });
  writeFileSync(path.join(tools, 'push-daemon/palabre-pushd'), `#!/bin/sh
PALABRE_TEST_CLOCK_OFFSET_MS=${DAY_MS - SESSION_MS} exec ${path.join(build, 'push-daemon/palabre-pushd')} "$@"
`, { mode: 0o755 });
  const short = await startStack({ dir, env: { PALABRE_BUILD: tools }, set: { line_port: linePort } });
  try {
    const client = await lineConnection(linePort, 'Zoe\n');
    await client.says(BANNER[2]);
    const helper = await short.register('helper');
    await short.ctl('user', 'role', 'helper', 'operator');
    const socket = await helper.connect();
    await sleep(2 * SESSION_MS);
    assert.equal(client.ended, false, client.text);
    assert.deepEqual(client.lines, BANNER);
    client.send('here\n');
    assert.equal((await next(socket, 'message:new')).senderName, 'Zoe');
    client.send('/history\n');
    await client.says('> here');
  } finally {
    await short.stop();
    rmSync(tools, { recursive: true, force: true });
  }
});

test('its messages are received when its kernel has them (L25)', async () => {
  const { message } = await enter();
  const received = next(desks, 'message:received', ({ conversationId }) => conversationId === message.conversationId);
  const { _id } = await answer(message, 'yes?');
  assert.equal((await received).messageId, _id);
});

/* ---- strangers ---- */

test('past the limits the oldest without a name makes room (L26)', async () => {
  const named = await lineConnection(fewPort, 'One');
  await named.says('* You are One.');
  const silent = [await lineConnection(fewPort), await lineConnection(fewPort)];
  const late = await lineConnection(fewPort, 'Two');
  await waitFor('the oldest to go', () => silent[0].ended);
  await late.says('* You are Two.');
  const third = await lineConnection(fewPort, 'Three');
  await third.says('* You are Three.');
  assert.deepEqual([silent[1].ended, named.ended], [true, false]);
  const surplus = await lineConnection(fewPort, 'Four');
  await waitFor('it to be closed', () => surplus.ended);
  assert.equal(surplus.text, '');
  for (const client of [named, late, third]) client.end();
});

/* The second was gone before pushd, which is stopped, has heard of it. */
test('who is gone makes room for who comes, whatever they have said, and however they went (L26)', async () => {
  const pushd = few.pid('palabre-pushd');
  for (const [early, go] of [['SIGCONT', 'destroy'], ['SIGSTOP', 'resetAndDestroy']]) {
    await waitFor('all to be out', async () => (await statsOf(few)).lines === 0);
    process.kill(pushd, early);
    const { socket } = await lineConnection(fewPort);
    await new Promise((sent) => socket.write(`Max\n${'/help\n'.repeat(400)}`, sent));
    socket[go]();
    process.kill(pushd, 'SIGCONT');
    const [one, two] = [await lineConnection(fewPort, 'One'), await lineConnection(fewPort, 'Two')];
    await Promise.all([one.says('* You are One.'), two.says('* You are Two.')]);
    assert.equal((await statsOf(few)).lines, 3);
    const three = await lineConnection(fewPort, 'Three');
    await three.says('* You are Three.');
    assert.deepEqual([(await statsOf(few)).lines, one.ended, two.ended], [3, false, false]);
    for (const client of [one, two, three]) client.end();
  }
});

test('who gives no name is closed after a while (L27)', async () => {
  await waitFor('all to be out', async () => (await statsOf(few)).lines === 0);
  const silent = await lineConnection(fewPort);
  const from = Date.now();
  await waitFor('its end', () => silent.ended);
  assert.ok(Date.now() - from >= 3900);
});

test('in a lobby what one says all hear, under their name (L12, L17)', async () => {
  const [one, two] = [await lineConnection(fewPort, 'Odo\n'), await lineConnection(fewPort, 'Uma\n')];
  await waitFor('both to be in', async () => (await statsOf(few)).clients === 2);
  one.send('good morning\n');
  await two.says('Odo: good morning');
  two.send('__FILE__|note.txt|text/plain|2|aGk=\n');
  await one.says('Uma: [note.txt, 2 bytes]');
  await one.says('__FILE__|note.txt|text/plain|2|aGk=');
  assert.deepEqual(one.lines, ['Uma: [note.txt, 2 bytes]', '__FILE__|note.txt|text/plain|2|aGk=']);
  assert.deepEqual(two.lines, ['Odo: good morning']);
  one.end();
  two.end();
  await waitFor('both to be out', async () => (await statsOf(few)).lines === 0);
});

/* ---- the lobby ---- */

test('/lobby leaves it, says something there, and goes back in (L35)', async () => {
  const [one, two] = [await lineConnection(fewPort, 'Odo\n'), await lineConnection(fewPort, 'Uma\n')];
  await waitFor('both to be in', async () => (await statsOf(few)).clients === 2);
  two.send('/lobby\n');
  await two.says(/^\* You are not in the lobby:/m);
  one.send('first\n/lobby second\n');
  two.send('for the server\n/lobby from outside\n/history\n');
  await one.says('Uma: from outside');
  await two.says('> for the server');
  two.send('__FILE__|plan.txt|text/plain|2|aGk=\nbehind it\n/history\n');
  await two.says('> behind it');
  assert.ok(two.lines.some((line) => line.startsWith('> [plan.txt')), 'the file is for the server, too');
  assert.equal(/Odo/.test(two.text), false, 'nothing of it is shown');
  two.send('/lobby\n');
  await two.says(/^\* You are in the lobby:/m);
  assert.deepEqual(two.lines.slice(-4, -1).sort(), ['> from outside', 'Odo: first', 'Odo: second']);
  two.send('inside again\n');
  await one.says('Uma: inside again');
  one.send('third\n');
  await two.says('Odo: third');
  assert.deepEqual(one.lines, ['Uma: from outside', 'Uma: inside again']);
  const bare = await lineConnection(fewPort, 'Ida');
  await bare.says('* You are Ida.');
  bare.send('/lobby');
  await bare.says(/You are not in/);
  for (let i = 0; i < 10; i += 1) one.send(`${i} ${'é'.repeat(90)}\n`);
  await two.says(/^Odo: 9 /m);
  const before = bare.text.length;
  bare.send('/lobby');
  await bare.says(/You are in the lobby/);
  assert.ok(Buffer.byteLength(bare.text.slice(before)) <= 1024);
  for (const client of [one, two, bare]) client.end();
  await waitFor('all to be out', async () => (await statsOf(few)).lines === 0);
});

test('who goes back into the lobby while others speak misses nothing from there on (L35)', async () => {
  const [one, two] = [await lineConnection(fewPort, 'Odo\n'), await lineConnection(fewPort, 'Uma\n')];
  await waitFor('both to be in', async () => (await statsOf(few)).clients === 2);
  for (let round = 0; round < 12; round += 1) {
    const from = two.lines.length;
    two.send('/lobby\n');
    await waitFor('it to be out', () => two.lines.slice(from).some((line) => /not in the lobby/.test(line)));
    one.send(Array.from({ length: 8 }, (_, i) => `${round}.${i}\n`).join(''));
    await sleep(round * 2);
    two.send('/lobby\n');
    await waitFor('the last', () => two.lines.slice(from).includes(`Odo: ${round}.7`));
    await waitFor('it to be in', () => two.lines.slice(from).some((line) => /You are in the lobby/.test(line)));
    const shown = two.lines.slice(from).filter((line) => line.startsWith(`Odo: ${round}.`));
    assert.deepEqual(shown, Array.from({ length: 8 }, (_, i) => `Odo: ${round}.${i}`));
  }
  for (const client of [one, two]) client.end();
  await waitFor('all to be out', async () => (await statsOf(few)).lines === 0);
});

test('where there is no lobby /lobby says so (L35)', async () => {
  const { client } = await enter();
  client.send('/lobby\n/lobby hello\n');
  await waitFor('both', () => client.lines.filter((line) => line === '* There is no lobby here.').length === 2);
});

/* ---- coming back ---- */

test('who comes back is shown what came meanwhile, once (L8, L28)', async () => {
  const { client, who, message } = await enter();
  client.end();
  await waitFor('it to be away', async () => (await statusOf(message.sender)) === 'offline');
  for (let i = 0; i < 120; i += 1) await answer(message, `late ${i}`);
  const again = await lineConnection(port, `${who}\n`);
  await again.says('late 119');
  await answer(message, 'and now');
  await again.says('and now');
  assert.deepEqual(again.lines, [...BANNER, ...Array.from({ length: 120 }, (_, i) => `late ${i}`), 'and now']);
});

test('what may have been on its way when they last said something is shown again (L28)', async () => {
  const { client, who, message } = await enter();
  await answer(message, 'long before');
  await client.says('long before');
  await sleep(1100);
  let near, own;
  for (let i = 0; own === undefined || Date.parse(own.createdAt) - Date.parse(near.createdAt) > 1000; i += 1) {
    near = await answer(message, `just before ${i}`);
    await client.says(near.content);
    const heard = hears(who, `mine ${i}`);
    client.send(`mine ${i}\n`);
    own = await heard;
  }
  client.end();
  await waitFor('it to be away', async () => (await statusOf(message.sender)) === 'offline');
  await answer(message, 'behind');
  const again = await lineConnection(port, `${who}\n`);
  await again.says('behind');
  assert.deepEqual(again.lines, [...BANNER, near.content, 'behind']);
  await waitFor('the tick', async () =>
    (await desk.api(`/api/messages/conversation?conversationId=${message.conversationId}&after=${own.seq}`)).body.items.at(-1).status === 'received');
  again.end();
  await waitFor('it to be away', async () => (await statusOf(message.sender)) === 'offline');
  const third = await lineConnection(port, `${who}\n`);
  await third.says(BANNER.at(-1));
  await answer(message, 'last');
  await third.says('last');
  assert.deepEqual(third.lines, [...BANNER, 'last'], 'the last that they had was not their own');
  third.end();
});

test('what came meanwhile may be more than may wait for a line, /history as well (L28, L29)', async () => {
  const { client, who, message } = await enter();
  client.end();
  await waitFor('it to be away', async () => (await statusOf(message.sender)) === 'offline');
  const all = Array.from({ length: 60 }, (_, i) => `${i} ${'a'.repeat(4990)}`);
  for (const text of all) await answer(message, text);
  const again = await lineConnection(port, `${who}\n`);
  await again.says(all.at(-1), 30000);
  assert.deepEqual(again.lines, [...BANNER, ...all]);
  again.text = '';
  again.send('/history 60\n');
  await again.says(all.at(-1), 30000);
  assert.deepEqual(again.lines, all);
});

test('who ends no lines is told how much it is, and reads it by /history (L28, L29)', async () => {
  const [first, who] = [terminalClient(port), name()];
  first.say(who);
  await first.shows(BANNER.join('\n'));
  const heard = hears(who);
  first.say('one');
  const message = await heard;
  await answer(message, 'two');
  await first.shows('two');
  await waitFor('the tick', async () =>
    (await desk.api(`/api/messages/conversation?conversationId=${message.conversationId}`)).body.items[1].status === 'received');
  first.end();
  for (let i = 0; i < 30; i += 1) await answer(message, `${i} ${'é'.repeat(30)}`);
  const again = terminalClient(port);
  again.say(who);
  await again.shows([...BANNER, '* 30 messages since you were here: /history'].join('\n'));
  again.say('/history 50');
  await again.shows(new RegExp(`\\n29 ${'é'.repeat(30)}$`));
  assert.ok(Buffer.byteLength(again.shown[1]) <= 1024);
  assert.match(again.shown[1], /^1\d é/);
  again.say('/history 1');
  await again.shows(`29 ${'é'.repeat(30)}`);
});

test('a daemon that is killed loses nothing of what is for a line (L8, L28)', async () => {
  const { who, message } = await enter();
  const { conversationId } = message;
  const received = next(desks, 'message:received', (mark) => mark.conversationId === conversationId);
  await answer(message, 'answer 0');
  await received;
  let written = 1;
  let client;
  for (let i = 0; i < 3; i += 1) {
    await stack.signal('palabre-pushd', 'SIGKILL');
    for (let n = 0; n < 5; n += 1, written += 1) { // over REST: nobody hears it live
      const sent = await waitFor('the store', async () => {
        const made = await desk.api('/api/messages', {
          body: { conversationId, content: `answer ${written}`, clientId: `${conversationId}-${written}` },
        });
        return made.status < 300 && made;
      });
      assert.equal(sent.body.content, `answer ${written}`);
    }
    client = undefined;
    await waitFor(`answer ${written - 1}`, async () => { // it comes back as often as it has to
      if (client === undefined || client.ended) client = await lineConnection(port, `${who}\n`).catch(() => undefined);
      return client?.lines.includes(`answer ${written - 1}`);
    }, 60000);
    const shown = client.lines.filter((line) => line.startsWith('answer'));
    assert.deepEqual(shown, Array.from({ length: 5 }, (_, n) => `answer ${written - 5 + n}`), `kill ${i}`);
    await waitFor('the tick', async () => {
      const { body } = await desk.api(`/api/messages/conversation?conversationId=${conversationId}&after=${message.seq + written - 1}`);
      return body?.items?.at(-1)?.status === 'received';
    });
  }
  client.end();
  desks = await desk.connect();
});

/* ---- commands ---- */

test('/msg finds a name that many others have somewhere in theirs (L30)', async () => {
  const [writer, reader] = [await stack.register(name('writer')), await stack.register(name('pat'))];
  for (let i = 0; i < 21; i += 1) await stack.register(`a${i}${reader.user.username}`);
  const { client } = await enter();
  client.send(`/login ${writer.user.username} ${password}\n`);
  await client.says(`* You are ${writer.user.username}.`);
  const heard = next(await reader.connect(), 'message:new');
  client.send(`/msg ${reader.user.username} hello\n`);
  assert.equal((await heard).content, 'hello');
  client.end();
});

test('commands: help, history, lobby, who, nick, me, msg, file, login, quit (L29, L30, L31)', async () => {
  const { client, who, message } = await enter();
  client.send('/help\n');
  for (const word of ['file', 'help', 'history', 'lobby', 'login', 'me', 'msg', 'nick', 'quit', 'who']) {
    await client.says(new RegExp(`^\\* /${word}\\b`, 'm'));
  }
  await answer(message, 'yes?');
  await client.says('yes?');
  client.send('/history\n');
  await client.says('> here\nyes?'.split('\n')[0]);
  const waves = hears(who);
  client.send('/me waves\n');
  assert.equal((await waves).content, '* waves');
  const [ann, bob] = [await stack.register(name('ann')), await stack.register(name('bob'))];
  client.send(`/msg ${bob.user.username} hi\n/who\n`);
  await waitFor('two refusals', () => client.lines.filter((line) => /guest/i.test(line)).length >= 2);

  client.send(`/login ${ann.user.username} wrong password\n`);
  await client.says(/^\* .*(password|name)/m);
  client.send(`/login ${ann.user.username} correct horse\n`);
  await client.says(`* You are ${ann.user.username}.`);
  const socket = await bob.connect();
  const heard = next(socket, 'message:new');
  client.send(`/msg ${bob.user.username} hi bob\n`);
  const { sender, content } = await heard;
  assert.deepEqual([sender, content], [ann.id, 'hi bob']);
  await call(socket, 'send-message', { to: ann.id, content: 'hi\nquit' });
  await client.says(`${bob.user.username}: quit`);
  const here = new RegExp(`^\\* Here: .*${bob.user.username}`, 'm');
  await waitFor('bob to be named', () => {
    client.send('/who\n');
    return here.test(client.text);
  }, undefined, 600);
  client.send('/msg nobody-is-called-so hi\n');
  await client.says('* There is nobody of that name.');
  const shown = name('Shown');
  client.send(`/nick ${shown}\n`);
  await client.says(`* Others see you as ${shown}.`);
  client.send('/quit\n');
  await waitFor('its end', () => client.ended);
  assert.equal(client.lines.at(-1), 'Au revoir !');
});

test('/history is one write, also where the last message is longer, and has one\'s own files (L29, L30)', async () => {
  const [who, terminal] = [name(), await lineConnection(port)];
  const ask = async (text, wanted) => {
    terminal.text = '';
    terminal.send(text);
    await terminal.says(wanted);
    return terminal.text;
  };
  await ask(who, BANNER[2]);
  const heard = hears(who);
  terminal.send('é'.repeat(900));
  await heard;
  await sleep(200);
  assert.equal(await ask('/history', /é\n$/), `${'é'.repeat(511)}\n`);
  assert.equal(await ask('/nick Max', /\n$/), '* Others see you as Max.\n', 'and nothing is left of it');

  const { client } = await enter();
  client.send('__FILE__|note.txt|text/plain|2|aGk=\n/history\n');
  await client.says('> [note.txt, 2 bytes]');
});

test('after a wrong password the next thing waits for a second (L32)', async () => {
  const ann = await stack.register(name('ann'));
  const { client, who } = await enter();
  const heard = hears(who, 'behind them');
  const from = Date.now();
  client.send(`/login ${ann.user.username} wrong-one\n/login ${ann.user.username} wrong-two\nbehind them\n`);
  await heard;
  assert.ok(Date.now() - from >= 2000);
});

test('many who guess at once let others sign in (L32)', async () => {
  const ann = await stack.register(name('ann'));
  const before = (await statsOf(stack)).lines;
  const guessers = await Promise.all(Array.from({ length: 30 }, () => enter()));
  for (const { client } of guessers) client.send('/login nobody-at-all a-guess\n'.repeat(5));
  assert.equal((await stack.login(ann.user.username)).id, ann.id);
  await guessers.at(-1).client.says(/^\* /m);
  for (const { client } of guessers) client.end();
  await waitFor('what they said to be done', async () => (await statsOf(stack)).lines <= before, 180000, 200);
});

test('a password is in no log (L32)', async () => {
  const ann = await stack.register(name('ann'));
  const { client } = await enter();
  client.send(`/login ${ann.user.username} not-my-secret\n/login ${ann.user.username} correct horse\n`);
  await client.says(`* You are ${ann.user.username}.`);
  for (const part of ['palabre-api', 'palabre-pushd', 'nginx']) {
    assert.doesNotMatch(stack.log(part), /not-my-secret|correct horse/);
  }
});

/* ---- files ---- */

test('a file line is a message with the file, what is none is told (L33)', async () => {
  const { client, who, message } = await enter();
  const bytes = Buffer.alloc(2 * 1024 * 1024, 'palabre ');
  const heard = next(desks, 'message:new', ({ attachment }) => attachment !== null);
  client.send(`__FILE__|../dir/a|b é.txt|text/plain|12|${bytes.toString('base64')}\nbehind it\n`);
  const behind = hears(who, 'behind it');
  const { attachment, conversationId, content, senderName } = await heard;
  assert.deepEqual([attachment.name, attachment.size, content, senderName], ['a|b é.txt', bytes.length, '', who]);
  assert.equal(conversationId, message.conversationId);
  const answered = await desk.api(`/api/files/${attachment._id}`);
  assert.equal(answered.status, 200);
  await behind;
  client.send('__FILE__|a|b|1|***\n__FILE__|a\n');
  await waitFor('both', () => client.lines.filter((line) => line === '* That file cannot be read.').length === 2);
  client.send(`__FILE__|a|b|1|${Buffer.alloc(2 * 1024 * 1024 + 3).toString('base64')}\n`);
  await client.says('* A file has 1 byte to 2 MiB.');
});

test('a file with a name without end is told, and keeps nobody waiting (L33)', async () => {
  const { client, who } = await enter();
  const behind = hears(who, 'behind it');
  const bytes = Buffer.alloc(1200 * 1024);
  client.send(`__FILE__|${'é'.repeat(500000)}|x|1|${bytes.toString('base64')}\nbehind it\n`);
  await client.says('* That file\'s name is too long.');
  await behind;
});

test('a file that has to wait is sent later, once (L12, L33)', async () => {
  const slowPort = await freePort();
  const slow = await startStack({ set: { line_port: slowPort, write_rate: 1, write_burst: 1 } });
  try {
    const operator = await slow.register('desk');
    await slow.ctl('user', 'role', 'desk', 'operator');
    const heard = collect(await operator.connect(), 'message:new');
    const client = await lineConnection(slowPort, 'Ann\n');
    await client.says(BANNER[2]);
    client.send('__FILE__|a|b.txt|x|2|aGk=\nbehind it\n');
    await waitFor('what is behind it', () => heard.some(({ content }) => content === 'behind it'));
    assert.deepEqual(heard.map(({ attachment, content }) => attachment?.name ?? content), ['a|b.txt', 'behind it']);
    assert.deepEqual(client.lines, BANNER);
  } finally {
    await slow.stop();
  }
});

test('files come to who ends lines, by name to others and when they are large (L34)', async () => {
  const send = async ({ conversationId }, filename, bytes) => {
    const file = await desk.api(`/api/files?name=${encodeURIComponent(filename)}`, {
      body: bytes, headers: { 'Content-Type': 'application/octet-stream' },
    });
    assert.equal(file.status, 201, file.text);
    const sent = await desk.api('/api/messages', { body: { conversationId, content: '', attachment: file.body._id } });
    assert.equal(sent.status, 201, sent.text);
  };
  const { client, message } = await enter();
  const bytes = Buffer.alloc(2 * 1024 * 1024, 'palabre!');
  const received = next(desks, 'message:received', ({ conversationId }) => conversationId === message.conversationId);
  await send(message, 'été.txt', bytes);
  await client.says(/^__FILE__\|.*=?$/m, 30000);
  await waitFor('all of it', () => client.text.endsWith('\n') && client.lines.length > 3);
  const line = client.lines[3].split('|');
  assert.deepEqual(line.slice(0, 4), ['__FILE__', 'été.txt', 'text/plain', String(bytes.length)]);
  assert.ok(Buffer.from(line[4], 'base64').equals(bytes));
  await received;
  await send(message, 'large.txt', Buffer.alloc(2 * 1024 * 1024 + 1, 'palabre!'));
  await client.says('[large.txt, 2048 KiB]');

  const [terminal, who] = [await lineConnection(port), name()];
  terminal.send(who);
  await terminal.says(BANNER[2]);
  const heard = hears(who);
  terminal.send('a file please');
  await send(await heard, 'note.txt', Buffer.from('hi'));
  await terminal.says('[note.txt, 2 bytes]');
  assert.doesNotMatch(terminal.text, /__FILE__/);
});

test('/file names the files of the conversation and brings one by its number (L36)', async () => {
  const keep = async (filename, bytes) => (await desk.api(`/api/files?name=${encodeURIComponent(filename)}`, {
    body: bytes, headers: { 'Content-Type': 'application/octet-stream' },
  })).body._id;
  const { client, message } = await enter();
  client.send('/file\n');
  await client.says('* There are no files here.');
  const { conversationId } = message;
  const send = async (filename, bytes) => (await desk.api('/api/messages', {
    body: { conversationId, content: '', attachment: await keep(filename, bytes) },
  })).body.seq;
  const small = await send('note.txt', Buffer.from('hi'));
  await client.says('__FILE__|note.txt|text/plain|2|aGk=');
  const large = await send('large.txt', Buffer.alloc(2 * 1024 * 1024 + 1, 'palabre!'));
  client.send('__FILE__|mine.txt|text/plain|5|aGVsbG8=\n/file\n');
  await client.says('* /file NUMBER brings one of them.');
  const [, mine] = client.text.match(/^\* (\d+): mine\.txt, 5 bytes$/m);
  assert.deepEqual(client.lines.slice(-4, -1), [
    `* ${mine}: mine.txt, 5 bytes`, `* ${large}: large.txt, 2048 KiB`, `* ${small}: note.txt, 2 bytes`,
  ]);
  client.text = '';
  client.send(`/file ${small}\n`);
  await client.says('__FILE__|note.txt|text/plain|2|aGk=');
  client.send(`/file ${mine}\n`);
  await client.says('__FILE__|mine.txt|text/plain|5|aGVsbG8=');
  client.send(`/file ${large}\n`);
  await client.says('* large.txt, 2048 KiB: more than a line takes. The page of this server has it.');
  client.send('/file 1\n/file 99999\n/file plan.pdf\n');
  await client.says('* Say which, by its number: /file 12');
  assert.equal(client.lines.filter((line) => /^\* There is no file of that number/.test(line)).length, 2);

  const [bare, who] = [await lineConnection(port), name()];
  bare.send(who);
  await bare.says(BANNER[2]);
  const heard = hears(who);
  bare.send('a file please');
  const { conversationId: other } = await heard;
  const sent = await desk.api('/api/messages', {
    body: { conversationId: other, content: '', attachment: await keep('note.txt', Buffer.from('hi')) },
  });
  bare.send(`/file ${sent.body.seq}`);
  await bare.says('* note.txt, 2 bytes: this client takes no files. The page of this server has it.');
  bare.send('/file');
  await bare.says(`* ${sent.body.seq}: note.txt, 2 bytes`);
  assert.doesNotMatch(bare.text, /__FILE__/);
});

test('/file twice in a row brings both, to who reads slowly as well (L36)', async () => {
  const { client, message: { conversationId } } = await enter();
  const size = 2 * 1024 * 1024;
  const { body: { _id: attachment } } = await desk.api('/api/files?name=a.txt', {
    body: Buffer.alloc(size, 'palabre!'), headers: { 'Content-Type': 'application/octet-stream' },
  });
  const { seq } = (await desk.api('/api/messages', { body: { conversationId, content: '', attachment } })).body;
  const whole = () => client.text.split('\n').slice(0, -1).filter((line) => line.startsWith('__FILE__|a.txt|') && line.length > size).length;
  await waitFor('it to come by itself', () => whole() === 1, 30000);
  client.socket.pause();
  client.send(`/file ${seq}\n/file ${seq}\n/file ${seq}\n`);
  await sleep(1500);
  client.socket.resume();
  await waitFor('all of them', () => whole() === 4 || client.ended, 30000);
  assert.deepEqual([whole(), client.ended], [4, false]);
});

test('files that wait are bounded together (L34)', async () => {
  const tightPort = await freePort();
  const tight = await startStack({ set: { line_port: tightPort, unfinished_max: 1048576 } });
  try {
    const operator = await tight.register('desk');
    await tight.ctl('user', 'role', 'desk', 'operator');
    const socket = await operator.connect();
    const client = await lineConnection(tightPort, 'Ann\n');
    await client.says(BANNER[2]);
    const heard = next(socket, 'message:new');
    client.send('here\n');
    const { conversationId } = await heard;
    const send = async (size) => {
      const { status, body } = await operator.api('/api/files?name=a.txt', {
        body: Buffer.alloc(size, 'palabre!'), headers: { 'Content-Type': 'application/octet-stream' },
      });
      assert.equal(status, 201);
      await call(socket, 'send-message', { conversationId, content: '', attachment: body._id });
    };
    await send(512 * 1024);
    await client.says(/^__FILE__.*\n/m, 30000);
    await send(1024 * 1024);
    await waitFor('it to be closed', () => client.ended);
    assert.equal((await statsOf(tight)).linesSlow, 1);
  } finally {
    await tight.stop();
  }
});

/* ---- without guests ---- */

test('where guests may not come a line is told so, and signs in (L37)', async () => {
  const closedPort = await freePort();
  const closed = await startStack({
    set: { line_port: closedPort, guests: 'off', line_connections: 4, address_lines: 4, line_name_ms: 15000 },
  });
  try {
    const ann = await closed.register('ann');
    const told = '* This server takes no guests. Sign in: /login USER PASSWORD';
    const client = await lineConnection(closedPort, 'Zoe\nhello\n');
    await client.says('* Not sent. Sign in: /login USER PASSWORD');
    client.send('/who\n/help\n/login ann wrong-one\n');
    await client.says('* Name or password is wrong.');
    assert.match(client.text, /^\* \/login USER PASSWORD: /m);
    assert.deepEqual([client.lines[0], client.lines.filter((line) => /^\* Not sent/.test(line)).length], [told, 2]);
    client.send('/login ann correct horse\nhello\n/history\n');
    await client.says('> hello');
    assert.ok(client.lines.includes('* You are ann.') && client.lines.includes(BANNER[0]));

    const bare = await lineConnection(closedPort, '\n');
    await bare.says(told);
    bare.send('/quit\n');
    await waitFor('its end', () => bare.ended);
    const terminal = await lineConnection(closedPort, 'Max');
    await terminal.says(told);
    terminal.send('/login ann correct horse');
    await terminal.says('* You are ann.');
    terminal.send('/history');
    await terminal.says('> hello');
    assert.equal((await closed.api('/api/users/search?q=zoe', { token: ann.token })).body.length ?? 0, 0);

    const from = Date.now();
    const strangers = await Promise.all(['Ida', 'Uma'].map((who) => lineConnection(closedPort, `${who}\n`)));
    await Promise.all(strangers.map((one) => one.says(told)));
    const late = await lineConnection(closedPort, '/login ann correct horse\n');
    await late.says('* You are ann.');
    assert.equal(strangers.filter(({ ended }) => ended).length, 1, 'one of them made room');
    await waitFor('the other to be closed', () => strangers.every(({ ended }) => ended), 40000);
    assert.ok(Date.now() - from >= 14900);
    assert.deepEqual([client.ended, terminal.ended, late.ended], [false, false, false]);
  } finally {
    await closed.stop();
  }
});

test('a blocked address has no lines but those of operators (L38)', async () => {
  const blockedPort = await freePort();
  const blocked = await startStack({ set: { line_port: blockedPort } });
  try {
    const boss = await blocked.operator('boss');
    const [guest, operator, ann] = [await lineConnection(blockedPort, 'Zoe\n'), await lineConnection(blockedPort, 'Boss\n'),
      await blocked.register('ann')];
    await guest.says(BANNER[2]);
    operator.send('/login boss correct horse\n');
    await operator.says('* You are boss.');
    const made = await boss.api('/api/operator/blocks', { body: { address: '127.0.0.1', seconds: 60 } });
    assert.equal(made.status, 201, made.text);
    await waitFor('its end', () => guest.ended);
    assert.match(guest.text, /^\* You were signed out \(blocked\)\.$/m);
    for (const first of ['Zoe\n', 'Max', `/login ${ann.user.username} correct horse\n`]) {
      const late = await lineConnection(blockedPort, first);
      await late.says('* This address is blocked for a while.');
      await waitFor('its end', () => late.ended);
    }
    assert.equal(operator.ended, false);
    const again = await lineConnection(blockedPort, '/login boss correct horse\n');
    await again.says('* You are boss.');
    await boss.api('/api/operator/blocks/127.0.0.1', { method: 'DELETE' });
    const later = await lineConnection(blockedPort, 'Zoe\n');
    await later.says(BANNER[2]);
  } finally {
    await blocked.stop();
  }
});
