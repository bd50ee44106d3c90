#include "load.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

int64_t load_now_us(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

void load_die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
		strerror(errno));
	exit(1);
}

void load_want_descriptors(size_t count)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < count + 16) {
		fprintf(stderr, "%s: %zu connections, but ulimit -Hn is %llu\n",
			program_invocation_short_name, count,
			(unsigned long long)limit.rlim_max);
		exit(1);
	}
}

int load_connect(uint16_t port)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(port),
	};
	const struct linger reset = {.l_onoff = 1};
	const int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		load_die("socket");
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) !=
		    0 &&
	    errno != EINPROGRESS)
		load_die("connect");
	return fd;
}

void load_connected(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	errno = error;
	if (error != 0)
		load_die("connect");
}

void load_watch(int epoll, int fd, uint32_t events, uint64_t data, int how)
{
	struct epoll_event event = {.events = events, .data.u64 = data};

	if (epoll_ctl(epoll, how, fd, &event) != 0)
		load_die("epoll_ctl");
}

void load_times_add(struct load_times *times, int64_t us)
{
	if (times->count == times->cap) {
		times->cap = times->cap > 0 ? 2 * times->cap : 65536;

		uint32_t *more =
			realloc(times->us, times->cap * sizeof(*times->us));

		if (more == NULL)
			load_die("times");
		times->us = more;
	}
	times->us[times->count++] = us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
}

static int compare(const void *a, const void *b)
{
	uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

	return (one > other) - (one < other);
}

uint32_t load_times_percentile(struct load_times *times, unsigned percent)
{
	if (times->count == 0)
		return 0;
	qsort(times->us, times->count, sizeof(*times->us), compare);
	return times->us[(times->count - 1) * percent / 100];
}

void load_times_done(struct load_times *times)
{
	free(times->us);
	*times = (struct load_times){0};
}
