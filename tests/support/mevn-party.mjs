// People of whom some have the replaced MEVN chat's client on a device, some the
// page, and what they do to each other by the ways of either.
import assert from 'node:assert/strict';
import { settles } from './settles.mjs';
import { waitFor } from './stack.mjs';

const NOBODY = '0190000000000000000000b2';
const WAYS = ['old', 'new', 'to', 'conversation'];
const REFUSED = [
  { content: '' }, { content: ' \n' }, { content: 'x'.repeat(5001) }, { content: 7 }, {}, { content: 'x', clientId: 'y'.repeat(65) },
  { content: 'x', clientId: 7 }, { content: 'x', replyTo: NOBODY }, { content: 'x', replyTo: 'x' }, { content: 'x', attachment: NOBODY },
];

export class Party {
  people = [];
  log = []; // messages: {id, by, to, asked, hidden, place: {conversationId, seq}}
  changed = new Set();
  deleted = new Set();
  blocks = new Set(); // `${who} ${whom}`
  strained = new Set(); // of a pair: one blocked the other once

  constructor(stack, random) {
    Object.assign(this, { stack, random });
  }

  async add(name, kinds) {
    const person = await this.stack.register(name);
    const expected = () => this.log.filter(({ by, to, hidden }) => by === person || (to === person && !hidden)).map(({ id }) => id);
    person.devices = await Promise.all(kinds.map(async (Kind) => {
      const { token, user } = await this.stack.login(name);
      return new Kind(this.stack.url, { token, user }, expected, person);
    }));
    for (const device of person.devices) await device.arrive();
    this.people.push(person);
  }

  other(than) {
    return this.random.pick(this.people.filter((one) => one !== than));
  }

  own(me, wanted = () => true) {
    return this.random.pick(this.log.filter((one) => one.by === me && wanted(one)));
  }

  blocking(who, whom) {
    return this.blocks.has(`${who.id} ${whom.id}`);
  }

  /* What was read on a device is known there alone. */
  readOn(me, device) {
    for (const one of me.devices) one.exact &&= one === device;
  }

  note(me, asked, message) {
    const { _id: id, conversationId, seq } = message;
    this.log.push({ id, by: me, to: asked.to, asked, hidden: this.blocking(asked.to, me), place: { conversationId, seq } });
    this.readOn(me);
    const looking = asked.to.devices.find(({ client }) => client?.open === me.id);
    if (looking) this.readOn(asked.to, looking);
  }

  /* A conversation has an id once there is a message. */
  where(me, to, name) {
    const known = this.log.find((one) => one.by === me && one.to === to);
    return known ? { conversationId: known.place.conversationId } : { [name]: to.id };
  }

  /* {message, duplicate?} or {error}, the same by whichever way */
  async say(me, way, { to, body }) {
    const device = this.random.pick(me.devices);
    if (way === 'to' || way === 'conversation') {
      const place = way === 'to' ? { to: to.id } : this.where(me, to, 'to');
      const { ok, id, ...answer } = await device.call('send-message', { ...place, ...body });
      assert.deepEqual([ok, id], [!answer.error, answer.message?._id]);
      return answer;
    }
    const place = way === 'old' ? { recipient_id: to.id } : this.where(me, to, 'recipient_id');
    const { status, body: { error, duplicate, ...message } } = await me.api('/api/messages', { body: { ...place, ...body } });
    if (error) return { error: { ...error, ...(error.field === 'recipient_id' && { field: 'to' }) } };
    assert.equal(status, duplicate ? 200 : 201);
    device.keep?.(message);
    return duplicate ? { message, duplicate } : { message };
  }

