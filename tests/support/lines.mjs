// Clients of the old line protocol: the two original programs, as models that
// break as these do (line-client.py), and a bare connection.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { waitFor } from './stack.mjs';

const program = fileURLToPath(new URL('line-client.py', import.meta.url));
const clients = new Set();

/* Those that a test leaves behind. */
export function endLineClients() {
  for (const client of clients) client.end();
}

class Model {
  constructor(kind, port) {
    this.child = spawn('python3', [program, kind, String(port)], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.events = [];
    this.errors = '';
    this.child.stderr.setEncoding('utf8').on('data', (text) => { this.errors += text; });
    this.child.stdin.on('error', () => {}); // it has ended
    createInterface({ input: this.child.stdout }).on('line', (line) => this.events.push(JSON.parse(line)));
    clients.add(this);
  }

  command(...words) {
    this.child.stdin.write(`${JSON.stringify(words)}\n`);
  }

  say(text) {
    this.command('say', text);
  }

  /* Every text that it has shown. */
  get shown() {
    return this.events.filter(([what]) => what === 'shown').map(([, text]) => text);
  }

  has(what) {
    return this.events.some(([event]) => event === what);
  }

  /* Until it has shown that, a text or an expression. */
  async shows(wanted, ms) {
    const fits = (text) => (typeof wanted === 'string' ? text === wanted : wanted.test(text));
    await waitFor(`${wanted} to be shown`, () => {
      assert.equal(this.errors, '');
      return this.shown.some(fits);
    }, ms).catch((error) => {
      throw new Error(`${error.message}\n${JSON.stringify(this.events)}\n${this.errors}`);
    });
  }

  end() {
    clients.delete(this);
    this.child.kill('SIGKILL');
  }
}

export const terminalClient = (port) => new Model('terminal', port);

/* The page's: its own name, and what it shows of the banner left out. */
export function webClient(port, name) {
  const client = new Model('web', port);
  client.command('connect', name);
  return client;
}

/* {socket, text, lines, ended}; what it sends is sent as it is; over TLS where
 * options have a `ca`. */
export async function lineConnection(port, first, options = {}) {
  const way = options.ca ? tls : net;
  const socket = way.connect({ port, host: '127.0.0.1', noDelay: true, servername: '', ...options });
  const client = {
    socket,
    text: '',
    ended: false,
    get lines() {
      return this.text.split('\n').filter((line) => line !== '');
    },
    send: (data) => socket.write(data),
    says: (wanted, ms) => waitFor(`${wanted} in ${JSON.stringify(client.text)}`, () =>
      (typeof wanted === 'string' ? client.lines.includes(wanted) : wanted.test(client.text)), ms),
    end: () => socket.destroy(),
  };
  socket.setEncoding('utf8');
  socket.on('data', (text) => { client.text += text; });
  socket.on('error', () => {});
  socket.on('close', () => { client.ended = true; });
  clients.add(client);
  await once(socket, options.ca ? 'secureConnect' : 'connect');
  if (first !== undefined) socket.write(first);
  return client;
}

export const BANNER = ['__SERVER_NAME__:Serveur', '__SERVER_STATUS__:Disponible', '__SERVER_AVATAR__:🙂'];
