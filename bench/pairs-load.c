/*
 * pairs-load - people who write to each other over sockets of 127.0.0.1: raw
 * Socket.IO over WebSocket.
 *
 *     pairs-load PORT PEOPLE
 *
 * Standard input gives a line "TOKEN ID" for each person; 0 and 1 are a pair,
 * 2 and 3, and so on. Once all are connected it prints "connected C". Then it
 * answers the lines "flood N SECONDS" (each person has N messages under way)
 * and "rate N SECONDS" (all of them send N messages a second, whatever is under
 * way) with "messages M microseconds T p50 A p99 B". A message is done, and
 * counted, when the server acknowledged it and the other one has it; a time
 * begins when the message was due. Whatever else is answered ends the program.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

#define TOKEN_SIZE 1025
#define ID_SIZE 25
#define IN_MAX 65536
#define OUT_MAX 2048
#define MESSAGES_MAX 1000000
#define PATIENCE_US 20000000

enum state { CONNECTING, UPGRADING, JOINING, JOINED };

struct person {
	int fd;
	enum state state;
	char token[TOKEN_SIZE], id[ID_SIZE];
	size_t in_len;
	char in[IN_MAX + 1];
};

struct message {
	int64_t since;
	uint32_t sender;
	bool acknowledged, delivered;
};

struct pairs {
	int epoll;
	uint16_t port;
	struct person *people;
	size_t count, joined;
	struct message *messages; /* all that were ever sent */
	size_t sent, done;
	int64_t until;
	bool again; /* who is done sends the next */
	struct load_times times;
};

static void fail(const char *what, const char *text)
{
	fprintf(stderr, "pairs-load: %s: %.300s\n", what, text);
	exit(1);
}

/* A masked text frame; the mask is zero. */
static void send_text(const struct person *person, const char *text)
{
	uint8_t frame[8 + OUT_MAX] = {0x81};
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
	if (send(person->fd, frame, head + len, MSG_NOSIGNAL) !=
	    (ssize_t)(head + len))
		load_die("send");
}

/* ---- messages ---- */

static void send_message(struct pairs *pairs, size_t sender, int64_t since)
{
	const struct person *to = &pairs->people[sender ^ 1];
	size_t number = pairs->sent;
	char text[OUT_MAX];

	if (number == MESSAGES_MAX)
		return;
	pairs->sent++;
	pairs->messages[number] =
		(struct message){.since = since, .sender = (uint32_t)sender};
	snprintf(text, sizeof(text),
		 "42%zu[\"send-message\",{\"to\":\"%s\",\"clientId\":\"n%zu\","
		 "\"content\":\"Good morning. Shall we meet at noon where we "
		 "met last week?\"}]",
		 number, to->id, number);
	send_text(&pairs->people[sender], text);
}

static struct message *message_of(struct pairs *pairs, const char *digits)
{
	size_t number = strtoul(digits, NULL, 10);

	if (number >= pairs->sent)
		fail("there is no such message", digits);
	return &pairs->messages[number];
}

static void settle(struct pairs *pairs, const struct message *message)
{
	if (!message->acknowledged || !message->delivered)
		return;
	int64_t now = load_now_us();

	pairs->done++;
	load_times_add(&pairs->times, now - message->since);
	if (pairs->again && now < pairs->until)
		send_message(pairs, message->sender, now);
}

static void on_acknowledged(struct pairs *pairs, const char *text)
{
	struct message *message = message_of(pairs, text + 2);

	if (strstr(text, "\"ok\":true") == NULL || message->acknowledged)
		fail("acknowledged so", text);
	message->acknowledged = true;
	settle(pairs, message);
}

/* Its sender hears of it, too. */
static void on_delivered(struct pairs *pairs, size_t index, const char *text)
{
	static const char key[] = "\"clientId\":\"n";
	const char *at = strstr(text, key);

	if (at == NULL)
		fail("a message of somebody else", text);

	struct message *message = message_of(pairs, at + strlen(key));

	if ((message->sender ^ 1) != index)
		return;
	if (message->delivered)
		fail("delivered twice", text);
	message->delivered = true;
	settle(pairs, message);
}

