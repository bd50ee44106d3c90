#include "line.h"

#include <stdlib.h>
#include <unistd.h>

#include "line_state.h"
#include "sio_listen.h"

int64_t line_now(const struct line_server *server)
{
	return server->config.mono_ms();
}

/* ---- which lists it is in ---- */

static struct line_list *list_of(struct line *line)
{
	struct line_server *server = line->server;

	switch (line->state) {
	case LINE_WAITING:
		return &server->waiting;
	case LINE_SHAKING:
		return &server->shaking;
	case LINE_NAMELESS:
		return &server->nameless;
	case LINE_LEAVING:
		return &server->leaving;
	case LINE_OPEN:
	case LINE_GONE:
		break;
	}
	return &server->idle;
}

void line_enter(struct line *line, enum line_state state)
{
	line->state = state;
	TAILQ_INSERT_TAIL(list_of(line), line, link);
}

void line_change(struct line *line, enum line_state state)
{
	TAILQ_REMOVE(list_of(line), line, link);
	line->used_at = line_now(line->server);
	line_enter(line, state);
}

/* To the end of those that nothing was written to for long. */
void line_used(struct line *line)
{
	if (line->state == LINE_OPEN)
		line_change(line, LINE_OPEN);
}

void line_dirty(struct line *line)
{
	if (line->is_dirty)
		return;
	line->is_dirty = true;
	TAILQ_INSERT_TAIL(&line->server->dirty, line, dirty);
}

void line_keep_busy(struct line *line)
{
	struct line_server *server = line->server;

	if (line->is_busy || line->state == LINE_GONE)
		return;
	line->is_busy = true;
	if (server->busy_count++ == 0)
		uv_timer_start(&server->timer, line_on_timer, LINE_TICK_MS,
			       LINE_TICK_MS);
	TAILQ_INSERT_TAIL(&server->busy, line, busy);
}

void line_calm(struct line *line)
{
	if (!line->is_busy)
		return;
	TAILQ_REMOVE(&line->server->busy, line, busy);
	line->server->busy_count--;
	line->is_busy = false;
}

void line_estrange(struct line *line)
{
	if (line->state != LINE_OPEN)
		return;
	eio_ledger_set(&line->server->strangers, &line->stranger,
		       line->address_key, 1);
	line_change(line, LINE_NAMELESS);
}

/* ---- the end ---- */

static void line_on_closed(uv_handle_t *handle)
{
	struct line *line = handle->data;

	line_tls_stream_free(line->tls);
	close(line->fd);
	line->server->protocol->done(line);
	line_parser_done(&line->parser);
	line_outbox_done(&line->outbox);
	if (line->server->listener != NULL)
		sio_listener_resume(line->server->listener);
	if (line->server->tls_listener != NULL)
		sio_listener_resume(line->server->tls_listener);
	free(line);
}

void line_destroy(struct line *line)
{
	struct line_server *server = line->server;

	TAILQ_REMOVE(list_of(line), line, link);
	line_calm(line);
	if (line->is_dirty)
		TAILQ_REMOVE(&server->dirty, line, dirty);
	line->is_dirty = false;
	eio_ledger_remove(&server->all, &line->place);
	eio_ledger_remove(&server->strangers, &line->stranger);
	eio_ledger_remove(&server->halves, &line->half);
	eio_ledger_remove(&server->waits, &line->wait);
	eio_ledger_remove(&server->shakes, &line->shake);
	server->stats.connections--;
	line->state = LINE_GONE;
	uv_close((uv_handle_t *)&line->poll, line_on_closed);
}

void line_lose(struct line *line, const char *reason)
{
	bool heard = line->state != LINE_LEAVING;

	if (line->state == LINE_GONE)
		return;
	if (heard)
		line->server->protocol->lost(line, reason, line->server->user);
	if (line->state != LINE_GONE)
		line_destroy(line);
}

void line_leave(struct line *line)
{
	if (line->state == LINE_GONE || line->state == LINE_LEAVING)
		return;
	eio_ledger_remove(&line->server->strangers, &line->stranger);
	eio_ledger_remove(&line->server->halves, &line->half);
	line_parser_done(&line->parser);
	line->outbox.hurries = true;
	line->paused = false;
	line->silent_at = 0;
	line_change(line, LINE_LEAVING);
	line_dirty(line);
	line_watch(line);
}
