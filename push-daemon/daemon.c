#include "daemon.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <uv.h>

#include "api_client.h"
#include "clock.h"
#include "crypt.h"
#include "ctl_edge.h"
#include "daemon_lines.h"
#include "daemon_stats.h"
#include "hub.h"
#include "log.h"
#include "mem.h"
#include "notify_edge.h"
#include "origins.h"
#include "palabre_limits.h"
#include "palabre_options.h"
#include "pipe_server.h"
#include "refused_origins.h"
#include "sio.h"
#include "socket_edge.h"

#define TICK_MS 50
#define QUEUE_MAX 4096
#define STOP_MS 1000	/* for the last words to the workers */
#define OTHER_FILES 128 /* descriptors that are no sockets of clients */
#define PUSH_MODE 0660
#define GIVE_BACK_TICKS (5000 / TICK_MS)

struct daemon {
	const struct palabre_options *options;
	uv_loop_t loop;
	uv_timer_t tick;
	uv_signal_t term, interrupt, hangup;
	struct daemon_parts parts;
	struct daemon_lines *lines;
	struct ctl_source questions;
	unsigned ticks;
	int64_t stop_at; /* monotonic; 0: not stopping */
	bool finished;
	struct refused_origins refused;
	bool other_store; /* than it was when they came who are here */
};

/* ---- what the parts ask of each other ---- */

static void call_workers(const struct api_command *command, const char *key,
			 void *user)
{
	const struct daemon *daemon = user;

	api_client_call(daemon->parts.api, command, key);
}

static bool daemon_take_frame(const struct notify_frame *frame,
			      enum api_kind kind, void *user)
{
	const struct daemon *daemon = user;
	struct hub_worker worker = {
		.source = kind == API_RECENT ? HUB_RECENT : HUB_ANSWER,
	};

	return hub_worker_frame(daemon->parts.hub, &worker, frame);
}

static void daemon_read_position(char out[ID_SIZE], void *user)
{
	const struct daemon *daemon = user;

	hub_read_position(daemon->parts.hub, out);
}

static void answer_lost(const char *position, void *user)
{
	const struct daemon *daemon = user;

	hub_worker_lost(daemon->parts.hub, position);
}

static struct json_object *list_clients(void *user, const char *after)
{
	struct daemon *daemon = user;

	return hub_list_clients(daemon->parts.hub, after);
}

static struct json_object *read_stats(void *user)
{
	const struct daemon *daemon = user;

	return daemon_stats(&daemon->parts);
}

/* For whoever wonders why a page does not connect. */
static void log_origin(struct daemon *daemon, const char *origin,
		       const char *host)
{
	const struct log_field fields[] = {
		LOG_TEXT("origin", origin),
		LOG_TEXT("host", host),
		LOG_TEXT("setting", "allowed_origins"),
	};

	if (refused_origins_tell(&daemon->refused, origin, clock_mono_ms()))
		log_event(LOG_WARNING, "origin refused", fields,
			  COUNT_OF(fields));
}

static bool allow_origin(const char *origin, const char *host, void *user)
{
	struct daemon *daemon = user;

	if (origins_same_host(origin, host) ||
	    origins_listed(daemon->options->allowed_origins, origin))
		return true;
	log_origin(daemon, origin, host);
	return false;
}

/* ---- the end ---- */

static void daemon_finish(struct daemon *daemon)
{
	daemon->finished = true;
	uv_close((uv_handle_t *)&daemon->tick, NULL);
	uv_close((uv_handle_t *)&daemon->term, NULL);
	uv_close((uv_handle_t *)&daemon->interrupt, NULL);
	uv_close((uv_handle_t *)&daemon->hangup, NULL);
	notify_edge_close(daemon->parts.notify);
	pipe_server_close(daemon->parts.ctl);
	daemon_lines_close(daemon->lines); /* if they are not yet */
	if (daemon->parts.api != NULL)
		api_client_close(daemon->parts.api);
}

