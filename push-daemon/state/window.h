/*
 * window - which numbers of one counter were seen: the highest, and a bitmap
 * of at least 1,024 below it (the anti-replay window of RFC 6479).
 *
 *      ... too old | seen or unseen, by bit ...... highest | not yet
 *                  ^floor      ^low
 *
 * A number unseen between low and highest is missing: a hole. Below low, the
 * first number that came, nothing counts as one.
 */
#ifndef WINDOW_H
#define WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#define WINDOW_WORDS 17 /* 1,024 and one: words turn over whole */
#define WINDOW_NUMBER_MAX ((int64_t)1 << 53)

/* All zero: nothing came yet. */
struct window {
	int64_t highest; /* 0: nothing came yet */
	int64_t low;
	uint32_t missing;
	bool fresh; /* the next higher number starts anew */
	uint64_t bits[WINDOW_WORDS];
};

enum window_verdict {
	WINDOW_NEW,
	WINDOW_SEEN,
	WINDOW_TOO_OLD,	  /* or no number of a counter */
	WINDOW_FORGOTTEN, /* window_table.h */
};

/* Enter a number. *lost: by it a missing one fell out at the lower end, and
 * will never be delivered. */
enum window_verdict window_enter(struct window *window, int64_t number,
				 bool *lost);

/* Whether that number was seen or is known to be missing. */
bool window_knows(const struct window *window, int64_t number);

/* How many up to number (one that was seen, not above highest) are missing. */
uint32_t window_missing_to(const struct window *window, int64_t number);

/* What is missing up to number is no longer waited for (if it comes, it is
 * new). number as above. */
void window_forget_to(struct window *window, int64_t number);

/* Forget all holes, and what is missing below the next higher number is none
 * either. */
void window_skip(struct window *window);

#endif
