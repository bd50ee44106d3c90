/*
 * page - which messages a page of history has. Pure: as a conversation's seq
 * has no holes, a page is a range of it.
 */
#ifndef PAGE_H
#define PAGE_H

#include <stdbool.h>
#include <stdint.h>

struct page_range {
	int64_t first, last; /* both inclusive; first > last: empty */
	bool more;	     /* there are others further that way */
};

struct page_query {
	int64_t before; /* only seq below; -1: from the end */
	int64_t after;	/* only seq above, nearest first; -1: not asked */
	int64_t limit;	/* at least 1 */
};

/* The newest `limit` below before or, when after is given, the oldest above
 * it. Members see floor (1 for most) to last_seq. */
struct page_range page_by_seq(const struct page_query *query, int64_t floor,
			      int64_t last_seq);

/* Page 1 has the newest. */
struct page_range page_by_number(int64_t page, int64_t limit, int64_t floor,
				 int64_t last_seq);

#endif
