/*
 * joining - the invitation that one has signed in for, by its code: it needs
 * no second yes.
 */

import { reactive } from 'vue';

export const joining = reactive({ wanted: '' });
