#include "line_state.h"

/* A handshake costs a signature, by the one thread that serves all: so many in
 * a second, and whoever has said something waits for their turn. Of one address
 * no more wait than are begun in a second. */

/* ---- coming ---- */

static void make_way(struct line_server *server, uint64_t address)
{
	size_t held;
	struct eio_hold *oldest =
		eio_ledger_oldest(&server->shakes, address, &held);

	if (held < (size_t)server->config.tls_rate)
		return;
	server->stats.crowded++;
	line_lose(LINE_OF(oldest, shake), "crowded");
}

void line_on_accepted_tls(int fd, const struct sockaddr_storage *peer,
			  void *user)
{
	struct line_server *server = user;
	struct line *line = line_admit(server, fd, peer);

	if (line == NULL)
		return;
	make_way(server, line->address_key);
	eio_ledger_set(&server->shakes, &line->shake, line->address_key, 1);
	line_enter(line, LINE_SHAKING);
	line_watch(line);
}

/* ---- one after the other ---- */

static bool take_turn(struct line *line)
{
	struct line_server *server = line->server;
	int64_t rate = server->config.tls_rate;

	if (!bucket_take(&server->turns, 1, rate, rate, line_now(server)))
		return false;
	line->tls = line_tls_accept(server->config.tls, line->fd);
	return line->tls != NULL;
}

static void wait_for_turn(struct line *line)
{
	line_change(line, LINE_WAITING);
	line->paused = true;
	line_watch(line);
}

void line_shake_waiting(struct line_server *server)
{
	struct line *line;

	while ((line = TAILQ_FIRST(&server->waiting)) != NULL &&
	       take_turn(line)) {
		line_change(line, LINE_SHAKING);
		line->paused = false;
		line_watch(line);
	}
}

void line_shake(struct line *line)
{
	struct line_server *server = line->server;

	if (line->tls == NULL &&
	    (!TAILQ_EMPTY(&server->waiting) || !take_turn(line))) {
		wait_for_turn(line);
		return;
	}
	switch (line_tls_shake(line->tls)) {
	case LINE_TLS_FAILED:
		server->stats.strange_shakes++;
		line_lose(line, "handshake_failed");
		return;
	case LINE_TLS_DONE:
		eio_ledger_remove(&server->shakes, &line->shake);
		line_change(line, LINE_NAMELESS);
		break;
	case LINE_TLS_MORE:
		break;
	}
	line->blocked = line_tls_waiting(line->tls) > 0;
	line_watch(line);
}
