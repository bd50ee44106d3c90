/*
 * use-attempt - something that one asks for by a button and that may be refused:
 * one at a time, and the reason shown beside it. `words(error)` puts it into
 * words.
 */

import { ref } from 'vue';
import { errorText } from './i18n.js';

/* attempt(work) -> whether it was done; it is not begun while another is. */
export function useAttempt(words = errorText) {
  const busy = ref(false);
  const refused = ref(''); // why, or ''

  async function attempt(work) {
    if (busy.value) return false;
    busy.value = true;
    refused.value = '';
    try {
      await work();
      return true;
    } catch (error) {
      refused.value = words(error);
      return false;
    } finally {
      busy.value = false;
    }
  }

  return { busy, refused, attempt };
}
