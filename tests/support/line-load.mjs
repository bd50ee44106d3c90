// Line clients and sockets at once, in pairs: each says something to its
// partner every two seconds, and what arrives is counted.
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { call } from './socket.mjs';
import { waitFor } from './stack.mjs';

const PAUSE_MS = 2000;
const AT_ONCE = 20;
const AGAIN_MS = 500;
const TRIES = 100;

/* The settings that a stack needs for so many pairs. */
export const loadSettings = (port, pairs) => ({
  line_port: port, line_connections: pairs + 100, address_lines: pairs + 100, guest_direct: 'on',
});

async function inTurns(count, make) {
  const made = [];
  for (let at = 0; at < count; at += AT_ONCE) {
    made.push(...await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - at) }, (_, i) => make(at + i))));
  }
  return made;
}

async function openPair(stack, port, i) {
  const person = await stack.register(`sock${i}`);
  const pair = { i, heardByLine: [], heardBySocket: [], said: 0, again: 0, told: [] };
  pair.socket = await person.connect();
  pair.line = net.connect({ port, host: '127.0.0.1', noDelay: true });
  pair.socket.on('message:new', ({ sender, content }) => {
    pair.lineId ??= sender !== person.id ? sender : undefined;
    if (sender !== person.id) pair.heardBySocket.push(content);
  });
  let rest = '';
  pair.line.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (line.startsWith(`sock${i}: `)) pair.heardByLine.push(line.slice(`sock${i}: `.length));
      else if (line.startsWith('* ')) pair.told.push(line);
    }
  });
  pair.line.write(`line${i}\n/msg sock${i} hello\n`);
  await waitFor(`pair ${i}`, () => pair.lineId, 60000);
  pair.heardBySocket.length = 0;
  return pair;
}

/* Until it is acknowledged: a store that has no time now says so. */
async function insist(pair, message) {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const { ok } = await call(pair.socket, 'send-message', message).catch(() => ({}));
    if (ok) return;
    pair.again += 1;
    await sleep(AGAIN_MS);
  }
}

async function talk(pair, seconds) {
  let before = Promise.resolve();
  await sleep(PAUSE_MS * Math.random());
  for (let n = 0; n < seconds * 1000 / PAUSE_MS; n += 1) {
    const message = { to: pair.lineId, content: `${n} été`, clientId: `${pair.i}-${n}` };
    pair.line.write(`/msg sock${pair.i} ${n} été\n`);
    before = before.then(() => insist(pair, message));
    pair.said += 1;
    await sleep(PAUSE_MS);
  }
  await before;
}

/* Of what one side said to the other: {lost, repeated}; refused: of what so many
 * were told that it was not sent. */
function judge(said, refused, heard) {
  const once = new Set(heard);
  return { lost: Math.max(0, said - refused - once.size), repeated: heard.length - once.size };
}

/* {said, heard, lost, repeated, refused, again, pairs}: messages of both sides
 * of all pairs; again: how often a socket had to repeat one. */
export async function runLineLoad(stack, port, count, seconds) {
  const pairs = await inTurns(count, (i) => openPair(stack, port, i));
  const heard = () => pairs.reduce((sum, pair) => sum + pair.heardByLine.length + pair.heardBySocket.length, 0);
  await Promise.all(pairs.map((pair) => talk(pair, seconds)));
  const said = pairs.reduce((sum, pair) => sum + 2 * pair.said, 0);
  const refused = () => pairs.reduce((sum, { told }) => sum + told.length, 0);
  await waitFor(`${said} messages`, () => heard() + refused() >= said, 60000).catch(() => {});
  await sleep(500); // for what comes twice
  for (const { line, socket } of pairs) {
    line.destroy();
    socket.disconnect();
  }
  const judged = pairs.flatMap(({ said: each, told, heardByLine, heardBySocket }) =>
    [judge(each, 0, heardByLine), judge(each, told.length, heardBySocket)]);
  const sum = (list, of) => list.reduce((all, one) => all + of(one), 0);
  return {
    said,
    heard: heard(),
    lost: sum(judged, ({ lost }) => lost),
    repeated: sum(judged, ({ repeated }) => repeated),
    refused: sum(pairs, ({ told }) => told.length),
    again: sum(pairs, ({ again }) => again),
    pairs,
  };
}
