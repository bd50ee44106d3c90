/*
 * use-form - what every form does: check, send once, show each refusal at its
 * field and focus the first. `check()` answers {field: key}; `send()` throws
 * an ApiError; `fields()` says where on the form a field of the server is:
 * {field: field of the form}, or of a code that is about none; `refusal(error)`
 * puts one into words that is about none.
 */

import { nextTick, ref } from 'vue';
import { refusalKey, saysItself } from './forms.js';
import { errorText, has, t } from './i18n.js';

export function useForm({ check, send, fields, refusal = errorText }) {
  const element = ref(null);
  const errors = ref({}); // texts
  const refused = ref(''); // about no field
  const busy = ref(false);

  function clear() {
    errors.value = {};
    refused.value = '';
  }

  async function submit() {
    if (busy.value) return;
    clear();
    const wrong = Object.entries(check());
    if (wrong.length) {
      errors.value = Object.fromEntries(wrong.map(([at, key]) => [at, t(key)]));
      focusError();
      return;
    }
    busy.value = true;
    try {
      await send();
    } catch (error) {
      refuse(error);
    } finally {
      busy.value = false;
    }
  }

  function refuse(error) {
    const at = fields()[error.field ?? error.code];
    if (!at) {
      refused.value = refusal(error);
      return;
    }
    const key = refusalKey(error);
    errors.value = { [at]: has(key) && !saysItself(error) ? t(key) : errorText(error) };
    focusError();
  }

  function focusError() {
    nextTick(() => element.value?.querySelector('[aria-invalid=true]')?.focus());
  }

  return { element, errors, refused, busy, submit, clear };
}
