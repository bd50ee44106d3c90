/*
 * store_users - who there is: users are added, found and listed.
 */
#ifndef STORE_USERS_H
#define STORE_USERS_H

#include "store_base.h"

typedef void store_each_user(const struct store_user *user, void *context);

struct store_user_query {
	/* Words, each of them somewhere in either name, as text_seek() has
	 * both; NULL or "": all. */
	const char *text;
	const char *const *online; /* ids to list first */
	size_t online_count;
	bool guests;	    /* those of online are listed, too */
	const char *except; /* an id to leave out; NULL: nobody */
	/* NULL, or a username: those behind it by name alone, whoever is
	 * online. So nobody falls between two pages. */
	const char *after;
	size_t offset, limit;
};

struct store_seen {
	char user_id[ID_SIZE];
	int64_t at;
};

struct store_user_verbs {
	enum store_status (*add)(struct store *, struct store_user *,
				 const char **field);
	enum store_status (*get)(struct store *, const char *id,
				 struct store_user *);
	enum store_status (*by_login)(struct store *, const char *login,
				      struct store_user *);
	enum store_status (*list)(struct store *,
				  const struct store_user_query *,
				  store_each_user *, void *, int64_t *total);
	enum store_status (*accounts)(struct store *,
				      const struct store_user_query *,
				      store_each_user *, void *);
	enum store_status (*seen)(struct store *, const struct store_seen *,
				  size_t count);
};

/* In: username, email, display_name, avatar, password_hash, role, created_at,
 * last_seen; id, of who had one elsewhere that nobody has here ("": a new one).
 * Fills id, lower-cases email. TAKEN: *field is "username", "email" or
 * "displayName". */
static inline enum store_status
store_user_add(struct store *store, struct store_user *user, const char **field)
{
	return store->users->add(store, user, field);
}

static inline enum store_status
store_user_get(struct store *store, const char *id, struct store_user *out)
{
	*out = (struct store_user){.id = ""};

	enum store_status status = store->users->get(store, id, out);

	if (status != STORE_OK)
		store_user_done(out);
	return status;
}

/* By email (when login has an @) or username, folded. */
static inline enum store_status store_user_by_login(struct store *store,
						    const char *login,
						    struct store_user *out)
{
	*out = (struct store_user){.id = ""};

	enum store_status status = store->users->by_login(store, login, out);

	if (status != STORE_OK)
		store_user_done(out);
	return status;
}

/* Online first, then by folded name; disabled users are left out, and guests
 * that the query does not name.
 * *total (may be NULL) counts all that match. */
static inline enum store_status
store_user_list(struct store *store, const struct store_user_query *query,
		store_each_user *each, void *context, int64_t *total)
{
	return store->users->list(store, query, each, context, total);
}

/* For operators: everyone but the server, guests and who is disabled, too, and
 * all that is kept of them but the password's hash, by folded name. Of the
 * query text, after and limit count. */
static inline enum store_status
store_user_accounts(struct store *store, const struct store_user_query *query,
		    store_each_user *each, void *context)
{
	return store->users->accounts(store, query, each, context);
}

/* lastSeen only grows; unknown users are passed over. */
static inline enum store_status store_last_seen(struct store *store,
						const struct store_seen *seen,
						size_t count)
{
	return store->users->seen(store, seen, count);
}

#endif