static void daemon_stop(struct daemon *daemon)
{
	daemon->stop_at = clock_mono_ms() + STOP_MS;
	hub_flush_last_seen(daemon->parts.hub);
	sio_server_close(daemon->parts.sio);
	daemon_lines_close(daemon->lines);
}

static void on_tick(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;

	if (++daemon->ticks % GIVE_BACK_TICKS == 0)
		mem_give_back();
	api_client_tick(daemon->parts.api);
	if (daemon->other_store && daemon->stop_at == 0) {
		log_warning("the store is another one (a backup was put "
			    "back): starting anew");
		daemon_stop(daemon);
	}
	if (daemon->stop_at == 0)
		hub_tick(daemon->parts.hub);
	else if (hub_flushed(daemon->parts.hub) ||
		 clock_mono_ms() >= daemon->stop_at)
		daemon_finish(daemon);
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct daemon *daemon = handle->data;

	if (daemon->stop_at != 0)
		return;
	log_info("signal %d: stopping", number);
	daemon_stop(daemon);
}

/* Whoever supervises this starts it again, and all clients come anew. In the
 * next turn: the hub is at work. */
static void end_for_another_store(void *user)
{
	struct daemon *daemon = user;

	daemon->other_store = true;
}

static void on_hangup(uv_signal_t *handle, int number)
{
	struct daemon *daemon = handle->data;

	(void)number;
	daemon_lines_reload(daemon->lines);
}

/* ---- the start ---- */

static bool serves_lines(const struct palabre_options *options)
{
	return options->line_port > 0 || options->line_tls[0] != '\0';
}

/* Sockets need descriptors; too few are said now, not at the worst time. */
static uint32_t allowed_connections(const struct palabre_options *options)
{
	struct rlimit limit;
	int64_t wanted = options->max_connections;
	int64_t others =
		OTHER_FILES +
		(serves_lines(options) ? options->line_connections : 0);

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return (uint32_t)wanted;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_max != RLIM_INFINITY &&
	    (int64_t)limit.rlim_max < wanted + others) {
		int64_t most = (int64_t)limit.rlim_max - others;

		log_warning("max_connections is %lld, but the limit of open "
			    "files (%lld) allows %lld",
			    (long long)wanted, (long long)limit.rlim_max,
			    (long long)(most > 1 ? most : 1));
		wanted = most > 1 ? most : 1;
	}
	return (uint32_t)wanted;
}

static void start_hub(struct daemon *daemon)
{
	const struct palabre_options *options = daemon->options;
	const struct hub_config config = {
		.presence_grace_ms = options->presence_grace_ms,
		.presence_broadcast_max = options->presence_broadcast_max,
		.guest_direct = options->guest_direct,
		.another_store = end_for_another_store,
		.typing_stop_ms = options->typing_stop_ms,
		.hole_ms = options->hole_ms,
		.socket_rate = options->socket_rate,
		.socket_burst = options->socket_burst,
		.user_sockets = options->user_sockets,
		.lost_ms = options->ping_interval_ms + options->ping_timeout_ms,
		.heal = options->heal,
		.mono_ms = clock_mono_ms,
		.wall_ms = clock_now_ms,
		.random = crypt_random,
		.call = call_workers,
		.user = daemon,
	};

	daemon->parts.hub = hub_new(&config);
}

static void start_api(struct daemon *daemon)
{
	const struct api_client_config config = {
		.path = daemon->options->rt_socket,
		.connections = (size_t)daemon->options->rt_workers,
		.queue_max = QUEUE_MAX,
		.frame = daemon_take_frame,
		.position = daemon_read_position,
		.lost = answer_lost,
		.user = daemon,
	};

	daemon->parts.api = api_client_new(&daemon->loop, &config);
}

