/* The page of guests, who have a name and no account. */
import GuestApp from './GuestApp.vue';
import { mount } from './lib/mount.js';
import { add } from './lib/strings.js';
import { guestWords } from './lib/strings-guest.js';

add(guestWords);
mount(GuestApp);
