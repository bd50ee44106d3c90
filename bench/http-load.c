/*
 * http-load - sends requests to 127.0.0.1 over kept connections, one under way
 * on each, until the time is over.
 *
 *     http-load PORT CONNECTIONS SECONDS [RATE] <REQUESTS
 *
 * With a RATE, so many a second of all of them; a request that finds no free
 * connection waits, and its time begins when it was due.
 * REQUESTS are whole HTTP requests, each ended by a NUL; they are sent in turn.
 * A run of '#' in one becomes the number of the request, as wide as the run.
 * It prints "requests N refused R microseconds T p50 A p99 B", R of them
 * answered by anything but 2xx; an answer has to have a Content-Length.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

#define INPUT_MAX (4 * 1024 * 1024)
#define REQUEST_MAX 65536
#define HEAD_MAX 4096
#define READ_SIZE (256 * 1024)
#define REQUESTS_MAX 2000000
#define PATIENCE_US 20000000

struct connection {
	int fd;
	int64_t since;	    /* when its request was due */
	bool busy;	    /* it is under way */
	size_t left;	    /* of the body, once the head is here */
	size_t head_len;    /* of the head as far as it is here */
	bool in_body, good; /* good: the status is 2xx */
	bool last;	    /* the server closes it behind this answer */
	char head[HEAD_MAX + 1];
};

struct http_load {
	int epoll;
	uint16_t port;
	int64_t began, until;
	double rate; /* 0: as fast as it goes */
	char *input;
	size_t input_len, input_at;
	uint64_t sent, refused;
	size_t under_way;
	struct load_times times;
	char request[REQUEST_MAX];
	char buffer[READ_SIZE];
};

static void read_input(struct http_load *load)
{
	ssize_t got;

	load->input = malloc(INPUT_MAX);
	if (load->input == NULL)
		load_die("input");
	while ((got = read(STDIN_FILENO, load->input + load->input_len,
			   INPUT_MAX - load->input_len)) > 0)
		load->input_len += (size_t)got;
	if (load->input_len == 0 || load->input_len == INPUT_MAX ||
	    load->input[load->input_len - 1] != '\0') {
		fprintf(stderr, "http-load: no requests, or too many\n");
		exit(1);
	}
}

/* From the right, so that the width stays. */
static void number_runs(char *text, size_t len, uint64_t number)
{
	uint64_t left = number;

	for (size_t at = len; at-- > 0;) {
		if (text[at] != '#') {
			left = number;
			continue;
		}
		text[at] = (char)('0' + left % 10);
		left /= 10;
	}
}

static int64_t due(const struct http_load *load)
{
	if (load->rate <= 0)
		return load_now_us();
	return load->began + (int64_t)((double)load->sent * 1e6 / load->rate);
}

static void send_next(struct http_load *load, struct connection *connection)
{
	const char *from = load->input + load->input_at;
	size_t len = strlen(from);

	if (len > REQUEST_MAX) {
		errno = EMSGSIZE;
		load_die("request");
	}
	connection->since = due(load);
	connection->busy = true;
	load->under_way++;
	memcpy(load->request, from, len);
	number_runs(load->request, len, load->sent++);
	load->input_at += len + 1;
	if (load->input_at == load->input_len)
		load->input_at = 0;
	connection->head_len = 0;
	connection->in_body = false;
	if (send(connection->fd, load->request, len, MSG_NOSIGNAL) !=
	    (ssize_t)len)
		load_die("send");
}

/* Length of the head with its empty line, 0 until all of it is here. */
static size_t read_head(struct connection *connection)
{
	static const char name[] = "\r\nContent-Length:";

	connection->head[connection->head_len] = '\0';

	char *end = strstr(connection->head, "\r\n\r\n");
	const char *length = strcasestr(connection->head, name);

	if (end == NULL)
		return 0;
	if (strncmp(connection->head, "HTTP/1.1 ", 9) != 0 || length == NULL ||
	    length > end) {
		fprintf(stderr, "http-load: cannot read this answer:\n%.*s\n",
			(int)(end - connection->head), connection->head);
		exit(1);
	}
	connection->good = connection->head[9] == '2';
	*end = '\0'; /* of the head, for this look */
	connection->last =
		strcasestr(connection->head, "\r\nConnection: close") != NULL;
	*end = '\r';
	connection->left = strtoul(length + strlen(name), NULL, 10);
	connection->in_body = true;
	return (size_t)(end - connection->head) + 4;
}