static char *start_sockets(struct daemon *daemon)
{
	const struct palabre_options *options = daemon->options;
	const struct sio_config config = {
		.ping_interval_ms = (uint32_t)options->ping_interval_ms,
		.ping_timeout_ms = (uint32_t)options->ping_timeout_ms,
		.outbox_max = (uint32_t)options->outbox_max,
		.max_connections = allowed_connections(options),
		.connect_timeout_ms = (uint32_t)options->connect_timeout_ms,
		.packet_timeout_ms = (uint32_t)options->packet_timeout_ms,
		.max_strangers_per_address =
			(uint32_t)options->address_strangers,
		.max_unfinished = (uint32_t)options->unfinished_max,
		.max_payload = LIMIT_PACKET,
		.max_packet = LIMIT_PACKET,
		.trust_proxy = true,
		.allow_origin = allow_origin,
		.now_ms = clock_mono_ms,
		.random = crypt_random,
		.user = daemon,
	};

	daemon->parts.sio = sio_server_new(&daemon->loop, &config);
	socket_edge_serve(daemon->parts.sio, daemon->parts.hub);
	return sio_server_listen_unix(daemon->parts.sio, options->push_socket,
				      PUSH_MODE);
}

static void start_timers(struct daemon *daemon)
{
	uv_timer_init(&daemon->loop, &daemon->tick);
	daemon->tick.data = daemon;
	uv_timer_start(&daemon->tick, on_tick, TICK_MS, TICK_MS);
	uv_signal_init(&daemon->loop, &daemon->term);
	daemon->term.data = daemon;
	uv_signal_start(&daemon->term, on_signal, SIGTERM);
	uv_signal_init(&daemon->loop, &daemon->interrupt);
	daemon->interrupt.data = daemon;
	uv_signal_start(&daemon->interrupt, on_signal, SIGINT);
	uv_signal_init(&daemon->loop, &daemon->hangup);
	daemon->hangup.data = daemon;
	uv_signal_start(&daemon->hangup, on_hangup, SIGHUP);
}

/* NULL, or why not. push.sock comes last: who can connect is served. */
static char *daemon_start(struct daemon *daemon)
{
	const struct palabre_options *options = daemon->options;
	char *error = NULL;

	start_timers(daemon);
	start_hub(daemon);
	start_api(daemon);
	daemon->questions = (struct ctl_source){
		.stats = read_stats,
		.clients = list_clients,
		.user = daemon,
	};
	daemon->parts.ctl = ctl_edge_new(&daemon->loop, options->ctl_socket,
					 &daemon->questions, &error);
	if (error == NULL)
		daemon->parts.notify =
			notify_edge_new(&daemon->loop, daemon->parts.hub,
					options->notify_socket, &error);
	if (error == NULL)
		daemon->lines = daemon_lines_new(
			&daemon->loop, daemon->parts.hub, options, &error);
	daemon->parts.lines = daemon_lines_edge(daemon->lines);
	if (error == NULL)
		error = start_sockets(daemon);
	return error;
}

int daemon_run(const struct palabre_options *options)
{
	struct daemon *daemon = xcalloc(1, sizeof(*daemon));
	char *error;

	daemon->options = options;
	daemon->parts.started_ms = clock_mono_ms();
	signal(SIGPIPE, SIG_IGN);
	uv_loop_init(&daemon->loop);
	error = daemon_start(daemon);
	if (error != NULL) {
		log_error("%s", error);
		if (daemon->parts.sio != NULL)
			sio_server_close(daemon->parts.sio);
		daemon_finish(daemon);
	} else {
		log_info("ready on %s", options->push_socket);
	}
	uv_run(&daemon->loop, UV_RUN_DEFAULT);

	sio_server_free(daemon->parts.sio);
	daemon_lines_free(daemon->lines);
	api_client_free(daemon->parts.api);
	hub_free(daemon->parts.hub);
	uv_loop_close(&daemon->loop);
	free(daemon);

	int status = error != NULL;

	free(error);
	return status;
}
