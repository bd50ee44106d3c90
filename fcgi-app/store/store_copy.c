#include "store_copy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "crypt.h"
#include "json.h"
#include "kill_point.h"
#include "mem.h"
#include "store.h"
#include "store_records.h"

#define RECORD_DEPTH 8
/* What another record stands in the way of is written in the next one. */
#define MOST_ROUNDS 4
/* Stands where a copy to a store was left: the store was moved from. */
#define MOVED "moved"

static const char *const part_names[] = {
	[PART_USERS] = "user",	       [PART_SESSIONS] = "session",
	[PART_FILES] = "file",	       [PART_CONVERSATIONS] = "conversation",
	[PART_MESSAGES] = "message",   [PART_CHANGES] = "change",
	[PART_OWN] = "own matters",    [PART_LINKS] = "link",
	[PART_BLOCKS] = "block",       [PART_REPORTS] = "report",
	[PART_AUDIT] = "audit row",    [PART_ADDRESSES] = "blocked address",
	[PART_ERASED] = "erased user",
};

/* ---- the copy ---- */

struct copying {
	const struct store_copying *how;
	struct store_cursor from, to;
	struct store_records gone,
		made; /* of one part, to be dropped and written */
	char after[STORE_KEY_SIZE];
	char epoch[ID_SIZE];
	int64_t done, total; /* of this round */
	bool whole;	     /* it was copied before */
	bool mends;
	bool moved; /* the store to copy to was */
	size_t differences;
	char *error;
};

static bool fail(struct copying *c, struct store *store)
{
	if (c->error == NULL)
		c->error = xstrdup(store_error(store));
	return false;
}

static bool goes_on(struct copying *c, size_t count)
{
	c->done += (int64_t)count;
	if (c->total < c->done)
		c->total = c->done;
	if (!c->how->progress(c->done, c->total, c->how->context))
		c->error = xstrdup("given up; the same call goes on");
	return c->error == NULL;
}

/* place, NULL where there is none: the caller frees it. */
static enum store_status read_place(struct store *store, char **place,
				    bool *moved)
{
	enum store_status status;

	*place = NULL;
	*moved = false;
	if (store->copy == NULL)
		return STORE_OK;
	status = store->copy->left(store, place);
	if (*place != NULL && strcmp(*place, MOVED) == 0) {
		free(*place);
		*place = NULL;
		*moved = true;
	}
	return status;
}

static bool leave_place(struct copying *c, enum store_part part)
{
	struct store *to = c->how->to;
	char *place = xasprintf("%s %d %s", c->epoch, (int)part, c->after);
	bool left = to->copy->leave(to, place, NULL) == STORE_OK;

	free(place);
	return left || fail(c, to);
}

static bool write_page(struct copying *c, enum store_part part)
{
	const struct store_records *page = &c->from.page;

	if (!store_records_write(c->how->to, part, page))
		return fail(c, c->how->to);
	kill_point("between-pages");
	memcpy(c->after, page->keys[page->count - 1], STORE_KEY_SIZE);
	if (!leave_place(c, part))
		return false;
	kill_point("between-pages");
	return true;
}

static bool copy_part(struct copying *c, enum store_part part)
{
	do {
		if (!store_cursor_open(&c->from, part, c->after))
			return fail(c, c->how->from);
		if (c->from.page.count > 0 && !write_page(c, part))
			return false;
		if (!goes_on(c, c->from.page.count))
			return false;
	} while (c->from.page.count > 0);
	c->after[0] = '\0';
	return true;
}

static void note_some(const char *key, const char *record, void *context)
{
	bool *some = context;

	(void)record;
	if (strcmp(key, ID_SERVER) != 0)
		*some = true;
}

static bool begin_empty(struct copying *c)
{
	struct store *to = c->how->to;
	bool some = false;

	for (int p = 0; p < STORE_PARTS && !some; p++) {
		if (to->copy->read(to, (enum store_part)p, "", 2, note_some,
				   &some) != STORE_OK)
			return fail(c, to);
	}
	if (!some)
		return leave_place(c, PART_USERS);
	c->error = xstrdup("the store to copy to has something in it already");
	return false;
}

