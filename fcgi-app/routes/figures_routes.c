/* How the server is, at a glance. */
#include "routes.h"

#include "app.h"
#include "figures.h"
#include "json_text.h"
#include "mem.h"
#include "metrics.h"
#include "response.h"

/* The oldest first; the last one is under way. Divided by what they count, if
 * that is given. */
static void put_minutes(struct json_text *text, const char *key,
			const struct metrics_minutes *sums,
			const struct metrics_minutes *counts, int64_t mono_ms)
{
	json_text_open(text, key, '[');
	for (int back = METRICS_MINUTES - 1; back >= 0; back--) {
		uint64_t value = metrics_minute(sums, back, mono_ms);
		uint64_t count =
			counts == NULL ? 1
				       : metrics_minute(counts, back, mono_ms);

		json_text_int(text, NULL,
			      count > 0 ? (int64_t)(value / count) : 0);
	}
	json_text_close(text, ']');
}

static void put_messages(struct json_text *text, const struct figures *figures)
{
	const struct metrics *metrics = figures->metrics;

	json_text_open(text, "messages", '{');
	json_text_int(text, "total", (int64_t)metrics->messages);
	put_minutes(text, "minutes", &metrics->minute_messages, NULL,
		    figures->mono_ms);
	json_text_close(text, '}');
}

/* What is not known is null. */
static void put_bytes(struct json_text *text, const char *key, int64_t bytes)
{
	if (bytes >= 0)
		json_text_int(text, key, bytes);
	else
		json_text_bytes(text, key, "null", 4);
}

static void put_store(struct json_text *text, const struct figures *figures)
{
	const struct metrics *metrics = figures->metrics;
	const struct metrics_minutes *counts = &metrics->minute_writes;

	json_text_open(text, "store", '{');
	json_text_bool(text, "stalled", figures->stalled);
	put_bytes(text, "size", figures->store.size);
	put_bytes(text, "logSize", figures->store.log_size);
	put_bytes(text, "diskLeft", figures->store.left);
	put_minutes(text, "writes", counts, NULL, figures->mono_ms);
	put_minutes(text, "writeMicros", &metrics->minute_write_us, counts,
		    figures->mono_ms);
	put_minutes(text, "slowestMicros", &metrics->minute_slowest, NULL,
		    figures->mono_ms);
	json_text_close(text, '}');
}

static void put_workers(struct json_text *text, const struct figures *figures)
{
	const struct metrics *metrics = figures->metrics;
	uint64_t running = 0, still = 0, leaving = 0;
	uint64_t ends[METRICS_ENDS] = {0};

	for (size_t p = 0; p < METRICS_POOLS; p++) {
		const struct metrics_pool *pool = &metrics->pools[p];

		running += pool->running;
		still += pool->still;
		leaving += pool->leaving;
		for (size_t why = 0; why < METRICS_ENDS; why++)
			ends[why] += pool->ends[why];
	}
	json_text_open(text, "workers", '{');
	json_text_int(text, "lookedSeconds",
		      (figures->mono_ms - (int64_t)metrics->looked_ms) / 1000);
	json_text_int(text, "running", (int64_t)running);
	json_text_int(text, "still", (int64_t)still);
	json_text_int(text, "leaving", (int64_t)leaving);
	json_text_int(text, "died", (int64_t)ends[METRICS_DIED]);
	json_text_int(text, "stuck", (int64_t)ends[METRICS_STUCK]);
	json_text_int(text, "late", (int64_t)ends[METRICS_LATE]);
	json_text_close(text, '}');
}

static void put_push(struct json_text *text, const struct figures *figures)
{
	static const char *const names[] = {
		"uptimeSeconds", "websockets", "lines",	  "usersOnline",
		"delivered",	 "heals",      "dropped", "overflows",
		"queueDepth",	 "queueBytes",
	};

	if (figures->push == NULL) {
		json_text_bytes(text, "push", "null", 4);
		return;
	}
	json_text_open(text, "push", '{');
	json_text_int(text, "polls",
		      figures_push(figures, "connections") -
			      figures_push(figures, "websockets"));
	for (size_t i = 0; i < COUNT_OF(names); i++)
		json_text_int(text, names[i], figures_push(figures, names[i]));
	json_text_close(text, '}');
}

void route_operator_figures(struct app *app, const struct request *request,
			    struct response *response)
{
	struct figures figures;
	struct json_text *text = response_body(response, 200);

	(void)request;
	figures_read(app, &figures);
	json_text_start(text, '{');
	json_text_time(text, "startedAt", figures.metrics->started_ms);
	json_text_int(text, "uptimeSeconds",
		      (figures.mono_ms - figures.metrics->started_mono_ms) /
			      1000);
	put_push(text, &figures);
	put_messages(text, &figures);
	put_store(text, &figures);
	put_workers(text, &figures);
	put_bytes(text, "filesDiskLeft", figures.files_left);
	put_bytes(text, "logs", figures.logs);
	json_text_close(text, '}');
	figures_done(&figures);
}
