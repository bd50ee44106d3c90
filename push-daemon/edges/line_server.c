#include "line_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mem.h"
#include "sio_listen.h"

#define READ_SIZE 16384
#define TICK_MS 10
#define REST_MS 200 /* while nothing is to be done */
#define LINGER_MS 2000
#define DROPPED_MAX (1024 * 1024) /* bytes of a line nobody wants */
/* A peer that is gone without a word is noticed after three minutes. */
#define KEEPALIVE_S 60
#define KEEPALIVE_EVERY_S 20
#define KEEPALIVE_COUNT 6

struct line_server {
	uv_loop_t *loop;
	struct line_server_config config;
	const struct line_protocol *protocol;
	void *user;
	struct sio_listener *listener;
	uv_timer_t timer;
	uv_prepare_t flush;
	struct eio_ledger all, strangers, halves, waits; /* by address */
	struct line_list nameless, idle, leaving, busy, dirty;
	size_t busy_count;
	bool closed;
	struct line_stats stats;
};

/* What is held of one of them, and whose it is. */
#define LINE_OF(hold, member)                                                  \
	((struct line *)((char *)(hold) - offsetof(struct line, member)))

static int64_t line_now(const struct line_server *server)
{
	return server->config.mono_ms();
}

/* ---- which lists it is in ---- */

static void line_on_timer(uv_timer_t *timer);

static struct line_list *list_of(struct line *line)
{
	struct line_server *server = line->server;

	return line->state == LINE_NAMELESS  ? &server->nameless
	       : line->state == LINE_LEAVING ? &server->leaving
					     : &server->idle;
}

static void line_enter(struct line *line, enum line_state state)
{
	line->state = state;
	TAILQ_INSERT_TAIL(list_of(line), line, link);
}

static void line_change(struct line *line, enum line_state state)
{
	TAILQ_REMOVE(list_of(line), line, link);
	line->used_at = line_now(line->server);
	line_enter(line, state);
}

/* To the end of those that nothing has happened to for long. */
static void line_used(struct line *line)
{
	if (line->state == LINE_OPEN)
		line_change(line, LINE_OPEN);
}

static void line_dirty(struct line *line)
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
		uv_timer_start(&server->timer, line_on_timer, TICK_MS, TICK_MS);
	TAILQ_INSERT_TAIL(&server->busy, line, busy);
}

static void line_rest(struct line *line)
{
	if (!line->is_busy)
		return;
	TAILQ_REMOVE(&line->server->busy, line, busy);
	line->server->busy_count--;
	line->is_busy = false;
}

/* ---- the end ---- */

static void line_on_closed(uv_handle_t *handle)
{
	struct line *line = handle->data;

	close(line->fd);
	line->server->protocol->done(line);
	line_parser_done(&line->parser);
	line_outbox_done(&line->outbox);
	if (line->server->listener != NULL)
		sio_listener_resume(line->server->listener);
	free(line);
}

static void line_destroy(struct line *line)
{
	struct line_server *server = line->server;

	TAILQ_REMOVE(list_of(line), line, link);
	line_rest(line);
	if (line->is_dirty)
		TAILQ_REMOVE(&server->dirty, line, dirty);
	line->is_dirty = false;
	eio_ledger_remove(&server->all, &line->place);
	eio_ledger_remove(&server->strangers, &line->stranger);
	eio_ledger_remove(&server->halves, &line->half);
	eio_ledger_remove(&server->waits, &line->wait);
	server->stats.connections--;
	line->state = LINE_GONE;
	uv_close((uv_handle_t *)&line->poll, line_on_closed);
}

static void line_lose(struct line *line, const char *reason)
{
	bool heard = line->state != LINE_LEAVING;

	if (line->state == LINE_GONE)
		return;
	if (heard)
		line->server->protocol->lost(line, reason, line->server->user);
	if (line->state != LINE_GONE)
		line_destroy(line);
}

static void watch_line(struct line *line);

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
	watch_line(line);
}

/* ---- writing ---- */

/* All has been said: the peer reads it before it sees the end, where a close
 * with bytes unread would take them away from it (RFC 1122, 4.2.2.13). */
