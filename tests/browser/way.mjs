// A way to the server, as one through a router: it may freeze, be closed, and be
// opened again at the same address.
import net from 'node:net';

export class Way {
  #pairs = new Set();
  #port = 0;
  #words = Infinity;

  /* port(): of the server now; words: when a WebSocket has said so many all is
   * frozen, as isFrozen says */
  async open(port, { words = Infinity } = {}) {
    if (this.server?.listening) return;
    this.#words = words;
    this.isFrozen = false;
    this.server = net.createServer((near) => this.#join(near, net.connect(port(), '127.0.0.1')));
    await new Promise((resolve) => { this.server.listen(this.#port, '127.0.0.1', resolve); });
    this.#port = this.server.address().port;
    this.url = `http://127.0.0.1:${this.#port}`;
  }

  #join(near, far) {
    const pair = { near, far };
    this.#pairs.add(pair);
    if (this.#words < Infinity) this.#count(near);
    near.pipe(far).pipe(near);
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
    let said = -Infinity;
    near.on('data', (data) => {
      if (/^upgrade: *websocket/im.test(data.toString('latin1'))) said = 0;
      else said += 1;
      if (said >= this.#words) this.freeze();
    });
  }

  /* Nothing passes on the connections that are there, which stay. New ones are fine. */
  freeze() {
    this.isFrozen = true;
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