/* ---- the protocol ---- */

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static void join(struct person *person)
{
	char text[OUT_MAX];

	snprintf(text, sizeof(text), "40{\"token\":\"%s\"}", person->token);
	send_text(person, text);
}

static void on_text(struct pairs *pairs, size_t index, const char *text)
{
	struct person *person = &pairs->people[index];

	if (strcmp(text, "2") == 0)
		send_text(person, "3");
	else if (text[0] == '0')
		join(person);
	else if (begins(text, "40")) {
		person->state = JOINED;
		pairs->joined++;
	} else if (begins(text, "43"))
		on_acknowledged(pairs, text);
	else if (begins(text, "42[\"message:new\""))
		on_delivered(pairs, index, text);
	else if (begins(text, "44") || begins(text, "41"))
		fail("refused", text);
}

/* Bytes of the first frame, its text NUL-terminated at *text; 0: not whole. */
static size_t take_frame(struct person *person, char **text, char *behind)
{
	const uint8_t *in = (uint8_t *)person->in;
	size_t head = 2, len = person->in_len > 1 ? in[1] : 0;

	if (len == 126) {
		head = 4;
		len = (size_t)in[2] << 8 | in[3];
	} else if (len > 126) {
		fail("a frame", "too long");
	}
	if (person->in_len < head || person->in_len < head + len)
		return 0;
	if (in[0] != 0x81)
		fail("a frame", "no text");
	*text = person->in + head;
	*behind = (*text)[len];
	(*text)[len] = '\0';
	return head + len;
}

static size_t take_http(struct person *person)
{
	person->in[person->in_len] = '\0';

	const char *end = strstr(person->in, "\r\n\r\n");

	if (end == NULL)
		return 0;
	if (!begins(person->in, "HTTP/1.1 101"))
		fail("the upgrade", person->in);
	person->state = JOINING;
	return (size_t)(end - person->in) + 4;
}

/* Bytes that were dealt with; 0: more has to come. */
static size_t take(struct pairs *pairs, size_t index)
{
	struct person *person = &pairs->people[index];
	char *text = NULL, behind = '\0';

	if (person->state == UPGRADING)
		return take_http(person);

	size_t len = take_frame(person, &text, &behind);

	if (len > 0) {
		on_text(pairs, index, text);
		person->in[len] = behind;
	}
	return len;
}

static void on_readable(struct pairs *pairs, size_t index)
{
	struct person *person = &pairs->people[index];
	ssize_t got = recv(person->fd, person->in + person->in_len,
			   IN_MAX - person->in_len, 0);
	size_t len;

	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0)
		load_die("a connection ended");
	person->in_len += (size_t)got;
	while (person->in_len > 0 && (len = take(pairs, index)) > 0) {
		person->in_len -= len;
		memmove(person->in, person->in + len, person->in_len);
	}
}

