// A model of the MEVN chat's Vue client. It reads the fields it was written
// to read and no other, knows neither seq nor sync, and treats a field that
// is missing as the bug it would have been there.
import { io } from 'socket.io-client';
import { watchSocket } from '../support/description.mjs';
import { request } from '../support/http.mjs';

const USER = ['_id', 'username', 'avatar', 'status', 'lastSeen'];
const MESSAGE = ['_id', 'sender', 'recipient', 'content', 'createdAt', 'status', 'edited', 'deleted'];
const ID = /^[0-9a-f]{24}$/;

/* Only these fields of it. */
function read(value, names) {
  return Object.fromEntries(names.map((name) => {
    if (value?.[name] === undefined) throw new Error(`${name} is missing in ${JSON.stringify(value)}`);
    return [name, value[name]];
  }));
}

export function readUser(user, more = []) {
  const seen = read(user, [...USER, ...more]);
  if (!ID.test(seen._id)) throw new Error(`not an id: ${seen._id}`);
  if (!['online', 'offline'].includes(seen.status)) throw new Error(`status ${seen.status}`);
  if (Number.isNaN(Date.parse(seen.lastSeen))) throw new Error(`lastSeen ${seen.lastSeen}`);
  return seen;
}

export function readMessage(message) {
  const seen = { ...read(message, MESSAGE), clientId: message.clientId };
  for (const name of ['_id', 'sender', 'recipient']) {
    if (!ID.test(seen[name])) throw new Error(`${name} is not an id: ${seen[name]}`);
  }
  if (!['sent', 'received', 'read'].includes(seen.status)) throw new Error(`status ${seen.status}`);
  if (Number.isNaN(Date.parse(seen.createdAt))) throw new Error(`createdAt ${seen.createdAt}`);
  return seen;
}

/* What it shows of a refusal. */
export function errorText(body) {
  return body?.error?.message ?? body?.error ?? body?.message;
}

export class Refused extends Error {
  constructor(status, body) {
    super(errorText(body));
    this.status = status;
  }
}

export class MevnClient {
  /* storage stands for localStorage: who has another's is signed in. */
  constructor(url, storage = new Map()) {
    this.url = url;
    this.storage = storage;
    this.threads = new Map(); // of the other's id: messages by id, oldest first
    this.status = new Map(); // of a user's id
    this.unread = new Map(); // of the other's id
    this.typing = new Set(); // who is
    this.open = undefined; // whose conversation it shows
  }

  get signedIn() {
    return JSON.parse(this.storage.get('auth') ?? 'null');
  }

  get id() {
    return this.signedIn.user._id;
  }

  /* ---- REST ---- */

  async ask(method, path, body) {
    const { token } = this.signedIn ?? {};
    const answer = await request(this.url + path,
      { method, token, body, headers: { 'Content-Type': 'application/json' } });
    if (answer.status >= 400) throw new Refused(answer.status, answer.body);
    return { status: answer.status, body: answer.body };
  }

  async enter(path, body) {
    const { status, body: answer } = await this.ask('POST', path, body);
    const { token, user } = read(answer, ['token', 'user']);
    const kept = readUser(user, ['email', 'createdAt']);
    this.storage.set('auth', JSON.stringify({ token, user: kept }));
    return { status, token, user: kept };
  }

  register(who) {
    return this.enter('/api/auth/register', who);
  }

  login(email, password) {
    return this.enter('/api/auth/login', { email, password });
  }

  async logout() {
    const { status, body } = await this.ask('POST', '/api/auth/logout');
    this.storage.delete('auth');
    return { status, ...read(body, ['message']) };
  }

  async users(page = 1, limit = 100) {
    const { body } = await this.ask('GET', `/api/users?page=${page}&limit=${limit}`);
    const seen = read(body, ['page', 'limit', 'total', 'items']);
    seen.items = seen.items.map((user) => readUser(user));
    for (const user of seen.items) this.status.set(user._id, user.status);
    return seen;
  }

  async user(id) {
    return readUser((await this.ask('GET', `/api/users/${id}`)).body);
  }

  async search(text, name = 'q') {
    const { body } = await this.ask('GET', `/api/users/search?${name}=${encodeURIComponent(text)}`);
    return body.map((user) => readUser(user));
  }

  async profile(changes) {
    return readUser((await this.ask('PUT', '/api/users/profile', changes)).body);
  }

  async send(to, content, clientId) {
    const { status, body } = await this.ask('POST', '/api/messages',
      { recipient_id: to, content, ...(clientId && { clientId }) });
    return { status, message: this.keep(readMessage(body)) };
  }

