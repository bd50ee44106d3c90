// Random acts of people, guests and operators at two servers.
import { password } from './stack.mjs';

const NOBODY = '0123456789abcdef01234567';
const SERVER = '000000000000000000000001';
const LOBBY = '000000000000000000000002';
const WORDS = ['zebra', 'Éléphant', 'the cat', 'naïve café', '🌳 tree', 'ZEBRA crossing', 'elephant', 'x'];
const EMOJI = ['👍', '❤️', '😂', '🌳', 'x', ''];

export class TwinParty {
  people = [];
  ops = [];
  sent = []; // {id, by, conversationId}
  groups = [];
  codes = [];
  files = [];
  synced = new Map(); // person -> what they said to know

  constructor(twins, random) {
    this.twins = twins;
    this.random = random;
    this.count = 0;
  }

  async come() {
    for (const name of ['ann', 'bob', 'cat', 'dan']) this.people.push(await this.register(name));
    for (const name of ['olga', 'otto']) {
      const op = await this.register(name);
      await this.twins.ctl('user', 'role', name, 'operator');
      await this.signIn(op);
      this.ops.push(op);
    }
  }

  async register(name) {
    const { answer, tokens } = await this.twins.enter('/api/auth/register', { username: name, password });
    return { name, id: answer.user._id, tokens };
  }

  /* Who is disabled, or a guest, stays outside. */
  async signIn(me) {
    if (me.guest) {
      this.people = this.people.filter((one) => one !== me);
      return;
    }
    const { status, tokens } = await this.twins.enter('/api/auth/login', { username: me.name, password });
    if (status === 200) me.tokens = tokens;
  }

  get all() { return [...this.people, ...this.ops]; }

  any(list) { return this.random.pick(list); }

  other(me) { return this.any(this.all.filter((one) => one !== me)); }

  word() { return this.any(WORDS) + (this.random.chance(0.5) ? ` ${this.random.below(100)}` : ''); }

  user(me) {
    return this.random.chance(0.9) ? this.other(me).id : this.any([me.id, NOBODY, SERVER, 'x']);
  }

  message() { return this.sent.length && this.random.chance(0.95) ? this.any(this.sent).id : this.any([NOBODY, 'x']); }

  own(me) { return this.random.pick(this.sent.filter(({ by }) => by === me))?.id ?? NOBODY; }

  place() {
    const known = [...new Set([...this.groups, ...this.sent.map(({ conversationId }) => conversationId)])];
    return known.length && this.random.chance(0.95) ? this.any(known) : this.any([NOBODY, 'x']);
  }

  group() { return this.groups.length && this.random.chance(0.9) ? this.any(this.groups) : this.place(); }

  number() { return this.any(['', '0', '1', '2', '3', '5', '20', '100', '101', '-1', 'x']); }

  query(names) {
    const parts = [];
    for (const [name, value] of Object.entries(names))
      if (value !== undefined && value !== '' && this.random.chance(0.6)) parts.push(`${name}=${encodeURIComponent(value)}`);
    return parts.length ? `?${parts.join('&')}` : '';
  }

  async ask(me, ...words) {
    const answer = await this.twins.ask(me, ...words);
    if (answer.status === 401) await this.signIn(me);
    return answer;
  }

  note(me, { status, body }) {
    if (status !== 201) return;
    this.sent.push({ id: body._id, by: me, conversationId: body.conversationId });
  }

  body(me) {
    const body = { content: this.word() };
    if (this.random.chance(0.2)) body.replyTo = this.message();
    if (this.random.chance(0.3)) body.clientId = `c${this.random.below(40)}`;
    if (this.random.chance(0.2)) body.mentions = [{ userId: this.user(me), start: 0, length: 1 }];
    if (this.files.length && this.random.chance(0.2)) {
      body.attachment = { _id: this.any(this.files) };
      if (this.random.chance(0.5)) body.content = '';
    }
    return body;
  }

