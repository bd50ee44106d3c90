/* The page of operators. */
import { mount } from './lib/mount.js';
import { add } from './lib/strings.js';
import { deskWords } from './lib/strings-desk.js';
import ServerApp from './ServerApp.vue';

add(deskWords);
mount(ServerApp);
