// People of whom some have the replaced MEVN chat's client on a device, some the
// page, whatever they do by the ways of either: what an old client holds is what it
// would read anew, and that is what the page has of the same. PALABRE_SEED=N tries
// others.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as pointers from '../../html/src/lib/chat-pointers.js';
import * as states from '../../html/src/lib/chat-state.js';
import { NewDevice, OldDevice } from '../support/devices.mjs';
import { Party } from '../support/mevn-party.mjs';
import { Page } from '../support/page.mjs';
import { randomFrom } from '../support/random.mjs';
import { settles } from '../support/settles.mjs';
import { startStack } from '../support/stack.mjs';

const ACTIONS = 120;
const SEED = Number(process.env.PALABRE_SEED ?? 1);
let stack;

before(async () => {
  // Who types stops for a reason, or never.
  stack = await startStack({ set: { presence_grace_ms: 200, typing_stop_ms: 60000, socket_rate: 1000, socket_burst: 1000 } });
});
after(() => stack.stop());

const without = ({ status, ...message }) => message;

/* The list of the old client is the page's. */
async function assertSameList(party, person) {
  const page = new Page(person);
  await page.sync();
  const { body: rows } = await person.api('/api/messages/conversations');
  assert.deepEqual((await person.api('/api/conversations')).body, rows);
  assert.equal(rows.length, Object.keys(page.state.conversations).length);
  for (const { _id, otherUser, unread, lastMessage } of rows) {
    const held = page.state.conversations[_id];
    assert.deepEqual([otherUser._id, unread, without(lastMessage)], [held.otherUserId, pointers.unreadOf(held), without(held.lastMessage)]);
  }
  for (const device of person.devices) await device.assertPage?.(page, (id) => !party.strained.has(`${person.id} ${id}`));
}

/* So are its pages, which mark all as read. */
async function assertSameMessages(party, person) {
  const page = new Page(person);
  await page.sync();
  for (const held of Object.values(page.state.conversations)) {
    const items = [];
    for (let n = 1, last; n === 1 || last.length; n += 1) {
      last = (await person.api(`/api/messages/${n % 2 ? 'conversation/' : ''}${held.otherUserId}?page=${n}&limit=7`)).body.items;
      items.unshift(...last.toReversed());
    }
    const shown = held.items.filter((item) => !states.isHidden(item));
    const ticks = (item) => (item.sender === person.id && item.recipient !== person.id ? pointers.statusOf(held, item) : 'read');
    const ownNotes = held.otherUserId === person.id;
    assert.deepEqual(items.map((item) => ({ ...item, ...(ownNotes && { status: 'read' }) })), shown.map((item) => ({ ...item, status: ticks(item) })));
    for (const device of person.devices.filter(({ client }) => client)) {
      await settles(() => device.assertThread(held.otherUserId, items, (id) => party.changed.has(id), !party.strained.has(`${person.id} ${held.otherUserId}`)));
    }
  }
}

async function assertDevices(party) {
  for (const person of party.people) {
    for (const device of person.devices) {
      await settles(async () => {
        device.assertHeard();
        device.assertQuiet();
        await device.assertList?.(party.people.map(({ id }) => id));
      });
    }
  }
}

async function run(seed) {
  const random = randomFrom(seed);
  const party = new Party(stack, random);
  const kinds = { ann: [OldDevice, OldDevice], bob: [OldDevice, NewDevice], cat: [NewDevice, OldDevice], dan: [NewDevice, NewDevice] };
  for (const [name, devices] of Object.entries(kinds)) await party.add(`${name}_${seed}`, devices);
  const names = [...Object.keys(party.actions), 'send', 'send', 'send', 'send', 'type'];
  for (let i = 0; i < ACTIONS; i += 1) {
    if (random.chance(0.2)) await party.lone[random.pick(Object.keys(party.lone))](random.pick(party.people));
    else await Promise.all(random.shuffle(party.people).slice(random.below(3) + 1).map((me) => party.actions[random.pick(names)](me)));
  }
  for (const me of party.people) await party.stopTyping(me);
  await assertDevices(party);
  for (const person of party.people) await settles(() => assertSameList(party, person));
  for (const person of party.people) {
    party.readOn(person);
    await assertSameMessages(party, person);
  }
  await assertDevices(party);
  for (const { devices } of party.people) for (const { socket } of devices) socket.disconnect();
}

for (let n = 0; n < 3; n += 1) {
  test(`old clients and pages of the same people come to the same (seed ${SEED + n})`, () => run(SEED + n));
}
