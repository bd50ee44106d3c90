/* strings - every word of the page, by language; the same keys in each. */

import { en } from './strings-en.js';
import { fr } from './strings-fr.js';

export const messages = { en, fr };

/* Those that one page alone has: {en, fr}. */
export function add(words) {
  for (const language of Object.keys(messages)) Object.assign(messages[language], words[language]);
}

/* Which of [one, many]: French has none in the singular, too. */
export const pluralOf = (language, n) =>
  new Intl.PluralRules(language).select(n) === 'one' ? 0 : 1;
