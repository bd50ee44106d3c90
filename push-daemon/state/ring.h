/*
 * ring - the deliveries of the last moments, for sockets whose `session`
 * answer shows the store as it was a moment ago.
 *
 * Bounded by age, count and bytes; what went is remembered, so that nobody
 * believes to have been given all. Events that went can be fetched; what else
 * did, a JOIN say, can not.
 */
#ifndef RING_H
#define RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct delivery;
struct ring;

struct ring_config {
	int64_t keep_ms;
	size_t max_count; /* at least 1 */
	size_t max_bytes;
};

struct ring *ring_new(const struct ring_config *config);
void ring_free(struct ring *ring); /* and what it holds; NULL: no-op */

/* Takes delivery, which came at delivery->at_ms. */
void ring_take(struct ring *ring, struct delivery *delivery);
/* Drop what is too old at now_ms. */
void ring_expire(struct ring *ring, int64_t now_ms);

/* Is everything there that came at since_ms or later, but for events? */
bool ring_has_all_but_events(const struct ring *ring, int64_t since_ms);
/* Visit what came at since_ms or later, oldest first. False: some of it is no
 * longer there. visit must not touch the ring. */
bool ring_replay(const struct ring *ring, int64_t since_ms,
		 void (*visit)(struct delivery *delivery, void *user),
		 void *user);

size_t ring_count(const struct ring *ring);

#endif
