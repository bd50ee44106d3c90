#include "client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

static void client_fail(const char *what, const char *text)
{
	fprintf(stderr, "%s: %s: %.300s\n", program_invocation_short_name, what,
		text);
	exit(1);
}

void client_open(struct client *client, int epoll, uint16_t port)
{
	client->fd = load_connect(port);
	client->state = CLIENT_CONNECTING;
	client->in_len = 0;
	load_watch(epoll, client->fd, EPOLLOUT, client->index, EPOLL_CTL_ADD);
}

void client_close(struct client *client)
{
	if (client->state != CLIENT_CLOSED)
		close(client->fd);
	client->state = CLIENT_CLOSED;
}

/* A masked text frame; the mask is zero. One that the other side does not take
 * is lost with the connection. */
void client_send(const struct client *client, const char *text)
{
	uint8_t frame[8 + CLIENT_TEXT_MAX] = {0x81};
	size_t len = strlen(text), head = 2;

	if (len < 126) {
		frame[1] = (uint8_t)(0x80 | len);
	} else {
		frame[1] = 0x80 | 126;
		frame[2] = (uint8_t)(len >> 8);
		frame[3] = (uint8_t)len;
		head = 4;
	}
	head += 4;
	memcpy(frame + head, text, len);

	ssize_t sent = send(client->fd, frame, head + len, MSG_NOSIGNAL);

	if (sent != (ssize_t)(head + len) && errno != EPIPE &&
	    errno != ECONNRESET)
		load_die("send");
}

static void client_join(const struct client *client)
{
	char text[CLIENT_TEXT_MAX];

	snprintf(text, sizeof(text), "40{\"token\":\"%s\"}", client->token);
	client_send(client, text);
}

static enum client_end client_text(struct client *client, const char *text,
				   client_packet *packet, void *user)
{
	if (strcmp(text, "2") == 0)
		client_send(client, "3");
	else if (text[0] == '0')
		client_join(client);
	else if (strncmp(text, "40", 2) == 0)
		client->state = CLIENT_JOINED;
	else if (strncmp(text, "44", 2) == 0 || strncmp(text, "41", 2) == 0)
		return CLIENT_REFUSED;
	else
		packet(client, text, user);
	return CLIENT_ALIVE;
}

/* Bytes of the first frame, its text at *text; 0: not whole. */
static size_t client_frame(struct client *client, char **text, size_t *text_len)
{
	const uint8_t *in = (uint8_t *)client->in;
	size_t head = 2, len = client->in_len > 1 ? in[1] : 0;

	if (len == 126) {
		head = 4;
		len = (size_t)in[2] << 8 | in[3];
	} else if (len > 126) {
		client_fail("a frame", "too long");
	}
	if (client->in_len < head || client->in_len < head + len)
		return 0;
	*text = client->in + head;
	*text_len = len;
	return head + len;
}

/* Bytes that were dealt with; 0: more has to come. */
static size_t client_http(struct client *client, enum client_end *end)
{
	client->in[client->in_len] = '\0';

	const char *body = strstr(client->in, "\r\n\r\n");

	if (body == NULL)
		return 0;
	if (strncmp(client->in, "HTTP/1.1 101", 12) != 0)
		*end = CLIENT_REFUSED;
	client->state = CLIENT_JOINING;
	return (size_t)(body - client->in) + 4;
}

static size_t client_take(struct client *client, enum client_end *end,
			  client_packet *packet, void *user)
{
	char *text = NULL;
	size_t text_len = 0;

	if (client->state == CLIENT_UPGRADING)
		return client_http(client, end);

	size_t len = client_frame(client, &text, &text_len);

	if (len == 0)
		return 0;
	if ((uint8_t)client->in[0] == 0x88) {
		*end = CLIENT_LOST;
	} else if ((uint8_t)client->in[0] == 0x81) {
		char behind = text[text_len];

		text[text_len] = '\0';
		*end = client_text(client, text, packet, user);
		text[text_len] = behind;
	} else {
		client_fail("a frame", "no text");
	}
	return len;
}

static enum client_end client_read(struct client *client, client_packet *packet,
				   void *user)
{
	enum client_end end = CLIENT_ALIVE;
	ssize_t got = recv(client->fd, client->in + client->in_len,
			   CLIENT_IN_MAX - client->in_len, 0);
	size_t len;

	if (got < 0 && errno == EAGAIN)
		return CLIENT_ALIVE;
	if (got <= 0)
		return CLIENT_LOST;
	client->in_len += (size_t)got;
	while (end == CLIENT_ALIVE && client->in_len > 0 &&
	       (len = client_take(client, &end, packet, user)) > 0) {
		client->in_len -= len;
		memmove(client->in, client->in + len, client->in_len);
	}
	return end;
}

/* False: nobody is there. */
static bool client_upgrade(struct client *client, int epoll)
{
	static const char request[] =
		"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
		"Host: 127.0.0.1\r\nConnection: Upgrade\r\n"
		"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

	if (send(client->fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
		return false;
	client->state = CLIENT_UPGRADING;
	load_watch(epoll, client->fd, EPOLLIN, client->index, EPOLL_CTL_MOD);
	return true;
}

enum client_end client_ready(struct client *client, int epoll,
			     client_packet *packet, void *user)
{
	enum client_end end;

	if (client->state == CLIENT_CONNECTING)
		end = client_upgrade(client, epoll) ? CLIENT_ALIVE
						    : CLIENT_REFUSED;
	else
		end = client_read(client, packet, user);
	if (end != CLIENT_ALIVE)
		client_close(client);
	return end;
}