/* A copy has the epoch of what it is of once it is whole. */
static bool is_whole(struct copying *c)
{
	char epoch[ID_SIZE];

	return store_epoch(c->how->to, epoch) == STORE_OK &&
	       strcmp(epoch, c->epoch) == 0;
}

/* Where to begin: at the start of a store with nothing in it, or where an
 * earlier copy of the same one was left. */
static bool find_place(struct copying *c, enum store_part *part)
{
	struct store *to = c->how->to;
	char *place = NULL;
	int number = 0;

	if (read_place(to, &place, &c->moved) != STORE_OK)
		return fail(c, to);
	if (place == NULL && is_whole(c)) {
		c->whole = true;
		number = STORE_PARTS;
	} else if (place == NULL) {
		begin_empty(c);
	} else if (strncmp(place, c->epoch, ID_LEN) != 0 ||
		   sscanf(place + ID_LEN, " %d %127[^\n]", &number, c->after) <
			   1) {
		c->error = xstrdup("the store to copy to has half a copy of "
				   "another one in it");
	}
	*part = (enum store_part)number;
	free(place);
	return c->error == NULL;
}

/* ---- and whether it is one ---- */

/* The same however it was written down. */
static char *canonical(const char *record)
{
	struct json_object *value = NULL;
	char *text;
	size_t len;

	if (json_parse(record, strlen(record), JSON_OURS(RECORD_DEPTH),
		       &value) != JSON_OK)
		return xstrdup(record);
	text = xstrdup(json_print(value, &len));
	json_free(value);
	return text;
}

static bool is_same(const char *a, const char *b)
{
	if (strcmp(a, b) == 0)
		return true;

	char *one = canonical(a), *other = canonical(b);
	bool same = strcmp(one, other) == 0;

	free(one);
	free(other);
	return same;
}

/* What is another one by now is dropped there, and written anew. */
static bool settle(struct copying *c, enum store_part part)
{
	struct store *to = c->how->to;
	bool settled = store_records_drop(to, part, &c->gone);

	if (c->gone.count > 0)
		kill_point("between-pages");
	settled = settled && store_records_write(to, part, &c->made);
	if (c->made.count > 0)
		kill_point("between-pages");
	store_records_clear(&c->gone);
	store_records_clear(&c->made);
	return settled || fail(c, to);
}

static bool differs(struct copying *c, enum store_part part, bool here,
		    bool there)
{
	const char *key = store_cursor_key(here ? &c->from : &c->to);

	c->differences++;
	if (!c->mends) {
		c->error = xasprintf(
			"%s: %s %s%s",
			c->whole ? "the store to copy to is a copy that was "
				   "used since, or this one was"
				 : "the copy differs",
			part_names[part], key,
			here && there ? " is another one" : " is in one alone");
		return false;
	}
	if (there)
		store_records_add(key, "", &c->gone);
	if (here)
		store_records_add(key, store_cursor_record(&c->from), &c->made);
	return (c->gone.count < STORE_RECORDS_MAX &&
		c->made.count < STORE_RECORDS_MAX) ||
	       settle(c, part);
}

static bool compare_next(struct copying *c, enum store_part part)
{
	const char *a = store_cursor_key(&c->from),
		   *b = store_cursor_key(&c->to);
	int order = a == NULL ? 1 : b == NULL ? -1 : strcmp(a, b);
	bool same = order == 0 && is_same(store_cursor_record(&c->from),
					  store_cursor_record(&c->to));

	if (c->from.at == 0 && order <= 0 && !goes_on(c, c->from.page.count))
		return false;
	if (!same && !differs(c, part, order <= 0, order >= 0))
		return false;
	if (order <= 0 && !store_cursor_next(&c->from, part))
		return fail(c, c->how->from);
	if (order >= 0 && !store_cursor_next(&c->to, part))
		return fail(c, c->how->to);
	return true;
}

