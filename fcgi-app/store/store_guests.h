/*
 * store_guests - people without an account: they come with a name, go on with
 * the token of their one session, and are forgotten when it has ended. What
 * they wrote stays.
 *
 * A guest lives while a session of theirs does. The name of one who does not is
 * free, swept or not.
 */
#ifndef STORE_GUESTS_H
#define STORE_GUESTS_H

#include "store_base.h"

struct store_guest_verbs {
	enum store_status (*come)(struct store *, struct store_user *,
				  struct store_session *, const char **field);
	enum store_status (*sweep)(struct store *, int64_t now_ms, size_t limit,
				   size_t *count);
};

/* As store_register(), of role guest. session->id may be given, by a caller who
 * may have to ask twice: whose session that is already, of the same name, comes
 * in once. */
static inline enum store_status store_guest_come(struct store *store,
						 struct store_user *user,
						 struct store_session *session,
						 const char **field)
{
	*field = NULL;
	return store->guests->come(store, user, session, field);
}

/* Forgets at most limit guests without a session that lives at now_ms. */
static inline enum store_status store_guest_sweep(struct store *store,
						  int64_t now_ms, size_t limit,
						  size_t *count)
{
	*count = 0;
	return store->guests->sweep(store, now_ms, limit, count);
}

#endif
