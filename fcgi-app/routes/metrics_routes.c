/*
 * What watches the server reads, in the words of Prometheus
 * (https://prometheus.io/docs/instrumenting/exposition_formats/): the table of
 * all of it is at the end, and docs/metrics.md has the same.
 */
#include "routes.h"

#include "app.h"
#include "buf.h"
#include "figures.h"
#include "mem.h"
#include "metrics.h"
#include "refusals.h"
#include "response.h"

#define SECOND_US 1000000
#define SAMPLES_MAX 6

static const char *const pool_names[METRICS_POOLS] = {
	"api", "auth", "rt", "preview", "housekeeping",
};

/* A number that palabre-pushd says. */
struct sample {
	const char *labels; /* or "" */
	const char *stat;
};

struct metric {
	const char *name, *type, *help;
	void (*write)(const struct metric *metric,
		      const struct figures *figures, struct buf *out);
	struct sample samples[SAMPLES_MAX]; /* of write_push() */
};

/* ---- lines ---- */

/* labels: as they are written, or "". */
static void write_line(struct buf *out, const char *name, const char *labels,
		       uint64_t value)
{
	buf_addf(out, *labels != '\0' ? "%s{%s} " : "%s%s ", name, labels);
	buf_add_int(out, (int64_t)value);
	buf_adds(out, "\n");
}

static void write_seconds(struct buf *out, uint64_t us)
{
	buf_addf(out, "%llu.%06llu", (unsigned long long)(us / SECOND_US),
		 (unsigned long long)(us % SECOND_US));
}

/* A bound without the zeros that others would not write. */
static void write_bound(struct buf *out, int64_t us)
{
	int64_t rest = us % SECOND_US;
	int digits = 6;

	buf_addf(out, "%lld", (long long)(us / SECOND_US));
	for (; rest > 0 && rest % 10 == 0; rest /= 10)
		digits--;
	if (rest > 0)
		buf_addf(out, ".%0*lld", digits, (long long)rest);
}

/* https://prometheus.io/docs/concepts/metric_types/#histogram: each bucket has
 * all that was no longer. */
static void write_histogram(struct buf *out, const char *name,
			    const char *labels,
			    const struct metrics_histogram *histogram)
{
	uint64_t count = 0;

	for (size_t i = 0; i <= METRICS_BOUNDS; i++) {
		count += histogram->counts[i];
		buf_addf(out, "%s_bucket{%s,le=\"", name, labels);
		if (i < METRICS_BOUNDS)
			write_bound(out, metrics_bound_us(i));
		else
			buf_adds(out, "+Inf");
		buf_addf(out, "\"} %llu\n", (unsigned long long)count);
	}
	buf_addf(out, "%s_sum{%s} ", name, labels);
	write_seconds(out, histogram->sum_us);
	buf_addf(out, "\n%s_count{%s} %llu\n", name, labels,
		 (unsigned long long)count);
}

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

		write_histogram(out, metric->name, labels, &route->took);
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
		write_line(out, metric->name, labels,
			   figures->metrics->refused[i]);
		free(labels);
	}
}

/* ---- the rest of palabre-api ---- */

static void write_version(const struct metric *metric,
			  const struct figures *figures, struct buf *out)
{
	(void)figures;
	write_line(out, metric->name, "version=\"" PACKAGE_VERSION "\"", 1);
}

static void write_uptime(const struct metric *metric,
			 const struct figures *figures, struct buf *out)
{
	int64_t ms = figures->mono_ms - figures->metrics->started_mono_ms;

	write_line(out, metric->name, "program=\"palabre-api\"",
		   (uint64_t)ms / 1000);
	if (figures->push != NULL)
		write_line(out, metric->name, "program=\"palabre-pushd\"",
			   (uint64_t)figures_push(figures, "uptimeSeconds"));
}

static void write_messages(const struct metric *metric,
			   const struct figures *figures, struct buf *out)
{
	write_line(out, metric->name, "", figures->metrics->messages);
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
		write_histogram(out, metric->name, labels[i],
				&figures->metrics->stored[i]);
}

