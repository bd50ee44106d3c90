/*
 * route - what is open is in the address, so that reload, back and forward do
 * what people expect: #/u/<user> or #/c/<conversation>, /about behind it for
 * what is known of it, #/join/<code> for an invitation, or nothing.
 */

import { reactive } from 'vue';

const PATTERN = /^#\/(u|c)\/([0-9a-f]{24})(\/about)?$/;
const INVITATION = /^#\/join\/([\w-]{1,32})$/;

export function parseRoute(hash) {
  const [, kind, id, about] = PATTERN.exec(hash) ?? [];
  const target = kind ? (kind === 'u' ? { userId: id } : { conversationId: id }) : null;
  return { target, about: Boolean(about), invitation: INVITATION.exec(hash)?.[1] ?? '' };
}

export function routeOf(target, about = false) {
  if (!target) return '';
  const path = target.userId ? `#/u/${target.userId}` : `#/c/${target.conversationId}`;
  return about ? `${path}/about` : path;
}

/* The address of the page, with this behind it. */
export const addressOf = (hash) => `${location.href.split('#')[0]}${hash}`;

/* What is open now. */
export const route = reactive({ target: null, about: false, invitation: '' });

/* As the address says; called when nobody else says that it has changed. */
export function follow() {
  const next = parseRoute(location.hash);
  if (routeOf(next.target) === routeOf(route.target)) next.target = route.target;
  Object.assign(route, next);
}

/* What was opened from something that was open goes back to it: see toList. */
export function followMoves() {
  follow();
  addEventListener('hashchange', () => {
    const { target, about } = route;
    follow();
    const state = {};
    if (route.target && !target) state.listed = true;
    if (route.about && !about && route.target && route.target === target) state.inner = true;
    if (Object.keys(state).length) history.replaceState({ ...history.state, ...state }, '');
  });
}

/* Back to the list: where it comes before in the history, not after it again. */
export function toList() {
  if (history.state?.listed) history.back();
  else location.hash = '#/';
}

/* From what is known of a conversation back to it. */
export function toTalk() {
  if (history.state?.inner) history.back();
  else location.replace(routeOf(route.target));
}

/* To something else, from what has the way back for itself. */
export function leaveFor(target) {
  if (history.state?.dialog) location.replace(routeOf(target));
  else location.hash = routeOf(target);
}
