// Tokens as someone would forge them.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const NOBODY = '0123456789abcdef01234567';

const decode = (text) => JSON.parse(Buffer.from(text, 'base64url'));

export const claimsOf = (token) => decode(token.split('.')[1]);

/* Signs {header, claims} as a good token of that stack, or as told. */
function forger(stack, token) {
  const [head, claims] = token.split('.');
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const key = Buffer.from(
    readFileSync(path.join(stack.dir, 'token.key'), 'utf8').split(' ')[1], 'base64');
  const sign = (header, body, secret = key, hash = 'sha256') => {
    const text = `${encode({ ...decode(head), ...header })}.${encode({ ...decode(claims), ...body })}`;
    return `${text}.${createHmac(hash, secret).update(text).digest('base64url')}`;
  };
  return { sign, encode, key };
}

/* The same token as the server itself would have made it at another time. */
export function tokenUntil(stack, token, at) {
  return forger(stack, token).sign({}, { exp: Math.floor(at / 1000) });
}

/* {what: [token, code it is refused with]} made of a good token of a stack
 * and, for some, of its own key. */
export function forgedTokens(stack, token) {
  const [head, claims, signature] = token.split('.');
  const { sign, encode, key } = forger(stack, token);
  return {
    'none, as the forger knows how': [sign({}, {}), undefined],
    'another key': [sign({}, {}, Buffer.alloc(32, 1)), 'unauthorized'],
    HS512: [sign({ alg: 'HS512' }, {}, key, 'sha512'), 'unauthorized'],
    'alg none, signed': [sign({ alg: 'none' }, {}), 'unauthorized'],
    'alg none': [`${encode({ alg: 'none' })}.${claims}.`, 'unauthorized'],
    'another user': [sign({}, { sub: NOBODY }), 'unauthorized'],
    'another session': [sign({}, { sid: NOBODY }), 'session_expired'],
    expired: [sign({}, { exp: 1700000000 }), 'session_expired'],
    'for ever': [sign({}, { exp: 9e18 }), 'unauthorized'],
    'a cut signature': [`${head}.${claims}.${signature.slice(0, -4)}`, 'unauthorized'],
    'no signature': [`${head}.${claims}`, 'unauthorized'],
    'a word': ['undefined', 'unauthorized'],
    length: ['a'.repeat(4000), 'unauthorized'],
  };
}
