/*
 * store_copy - all that one store holds, into another one, of any backend. Ids,
 * numbers, marks, sessions and the epoch stay, so clients go on as if nothing
 * had happened.
 *
 * Between the two each thing is a record: a JSON object, the same of every
 * backend, with a key that it is in order by. What may be lost is not copied:
 * wrong passwords, and what happened lately (store_events.h), which is
 * forgotten by the copy.
 */
#ifndef STORE_COPY_H
#define STORE_COPY_H

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
	STORE_PARTS,
};

typedef void store_each_record(const char *key, const char *record,
			       void *context);

struct store_copy_verbs {
	/* What was left half done is finished. UNAVAILABLE, too, while somebody
	 * is being erased. */
	enum store_status (*begin)(struct store *, int64_t *records);
	enum store_status (*read)(struct store *, enum store_part,
				  const char *after, size_t limit,
				  store_each_record *, void *);
	/* One that is there already is passed over. */
	enum store_status (*write)(struct store *, enum store_part,
				   const char *const *records, size_t count);
	/* Where a copy to this store was left; NULL: nowhere. The caller frees
	 * it. */
	enum store_status (*left)(struct store *, char **place);
	/* place NULL: it is whole, and has that epoch. */
	enum store_status (*leave)(struct store *, const char *place,
				   const char *epoch);
};

typedef bool store_copied(int64_t done, int64_t total, void *context);

/* from: nobody writes to it any more. to: it is prepared, and nothing is in it
 * but what an earlier call left there, which broke off. At the end all of both
 * is compared; where it had come to its end, nothing else is done. NULL, or one
 * clear line that the caller frees; progress false: give it up. */
char *store_copy(struct store *from, struct store *to, store_copied *progress,
		 void *context);

/* What is in a store now is an earlier state, for whoever knows more. */
enum store_status store_copy_is_earlier(struct store *store);

#endif
