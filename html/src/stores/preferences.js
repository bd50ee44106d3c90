/*
 * preferences - the theme on <html data-theme>. public/theme.js has set it
 * before this runs; while none is chosen, it follows the system.
 */

import { reactive } from 'vue';
import { loadTheme, onOtherTabsTheme, saveTheme } from '../lib/storage.js';

const root = document.documentElement;
const dark = matchMedia('(prefers-color-scheme: dark)');

/* theme: light, dark or system */
export const preferences = reactive({ theme: 'system' });

function follow(chosen) {
  preferences.theme = chosen ?? 'system';
  root.dataset.theme = chosen ?? (dark.matches ? 'dark' : 'light');
}

export function setTheme(theme) {
  const chosen = theme === 'system' ? null : theme;
  saveTheme(chosen);
  follow(chosen);
}

follow(loadTheme());
dark.addEventListener('change', () => {
  if (preferences.theme === 'system') follow(null);
});
onOtherTabsTheme(() => follow(loadTheme()));
