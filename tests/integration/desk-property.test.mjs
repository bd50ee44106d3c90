// Whatever people, guests and old line clients write to the server and in the
// lobby, and operators do to them: every page comes to what a fresh one shows,
// and every line is told what there is for it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as syncs from '../../html/src/lib/chat-sync.js';
import { Desk, Visitor } from '../support/desk.mjs';
import { DeskParty } from '../support/desk-party.mjs';
import { endLineClients } from '../support/lines.mjs';
import { randomFrom } from '../support/random.mjs';
import { settles } from '../support/settles.mjs';
import { freePort, startStack } from '../support/stack.mjs';

const ACTIONS = 100;
/* PALABRE_SEED=N tries others. */
const SEED = Number(process.env.PALABRE_SEED ?? 1);
/* What happens most. */
const OFTEN = ['ask', 'ask', 'answer', 'answer', 'answer', 'say', 'say', 'line', 'line', 'reads', 'opReads', 'opReads', 'opens'];
let stack, port;

before(async () => {
  port = await freePort();
  stack = await startStack({ set: { lobby: 'on', line_port: port, socket_rate: 100000, socket_burst: 100000 } });
});
after(() => {
  endLineClients();
  return stack.stop();
});

/* A guest who went meanwhile has on a page the face that they had. */
function facesOf(page, fresh) {
  const isGone = ([id, { title }]) => title && fresh.faces[id]?.username === undefined;
  return Object.fromEntries(Object.entries(page.faces).map(([id, face]) => [id, isGone([id, face]) ? face.title : face]));
}

/* What a page holds goes up to the end, and begins where it has looked. */
function assertSame(page, fresh, what) {
  assert.deepEqual(Object.keys(page.state.conversations).sort(), Object.keys(fresh.state.conversations).sort(), what);
  for (const [id, { items }] of Object.entries(fresh.state.conversations)) {
    const held = page.state.conversations[id];
    const from = Math.max(items[0]?.seq ?? 0, held.items[0]?.seq ?? held.seq + 1);
    assert.deepEqual(page.shown(id, from), fresh.shown(id, from), `${what}, ${id}`);
  }
  assert.equal(syncs.hasHoles(page.state), false, what);
  assert.deepEqual(facesOf(page, fresh), facesOf(fresh, fresh), what);
  assert.deepEqual(page.told, page.wanted, what);
}

async function comesTo(page, fresh, what) {
  if (syncs.hasHoles(page.state)) await page.sync();
  await settles(() => assertSame(page, fresh, what));
}

async function assertDesk(op, what) {
  const fresh = await new Desk(op).listen();
  for (const id of Object.keys(fresh.state.conversations)) await fresh.open(id);
  await op.away.sync();
  await op.away.load();
  await comesTo(op.away, fresh, `${what}, away`);
  await comesTo(op.live, fresh, `${what}, live`);
  await settles(() => assert.deepEqual(op.live.present, fresh.present, what));
  fresh.socket.disconnect();
}

async function assertVisitor(who, what) {
  const fresh = new Visitor(who);
  await fresh.sync();
  await fresh.load();
  await comesTo(who.live, fresh, what);
}

async function run(seed) {
  const party = new DeskParty(stack, randomFrom(seed), seed);
  await party.begin(port);
  const names = [...Object.keys(party.actions), ...OFTEN];
  for (let i = 0; i < ACTIONS; i += 1) await party.actions[party.random.pick(names)]();
  for (const line of party.lines) if (line.client) await line.go();
  for (const { live } of party.all) if (!live.here) await live.blink();
  for (const op of party.ops) await assertDesk(op, `seed ${seed}, ${op.user.username}`);
  for (const who of party.visitors) await assertVisitor(who, `seed ${seed}, ${who.user.username}`);
  const { code, stdout } = await stack.ctl('verify');
  assert.equal(code, 0, stdout);
  for (const { live } of [party.boss, ...party.all]) live.socket.disconnect();
}

for (let n = 0; n < 3; n += 1) {
  test(`pages of operators and of who writes to them, and lines, come to what there is (seed ${SEED + n})`, () => run(SEED + n));
}
