import { createApp } from 'vue';
import App from './App.vue';
import { leaveToInputMethods } from './lib/keys.js';
import { refuseFiles } from './lib/refuse-files.js';
import './style.css';

leaveToInputMethods();
refuseFiles();
createApp(App).mount('#app');