static void line_say_end(struct line *line)
{
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

static void line_flush(struct line *line)
{
	struct line_server *server = line->server;
	const char *data;
	size_t ready;

	while ((ready = line_outbox_ready(&line->outbox, line_now(server),
					  &data)) > 0) {
		ssize_t taken = send(line->fd, data, ready,
				     MSG_NOSIGNAL | MSG_DONTWAIT);

		if (taken < 0 && errno != EAGAIN && errno != EINTR) {
			line_lose(line, "transport_close");
			return;
		}
		line->blocked = taken < (ssize_t)ready;
		if (taken > 0) {
			server->stats.bytes_out += (uint64_t)taken;
			line_outbox_wrote(&line->outbox, (size_t)taken,
					  line_now(server));
			line_used(line);
		}
		if (line->blocked)
			break;
	}
	count_waits(line);
	watch_line(line);
	if (line_outbox_waiting(&line->outbox) > 0)
		line_keep_busy(line);
	else if (line->state == LINE_LEAVING)
		line_say_end(line);
}

/* Nothing is behind a gap. */
static bool takes_more(const struct line *line)
{
	return line->state != LINE_GONE && !line->left_alone &&
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
	line_outbox_done(&line->outbox);
	line->outbox.added = line->outbox.written;
	count_waits(line);
}

uint64_t line_arrived(const struct line *line)
{
	int queued = 0;

	if (ioctl(line->fd, SIOCOUTQ, &queued) != 0 ||
	    (uint64_t)queued > line->outbox.written)
		return 0;
	return line->outbox.written - (uint64_t)queued;
}

static void line_on_prepare(uv_prepare_t *handle)
{
	struct line_server *server = handle->data;
	struct line *line;

	while ((line = TAILQ_FIRST(&server->dirty)) != NULL) {
		TAILQ_REMOVE(&server->dirty, line, dirty);
		line->is_dirty = false;
		line_flush(line);
	}
}

/* ---- reading ---- */

static void on_line(enum line_kind kind, char *text, size_t len, void *context)
{
	struct line *line = context;
	struct line_server *server = line->server;

	if (line->state == LINE_NAMELESS) {
		line->outbox.ends = line->parser.ends;
		eio_ledger_remove(&server->strangers, &line->stranger);
		line_change(line, LINE_OPEN);
	}
	line->left_alone = false;
	if (line->state == LINE_OPEN)
		server->protocol->heard(line, kind, text, len, server->user);
}

static void count_half(struct line *line)
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
	line_parser_feed(&line->parser, bytes, len, on_line, line);
	if (line->state == LINE_LEAVING || line->state == LINE_GONE)
		return;
	line->silent_at = line_parser_waits(&line->parser)
				  ? line_now(line->server) + LINE_SILENCE_MS
				  : 0;
	if (line->silent_at > 0)
		line_keep_busy(line);
	count_half(line);
}

static void take_end(struct line *line)
{
	if (line->state == LINE_LEAVING) {
		line_destroy(line);
		return;
	}
	line_parser_finish(&line->parser, on_line, line);
	if (line->state == LINE_NAMELESS)
		line_lose(line, "transport_close");
	if (line->state != LINE_OPEN)
		return;
	line->paused = true;
	watch_line(line);
	line->server->protocol->ended(line, line->server->user);
}

static void line_read(struct line *line)
{
	static char space[READ_SIZE];
	ssize_t len = recv(line->fd, space, sizeof(space), MSG_DONTWAIT);

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len < 0) {
		line_lose(line, "transport_close");
		return;
	}
	line->server->stats.bytes_in += (uint64_t)len;
	line_used(line);
	if (len == 0)
		take_end(line);
	else
		line_take(line, space, (size_t)len);
}

static void line_on_ready(uv_poll_t *poll, int status, int events)
{
	struct line *line = poll->data;

	if (status < 0) {
		line_lose(line, "transport_close");
		return;
	}
	if (events & UV_WRITABLE) {
		line->blocked = false;
		line_flush(line);
	}
	if ((events & UV_READABLE) && line->state != LINE_GONE)
		line_read(line);
}

