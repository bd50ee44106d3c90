#include <errno.h>
#include <sys/socket.h>

#include "line_state.h"

#define READ_SIZE 16384 /* what a record of TLS has: nothing stays behind */
#define DROPPED_MAX (1024 * 1024) /* bytes of a line nobody wants */

void line_on_line(enum line_kind kind, char *text, size_t len, void *context)
{
	struct line *line = context;
	struct line_server *server = line->server;

	if (line->state == LINE_NAMELESS) {
		line->outbox.ends = line->parser.ends;
		if (!line->deaf)
			eio_ledger_remove(&server->strangers, &line->stranger);
		line_change(line, LINE_OPEN);
	}
	line->left_alone = false;
	if (line->state == LINE_OPEN)
		server->protocol->heard(line, kind, text, len, server->user);
}

void line_count_half(struct line *line)
{
	struct line_server *server = line->server;
	struct eio_hold *worst;

	eio_ledger_set(&server->halves, &line->half, line->address_key,
		       line->parser.cap);
	while (server->halves.weight > server->config.halves_max) {
		worst = eio_ledger_worst(&server->halves);
		server->stats.crowded++;
		line_lose(LINE_OF(worst, half), "unfinished");
	}
}

/* Of a line that was too long, or after the last words: they go on reading
 * these while we wait for the end. */
static void line_drop(struct line *line, size_t len)
{
	struct line_server *server = line->server;

	line->dropped += len;
	if (line->dropped <= DROPPED_MAX)
		return;
	line->dropped = 0;
	if (line->state == LINE_LEAVING) {
		line_destroy(line);
		return;
	}
	server->protocol->lost(line, "too_large", server->user);
	line_leave(line);
}

static void line_take(struct line *line, const char *bytes, size_t len)
{
	if (line->state == LINE_LEAVING || line->parser.dropping)
		line_drop(line, len);
	if (line->state == LINE_LEAVING || line->state == LINE_GONE)
		return;
	line_parser_feed(&line->parser, bytes, len, line_on_line, line);
	if (line->state == LINE_LEAVING || line->state == LINE_GONE)
		return;
	line->silent_at = line_parser_waits(&line->parser)
				  ? line_now(line->server) + LINE_SILENCE_MS
				  : 0;
	if (line->silent_at > 0)
		line_keep_busy(line);
	line_count_half(line);
}

/* What has no end yet may be half of a line; not where silence ends lines. */
static bool line_is_cut(const struct line *line)
{
	if (line->tls != NULL)
		return line_tls_is_cut(line->tls);
	return line->cut && line->parser.ends;
}

static void take_end(struct line *line)
{
	if (line->state == LINE_LEAVING) {
		line_destroy(line);
		return;
	}
	if (line_is_cut(line))
		line_parser_done(&line->parser);
	else
		line_parser_finish(&line->parser, line_on_line, line);
	if (line->state == LINE_NAMELESS)
		line_lose(line, "transport_close");
	if (line->state != LINE_OPEN)
		return;
	line->paused = true;
	line_watch(line);
	line->server->protocol->ended(line, line->server->user);
}

/* Reading may have said something: an alert, another key. */
static ssize_t line_receive(struct line *line, char *out, size_t size)
{
	ssize_t len;

	if (line->tls == NULL)
		return recv(line->fd, out, size, MSG_DONTWAIT);
	len = line_tls_recv(line->tls, out, size);
	line->blocked = line_tls_waiting(line->tls) > 0;
	line_watch(line);
	return len;
}

static void line_read(struct line *line)
{
	static char space[READ_SIZE];
	ssize_t len = line_receive(line, space, sizeof(space));

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len > 0) {
		line->server->stats.bytes_in += (uint64_t)len;
		line_take(line, space, (size_t)len);
		return;
	}
	if (len < 0)
		line_deafen(line, errno);
	if (line->state != LINE_GONE)
		take_end(line);
}

/* The error is taken off the socket: what came before it is read as ever, and
 * has an end. libuv watches nothing any more. */
static void line_on_broken(struct line *line)
{
	int error = 0;
	socklen_t size = sizeof(error);

	line->watched = 0;
	getsockopt(line->fd, SOL_SOCKET, SO_ERROR, &error, &size);
	line_deafen(line, error);
	line_watch(line);
}

static void line_on_ready(uv_poll_t *poll, int status, int events)
{
	struct line *line = poll->data;

	if (status < 0) {
		line_on_broken(line);
		return;
	}
	if (events & UV_WRITABLE) {
		line->blocked = false;
		line_flush(line);
	}
	if (!(events & UV_READABLE) || line->state == LINE_GONE)
		return;
	if (line->state == LINE_SHAKING)
		line_shake(line);
	else
		line_read(line);
}

/* Over TLS what comes may need an answer, which would have to wait, too. */
static bool line_reads(const struct line *line)
{
	return !line->paused && (line->tls == NULL || !line->blocked);
}

void line_watch(struct line *line)
{
	uint8_t wanted = (uint8_t)((line_reads(line) ? UV_READABLE : 0) |
				   (line->blocked ? UV_WRITABLE : 0));

	if (line->state == LINE_GONE || wanted == line->watched)
		return;
	line->watched = wanted;
	if (wanted == 0)
		uv_poll_stop(&line->poll);
	else
		uv_poll_start(&line->poll, wanted, line_on_ready);
}

void line_pause(struct line *line, bool pause)
{
	if (line->state != LINE_OPEN)
		return;
	line->paused = pause;
	line_watch(line);
}
