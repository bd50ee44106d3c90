/* hue - the same person has the same colour on every screen: one of eight. */

const HUES = 8;

export function hueOf(id) {
  let sum = 0;
  for (const c of id) sum = (sum * 31 + c.codePointAt(0)) % 65521;
  return sum % HUES;
}
