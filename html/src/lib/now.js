/* now - a clock that views can depend on, as the server's goes: it moves every half
 * minute. */

import { ref, watch } from 'vue';
import { ahead, serverNow } from './server-clock.js';

export const now = ref(serverNow());

const look = () => {
  now.value = serverNow();
};
setInterval(look, 30000);
document.addEventListener('visibilitychange', look);
watch(ahead, look);
