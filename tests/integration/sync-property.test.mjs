// Whatever people do to each other, and whenever a page was away: it comes to
// what a fresh one shows. The pages are those of html/, without their views.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as syncs from '../../html/src/lib/chat-sync.js';
import { withoutReactionsOf } from '../../html/src/lib/reactions.js';
import { Page } from '../support/page.mjs';
import { randomFrom } from '../support/random.mjs';
import { settles } from '../support/settles.mjs';
import { password, startStack, waitFor } from '../support/stack.mjs';

const ACTIONS = 250;
const TOGETHER = [1, 1, 4]; // so many at once, by seed
/* PALABRE_SEED=N tries others. */
const SEED = Number(process.env.PALABRE_SEED ?? 1);
let stack;

before(async () => {
  stack = await startStack();
});
after(() => stack.stop());

/* Of a direct conversation where somebody blocked the other what one reacted with
 * oneself may be in no event that goes to both. */
const told = (shown, me) => ({
  ...shown,
  items: shown.of !== 'direct' ? shown.items
    : shown.items.map((item) => ({ ...item, reactions: withoutReactionsOf(item.reactions, me) })),
});

/* Items that one was shown once and sees no more are no matter, nor are earlier
 * ones that a page has not looked at; what it holds goes up to the end. */
function assertSame(page, fresh, what) {
  assert.deepEqual(Object.keys(page.state.conversations).sort(), Object.keys(fresh.state.conversations).sort(), what);
  for (const [id, { items }] of Object.entries(fresh.state.conversations)) {
    const held = page.state.conversations[id];
    const from = Math.max(items[0]?.seq ?? 0, held.items[0]?.seq ?? held.seq + 1);
    assert.deepEqual(told(page.shown(id, from), page.state.me), told(fresh.shown(id, from), page.state.me), `${what}, ${id}`);
    assert.equal(syncs.hasHoles(page.state), false, what);
  }
}

/* ---- people ---- */

class Party {
  constructor(random, people) {
    this.random = random;
    this.people = people;
    this.groups = [];
    this.sent = []; // {by, id}
  }

  other(than) {
    return this.random.pick(this.people.filter((one) => one !== than));
  }

  note(by, answer, allowed) {
    assert.ok(answer.status === 201 || allowed.includes(answer.status), `${answer.status}: ${answer.text}`);
    if (answer.status === 201 && answer.body.seq) this.sent.push({ by, id: answer.body._id });
  }

  actions = {
    direct: async (me) => {
      const body = { recipient_id: this.other(me).id, content: `d${this.random.below(1000)}` };
      this.note(me, await me.api('/api/messages', { body }), [403]);
    },
    group: async (me) => {
      const conversationId = this.random.pick(this.groups);
      const of = this.random.pick(this.people);
      if (!conversationId) return;
      const mentions = this.random.chance(0.5) ? [{ userId: of.id, start: 3, length: 5 }] : [];
      this.note(me, await me.api('/api/messages', { body: { conversationId, content: '🌳 @them, hello', mentions } }), [404, 409, 400]);
    },
    edit: (me) => this.change(me, { method: 'PUT', body: { content: `edited ${this.random.below(1000)}` } }),
    remove: (me) => this.change(me, { method: 'DELETE' }),
    react: async (me) => {
      if (!this.sent.length) return;
      const body = { emoji: this.random.pick(['👍', '❤️', '😂']), on: this.random.chance(0.7) };
      const { status, text } = await me.api(`/api/messages/${this.random.pick(this.sent).id}/reactions`, { method: 'PUT', body });
      assert.ok([200, 403, 404].includes(status), text);
    },
    make: async (me) => {
      if (this.groups.length >= 3) return;
      const { status, body } = await me.api('/api/conversations', { body: { title: 'g', members: [] } });
      assert.equal(status, 201);
      this.groups.push(body._id);
    },
    add: (me) => this.act(me, (id) => [`${id}/members`, 'POST', { userId: this.other(me).id }]),
    expel: (me) => this.act(me, (id) => [`${id}/members/${this.other(me).id}`, 'DELETE']),
    leave: (me) => this.act(me, (id) => [`${id}/members/me`, 'DELETE']),
    title: (me) => this.act(me, (id) => [id, 'PATCH', { title: `t${this.random.below(100)}` }]),
    picture: (me) => this.act(me, (id) => [id, 'PATCH', { avatar: this.random.pick(['🌳', '']) }]),
    handOver: (me) => this.act(me, (id) => [id, 'PATCH', { owner: this.other(me).id }]),
    invite: async (me) => {
      const id = this.random.pick(this.groups);
      const link = id && await me.api(`/api/conversations/${id}/link`, { body: {} });
      if (link?.status !== 200) return;
      const { status, text } = await this.other(me).api('/api/join', { body: { code: link.body.code } });
      assert.equal(status, 200, text);
    },
    report: async (me) => {
      const others = this.sent.filter(({ by }) => by !== me);
      if (!others.length) return;
      const reason = this.random.pick(['rude', '']);
      const path = `/api/messages/${this.random.pick(others).id}/report`;
      const { status, text } = await waitFor('the end of an erasure', async () => {
        const answer = await me.api(path, { body: { reason } });
        return answer.status !== 503 && answer;
      });
      assert.ok([200, 201, 403, 404, 429].includes(status), text);
    },
    block: (me) => me.api(`/api/users/${this.other(me).id}/block`, { method: 'PUT' }),
    unblock: (me) => me.api(`/api/users/${this.other(me).id}/block`, { method: 'DELETE' }),
    note: async (me) => this.note(me, await me.api('/api/messages', { body: { recipient_id: me.id, content: `n${this.random.below(100)}` } })),
    own: async (me) => {
      const rows = (await me.api('/api/conversations?limit=3')).body;
      if (!rows.length) return;
      const body = this.random.pick([
        { mutedUntil: 'forever' }, { mutedUntil: null }, { pinned: true }, { pinned: false }, { archived: true }, { archived: false },
        { markedUnread: true }, { markedUnread: false }, { draft: { content: `d${this.random.below(100)}` } }, { draft: null },
      ]);
      const { status, text } = await me.api(`/api/conversations/${this.random.pick(rows)._id}/own`, { method: 'PATCH', body });
      assert.ok([200, 404, 409].includes(status), text);
    },
    read: async (me) => {
      const [row] = (await me.api('/api/conversations?limit=1')).body;
      if (row) await me.api('/api/messages/read', { body: { conversationId: row._id, seq: row.lastSeq } });
    },
    sync: (me) => me.away.sync(),
  };

