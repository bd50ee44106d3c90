// People write while parts are killed; then what each of them has is compared
// with what is stored. Nothing is asserted here: the report says it all.
import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom } from '../support/random.mjs';
import { freePort, startStack, waitFor } from '../support/stack.mjs';
import { Killer } from './killer.mjs';
import { EndingLine, EndlessLine } from './line.mjs';
import { Recipient, fetchWhole, history } from './recipient.mjs';
import { Sender } from './sender.mjs';

const SENDERS = 20;
const RECIPIENTS = 10;
const OPERATORS = 2; // who write to the lines
const LINES = [EndingLine, EndingLine, EndingLine, EndlessLine, EndlessLine];
const SETTLE_MS = 15000;

async function registerAll(stack, name, count) {
  const people = [];
  for (let n = 0; n < count; n += 1) {
    // Whose answer was lost is registered already.
    people.push(await retry((again) =>
      (again ? stack.login(`${name}${n}`) : stack.register(`${name}${n}`))));
  }
  return people;
}

/* Workers may be dying already. action(again), turn by turn false and true. */
async function retry(action) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await action(tries % 2 === 1);
    } catch (error) {
      if (tries === 20) throw error;
      await sleep(100);
    }
  }
}

async function storedIn(person, { _id, lastSeq }) {
  const messages = await history(person, _id);
  if (messages.length !== lastSeq || messages.some(({ seq }, at) => seq !== at + 1)) {
    throw new Error(`conversation ${_id}: ${messages.length} messages, lastSeq ${lastSeq}`);
  }
  return messages;
}

/* All messages of the recipients' conversations, each as a fresh fetch says. */
async function everythingStored(recipients) {
  const stored = [];
  for (const { person } of recipients) {
    for (const conversation of await fetchWhole(person, '/api/conversations')) {
      stored.push(...await storedIn(person, conversation));
    }
  }
  return stored;
}

/* Everybody's conversation with the operators, as one of these sees it. */
async function withOperators(operator) {
  const { items } = await fetchWhole(operator, '/api/operator/clients?limit=100');
  return items;
}

/* What is stored for the lines, as their names' Map of what operators wrote. */
async function storedForLines(operator) {
  const stored = new Map();
  for (const { client, conversation } of await withOperators(operator)) {
    const messages = await storedIn(operator, conversation);
    stored.set(client.username, messages.filter(({ sender }) => sender !== client._id));
  }
  return stored;
}

/* Acknowledged messages that are not stored exactly once as they were sent. */
function findWrong(senders, stored) {
  const byClientId = new Map();
  for (const message of stored) {
    const key = `${message.sender} ${message.clientId}`;
    byClientId.set(key, [...(byClientId.get(key) ?? []), message]);
  }
  const wrong = [];
  for (const { person, acknowledged } of senders) {
    for (const { clientId, id, content } of acknowledged) {
      const found = byClientId.get(`${person.id} ${clientId}`) ?? [];
      if (found.length !== 1 || found[0]._id !== id || found[0].content !== content) {
        wrong.push(`${person.user.username} ${clientId}: ${found.length} stored`);
      }
    }
  }
  for (const [key, found] of byClientId) {
    if (found.length > 1) wrong.push(`${key}: stored ${found.length} times`);
  }
  return wrong;
}

/* What a recipient does not have of what is theirs. */
function findMissing(recipients, stored) {
  return recipients.flatMap((recipient) => stored
    .filter((message) => message.recipient === recipient.person.id && !recipient.has(message))
    .map(({ conversationId, seq }) => `${recipient.person.user.username}${
      recipient.rest ? '' : ' (socket only)'} ${conversationId} ${seq}`));
}

function missingLines(lines, stored) {
  return lines.flatMap((line) => line.missing(stored.get(line.name))
    .map(({ seq }) => `${line.name} ${seq}`));
}

const sum = (list, of) => list.reduce((total, one) => total + of(one), 0);

class Storm {
  constructor(stack, seed, linePort) {
    this.stack = stack;
    this.linePort = linePort;
    this.random = randomFrom(seed);
    this.load = { underWay: 0, refused: [] };
    this.senders = [];
    this.operators = []; // who are senders, too
    this.recipients = [];
    this.lines = [];
  }

  async gather(seed) {
    const { url } = this.stack;
    const senders = await registerAll(this.stack, 'sender', SENDERS);
    const recipients = await registerAll(this.stack, 'recipient', RECIPIENTS);
    this.recipients = recipients.map((person, n) =>
      new Recipient(url, person, { rest: n % 2 === 0 }));
    const sender = (person, n) =>
      new Sender(url, person, randomFrom(seed * 1000 + n), this.load);
    this.senders = senders.map(sender);
    await this.hire(await registerAll(this.stack, 'desk', OPERATORS), sender);
    await waitFor('everyone is connected', () =>
      [...this.recipients, ...this.lines].every(({ connected }) => connected)
      && [...this.senders, ...this.operators].every(({ socket }) => socket.connected), 15000);
    await this.meetLines();
  }

