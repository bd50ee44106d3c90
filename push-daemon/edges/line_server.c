#include "line_server.h"

#include <stdlib.h>
#include <sys/ioctl.h>

#include "line_state.h"
#include "mem.h"
#include "sio_listen.h"

#define LINGER_MS 2000
#define SHAKE_MS 10000

/* ---- time ---- */

/* A client that has closed its end without a word sees it by what it is sent;
 * a bare LF is nothing to others. */
static void line_probe(struct line *line)
{
	if (line->outbox.ends && line_listens(line) &&
	    line_outbox_waiting(&line->outbox) == 0)
		line_write(line, "\n", 1);
}

static void tick_shaking(struct line_server *server, int64_t now_ms)
{
	struct line_list *const lists[] = {&server->waiting, &server->shaking};
	int64_t patience = server->config.nameless_ms < SHAKE_MS
				   ? server->config.nameless_ms
				   : SHAKE_MS;
	struct line *line;

	line_shake_waiting(server);
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		while ((line = TAILQ_FIRST(lists[i])) != NULL &&
		       now_ms - line->used_at >= patience) {
			server->stats.timeouts++;
			line_lose(line, "handshake_timeout");
		}
	}
}

static void tick_idle(struct line_server *server, int64_t now_ms)
{
	struct line *line;

	while ((line = TAILQ_FIRST(&server->idle)) != NULL &&
	       now_ms - line->used_at >= server->config.probe_ms) {
		line_used(line);
		line_probe(line);
	}
	while ((line = TAILQ_FIRST(&server->nameless)) != NULL &&
	       now_ms - line->used_at >= server->config.nameless_ms) {
		server->stats.timeouts++;
		line_lose(line, "connect_timeout");
	}
	while ((line = TAILQ_FIRST(&server->leaving)) != NULL &&
	       now_ms - line->used_at >= LINGER_MS)
		line_destroy(line);
}

/* What has come is no silence, though there was no time to read it. */
static bool has_unread(const struct line *line)
{
	int bytes = 0;

	return ioctl(line->fd, FIONREAD, &bytes) == 0 && bytes > 0;
}

static void tick_busy(struct line *line, int64_t now_ms)
{
	struct line_server *server = line->server;
	bool again;

	if (line->overflowed) {
		server->stats.overflows++;
		line_lose(line, "overflow");
		return;
	}
	if (line->silent_at > 0 && now_ms >= line->silent_at &&
	    !has_unread(line)) {
		line->silent_at = 0;
		line_parser_silence(&line->parser, line_on_line, line);
		if (line->state != LINE_GONE)
			line_count_half(line);
	}
	again = line->state == LINE_OPEN &&
		server->protocol->tick(line, now_ms, server->user);
	if (line->state == LINE_GONE)
		return;
	if (line_outbox_waiting(&line->outbox) > 0 && !line->blocked)
		line_dirty(line);
	if (!again && line->silent_at == 0 &&
	    line_outbox_waiting(&line->outbox) == 0)
		line_calm(line);
}

/* Each may lose others: the first is always one that is there. */
void line_on_timer(uv_timer_t *timer)
{
	struct line_server *server = timer->data;
	int64_t now_ms = line_now(server);
	struct line *line;

	for (size_t left = server->busy_count; left > 0; left--) {
		line = TAILQ_FIRST(&server->busy);
		if (line == NULL)
			break;
		TAILQ_REMOVE(&server->busy, line, busy);
		TAILQ_INSERT_TAIL(&server->busy, line, busy);
		tick_busy(line, now_ms);
	}
	tick_shaking(server, now_ms);
	tick_idle(server, now_ms);
	if (server->busy_count == 0)
		uv_timer_start(timer, line_on_timer, LINE_REST_MS,
			       LINE_REST_MS);
}

/* ---- the server ---- */

struct line_server *line_server_new(uv_loop_t *loop,
				    const struct line_server_config *config,
				    const struct line_protocol *protocol,
				    void *user)
{
	struct line_server *server = xcalloc(1, sizeof(*server));
	struct line_list *lists[] = {&server->waiting,	&server->shaking,
				     &server->nameless, &server->idle,
				     &server->leaving,	&server->busy,
				     &server->dirty};

	server->loop = loop;
	server->config = *config;
	server->protocol = protocol;
	server->user = user;
	for (size_t i = 0; i < COUNT_OF(lists); i++)
		TAILQ_INIT(lists[i]);
	eio_ledger_init(&server->all, config->random);
	eio_ledger_init(&server->strangers, config->random);
	eio_ledger_init(&server->halves, config->random);
	eio_ledger_init(&server->waits, config->random);
	eio_ledger_init(&server->shakes, config->random);
	bucket_init(&server->turns, config->tls_rate, config->mono_ms());
	uv_prepare_init(loop, &server->flush);
	server->flush.data = server;
	uv_prepare_start(&server->flush, line_on_prepare);
	uv_timer_init(loop, &server->timer);
	server->timer.data = server;
	uv_timer_start(&server->timer, line_on_timer, LINE_REST_MS,
		       LINE_REST_MS);
	return server;
}

char *line_server_listen(struct line_server *server, const char *address,
			 int *port)
{
	return sio_listen_tcp(server->loop, address, port, line_on_accepted,
			      server, &server->listener);
}

char *line_server_listen_tls(struct line_server *server, const char *address,
			     int *port)
{
	return sio_listen_tcp(server->loop, address, port, line_on_accepted_tls,
			      server, &server->tls_listener);
}

static void stop_listening(struct sio_listener **listener)
{
	if (*listener != NULL)
		sio_listener_close(*listener);
	*listener = NULL;
}

void line_server_close(struct line_server *server)
{
	struct line_list *const lists[] = {&server->waiting, &server->shaking,
					   &server->nameless, &server->idle,
					   &server->leaving};
	struct line *line;

	if (server->closed)
		return;
	server->closed = true;
	stop_listening(&server->listener);
	stop_listening(&server->tls_listener);
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		while ((line = TAILQ_FIRST(lists[i])) != NULL)
			line_lose(line, "shutdown");
	}
	uv_close((uv_handle_t *)&server->flush, NULL);
	uv_close((uv_handle_t *)&server->timer, NULL);
}

void line_server_free(struct line_server *server)
{
	if (server == NULL)
		return;
	eio_ledger_done(&server->all);
	eio_ledger_done(&server->strangers);
	eio_ledger_done(&server->halves);
	eio_ledger_done(&server->waits);
	eio_ledger_done(&server->shakes);
	free(server);
}

static uint64_t waiting_in(const struct line_list *lines)
{
	const struct line *line;
	uint64_t bytes = 0;

	TAILQ_FOREACH (line, lines, link)
		bytes += line_outbox_waiting(&line->outbox);
	return bytes;
}

void line_server_read_stats(const struct line_server *server,
			    struct line_stats *out)
{
	*out = (struct line_stats){0};
	if (server == NULL)
		return;
	*out = server->stats;
	out->waiting = waiting_in(&server->nameless) +
		       waiting_in(&server->idle) + waiting_in(&server->leaving);
}
