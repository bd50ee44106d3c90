#include "ring.h"

#include <stdlib.h>

#include "delivery.h"
#include "mem.h"

struct ring {
	struct ring_config config;
	struct delivery **slots; /* max_count of them */
	size_t first, count, bytes;
	/* The newest that went, and that was no event; -1: none did. */
	int64_t gone_ms, other_gone_ms;
};

struct ring *ring_new(const struct ring_config *config)
{
	struct ring *ring = xcalloc(1, sizeof(*ring));

	ring->config = *config;
	ring->slots = xcalloc(config->max_count, sizeof(struct delivery *));
	ring->gone_ms = ring->other_gone_ms = -1;
	return ring;
}

static struct delivery *at(const struct ring *ring, size_t index)
{
	return ring->slots[(ring->first + index) % ring->config.max_count];
}

static void drop_first(struct ring *ring)
{
	struct delivery *oldest = at(ring, 0);

	if (oldest->at_ms > ring->gone_ms)
		ring->gone_ms = oldest->at_ms;
	if (oldest->kind != NOTIFY_EVENT)
		ring->other_gone_ms = oldest->at_ms;
	ring->bytes -= oldest->size;
	ring->first = (ring->first + 1) % ring->config.max_count;
	ring->count--;
	delivery_free(oldest);
}

void ring_free(struct ring *ring)
{
	if (ring == NULL)
		return;
	while (ring->count > 0)
		drop_first(ring);
	free(ring->slots);
	free(ring);
}

void ring_take(struct ring *ring, struct delivery *delivery)
{
	size_t last;

	while (ring->count == ring->config.max_count ||
	       (ring->count > 0 &&
		ring->bytes + delivery->size > ring->config.max_bytes))
		drop_first(ring);
	last = (ring->first + ring->count) % ring->config.max_count;
	ring->slots[last] = delivery;
	ring->count++;
	ring->bytes += delivery->size;
}

void ring_expire(struct ring *ring, int64_t now_ms)
{
	while (ring->count > 0 &&
	       at(ring, 0)->at_ms < now_ms - ring->config.keep_ms)
		drop_first(ring);
}

bool ring_has_all_but_events(const struct ring *ring, int64_t since_ms)
{
	return ring->other_gone_ms < since_ms;
}

bool ring_replay(const struct ring *ring, int64_t since_ms,
		 void (*visit)(struct delivery *delivery, void *user),
		 void *user)
{
	for (size_t i = 0; i < ring->count; i++) {
		if (at(ring, i)->at_ms >= since_ms)
			visit(at(ring, i), user);
	}
	return ring->gone_ms < since_ms;
}

size_t ring_count(const struct ring *ring)
{
	return ring->count;
}
