// Line clients and sockets at once, in pairs: each says something to its
// partner every two seconds, and what arrives is counted.
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from './stack.mjs';

const PAUSE_MS = 2000;
const AT_ONCE = 20;

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
  const pair = { i, heardByLine: [], heardBySocket: [], said: 0, told: [] };
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

async function talk(pair, seconds) {
  await sleep(PAUSE_MS * Math.random());
  for (let n = 0; n < seconds * 1000 / PAUSE_MS; n += 1) {
    pair.line.write(`/msg sock${pair.i} ${n} été\n`);
    pair.socket.emit('send-message', { to: pair.lineId, content: `${n} été`, clientId: `${pair.i}-${n}` });
    pair.said += 1;
    await sleep(PAUSE_MS);
  }
}

/* {said, pairs}: how many messages each way, and what was heard of them. */
export async function runLineLoad(stack, port, count, seconds) {
  const pairs = await inTurns(count, (i) => openPair(stack, port, i));
  const heard = () => pairs.reduce((sum, pair) => sum + pair.heardByLine.length + pair.heardBySocket.length, 0);
  await Promise.all(pairs.map((pair) => talk(pair, seconds)));
  const said = pairs.reduce((sum, pair) => sum + 2 * pair.said, 0);
  await waitFor(`${said} messages`, () => heard() >= said, 60000).catch(() => {});
  await sleep(500); // for what comes twice
  for (const { line } of pairs) line.destroy();
  return { said, heard: heard(), pairs };
}
