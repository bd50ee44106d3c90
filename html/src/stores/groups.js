/*
 * groups - what one does with groups. Each answer is the group as it is then;
 * an Error says in its code why not, and in its field about whom.
 */

import { applyConversation } from '../lib/chat-state.js';
import { errorText, t } from '../lib/i18n.js';
import { addressOf } from '../lib/route.js';
import { chat, nameOf } from './chat.js';
import { people } from './people.js';
import { api } from './session.js';

async function take(asked) {
  const { state } = chat;
  const conversation = await asked;
  if (chat.state === state && conversation._id) applyConversation(state, conversation);
  return conversation;
}

/* -> its id */
export async function createGroup(form) {
  const { _id } = await take(api.createGroup(form));
  return _id;
}

/* changes: {title?, avatar?, owner?} */
export const changeGroup = (id, changes) => take(api.changeGroup(id, changes));

export const addMembers = (id, userIds) => take(api.addMembers(id, userIds));

export const removeMember = (id, userId) => take(api.removeMember(id, userId));

export async function leaveGroup(id) {
  const { state } = chat;
  await api.leaveGroup(id);
  if (chat.state === state) delete state.conversations[id];
}

/* -> its id */
export async function joinGroup(code) {
  const { _id } = await take(api.join(code));
  return _id;
}

/* {address, expiresAt}; the one that there is, else one that lasts so long. */
export async function makeLink(id, expiresIn) {
  const { code, expiresAt } = await api.makeLink(id, expiresIn);
  return { address: addressOf(`#/join/${code}`), expiresAt };
}

export const revokeLink = (id) => api.revokeLink(id);

/* ---- views ----------------------------------------------------------- */

/* null: there are so many that the server names none. */
export function membersOf({ members }, me) {
  if (!members) return null;
  const rank = ({ userId, role }) => (role === 'owner' ? 0 : userId === me ? 1 : 2);
  return [...members].sort(
    (a, b) => rank(a) - rank(b) || nameOf(a.userId).localeCompare(nameOf(b.userId)),
  );
}

export const isOwner = ({ members }, me) =>
  Boolean(members?.some(({ userId, role }) => userId === me && role === 'owner'));

/* A refusal in words, and about whom. */
export function groupRefusal(error) {
  const why = errorText(error);
  return people.byId[error?.field] ? t('because', { what: nameOf(error.field), why }) : why;
}
