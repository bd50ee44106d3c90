/* broadcast - what an operator said to all who are here, until it is put away. */

import { ref } from 'vue';

/* {message, level, timestamp}, or null */
export const broadcast = ref(null);

export function noteBroadcast(said) {
  broadcast.value = said;
}
