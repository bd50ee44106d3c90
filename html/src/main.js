import App from './App.vue';
import { mount } from './lib/mount.js';

mount(App);
