// A way to the server, as one through a router: it may freeze, be closed, and be
// opened again at the same address.
import net from 'node:net';

export class Way {
  #pairs = new Set();
  #port = 0;
  #slow = 0;

  /* port(): of the server now; slow: what a client says takes so many
   * milliseconds longer, each time */
  async open(port, { slow = 0 } = {}) {
    if (this.server?.listening) return;
    this.#slow = slow;
    this.server = net.createServer((near) => this.#join(near, net.connect(port(), '127.0.0.1')));
    await new Promise((resolve) => { this.server.listen(this.#port, '127.0.0.1', resolve); });
    this.#port = this.server.address().port;
    this.url = `http://127.0.0.1:${this.#port}`;
  }

  #join(near, far) {
    const pair = { near, far };
    this.#pairs.add(pair);
    if (this.#slow) this.#delay(near, far);
    else near.pipe(far);
    far.pipe(near);
    for (const end of [near, far]) {
      end.on('error', () => {});
      end.on('close', () => {
        this.#pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
  }

  #delay(near, far) {
    near.on('data', (data) => setTimeout(() => far.writable && far.write(data), this.#slow));
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
