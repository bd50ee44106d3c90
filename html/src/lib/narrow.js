/* narrow - for how much the page has room, as the styles say. */

import { ref } from 'vue';

function watched(media) {
  const query = matchMedia(media);
  const matches = ref(query.matches);
  query.addEventListener('change', () => {
    matches.value = query.matches;
  });
  return matches;
}

/* For the list or a conversation, never both. */
export const narrow = watched('(max-width: 47.9375rem)');

/* For what is known of a conversation, beside it. */
export const roomy = watched('(min-width: 68rem)');
