/*
 * use-attempt - something that one asks for by a button and that may be refused:
 * one at a time, and the reason shown beside it. `words(error)` puts it into
 * words.
 */

import { ref } from 'vue';
import { session } from '../stores/session.js';
import { errorText } from './i18n.js';

/* attempt(work) -> whether it was done; it is not begun while another is.
 * inTurn(work): it is begun when those before are done, be they refused, as long
 * as whoever asked is in. */
export function useAttempt(words = errorText) {
  const busy = ref(false);
  const refused = ref(''); // why, or ''
  const asker = session.user?._id;
  let turn = Promise.resolve(true);

  async function run(work) {
    busy.value = true;
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

  async function attempt(work) {
    if (busy.value) return false;
    refused.value = '';
    return run(work);
  }

  function inTurn(work) {
    if (!busy.value) refused.value = '';
    turn = turn.then(() => session.user?._id === asker && run(work));
    return turn;
  }

  return { busy, refused, attempt, inTurn };
}