static bool compare_part(struct copying *c, enum store_part part)
{
	if (!store_cursor_open(&c->from, part, ""))
		return fail(c, c->how->from);
	if (!store_cursor_open(&c->to, part, ""))
		return fail(c, c->how->to);
	while (store_cursor_key(&c->from) != NULL ||
	       store_cursor_key(&c->to) != NULL) {
		if (!compare_next(c, part))
			return false;
	}
	return settle(c, part);
}

static bool derive(struct copying *c)
{
	struct store *to = c->how->to;

	return to->copy->derive == NULL || to->copy->derive(to) == STORE_OK ||
	       fail(c, to);
}

static bool compare_all(struct copying *c, bool mends)
{
	if (!c->whole && !derive(c))
		return false;
	c->mends = mends;
	c->differences = 0;
	c->done = 0;
	for (int p = 0; p < STORE_PARTS; p++) {
		if (!compare_part(c, (enum store_part)p))
			return false;
	}
	return true;
}

/* Until nothing is another one; while it is in use something always is. */
static bool compare(struct copying *c)
{
	int round = 0;

	do {
		if (!compare_all(c, !c->whole && round < MOST_ROUNDS))
			return false;
		round++;
	} while (c->differences > 0 && !c->how->live);
	return true;
}

/* ---- all of it ---- */

static bool begin(struct copying *c)
{
	struct store *from = c->how->from;
	bool half;

	if (store_copy_is_half(from, &half) != STORE_OK)
		return fail(c, from);
	if (half) {
		c->error = xstrdup("the store to copy from " STORE_COPY_HALF);
		return false;
	}
	if (from->copy->begin(from, c->how->live, &c->total) != STORE_OK ||
	    store_epoch(from, c->epoch) != STORE_OK)
		return fail(c, from);
	return true;
}

/* First of all: at no moment is there a whole copy of one that would be served
 * again as if there were none. */
static bool mark_moved(struct copying *c)
{
	struct store *from = c->how->from;

	return !c->how->moves ||
	       from->copy->leave(from, MOVED, NULL) == STORE_OK ||
	       fail(c, from);
}

static bool end(struct copying *c)
{
	struct store *to = c->how->to;
	bool ends = !c->whole || c->moved;

	if (!c->how->accept(to, c->how->context)) {
		c->error = xstrdup("the copy is not as it should be");
		return false;
	}
	if (!mark_moved(c))
		return false;
	if (ends && to->copy->leave(to, NULL, c->epoch) != STORE_OK)
		return fail(c, to);
	kill_point("copied");
	return true;
}

static bool copy_all(struct copying *c)
{
	enum store_part first;

	if (!begin(c) || !find_place(c, &first))
		return false;
	for (int p = (int)first; p < STORE_PARTS; p++) {
		if (!copy_part(c, (enum store_part)p))
			return false;
	}
	if (first < STORE_PARTS && !leave_place(c, STORE_PARTS))
		return false;
	if (first < STORE_PARTS && c->how->live)
		return true;
	return compare(c) && (c->how->live || end(c));
}

char *store_copy(const struct store_copying *how, int64_t *records)
{
	struct copying *c = xcalloc(1, sizeof(*c));
	char *error;

	c->how = how;
	c->from.store = how->from;
	c->to.store = how->to;
	copy_all(c);
	store_records_clear(&c->from.page);
	store_records_clear(&c->to.page);
	store_records_clear(&c->gone);
	store_records_clear(&c->made);
	*records = c->done;
	error = c->error;
	free(c);
	return error;
}

static enum store_status read_state(struct store *store, bool *half,
				    bool *moved)
{
	char *place;
	enum store_status status = read_place(store, &place, moved);

	*half = place != NULL;
	free(place);
	return status;
}

enum store_status store_copy_is_half(struct store *store, bool *half)
{
	bool moved;

	return read_state(store, half, &moved);
}

enum store_status store_copy_serve(struct store *store, bool *half)
{
	bool moved;
	enum store_status status = read_state(store, half, &moved);

	return moved ? store_copy_is_earlier(store) : status;
}

enum store_status store_copy_is_earlier(struct store *store)
{
	char epoch[ID_SIZE];

	id_new(clock_now_ms(), crypt_random, epoch);
	return store->copy->leave(store, NULL, epoch);
}
