/* attention - is somebody looking: the page is visible and has the focus. */

import { ref } from 'vue';

const look = () =>
  document.visibilityState === 'visible' && document.hasFocus();

export const attentive = ref(look());

const update = () => {
  attentive.value = look();
};

addEventListener('focus', update);
addEventListener('blur', update);
document.addEventListener('visibilitychange', update);
