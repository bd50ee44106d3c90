// One request of every operation, and one of every event, as somebody makes
// them who may: in a conversation, about a message in it that another one
// wrote. Tests make them as others, and docs/security.md says what comes of it.
import { readFileSync } from 'node:fs';
import { password } from './stack.mjs';

const DOCUMENT = new URL('../../docs/security.md', import.meta.url);
const [BEGIN, END] = ['<!-- authorization: begin -->', '<!-- authorization: end -->'];

/* [address, body] of each. Of `ids`: conversation and message, which user
 * wrote; bob, who is in it, and cat, who is not; file, of the message; session,
 * of user; client, who wrote to support; own, of who asks: {session, name}. */
const REQUESTS = {
  'POST /api/auth/register': ({ fresh }) => ['/api/auth/register', { username: fresh('reg'), password }],
  'POST /api/auth/login': ({ login }) => ['/api/auth/login', { username: login, password }],
  'POST /api/auth/guest': ({ fresh }) => ['/api/auth/guest', { username: fresh('g') }],
  'POST /api/auth/refresh': () => ['/api/auth/refresh', {}],
  'POST /api/auth/password': () => ['/api/auth/password', { password, newPassword: password }],
  'GET /api/auth/sessions': () => ['/api/auth/sessions'],
  'DELETE /api/auth/sessions/{id}': ({ session }) => [`/api/auth/sessions/${session}`],
  'GET /api/users': () => ['/api/users'],
  'GET /api/users/search': () => ['/api/users/search?q=a'],
  'GET /api/users/me': () => ['/api/users/me'],
  'GET /api/users/me/export': () => ['/api/users/me/export'],
  'PUT /api/users/profile': () => ['/api/users/profile', { statusText: 'here' }],
  'PATCH /api/users/profile': () => ['/api/users/profile', { statusText: 'there' }],
  'GET /api/users/{id}': ({ user }) => [`/api/users/${user}`],
  'GET /api/users/blocks': () => ['/api/users/blocks'],
  'PUT /api/users/{id}/block': ({ cat }) => [`/api/users/${cat}/block`, {}],
  'DELETE /api/users/{id}/block': ({ cat }) => [`/api/users/${cat}/block`],
  'POST /api/messages': ({ conversation }) => ['/api/messages', { conversationId: conversation, content: 'x' }],
  'POST /api/messages/received': ({ conversation }) => ['/api/messages/received', { conversationId: conversation, seq: 1 }],
  'POST /api/messages/read': ({ conversation }) => ['/api/messages/read', { conversationId: conversation, seq: 1 }],
  'GET /api/messages/conversations': () => ['/api/messages/conversations'],
  'GET /api/conversations': () => ['/api/conversations'],
  'GET /api/messages/conversation': ({ conversation }) => [`/api/messages/conversation?conversationId=${conversation}`],
  'GET /api/messages/search': ({ conversation }) => [`/api/messages/search?q=hers&conversationId=${conversation}`],
  'GET /api/messages/conversation/{userId}': ({ user }) => [`/api/messages/conversation/${user}`],
  'GET /api/messages/{id}': ({ user }) => [`/api/messages/${user}`],
  'GET /api/conversations/{id}': ({ conversation }) => [`/api/conversations/${conversation}`],
  'PATCH /api/conversations/{id}/own': ({ conversation }) => [`/api/conversations/${conversation}/own`, { mutedUntil: 'forever' }],
  'POST /api/sync': () => ['/api/sync', {}],
  'GET /api/files/{id}': ({ file }) => [`/api/files/${file}`],
  'POST /api/files': () => ['/api/files?name=a.txt', Buffer.from('mine')],
  'POST /api/messages/{id}/read': ({ message }) => [`/api/messages/${message}/read`],
  'PUT /api/messages/{id}/reactions': ({ message }) => [`/api/messages/${message}/reactions`, { emoji: '\u{1f44d}', on: true }],
  'POST /api/messages/{id}/report': ({ message }) => [`/api/messages/${message}/report`, {}],
  'PUT /api/messages/{id}': ({ message }) => [`/api/messages/${message}`, { content: 'x' }],
  'DELETE /api/messages/{id}': ({ message }) => [`/api/messages/${message}`],
  'POST /api/conversations': ({ bob }) => ['/api/conversations', { title: 'x', members: [bob] }],
  'PATCH /api/conversations/{id}': ({ conversation }) => [`/api/conversations/${conversation}`, { title: 'x' }],
  'GET /api/conversations/{id}/files': ({ conversation }) => [`/api/conversations/${conversation}/files`],
  'GET /api/conversations/{id}/members': ({ conversation }) => [`/api/conversations/${conversation}/members`],
  'POST /api/conversations/{id}/members': ({ conversation, cat }) => [`/api/conversations/${conversation}/members`, { userId: cat }],
  'DELETE /api/conversations/{id}/members/{userId}': ({ conversation, bob }) => [`/api/conversations/${conversation}/members/${bob}`],
  'POST /api/conversations/{id}/link': ({ conversation }) => [`/api/conversations/${conversation}/link`, {}],
  'DELETE /api/conversations/{id}/link': ({ conversation }) => [`/api/conversations/${conversation}/link`],
  'POST /api/join': ({ code }) => ['/api/join', { code }],
  'GET /api/operator/clients': () => ['/api/operator/clients'],
  'GET /api/operator/clients/{id}/messages': ({ client }) => [`/api/operator/clients/${client}/messages`],
  'POST /api/operator/clients/{id}/messages': ({ client }) => [`/api/operator/clients/${client}/messages`, { content: 'x' }],
  'POST /api/operator/clients/{id}/kick': ({ client }) => [`/api/operator/clients/${client}/kick`, {}],
  'POST /api/operator/clients/{id}/mute': ({ client }) => [`/api/operator/clients/${client}/mute`, { seconds: 0 }],
  'POST /api/operator/users/{id}/unlock': ({ user }) => [`/api/operator/users/${user}/unlock`, {}],
  'POST /api/operator/broadcast': () => ['/api/operator/broadcast', { message: 'x' }],
  'GET /api/metrics': () => ['/api/metrics'],
  'GET /api/operator/figures': () => ['/api/operator/figures'],
  'GET /api/operator/server': () => ['/api/operator/server'],
  'PATCH /api/operator/server': () => ['/api/operator/server', { statusText: 'x' }],
  'GET /api/operator/blocks': () => ['/api/operator/blocks'],
  'POST /api/operator/blocks': () => ['/api/operator/blocks', { address: '192.0.2.1', seconds: 60 }],
  'DELETE /api/operator/blocks/{address}': () => ['/api/operator/blocks/192.0.2.1'],
  'GET /api/operator/reports': () => ['/api/operator/reports'],
  'GET /api/operator/audit': () => ['/api/operator/audit'],
  'GET /api/health': () => ['/api/health'],
  'GET /api/openapi.json': () => ['/api/openapi.json'],
  /* after these one is not there any more */
  'DELETE /api/conversations/{id}/members': ({ conversation }) => [`/api/conversations/${conversation}/members`],
  'POST /api/auth/logout': () => ['/api/auth/logout', {}],
  'DELETE /api/auth/sessions': () => ['/api/auth/sessions'],
  'DELETE /api/users/me': () => ['/api/users/me', { password }],
};
export const requested = Object.keys(REQUESTS);

