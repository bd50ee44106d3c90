/*
 * load - what the load generators share: the clock, connections to 127.0.0.1
 * that do not block, and times of which percentiles are wanted.
 */
#ifndef LOAD_H
#define LOAD_H

#include <stddef.h>
#include <stdint.h>

int64_t load_now_us(void);

/* Says what failed and errno's reason, and ends the program. */
_Noreturn void load_die(const char *what);

/* Raises the limit of descriptors; ends the program where count and a few more
 * do not fit. */
void load_want_descriptors(size_t count);

/* A socket that is connecting; writable once it has connected. It leaves no
 * TIME_WAIT behind: the next run wants the ports. */
int load_connect(uint16_t port);
/* Ends the program unless it has connected. */
void load_connected(int fd);

void load_watch(int epoll, int fd, uint32_t events, uint64_t data, int how);

struct load_times {
	uint32_t *us;
	size_t count, cap;
};

void load_times_add(struct load_times *times, int64_t us);
/* Sorts them; 0 where there are none. */
uint32_t load_times_percentile(struct load_times *times, unsigned percent);
void load_times_done(struct load_times *times);

#endif
