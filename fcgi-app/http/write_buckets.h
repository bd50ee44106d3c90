/*
 * write_buckets - how much each user may write, over REST and sockets alike:
 * a page of memory that the supervisor shares with its workers.
 *
 * A user's slot is a time, until when what they wrote is paid for (GCRA, ITU-T
 * I.371 annex A): it moves on by 1/rate with each write, and may be ahead of
 * now by burst of them. It is one atomic number, so nobody waits for anybody.
 */
#ifndef WRITE_BUCKETS_H
#define WRITE_BUCKETS_H

#include <stdint.h>

struct write_buckets;

struct write_rate {
	int64_t rate, burst; /* in so many seconds; at once */
	int64_t seconds;
};

/* Shared with every process that is forked from here on. Aborts without
 * memory. Users share a slot by chance alone: the seed is random. */
struct write_buckets *write_buckets_new(void);
void write_buckets_free(struct write_buckets *buckets); /* NULL: no-op */

/* 0: it is paid for. Else microseconds to wait. */
int64_t write_buckets_take(struct write_buckets *buckets, const char *user,
			   const struct write_rate *rate, int64_t now_us);
/* It was for nothing. */
void write_buckets_give_back(struct write_buckets *buckets, const char *user,
			     const struct write_rate *rate);

#endif
