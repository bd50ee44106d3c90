/*
 * store_events - what was written lately, for pushd to announce again.
 *
 * Where one is in it is a position: an id, in the order of the commits. It is
 * no time: a clock that is set back makes none that is behind another.
 */
#ifndef STORE_EVENTS_H
#define STORE_EVENTS_H

#include "store_messages.h"

struct store_recent {
	char after[ID_SIZE]; /* what is behind this position */
	size_t limit;
	bool lost; /* out: some of it is forgotten */
	store_each_message *message;
	/* conversation: as its members see it now; nothing is filled in but
	 * kind, counters and members. */
	bool (*change)(const struct store_change *change,
		       const struct store_conversation *conversation,
		       void *context);
	bool (*marks)(const struct store_read_marks *marks, void *context);
	void *context;
};

struct store_event_verbs {
	enum store_status (*recent)(struct store *, struct store_recent *,
				    bool *more);
	enum store_status (*newest)(struct store *, char out[ID_SIZE]);
	/* What is written may be so far behind the time; 0: it is never behind
	 * what is there. */
	int64_t margin_ms;
};

/* Oldest first; of read marks that moved it is not known which of both did, and
 * they are given as they are now. *more: call again with after, which was moved
 * on; also when a callback wanted no more, or the backend had no more time. */
static inline enum store_status
store_recent(struct store *store, struct store_recent *recent, bool *more)
{
	return store->events->recent(store, recent, more);
}

/* The position of the newest write; all zeros: there is none. */
static inline enum store_status store_newest(struct store *store,
					     char out[ID_SIZE])
{
	return store->events->newest(store, out);
}

/* One that is not in front of anything that is written from now on, for who
 * asks later what was: the newest, or a little before now. */
enum store_status store_position(struct store *store, int64_t now_ms,
				 char out[ID_SIZE]);

#endif
