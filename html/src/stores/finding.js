/*
 * finding - people to choose from: everybody, or whom one searches for.
 */

import { computed, nextTick, onUnmounted, reactive, ref, watch } from 'vue';
import { matcher } from '../lib/fold.js';
import { nameOfUser } from '../lib/names.js';
import { emptySearch, loadDirectory, people, search, searchOn } from './people.js';
import { watchPresence } from './presence.js';
import { session } from './session.js';

const DELAY_MS = 200; // after the last sign that was typed

/* found: the ref that holds what a search brought. -> {text, searching, source,
 * loading, users, whenFound(), more(), again()}; text is for the search box. */
export function useFinding(found = ref(emptySearch())) {
  const text = ref('');
  let timer = null;

  const searching = computed(() => text.value.trim() !== '');
  const source = computed(() => (searching.value ? found.value : people.directory));
  /* typed but not asked yet counts as loading */
  const loading = computed(
    () =>
      ['loading', 'idle'].includes(source.value.state) ||
      (searching.value && found.value.query !== text.value.trim()),
  );

  /* With those whom the page knows, before the server has answered; nobody whom
   * only fewer letters have found, or Enter would choose them. */
  const sought = () => {
    const ids = known(text.value);
    const { query, ids: answered } = found.value;
    return [...answered.filter((id) => query === text.value.trim() || ids.includes(id)), ...ids];
  };
  const users = computed(() => {
    const ids = searching.value ? new Set(sought()) : people.directory.ids;
    return [...ids].map((id) => people.byId[id]).filter((user) => user && user._id !== session.user?._id);
  });

  async function ask() {
    clearTimeout(timer);
    await search(found, text.value);
    watchPresence();
  }

  watch(text, () => {
    clearTimeout(timer);
    timer = setTimeout(ask, searching.value ? DELAY_MS : 0);
  });
  onUnmounted(() => clearTimeout(timer));

  /* As soon as what was found is shown, unless something else is typed by then. */
  async function whenFound(act) {
    if (!searching.value) return;
    const asked = text.value;
    if (loading.value) await ask();
    await nextTick();
    if (text.value === asked) act();
  }

  const again = () => (searching.value ? ask() : loadDirectory());
  const more = () => (searching.value ? searchOn(found) : loadDirectory());
  return reactive({ text, searching, source, loading, users, whenFound, again, more });
}

/* Of a PickList. */
export const personRow = (user) =>
  ({ key: user._id, name: nameOfUser(user), picture: user, about: user.statusText ?? '', user });

function known(text) {
  const matches = matcher(text);
  return Object.values(people.byId)
    .filter(({ displayName, username }) => matches(displayName ?? '', username ?? ''))
    .map(({ _id }) => _id);
}
