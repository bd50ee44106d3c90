/*
 * use-emoji - emoji that complete what is typed behind a `:`, and those that are
 * put in by other ways. input: the text area's ref; replace(from, to, text):
 * puts a text in the place of another; {focus, caret}: whether one writes on, and where.
 */

import { ref } from 'vue';
import { emojiCalled, emojiTypedAt, findEmoji, loadEmoji } from './emoji-data.js';
import { language } from './i18n.js';
import { MOST, useSuggestions } from './use-suggestions.js';

export function useEmoji({ input, replace }) {
  const groups = ref([]);

  const suggestions = useSuggestions({
    input,
    typed: emojiTypedAt,
    find: (query) => findEmoji(groups.value, query, MOST),
    pick: ([emoji], { from, to }) => replace(from, to, `${emoji} `),
  });

  /* Somebody writes `:sm`: now they are needed. */
  async function look() {
    const { value, selectionStart } = input.value;
    const typed = emojiTypedAt(value, selectionStart);
    if (!typed) {
      suggestions.close();
      return;
    }
    try {
      groups.value = await loadEmoji(language());
    } catch {
      return; // it stays as it was typed
    }
    if (!input.value) return;
    if (typed.whole) complete(typed);
    else suggestions.look();
  }

  /* One may have written on meanwhile. */
  function complete({ from, query }) {
    suggestions.close();
    const called = emojiCalled(groups.value, query);
    const name = `:${query}:`;
    const { value, selectionStart } = input.value;
    if (!called || !value.startsWith(name, from)) return;
    const caret = selectionStart - name.length + called.length;
    replace(from, from + name.length, called, { caret });
  }

  /* Where the caret is, or was. */
  function insert(emoji) {
    const { selectionStart, selectionEnd } = input.value;
    replace(selectionStart, selectionEnd, emoji, { focus: false });
  }

  return { ...suggestions, look, insert };
}