  async say(me, where) {
    this.note(me, await this.ask(me, '/api/messages', { body: { ...this.body(me), ...where } }));
  }

  acts = {
    direct: (me) => this.say(me, { recipient_id: this.user(me) }),
    said: (me) => this.say(me, { conversationId: this.place() }),
    support: (me) => this.say(me, { recipient_id: SERVER }),
    lobby: (me) => this.say(me, { conversationId: LOBBY }),
    edit: (me) => this.ask(me, `/api/messages/${this.message()}`, { method: 'PUT', body: { content: this.word() } }),
    editOwn: (me) => this.ask(me, `/api/messages/${this.own(me)}`, { method: 'PUT', body: { content: this.word() } }),
    remove: (me) => this.ask(me, `/api/messages/${this.random.chance(0.7) ? this.own(me) : this.message()}`, { method: 'DELETE' }),
    react: (me) => this.ask(me, `/api/messages/${this.message()}/reactions`,
      { method: 'PUT', body: { emoji: this.any(EMOJI), on: this.random.chance(0.7) } }),
    report: (me) => this.ask(me, `/api/messages/${this.message()}/report`, { body: { reason: this.any(['rude', '', undefined]) } }),
    readOne: (me) => this.ask(me, `/api/messages/${this.message()}/read`, { method: 'POST' }),
    read: (me) => this.ask(me, `/api/messages/${this.any(['read', 'received'])}`,
      { body: { conversationId: this.place(), seq: this.any([0, 1, 2, 3, 5, 100]) } }),
    make: async (me) => {
      const members = [...new Set([this.user(me), this.user(me)])];
      const { status, body } = await this.ask(me, '/api/conversations', { body: { title: this.word(), members } });
      if (status === 201) this.groups.push(body._id);
    },
    change: (me) => this.ask(me, `/api/conversations/${this.group()}`, { method: 'PATCH',
      body: this.any([{ title: this.word() }, { avatar: '🌳' }, { owner: this.user(me) }, { title: '' }]) }),
    add: (me) => this.ask(me, `/api/conversations/${this.group()}/members`,
      { body: this.random.chance(0.5) ? { userId: this.user(me) } : { userIds: [...new Set([this.user(me), this.user(me)])] } }),
    leave: (me) => this.ask(me, `/api/conversations/${this.group()}/members/me`, { method: 'DELETE' }),
    expel: (me) => this.ask(me, `/api/conversations/${this.group()}/members/${this.user(me)}`, { method: 'DELETE' }),
    link: async (me) => {
      const { status, body } = await this.ask(me, `/api/conversations/${this.group()}/link`, { body: {} });
      if (status === 200 || status === 201) this.codes.push(body.code);
    },
    unlink: (me) => this.ask(me, `/api/conversations/${this.group()}/link`, { method: 'DELETE' }),
    join: (me) => this.ask(me, '/api/join', { body: { code: this.random.chance(0.9) ? this.any(this.codes) : 'A'.repeat(22) } }),
    own: (me) => this.ask(me, `/api/conversations/${this.place()}/own`, { method: 'PATCH', body: this.any([
      { mutedUntil: 'forever' }, { mutedUntil: null }, { pinned: true }, { pinned: false }, { archived: true }, { archived: false },
      { markedUnread: true }, { markedUnread: false }, { draft: { content: this.word() } }, { draft: null },
      { draft: { content: this.word(), replyTo: this.message() } },
    ]) }),
    block: (me) => this.ask(me, `/api/users/${this.user(me)}/block`, { method: 'PUT' }),
    unblock: (me) => this.ask(me, `/api/users/${this.user(me)}/block`, { method: 'DELETE' }),
    profile: (me) => this.ask(me, '/api/users/profile', { method: 'PATCH', body: this.any([
      { displayName: this.word() }, { displayName: '' }, { statusText: this.word() }, { avatar: '🌳' }, { contactsAdd: this.random.chance(0.5) },
      { hidesLastSeen: this.random.chance(0.5) }, { hidesReceipts: this.random.chance(0.5) },
      { email: `${me.name}@example.org`, password }, { username: this.other(me).name },
    ]) }),
    upload: async (me) => {
      const { status, body } = await this.ask(me, `/api/files?name=${encodeURIComponent(this.any(['a.txt', 'é.bin']))}`,
        { body: new TextEncoder().encode(`file ${this.random.below(20)}`), headers: { 'Content-Type': 'text/plain' } });
      if (status === 201) this.files.push(body._id ?? body.id);
    },
    fetch: (me) => this.ask(me, `/api/files/${this.files.length ? this.any(this.files) : NOBODY}`),
    list: (me) => this.ask(me, `/api/conversations${this.query({ limit: this.number(), before: this.place() })}`),
    history: (me) => this.ask(me, `/api/messages/conversation${this.query({ with: this.random.chance(0.3) ? this.user(me) : '',
      conversationId: this.place(), before: this.number(), after: this.random.chance(0.3) ? this.number() : '',
      at: this.random.chance(0.2) ? this.number() : '', limit: this.number() })}`),
    page: (me) => this.ask(me, `/api/messages/${this.random.chance(0.5) ? this.user(me) : this.place()}${this.query({ page: this.number(), limit: this.number() })}`),
    members: (me) => this.ask(me, `/api/conversations/${this.group()}/members${this.query({ limit: this.number(), q: this.any(['a', 'bob', '']), after: this.user(me) })}`),
    shown: (me) => this.ask(me, `/api/conversations/${this.place()}/files${this.query({ limit: this.number(), before: this.number() })}`),
    search: (me) => this.ask(me, `/api/messages/search${this.query({ q: this.any([this.word(), 'zeb', 'elephant', 'cafe', 'a']),
      conversationId: this.random.chance(0.3) ? this.place() : '', from: this.random.chance(0.3) ? this.user(me) : '',
      before: this.random.chance(0.2) ? this.message() : '', limit: this.number() })}`),
    people: (me) => this.ask(me, `/api/users${this.any(['', '/search'])}${this.query({ q: this.any(['a', 'ann', 'zebra', 'ele', 'é']),
      page: this.number(), limit: this.number() })}`),
    person: (me) => this.ask(me, `/api/users/${this.user(me)}`),
    sync: (me) => this.sync(me),
    sessions: (me) => this.ask(me, '/api/auth/sessions'),
    guest: async () => {
      if (this.people.length > 6) return;
      this.count += 1;
      const name = `gus${this.count}`;
      const { status, answer, tokens } = await this.twins.enter('/api/auth/guest', { username: name });
      if (status === 201) this.people.push({ name, id: answer.user._id, tokens, guest: true });
    },
    clients: () => this.operate(`/api/operator/clients${this.query({ limit: this.number(), before: this.message() })}`),
    client: (me) => this.operate(`/api/operator/clients/${this.user(me)}/messages${this.query({ before: this.number(), limit: this.number() })}`),
    answer: async (me) => this.note(this.ops[0], await this.operate(`/api/operator/clients/${this.user(me)}/messages`, { body: { content: this.word() } })),
    mute: (me) => this.operate(`/api/operator/clients/${this.user(me)}/mute`, { body: { seconds: this.any([0, 1000, 0]) } }),
    reports: () => this.operate(`/api/operator/reports${this.query({ limit: this.number(), before: this.message() })}`),
    audit: () => this.operate(`/api/operator/audit${this.query({ limit: this.number() })}`),
    server: () => this.operate('/api/operator/server', { method: 'PATCH', body: { statusText: this.word() } }),
    broadcast: () => this.operate('/api/operator/broadcast', { body: { message: this.word() } }),
    disable: async (me) => {
      await this.twins.ctl('user', 'disable', me.name);
      await this.acts[this.any(Object.keys(this.acts).filter((name) => name !== 'disable'))](this.other(me));
      await this.twins.ctl('user', 'enable', me.name);
    },
    role: (me) => !this.ops.includes(me) && this.twins.ctl('user', 'role', me.name, this.any(['operator', 'user', 'user'])),
    kick: (me) => this.operate(`/api/operator/clients/${this.user(me)}/kick`, { method: 'POST' }),
    signIn: (me) => this.signIn(me),
    logout: async (me) => {
      await this.ask(me, '/api/auth/logout', { body: { all: this.random.chance(0.5) } });
      await this.signIn(me);
    },
    refresh: (me) => this.ask(me, '/api/auth/refresh', { method: 'POST' }),
    verify: () => this.twins.ctl('verify'),
    users: () => this.twins.ctl('user', 'list'),
    show: (me) => this.twins.ctl('user', 'show', me.name),
    unlock: (me) => this.operate(`/api/operator/users/${this.user(me)}/unlock`, { method: 'POST' }),
  };

