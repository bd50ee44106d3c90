/*
 * names - what people are called. A display name is anybody's to choose; where
 * it is not the username, which is one person's alone, that one is shown, too.
 */

const same = (a, b) => a.normalize('NFKC').toLowerCase() === b.normalize('NFKC').toLowerCase();

export const nameOfUser = (user) => user?.displayName || user?.username || '…';

/* The username with its sign, or '' where the name says it already. */
export function handleOf(user) {
  if (!user?.username || same(nameOfUser(user), user.username)) return '';
  return `@${user.username}`;
}

/* Both, within a sentence. */
export const callOf = (user) => [nameOfUser(user), handleOf(user)].filter(Boolean).join(' ');
