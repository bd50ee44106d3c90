// A way to the server, as one through a router: it may freeze, be closed, and be
// opened again at the same address.
import net from 'node:net';

export class Way {
  #pairs = new Set();
  #port = 0;
  #words = Infinity;
  #said = 0;

  /* port(): of the server now; words: when clients have said so many, in a
   * WebSocket or as messages over REST, nothing passes any more: isShut */
  async open(port, { words = Infinity } = {}) {
    if (this.server?.listening) return;
    this.#words = words;
    this.#said = 0;
    this.isShut = false;
    this.server = net.createServer((near) => this.#join(near, net.connect(port(), '127.0.0.1')));
    await new Promise((resolve) => { this.server.listen(this.#port, '127.0.0.1', resolve); });
    this.#port = this.server.address().port;
    this.url = `http://127.0.0.1:${this.#port}`;
  }

  #join(near, far) {
    const pair = { near, far };
    this.#pairs.add(pair);
    if (this.#words < Infinity) this.#count(near);
    if (!this.isShut) near.pipe(far).pipe(near);
    for (const end of [near, far]) {
      end.on('error', () => {});
      end.on('close', () => {
        this.#pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
  }

  #count(near) {
    let isSocket = false;
    near.on('data', (data) => {
      const text = data.toString('latin1');
      if (isSocket || text.startsWith('POST /api/messages ')) this.#said += 1;
      isSocket ||= /^upgrade: *websocket/im.test(text);
      if (this.#said < this.#words) return;
      this.isShut = true;
      this.freeze();
    });
  }

  /* Nothing passes on the connections that are there, which stay. New ones are fine. */
  freeze() {
    for (const { near, far } of this.#pairs) {
      near.unpipe(far).pause();
      far.unpipe(near).pause();
    }
  }

  close() {
    for (const { near, far } of this.#pairs) {
      near.destroy();
      far.destroy();
    }
    return new Promise((resolve) => { this.server.close(resolve); });
  }
}
