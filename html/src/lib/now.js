/* now - a clock that views can depend on: it moves every half minute. */

import { ref } from 'vue';

export const now = ref(Date.now());

setInterval(() => {
  now.value = Date.now();
}, 30000);

document.addEventListener('visibilitychange', () => {
  now.value = Date.now();
});
