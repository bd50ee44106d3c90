#include "daemon_stats.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "api_client.h"
#include "clock.h"
#include "hub.h"
#include "json.h"
#include "line_edge.h"
#include "mem.h"
#include "notify_edge.h"
#include "sio.h"

struct all {
	struct hub_stats hub;
	struct api_client_stats api;
	struct notify_edge_stats notify;
	struct sio_stats sio;
	struct line_stats lines;
	uint64_t uptime_s, queue_bytes;
};

#define ROW(name, member) {name, offsetof(struct all, member)}

static const struct {
	const char *name;
	size_t offset; /* of a uint64_t */
} rows[] = {
	ROW("uptimeSeconds", uptime_s),
	ROW("connections", sio.connections),
	ROW("connectionsTotal", sio.connections_total),
	ROW("websockets", sio.websockets),
	ROW("clients", hub.clients),
	ROW("usersOnline", hub.users_online),
	ROW("rooms", hub.rooms),
	ROW("eventsIn", hub.events_in),
	ROW("frames", hub.frames),
	ROW("delivered", hub.delivered),
	ROW("seenBefore", hub.seen_before),
	ROW("rateLimited", hub.rate_limited),
	ROW("sessionsRefused", hub.sessions_refused),
	ROW("turnedAway", hub.turned_away),
	ROW("typing", hub.typing),
	ROW("heals", hub.heals),
	ROW("healed", hub.healed),
	ROW("syncs", hub.syncs),
	ROW("holes", hub.holes),
	ROW("windows", hub.windows),
	ROW("framesOut", sio.deliveries),
	ROW("dropped", sio.dropped),
	ROW("overflows", sio.overflows),
	ROW("timeouts", sio.timeouts),
	ROW("crowded", sio.crowded),
	ROW("bytesIn", sio.bytes_in),
	ROW("bytesOut", sio.bytes_out),
	ROW("writes", sio.writes),
	ROW("lines", lines.connections),
	ROW("linesTotal", lines.connections_total),
	ROW("linesRefused", lines.refused),
	ROW("linesCrowded", lines.crowded),
	ROW("linesNameless", lines.timeouts),
	ROW("linesSlow", lines.overflows),
	ROW("linesNoTls", lines.strange_shakes),
	ROW("rtCalls", api.calls),
	ROW("rtCommands", api.commands),
	ROW("rtAnswers", api.answers),
	ROW("rtLost", api.lost),
	ROW("rtRefused", api.refused),
	ROW("rtMoved", api.moved),
	ROW("rtConnected", api.connected),
	ROW("queueDepth", api.waiting),
	ROW("queueBytes", queue_bytes),
	ROW("inFlight", api.in_flight),
	ROW("workers", notify.connected),
	ROW("workersLost", notify.lost),
	ROW("workersMalformed", notify.malformed),
};

struct json_object *daemon_stats(const struct daemon_parts *parts)
{
	struct json_object *stats = json_new_object();
	struct all all;

	hub_read_stats(parts->hub, &all.hub);
	api_client_read_stats(parts->api, &all.api);
	notify_edge_read_stats(parts->notify, &all.notify);
	sio_server_stats(parts->sio, &all.sio);
	line_edge_read_stats(parts->lines, &all.lines);
	all.uptime_s = (uint64_t)(clock_mono_ms() - parts->started_ms) / 1000;
	all.queue_bytes = all.sio.waiting + all.lines.waiting;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		uint64_t value;

		memcpy(&value, (const char *)&all + rows[i].offset,
		       sizeof(value));
		json_put_int(stats, rows[i].name, (int64_t)value);
	}
	return stats;
}
