/*
 * store_events - what was written lately, for pushd to tell again.
 */
#ifndef STORE_EVENTS_H
#define STORE_EVENTS_H

#include "store_messages.h"

struct store_recent {
	int64_t since;	     /* what was written from then on */
	char after[ID_SIZE]; /* only ids behind this one; "" at first */
	size_t limit;
	store_each_message *message;
	/* in: the conversation as its members see it now; nothing is filled in
	 * but kind, counters and members. */
	bool (*change)(const struct store_change *change,
		       const struct store_conversation *in, void *context);
	void (*marks)(const struct store_read_marks *marks, void *context);
	void *context;
};

struct store_event_verbs {
	enum store_status (*recent)(struct store *, struct store_recent *,
				    bool *more);
};

/* By id, oldest first; read marks (it is not known which of both moved) once,
 * with the first page. *more: call again with after, which was moved on; also
 * when a callback wanted no more. */
static inline enum store_status
store_recent(struct store *store, struct store_recent *recent, bool *more)
{
	return store->events->recent(store, recent, more);
}

#endif
