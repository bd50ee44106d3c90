// Kills parts (-9) by pid, in rounds of every kind once.
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../support/stack.mjs';

const VICTIMS = {
  worker: (stack, random) => random.pick(stack.workers('palabre-api')),
  keeper: (stack) => stack.keeper(),
  supervisor: (stack) => stack.pid('palabre-api'),
  daemon: (stack) => stack.pid('palabre-pushd'),
  'nginx master': (stack) => stack.pid('nginx'),
  'nginx worker': (stack, random) => random.pick(stack.workers('nginx')),
};

export class Killer {
  constructor(stack, kinds, random, load) {
    Object.assign(this, { stack, kinds, random, load });
    this.kills = Object.fromEntries(kinds.map((kind) => [kind, { all: 0, underWay: 0 }]));
    this.stopped = false;
  }

  /* A slow machine needs longer for its work, but not more kills. */
  async run(pauseMs, rounds = 10) {
    for (let round = 0; round < rounds && !this.stopped; round += 1) {
      for (const kind of this.random.shuffle(this.kinds)) {
        await sleep(pauseMs / 2 + this.random.below(pauseMs));
        // The worst moment is sought, but not for ever.
        for (let n = 0; n < 200 && this.load.underWay === 0; n += 1) await sleep(1);
        if (this.stopped) return;
        await this.kill(kind);
        await this.recover();
      }
    }
  }

  async kill(kind) {
    const pid = VICTIMS[kind](this.stack, this.random);
    const { underWay } = this.load;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      return; // it is down already
    }
    this.kills[kind].all += 1;
    if (underWay > 0) this.kills[kind].underWay += 1;
  }

  /* Who kills what is down already proves nothing. */
  async recover() {
    await waitFor('everything is up again', async () => {
      const { body } = await this.stack.api('/api/health').catch(() => ({}));
      return body?.status === 'ok' && body.push === 'up';
    }, 15000, 150);
  }
}
