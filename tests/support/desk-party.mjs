// Random acts of operators, of who writes to them, and of old line clients.
import assert from 'node:assert/strict';
import { Desk, hiding, Visitor } from './desk.mjs';
import { GuestLine } from './guest-line.mjs';
import { call } from './socket.mjs';
import { password, waitFor } from './stack.mjs';

const SERVER = '000000000000000000000001';
const LOBBY = '000000000000000000000002';
const HOUR_S = 3600;

export class DeskParty {
  constructor(stack, random, seed) {
    Object.assign(this, { stack, random, seed });
    this.count = 0;
    this.sent = []; // {by, id, place}: what its word begins with
    this.said = []; // in the lobby and between people, to be reported: {by, id}
  }

  /* boss: an operator who does nothing but know. */
  async begin(port) {
    const name = (stem) => `${stem}_${this.seed}`;
    [this.boss, ...this.ops] = await Promise.all(['boss', 'olga', 'otto'].map((one) => this.stack.operator(name(one))));
    for (const op of [this.boss, ...this.ops]) {
      op.away = new Desk(op);
      op.live = await new Desk(op).listen();
    }
    this.people = await Promise.all(['ann', 'bob', 'cat', 'dan'].map((one) => this.stack.register(name(one))));
    this.guests = await Promise.all(['zoe', 'yan'].map((one) => this.stack.guest(name(one))));
    for (const one of this.visitors) one.live = await new Visitor(one).listen();
    this.lines = ['lea', 'lou'].map((one) => new GuestLine(name(one), port, this.boss));
    for (const line of this.lines) await line.come();
  }

  get visitors() {
    return [...this.people, ...this.guests];
  }

  get all() {
    return [...this.ops, ...this.visitors];
  }

  any(list) {
    return this.random.pick(list);
  }

  word(place) {
    this.count += 1;
    return `${place}${this.count}`;
  }

  /* By REST, or by a socket. -> the message, or null where that is not allowed. */
  async write(by, body, mayFail = true) {
    const { recipient_id: to, ...rest } = body;
    const bySocket = by.live.here && this.random.chance(0.5);
    const answer = bySocket ? await call(by.live.socket, 'send-message', { ...rest, ...(to && { to }) })
      : await by.api('/api/messages', { body });
    const message = bySocket ? answer.message : answer.status === 201 && answer.body;
    assert.ok(message || mayFail, JSON.stringify(answer));
    return message ? this.keep(by, message) : null;
  }

  keep(by, message) {
    this.sent.push({ by, id: message._id, place: message.content[0] });
    return message;
  }

