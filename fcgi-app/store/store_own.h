/*
 * store_own - what a user alone has of a conversation, on all their devices:
 * until when it is muted, whether it is pinned, archived or marked unread, and
 * what they are writing there.
 *
 * Each change of it takes the next number of that user's own counter, so that a
 * device which names the newest number that it knows is given what changed
 * since.
 */
#ifndef STORE_OWN_H
#define STORE_OWN_H

#include "store_base.h"

/* muted_until: the last moment that a time on the wire can name. */
#define STORE_FOREVER INT64_C(253402300799999)

/* NULL keeps it. What something newer, which they see, has brought back is
 * archived no more once it is muted. What is pinned is not archived, and the
 * other way round: the one that is said takes the other one away. */
struct store_own_change {
	const int64_t *muted_until;
	const bool *pinned, *archived, *marked_unread;
	const char *draft; /* "": none any more */
	int64_t now_ms;
};

/* False: no more of them. */
typedef bool store_each_own(const struct store_own *own, void *context);

struct store_own_verbs {
	enum store_status (*change)(struct store *, const struct store_viewer *,
				    const char *id,
				    const struct store_own_change *,
				    struct store_own *, bool *changed);
	enum store_status (*since)(struct store *, const struct store_viewer *,
				   int64_t number, store_each_own *, void *,
				   int64_t *newest);
};

/* Gives it as it is then, and whether it was otherwise before. NOT_FOUND: it is
 * not in the viewer's list. FULL: LIMIT_PINNED are pinned already. */
static inline enum store_status
store_own_change(struct store *store, const struct store_viewer *viewer,
		 const char *id, const struct store_own_change *change,
		 struct store_own *out, bool *changed)
{
	*out = (struct store_own){.conversation = ""};
	*changed = false;

	enum store_status status =
		store->own->change(store, viewer, id, change, out, changed);

	if (status != STORE_OK)
		store_own_done(out);
	return status;
}

/* What changed behind that number, in its order; *newest is the viewer's
 * counter. */
static inline enum store_status
store_own_since(struct store *store, const struct store_viewer *viewer,
		int64_t number, store_each_own *each, void *context,
		int64_t *newest)
{
	*newest = 0;
	return store->own->since(store, viewer, number, each, context, newest);
}

#endif