  async page(userId, page, limit, path = '/api/messages') {
    const query = [page && `page=${page}`, limit && `limit=${limit}`].filter(Boolean).join('&');
    const { body } = await this.ask('GET', `${path}/${userId}?${query}`);
    const seen = read(body, ['page', 'limit', 'items']);
    seen.items = seen.items.map((message) => readMessage(message));
    return seen;
  }

  /* As choosing somebody in its list does. */
  async show(userId) {
    const { items } = await this.page(userId, 1, 30);
    this.threads.set(userId, new Map(items.reverse().map((message) => [message._id, message])));
    this.unread.set(userId, 0);
    this.open = userId;
  }

  /* As scrolling up does; false: there is nothing older. */
  async older(userId) {
    const shown = this.threads.get(userId);
    const { items } = await this.page(userId, Math.floor(shown.size / 30) + 1, 30);
    const more = items.reverse().filter(({ _id }) => !shown.has(_id));
    this.threads.set(userId, new Map([...more.map((one) => [one._id, one]), ...shown]));
    return more.length > 0;
  }

  async conversations(path = '/api/messages/conversations') {
    const { body } = await this.ask('GET', path);
    const seen = body.map((conversation) => {
      const { otherUser, lastMessage, unread } = read(conversation, ['otherUser', 'lastMessage', 'unread']);
      return { otherUser: readUser(otherUser), lastMessage: readMessage(lastMessage), unread };
    });
    for (const { otherUser, unread } of seen) this.unread.set(otherUser._id, unread);
    return seen;
  }

  async edit(id, body) {
    const answer = await this.ask('PUT', `/api/messages/${id}`, body);
    return { status: answer.status, message: this.keep(readMessage(answer.body)) };
  }

  async remove(id) {
    const { status, body } = await this.ask('DELETE', `/api/messages/${id}`);
    return { status, ...read(body, ['message']) };
  }

  async markRead(id) {
    const { status, body } = await this.ask('POST', `/api/messages/${id}/read`);
    return { status, message: this.keep(readMessage(body)) };
  }

  /* ---- what it shows ---- */

  keep(message) {
    const other = message.sender === this.id ? message.recipient : message.sender;
    const thread = this.threads.get(other) ?? new Map();
    this.threads.set(other, thread.set(message._id, { ...thread.get(message._id), ...message }));
    return message;
  }

  shows(userId) {
    return [...(this.threads.get(userId)?.values() ?? [])].map(({ content }) => content);
  }

  find(id) {
    for (const thread of this.threads.values()) {
      if (thread.has(id)) return thread.get(id);
    }
    return undefined;
  }

  /* ---- Socket.IO ---- */

  connect(options = {}) {
    const socket = io(this.url, {
      transports: ['websocket', 'polling'],
      withCredentials: true,
      auth: { token: this.signedIn?.token },
      forceNew: true,
      ...options,
    });
    watchSocket(socket);
    this.listen(socket);
    this.socket = socket;
    return new Promise((resolve, reject) => {
      socket.once('connect', () => resolve(socket));
      socket.once('connect_error', (error) => {
        socket.disconnect();
        reject(error);
      });
    });
  }

  listen(socket) {
    socket.on('message:new', (message) => this.heard(readMessage(message)));
    socket.on('message:read', (data) => {
      const message = this.find(read(data, ['messageId']).messageId);
      if (message) message.status = 'read';
    });
    socket.on('typing', (data) => this.typing.add(read(data, ['from']).from));
    socket.on('typing-stopped', (data) => this.typing.delete(read(data, ['from']).from));
    socket.on('user-status', (data) => {
      const { userId, status } = read(data, ['userId', 'status', 'lastSeen']);
      this.status.set(userId, status);
    });
    socket.on('user-online', (data) => this.status.set(read(data, ['userId']).userId, 'online'));
    socket.on('user-offline', (data) =>
      this.status.set(read(data, ['userId', 'lastSeen']).userId, 'offline'));
  }

  heard(message) {
    const known = this.find(message._id) !== undefined;
    this.keep(message);
    this.typing.delete(message.sender);
    if (known || message.sender === this.id) return;
    if (message.sender === this.open) this.socket.emit('message-read', { messageId: message._id });
    else this.unread.set(message.sender, (this.unread.get(message.sender) ?? 0) + 1);
  }

  /* Its acknowledgement. */
  emit(event, data) {
    return new Promise((resolve, reject) => {
      this.socket.timeout(5000).emit(event, data, (error, answer) =>
        (error ? reject(error) : resolve(answer)));
    });
  }

  close() {
    this.socket?.disconnect();
  }
}