  operate(...words) { return this.ask(this.any(this.random.chance(0.9) ? this.ops : this.people), ...words); }

  async sync(me) {
    const { epoch, conversations } = this.synced.get(me) ?? {};
    const { status, body } = await this.ask(me, '/api/sync', { body: { epoch, conversations } });
    if (status !== 200 || this.random.chance(0.3)) return;
    const known = { ...conversations };
    for (const { _id, lastSeq, lastChange } of body.new) known[_id] = { seq: lastSeq, change: lastChange };
    for (const { conversationId: id, seq } of body.messages) known[id] = { ...known[id], seq };
    for (const { conversationId: id, change } of body.changes) known[id] = { ...known[id], change };
    for (const id of [...body.gone, ...body.reset]) delete known[id];
    this.synced.set(me, { epoch: body.epoch, conversations: known });
  }

  /* Not of who is in several groups: which they leave first is nobody's matter. */
  async erase() {
    const me = this.any(this.people);
    if (this.people.length < 3) return;
    const { body } = await this.ask(me, '/api/conversations?limit=100');
    if (!Array.isArray(body) || body.filter(({ kind }) => kind === 'group').length > 1) return;
    const { status } = await this.ask(me, '/api/users/me', { method: 'DELETE', body: me.guest ? {} : { password } });
    if (status !== 200) return;
    this.people = this.people.filter((one) => one !== me);
    await this.ask(this.ops[0], '/api/users/me'); // so that they are signed in
    await this.twins.settle(this.ops[0], `/api/users/${me.id}`, 404);
  }

