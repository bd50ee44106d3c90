/*
 * presence_queue - presence changes on their way to one socket: the first few
 * of a second pass, the rest wait and go as one `presence` event; while that
 * happens second after second, all wait.
 */
#ifndef PRESENCE_QUEUE_H
#define PRESENCE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "map.h"

#define PRESENCE_PER_SECOND 10

struct presence_queue {
	int64_t second_ms; /* when the present second began */
	unsigned passed;   /* in it */
	struct map waiting;
};

#define PRESENCE_ONLINE (-1)
#define PRESENCE_UNSAID (-2) /* offline, and nobody hears since when */

void presence_queue_init(struct presence_queue *queue);
void presence_queue_done(struct presence_queue *queue);

/* A change of a user: last_seen_ms, or PRESENCE_ONLINE. True: send it now.
 * False: it waits, in place of an older change of the same user. */
bool presence_queue_pass(struct presence_queue *queue, const char *user_id,
			 int64_t last_seen_ms, int64_t now_ms);

/* Something waits and its second is over. */
bool presence_queue_due(const struct presence_queue *queue, int64_t now_ms);

/* Empties it: `["presence",{"online":[..],"offline":[..]}]`, which the caller
 * frees. */
char *presence_queue_take(struct presence_queue *queue, int64_t now_ms,
			  size_t *len);

#endif
