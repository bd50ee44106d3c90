/*
 * store_records - what a store holds, of any backend, as records: JSON objects,
 * the same of each, with a key that they are in order by. They are read and
 * written a page at a time, or read one after the other.
 */
#ifndef STORE_RECORDS_H
#define STORE_RECORDS_H

#include "store_base.h"

/* In the order in which one may name another. */
enum store_part {
	PART_USERS,
	PART_SESSIONS,
	PART_FILES,
	PART_CONVERSATIONS,
	PART_MESSAGES,
	PART_CHANGES,
	PART_OWN,
	PART_LINKS,
	PART_BLOCKS,
	PART_REPORTS,
	PART_AUDIT,
	PART_ADDRESSES,
	PART_ERASED,
	STORE_PARTS,
};

typedef void store_each_record(const char *key, const char *record,
			       void *context);

struct store_copy_verbs {
	/* What was left half done is finished, where nobody else writes (not
	 * live). UNAVAILABLE, too, while somebody is being erased. */
	enum store_status (*begin)(struct store *, bool live, int64_t *records);
	enum store_status (*read)(struct store *, enum store_part,
				  const char *after, size_t limit,
				  store_each_record *, void *);
	/* One that is there already, or not yet possible (it names what is not
	 * there), is passed over. */
	enum store_status (*write)(struct store *, enum store_part,
				   const char *const *records, size_t count);
	/* So that each can be written anew. What hangs on one may go with it;
	 * what others need of one, as of a conversation, may stay. */
	enum store_status (*drop)(struct store *, enum store_part,
				  const char *const *keys, size_t count);
	/* What no record has and several say together; NULL: nothing. */
	enum store_status (*derive)(struct store *);
	/* Where a copy to this store was left; NULL: nowhere. The caller frees
	 * it. */
	enum store_status (*left)(struct store *, char **place);
	/* place NULL: it is whole, and has that epoch; what was left is not
	 * there any more. */
	enum store_status (*leave)(struct store *, const char *place,
				   const char *epoch);
};

#define STORE_RECORDS_MAX 500 /* records */
#define STORE_KEY_SIZE 128

/* All zeros: none. */
struct store_records {
	char *records[STORE_RECORDS_MAX];
	char keys[STORE_RECORDS_MAX][STORE_KEY_SIZE];
	size_t count;
};

/* A copy of both; a page, as context, that has room: a store_each_record. */
void store_records_add(const char *key, const char *record, void *page);
void store_records_clear(struct store_records *page);

/* Into a store, or out of it, all of them. False: the store says why. */
bool store_records_write(struct store *store, enum store_part part,
			 const struct store_records *page);
bool store_records_drop(struct store *store, enum store_part part,
			const struct store_records *page);

/* Its page is to be cleared at the end. */
struct store_cursor {
	struct store *store;
	struct store_records page;
	size_t at;
};

/* At the first one behind that key; "": of all. False: the store says why. */
bool store_cursor_open(struct store_cursor *cursor, enum store_part part,
		       const char *after);
/* NULL: there is none any more. */
const char *store_cursor_key(const struct store_cursor *cursor);
/* Of one that is there. */
const char *store_cursor_record(const struct store_cursor *cursor);
bool store_cursor_next(struct store_cursor *cursor, enum store_part part);

#endif
