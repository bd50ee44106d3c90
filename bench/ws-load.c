/*
 * ws-load - opens many Socket.IO connections over WebSocket to 127.0.0.1, joins
 * `/` on each, answers pings and counts what arrives.
 *
 *     ws-load PORT CONNECTIONS
 *
 * It prints "connected C microseconds T", then answers each line on standard
 * input with "messages M bytes B microseconds T" since the last line "reset", T
 * from the first message to the last; the end of input ends it. An event whose
 * name ends in ":end" is answered by connection 0 with the event "next": that
 * is how a server that floods learns how fast it may.
 *
 *     say R SECONDS
 *
 * Connection 0 says R events a second, whatever is under way, and the server
 * passes each on to everyone. It is answered "said S messages M p50 A p99 B"
 * when all of them have arrived everywhere, or five seconds after the last was
 * due: times in microseconds from when an event was due until it arrived, one
 * for each delivery.
 */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load.h"

#define UNDER_WAY_MAX 128 /* connections that are not joined yet */
#define READ_SIZE (256 * 1024)
#define HTTP_MAX 1024
#define HEADER_MAX 10
#define FIRST_MAX 40 /* bytes of a payload that are looked at */
#define EVENTS_MAX 256
#define SAY_TEXT 94 /* makes an event of 150 bytes */
#define SAY_PATIENCE_US 5000000
#define BUCKET_US 100 /* of the times of deliveries */
#define BUCKETS 300000

enum state { CONNECTING, UPGRADING, JOINING, JOINED };

struct connection {
	int fd;
	enum state state;
	uint8_t header[HEADER_MAX]; /* of the frame that is arriving */
	uint8_t header_len;
	uint8_t first_len;
	char first[FIRST_MAX];
	bool in_payload;
	uint64_t length, left; /* of the payload: all, and still to come */
	char *http; /* the answer to the upgrade, until it is whole */
	size_t http_len;
};

/* Events that connection 0 says, and when they arrived. */
struct say {
	double rate;
	uint64_t count, sent;
	int64_t began;
	uint64_t arrived;
	uint32_t late[BUCKETS];
};

struct load {
	int epoll;
	uint16_t port;
	struct connection *connections;
	size_t count, opened, joined;
	int64_t began;
	uint64_t messages, bytes;
	int64_t first, last;
	struct say say; /* count 0: nothing is to be said */
	uint8_t buffer[READ_SIZE];
};

/* A masked text frame; the mask is zero. */
static void send_text(const struct connection *connection, const char *text)
{
	uint8_t frame[6 + 125] = {0x81};
	size_t len = strlen(text);

	frame[1] = (uint8_t)(0x80 | len);
	memcpy(frame + 6, text, len);
	if (send(connection->fd, frame, 6 + len, MSG_NOSIGNAL) < 0)
		load_die("send");
}

static void watch(struct load *load, size_t index, uint32_t events, int how)
{
	load_watch(load->epoll, load->connections[index].fd, events, index,
		   how);
}

static void open_one(struct load *load)
{
	load->connections[load->opened].fd = load_connect(load->port);
	watch(load, load->opened++, EPOLLOUT, EPOLL_CTL_ADD);
}

static void open_more(struct load *load)
{
	while (load->opened < load->count &&
	       load->opened - load->joined < UNDER_WAY_MAX)
		open_one(load);
}

static void upgrade(struct load *load, size_t index)
{
	static const char request[] =
		"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
		"Host: 127.0.0.1\r\nConnection: Upgrade\r\n"
		"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
	struct connection *connection = &load->connections[index];

	load_connected(connection->fd);
	if (send(connection->fd, request, sizeof(request) - 1, MSG_NOSIGNAL) <
	    0)
		load_die("connect");
	connection->state = UPGRADING;
	watch(load, index, EPOLLIN, EPOLL_CTL_MOD);
}

/* ---- saying ---- */

static int64_t say_due(const struct say *say, uint64_t number)
{
	return say->began + (int64_t)((double)number * 1e6 / say->rate);
}

