/* strings - every word of the page, by language; the same keys in each. */

import { en } from './strings-en.js';
import { fr } from './strings-fr.js';

export const messages = { en, fr };
