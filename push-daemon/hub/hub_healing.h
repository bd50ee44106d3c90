/*
 * hub_healing - which numbered events were delivered, and how those that were
 * missed are brought: `recent` asks the workers, its events come in as any
 * other, and what cannot be brought becomes a sync.
 */
#ifndef HUB_HEALING_H
#define HUB_HEALING_H

#include <stdbool.h>
#include <stdint.h>

struct frame_head;
struct hub_base;
struct hub_healing;
struct hub_stats;
struct hub_sync;

struct hub_healing *hub_healing_new(const struct hub_base *base,
				    struct hub_sync *sync);
/* No call may be under way. NULL: no-op. */
void hub_healing_free(struct hub_healing *healing);

/* An EVENT came; false: it was delivered before, or is too old. One without a
 * number is always new. */
bool hub_healing_is_new(struct hub_healing *healing,
			const struct frame_head *head);

/* Frames may have been missed, at the earliest at that moment since 1970. */
void hub_healing_missed(struct hub_healing *healing, int64_t since_wall_ms);
void hub_healing_tick(struct hub_healing *healing);

/* Fills in what it counts. */
void hub_healing_read_stats(const struct hub_healing *healing,
			    struct hub_stats *out);

#endif