  actions = {
    ask: () => this.write(this.any(this.visitors), { recipient_id: SERVER, content: this.word('s') }),
    answer: async () => {
      const [op, content] = [this.any(this.ops), this.word('s')];
      const line = this.random.chance(0.4) ? this.any(this.lines) : null;
      const { id } = line ?? this.any(this.visitors);
      const support = Object.values(this.boss.live.state.conversations).find(({ otherUserId }) => otherUserId === id);
      if (support && this.random.chance(0.6)) {
        await this.write(op, { conversationId: support._id, content }, false);
      } else {
        const { status, body, text } = await op.api(`/api/operator/clients/${id}/messages`, { body: { content } });
        assert.equal(status, 201, text);
        this.keep(op, body);
      }
      line?.hear(content);
    },
    say: async () => {
      const [by, content] = [this.any(this.all), this.word('l')];
      const said = await this.write(by, { conversationId: LOBBY, content });
      if (!said) return;
      this.said.push({ by, id: said._id });
      this.lines.forEach((line) => line.hear(content));
    },
    between: async () => {
      const [by, to] = this.random.shuffle(this.people);
      const message = await this.write(by, { recipient_id: to.id, content: this.word('d') });
      if (message) this.said.push({ by, id: message._id });
    },
    edit: () => this.change(({ place }) => ({ method: 'PUT', body: { content: this.word(place) } })),
    remove: () => this.change(() => ({ method: 'DELETE' })),
    react: async () => {
      if (!this.sent.length) return;
      const body = { emoji: this.any(['👍', '❤️']), on: this.random.chance(0.7) };
      await this.may(this.any(this.all), `/api/messages/${this.any(this.sent).id}/reactions`, { method: 'PUT', body });
    },
    report: async () => {
      const me = this.any(this.visitors);
      const others = this.said.filter(({ by }) => by !== me);
      if (!others.length) return;
      const [path, body] = [`/api/messages/${this.any(others).id}/report`, { reason: this.any(['rude', '']) }];
      const { status, text } = await waitFor('the end of an erasure', async () => {
        const answer = await me.api(path, { body });
        return answer.status !== 503 && answer;
      });
      assert.ok([200, 201, 403, 404].includes(status), text);
    },
    reads: () => this.mark(this.any(this.visitors)),
    opReads: () => this.mark(this.any(this.ops)),
    opens: () => {
      const { live } = this.any(this.ops);
      return live.open(this.any(Object.keys(live.state.conversations)));
    },
    block: () => this.block('PUT'),
    unblock: () => this.block('DELETE'),
    mute: () => this.act('mute', { seconds: HOUR_S }),
    unmute: () => this.act('mute', { seconds: 0 }),
    kick: async () => {
      const who = this.any(this.people);
      await this.act('kick', {}, who);
      await this.again(who);
    },
    disable: async () => {
      const who = this.any(this.people);
      for (const verb of ['disable', 'enable']) assert.equal((await this.stack.ctl('user', verb, who.user.username)).code, 0);
      await this.again(who);
    },
    rename: async () => {
      const who = this.any(this.visitors);
      const body = this.any([{ displayName: `The ${this.word('n')}` }, { username: `${this.word('u')}_${this.seed}` },
        { statusText: this.word('t') }, { avatar: this.any(['🌳', '']) }, { hidesReceipts: this.random.chance(0.5) },
        { hidesLastSeen: this.random.chance(0.5) }]);
      const { status, body: user } = await this.may(who, '/api/users/profile', { method: 'PATCH', body });
      if (status === 200) Object.assign(who.user, user);
      if (body.hidesReceipts) hiding.add(who.id);
    },
    server: () => this.may(this.any(this.ops), '/api/operator/server', { method: 'PATCH', body: { statusText: this.word('v') } }),
    comes: async () => {
      const guest = await this.stack.guest(`${this.word('g')}_${this.seed}`);
      guest.live = await new Visitor(guest).listen();
      this.guests.push(guest);
    },
    goes: async () => {
      if (this.guests.length < 2) return;
      const who = this.any(this.guests);
      this.guests = this.guests.filter((one) => one !== who);
      if (this.random.chance(0.5)) await this.act('kick', {}, who);
      else assert.equal((await who.api('/api/auth/logout', { method: 'POST' })).status, 200);
      who.live.socket.disconnect();
    },
    /* Of who wrote nothing nobody is told that they are erased. */
    dies: async () => {
      if (this.people.length < 4) return;
      const who = this.any(this.people);
      await this.act('mute', { seconds: 0 }, who);
      await this.write(who, { recipient_id: SERVER, content: this.word('s') }, false);
      this.people = this.people.filter((one) => one !== who);
      who.live.socket.disconnect();
      assert.equal((await who.api('/api/users/me', { method: 'DELETE', body: { password } })).status, 200);
      await waitFor('they are gone', async () => (await this.boss.api(`/api/users/${who.id}`)).status === 404);
    },
    line: async () => {
      const line = this.any(this.lines);
      const way = this.random.below(10);
      if (!line.client) await line.come();
      else if (way < 3) await line.go();
      else if (way === 3) await line.turn();
      else if (way === 4) line.client.send(`/nick ${this.word('k')}\n`);
      else await this.lineSays(line);
    },
    broadcast: async () => {
      const message = this.word('b');
      for (const { live } of this.all) if (live.here) live.wanted.push(message);
      this.lines.forEach((line) => line.hear(message));
      assert.equal((await this.any(this.ops).api('/api/operator/broadcast', { body: { message } })).status, 200);
      const isTold = ({ live }) => !live.here || live.told.length === live.wanted.length;
      await waitFor('all to be told', () => this.all.every(isTold));
    },
    blink: () => this.any(this.all).live.blink(),
    sync: () => this.any(this.ops).away.sync(),
  };

  async lineSays(line) {
    const content = this.word(line.inLobby ? 'l' : 's');
    const isThere = ({ items }) => items.some((message) => message.content === content);
    line.client.send(`${content}\n`);
    await waitFor('it to be heard', () => Object.values(this.boss.live.state.conversations).some(isThere));
    if (line.inLobby) for (const other of this.lines) if (other !== line) other.hear(content);
  }

  /* What may be forbidden, or gone. */
  async may(who, path, options) {
    const answer = await who.api(path, options);
    assert.ok([200, 403, 404, 429].includes(answer.status), answer.text);
    return answer;
  }

  async change(say) {
    const sent = this.any(this.sent.filter(({ by }) => this.all.includes(by)));
    if (sent) await this.may(sent.by, `/api/messages/${sent.id}`, say(sent));
  }

  async mark(who) {
    const one = this.any(Object.values(who.live.state.conversations).filter(({ kind }) => kind !== 'lobby'));
    if (!one) return;
    const event = this.any(['read', 'received']);
    const body = { conversationId: one._id, seq: one.seq };
    if (who.live.here && this.random.chance(0.5)) await call(who.live.socket, `message-${event}`, body);
    else await this.may(who, `/api/messages/${event}`, { body });
  }

  async block(method) {
    const [who, whom] = this.random.shuffle(this.visitors);
    await this.may(who, `/api/users/${whom.id}/block`, { method });
  }

  async act(what, body, who = this.any(this.visitors)) {
    const { status, text } = await this.any(this.ops).api(`/api/operator/clients/${who.id}/${what}`, { body });
    assert.equal(status, 200, text);
  }

  /* Whose sessions have ended. */
  async again(who) {
    who.live.socket.disconnect();
    Object.assign(who, await this.stack.login(who.user.username));
    who.live = await new Visitor(who).listen();
  }
}
