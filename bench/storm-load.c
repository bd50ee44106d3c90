/*
 * storm-load - many signed-in sockets of 127.0.0.1 that come back when they are
 * lost, as the official client does.
 *
 *     storm-load PORT SOCKETS
 *
 * Standard input gives a token for each. Once all have joined it prints
 * "connected C"; then, for each further line, when all of them have been lost
 * and are back, "back C microseconds T tries N p50 A p99 B": T from the first
 * loss to the last return, A and B from a socket's own loss. The end of input
 * ends it.
 *
 * A socket that was lost tries again after 1 s, then 2 s, 4 s, and 5 s from
 * then on, each within half of it more or less (socket.io-client's
 * reconnectionDelay, reconnectionDelayMax and randomizationFactor).
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "client.h"
#include "load.h"

#define UNDER_WAY_MAX 128 /* that join at first */
#define DELAY_US 1000000
#define DELAY_MAX_US 5000000
#define EVENTS_MAX 256
#define INPUT UINT64_MAX

struct member {
	struct client client;
	int64_t lost, again; /* when it was, and when it tries again; or 0 */
	unsigned tries;	     /* since it was lost */
};

struct storm {
	int epoll;
	uint16_t port;
	struct member *members;
	size_t count, opened, joined;
	size_t back; /* of those who were lost */
	uint64_t tries;
	int64_t first_lost, last_back;
	bool connected, asked;
	struct load_times times;
};

static void ignore(struct client *client, const char *text, void *user)
{
	(void)client;
	(void)text;
	(void)user;
}

static void open_more(struct storm *storm)
{
	while (storm->opened < storm->count &&
	       storm->opened - storm->joined < UNDER_WAY_MAX)
		client_open(&storm->members[storm->opened++].client,
			    storm->epoll, storm->port);
}

static int64_t delay_us(unsigned tries)
{
	int64_t delay = tries < 3 ? DELAY_US << tries : DELAY_MAX_US;
	double jitter = (double)rand() / RAND_MAX - 0.5;

	delay += (int64_t)((double)delay * jitter);
	return delay < DELAY_MAX_US ? delay : DELAY_MAX_US;
}

static void on_joined(struct storm *storm, struct member *member)
{
	storm->joined++;
	if (member->lost == 0) {
		open_more(storm);
		return;
	}
	storm->last_back = load_now_us();
	storm->back++;
	load_times_add(&storm->times, storm->last_back - member->lost);
	member->lost = 0;
	member->tries = 0;
}

static void on_ended(struct storm *storm, struct member *member, bool joined)
{
	int64_t now = load_now_us();

	if (!storm->connected) {
		fprintf(stderr,
			"storm-load: %zu joined, but one could not: %.*s\n",
			storm->joined, (int)member->client.in_len,
			member->client.in);
		exit(1);
	}
	if (joined) {
		storm->joined--;
		member->lost = now;
		if (storm->first_lost == 0)
			storm->first_lost = now;
	}
	member->again = now + delay_us(member->tries++);
}

static void on_ready(struct storm *storm, struct member *member)
{
	bool joined = member->client.state == CLIENT_JOINED;

	if (client_ready(&member->client, storm->epoll, ignore, NULL) !=
	    CLIENT_ALIVE)
		on_ended(storm, member, joined);
	else if (!joined && member->client.state == CLIENT_JOINED)
		on_joined(storm, member);
}

static void try_again(struct storm *storm)
{
	int64_t now = load_now_us();

	for (size_t i = 0; i < storm->count; i++) {
		struct member *member = &storm->members[i];

		if (member->again == 0 || member->again > now)
			continue;
		member->again = 0;
		storm->tries++;
		client_open(&member->client, storm->epoll, storm->port);
	}
}

static void say_back(struct storm *storm)
{
	if (!storm->asked || storm->back < storm->count ||
	    storm->joined < storm->count)
		return;
	printf("back %zu microseconds %lld tries %llu p50 %u p99 %u\n",
	       storm->back, (long long)(storm->last_back - storm->first_lost),
	       (unsigned long long)storm->tries,
	       load_times_percentile(&storm->times, 50),
	       load_times_percentile(&storm->times, 99));
	fflush(stdout);
	storm->asked = false;
	storm->back = storm->tries = 0;
	storm->first_lost = 0;
	storm->times.count = 0;
}

static void connect_all(struct storm *storm)
{
	struct epoll_event events[EVENTS_MAX];

	open_more(storm);
	while (storm->joined < storm->count) {
		int ready = epoll_wait(storm->epoll, events, EVENTS_MAX, -1);

		for (int i = 0; i < ready; i++)
			on_ready(storm, &storm->members[events[i].data.u64]);
	}
	storm->connected = true;
	printf("connected %zu\n", storm->joined);
	fflush(stdout);
}

static void run(struct storm *storm)
{
	struct epoll_event events[EVENTS_MAX];
	char line[16];

	load_watch(storm->epoll, STDIN_FILENO, EPOLLIN, INPUT, EPOLL_CTL_ADD);
	for (;;) {
		int ready = epoll_wait(storm->epoll, events, EVENTS_MAX, 20);

		for (int i = 0; i < ready; i++) {
			uint64_t index = events[i].data.u64;

			if (index != INPUT)
				on_ready(storm, &storm->members[index]);
			else if (read(STDIN_FILENO, line, sizeof(line)) <= 0)
				return;
			else
				storm->asked = true;
		}
		try_again(storm);
		say_back(storm);
	}
}

/* What follows them is asked for only when all are connected, so that none of
 * it is in stdio's buffer. */
static void read_tokens(struct storm *storm)
{
	char line[CLIENT_TOKEN_SIZE + 1];

	for (size_t i = 0; i < storm->count; i++) {
		struct client *client = &storm->members[i].client;

		if (fgets(line, sizeof(line), stdin) == NULL ||
		    sscanf(line, "%1024s", client->token) != 1)
			load_die("too few tokens");
		client->index = i;
	}
}

int main(int argc, char **argv)
{
	static struct storm storm;

	if (argc == 3)
		storm.count = (size_t)strtoul(argv[2], NULL, 10);
	if (storm.count == 0) {
		fprintf(stderr, "usage: storm-load PORT SOCKETS\n");
		return 1;
	}
	load_want_descriptors(storm.count);
	storm.port = (uint16_t)strtoul(argv[1], NULL, 10);
	storm.members = calloc(storm.count, sizeof(*storm.members));
	storm.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (storm.members == NULL || storm.epoll < 0)
		load_die("start");
	read_tokens(&storm);
	connect_all(&storm);
	run(&storm);
	for (size_t i = 0; i < storm.count; i++)
		client_close(&storm.members[i].client);
	free(storm.members);
	load_times_done(&storm.times);
	return 0;
}
