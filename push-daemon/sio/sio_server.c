#include "sio.h"

#include <assert.h>

#include "mem.h"
#include "sio_core.h"
#include "sio_edge.h"
#include "sio_listen.h"

#define SWEEP_MS 500
#define DRAIN_MS 1000 /* for close frames and last answers */
#define MAX_LISTENERS 4
#define PUT_OFF_MOST 64
#define PUT_OFF_MOST_US 2000

struct sio_server {
	uv_loop_t *loop;
	struct sio_core *core;
	struct sio_edge *edge;
	uv_prepare_t prepare;
	uv_timer_t tick;
	struct sio_listener *listeners[MAX_LISTENERS];
	size_t listeners_len;
	unsigned put_off; /* flushes, one after the other */
	uint64_t put_off_us, put_off_bytes;
	int64_t swept_ms;
	bool closing;
	int64_t closed_ms;
};

static int64_t server_now(const struct sio_server *server)
{
	return server->core->config.now_ms();
}

static void server_flush(struct sio_server *server)
{
	eio_flush(server->core->engine);
	sio_edge_flushed(server->edge);
}

/* Whether to read on before anything is written, see sio.h. */
static bool server_reads_on(struct sio_server *server)
{
	const struct sio_config *config = &server->core->config;
	uint64_t bytes = eio_engine_stats(server->core->engine)->bytes_in;
	uint64_t now_us = uv_hrtime() / 1000;

	if (!sio_edge_reads_on(server->edge))
		return false;
	if (server->put_off == 0) {
		server->put_off_us = now_us;
		server->put_off_bytes = bytes;
	}
	return ++server->put_off <= PUT_OFF_MOST &&
	       now_us - server->put_off_us < PUT_OFF_MOST_US &&
	       bytes - server->put_off_bytes < config->outbox_max / 4;
}

/* Before the loop sleeps: all that this iteration left to be written. */
static void server_prepared(uv_prepare_t *prepare)
{
	struct sio_server *server = prepare->data;

	if (server_reads_on(server))
		return;
	server->put_off = 0;
	server_flush(server);
}

static void finish_closing(struct sio_server *server)
{
	uv_close((uv_handle_t *)&server->prepare, NULL);
	uv_close((uv_handle_t *)&server->tick, NULL);
	sio_edge_close(server->edge);
	server_flush(server);
}

static void server_ticked(uv_timer_t *tick)
{
	struct sio_server *server = tick->data;
	int64_t at = server_now(server);

	eio_tick(server->core->engine, at);
	if (at - server->swept_ms >= SWEEP_MS) {
		server->swept_ms = at;
		sio_edge_sweep(server->edge);
		for (size_t i = 0; i < server->listeners_len; i++)
			sio_listener_resume(server->listeners[i]);
	}
	if (server->closing && (sio_edge_connections(server->edge) == 0 ||
				at - server->closed_ms >= DRAIN_MS))
		finish_closing(server);
}

struct sio_server *sio_server_new(uv_loop_t *loop,
				  const struct sio_config *given)
{
	struct sio_server *server = xcalloc(1, sizeof(*server));
	struct sio_config config = *given;

	sio_config_complete(&config);
	server->loop = loop;
	server->core = sio_core_new(&config, &sio_edge_ops, config.now_ms());
	server->edge = sio_edge_new(loop, server->core);
	assert(server->edge != NULL);
	uv_prepare_init(loop, &server->prepare);
	server->prepare.data = server;
	uv_prepare_start(&server->prepare, server_prepared);
	uv_timer_init(loop, &server->tick);
	server->tick.data = server;
	uint32_t every = eio_engine_wheel(server->core->engine)->tick_ms;
	uv_timer_start(&server->tick, server_ticked, every, every);
	return server;
}

void sio_namespace(struct sio_server *server, const char *name,
		   const struct sio_handlers *handlers, void *user)
{
	sio_namespace_add(server->core, name, handlers, user);
}

void sio_engine(struct sio_server *server, const char *path,
		const struct sio_engine_handlers *handlers, void *user)
{
	sio_core_engine(server->core, path, handlers, user);
}

static void server_accepted(int fd, const struct sockaddr_storage *peer,
			    void *user)
{
	struct sio_server *server = user;

	(void)peer;
	sio_edge_adopt(server->edge, fd);
}

char *sio_server_listen_unix(struct sio_server *server, const char *path,
			     unsigned mode)
{
	assert(server->listeners_len < MAX_LISTENERS);
	char *error = sio_listen_unix(
		server->loop, path, mode, server_accepted, server,
		&server->listeners[server->listeners_len]);

	server->listeners_len += error == NULL;
	return error;
}

char *sio_server_listen_tcp(struct sio_server *server, const char *address,
			    int *port)
{
	assert(server->listeners_len < MAX_LISTENERS);
	char *error = sio_listen_tcp(server->loop, address, port,
				     server_accepted, server,
				     &server->listeners[server->listeners_len]);

	server->listeners_len += error == NULL;
	return error;
}

size_t sio_send_room(struct sio_server *server, const char *name,
		     const char *room, struct sio_message *message, int flags,
		     const struct sio_socket *except)
{
	return sio_core_send_room(server->core, name, room, message, flags,
				  except);
}

void sio_server_close(struct sio_server *server)
{
	if (server->closing)
		return;
	server->closing = true;
	server->closed_ms = server_now(server);
	while (server->listeners_len > 0)
		sio_listener_close(server->listeners[--server->listeners_len]);
	eio_shutdown(server->core->engine);
	/* From now on the tick only waits for the connections to go. */
	uv_timer_start(&server->tick, server_ticked, 10, 10);
}

void sio_server_free(struct sio_server *server)
{
	if (server == NULL)
		return;
	assert(server->closing);
	sio_edge_free(server->edge);
	sio_core_free(server->core);
	free(server);
}

void sio_server_stats(const struct sio_server *server, struct sio_stats *out)
{
	*out = *eio_engine_stats(server->core->engine);
}
