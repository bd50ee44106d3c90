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
	/* place NULL: it is whole, and has that epoch. */
	enum store_status (*leave)(struct store *, const char *place,
				   const char *epoch);
};

struct store_copying {
	struct store *from, *to;
	/* from is in use: what changes meanwhile may not be in the copy. It is
	 * half a copy until a call that is not live has come to its end. */
	bool live;
	/* false: give it up */
	bool (*progress)(int64_t done, int64_t total, void *context);
	/* Of the whole copy, before it counts as one. false: it is none */
	bool (*accept)(struct store *copy, void *context);
	void *context;
};

/* to: it is prepared, and nothing is in it but what earlier calls left there.
 * Where all was copied by one of those, only what is another one since is
 * copied. At the end all of both is compared, unless it is live; where it had
 * come to its end, nothing else is done. *records: how many this call copied,
 * or compared last. NULL, or one clear line that the caller frees. */
char *store_copy(const struct store_copying *how, int64_t *records);

/* Nobody should use one that is. */
enum store_status store_copy_is_half(struct store *store, bool *half);
#define STORE_COPY_HALF                                                        \
	"is half a copy of another one, which was not copied to its end"

/* What is in a store now is an earlier state, for whoever knows more. */
enum store_status store_copy_is_earlier(struct store *store);

#endif