  async hire(people, sender) {
    for (const { user } of people) await this.stack.ctl('user', 'role', user.username, 'operator');
    this.operators = people.map((person, n) => sender(person, SENDERS + n));
    this.lines = LINES.map((Kind, n) => new Kind(this.linePort, `line${n}`));
  }

  /* Where operators write to them. */
  async meetLines() {
    await waitFor('the lines to have said something', async () => {
      const found = await withOperators(this.operators[0].person);
      for (const line of this.lines) {
        const place = found.find(({ client }) => client.username === line.name);
        line.conversationId = place?.conversation._id;
      }
      return this.lines.every(({ conversationId }) => conversationId !== undefined);
    });
  }

  /* Everybody who writes. */
  get writers() {
    return [...this.senders, ...this.operators];
  }

  get socketOnly() {
    return this.recipients.filter(({ rest }) => !rest);
  }

  /* Workers that were killed, as the supervisor counts them. */
  get deaths() {
    return (this.stack.log('palabre-api').match(/worker \d+ was killed by signal 9/g) ?? []).length;
  }

  /* From now on nobody is without REST. */
  letEveryoneSync() {
    for (const recipient of this.recipients) recipient.rest = true;
  }

  /*
   * Everyone writes `each` messages while parts of these kinds are killed;
   * stop(): it is enough.
   */
  async act({ kinds = [], each, pauseMs = 40, killMs = 500, stop = () => false }) {
    const killer = new Killer(this.stack, kinds, this.random, this.load);
    const killing = killer.run(killMs);
    const people = this.recipients.map(({ person }) => ({ to: person.id }));
    const lines = this.lines.map(({ conversationId }) => ({ conversationId }));
    await Promise.all([
      ...this.senders.map((sender) => sender.run(each, people, pauseMs, stop)),
      ...this.operators.map((operator) => operator.run(each, lines, pauseMs, stop)),
    ]);
    killer.stopped = true;
    await killing;
    await waitFor('the API is back', async () =>
      (await this.stack.api('/api/health').catch(() => ({}))).status === 200, 15000, 100);
    return { kills: killer.kills, ...await this.judge() };
  }

  async judge() {
    const settled = Date.now() + SETTLE_MS;
    const stored = await everythingStored(this.recipients);
    const forLines = await storedForLines(this.operators[0].person);
    const find = () => [...findMissing(this.recipients, stored), ...missingLines(this.lines, forLines)];
    let missing = find();
    while (missing.length > 0 && Date.now() < settled) {
      await sleep(50);
      missing = find();
    }
    stored.push(...[...forLines.values()].flat());
    return {
      missing,
      wrong: findWrong(this.writers, stored),
      twice: [...this.recipients, ...this.lines].flatMap(({ twice }) => twice),
      lines: this.judgeLines(forLines),
      refused: [...this.load.refused, ...this.recipients.flatMap(({ refused }) => refused)],
      verify: await this.stack.ctl('verify'),
      stored: stored.length,
      acknowledged: sum(this.writers, ({ acknowledged }) => acknowledged.length),
      again: sum(this.writers, ({ duplicates }) => duplicates),
      failures: sum(this.writers, ({ failures }) => failures),
      deaths: this.deaths,
      ...await this.heals(),
      disconnects: sum(this.socketOnly, ({ disconnects }) => disconnects),
      syncs: sum(this.socketOnly, ({ syncs }) => syncs),
    };
  }

  judgeLines(stored) {
    const said = new Map(this.operators.flatMap(({ acknowledged }) =>
      acknowledged.map(({ id, at }) => [id, at])));
    return {
      returns: this.lines.map(({ returns }) => returns),
      again: this.lines.flatMap(({ again }) => again),
      odd: this.lines.flatMap(({ odd }) => odd),
      wrongNumbers: this.lines.flatMap((line) => line.wrongNumbers(stored.get(line.name), said)),
      numbers: sum(this.lines, ({ numbers }) => numbers),
    };
  }

  /* Of the daemon that lives: {heals, healed} */
  async heals() {
    const { code, stdout, stderr } = await this.stack.ctl('stats');
    if (code !== 0) throw new Error(`palabrectl stats: ${stderr}`);
    const { heals, healed } = JSON.parse(stdout).stats;
    return { heals, healed };
  }

  leave() {
    for (const one of [...this.writers, ...this.recipients, ...this.lines]) one.leave();
  }

  async close() {
    this.leave();
    await this.stack.stop();
  }

  /* At once, whatever has become of it. */
  destroy() {
    this.leave();
    this.stack.destroy();
  }
}

export async function startStorm({ seed, set, env }) {
  const linePort = await freePort();
  const storm = new Storm(await startStack({
    env,
    set: {
      line_port: linePort,
      socket_rate: 10000, socket_burst: 10000,
      api_workers: 6, rt_workers: 4, ...set,
    },
  }), seed, linePort);
  try {
    await storm.gather(seed);
  } catch (error) {
    storm.destroy();
    throw error;
  }
  return storm;
}
