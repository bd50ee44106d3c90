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

#define AT_ONCE 500 /* records */
#define KEY_SIZE 128
#define RECORD_DEPTH 8

static const char *const part_names[] = {
	[PART_USERS] = "user",	     [PART_SESSIONS] = "session",
	[PART_FILES] = "file",	     [PART_CONVERSATIONS] = "conversation",
	[PART_MESSAGES] = "message", [PART_CHANGES] = "change",
	[PART_OWN] = "own matters",  [PART_LINKS] = "link",
	[PART_BLOCKS] = "block",     [PART_REPORTS] = "report",
	[PART_AUDIT] = "audit row",  [PART_ADDRESSES] = "blocked address",
};

/* ---- a page of records ---- */

struct page {
	char *records[AT_ONCE];
	char keys[AT_ONCE][KEY_SIZE];
	size_t count;
};

static void keep_record(const char *key, const char *record, void *context)
{
	struct page *page = context;

	if (page->count == AT_ONCE)
		return;
	snprintf(page->keys[page->count], KEY_SIZE, "%s", key);
	page->records[page->count++] = xstrdup(record);
}

static void page_clear(struct page *page)
{
	while (page->count > 0)
		free(page->records[--page->count]);
}

static bool page_read(struct store *store, enum store_part part,
		      const char *after, struct page *page)
{
	page_clear(page);
	return store->copy->read(store, part, after, AT_ONCE, keep_record,
				 page) == STORE_OK;
}

/* ---- the copy ---- */

struct copying {
	struct store *from, *to;
	store_copied *progress;
	void *context;
	struct page page, other;
	char after[KEY_SIZE];
	char epoch[ID_SIZE];
	int64_t done, total; /* each record is read twice */
	bool whole;	     /* it was copied before */
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
	if (!c->progress(c->done, c->total, c->context))
		c->error = xstrdup("given up; the same call goes on");
	return c->error == NULL;
}

static void move_on(struct copying *c)
{
	memcpy(c->after, c->page.keys[c->page.count - 1], KEY_SIZE);
}

static bool leave_place(struct copying *c, enum store_part part)
{
	char *place = xasprintf("%s %d %s", c->epoch, (int)part, c->after);
	bool left = c->to->copy->leave(c->to, place, NULL) == STORE_OK;

	free(place);
	return left || fail(c, c->to);
}

static bool write_page(struct copying *c, enum store_part part)
{
	bool written = c->to->copy->write(c->to, part,
					  (const char *const *)c->page.records,
					  c->page.count) == STORE_OK;

	if (!written)
		return fail(c, c->to);
	kill_point("between-pages");
	move_on(c);
	if (!leave_place(c, part))
		return false;
	kill_point("between-pages");
	return true;
}

static bool copy_part(struct copying *c, enum store_part part)
{
	do {
		if (!page_read(c->from, part, c->after, &c->page))
			return fail(c, c->from);
		if (c->page.count > 0 && !write_page(c, part))
			return false;
		if (!goes_on(c, c->page.count))
			return false;
	} while (c->page.count > 0);
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

static bool is_empty(struct copying *c)
{
	bool some = false;

	for (int p = 0; p < STORE_PARTS && !some; p++)
		c->to->copy->read(c->to, (enum store_part)p, "", 2, note_some,
				  &some);
	return !some;
}

/* A copy has the epoch of what it is of once it is whole. */
static bool is_whole(struct copying *c)
{
	char epoch[ID_SIZE];

	return store_epoch(c->to, epoch) == STORE_OK &&
	       strcmp(epoch, c->epoch) == 0;
}

/* Where to begin: at the start of a store with nothing in it, or where an
 * earlier copy of the same one was left. */
static bool find_place(struct copying *c, enum store_part *part)
{
	char *place = NULL;
	int number = 0;

	if (c->to->copy->left(c->to, &place) != STORE_OK)
		return fail(c, c->to);
	if (place == NULL && is_whole(c)) {
		c->whole = true;
		c->done = c->total / 2;
		number = STORE_PARTS;
	} else if (place == NULL) {
		if (is_empty(c))
			leave_place(c, PART_USERS);
		else
			c->error = xstrdup("the store to copy to has "
					   "something in it already");
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
	char *one = canonical(a), *other = canonical(b);
	bool same = strcmp(one, other) == 0;

	free(one);
	free(other);
	return same;
}

static bool compare_page(struct copying *c, enum store_part part)
{
	for (size_t i = 0; i < c->page.count || i < c->other.count; i++) {
		bool there = i < c->page.count && i < c->other.count &&
			     strcmp(c->page.keys[i], c->other.keys[i]) == 0;

		if (there && is_same(c->page.records[i], c->other.records[i]))
			continue;
		c->error = xasprintf(
			"%s: %s %s%s",
			c->whole ? "the store to copy to is a copy that was "
				   "used since, or this one was"
				 : "the copy differs",
			part_names[part],
			i < c->page.count ? c->page.keys[i] : c->other.keys[i],
			there ? " is another one" : " is in one alone");
		return false;
	}
	return true;
}

static bool compare_part(struct copying *c, enum store_part part)
{
	c->after[0] = '\0';
	do {
		if (!page_read(c->from, part, c->after, &c->page))
			return fail(c, c->from);
		if (!page_read(c->to, part, c->after, &c->other))
			return fail(c, c->to);
		if (!compare_page(c, part) || !goes_on(c, c->page.count))
			return false;
		if (c->page.count > 0)
			move_on(c);
	} while (c->page.count > 0);
	return true;
}

/* ---- all of it ---- */

static bool copy_all(struct copying *c)
{
	enum store_part first;

	if (c->from->copy->begin(c->from, &c->total) != STORE_OK ||
	    store_epoch(c->from, c->epoch) != STORE_OK)
		return fail(c, c->from);
	c->total *= 2;
	if (!find_place(c, &first))
		return false;
	for (int p = (int)first; p < STORE_PARTS; p++) {
		if (!copy_part(c, (enum store_part)p))
			return false;
	}
	for (int p = 0; p < STORE_PARTS; p++) {
		if (!compare_part(c, (enum store_part)p))
			return false;
	}
	if (!c->whole && c->to->copy->leave(c->to, NULL, c->epoch) != STORE_OK)
		return fail(c, c->to);
	kill_point("copied");
	return true;
}

char *store_copy(struct store *from, struct store *to, store_copied *progress,
		 void *context)
{
	struct copying *c = xcalloc(1, sizeof(*c));
	char *error;

	c->from = from;
	c->to = to;
	c->progress = progress;
	c->context = context;
	copy_all(c);
	page_clear(&c->page);
	page_clear(&c->other);
	error = c->error;
	free(c);
	return error;
}

enum store_status store_copy_is_earlier(struct store *store)
{
	char epoch[ID_SIZE];

	id_new(clock_now_ms(), crypt_random, epoch);
	return store->copy->leave(store, NULL, epoch);
}
