#include <errno.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "line_state.h"

/* All has been said: the peer reads it before it sees the end, where a close
 * with bytes unread would take them away from it (RFC 1122, 4.2.2.13). */
static void line_say_end(struct line *line)
{
	if (line->tls != NULL && !line_tls_end(line->tls)) {
		line->blocked = true;
		line_watch(line);
		return;
	}
	if (shutdown(line->fd, SHUT_WR) != 0)
		line_lose(line, "transport_close");
}

/* Its end is for the next tick: who writes may write to many. */
static void line_overflow(struct line *line)
{
	line->overflowed = true;
	line_keep_busy(line);
}

/* Files: what else may wait is bounded for each. */
static size_t waits_of(const struct line *line)
{
	const struct line_outbox *outbox = &line->outbox;

	return line->held + (outbox->cap > outbox->max ? outbox->cap : 0);
}

static void count_waits(struct line *line)
{
	struct line_server *server = line->server;

	if (line->state == LINE_GONE || line->overflowed)
		return;
	eio_ledger_set(&server->waits, &line->wait, line->address_key,
		       waits_of(line));
	while (server->waits.weight > server->config.halves_max) {
		struct line *worst =
			LINE_OF(eio_ledger_worst(&server->waits), wait);

		eio_ledger_remove(&server->waits, &worst->wait);
		line_outbox_done(&worst->outbox);
		line_overflow(worst);
	}
}

void line_hold(struct line *line, size_t bytes)
{
	line->held = bytes;
	count_waits(line);
}

static void drop_output(struct line *line)
{
	line_outbox_done(&line->outbox);
	line->outbox.added = line->outbox.written;
	count_waits(line);
}

/* Nobody waits for it: whoever comes has its place where there is no other. */
void line_deafen(struct line *line, int error)
{
	if (line->state != LINE_NAMELESS && line->state != LINE_OPEN) {
		line_lose(line, "transport_close");
		return;
	}
	if (line->deaf)
		return;
	line->deaf = true;
	/* A reset after an end is EPIPE: tcp_reset() of Linux. */
	line->cut = error != EPIPE;
	line->blocked = false;
	if (line->tls != NULL)
		line_tls_mute(line->tls);
	drop_output(line);
	eio_ledger_set(&line->server->strangers, &line->stranger,
		       line->address_key, 1);
	line_watch(line);
}

/* What is encrypted already and not taken. False: the line is broken. */
static bool line_push(struct line *line)
{
	if (line->tls == NULL || line->deaf)
		return true;
	if (!line_tls_flush(line->tls))
		return false;
	line->blocked = line_tls_waiting(line->tls) > 0;
	return true;
}

static ssize_t line_send(struct line *line, const char *data, size_t len)
{
	ssize_t taken;

	if (line->tls != NULL) {
		taken = line_tls_send(line->tls, data, len);
		line->blocked = line_tls_waiting(line->tls) > 0;
	} else {
		taken = send(line->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		line->blocked = taken < (ssize_t)len;
	}
	return taken;
}

void line_flush(struct line *line)
{
	struct line_server *server = line->server;
	const char *data;
	size_t ready;

	if (!line_push(line)) {
		line_deafen(line, ECONNRESET);
		return;
	}
	while (!line->blocked &&
	       (ready = line_outbox_ready(&line->outbox, line_now(server),
					  &data)) > 0) {
		ssize_t taken = line_send(line, data, ready);

		if (taken < 0 && errno != EAGAIN && errno != EINTR) {
			line_deafen(line, errno);
			return;
		}
		if (taken > 0) {
			server->stats.bytes_out += (uint64_t)taken;
			line_outbox_wrote(&line->outbox, (size_t)taken,
					  line_now(server));
			line_used(line);
		}
	}
	count_waits(line);
	line_watch(line);
	if (line_outbox_waiting(&line->outbox) > 0)
		line_keep_busy(line);
	else if (line->state == LINE_LEAVING)
		line_say_end(line);
}

/* Nothing is behind a gap. */
static bool takes_more(const struct line *line)
{
	return line->state != LINE_GONE && line_listens(line) &&
	       !line->overflowed;
}

void line_write(struct line *line, const char *lines, size_t len)
{
	if (!takes_more(line) || len == 0)
		return;
	if (line_outbox_add(&line->outbox, lines, len))
		line_dirty(line);
	else
		line_overflow(line);
}

void line_write_file(struct line *line, const char *text, size_t len)
{
	if (!takes_more(line))
		return;
	if (line_outbox_add_file(&line->outbox, text, len))
		line_dirty(line);
	else
		line_overflow(line);
	count_waits(line);
}

void line_answer(struct line *line)
{
	line->outbox.awaits = !line->outbox.ends;
	if (line_outbox_waiting(&line->outbox) > 0)
		line_dirty(line);
}

void line_leave_alone(struct line *line)
{
	line->left_alone = true;
	drop_output(line);
}

uint64_t line_arrived(const struct line *line)
{
	uint64_t waiting = line->tls != NULL ? line_tls_waiting(line->tls) : 0;
	int queued = 0;

	/* Encrypted it is more: what is counted has arrived at any rate. */
	if (ioctl(line->fd, SIOCOUTQ, &queued) != 0)
		return 0;
	waiting += (uint64_t)queued;
	return waiting < line->outbox.written ? line->outbox.written - waiting
					      : 0;
}

void line_on_prepare(uv_prepare_t *handle)
{
	struct line_server *server = handle->data;
	struct line *line;

	while ((line = TAILQ_FIRST(&server->dirty)) != NULL) {
		TAILQ_REMOVE(&server->dirty, line, dirty);
		line->is_dirty = false;
		line_flush(line);
	}
}
