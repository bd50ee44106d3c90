/*
 * sync_plan - what one answer of /api/sync says about each conversation.
 * Pure.
 *
 * A client names its state of a conversation by {seq, change}. What it misses
 * is sent whole or not at all: a conversation that misses too much is to be
 * loaded anew (reset), one that no longer fits into this answer waits for the
 * next call (later).
 */
#ifndef SYNC_PLAN_H
#define SYNC_PLAN_H

#include <stdbool.h>
#include <stdint.h>

struct sync_plan {
	int64_t room;	/* messages and changes that still fit */
	bool elsewhere; /* the client's state is of another epoch */
};

struct sync_point {
	int64_t seq, change;
};

enum sync_step {
	SYNC_FILL,  /* send everything behind the client's point */
	SYNC_RESET, /* more is missing than can be sent, or it is ahead of us */
	SYNC_LATER, /* ask again */
};

struct sync_plan sync_plan_new(bool same_epoch);

/* Conversations are planned in the order they are answered. floor is the
 * first seq the client may see. */
enum sync_step sync_plan_next(const struct sync_plan *plan,
			      const struct sync_point *client,
			      const struct sync_point *ours, int64_t floor);

/* So many were sent of what was to be filled: fewer than were missed where some
 * are not for the viewer. What cannot be sent must make nothing wait: it is
 * missed again by the next call, and the client would ask for ever. */
void sync_plan_sent(struct sync_plan *plan, int64_t count);

#endif
