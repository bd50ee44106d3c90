/*
 * bucket - a token bucket: so many per second, so many at once.
 */
#ifndef BUCKET_H
#define BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct bucket {
	int64_t thousandths; /* of a token that are there */
	int64_t at_ms;
};

/* Full. */
void bucket_init(struct bucket *bucket, int64_t burst, int64_t now_ms);

/* Take so many tokens, at most burst; false: they are not there. rate: per
 * second. */
bool bucket_take(struct bucket *bucket, int64_t tokens, int64_t rate,
		 int64_t burst, int64_t now_ms);

/* Until there are so many. */
int64_t bucket_wait_ms(const struct bucket *bucket, int64_t tokens,
		       int64_t rate);

#endif
