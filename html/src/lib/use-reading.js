/*
 * use-reading - how far somebody reads in a list of messages: where the unread
 * begin and how many they were, and the newest message that has been in sight.
 */

import { computed, reactive, watch } from 'vue';
import { attentive } from './attention.js';
import { unreadOf } from './chat-pointers.js';

const SETTLE_MS = 100; // after the last move
const SEEN = 24; // pixels of a message that were in sight

/*
 * conversation(): what is read, or null; me(): who reads; newest: a ref, its last number;
 * scroller: a ref; rows(): the elements of its messages, whose data-seq is
 * their number; atEnd: a ref, is its end in sight.
 */
export function useReading({ conversation, me, newest, scroller, rows, atEnd }) {
  const unread = reactive({ from: 0, count: 0 });
  let shown = 0;
  let timer = null;

  const reading = computed(() => attentive.value && atEnd.value);

  function markUnread() {
    const known = conversation();
    unread.count = known ? unreadOf(known) : 0;
    unread.from = unread.count && known.readSeq + 1;
  }

  const unmark = () => {
    unread.from = 0;
  };

  /* After a restore its numbers are those of other messages: what was seen of one
   * store's conversation is not seen of another's. At once, for nothing may be
   * read by the old ones. */
  watch(
    conversation,
    () => {
      shown = 0;
      unmark();
    },
    { flush: 'sync' },
  );

  /* What comes while nobody looks begins something unread; what comes while
   * one looks further up is more of it. What comes back has been read in part. */
  watch(newest, (now, before) => {
    if (now <= before || reading.value) return;
    const { lastMessage, readSeq } = conversation();
    const first = Math.max(before, readSeq) + 1;
    const own = lastMessage?.sender === me();
    if (!unread.from && !attentive.value && !own && first <= now) unread.from = first;
    if (unread.from) unread.count = now - unread.from + 1;
  });

  function look() {
    clearTimeout(timer);
    if (!attentive.value || !scroller.value || newest.value <= shown) return;
    const edge = scroller.value.getBoundingClientRect().bottom;
    const all = rows();
    for (let i = all.length - 1; i >= 0; i -= 1) {
      if (all[i].getBoundingClientRect().top + SEEN < edge) {
        shown = Math.max(shown, Number(all[i].dataset.seq));
        return;
      }
    }
  }

  function lookSoon() {
    clearTimeout(timer);
    timer = setTimeout(look, SETTLE_MS);
  }

  /* The newest that has been in sight, when it is over. */
  function end() {
    look();
    return shown;
  }

  return { unread, markUnread, unmark, lookSoon, end };
}