  actions = {
    send: async (me) => {
      const to = this.random.chance(0.1) ? me : this.other(me);
      const clientId = this.random.chance(0.7) ? `${me.id}-${this.random.below(1e9)}` : undefined;
      const asked = { to, body: { content: `m${this.random.below(1000)}`, ...(clientId && { clientId }) } };
      const { message, duplicate, error } = await this.say(me, this.random.pick(WAYS), asked);
      assert.deepEqual([error?.code, duplicate], [this.blocking(me, to) ? 'blocking' : undefined, undefined]);
      if (message) this.note(me, asked, message);
    },
    /* ... once or twice, and waits for no answer. */
    tell: async (me) => {
      const asked = { to: this.other(me), body: { content: 'told', clientId: `${me.id}-${this.random.below(1e9)}` } };
      if (this.blocking(me, asked.to)) return;
      const { socket } = this.random.pick(me.devices);
      let heard;
      socket.on('message:new', (message) => { if (message.clientId === asked.body.clientId) heard = message; });
      for (let i = this.random.below(2); i >= 0; i -= 1) socket.emit('send-message', { to: asked.to.id, ...asked.body });
      await waitFor('what was told', () => heard);
      this.note(me, asked, heard);
    },
    again: async (me) => {
      const known = this.own(me, ({ asked }) => asked.body.clientId);
      if (!known) return;
      const [one, two] = this.random.shuffle(WAYS);
      const first = await this.say(me, one, known.asked);
      const second = await this.say(me, two, known.asked);
      if (first.message) first.message.status = second.message.status; // it may be read meanwhile
      assert.deepEqual(second, first);
      if (first.error) assert.equal(first.error.code, 'blocking');
      else assert.deepEqual([first.message._id, first.duplicate], [known.id, true]);
    },
    refused: async (me) => {
      const known = this.own(me, ({ asked }) => asked.body.clientId);
      const other = { to: known?.to, body: { content: 'another', clientId: known?.asked.body.clientId } };
      const asked = known && this.random.chance(0.3) ? other
        : { to: this.random.pick([this.other(me), { id: NOBODY }, { id: 'x' }, { id: '' }]), body: this.random.pick(REFUSED) };
      const { error } = await this.say(me, 'old', asked);
      assert.ok(error, JSON.stringify(asked.body));
      assert.deepEqual((await this.say(me, 'to', asked)).error, error);
    },
    edit: (me) => this.change(me, 'PUT', this.random.pick([{}, { content: `e${this.random.below(1000)}` }])),
    remove: (me) => this.change(me, 'DELETE'),
    read: async (me) => {
      const known = this.random.pick(this.log.filter(({ to, by, hidden }) => to === me && by !== me && !hidden));
      if (!known) return;
      this.readOn(me);
      const { id, place } = known;
      const device = this.random.pick(me.devices);
      await this.random.pick([
        async () => assert.equal((await me.api(`/api/messages/${id}/read`, { method: 'POST' })).body.status, 'read'),
        async () => assert.equal((await me.api('/api/messages/read', { body: place })).status, 200),
        async () => assert.deepEqual(await device.call('message-read', { [this.random.pick(['id', 'messageId'])]: id }), { ok: true }),
        async () => assert.deepEqual(await device.call('message-read', place), { ok: true }),
        async () => assert.deepEqual(await device.call('message-received', place), { ok: true }),
        () => device.socket.emit('message-read', { messageId: id }),
      ])();
    },
    type: async (me) =>
      assert.deepEqual(await this.random.pick(me.devices).call('typing', this.where(me, this.other(me), 'to')), { ok: true }),
  };

  /* These are alone at what they do. */
  lone = {
    show: async (me) => {
      const device = this.random.pick(me.devices);
      if (!device.client) return;
      this.readOn(me, device);
      await device.show(this.other(me).id);
    },
    reconnect: async (me) => {
      const device = this.random.pick(me.devices);
      await settles(() => device.assertHeard());
      device.socket.disconnect();
      await device.arrive();
    },
    block: (me) => this.setBlock(me, this.other(me), true),
    unblock: (me) => this.setBlock(me, this.random.pick(this.people.filter((one) => this.blocking(me, one))), false),
  };

  async setBlock(me, whom, on) {
    if (!whom) return;
    assert.equal((await me.api(`/api/users/${whom.id}/block`, { method: on ? 'PUT' : 'DELETE' })).status, 200);
    this.blocks[on ? 'add' : 'delete'](`${me.id} ${whom.id}`);
    this.strained.add(`${me.id} ${whom.id}`).add(`${whom.id} ${me.id}`);
  }

  async change(me, method, body) {
    const known = this.own(me);
    if (!known) return;
    const { id, to } = known;
    this.changed.add(id);
    const { status, text } = await me.api(`/api/messages/${id}`, { method, body });
    assert.ok(status === 200 || (status === 403 && (this.blocking(me, to) || this.deleted.has(id))), text);
    if (method === 'DELETE') this.deleted.add(id);
  }

  /* Whoever types sends it, says so, or goes. */
  async stopTyping(me) {
    const [going, ...staying] = this.random.chance(0.3) ? me.devices : [null, ...me.devices];
    going?.socket.disconnect();
    for (const to of this.people.filter((one) => one !== me)) {
      const asked = { to, body: { content: 'typed' } };
      const { message } = this.random.chance(0.5) ? await this.say({ ...me, devices: staying }, this.random.pick(WAYS), asked) : {};
      if (message) this.note(me, asked, message);
      else await staying[0].call('typing-stopped', { to: to.id });
    }
    await going?.arrive();
  }
}
