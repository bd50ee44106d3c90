// What the cases have in common: one running Palabre, and people at it who
// use nothing but the old client.
import assert from 'node:assert/strict';
import { password, startStack } from '../support/stack.mjs';
import { MevnClient, Refused } from './mevn-client.mjs';

/* Where the old client's page comes from: another origin than the server's. */
export const ORIGIN = 'http://localhost:5173';
export const NOBODY = '0123456789abcdef01234567';
export const GRACE_MS = 300;

export const world = {
  clients: [],
  count: 0,

  async start() {
    this.stack = await startStack({
      set: { allowed_origins: ORIGIN, presence_grace_ms: GRACE_MS },
    });
    this.url = this.stack.url;
  },

  async stop() {
    for (const client of this.clients) client.close();
    await this.stack.stop();
  },

  client(storage) {
    const client = new MevnClient(this.url, storage);
    this.clients.push(client);
    return client;
  },

  fresh(stem) {
    this.count += 1;
    return `${stem}${String(this.count).padStart(3, '0')}`;
  },

  /* Signed up, by a name that nobody has. */
  async someone(stem = 'ann') {
    const client = this.client();
    client.name = this.fresh(stem);
    client.email = `${client.name}@x.example`;
    await client.register({ email: client.email, username: client.name, password });
    return client;
  },

  someones(...stems) {
    return Promise.all(stems.map((stem) => this.someone(stem)));
  },

  /* ... with a socket. */
  async online(stem) {
    const client = await this.someone(stem);
    await client.connect();
    return client;
  },

  onlines(...stems) {
    return Promise.all(stems.map((stem) => this.online(stem)));
  },
};

/* Refused with one of these, and the client can say why. */
export function refused(promise, ...statuses) {
  return assert.rejects(promise, (error) => {
    assert.ok(error instanceof Refused, error.stack);
    assert.ok(statuses.includes(error.status), `${error.status}: ${error.message}`);
    assert.match(error.message, /^[A-Z].*\.$/);
    return true;
  });
}
