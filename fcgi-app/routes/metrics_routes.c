/* What watches the server reads: the table of what palabre-api has counted is
 * at the end, that of palabre-pushd in metrics_push.c, and docs/metrics.md has
 * both. */
#include "routes.h"

#include "app.h"
#include "buf.h"
#include "figures.h"
#include "mem.h"
#include "metrics.h"
#include "metrics_push.h"
#include "metrics_text.h"
#include "refusals.h"
#include "response.h"

static const char *const pool_names[METRICS_POOLS] = {
	"api", "auth", "rt", "preview", "housekeeping",
};

struct metric {
	const char *name, *type, *help;
	void (*write)(const struct metric *metric,
		      const struct figures *figures, struct buf *out);
};

/* ---- requests: rows that nobody asked for yet are left out ---- */

static char *labels_of(size_t row)
{
	if (row == METRICS_CALLS)
		return xstrdup("method=\"POST\",route=\"/rt\"");
	if (row == METRICS_NO_ROUTE)
		return xstrdup("method=\"\",route=\"\"");
	return xasprintf("method=\"%s\",route=\"%s\"", routes_table[row].method,
			 routes_table[row].pattern);
}

static void write_statuses(const struct metric *metric,
			   const struct figures *figures, struct buf *out)
{
	for (size_t row = 0; row < METRICS_ROUTES; row++) {
		const struct metrics_route *route =
			&figures->metrics->routes[row];

		for (size_t i = 0; i < METRICS_STATUSES; i++) {
			if (route->statuses[i] == 0)
				continue;
			char *labels = labels_of(row);

			buf_addf(out, "%s{%s,status=\"%zuxx\"} %llu\n",
				 metric->name, labels, i + 1,
				 (unsigned long long)route->statuses[i]);
			free(labels);
		}
	}
}

static void write_times(const struct metric *metric,
			const struct figures *figures, struct buf *out)
{
	for (size_t row = 0; row < METRICS_ROUTES; row++) {
		const struct metrics_route *route =
			&figures->metrics->routes[row];
		uint64_t answers = 0;

		for (size_t i = 0; i < METRICS_STATUSES; i++)
			answers += route->statuses[i];
		if (answers == 0)
			continue;
		char *labels = labels_of(row);

		metrics_text_histogram(out, metric->name, labels, &route->took);
		free(labels);
	}
}

static void write_refusals(const struct metric *metric,
			   const struct figures *figures, struct buf *out)
{
	for (size_t i = 0; i < REFUSAL_COUNT; i++) {
		const char *code = refusal_row((enum refusal)i)->code;
		char *labels;

		/* Some share a code. */
		if (refusal_of_code(code) != i)
			continue;
		labels = xasprintf("code=\"%s\"", code);
		metrics_text_line(out, metric->name, labels,
				  figures->metrics->refused[i]);
		free(labels);
	}
}

/* ---- the rest of palabre-api ---- */

static void write_version(const struct metric *metric,
			  const struct figures *figures, struct buf *out)
{
	(void)figures;
	metrics_text_line(out, metric->name, "version=\"" PACKAGE_VERSION "\"",
			  1);
}

static void write_uptime(const struct metric *metric,
			 const struct figures *figures, struct buf *out)
{
	int64_t ms = figures->mono_ms - figures->metrics->started_mono_ms;

	metrics_text_line(out, metric->name, "program=\"palabre-api\"",
			  (uint64_t)ms / 1000);
	if (figures->push != NULL)
		metrics_text_line(
			out, metric->name, "program=\"palabre-pushd\"",
			(uint64_t)figures_push(figures, "uptimeSeconds"));
}

static void write_messages(const struct metric *metric,
			   const struct figures *figures, struct buf *out)
{
	metrics_text_line(out, metric->name, "", figures->metrics->messages);
}

static void write_store_times(const struct metric *metric,
			      const struct figures *figures, struct buf *out)
{
	static const char *const labels[STORE_TIMES] = {
		[STORE_TIME_READ] = "operation=\"read\"",
		[STORE_TIME_WRITE] = "operation=\"write\"",
		[STORE_TIME_COMMIT] = "operation=\"commit\"",
	};

	for (size_t i = 0; i < STORE_TIMES; i++)
		metrics_text_histogram(out, metric->name, labels[i],
				       &figures->metrics->stored[i]);
}

/* What is not known is left out. */
static void write_bytes(struct buf *out, const char *name, const char *labels,
			int64_t bytes)
{
	if (bytes >= 0)
		metrics_text_line(out, name, labels, (uint64_t)bytes);
}

static void write_store_size(const struct metric *metric,
			     const struct figures *figures, struct buf *out)
{
	write_bytes(out, metric->name, "file=\"store\"", figures->store.size);
	write_bytes(out, metric->name, "file=\"log\"", figures->store.log_size);
}