  async act() {
    const names = Object.keys(this.acts);
    const often = ['direct', 'said', 'said', 'direct', 'make', 'add', 'react', 'editOwn', 'read', 'support'];
    if (this.random.chance(0.015)) return this.erase();
    return this.acts[this.random.pick([...names, ...often])](this.any(this.all));
  }

  async lookAtAll() {
    for (const me of this.all) {
      await this.ask(me, '/api/users/me');
      const { body } = await this.ask(me, '/api/conversations?limit=100');
      for (const { _id } of Array.isArray(body) ? body : []) {
        await this.ask(me, `/api/conversations/${_id}`);
        await this.ask(me, `/api/messages/conversation?conversationId=${_id}&limit=100`);
        await this.ask(me, `/api/conversations/${_id}/members`);
        await this.ask(me, `/api/conversations/${_id}/files`);
      }
      await this.ask(me, '/api/sync', { body: {} });
      await this.ask(me, '/api/users/blocks');
      await this.ask(me, '/api/auth/sessions');
      for (const word of ['zebra', 'elephant', 'cafe', 'tree']) await this.ask(me, `/api/messages/search?q=${word}&limit=50`);
      await this.ask(me, '/api/users?limit=50');
    }
    for (const what of ['clients', 'reports', 'audit', 'server', 'blocks']) await this.ask(this.ops[0], `/api/operator/${what}`);
  }
}
