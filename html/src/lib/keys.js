/* keys - what a key press is, beyond its name. */

/* It is part of a word that an input method composes: Enter takes it, Escape
 * drops it, arrows choose. Safari says so by 229 alone. */
export const composes = (event) => event.isComposing || event.keyCode === 229;

/* Such a key is the input method's: nothing here gets to hear of it. */
export function leaveToInputMethods() {
  const keep = (event) => {
    if (composes(event)) event.stopImmediatePropagation();
  };
  for (const type of ['keydown', 'keypress', 'keyup']) addEventListener(type, keep, true);
}

/* Ctrl+K or Cmd+K, wherever the layout has its K; where it has none, the key
 * that bears it on most. AltGr is Ctrl+Alt. */
export function isFind(event) {
  const { key, code, altKey, shiftKey } = event;
  if (!commands(event) || altKey || shiftKey) return false;
  return key.toLowerCase() === 'k' || (code === 'KeyK' && !/^[\x20-\x7e]$/.test(key));
}

/* Where one writes, a sign is a sign. */
const writes = ({ target }) => target.closest?.('input, textarea, select, [contenteditable]');

/* `?` where nothing is written, Ctrl+/ everywhere. */
export const isHelp = (event) =>
  commands(event) ? event.key === '/' : event.key === '?' && !writes(event);

export const commands = ({ ctrlKey, metaKey }) => ctrlKey || metaKey;

/* On a touch keyboard Enter is part of writing: there a button sends. */
export const coarse = () => matchMedia('(pointer: coarse)').matches;
