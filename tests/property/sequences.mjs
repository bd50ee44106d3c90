// Sequences, run and checked: a crew of people serves some, one after the
// other, and several crews work at once.
import { setTimeout as sleep } from 'node:timers/promises';
import { password } from '../support/stack.mjs';
import { ask, Client, fetchFresh, honest } from './client.mjs';
import { startHurting } from './hurts.mjs';
import { dice, makeOperations, runOperations } from './operations.mjs';

const CREW = 5; // people; each sequence is among three of them
const CAST = 3;
const PER_CREW = 5; // sequences
const QUIET_MS = 10000; // healing and delayed receipts come within

const COMMAND_MS = 2200; // pushd gives up a command after 2 s

let people = 0;

/* A worker that is killed may have written the user: then sign in. */
async function newcomer(stack) {
  const username = `p${process.pid}x${people += 1}`;
  const anyone = { api: stack.api.bind(stack) };
  const body = { username, password };
  const made = await ask(anyone, '/api/auth/register', { body });
  if (made.status === 201) return stack.person(made.body);
  const known = await ask(anyone, '/api/auth/login', { body });
  if (known.status !== 200) throw new Error(`register: ${made.text}, login: ${known.text}`);
  return stack.person(known.body);
}

function cast(random, crew) {
  const left = [...crew];
  return Array.from({ length: CAST }, () => left.splice(random(left.length), 1)[0]);
}

const KINDS = ['websocket', 'polling', 'upgrade', 'rest'];

function makeClients(scene, random, wireOf) {
  return scene.people.map((person) => Array.from({ length: 1 + random(2) }, () =>
    new Client(scene.stack, person, KINDS[random(KINDS.length)],
      { wire: wireOf(random), counts: scene.counts })));
}

/* The first difference, in a line. */
function difference(mine, fresh, path = '') {
  if (Object.is(mine, fresh)) return null;
  if (typeof mine !== 'object' || typeof fresh !== 'object' || !mine || !fresh) {
    return `${path}: ${JSON.stringify(mine)}, fresh is ${JSON.stringify(fresh)}`;
  }
  for (const key of new Set([...Object.keys(fresh), ...Object.keys(mine)])) {
    const found = difference(mine[key], fresh[key], `${path}/${key}`);
    if (found) return found;
  }
  return null;
}

async function becomesFresh(client, fresh, quietMs) {
  const deadline = Date.now() + quietMs;
  for (;;) {
    if (client.away) await client.back();
    const complaint = client.complaints[0] ?? difference(client.model.state(), fresh);
    if (!complaint) return null;
    if (Date.now() > deadline || client.complaints.length > 0) return complaint;
    await sleep(40);
  }
}

/* What is wrong with a client, once all is quiet; null: nothing. */
async function check(scene, quietMs) {
  const clients = scene.clients.flat();
  if (scene.unknown) await sleep(COMMAND_MS);
  await Promise.all(clients.filter(({ connected }) => !connected).map((client) => client.back()));
  const fresh = new Map(await Promise.all(scene.people.map(async (person) =>
    [person, await fetchFresh(person)])));
  const found = await Promise.all(clients.map(async (client) => {
    const complaint = await becomesFresh(client, fresh.get(client.person), quietMs);
    return complaint && `${client.transport} client of ${client.person.user.username}: ${complaint}`;
  }));
  return found.find((complaint) => complaint !== null) ?? null;
}

async function runSequence(stack, crew, random, options) {
  const scene = {
    stack,
    people: cast(random, crew),
    counts: options.counts,
    sent: [],
    keyed: [],
  };
  scene.clients = makeClients(scene, random, options.wireOf);
  try {
    await Promise.all(scene.clients.flat().map((client) => client.back()));
    const operations = makeOperations(random, scene.people.length);
    await runOperations(scene, operations);
    return await check(scene, options.quietMs);
  } finally {
    for (const client of scene.clients.flat()) client.drop();
    crew.splice(0, crew.length, ...crew.map((person) =>
      scene.people.find(({ id }) => id === person.id) ?? person));
  }
}

/* One crew's sequences: null, or what was found in which. */
async function runCrew(stack, seed, options) {
  const random = dice(seed);
  const crew = await Promise.all(Array.from({ length: CREW }, () => newcomer(stack)));
  for (let number = 0; number < PER_CREW && options.counts.run < options.most; number += 1) {
    options.counts.run += 1;
    let complaint;
    try {
      complaint = await runSequence(stack, crew, random, options);
    } catch (error) {
      complaint = error.stack;
    }
    if (complaint) return `PALABRE_SEED=${seed}, sequence ${number + 1}: ${complaint}`;
  }
  return null;
}

/* Runs so many sequences, of crews seed, seed + step, ...; stops at the first
 * finding: {found, counts}. */
export async function runSequences(stack, {
  seed, sequences, step = 1, lanes = 24, rough = true, wireOf = () => honest,
  quietMs = QUIET_MS,
}) {
  const counts = { run: 0, returns: 0, resets: 0, told: 0, refused: 0 };
  const options = { counts, wireOf, quietMs, most: sequences };
  let next = seed - step;
  let found = null;
  stack.cutAt ??= 0; // the lines of all sockets were, last
  const calm = rough ? startHurting(stack, dice(seed), counts) : () => {};
  await Promise.all(Array.from({ length: lanes }, async () => {
    while (!found && counts.run < sequences) {
      const complaint = await runCrew(stack, next += step, options);
      found ??= complaint;
    }
  }));
  calm();
  return { found, counts };
}
