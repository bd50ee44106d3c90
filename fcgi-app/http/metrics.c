#include "metrics.h"

#include <assert.h>
#include <string.h>

#include "clock.h"
#include "mem.h"

#define MINUTE_MS 60000
#define MINUTE_BITS 32 /* of a number, the upper ones say which minute */

static const int64_t bounds_us[METRICS_BOUNDS] = {
	250,   500,    1000,   2500,   5000,	10000,	 25000,
	50000, 100000, 250000, 500000, 1000000, 2500000,
};

struct metrics *metrics_new(int64_t now_ms, int64_t mono_ms)
{
	struct metrics *metrics = mem_shared_new(sizeof(*metrics));

	metrics->started_ms = now_ms;
	metrics->started_mono_ms = mono_ms;
	metrics->looked_ms = (unsigned long long)mono_ms;
	return metrics;
}

void metrics_free(struct metrics *metrics)
{
	mem_shared_free(metrics, sizeof(*metrics));
}

int64_t metrics_bound_us(size_t bound)
{
	return bounds_us[bound];
}

static void metrics_add(atomic_ullong *number, uint64_t more)
{
	atomic_fetch_add_explicit(number, more, memory_order_relaxed);
}

static void metrics_time(struct metrics_histogram *histogram, int64_t took_us)
{
	size_t bound = 0;

	while (bound < METRICS_BOUNDS && took_us > bounds_us[bound])
		bound++;
	metrics_add(&histogram->counts[bound], 1);
	metrics_add(&histogram->sum_us, (uint64_t)took_us);
}

/* ---- minutes ---- */

static uint64_t minute_of(int64_t mono_ms)
{
	return (uint64_t)(mono_ms / MINUTE_MS) + 1; /* 0: never was */
}

static uint64_t minute_value(uint64_t number, uint64_t minute)
{
	return number >> MINUTE_BITS == (uint32_t)minute ? number & UINT32_MAX
							 : 0;
}

/* Add to the minute under way, or make it at least so much. */
static void minutes_note(struct metrics_minutes *minutes, int64_t mono_ms,
			 uint64_t value, bool most)
{
	uint64_t minute = minute_of(mono_ms);
	atomic_ullong *at = &minutes->at[minute % METRICS_MINUTES];
	unsigned long long was = atomic_load(at);

	for (;;) {
		uint64_t before = minute_value(was, minute);
		uint64_t after = most ? before : before + value;

		if (most && value > before)
			after = value;
		if (after > UINT32_MAX)
			after = UINT32_MAX;
		if (atomic_compare_exchange_weak(at, &was,
						 minute << MINUTE_BITS | after))
			return;
	}
}

uint64_t metrics_minute(const struct metrics_minutes *minutes, int back,
			int64_t mono_ms)
{
	uint64_t minute = minute_of(mono_ms);

	assert(back >= 0 && back < METRICS_MINUTES);
	if ((uint64_t)back >= minute)
		return 0; /* the machine was not up yet */
	minute -= (uint64_t)back;
	return minute_value(atomic_load(&minutes->at[minute % METRICS_MINUTES]),
			    minute);
}

/* ---- counting ---- */

void metrics_count_request(struct metrics *metrics, size_t route, int status,
			   int64_t took_us)
{
	if (metrics == NULL)
		return;
	assert(route < METRICS_ROUTES);
	if (status >= 100 && status < 100 * (METRICS_STATUSES + 1))
		metrics_add(&metrics->routes[route].statuses[status / 100 - 1],
			    1);
	metrics_time(&metrics->routes[route].took, took_us);
}

void metrics_count_refusal(struct metrics *metrics, const char *code)
{
	if (metrics != NULL && code != NULL)
		metrics_add(&metrics->refused[refusal_of_code(code)], 1);
}

void metrics_count_message(struct metrics *metrics, int64_t mono_ms)
{
	if (metrics == NULL)
		return;
	metrics_add(&metrics->messages, 1);
	minutes_note(&metrics->minute_messages, mono_ms, 1, false);
}

void metrics_count_store(enum store_time what, int64_t took_us, void *context)
{
	struct metrics *metrics = context;

	if (metrics == NULL)
		return;
	metrics_time(&metrics->stored[what], took_us);
	if (what != STORE_TIME_WRITE)
		return;
	int64_t now = clock_mono_ms();

	minutes_note(&metrics->minute_writes, now, 1, false);
	minutes_note(&metrics->minute_write_us, now, (uint64_t)took_us, false);
	minutes_note(&metrics->minute_slowest, now, (uint64_t)took_us, true);
}

void metrics_count_end(struct metrics *metrics, int pool, enum metrics_end why)
{
	if (metrics != NULL)
		metrics_add(&metrics->pools[pool].ends[why], 1);
}
