/*
 * route - the open conversation in the address, so that reload, back and
 * forward do what people expect: #/u/<user>, #/c/<conversation>, or nothing.
 */

const PATTERN = /^#\/(u|c)\/([0-9a-f]{24})$/;

export function parseRoute(hash) {
  const match = PATTERN.exec(hash);
  if (!match) return null;
  return match[1] === 'u' ? { userId: match[2] } : { conversationId: match[2] };
}

/* Back to the list: where it comes before in the history, not after it again. */
export function toList() {
  if (history.state?.listed) history.back();
  else location.hash = '#/';
}

export function routeOf(target) {
  if (!target) return '';
  return target.userId
    ? `#/u/${target.userId}`
    : `#/c/${target.conversationId}`;
}
