// The product and a browser, for the tests of a file; and whoever a test brings,
// whose pages must have had nothing to complain of when it is over.
import assert from 'node:assert/strict';
import { after, afterEach, before } from 'node:test';
import { startStack } from '../support/stack.mjs';
import { Person, startBrowser } from './people.mjs';

class Scene {
  #browsers = new Map();
  #here = [];

  async open(options) {
    this.stack = await startStack(options);
    /* by number: to Socket.IO's client `localhost` is never offline */
    this.url = this.stack.url.replace('localhost', '127.0.0.1');
  }

  async close() {
    await Promise.all([...this.#browsers.values()].map(async (starting) => (await starting).close()));
    await this.stack?.stop();
  }

  #start(name) {
    if (!this.#browsers.has(name)) this.#browsers.set(name, startBrowser(name));
    return this.#browsers.get(name);
  }

  /* Somebody at an empty page, not known to the server. */
  async newcomer(stem, { url = this.url, browser, ...options } = {}) {
    const person = await Person.come(await this.#start(browser), url, stem, options);
    this.#here.push(person);
    return person;
  }

  /* ... who has registered by the form. */
  async registered(stem, options) {
    const person = await this.newcomer(stem, options);
    await person.register();
    return person;
  }

  /* Two who have found each other and look at each other's conversation. */
  async pair() {
    const [ann, ben] = await Promise.all([this.registered('ann'), this.registered('ben')]);
    await ann.find(ben.name);
    await ben.find(ann.name);
    return [ann, ben];
  }

  async clear() {
    const here = this.#here;
    this.#here = [];
    await Promise.all(here.map((person) => person.context.close()));
    assert.deepEqual(here.flatMap((person) => person.complaints), []);
  }
}

/* options: of startStack() */
export function openScene(options) {
  const scene = new Scene();
  before(() => scene.open(options));
  after(() => scene.close());
  afterEach(() => scene.clear());
  return scene;
}