/* True: the answer is whole. */
static bool feed(struct connection *connection, const char *data, size_t len)
{
	if (!connection->in_body) {
		size_t before = connection->head_len;
		size_t room = HEAD_MAX - before;
		size_t kept = len < room ? len : room;

		memcpy(connection->head + before, data, kept);
		connection->head_len += kept;

		size_t head = read_head(connection);

		if (head == 0 && connection->head_len == HEAD_MAX)
			load_die("a head without an end");
		if (head == 0)
			return false;
		len -= head - before;
	}
	if (len > connection->left) {
		fprintf(stderr, "http-load: more than was asked for\n");
		exit(1);
	}
	connection->left -= len;
	return connection->left == 0;
}

/* Connects connection i; on loopback that is done at once. */
static void open_one(const struct http_load *load,
		     struct connection *connection, size_t i)
{
	struct pollfd writable = {.events = POLLOUT};

	connection->fd = writable.fd = load_connect(load->port);
	if (poll(&writable, 1, 5000) != 1)
		load_die("connect");
	load_connected(connection->fd);
	load_watch(load->epoll, connection->fd, EPOLLIN, i, EPOLL_CTL_ADD);
}

static void on_readable(struct http_load *load, struct connection *connection,
			size_t i)
{
	ssize_t got = recv(connection->fd, load->buffer, READ_SIZE, 0);

	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0)
		load_die("a connection ended");
	if (!feed(connection, load->buffer, (size_t)got))
		return;

	int64_t now = load_now_us();

	load_times_add(&load->times, now - connection->since);
	if (!connection->good)
		load->refused++;
	connection->busy = false;
	load->under_way--;
	if (connection->last) {
		close(connection->fd);
		open_one(load, connection, i);
	}
	if (load->rate <= 0 && now < load->until && load->sent < REQUESTS_MAX)
		send_next(load, connection);
}

/* Free connections take what is due by now. */
static void send_due(struct http_load *load, struct connection *connections,
		     size_t count)
{
	int64_t now = load_now_us();

	for (size_t i = 0;
	     i < count && due(load) <= now && due(load) < load->until; i++)
		if (!connections[i].busy)
			send_next(load, &connections[i]);
}

static void run(struct http_load *load, struct connection *connections,
		size_t count, int64_t us)
{
	struct epoll_event events[64];
	bool paced = load->rate > 0;
	int64_t patience = us + PATIENCE_US;

	load->began = load_now_us();
	load->until = load->began + us;
	for (size_t i = 0; !paced && i < count; i++)
		send_next(load, &connections[i]);
	while (load->under_way > 0 || (paced && due(load) < load->until)) {
		int ready = epoll_wait(load->epoll, events, 64, paced ? 1 : 20);

		for (int i = 0; i < ready; i++)
			on_readable(load, &connections[events[i].data.u64],
				    events[i].data.u64);
		if (paced)
			send_due(load, connections, count);
		if (load_now_us() > load->began + patience) {
			errno = ETIMEDOUT;
			load_die("answers");
		}
	}
	int64_t took = load_now_us() - load->began;

	printf("requests %zu refused %llu microseconds %lld p50 %u p99 %u\n",
	       load->times.count, (unsigned long long)load->refused,
	       (long long)took, load_times_percentile(&load->times, 50),
	       load_times_percentile(&load->times, 99));
}

int main(int argc, char **argv)
{
	static struct http_load load;

	if (argc != 4 && argc != 5) {
		fprintf(stderr, "usage: http-load PORT CONNECTIONS SECONDS "
				"[RATE]\n");
		return 1;
	}
	size_t count = (size_t)strtoul(argv[2], NULL, 10);
	struct connection *connections = calloc(count, sizeof(*connections));

	load.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (connections == NULL || load.epoll < 0)
		load_die("start");
	load.rate = argc == 5 ? strtod(argv[4], NULL) : 0;
	load_want_descriptors(count);
	read_input(&load);
	load.port = (uint16_t)strtoul(argv[1], NULL, 10);
	for (size_t i = 0; i < count; i++)
		open_one(&load, &connections[i], i);
	run(&load, connections, count, (int64_t)(strtod(argv[3], NULL) * 1e6));
	for (size_t i = 0; i < count; i++)
		close(connections[i].fd);
	free(connections);
	free(load.input);
	load_times_done(&load.times);
	return 0;
}
