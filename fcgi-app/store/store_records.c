#include "store_records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "store.h"

/* ---- a page of records ---- */

void store_records_add(const char *key, const char *record, void *context)
{
	struct store_records *page = context;

	if (page->count == STORE_RECORDS_MAX)
		return;
	snprintf(page->keys[page->count], STORE_KEY_SIZE, "%s", key);
	page->records[page->count++] = xstrdup(record);
}

void store_records_clear(struct store_records *page)
{
	while (page->count > 0)
		free(page->records[--page->count]);
}

static bool records_read(struct store *store, enum store_part part,
			 const char *after, struct store_records *page)
{
	store_records_clear(page);
	return store->copy->read(store, part, after, STORE_RECORDS_MAX,
				 store_records_add, page) == STORE_OK;
}

bool store_records_write(struct store *store, enum store_part part,
			 const struct store_records *page)
{
	return page->count == 0 ||
	       store->copy->write(store, part,
				  (const char *const *)page->records,
				  page->count) == STORE_OK;
}

bool store_records_drop(struct store *store, enum store_part part,
			const struct store_records *page)
{
	const char *keys[STORE_RECORDS_MAX];

	for (size_t i = 0; i < page->count; i++)
		keys[i] = page->keys[i];
	return page->count == 0 ||
	       store->copy->drop(store, part, keys, page->count) == STORE_OK;
}

/* ---- one record after the other ---- */

bool store_cursor_open(struct store_cursor *cursor, enum store_part part,
		       const char *after)
{
	cursor->at = 0;
	return records_read(cursor->store, part, after, &cursor->page);
}

const char *store_cursor_key(const struct store_cursor *cursor)
{
	return cursor->at < cursor->page.count ? cursor->page.keys[cursor->at]
					       : NULL;
}

const char *store_cursor_record(const struct store_cursor *cursor)
{
	return cursor->page.records[cursor->at];
}

bool store_cursor_next(struct store_cursor *cursor, enum store_part part)
{
	char after[STORE_KEY_SIZE];

	memcpy(after, store_cursor_key(cursor), STORE_KEY_SIZE);
	return ++cursor->at < cursor->page.count ||
	       store_cursor_open(cursor, part, after);
}
