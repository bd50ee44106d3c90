// People write while parts are killed; then what each of them has is compared
// with what is stored. Nothing is asserted here: the report says it all.
import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom } from '../support/random.mjs';
import { startStack, waitFor } from '../support/stack.mjs';
import { Killer } from './killer.mjs';
import { Recipient, fetchWhole, history } from './recipient.mjs';
import { Sender } from './sender.mjs';

const SENDERS = 20;
const RECIPIENTS = 10;
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

/* All messages of the recipients' conversations, each as a fresh fetch says. */
async function everythingStored(recipients) {
  const stored = [];
  for (const { person } of recipients) {
    const conversations = await fetchWhole(person, '/api/messages/conversations');
    for (const { _id, lastSeq } of conversations) {
      const messages = await history(person, _id);
      if (messages.length !== lastSeq || messages.some(({ seq }, at) => seq !== at + 1)) {
        throw new Error(`conversation ${_id}: ${messages.length} messages, lastSeq ${lastSeq}`);
      }
      stored.push(...messages);
    }
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

const sum = (list, of) => list.reduce((total, one) => total + of(one), 0);

class Storm {
  constructor(stack, seed) {
    this.stack = stack;
    this.random = randomFrom(seed);
    this.load = { underWay: 0, refused: [] };
    this.senders = [];
    this.recipients = [];
  }

  async gather(seed) {
    const { url } = this.stack;
    const senders = await registerAll(this.stack, 'sender', SENDERS);
    const recipients = await registerAll(this.stack, 'recipient', RECIPIENTS);
    this.recipients = recipients.map((person, n) =>
      new Recipient(url, person, { rest: n % 2 === 0 }));
    this.senders = senders.map((person, n) =>
      new Sender(url, person, randomFrom(seed * 1000 + n), this.load));
    await waitFor('everyone is connected', () =>
      this.recipients.every(({ connected }) => connected)
      && this.senders.every(({ socket }) => socket.connected), 15000);
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
    const people = this.recipients.map(({ person }) => person);
    await Promise.all(this.senders.map((sender) => sender.run(each, people, pauseMs, stop)));
    killer.stopped = true;
    await killing;
    await waitFor('the API is back', async () =>
      (await this.stack.api('/api/health').catch(() => ({}))).status === 200, 15000, 100);
    return { kills: killer.kills, ...await this.judge() };
  }

  async judge() {
    const settled = Date.now() + SETTLE_MS;
    const stored = await everythingStored(this.recipients);
    let missing = findMissing(this.recipients, stored);
    while (missing.length > 0 && Date.now() < settled) {
      await sleep(50);
      missing = findMissing(this.recipients, stored);
    }
    return {
      missing,
      wrong: findWrong(this.senders, stored),
      twice: this.recipients.flatMap(({ twice }) => twice),
      refused: [...this.load.refused, ...this.recipients.flatMap(({ refused }) => refused)],
      verify: await this.stack.ctl('verify'),
      stored: stored.length,
      acknowledged: sum(this.senders, ({ acknowledged }) => acknowledged.length),
      again: sum(this.senders, ({ duplicates }) => duplicates),
      failures: sum(this.senders, ({ failures }) => failures),
      deaths: this.deaths,
      ...await this.heals(),
      disconnects: sum(this.socketOnly, ({ disconnects }) => disconnects),
      syncs: sum(this.socketOnly, ({ syncs }) => syncs),
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
    for (const sender of this.senders) sender.leave();
    for (const recipient of this.recipients) recipient.leave();
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
  const storm = new Storm(await startStack({
    env,
    set: {
      socket_rate: 10000, socket_burst: 10000,
      api_workers: 6, rt_workers: 4, ...set,
    },
  }), seed);
  try {
    await storm.gather(seed);
  } catch (error) {
    storm.destroy();
    throw error;
  }
  return storm;
}
