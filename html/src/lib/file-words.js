/* file-words - why a file was not taken or does not come, in words, and whether
 * it helps to try again. */

import { limits } from './generated.js';
import { errorText, has, t } from './i18n.js';

/* Refusals that nothing changes but another file. */
const FINAL = new Set(['lost', 'too_large', 'empty']);
export const isFinal = (error) => FINAL.has(error?.code);

const MIB = 1024 * 1024;

export function fileErrorText(error) {
  const key = `file.refused.${error?.code}`;
  return has(key) ? t(key, { n: Math.floor(limits.file / MIB) }) : errorText(error);
}
