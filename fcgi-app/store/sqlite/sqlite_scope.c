#include "sqlite_scope.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "palabre_limits.h"
#include "sqlite_schema.h"
#include "store_finds.h"

/* ---- which ---- */

static struct sqlite_scope_part *scope_more(struct sqlite_scope *p)
{
	if (p->count == p->cap) {
		p->cap = p->cap > 0 ? 2 * p->cap : 16;
		p->list = xrealloc(p->list, p->cap * sizeof(*p->list));
	}
	return &p->list[p->count++];
}

bool sqlite_scope_add(struct sqlite_scope *p, const char *id)
{
	struct sqlite_scope_part *one = scope_more(p);

	if (sqlite_conversation_find(p->db, id, &one->c))
		one->first = sqlite_sight(p->db, &one->c, &p->viewer);
	else
		one->first = 0;
	memcpy(one->newest, SEARCH_LAST, ID_SIZE);
	if (one->first == 0)
		p->count--;
	return one->first > 0;
}

void sqlite_scope_add_all(struct sqlite_scope *p)
{
	static const char sql[] = "SELECT " COLUMNS_OF(
		CONVERSATION_COLUMNS) ", m.id, m.place FROM inbox i"
				      " JOIN conversation c"
				      "  ON c.id = i.conversation" JOIN_NEWEST
				      " WHERE i.user_id = ? AND m.id NOT NULL"
				      " ORDER BY m.id DESC LIMIT ?";
	struct query q =
		QUERY(p->db, sql, ID(p->viewer.id), INT(LIMIT_CONVERSATIONS));

	while (query_row(&q)) {
		struct sqlite_scope_part *one = scope_more(p);

		sqlite_conversation_row(&q, 0, &one->c);
		query_id(&q, CONVERSATION_COLUMN_COUNT, one->newest);
		one->c.last_seq = query_int(&q, CONVERSATION_COLUMN_COUNT + 1) &
				  SQLITE_SEQ_MAX;
		one->first = -1; /* not looked at yet */
	}
	if (p->db->lobby)
		sqlite_scope_add(p, ID_LOBBY);
}

int64_t sqlite_scope_first(struct sqlite_scope *p,
			   struct sqlite_scope_part *one)
{
	if (one->first < 0)
		one->first = sqlite_sight(p->db, &one->c, &p->viewer);
	return one->first;
}

struct sqlite_scope_part *sqlite_scope_find(struct sqlite_scope *p, int64_t n)
{
	for (size_t i = 0; i < p->count; i++) {
		if (p->list[i].c.n == n)
			return &p->list[i];
	}
	return NULL;
}

void sqlite_scope_done(struct sqlite_scope *p)
{
	free(p->list);
	free(p->order);
}

/* ---- how far ---- */

/* The position of the newest message of a range. */
static void scope_position(struct sqlite_scope *p, int64_t first, int64_t last,
			   char out[ID_SIZE])
{
	static const char sql[] =
		"SELECT id FROM message WHERE place BETWEEN ? AND ?"
		" ORDER BY place DESC LIMIT 1";
	struct query q = QUERY(p->db, sql, INT(first), INT(last));

	out[0] = '\0';
	if (query_row(&q))
		query_id(&q, 0, out);
	query_close(&q);
}

/* The last place of what is not behind `before`; below the first: none. */
static int64_t scope_last(struct sqlite_scope *p,
			  const struct sqlite_scope_part *one)
{
	int64_t first = sqlite_place_of(one->c.n, 1);
	int64_t low = first - 1;
	int64_t high = sqlite_place_of(one->c.n, one->c.last_seq);
	char id[ID_SIZE];

	if (strcmp(one->newest, p->before) <= 0)
		return high;
	while (low < high) {
		int64_t middle = low + (high - low + 1) / 2;

		scope_position(p, first, middle, id);
		if (strcmp(id, p->before) <= 0)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

void sqlite_scope_go_to(struct sqlite_scope *p, struct sqlite_scope_part *one,
			int64_t last)
{
	one->last = last;
	scope_position(p, sqlite_place_of(one->c.n, 1), last, one->newest);
}

/* ---- in which order ---- */

static int scope_compare(const void *a, const void *b)
{
	const struct sqlite_scope_part *const *one = a, *const *other = b;

	return strcmp((*other)->newest, (*one)->newest);
}

void sqlite_scope_order(struct sqlite_scope *p)
{
	p->order = xcalloc(p->count + 1, sizeof(struct sqlite_scope_part *));
	for (size_t i = 0; i < p->count; i++) {
		struct sqlite_scope_part *one = &p->list[i];
		int64_t last = scope_last(p, one);

		if (strcmp(one->newest, p->before) >= 0)
			sqlite_scope_go_to(p, one, last);
		one->last = last;
		p->order[i] = one;
	}
	qsort(p->order, p->count, sizeof(struct sqlite_scope_part *),
	      scope_compare);
}

/* Whose newest was the newest has been looked at. */
static void scope_order_first(struct sqlite_scope *p)
{
	struct sqlite_scope_part *one = p->order[0];
	size_t at = 0;

	for (; at + 1 < p->count &&
	       strcmp(one->newest, p->order[at + 1]->newest) < 0;
	     at++)
		p->order[at] = p->order[at + 1];
	p->order[at] = one;
}

struct sqlite_scope_part *sqlite_scope_next(struct sqlite_scope *p)
{
	if (p->count == 0)
		return NULL;
	scope_order_first(p);
	return p->order[0]->newest[0] != '\0' ? p->order[0] : NULL;
}
