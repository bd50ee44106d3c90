// A backup is put back while clients hold later messages: they come to the
// restored state by themselves, and nothing that is written from then on, under
// the same numbers, is taken for what was lost.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { Page } from '../support/page.mjs';
import { processes, startStack, temporaryDirectory, waitFor } from '../support/stack.mjs';

const folder = temporaryDirectory();
after(() => rmSync(folder, { recursive: true, force: true }));

/* The texts of the only conversation, in the page and for who comes fresh. */
const held = (page) => Object.values(page.state.conversations)
  .flatMap(({ items }) => items.map(({ content }) => content));

async function write(from, to, content) {
  const { status, body, text } = await from.api('/api/messages', { body: { recipient_id: to.id, content } });
  assert.equal(status, 201, text);
  return body;
}

/* Why a socket that comes back by itself is not let in. */
function refusal(socket) {
  return new Promise((resolve) => {
    socket.on('connect_error', ({ data }) => {
      if (data?.code !== undefined && data.code !== 'unavailable') resolve(data.code);
      else if (!socket.active) setTimeout(() => socket.connect(), 100).unref(); // refused for now
    });
  });
}

const lives = (pid) => processes().some((one) => one.pid === pid);

/* palabre-api alone is stopped, as `systemctl stop palabre-api` does: ./run,
 * which would start it again, is held meanwhile. */
async function withoutApi(stack, act) {
  const api = stack.pid('palabre-api');
  process.kill(stack.run.child.pid, 'SIGSTOP');
  try {
    process.kill(api, 'SIGTERM');
    await waitFor('palabre-api has ended', () => !lives(api));
    await act();
  } finally {
    process.kill(stack.run.child.pid, 'SIGCONT');
  }
  await waitFor('palabre-api is back', async () =>
    (await stack.api('/api/health').catch(() => ({}))).status === 200, 30000);
}

/* All of it, as for an upgrade. */
async function withoutAll(stack, act) {
  stack.run.child.kill('SIGTERM');
  await stack.run.ended;
  await act();
  return startStack({ dir: stack.dir, port: stack.port });
}

for (const [what, pause] of [['palabre-api alone', withoutApi], ['everything', withoutAll]]) {
  test(`with ${what} stopped for it`, async () => {
    let stack = await startStack();
    try {
      const copy = path.join(folder, `copy-${what.length}`);
      const [ann, bob] = [await stack.register('ann'), await stack.register('bob')];
      await write(ann, bob, 'kept');
      assert.equal((await stack.ctl('backup', copy)).code, 0);
      const eve = await stack.register('eve');
      const refused = refusal(await eve.connect(Page.LASTING));
      const page = await new Page(bob).stay();
      for (const text of ['lost 1', 'lost 2', 'lost 3']) await write(ann, bob, text);
      await waitFor('bob has them', () => held(page).length === 4);
      const { epoch } = page.state;

      const restored = await pause(stack, async () => {
        const { code, stderr } = await stack.ctl('restore', copy);
        assert.equal(code, 0, stderr);
      });
      if (restored !== undefined) stack = restored;
      const again = stack.person({ token: ann.token, user: ann.user });
      await waitFor('bob is where the copy is', () => page.state.epoch !== epoch
        && JSON.stringify(held(page)) === '["kept"]', 30000);
      assert.equal(await refused, 'session_expired', 'eve came after the copy');

      /* The numbers of what was lost. */
      const sent = [];
      for (const text of ['new 1', 'new 2', 'new 3', 'new 4']) sent.push(await write(again, bob, text));
      assert.deepEqual(sent.map(({ seq }) => seq), [2, 3, 4, 5]);
      await waitFor('bob has what is new', () => held(page).length === 5, 30000)
        .catch((error) => assert.fail(`${error.message}: ${held(page)}`));
      assert.deepEqual(held(page), ['kept', 'new 1', 'new 2', 'new 3', 'new 4']);
      const fresh = new Page(stack.person({ token: bob.token, user: bob.user }));
      await fresh.sync();
      assert.deepEqual(held(page), held(fresh));
      assert.equal(page.state.epoch, fresh.state.epoch);
      page.socket.disconnect();
    } finally {
      await stack.stop();
    }
  });
}
