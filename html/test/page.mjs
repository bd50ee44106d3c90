// As much of a browser as the stores ask for, where nobody looks at the page.
import 'fake-indexeddb/auto';
import { File as NodeFile } from 'node:buffer';
import { webcrypto } from 'node:crypto';
import 'vue'; // finds no document, and needs none

globalThis.crypto ??= webcrypto; // Node 18 has these, but not there
globalThis.File ??= NodeFile;

/* The clock of the page does not keep a test from its end. */
const { setInterval: every } = globalThis;
globalThis.setInterval = (...args) => every(...args).unref();

const ignored = () => {};

class Area {
  #items = new Map();
  get length() { return this.#items.size; }
  key(i) { return [...this.#items.keys()][i] ?? null; }
  getItem(name) { return this.#items.get(name) ?? null; }
  setItem(name, value) { this.#items.set(name, String(value)); }
  removeItem(name) { this.#items.delete(name); }
}

/* What one says the others hear, a moment later. */
class Channel {
  static #all = new Set();
  #name;
  constructor(name) {
    this.#name = name;
    Channel.#all.add(this);
  }
  postMessage(data) {
    for (const other of Channel.#all) {
      if (other !== this && other.#name === this.#name) setImmediate(() => other.onmessage?.({ data }));
    }
  }
  addEventListener() {}
}

Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { language: 'en', onLine: true } });
Object.assign(globalThis, {
  BroadcastChannel: Channel,
  addEventListener: ignored,
  removeEventListener: ignored,
  localStorage: new Area(),
  sessionStorage: new Area(),
  document: {
    documentElement: { dataset: {} },
    hidden: false,
    visibilityState: 'visible',
    hasFocus: () => true,
    addEventListener: ignored,
    removeEventListener: ignored,
  },
});
