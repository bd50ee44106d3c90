import App from './App.vue';
import { mount } from './lib/mount.js';
import { openWithoutNetwork } from './lib/offline.js';

mount(App);
openWithoutNetwork();