/* {method, target, body} of an operation. */
export function requestOf(operation, ids) {
  const [target, body] = REQUESTS[operation](ids);
  return { method: operation.split(' ')[0], target, body };
}

/* What each event that a client sends says. */
export const SAID = {
  'send-message': ({ conversation }) => ({ conversationId: conversation, content: 'x' }),
  send_message: () => ({ message: 'help' }), // of one's own
  'message-received': ({ conversation }) => ({ conversationId: conversation, seq: 1 }),
  'message-read': ({ conversation }) => ({ conversationId: conversation, seq: 1 }),
  typing: ({ conversation }) => ({ conversationId: conversation }),
  'typing-stopped': ({ conversation }) => ({ conversationId: conversation }),
  'watch-presence': ({ user }) => ({ ids: [user] }),
  'list-clients': () => ({}),
  renew: ({ token }) => ({ token }),
  broadcast: () => ({ message: 'x' }),
};

/* ---- the table in docs/security.md ---- */

export const document = () => readFileSync(DOCUMENT, 'utf8');

/* [what is before it, the table, what is behind it] */
export function documentParts(text = document()) {
  const [begin, end] = [text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)];
  return [text.slice(0, begin), text.slice(begin, end), text.slice(end)];
}
export const DOCUMENT_PATH = DOCUMENT;

/* What comes of it when a role asks so: 'yes', or the code. */
export function cellOf(what, role) {
  const rows = documentParts()[1].trim().split('\n').map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim().replaceAll('`', '')));
  return rows.find(([name]) => name === what)?.[rows[0].indexOf(role)];
}
