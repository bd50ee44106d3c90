/*
 * metrics - what palabre-api has done since it started: numbers in memory that
 * the supervisor shares with its workers, so that whoever is asked knows of
 * all.
 *
 * Each number is atomic and only grows, but for those that say how it is now;
 * who reads them takes them as they are. With NULL for the metrics nothing is
 * counted. Times of the minutes are of clock_mono_ms().
 */
#ifndef METRICS_H
#define METRICS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "refusals.h"
#include "store_base.h"

/* Rows of routes_table; then the daemon's calls, and what named no route. */
#define METRICS_ROUTES_MAX 126
#define METRICS_CALLS METRICS_ROUTES_MAX
#define METRICS_NO_ROUTE (METRICS_ROUTES_MAX + 1)
#define METRICS_ROUTES (METRICS_ROUTES_MAX + 2)

#define METRICS_STATUSES 5 /* 1xx to 5xx */
#define METRICS_BOUNDS 13
#define METRICS_MINUTES 60
#define METRICS_POOLS 5 /* in the order of pools.h */

/* Fixed bounds need no library: one number counts for each, and the last for
 * what took longer. */
struct metrics_histogram {
	atomic_ullong counts[METRICS_BOUNDS + 1];
	atomic_ullong sum_us;
};
int64_t metrics_bound_us(size_t bound);

struct metrics_route {
	atomic_ullong statuses[METRICS_STATUSES];
	struct metrics_histogram took;
};

/* Why a worker had to be replaced, those aside that were told to leave. */
enum metrics_end {
	METRICS_DIED,
	METRICS_STUCK, /* it did not move */
	METRICS_LATE,  /* it was told to leave, and did not */
	METRICS_ENDS,
};

struct metrics_pool {
	atomic_ullong ends[METRICS_ENDS];
	atomic_ullong running, still, leaving; /* now */
};

/* Of the last hour: each the number of its minute, and behind it what belongs
 * to that. */
struct metrics_minutes {
	atomic_ullong at[METRICS_MINUTES];
};

struct metrics {
	int64_t started_ms;	 /* since 1970 */
	int64_t started_mono_ms; /* the same moment */
	struct metrics_route routes[METRICS_ROUTES];
	atomic_ullong refused[REFUSAL_COUNT]; /* the first of its code */
	struct metrics_histogram stored[STORE_TIMES];
	atomic_ullong messages; /* that people sent */
	struct metrics_minutes minute_messages;
	struct metrics_minutes minute_writes, minute_write_us, minute_slowest;
	struct metrics_pool pools[METRICS_POOLS];
	atomic_ullong looked_ms; /* when the supervisor last saw to them */
};

/* Shared with every process that is forked from here on. Aborts without
 * memory. */
struct metrics *metrics_new(int64_t now_ms, int64_t mono_ms);
void metrics_free(struct metrics *metrics); /* NULL: no-op */

void metrics_count_request(struct metrics *metrics, size_t route, int status,
			   int64_t took_us);
/* code: of refusals.h; NULL: it was none. */
void metrics_count_refusal(struct metrics *metrics, const char *code);
void metrics_count_message(struct metrics *metrics, int64_t mono_ms);
/* A store_timed. */
void metrics_count_store(enum store_time what, int64_t took_us, void *metrics);
void metrics_count_end(struct metrics *metrics, int pool, enum metrics_end why);

/* A minute of before: 0 is the one under way, METRICS_MINUTES - 1 the oldest.
 */
uint64_t metrics_minute(const struct metrics_minutes *minutes, int back,
			int64_t mono_ms);

#endif
