/* file-words - why a file was not taken or does not come, in words. */

import { limits } from './generated.js';
import { errorText, has, t } from './i18n.js';

const MIB = 1024 * 1024;

export function fileErrorText(error) {
  const key = `file.refused.${error?.code}`;
  return has(key) ? t(key, { n: Math.floor(limits.file / MIB) }) : errorText(error);
}
