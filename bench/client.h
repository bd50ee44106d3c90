/*
 * client - one Socket.IO client over WebSocket of 127.0.0.1, as the load
 * generators want it: no copy, no time-out, and whatever is against the
 * protocol ends the program.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLIENT_TOKEN_SIZE 1025
#define CLIENT_IN_MAX 65536
#define CLIENT_TEXT_MAX 2048

enum client_state {
	CLIENT_CLOSED,
	CLIENT_CONNECTING,
	CLIENT_UPGRADING,
	CLIENT_JOINING,
	CLIENT_JOINED,
};

struct client {
	int fd;
	enum client_state state;
	size_t index; /* its number: epoll says that */
	char token[CLIENT_TOKEN_SIZE];
	size_t in_len;
	char in[CLIENT_IN_MAX + 1];
};

enum client_end {
	CLIENT_ALIVE,
	CLIENT_LOST,	/* the other side hung up */
	CLIENT_REFUSED, /* the upgrade, or CONNECT */
};

/* Begins to connect; epoll watches it from here on. */
void client_open(struct client *client, int epoll, uint16_t port);
/* Closes it, whatever state it is in. */
void client_close(struct client *client);

void client_send(const struct client *client, const char *text);

/* Packets but for those that join and those that ping, which are dealt with. */
typedef void client_packet(struct client *client, const char *text, void *user);

/* What epoll found at it. Anything but CLIENT_ALIVE has closed it. */
enum client_end client_ready(struct client *client, int epoll,
			     client_packet *packet, void *user);

#endif
