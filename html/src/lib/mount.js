/* mount - a page begins: what holds for all of it, then its first component. */

import { createApp } from 'vue';
import { keepFocus } from './keep-focus.js';
import { leaveToInputMethods } from './keys.js';
import { refuseFiles } from './refuse-files.js';
import '../style.css';

export function mount(App) {
  leaveToInputMethods();
  refuseFiles();
  keepFocus();
  createApp(App).mount('#app');
}
