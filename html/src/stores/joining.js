/*
 * joining - the invitation that one has signed in for, by its code: it needs
 * no second yes.
 */

import { reactive } from 'vue';
import { whenOver } from './session.js';

export const joining = reactive({ wanted: '' });
whenOver(() => {
  joining.wanted = '';
});
