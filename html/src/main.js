import { createApp } from 'vue';
import App from './App.vue';
import { refuseFiles } from './lib/refuse-files.js';
import './style.css';

refuseFiles();
createApp(App).mount('#app');
