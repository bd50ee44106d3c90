/*
 * store_blocks - who does not want to hear from whom in direct conversations.
 *
 * What a blocked user writes is stored and nothing of it is shown to who blocks
 * them, also afterwards: to that one it is a row of kind hidden. What the
 * blocked user sees of the other one's read marks stands still meanwhile.
 */
#ifndef STORE_BLOCKS_H
#define STORE_BLOCKS_H

#include "store_base.h"
#include "store_conversations.h"
#include "store_users.h"

struct store_block {
	const char *user;
	bool blocked; /* false: no more */
	int64_t now_ms;
};

struct store_block_verbs {
	enum store_status (*set)(struct store *, const struct store_viewer *,
				 const struct store_block *, bool *changed);
	enum store_status (*list)(struct store *, const struct store_viewer *,
				  store_each_user *, void *);
	enum store_status (*hidden)(struct store *, const struct store_viewer *,
				    size_t limit, store_each_id *, void *);
};

/* NOT_FOUND: there is no such user. FULL: the viewer blocks
 * LIMIT_BLOCKS already. *changed: it was otherwise before. */
static inline enum store_status store_block(struct store *store,
					    const struct store_viewer *viewer,
					    const struct store_block *block,
					    bool *changed)
{
	*changed = false;
	return store->blocks->set(store, viewer, block, changed);
}

/* Whom the viewer blocks, newest first. */
static inline enum store_status store_blocked(struct store *store,
					      const struct store_viewer *viewer,
					      store_each_user *each,
					      void *context)
{
	return store->blocks->list(store, viewer, each, context);
}

/* Whom they block or who block them: neither sees the other come or go. */
static inline enum store_status store_hidden(struct store *store,
					     const struct store_viewer *viewer,
					     size_t limit, store_each_id *each,
					     void *context)
{
	return store->blocks->hidden(store, viewer, limit, each, context);
}

#endif
