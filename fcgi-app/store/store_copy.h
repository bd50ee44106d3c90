/*
 * store_copy - all that one store holds, into another one, of any backend. Ids,
 * numbers, marks, sessions and the epoch stay, so clients go on as if nothing
 * had happened.
 *
 * Between the two each thing is a record (store_records.h). What may be lost is
 * not copied: wrong passwords, and what happened lately (store_events.h), which
 * is forgotten by the copy.
 */
#ifndef STORE_COPY_H
#define STORE_COPY_H

#include "store_base.h"

struct store_copying {
	struct store *from, *to;
	/* from is in use: what changes meanwhile may not be in the copy. It is
	 * half a copy until a call that is not live has come to its end. */
	bool live;
	/* to takes the place of from, which at the end of a call that is not
	 * live becomes one that was moved: see store_copy_serve(). */
	bool moves;
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

/* Before it is served, unless it is half a copy. One that was moved becomes an
 * earlier state: where it went people may have written since, and been given
 * the same numbers. */
enum store_status store_copy_serve(struct store *store, bool *half);

/* What is in a store now is an earlier state, for whoever knows more. */
enum store_status store_copy_is_earlier(struct store *store);

#endif
