/*
 * hue - the same person has the same colour on every screen: one of eight. In a
 * group, where another came before them with the same, they have the next that
 * is free.
 */

const HUES = 8;

export function hueOf(id) {
  let sum = 0;
  for (const c of id) sum = (sum * 31 + c.codePointAt(0)) % 65521;
  return sum % HUES;
}

const byArrival = (a, b) => a.joinedSeq - b.joinedSeq || (a.userId < b.userId ? -1 : 1);

/* Of the members of a group, by id: the same on all screens, and no two of them
 * alike before all eight are taken. */
export function huesOf(members) {
  const hues = new Map();
  const taken = Array(HUES).fill(0);
  for (const { userId } of [...members].sort(byArrival)) {
    let hue = hueOf(userId);
    while (taken[hue] > Math.min(...taken)) hue = (hue + 1) % HUES;
    taken[hue] += 1;
    hues.set(userId, hue);
  }
  return hues;
}
