/* broadcast - what an operator said to all who are here, until it is put away. */

import { ref } from 'vue';
import { whenOver } from './session.js';

/* {message, level, timestamp}, or null */
export const broadcast = ref(null);
whenOver(() => {
  broadcast.value = null;
});

export function noteBroadcast(said) {
  broadcast.value = said;
}
