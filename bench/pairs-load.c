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
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "client.h"
#include "load.h"

#define ID_SIZE 25
#define MESSAGES_MAX 1000000
#define PATIENCE_US 20000000

struct person {
	struct client client;
	char id[ID_SIZE];
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

/* ---- messages ---- */

static void send_message(struct pairs *pairs, size_t sender, int64_t since)
{
	const struct person *to = &pairs->people[sender ^ 1];
	size_t number = pairs->sent;
	char text[CLIENT_TEXT_MAX];

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
	client_send(&pairs->people[sender].client, text);
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

static void on_packet(struct client *client, const char *text, void *user)
{
	static const char delivered[] = "42[\"message:new\"";
	struct pairs *pairs = user;

	if (strncmp(text, "43", 2) == 0)
		on_acknowledged(pairs, text);
	else if (strncmp(text, delivered, sizeof(delivered) - 1) == 0)
		on_delivered(pairs, client->index, text);
}

static void on_ready(struct pairs *pairs, struct client *client)
{
	bool joined = client->state == CLIENT_JOINED;

	if (client_ready(client, pairs->epoll, on_packet, pairs) !=
	    CLIENT_ALIVE)
		fail("a connection", "ended");
	if (!joined && client->state == CLIENT_JOINED)
		pairs->joined++;
}

/* Deals with what comes within that time, at most. */
static void wait_us(struct pairs *pairs, int64_t us)
{
	struct epoll_event events[64];
	int ms = us > 0 ? (int)((us + 999) / 1000) : 0;
	int ready = epoll_wait(pairs->epoll, events, 64, ms);

	for (int i = 0; i < ready; i++)
		on_ready(pairs, &pairs->people[events[i].data.u64].client);
}

/* ---- what is asked ---- */

static void connect_all(struct pairs *pairs)
{
	int64_t patience = load_now_us() + PATIENCE_US;

	for (size_t i = 0; i < pairs->count; i++)
		client_open(&pairs->people[i].client, pairs->epoll,
			    pairs->port);
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
	char line[CLIENT_TOKEN_SIZE + ID_SIZE + 2];

	for (size_t i = 0; i < pairs->count; i++) {
		struct person *person = &pairs->people[i];

		if (fgets(line, sizeof(line), stdin) == NULL ||
		    sscanf(line, "%1024s %24s", person->client.token,
			   person->id) != 2)
			fail("people", "too few lines");
		person->client.index = i;
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
		client_close(&pairs.people[i].client);
	free(pairs.people);
	free(pairs.messages);
	load_times_done(&pairs.times);
	return 0;
}
