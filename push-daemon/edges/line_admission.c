#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "line_state.h"
#include "mem.h"

/* A peer that is gone without a word is noticed after three minutes. */
#define KEEPALIVE_S 60
#define KEEPALIVE_EVERY_S 20
#define KEEPALIVE_COUNT 6

static void write_peer(const struct sockaddr_storage *peer,
		       char out[LINE_ADDRESS_SIZE])
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)peer;
	const void *bytes = &((const struct sockaddr_in *)peer)->sin_addr;
	int family = peer->ss_family;

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

struct line *line_admit(struct line_server *server, int fd,
			const struct sockaddr_storage *peer)
{
	char address[LINE_ADDRESS_SIZE];
	struct line *line;
	uint64_t key;

	write_peer(peer, address);
	key = eio_address_key(address);
	if (!line_make_room(server, key)) {
		close(fd);
		return NULL;
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
	return line;
}

void line_on_accepted(int fd, const struct sockaddr_storage *peer, void *user)
{
	struct line *line = line_admit(user, fd, peer);

	if (line == NULL)
		return;
	line_enter(line, LINE_NAMELESS);
	line_watch(line);
}
