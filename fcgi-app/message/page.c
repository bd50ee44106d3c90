#include "page.h"

static int64_t page_most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t page_least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static struct page_range down_from(int64_t last, int64_t limit, int64_t floor)
{
	int64_t first = page_most(last - limit + 1, floor);

	return (struct page_range){first, last, first > floor};
}

struct page_range page_by_seq(const struct page_query *query, int64_t floor,
			      int64_t last_seq)
{
	int64_t end = query->before >= 0
			      ? page_least(query->before - 1, last_seq)
			      : last_seq;

	if (query->after < 0)
		return down_from(end, query->limit, floor);

	/* Not after + limit: both are a client's and may be huge. */
	int64_t first = page_most(page_least(query->after, end) + 1, floor);
	int64_t last = page_least(end, first + query->limit - 1);

	return (struct page_range){first, last, last < end};
}

struct page_range page_by_number(int64_t page, int64_t limit, int64_t floor,
				 int64_t last_seq)
{
	if (page - 1 > last_seq / limit)
		return (struct page_range){1, 0, false};
	return down_from(last_seq - (page - 1) * limit, limit, floor);
}