  async change(me, options) {
    const own = this.sent.filter(({ by }) => by === me);
    if (!own.length) return;
    const { status } = await me.api(`/api/messages/${this.random.pick(own).id}`, options);
    assert.ok([200, 403, 404].includes(status), `${status}`);
  }

  async act(me, say) {
    const id = this.random.pick(this.groups);
    if (!id) return;
    const [path, method, body] = say(id);
    const { status, text } = await me.api(`/api/conversations/${path}`, { method, body });
    assert.ok([200, 403, 404].includes(status), text);
  }

  async goes(me) {
    me.live.socket.disconnect();
    assert.equal((await me.api('/api/users/me', { method: 'DELETE', body: { password } })).status, 200);
    this.people = this.people.filter((one) => one !== me);
    await waitFor('they are gone', async () => (await this.people[0].api(`/api/users/${me.id}`)).status === 404);
  }
}

/* Messages are most of what happens. */
const OFTEN = ['direct', 'direct', 'react', 'react', 'react', 'group', 'group', 'group', 'add', 'add', 'add', 'leave'];

async function run(seed, together) {
  const random = randomFrom(seed);
  const people = await Promise.all(['ann', 'bob', 'cat', 'dan', 'eve'].map(async (name) => {
    const person = await stack.register(`${name}_${seed}`);
    person.away = new Page(person);
    person.live = await new Page(person).listen();
    return person;
  }));
  const party = new Party(random, people);
  const names = [...Object.keys(party.actions), ...OFTEN];
  const act = () => party.actions[random.pick(names)](random.pick(party.people));
  for (let i = 0; i < ACTIONS; i += together) {
    if (i === 120 || i === 200) await party.goes(random.pick(party.people));
    else await Promise.all(Array.from({ length: together }, act));
  }
  for (const person of party.people) {
    const who = `seed ${seed}, ${person.user.username}`;
    await settles(async () => {
      const fresh = new Page(person);
      await fresh.sync();
      await person.away.sync();
      assertSame(person.away, fresh, `${who}, away`);
      if (syncs.hasHoles(person.live.state)) await person.live.sync();
      assertSame(person.live, fresh, `${who}, live`);
    });
    person.live.socket.disconnect();
  }
  const { code, stdout } = await stack.ctl('verify');
  assert.equal(code, 0, stdout);
}

TOGETHER.forEach((together, n) => {
  test(`pages of people who come, go, block, change and erase come to what a fresh one shows (seed ${SEED + n})`,
    () => run(SEED + n, together));
});
