/* narrow - has the page room for the list or a conversation, never both: as
 * the styles say. */

import { ref } from 'vue';

const query = matchMedia('(max-width: 47.9375rem)');

export const narrow = ref(query.matches);

query.addEventListener('change', () => {
  narrow.value = query.matches;
});
