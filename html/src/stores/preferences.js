/*
 * preferences - the theme on <html data-theme>. public/theme.js has set it
 * before this runs; until somebody chooses, it follows the system.
 */

import { reactive } from 'vue';
import { loadTheme, onOtherTabsTheme, saveTheme } from '../lib/storage.js';

const root = document.documentElement;
const dark = matchMedia('(prefers-color-scheme: dark)');

export const preferences = reactive({ theme: root.dataset.theme ?? 'light' });

function show(theme) {
  root.dataset.theme = theme;
  preferences.theme = theme;
}

export function setTheme(theme) {
  saveTheme(theme);
  show(theme);
}

const follow = () => show(loadTheme() ?? (dark.matches ? 'dark' : 'light'));
dark.addEventListener('change', follow);
onOtherTabsTheme(follow);
