// Attackers at four addresses, while people chat: nobody waits, nobody is
// disconnected, and what it cost in memory is given back.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { kinds } from '../../bench/attackers.mjs';
import { call } from '../support/socket.mjs';
import { sanitized, startStack, top, waitFor } from '../support/stack.mjs';

const PEOPLE = 50;
const PAUSE_MS = 1000; // between two messages of one person
const SECONDS = 10; // of each attack
const PROMISE_MS = 2000;
const GIVEN_BACK_MS = 60000;

let stack;
let people; // [{id, socket, to}]
let mallory;
let resting; // pid -> kB

/* Our processes, with what each of them holds: pid -> {name, kB}. */
function resident() {
  return new Map(stack.leftovers().flatMap(({ pid, name }) => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      return [[pid, { name, kB: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)[1]) }]];
    } catch {
      return []; // it ended meanwhile
    }
  }));
}

/* Until enough(): each says something every second or so. -> slowest ms */
async function chat(enough) {
  let slowest = 0;
  await Promise.all(people.map(async ({ socket, to }, n) => {
    await sleep(n * PAUSE_MS / PEOPLE);
    for (let i = 0; !enough(); i += 1) {
      const began = Date.now();
      const answer = await call(socket, 'send-message', { to, content: `${i}` });
      slowest = Math.max(slowest, Date.now() - began);
      assert.equal(answer.ok, true, JSON.stringify(answer));
      await sleep(PAUSE_MS);
    }
  }));
  return slowest;
}

const chatFor = (ms) => {
  const until = Date.now() + ms;
  return chat(() => Date.now() > until);
};

/* As a page does when it is opened. */
async function read(person) {
  const answers = await Promise.all([person.api('/api/users?limit=100'), person.api('/api/conversations'),
    person.api(`/api/messages/conversation?with=${person.to}`), person.api('/api/sync', { body: { conversations: {} } })]);
  assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200, 200]);
}

before(async () => {
  stack = await startStack({ set: { real_ip_from: '127.0.0.1' } });
  mallory = await stack.register('mallory');
  people = [];
  for (let n = 0; n < PEOPLE; n += 1) people.push(await stack.register(`person${n}`));
  for (const [n, person] of people.entries()) {
    person.to = people[n ^ 1].id;
    person.socket = await person.connect();
    person.socket.on('disconnect', (reason) => { person.left = reason; });
  }
  await chatFor(5000);
  for (let n = 0; n < 4 * PEOPLE; n += 4) { // every worker has some
    await Promise.all([0, 1, 2, 3].map((i) => read(people[(n + i) % PEOPLE])));
  }
  resting = resident();
});
after(() => stack.stop());

for (const kind of Object.keys(kinds)) {
  test(`${kind}: everybody is answered within ${PROMISE_MS} ms and stays`, async (t) => {
    const attackers = spawn(process.execPath, [path.join(top, 'bench/attackers.mjs'), kind, String(stack.port),
      String(SECONDS), mallory.token], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => attackers.kill('SIGKILL'));
    const ended = once(attackers, 'exit');
    let over = false;
    ended.then(() => { over = true; });
    let tried = '';
    attackers.stdout.setEncoding('utf8').on('data', (text) => { tried += text; });
    const slowest = await chat(() => over);
    assert.deepEqual(await ended, [0, null]);
    t.diagnostic(`note: ${kind}: ${tried.trim()}, the slowest of ${PEOPLE} people waited ${slowest} ms`);
    assert.ok(slowest < PROMISE_MS, `${slowest} ms`);
    assert.deepEqual(people.map(({ left }) => left).filter(Boolean), []);
  });

  test(`... and ${GIVEN_BACK_MS / 1000} s later no process holds twice what it did at rest`,
    { skip: sanitized() && 'the sanitizer keeps what is freed' }, async () => {
      let grown;
      await waitFor('the memory is given back', () => {
        grown = [...resident()].filter(([pid, { kB }]) => kB >= 2 * resting.get(pid)?.kB);
        return grown.length === 0;
      }, GIVEN_BACK_MS, 200).catch((error) => {
        throw new Error(`${error.message}: ${JSON.stringify(grown.map(([pid, now]) => [now, resting.get(pid)]))}`);
      });
    });
}
