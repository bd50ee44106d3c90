/*
 * hub_recovery - which numbered events were delivered, and how those that were
 * missed are brought: `recent` asks the workers, its events come in as any
 * other, and what cannot be brought becomes a sync.
 */
#ifndef HUB_RECOVERY_H
#define HUB_RECOVERY_H

#include <stdbool.h>

struct frame_head;
struct hub_base;
struct hub_recovery;
struct hub_stats;
struct hub_sync;

struct hub_recovery *hub_recovery_new(const struct hub_base *base,
				      struct hub_sync *sync);
/* No call may be under way. NULL: no-op. */
void hub_recovery_free(struct hub_recovery *recovery);

/* Somebody is let in who knows all up to that position (recovery.h). */
void hub_recovery_begin(struct hub_recovery *recovery, const char *position);

/* An EVENT came, by `recent` or otherwise; false: it was delivered before, or
 * may have been, or is too old. One without a number is always new. */
bool hub_recovery_is_new(struct hub_recovery *recovery,
			 const struct frame_head *head, bool by_recent);

/* As window_table_is_past(). */
bool hub_recovery_is_past(const struct hub_recovery *recovery,
			  const char *conversation, const char *position);

/* There is that position. */
void hub_recovery_note(struct hub_recovery *recovery, const char *position);
/* The newest one; "": none is known. */
const char *hub_recovery_newest(const struct hub_recovery *recovery);

/* What is behind that position may have been missed; "": nobody knows from
 * where on, so some seconds back. */
void hub_recovery_missed(struct hub_recovery *recovery, const char *position);
void hub_recovery_tick(struct hub_recovery *recovery);

/* Fills in what it counts. */
void hub_recovery_read_stats(const struct hub_recovery *recovery,
			     struct hub_stats *out);

#endif
