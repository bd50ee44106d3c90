/*
 * use-emoji - emoji that complete what is typed behind a `:`, and those that are
 * put in by other ways. input: the text area's ref; replace(from, to, text):
 * puts a text in the place of another; {focus, caret}: whether one writes on, and where.
 */

import { ref } from 'vue';
import { emojiCalled, emojiTypedAt, findEmoji, loadEmoji } from './emoji-data.js';
import { language } from './i18n.js';
import { MOST, useSuggestions } from './use-suggestions.js';

function begunAt(text, caret) {
  const typed = emojiTypedAt(text, caret);
  return typed?.whole ? null : typed;
}

export function useEmoji({ input, replace }) {
  const groups = ref([]);
  let completed = Promise.resolve(); // one after the other, for each moves what is behind it

  const suggestions = useSuggestions({
    input,
    typed: begunAt,
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
    if (typed.whole) completed = completed.then(() => complete(typed));
    await completed;
    if (input.value) suggestions.look();
  }

  /* One may have written on meanwhile, also in front of it, where what was
   * completed before is shorter now. */
  async function complete({ from, query }) {
    const called = emojiCalled(groups.value, query);
    if (!called || !input.value) return;
    const { value, selectionStart } = input.value;
    const name = `:${query}:`;
    const before = value.lastIndexOf(name, from);
    const at = before < 0 ? value.indexOf(name, from) : before;
    if (at < 0) return;
    const shorter = name.length - called.length;
    const caret = selectionStart > at ? Math.max(at, selectionStart - shorter) : selectionStart;
    await replace(at, at + name.length, called, { focus: false, caret });
  }

  /* Where the caret is, or was. */
  function insert(emoji) {
    const { selectionStart, selectionEnd } = input.value;
    replace(selectionStart, selectionEnd, emoji, { focus: false });
  }

  return { ...suggestions, look, insert };
}
