/*
 * media - the files that a conversation shows, newest first and more of them as
 * one gets there; what comes and goes while they are looked at does so here.
 */

import { computed, onUnmounted, reactive, watch } from 'vue';
import { mergeItems } from '../lib/chat-sync.js';
import { chat } from './chat.js';
import { api } from './session.js';

/* conversation(): whose, always the same one. -> {media: {state, error, more}, items, next(),
 * again()}; state is '', loading or error. */
export function useMedia(conversation) {
  const media = reactive({ held: [], state: '', error: null, more: true });
  const gone = []; // meanwhile
  const isThere = ({ seq, sender }) => !gone.some((what) => seq === what.seq || sender === what.sender);
  let asked = 0;

  /* Those before that number; the newest, which stand for what is held of them. */
  async function load(before) {
    const mine = (asked += 1);
    Object.assign(media, { state: 'loading', error: null });
    try {
      const { items, more } = await api.files(conversation()._id, { before });
      if (mine !== asked) return;
      const first = before || !more ? 0 : items[0].seq;
      const rest = before ? media.held : media.held.filter(({ seq }) => seq < first);
      media.more = more || (!before && rest.length > 0 && media.more);
      media.held = mergeItems(rest, items).filter(isThere);
      media.state = '';
      takeNew();
    } catch (error) {
      if (mine === asked) Object.assign(media, { state: 'error', error });
    }
  }

  /* What is said while they are here. */
  function takeNew() {
    const { items, lastMessage } = conversation();
    const newest = media.held.at(-1)?.seq ?? 0;
    const isNew = (message) => message?.attachment && !message.deleted && message.seq > newest;
    media.held = mergeItems(media.held, [...items, lastMessage].filter(isNew));
  }

  watch([() => conversation().items.length, () => conversation().lastMessage], () => media.state === '' && takeNew());
  watch(
    () => conversation().gone,
    (what) => {
      gone.push(what);
      media.held = media.held.filter(isThere);
    },
    { flush: 'sync' },
  );
  /* There was no connection: much may have come and gone. */
  watch(
    () => chat.current,
    (current) => current && load(),
  );
  onUnmounted(() => {
    asked += 1;
  });
  load();

  const items = computed(() => [...media.held].reverse());
  const next = () => media.state === '' && media.more && load(media.held[0]?.seq);
  const again = () => load(media.held[0]?.seq);
  return { media, items, next, again };
}
