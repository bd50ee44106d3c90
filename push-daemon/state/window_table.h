/*
 * window_table - the windows of the conversations that are active: which
 * events were seen, and which are missing for how long.
 *
 * Bounded: the conversation that was quiet longest goes first, and what was
 * seen of it is forgotten. The floor is the newest position (recovery.h) of all
 * that was: an event at or below it, of a conversation that is not here, may
 * have been seen or not, and nothing behind it is in doubt.
 *
 * What can no longer be brought (a hole that two looks into the store did not
 * fill, one that fell out of its window, or went with its conversation) is
 * given to lost(): its rooms must fetch for themselves.
 */
#ifndef WINDOW_TABLE_H
#define WINDOW_TABLE_H

#include <stddef.h>

#include "window.h"

struct window_table;
struct recovery;

enum window_counter { WINDOW_MESSAGES, WINDOW_CHANGES, WINDOW_COUNTERS };

struct window_table_config {
	size_t max;	 /* conversations, at least 1 */
	int64_t hole_ms; /* so long a hole may wait for its event */
	/* rooms: names with a space between, as the last event had them;
	 * borrowed. Must not call the table. */
	void (*lost)(const char *rooms, void *user);
	void *user;
};

struct window_event {
	const char *conversation;
	enum window_counter counter;
	int64_t number;
	const char *position; /* NULL: unknown */
	const char *rooms;
};

struct window_table *window_table_new(const struct window_table_config *config);
void window_table_free(struct window_table *table); /* NULL: no-op */

/* An event came. now_ms: monotonic. FORGOTTEN: see above; it was not entered.
 */
enum window_verdict window_table_enter(struct window_table *table,
				       const struct window_event *event,
				       int64_t now_ms);

/* Was an event of that conversation seen which is behind that position? "": any
 * of one that has a position. */
bool window_table_is_past(const struct window_table *table,
			  const char *conversation, const char *position);

/* "": nothing was forgotten. */
const char *window_table_floor(const struct window_table *table);

/* Trigger recovery for the holes that are due, and give up those that two of
 * its runs did not fill. With recovery off it does neither. */
void window_table_tick(struct window_table *table, struct recovery *recovery,
		       int64_t now_ms);

/* Everyone was told to fetch: no hole matters any longer. */
void window_table_skip_all(struct window_table *table);

size_t window_table_count(const struct window_table *table);
size_t window_table_holes(const struct window_table *table);

#endif
