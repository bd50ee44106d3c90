/*
 * daemon_stats - the daemon's parts, and their counters as one JSON object.
 */
#ifndef DAEMON_STATS_H
#define DAEMON_STATS_H

#include <stdint.h>

struct api_client;
struct hub;
struct json_object;
struct line_edge;
struct notify_edge;
struct pipe_server;
struct sio_server;

struct daemon_parts {
	int64_t started_ms; /* clock_mono_ms() */
	struct hub *hub;
	struct api_client *api;
	struct notify_edge *notify;
	struct pipe_server *ctl;
	struct sio_server *sio;
	struct line_edge *lines; /* NULL: there is no port for them */
};

/* The caller frees it. */
struct json_object *daemon_stats(const struct daemon_parts *parts);

#endif