/* `42["message:new",{"n":"00000123",..` */
static void say_arrived(struct say *say, const struct connection *connection,
			int64_t now)
{
	static const char head[] = "42[\"message:new\",{\"n\":\"";
	char digits[9] = "";

	if (connection->first_len < sizeof(head) + 8 ||
	    memcmp(connection->first, head, sizeof(head) - 1) != 0)
		return;
	memcpy(digits, connection->first + sizeof(head) - 1, 8);

	int64_t late = now - say_due(say, strtoul(digits, NULL, 10));
	int64_t bucket = late < 0 ? 0 : late / BUCKET_US;

	say->late[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
	say->arrived++;
}

static uint64_t say_percentile(const struct say *say, unsigned percent)
{
	uint64_t wanted = say->arrived * percent / 100, seen = 0;
	uint64_t bucket = 0;

	while (bucket < BUCKETS - 1 && (seen += say->late[bucket]) <= wanted)
		bucket++;
	return (bucket + 1) * BUCKET_US;
}

/* False: the connection takes no more now. */
static bool say_one(const struct load *load)
{
	char text[256];
	uint8_t frame[8 + sizeof(text)] = {0x81, 0x80 | 126};
	int len = snprintf(text, sizeof(text),
			   "42[\"say\",{\"n\":\"%08llu\",\"text\":\"%.*s\"}]",
			   (unsigned long long)load->say.sent, SAY_TEXT,
			   "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			   "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");

	frame[3] = (uint8_t)len; /* more than 125, less than 256 */
	memcpy(frame + 8, text, (size_t)len);

	ssize_t sent = send(load->connections[0].fd, frame, 8 + (size_t)len,
			    MSG_NOSIGNAL);

	if (sent < 0 && errno == EAGAIN)
		return false;
	if (sent != 8 + len)
		load_die("say");
	return true;
}

static void say_what_is_due(struct load *load)
{
	struct say *say = &load->say;

	while (say->sent < say->count &&
	       say_due(say, say->sent) <= load_now_us() && say_one(load))
		say->sent++;
}

/* Is it over, then it says so. */
static void say_finish(struct load *load)
{
	struct say *say = &load->say;
	bool all = say->arrived == say->count * load->count;

	if (!all && load_now_us() < say_due(say, say->count) + SAY_PATIENCE_US)
		return;
	printf("said %llu messages %llu p50 %llu p99 %llu\n",
	       (unsigned long long)say->count, (unsigned long long)say->arrived,
	       (unsigned long long)say_percentile(say, 50),
	       (unsigned long long)say_percentile(say, 99));
	fflush(stdout);
	say->count = 0;
}

static void say_begin(struct load *load, double rate, double seconds)
{
	memset(&load->say, 0, sizeof(load->say));
	load->say.rate = rate;
	load->say.count = (uint64_t)(rate * seconds);
	load->say.began = load_now_us();
}

/* ---- what arrives ---- */

static void count_event(struct load *load, const struct connection *connection)
{
	const char *end =
		memmem(connection->first, connection->first_len, ":end\"", 5);

	load->last = load_now_us();
	if (load->messages++ == 0)
		load->first = load->last;
	load->bytes += connection->length;
	if (load->say.count > 0)
		say_arrived(&load->say, connection, load->last);
	if (end != NULL && connection == load->connections)
		send_text(connection, "42[\"next\"]");
}

static void joined(struct load *load, struct connection *connection)
{
	connection->state = JOINED;
	load->joined++;
	open_more(load);
}

static void message(struct load *load, struct connection *connection)
{
	const char *first = connection->first;
	bool long_enough = connection->first_len >= 2;

	if (connection->header[0] == 0x88) {
		fprintf(stderr, "ws-load: the server closed a connection\n");
		exit(1);
	}
	if (connection->first_len == 1 && first[0] == '2')
		send_text(connection, "3");
	else if (long_enough && first[0] == '0')
		send_text(connection, "40");
	else if (long_enough && first[0] == '4' && first[1] == '0')
		joined(load, connection);
	else if (long_enough && first[0] == '4' && first[1] == '2')
		count_event(load, connection);
}

/* Payload length of a header, once all of it is here; -1 before. */
static int64_t payload_length(const struct connection *connection)
{
	const uint8_t *header = connection->header;
	uint64_t len = 0;

	if (connection->header_len < 2)
		return -1;
	if (header[1] < 126)
		return header[1];

	size_t wide = header[1] == 126 ? 2 : 8;

	if (connection->header_len < 2 + wide)
		return -1;
	for (size_t i = 0; i < wide; i++)
		len = len << 8 | header[2 + i];
	return (int64_t)len;
}

static void keep_first(struct connection *connection, const uint8_t *data,
		       size_t len)
{
	size_t room = FIRST_MAX - connection->first_len;
	size_t kept = len < room ? len : room;

	memcpy(connection->first + connection->first_len, data, kept);
	connection->first_len = (uint8_t)(connection->first_len + kept);
}

/* Take one byte of a header; true when it was the last one. */
static bool header_byte(struct connection *connection, uint8_t byte)
{
	connection->header[connection->header_len++] = byte;

	int64_t length = payload_length(connection);

	if (length < 0)
		return false;
	connection->length = (uint64_t)length;
	connection->left = connection->length;
	connection->first_len = 0;
	connection->in_payload = true;
	return true;
}

static void frames(struct load *load, struct connection *connection,
		   const uint8_t *data, size_t len)
{
	const uint8_t *end = data + len;

	while (data < end) {
		if (!connection->in_payload &&
		    !header_byte(connection, *data++))
			continue;

		uint64_t here = (uint64_t)(end - data);

		if (here > connection->left)
			here = connection->left;
		keep_first(connection, data, here);
		data += here;
		connection->left -= here;
		if (connection->left > 0)
			return;
		connection->in_payload = false;
		connection->header_len = 0;
		message(load, connection);
	}
}

/* The answer to the upgrade; what follows it is frames already. */
static void http(struct load *load, struct connection *connection,
		 const uint8_t *data, size_t len)
{
	if (connection->http == NULL)
		connection->http = malloc(HTTP_MAX + 1);
	if (connection->http == NULL || connection->http_len + len > HTTP_MAX)
		load_die("HTTP answer");
	memcpy(connection->http + connection->http_len, data, len);
	connection->http_len += len;
	connection->http[connection->http_len] = '\0';

	char *end = strstr(connection->http, "\r\n\r\n");

	if (end == NULL)
		return;
	if (strncmp(connection->http, "HTTP/1.1 101", 12) != 0)
		load_die("the upgrade was refused");
	connection->state = JOINING;
	end += 4;
	frames(load, connection, (uint8_t *)end,
	       connection->http_len - (size_t)(end - connection->http));
	free(connection->http);
	connection->http = NULL;
}

static void readable(struct load *load, size_t index)
{
	struct connection *connection = &load->connections[index];
	ssize_t got = recv(connection->fd, load->buffer, READ_SIZE, 0);

	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0)
		load_die("a connection ended");
	if (connection->state == UPGRADING)
		http(load, connection, load->buffer, (size_t)got);
	else
		frames(load, connection, load->buffer, (size_t)got);
}

/* False at the end of input. */
static bool command(struct load *load)
{
	char line[64] = "";
	double rate, seconds;

	if (read(STDIN_FILENO, line, sizeof(line) - 1) <= 0)
		return false;
	if (sscanf(line, "say %lf %lf", &rate, &seconds) == 2 && rate > 0) {
		say_begin(load, rate, seconds);
		return true;
	}
	if (line[0] == 'r') {
		load->messages = load->bytes = 0;
		load->first = load->last = 0;
	}
	printf("messages %llu bytes %llu microseconds %lld\n",
	       (unsigned long long)load->messages,
	       (unsigned long long)load->bytes,
	       (long long)(load->last - load->first));
	fflush(stdout);
	return true;
}

static void say_connected(struct load *load)
{
	printf("connected %zu microseconds %lld\n", load->joined,
	       (long long)(load_now_us() - load->began));
	fflush(stdout);
	load_watch(load->epoll, STDIN_FILENO, EPOLLIN, UINT64_MAX,
		   EPOLL_CTL_ADD);
}

static void run(struct load *load)
{
	struct epoll_event events[EVENTS_MAX];
	bool said = false;

	for (;;) {
		bool saying = load->say.count > 0;
		int count = epoll_wait(load->epoll, events, EVENTS_MAX,
				       saying ? 1 : -1);

		for (int i = 0; i < count; i++) {
			size_t index = events[i].data.u64;

			if (index == UINT64_MAX) {
				if (!command(load))
					return;
			} else if (load->connections[index].state ==
				   CONNECTING) {
				upgrade(load, index);
			} else {
				readable(load, index);
			}
			if (load->say.count > 0)
				say_what_is_due(load);
		}
		if (load->say.count > 0) {
			say_what_is_due(load);
			say_finish(load);
		}
		if (!said && load->joined == load->count) {
			say_connected(load);
			said = true;
		}
	}
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: ws-load PORT CONNECTIONS\n");
		return 1;
	}

	struct load *load = calloc(1, sizeof(*load));

	if (load == NULL)
		load_die("connections");
	load->count = (size_t)strtoul(argv[2], NULL, 10);
	load_want_descriptors(load->count);
	load->connections = calloc(load->count, sizeof(*load->connections));
	load->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (load->connections == NULL || load->epoll < 0)
		load_die("start");
	load->port = (uint16_t)strtoul(argv[1], NULL, 10);
	load->began = load_now_us();
	open_more(load);
	run(load);
	for (size_t i = 0; i < load->opened; i++)
		close(load->connections[i].fd);
	free(load->connections);
	free(load);
	return 0;
}