static void watch_line(struct line *line)
{
	uint8_t wanted = (uint8_t)((line->paused ? 0 : UV_READABLE) |
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
	watch_line(line);
}

/* ---- time ---- */

/* A client that has closed its end without a word sees it by what it is sent;
 * a bare LF is nothing to others. */
static void line_probe(struct line *line)
{
	if (line->outbox.ends && !line->left_alone &&
	    line_outbox_waiting(&line->outbox) == 0)
		line_write(line, "\n", 1);
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

static void tick_busy(struct line *line, int64_t now_ms)
{
	struct line_server *server = line->server;
	bool again;

	if (line->overflowed) {
		server->stats.overflows++;
		line_lose(line, "overflow");
		return;
	}
	if (line->silent_at > 0 && now_ms >= line->silent_at) {
		line->silent_at = 0;
		line_parser_silence(&line->parser, on_line, line);
		if (line->state != LINE_GONE)
			count_half(line);
	}
	again = line->state == LINE_OPEN &&
		server->protocol->tick(line, now_ms, server->user);
	if (line->state == LINE_GONE)
		return;
	if (line_outbox_waiting(&line->outbox) > 0 && !line->blocked)
		line_dirty(line);
	if (!again && line->silent_at == 0 &&
	    line_outbox_waiting(&line->outbox) == 0)
		line_rest(line);
}

/* Each may lose others: the first is always one that is there. */
static void line_on_timer(uv_timer_t *timer)
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
	tick_idle(server, now_ms);
	if (server->busy_count == 0)
		uv_timer_start(timer, line_on_timer, REST_MS, REST_MS);
}

/* ---- coming ---- */

static void read_peer(int fd, char out[LINE_ADDRESS_SIZE])
{
	struct sockaddr_storage peer = {.ss_family = AF_UNSPEC};
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&peer;
	const void *bytes = &((const struct sockaddr_in *)&peer)->sin_addr;
	socklen_t len = sizeof(peer);
	int family;

	out[0] = '\0';
	if (getpeername(fd, (struct sockaddr *)&peer, &len) != 0)
		return;
	family = peer.ss_family;
	if (family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
		bytes = six->sin6_addr.s6_addr + 12;
		family = AF_INET;
	} else if (family == AF_INET6) {
		bytes = &six->sin6_addr;
	}
	inet_ntop(family, bytes, out, LINE_ADDRESS_SIZE);
}

/* A place for one more of that address: the oldest without a name makes room,
 * of the address itself when that has too many. */
static bool line_make_room(struct line_server *server, uint64_t address)
{
	const struct line_server_config *config = &server->config;
	size_t held;
	struct eio_hold *stranger;

	eio_ledger_oldest(&server->all, address, &held);
	if (held >= config->address_max)
		stranger =
			eio_ledger_oldest(&server->strangers, address, &held);
	else if (server->stats.connections < config->connections_max)
		return true;
	else
		stranger = eio_ledger_worst(&server->strangers);
	if (stranger == NULL) {
		server->stats.refused++;
		return false;
	}
	server->stats.crowded++;
	line_lose(LINE_OF(stranger, stranger), "crowded");
	return true;
}

static void line_set_options(int fd)
{
	static const struct {
		int level, name, value;
	} rows[] = {
		{IPPROTO_TCP, TCP_NODELAY, 1},
		{SOL_SOCKET, SO_KEEPALIVE, 1},
		{IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_S},
		{IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_EVERY_S},
		{IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		setsockopt(fd, rows[i].level, rows[i].name, &rows[i].value,
			   sizeof(rows[i].value));
}

static void line_on_accepted(int fd, void *user)
{
	struct line_server *server = user;
	char address[LINE_ADDRESS_SIZE];
	struct line *line;
	uint64_t key;

	read_peer(fd, address);
	key = eio_address_key(address);
	if (!line_make_room(server, key)) {
		close(fd);
		return;
	}
	line_set_options(fd);
	line = xcalloc(1, server->protocol->size);
	line->server = server;
	line->fd = fd;
	line->address_key = key;
	memcpy(line->address, address, sizeof(address));
	line->used_at = line_now(server);
	line_parser_init(&line->parser);
	line_outbox_init(&line->outbox, server->config.outbox_max);
	uv_poll_init(server->loop, &line->poll, fd);
	line->poll.data = line;
	server->stats.connections++;
	server->stats.connections_total++;
	eio_ledger_set(&server->all, &line->place, key, 1);
	eio_ledger_set(&server->strangers, &line->stranger, key, 1);
	line_enter(line, LINE_NAMELESS);
	watch_line(line);
}

/* ---- the server ---- */

struct line_server *line_server_new(uv_loop_t *loop,
				    const struct line_server_config *config,
				    const struct line_protocol *protocol,
				    void *user)
{
	struct line_server *server = xcalloc(1, sizeof(*server));
	struct line_list *lists[] = {&server->nameless, &server->idle,
				     &server->leaving, &server->busy,
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
	uv_prepare_init(loop, &server->flush);
	server->flush.data = server;
	uv_prepare_start(&server->flush, line_on_prepare);
	uv_timer_init(loop, &server->timer);
	server->timer.data = server;
	uv_timer_start(&server->timer, line_on_timer, REST_MS, REST_MS);
	return server;
}

char *line_server_listen(struct line_server *server, const char *address,
			 int *port)
{
	return sio_listen_tcp(server->loop, address, port, line_on_accepted,
			      server, &server->listener);
}

void line_server_close(struct line_server *server)
{
	struct line_list *lists[3];
	struct line *line;

	if (server->closed)
		return;
	server->closed = true;
	if (server->listener != NULL)
		sio_listener_close(server->listener);
	server->listener = NULL;
	lists[0] = &server->nameless;
	lists[1] = &server->idle;
	lists[2] = &server->leaving;
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
	free(server);
}

void line_server_read_stats(const struct line_server *server,
			    struct line_stats *out)
{
	*out = (struct line_stats){0};
	if (server != NULL)
		*out = server->stats;
}
