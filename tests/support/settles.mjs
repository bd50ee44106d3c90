// What is promised to come, in a moment: read marks, which go out once a second,
// lists of who is here, the end of an erasure.
import { setTimeout as sleep } from 'node:timers/promises';
import { share } from './stack.mjs';

export async function settles(hold, ms = 10000 * Math.max(1, share() / 4)) {
  const until = Date.now() + ms;
  for (;;) {
    try {
      return await hold();
    } catch (error) {
      if (Date.now() > until) throw error;
      await sleep(50);
    }
  }
}
