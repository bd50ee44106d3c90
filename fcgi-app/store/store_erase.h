/*
 * store_erase - a person goes, and with them their name and what they wrote.
 * What they took part in stays readable: each message keeps its seq.
 *
 * It begins at once: they cannot sign in, are found by nobody and are nobody's
 * contact. The rest is done in steps that are short, by whoever has the time,
 * and goes on where it was left: they leave their groups; of what they wrote
 * the content, name and file go, and of what others wrote the name where they
 * were mentioned or something happened to them. Each conversation in which
 * there was something gets one change of kind erase, which says whose. Their id
 * is remembered for good, so that no import brings them back.
 */
#ifndef STORE_ERASE_H
#define STORE_ERASE_H

#include "store_base.h"
#include "store_files.h"
#include "store_groups.h"

/* What a step did; at most one of the two. */
struct store_erased {
	struct store_group_done left; /* message.seq 0: none */
	struct store_change change;   /* change 0: none */
};
void store_erased_done(struct store_erased *erased);

struct store_erase_verbs {
	enum store_status (*begin)(struct store *, const char *id,
				   int64_t now_ms);
	enum store_status (*step)(struct store *, int64_t now_ms,
				  store_each_hash *, void *,
				  struct store_erased *);
	enum store_status (*has)(struct store *, const char *id, bool *has);
};

/* OK also when it has begun before. FORBIDDEN: the last operator, or the
 * server. */
static inline enum store_status
store_erase_begin(struct store *store, const char *id, int64_t now_ms)
{
	return store->erase->begin(store, id, now_ms);
}

/* Has that begun, of that user, or did it ever? */
static inline enum store_status store_erase_has(struct store *store,
						const char *id, bool *has)
{
	*has = false;
	return store->erase->has(store, id, has);
}

/* NOT_FOUND: nobody is to be erased any more. Gives the hashes of files that
 * went, whose bytes may have to go. */
static inline enum store_status
store_erase_step(struct store *store, int64_t now_ms, store_each_hash *each,
		 void *context, struct store_erased *out)
{
	*out = (struct store_erased){.change = {.change = 0}};

	enum store_status status =
		store->erase->step(store, now_ms, each, context, out);

	if (status != STORE_OK)
		store_erased_done(out);
	return status;
}

#endif
