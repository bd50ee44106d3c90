/*
 * ask - a question before something that cannot be taken back. AskDialog shows
 * it; the answer is whether one wants it.
 */

import { ref } from 'vue';

/* {title, text, action, danger, answer} or null */
export const question = ref(null);

export const ask = (what) =>
  new Promise((resolve) => {
    question.value?.answer(false);
    question.value = {
      ...what,
      answer: (yes) => {
        question.value = null;
        resolve(yes);
      },
    };
  });