static void upgrade(struct pairs *pairs, size_t index)
{
	static const char request[] =
		"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
		"Host: 127.0.0.1\r\nConnection: Upgrade\r\n"
		"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
	struct person *person = &pairs->people[index];

	load_connected(person->fd);
	if (send(person->fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
		load_die("connect");
	person->state = UPGRADING;
	load_watch(pairs->epoll, person->fd, EPOLLIN, index, EPOLL_CTL_MOD);
}

/* Deals with what comes within that time, at most. */
static void wait_us(struct pairs *pairs, int64_t us)
{
	struct epoll_event events[64];
	int ms = us > 0 ? (int)((us + 999) / 1000) : 0;
	int ready = epoll_wait(pairs->epoll, events, 64, ms);

	for (int i = 0; i < ready; i++) {
		size_t index = events[i].data.u64;

		if (pairs->people[index].state == CONNECTING)
			upgrade(pairs, index);
		else
			on_readable(pairs, index);
	}
}

/* ---- what is asked ---- */

static void connect_all(struct pairs *pairs)
{
	int64_t patience = load_now_us() + PATIENCE_US;

	for (size_t i = 0; i < pairs->count; i++) {
		pairs->people[i].fd = load_connect(pairs->port);
		load_watch(pairs->epoll, pairs->people[i].fd, EPOLLOUT, i,
			   EPOLL_CTL_ADD);
	}
	while (pairs->joined < pairs->count) {
		wait_us(pairs, 100000);
		if (load_now_us() > patience)
			fail("connect", "not all in time");
	}
	printf("connected %zu\n", pairs->joined);
	fflush(stdout);
}

static void flood(struct pairs *pairs, size_t under_way)
{
	pairs->again = true;
	for (size_t n = 0; n < under_way; n++)
		for (size_t i = 0; i < pairs->count; i++)
			send_message(pairs, i, load_now_us());
	while (load_now_us() < pairs->until)
		wait_us(pairs, 10000);
	pairs->again = false;
}

static void pace(struct pairs *pairs, size_t rate)
{
	int64_t due = load_now_us(), every = 1000000 / (int64_t)rate;

	for (size_t i = 0; due < pairs->until; i++, due += every) {
		/* One look at least, however late it is. */
		do
			wait_us(pairs, due - load_now_us());
		while (load_now_us() < due);
		send_message(pairs, i % pairs->count, due);
	}
}

static void answer(struct pairs *pairs, const char *line)
{
	int64_t began = load_now_us();
	size_t before = pairs->done, number = 0;
	double seconds = 0;
	char word[8] = "";

	if (sscanf(line, "%7s %zu %lf", word, &number, &seconds) != 3 ||
	    number == 0)
		fail("cannot read this", line);
	pairs->until = began + (int64_t)(seconds * 1e6);
	if (word[0] == 'f')
		flood(pairs, number);
	else
		pace(pairs, number);
	while (pairs->done < pairs->sent) {
		wait_us(pairs, 100000);
		if (load_now_us() > pairs->until + PATIENCE_US)
			fail("messages", "not all came");
	}
	printf("messages %zu microseconds %lld p50 %u p99 %u\n",
	       pairs->done - before, (long long)(load_now_us() - began),
	       load_times_percentile(&pairs->times, 50),
	       load_times_percentile(&pairs->times, 99));
	fflush(stdout);
	pairs->times.count = 0;
}

/* Between two lines the server's pings wait, which they may for a while. */
static void run(struct pairs *pairs)
{
	char line[TOKEN_SIZE + ID_SIZE + 2];

	for (size_t i = 0; i < pairs->count; i++) {
		struct person *person = &pairs->people[i];

		if (fgets(line, sizeof(line), stdin) == NULL ||
		    sscanf(line, "%1024s %24s", person->token, person->id) != 2)
			fail("people", "too few lines");
	}
	connect_all(pairs);
	while (fgets(line, sizeof(line), stdin) != NULL)
		answer(pairs, line);
}

int main(int argc, char **argv)
{
	static struct pairs pairs;

	if (argc == 3)
		pairs.count = (size_t)strtoul(argv[2], NULL, 10);
	if (pairs.count == 0 || pairs.count % 2 != 0) {
		fprintf(stderr, "usage: pairs-load PORT PEOPLE (an even "
				"number)\n");
		return 1;
	}
	load_want_descriptors(pairs.count);
	pairs.port = (uint16_t)strtoul(argv[1], NULL, 10);
	pairs.people = calloc(pairs.count, sizeof(*pairs.people));
	pairs.messages = calloc(MESSAGES_MAX, sizeof(*pairs.messages));
	pairs.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (pairs.people == NULL || pairs.messages == NULL || pairs.epoll < 0)
		load_die("start");
	run(&pairs);
	for (size_t i = 0; i < pairs.count; i++)
		close(pairs.people[i].fd);
	free(pairs.people);
	free(pairs.messages);
	load_times_done(&pairs.times);
	return 0;
}
