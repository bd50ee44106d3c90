// Someone who writes to everybody, by REST and by socket, says things again
// when in doubt, and sometimes gives up.
import { setTimeout as sleep } from 'node:timers/promises';
import { call, lastingSocket } from '../support/socket.mjs';

const PATIENCE_MS = 4000;
const GIVE_UP = 0.2; // of the attempts that failed
const AGAIN = 0.15; // of the messages that were acknowledged
const DEADLINE_MS = 60000; // for one message

export class Sender {
  /* load: {underWay, refused: []}, shared by all senders. */
  constructor(url, person, random, load) {
    Object.assign(this, { person, random, load });
    this.socket = lastingSocket(url, person.token, (code) => load.refused.push(code));
    this.said = 0;
    this.acknowledged = []; // {clientId, id, at, content}
    this.duplicates = 0;
    this.failures = 0;
  }

  /* Says `count` things to these, each {to} or {conversationId}, unless stop()
   * says that it is enough. */
  async run(count, recipients, pauseMs, stop) {
    for (let n = 0; n < count && !stop(); n += 1) {
      await sleep(this.random.below(2 * pauseMs));
      this.said += 1;
      await this.say({
        ...this.random.pick(recipients),
        content: `${this.person.user.username} ${this.said} ${'é'.repeat(this.random.below(80))}`,
        clientId: `c-${this.said}`,
      });
    }
  }

  async say(message) {
    const id = await this.insist(message);
    if (id === null) return;
    this.acknowledged.push({ ...message, id, at: Date.now() });
    if (!this.random.chance(AGAIN)) return;
    const again = await this.attempt(message);
    if (again === null) return;
    this.duplicates += 1;
    if (again.id !== id || !again.duplicate) {
      this.load.refused.push(`said again, ${message.clientId} became ${JSON.stringify(again)}`);
    }
  }

  /* The id once it is acknowledged, or null: given up. */
  async insist(message) {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
      const done = await this.attempt(message);
      if (done !== null) return done.id;
      this.failures += 1;
      if (this.random.chance(GIVE_UP)) return null;
      if (Date.now() > deadline) {
        this.load.refused.push(`${message.clientId}: no answer for ${DEADLINE_MS} ms`);
        return null;
      }
      await sleep(50 + this.random.below(150));
    }
  }

  /* One try: {id, duplicate}, or null. */
  async attempt(message) {
    const bySocket = this.random.chance(0.5) && this.socket.connected;
    this.load.underWay += 1;
    try {
      return bySocket ? await this.emit(message) : await this.post(message);
    } finally {
      this.load.underWay -= 1;
    }
  }

  async emit(message) {
    const answer = await call(this.socket, 'send-message', message, PATIENCE_MS).catch(() => null);
    if (answer === null) return null;
    if (answer.ok) return { id: answer.id, duplicate: answer.duplicate === true };
    this.excuse('socket', answer.error?.code);
    return null;
  }

  async post({ to, conversationId, content, clientId }) {
    const answer = await this.person.api('/api/messages', {
      body: { recipient_id: to, conversationId, content, clientId },
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).catch(() => null);
    if (answer === null) return null;
    if (answer.status === 201 || answer.status === 200) {
      return { id: answer.body._id, duplicate: answer.body.duplicate === true };
    }
    this.excuse('REST', `${answer.status} ${answer.body?.error?.code}`);
    return null;
  }

  /* What may be answered while parts are dying; all else is a fault. */
  excuse(by, why) {
    if (!['unavailable', 'outcome_unknown', '503 unavailable', '503 store_unavailable', '503 outcome_unknown'].includes(why)) {
      this.load.refused.push(`${by}: ${why}`);
    }
  }

  leave() {
    this.socket.disconnect();
  }
}