static void write_disk(const struct metric *metric,
		       const struct figures *figures, struct buf *out)
{
	write_bytes(out, metric->name, "of=\"store\"", figures->store.left);
	write_bytes(out, metric->name, "of=\"files\"", figures->files_left);
}

static void write_stalled(const struct metric *metric,
			  const struct figures *figures, struct buf *out)
{
	metrics_text_line(out, metric->name, "", figures->stalled);
}

static void write_logs(const struct metric *metric,
		       const struct figures *figures, struct buf *out)
{
	write_bytes(out, metric->name, "", figures->logs);
}

static void write_looked(const struct metric *metric,
			 const struct figures *figures, struct buf *out)
{
	int64_t ms = figures->mono_ms - (int64_t)figures->metrics->looked_ms;

	metrics_text_line(out, metric->name, "",
			  ms > 0 ? (uint64_t)ms / 1000 : 0);
}

static void write_workers(const struct metric *metric,
			  const struct figures *figures, struct buf *out)
{
	for (size_t p = 0; p < METRICS_POOLS; p++) {
		const struct metrics_pool *pool = &figures->metrics->pools[p];
		const struct {
			const char *state;
			uint64_t count;
		} rows[] = {
			{"running", pool->running},
			{"still", pool->still},
			{"leaving", pool->leaving},
		};

		for (size_t i = 0; i < COUNT_OF(rows); i++)
			buf_addf(out, "%s{pool=\"%s\",state=\"%s\"} %llu\n",
				 metric->name, pool_names[p], rows[i].state,
				 (unsigned long long)rows[i].count);
	}
}

static void write_restarts(const struct metric *metric,
			   const struct figures *figures, struct buf *out)
{
	static const char *const reasons[METRICS_ENDS] = {
		[METRICS_DIED] = "died",
		[METRICS_STUCK] = "stuck",
		[METRICS_LATE] = "late",
	};

	for (size_t p = 0; p < METRICS_POOLS; p++) {
		const struct metrics_pool *pool = &figures->metrics->pools[p];

		for (size_t i = 0; i < METRICS_ENDS; i++)
			buf_addf(out, "%s{pool=\"%s\",reason=\"%s\"} %llu\n",
				 metric->name, pool_names[p], reasons[i],
				 (unsigned long long)pool->ends[i]);
	}
}

static void write_push_up(const struct metric *metric,
			  const struct figures *figures, struct buf *out)
{
	metrics_text_line(out, metric->name, "", figures->push != NULL);
}

/* ---- all of it ---- */

static const struct metric metrics[] = {
	{"palabre_info", "gauge", "1, for its label", write_version},
	{"palabre_uptime_seconds", "gauge", "since the program started",
	 write_uptime},
	{"palabre_requests_total", "counter",
	 "requests that workers answered, by route and kind of status",
	 write_statuses},
	{"palabre_request_seconds", "histogram",
	 "from the request to its answer, by route", write_times},
	{"palabre_refusals_total", "counter",
	 "requests and commands that were refused, by reason", write_refusals},
	{"palabre_messages_total", "counter", "messages that people sent",
	 write_messages},
	{"palabre_store_seconds", "histogram",
	 "what the store took: to read, to write until it was durable, and of "
	 "that the commit with its sync",
	 write_store_times},
	{"palabre_store_bytes", "gauge",
	 "size of the store, and of its log that is yet to be copied back",
	 write_store_size},
	{"palabre_store_stalled", "gauge",
	 "1: the disk of the store does not answer, and nothing is written",
	 write_stalled},
	{"palabre_log_bytes", "gauge", "size of the files in log_dir",
	 write_logs},
	{"palabre_disk_free_bytes", "gauge",
	 "left on the disk of the store, and of uploaded files", write_disk},
	{"palabre_supervisor_seconds", "gauge",
	 "since palabre-api last saw to its workers, which it does every 2 s",
	 write_looked},
	{"palabre_workers", "gauge",
	 "processes that run, that have not moved for some seconds, that are "
	 "about to be replaced",
	 write_workers},
	{"palabre_worker_restarts_total", "counter",
	 "processes that had to be replaced: they died, did not move for 10 s, "
	 "or did not leave when they were told to",
	 write_restarts},
	{"palabre_push_up", "gauge",
	 "1: palabre-pushd answers; else what follows is not there",
	 write_push_up},
};

void route_metrics(struct app *app, const struct request *request,
		   struct response *response)
{
	struct figures figures;
	struct buf *out = response_bytes(
		response, 200, "text/plain; version=0.0.4; charset=utf-8");

	(void)request;
	figures_read(app, &figures);
	for (size_t i = 0; i < COUNT_OF(metrics); i++) {
		const struct metric *metric = &metrics[i];

		metrics_text_head(out, metric->name, metric->type,
				  metric->help);
		metric->write(metric, &figures, out);
	}
	metrics_push_write(out, &figures);
	figures_done(&figures);
}
