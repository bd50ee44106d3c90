// The wire of the MEVN chat that Palabre replaces, as its clients speak it:
// {row: [what it promises]}. Every promise is quoted by a case; see
// wire.test.mjs. A row that is none yet is in `later`.

const rest = {
  'every request': [
    'carries Content-Type: application/json and Authorization: Bearer, GET and DELETE too',
    'names an id of 24 hex digits, and an unknown one is 404',
    'that is refused says why in error.message, else error, else message',
  ],
  'a message': [
    'has _id, sender, recipient, content, createdAt, status, edited, deleted, clientId',
    'names its sender and recipient by plain ids',
    'goes from sent to received to read',
  ],
  'POST /api/auth/register {email, username, password, avatar?}': [
    '201 {token, user}; user has _id, email, username, avatar, status, createdAt, lastSeen',
    '400 when something is missing or wrong',
    '409 when the name or the email is taken',
  ],
  'POST /api/auth/login {email, password}': [
    '200 {token, user}; user.status is online',
    '401 otherwise',
  ],
  'POST /api/auth/logout': ['200 {message}'],
  'GET /api/users?page=&limit=': [
    '{page, limit, total, items: [{_id, username, avatar, status, lastSeen}]}',
    'online first, then by name',
    'limit at most 100',
  ],
  'GET /api/users/:id': [
    '{_id, username, avatar, status, lastSeen}',
    '404 when there is nobody',
  ],
  'GET /api/users/search?q= or query=': [
    'array of the same: part of a name, in any case',
    'at most 20',
    'an empty q finds nobody',
  ],
  'PUT /api/users/profile {username?, avatar?}': [
    'the profile, as it is now',
    '400 or 422 for a name shorter than 3',
  ],
  'POST /api/messages {recipient_id, content, clientId?}': [
    '201 the message',
    '400 without recipient_id',
    '404 for an unknown recipient',
  ],
  'GET /api/messages/:userId?page=&limit=': [
    '{page, limit, items}, newest first',
    'limit 30 unless asked for, at most 100',
    'what the other wrote becomes read',
  ],
  'GET /api/messages/conversation/:userId?page=&limit=': ['the same'],
  'GET /api/messages/conversations and GET /api/conversations': [
    'array of {otherUser: {_id, username, avatar, status, lastSeen}, lastMessage, unread}',
    'newest first',
  ],
  'GET /api/messages/conversations': ['an otherUser also where it is the server, a group, or somebody who is gone'],
  'PUT /api/messages/:id {content?}': [
    '200 the message, edited',
    'edited is true even without content',
    '403 or 404 for others',
  ],
  'DELETE /api/messages/:id': [
    '200 {message}; the row stays, deleted',
    '403 or 404 for others',
  ],
  'POST /api/messages/:id/read': [
    '200 the message, status read',
    'recipient only',
  ],
  'OPTIONS anywhere': ['200 or 204'],
};

const sockets = {
  connecting: [
    'over websocket, and over polling, with credentials, from the origin of the client',
    'with auth: {token}',
    'with ?token=',
    'with a token that is refused: connect_error Unauthorized',
  ],
  'client: send-message {to, content}': [
    'acknowledged {ok: true, id}',
    'acknowledged {ok: false, error}, an object of code and message',
    'and POST of the same text with the same clientId make one message',
  ],
  'client: message-read {messageId}': ['acknowledged {ok}', '{id} does the same'],
  'client: typing {to}': [
    'acknowledged {ok}',
    'the server sends the stop itself 3 s after the last one',
  ],
  'server: message:new': [
    'the whole message, to every socket of both sides',
    'with clientId when it came by REST',
  ],
  'server: message:read': ['{messageId}, also as _id and id'],
  'server: typing, typing-stopped': ['{from}'],
  'server: user-status': ['{userId, status, lastSeen}, to everyone'],
  'server: user-online, user-offline': ['{userId}, and {userId, lastSeen}, to everyone'],
};

const whole = {
  'the client as it was': [
    'signs up, lists people, chats both ways, shows typing, presence and unread, pages back',
    'keeps {token, user} and is signed in after a reload',
  ],
  'settings operators know': [
    'PORT', 'MONGODB_URI', 'JWT_SECRET', 'CLIENT_ORIGIN', 'VITE_API_BASE', 'VITE_WS_BASE',
  ],
};

// Of the Flask system's facts what concerns two people who talk.
const flask = {
  'a message of the Flask system': ['has at most 5000 characters'],
  'send_message {message}': ['from a web client'],
  broadcast_message: ['to the clients concerned'],
  clients_update: ['when someone comes or goes'],
  system_message: ['for information'],
  'the server\'s own name, status and avatar': ['clients hear of it when they change'],
};

export const rows = { ...rest, ...sockets, ...whole, ...flask };

/* Of the Flask system, {row: why no case quotes it here} */
export const later = {
  'selectClient(id), loadClientConversation(id)': 'are of the supervision page',
  'data-theme, kept in localStorage': 'is of the page: tests/browser/messenger.test.mjs',
};
