#include "metrics_push.h"

#include <stddef.h>

#include "figures.h"
#include "mem.h"
#include "metrics_text.h"

#define SAMPLES_MAX 6

/* A number that palabre-pushd says. */
struct sample {
	const char *labels; /* or "" */
	const char *stat;
};

struct push_metric {
	const char *name, *type, *help;
	struct sample samples[SAMPLES_MAX];
};

static const struct push_metric metrics[] = {
	{"palabre_connections_total",
	 "counter",
	 "connections that clients have opened",
	 {{"kind=\"socket\"", "connectionsTotal"},
	  {"kind=\"line\"", "linesTotal"}}},
	{"palabre_users_online",
	 "gauge",
	 "users with a connection",
	 {{"", "usersOnline"}}},
	{"palabre_rooms",
	 "gauge",
	 "rooms that somebody here hears",
	 {{"", "rooms"}}},
	{"palabre_events_total",
	 "counter",
	 "events that clients sent",
	 {{"", "eventsIn"}}},
	{"palabre_frames_total",
	 "counter",
	 "what workers told palabre-pushd",
	 {{"", "frames"}}},
	{"palabre_frames_seen_total",
	 "counter",
	 "events in it that had been delivered before",
	 {{"", "seenBefore"}}},
	{"palabre_deliveries_total",
	 "counter",
	 "events to one client each",
	 {{"", "delivered"}}},
	{"palabre_bytes_total",
	 "counter",
	 "bytes of sockets",
	 {{"direction=\"in\"", "bytesIn"}, {"direction=\"out\"", "bytesOut"}}},
	{"palabre_queue_bytes",
	 "gauge",
	 "bytes that wait for clients",
	 {{"", "queueBytes"}}},
	{"palabre_queue_commands",
	 "gauge",
	 "commands of clients that wait for a worker, or are with one",
	 {{"state=\"waiting\"", "queueDepth"},
	  {"state=\"under_way\"", "inFlight"}}},
	{"palabre_heals_total",
	 "counter",
	 "times that workers were asked for what may have been missed",
	 {{"", "heals"}}},
	{"palabre_healed_total",
	 "counter",
	 "messages and changes that were delivered by that",
	 {{"", "healed"}}},
	{"palabre_syncs_total",
	 "counter",
	 "times that clients were told to fetch what they missed",
	 {{"", "syncs"}}},
	{"palabre_drops_total",
	 "counter",
	 "typing and presence that slow clients were not told",
	 {{"", "dropped"}}},
	{"palabre_closed_total",
	 "counter",
	 "connections that were closed: they read too slowly, fell silent (of "
	 "lines: gave no name), or had to make room",
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
	 {{"reason=\"rate_limited\"", "rateLimited"},
	  {"reason=\"not_let_in\"", "sessionsRefused"},
	  {"reason=\"turned_away\"", "turnedAway"},
	  {"reason=\"line\"", "linesRefused"},
	  {"reason=\"queue_full\"", "rtRefused"}}},
	{"palabre_calls_total",
	 "counter",
	 "calls of palabre-pushd to workers: all, and those that were lost",
	 {{"state=\"made\"", "rtCalls"}, {"state=\"lost\"", "rtLost"}}},
	{"palabre_worker_links",
	 "gauge",
	 "workers that have a connection to palabre-pushd",
	 {{"", "workers"}}},
	{"palabre_worker_links_lost_total",
	 "counter",
	 "such connections that ended without a word",
	 {{"", "workersLost"}}},
};

/* Of sockets, it says how many there are of both kinds and of one. */
static void write_connections(struct buf *out, const struct figures *figures)
{
	static const char name[] = "palabre_connections";
	int64_t all = figures_push(figures, "connections");
	int64_t websockets = figures_push(figures, "websockets");

	metrics_text_head(out, name, "gauge",
			  "connections of clients, by transport");
	metrics_text_line(out, name, "transport=\"websocket\"",
			  (uint64_t)websockets);
	metrics_text_line(out, name, "transport=\"polling\"",
			  (uint64_t)(all - websockets));
	metrics_text_line(out, name, "transport=\"line\"",
			  (uint64_t)figures_push(figures, "lines"));
}

static void write_metric(struct buf *out, const struct figures *figures,
			 const struct push_metric *metric)
{
	metrics_text_head(out, metric->name, metric->type, metric->help);
	for (size_t i = 0; i < SAMPLES_MAX && metric->samples[i].stat; i++)
		metrics_text_line(out, metric->name, metric->samples[i].labels,
				  (uint64_t)figures_push(
					  figures, metric->samples[i].stat));
}

void metrics_push_write(struct buf *out, const struct figures *figures)
{
	if (figures->push == NULL)
		return;
	write_connections(out, figures);
	for (size_t i = 0; i < COUNT_OF(metrics); i++)
		write_metric(out, figures, &metrics[i]);
}
