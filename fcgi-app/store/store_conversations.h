/*
 * store_conversations - the conversations that a viewer sees, how far their
 * members have read, and who hears of whom.
 */
#ifndef STORE_CONVERSATIONS_H
#define STORE_CONVERSATIONS_H

#include "store_base.h"

/* False: no more of them. */
typedef bool store_each_conversation(const struct store_conversation *row,
				     void *context);
typedef void store_each_id(const char *id, void *context);

/* Where in a conversation a member has come to. */
struct store_reach {
	int64_t received_seq, read_seq;
};

struct store_list {
	const char *before; /* what comes behind this one of them, as it
			     * stands now; NULL: from the newest on */
	size_t limit;
	bool brief; /* what store_positions() gives */
};

struct store_conversation_verbs {
	enum store_status (*get)(struct store *, const struct store_viewer *,
				 const char *id, struct store_conversation *);
	/* May fill in more. */
	enum store_status (*position)(struct store *,
				      const struct store_viewer *,
				      const char *id,
				      struct store_conversation *);
	enum store_status (*list)(struct store *, const struct store_viewer *,
				  const struct store_list *,
				  store_each_conversation *, void *);
	enum store_status (*mark)(struct store *, const struct store_viewer *,
				  const char *id, const struct store_reach *,
				  int64_t now_ms, struct store_read_marks *);
	enum store_status (*trim)(struct store *, size_t limit, size_t *count);
	enum store_status (*rooms)(struct store *, const struct store_viewer *,
				   store_each_id *, void *);
	enum store_status (*contacts)(struct store *,
				      const struct store_viewer *, size_t limit,
				      store_each_id *, void *);
};

/* Forgets at most limit messages of the lobby that are more than LIMIT_LOBBY
 * behind the newest, and that nobody sees. */
static inline enum store_status store_lobby_trim(struct store *store,
						 size_t limit, size_t *count)
{
	*count = 0;
	return store->conversations->trim(store, limit, count);
}

static inline enum store_status
store_conversation_get(struct store *store, const struct store_viewer *viewer,
		       const char *id, struct store_conversation *out)
{
	*out = (struct store_conversation){.id = ""};

	enum store_status status =
		store->conversations->get(store, viewer, id, out);

	if (status != STORE_OK)
		store_conversation_done(out);
	return status;
}

/* The same, of which only id, kind, counters, first_seq, me, members and hides
 * are filled in. */
static inline enum store_status
store_conversation_position(struct store *store,
			    const struct store_viewer *viewer, const char *id,
			    struct store_conversation *out)
{
	*out = (struct store_conversation){.id = ""};

	enum store_status status =
		store->conversations->position(store, viewer, id, out);

	if (status != STORE_OK)
		store_conversation_done(out);
	return status;
}

/* The viewer's own, newest first. */
static inline enum store_status
store_conversations(struct store *store, const struct store_viewer *viewer,
		    const struct store_list *list,
		    store_each_conversation *each, void *context)
{
	return store->conversations->list(store, viewer, list, each, context);
}

/* The same, of which only ids, kinds, counters and members are filled in. */
static inline enum store_status
store_positions(struct store *store, const struct store_viewer *viewer,
		size_t limit, store_each_conversation *each, void *context)
{
	const struct store_list list = {.limit = limit, .brief = true};

	return store->conversations->list(store, viewer, &list, each, context);
}

/* Read marks only grow and never pass lastSeq; a read message was received. 0
 * leaves one as it is. NOT_FOUND: not a member. The message ids are looked for
 * among the 1,000 messages below the mark. */
static inline enum store_status
store_mark_read(struct store *store, const struct store_viewer *viewer,
		const char *id, const struct store_reach *reach, int64_t now_ms,
		struct store_read_marks *out)
{
	*out = (struct store_read_marks){.user_id = ""};
	return store->conversations->mark(store, viewer, id, reach, now_ms,
					  out);
}

/* ---- for pushd ---- */

/* Conversations other than direct ones that the viewer is in. */
static inline enum store_status store_rooms(struct store *store,
					    const struct store_viewer *viewer,
					    store_each_id *each, void *context)
{
	return store->conversations->rooms(store, viewer, each, context);
}

/* Users they share a direct conversation or a group of at most 100 with. */
static inline enum store_status
store_contacts(struct store *store, const struct store_viewer *viewer,
	       size_t limit, store_each_id *each, void *context)
{
	return store->conversations->contacts(store, viewer, limit, each,
					      context);
}

#endif
