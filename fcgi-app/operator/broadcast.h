/*
 * broadcast - what an operator says to all who are here: an event and a row of
 * the audit, kept nowhere else.
 */
#ifndef BROADCAST_H
#define BROADCAST_H

#include "store.h"

struct app;
struct buf;
struct json_object;

struct broadcast {
	const char *message, *level; /* borrowed */
	const char *room;	     /* who hears it; NULL: all */
	int64_t now_ms;
};

/* {message, level?}. NULL, or the field that is wrong, and *why, for people. */
const char *broadcast_read(const struct json_object *body,
			   struct broadcast *out, const char **why);

/* The same of what is in it already. */
const char *broadcast_check(const struct broadcast *broadcast,
			    const char **why);

/* May run inside a batch; FORBIDDEN: the viewer is no operator. */
enum store_status broadcast_write(struct app *app,
				  const struct store_viewer *viewer,
				  const struct broadcast *broadcast);
/* After the commit. */
void broadcast_announce(struct buf *out, const struct broadcast *broadcast,
			const char *request_id);

#endif
