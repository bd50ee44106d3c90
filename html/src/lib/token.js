/*
 * token - when a token is to be swapped for a fresh one. Its life is told by
 * its own claims, its age by this machine's clock since it came: so no clock
 * needs to be right.
 */

const RENEW_AT = 1 / 7; // of its life: after a day of a week
const JITTER_MS = 60000; // between the clocks of two tabs

/* What a JWT says of itself, or null. */
export function claimsOf(token) {
  try {
    const [, claims] = token.split('.');
    return JSON.parse(atob(claims.replace(/-/g, '+').replace(/_/g, '/')));
  } catch {
    return null;
  }
}

/*
 * kept = {token, since}: since when it is here. One that came at an unknown
 * time, or in the future of a clock that was set back, is due at once.
 */
export function isDue({ token, since }, now) {
  const { iat, exp } = claimsOf(token) ?? {};
  const life = (exp - iat) * 1000;
  if (!(life > 0)) return false;
  const age = now - since;
  return !(age > -JITTER_MS && age < life * RENEW_AT);
}
