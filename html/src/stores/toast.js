/* toast - a word on what was just done, which goes by itself. Toast.vue shows it. */

import { reactive } from 'vue';
import { whenOver } from './session.js';

const LASTS_MS = 4000;

export const toast = reactive({ text: '', count: 0 });

let timer = null;

export function say(text) {
  clearTimeout(timer);
  toast.text = text;
  toast.count += 1;
  timer = setTimeout(() => {
    toast.text = '';
  }, LASTS_MS);
}
whenOver(() => {
  toast.text = '';
});
