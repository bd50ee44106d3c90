/*
 * hub_last_seen - when people were last seen, on its way to the store: in
 * batches, until the workers have taken it.
 */
#ifndef HUB_LAST_SEEN_H
#define HUB_LAST_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hub_base;
struct hub_last_seen;

struct hub_last_seen *hub_last_seen_new(const struct hub_base *base);
/* No call may be under way. NULL: no-op. */
void hub_last_seen_free(struct hub_last_seen *last_seen);

/* A user was there at that moment, since 1970. */
void hub_last_seen_note(struct hub_last_seen *last_seen, const char *id,
			int64_t at_ms);
/* A whole batch waits. */
bool hub_last_seen_is_full(const struct hub_last_seen *last_seen);

/* Every second, or as long as something is left: says what waits. */
void hub_last_seen_tick(struct hub_last_seen *last_seen);
/* All was taken. */
bool hub_last_seen_is_stored(const struct hub_last_seen *last_seen);

#endif