/* What is not known is left out. */
static void write_bytes(struct buf *out, const char *name, const char *labels,
			int64_t bytes)
{
	if (bytes >= 0)
		write_line(out, name, labels, (uint64_t)bytes);
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
	write_line(out, metric->name, "", figures->stalled);
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

	write_line(out, metric->name, "", ms > 0 ? (uint64_t)ms / 1000 : 0);
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

/* ---- palabre-pushd ---- */

static void write_push_up(const struct metric *metric,
			  const struct figures *figures, struct buf *out)
{
	write_line(out, metric->name, "", figures->push != NULL);
}

static void write_push(const struct metric *metric,
		       const struct figures *figures, struct buf *out)
{
	for (size_t i = 0; i < SAMPLES_MAX && metric->samples[i].stat; i++)
		write_line(out, metric->name, metric->samples[i].labels,
			   (uint64_t)figures_push(figures,
						  metric->samples[i].stat));
}

static void write_connections(const struct metric *metric,
			      const struct figures *figures, struct buf *out)
{
	int64_t all = figures_push(figures, "connections");
	int64_t websockets = figures_push(figures, "websockets");

	write_line(out, metric->name, "transport=\"websocket\"",
		   (uint64_t)websockets);
	write_line(out, metric->name, "transport=\"polling\"",
		   (uint64_t)(all - websockets));
	write_line(out, metric->name, "transport=\"line\"",
		   (uint64_t)figures_push(figures, "lines"));
}

/* ---- all of it ---- */

static const struct metric metrics[] = {
	{"palabre_info", "gauge", "1, for its label", write_version, {{0}}},
	{"palabre_uptime_seconds",
	 "gauge",
	 "since the program started",
	 write_uptime,
	 {{0}}},
	{"palabre_requests_total",
	 "counter",
	 "requests that workers answered, by route and kind of status",
	 write_statuses,
	 {{0}}},
	{"palabre_request_seconds",
	 "histogram",
	 "from the request to its answer, by route",
	 write_times,
	 {{0}}},
	{"palabre_refusals_total",
	 "counter",
	 "requests and commands that were refused, by reason",
	 write_refusals,
	 {{0}}},
	{"palabre_messages_total",
	 "counter",
	 "messages that people sent",
	 write_messages,
	 {{0}}},
	{"palabre_store_seconds",
	 "histogram",
	 "what the store took: to read, to write until it was durable, and of "
	 "that the commit with its sync",
	 write_store_times,
	 {{0}}},
	{"palabre_store_bytes",
	 "gauge",
	 "size of the store, and of its log that is yet to be copied back",
	 write_store_size,
	 {{0}}},
	{"palabre_store_stalled",
	 "gauge",
	 "1: the disk of the store does not answer, and nothing is written",
	 write_stalled,
	 {{0}}},
	{"palabre_log_bytes",
	 "gauge",
	 "size of the files in log_dir",
	 write_logs,
	 {{0}}},
	{"palabre_disk_free_bytes",
	 "gauge",
	 "left on the disk of the store, and of uploaded files",
	 write_disk,
	 {{0}}},
	{"palabre_supervisor_seconds",
	 "gauge",
	 "since palabre-api last saw to its workers, which it does every 2 s",
	 write_looked,
	 {{0}}},
	{"palabre_workers",
	 "gauge",
	 "processes that run, that have not moved for some seconds, that are "
	 "about to be replaced",
	 write_workers,
	 {{0}}},
	{"palabre_worker_restarts_total",
	 "counter",
	 "processes that had to be replaced: they died, did not move for 10 s, "
	 "or did not leave when they were told to",
	 write_restarts,
	 {{0}}},
	{"palabre_push_up",
	 "gauge",
	 "1: palabre-pushd answers; else what follows is not there",
	 write_push_up,
	 {{0}}},

	{"palabre_connections",
	 "gauge",
	 "connections of clients, by transport",
	 write_connections,
	 {{0}}},
	{"palabre_connections_total",
	 "counter",
	 "connections that clients have opened",
	 write_push,
	 {{"kind=\"socket\"", "connectionsTotal"},
	  {"kind=\"line\"", "linesTotal"}}},
	{"palabre_users_online",
	 "gauge",
	 "users with a connection",
	 write_push,
	 {{"", "usersOnline"}}},
	{"palabre_rooms",
	 "gauge",
	 "rooms that somebody here hears",
	 write_push,
	 {{"", "rooms"}}},
	{"palabre_events_total",
	 "counter",
	 "events that clients sent",
	 write_push,
	 {{"", "eventsIn"}}},
	{"palabre_frames_total",
	 "counter",
	 "what workers told palabre-pushd",
	 write_push,
	 {{"", "frames"}}},
	{"palabre_frames_seen_total",
	 "counter",
	 "events in it that had been delivered before",
	 write_push,
	 {{"", "seenBefore"}}},
	{"palabre_deliveries_total",
	 "counter",
	 "events to one client each",
	 write_push,
	 {{"", "delivered"}}},
	{"palabre_bytes_total",
	 "counter",
	 "bytes of sockets",
	 write_push,
	 {{"direction=\"in\"", "bytesIn"}, {"direction=\"out\"", "bytesOut"}}},
	{"palabre_queue_bytes",
	 "gauge",
	 "bytes that wait for clients",
	 write_push,
	 {{"", "queueBytes"}}},
	{"palabre_queue_commands",
	 "gauge",
	 "commands of clients that wait for a worker, or are with one",
	 write_push,
	 {{"state=\"waiting\"", "queueDepth"},
	  {"state=\"under_way\"", "inFlight"}}},
	{"palabre_heals_total",
	 "counter",
	 "times that workers were asked for what may have been missed",
	 write_push,
	 {{"", "heals"}}},
	{"palabre_healed_total",
	 "counter",
	 "messages and changes that were delivered by that",
	 write_push,
	 {{"", "healed"}}},
	{"palabre_syncs_total",
	 "counter",
	 "times that clients were told to fetch what they missed",
	 write_push,
	 {{"", "syncs"}}},
	{"palabre_drops_total",
	 "counter",
	 "typing and presence that slow clients were not told",
	 write_push,
	 {{"", "dropped"}}},
	{"palabre_closed_total",
	 "counter",
	 "connections that were closed: they read too slowly, fell silent (of "
	 "lines: gave no name), or had to make room",
	 write_push,
	 {{"kind=\"socket\",reason=\"slow\"", "overflows"},
	  {"kind=\"socket\",reason=\"silent\"", "timeouts"},
	  {"kind=\"socket\",reason=\"crowded\"", "crowded"},
	  {"kind=\"line\",reason=\"slow\"", "linesSlow"},
	  {"kind=\"line\",reason=\"silent\"", "linesNameless"},
	  {"kind=\"line\",reason=\"crowded\"", "linesCrowded"}}},
	{"palabre_push_refusals_total",
	 "counter",
	 "what palabre-pushd refused: events that came too often, clients that "
	 "were not let in, clients that came while no worker answered, lines "
	 "for which there was no room, commands that found the queue full",
	 write_push,
	 {{"reason=\"rate_limited\"", "rateLimited"},
	  {"reason=\"not_let_in\"", "sessionsRefused"},
	  {"reason=\"turned_away\"", "turnedAway"},
	  {"reason=\"line\"", "linesRefused"},
	  {"reason=\"queue_full\"", "rtRefused"}}},
	{"palabre_calls_total",
	 "counter",
	 "calls of palabre-pushd to workers: all, and those that were lost",
	 write_push,
	 {{"state=\"made\"", "rtCalls"}, {"state=\"lost\"", "rtLost"}}},
	{"palabre_worker_links",
	 "gauge",
	 "workers that have a connection to palabre-pushd",
	 write_push,
	 {{"", "workers"}}},
	{"palabre_worker_links_lost_total",
	 "counter",
	 "such connections that ended without a word",
	 write_push,
	 {{"", "workersLost"}}},
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

		if (figures.push == NULL &&
		    (metric->write == write_push ||
		     metric->write == write_connections))
			continue;
		buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", metric->name,
			 metric->help, metric->name, metric->type);
		metric->write(metric, &figures, out);
	}
	figures_done(&figures);
}
