/*
 * store_accounts - what becomes of an account: profile, password, role, end.
 */
#ifndef STORE_ACCOUNTS_H
#define STORE_ACCOUNTS_H

#include "store_base.h"

struct store_password {
	const char *hash;
	/* The hash that was verified, which is to be there still; NULL:
	 * whatever is there. */
	const char *verified;
	const char *keep; /* the session that does not end; NULL: none */
	/* Only hashed anew: no session ends, and keep is NULL. */
	bool same;
};

struct store_account_verbs {
	enum store_status (*profile)(struct store *, const char *id,
				     const struct store_profile *,
				     struct store_user *, const char **field);
	enum store_status (*password)(struct store *, const char *id,
				      const struct store_password *);
	enum store_status (*role)(struct store *, const char *id,
				  enum store_role);
	enum store_status (*disable)(struct store *, const char *id,
				     bool disabled);
};

/* Fills out with the user as they are then. TAKEN: *field as in
 * store_user_add(), and nothing was changed; so is a name that another had in
 * the last 30 days. TOO_OFTEN: the name was changed three times in a day.
 * Of *field avatar: NOT_FOUND, a file that the user may not read; NO_PICTURE.
 */
static inline enum store_status
store_user_profile(struct store *store, const char *id,
		   const struct store_profile *profile, struct store_user *out,
		   const char **field)
{
	*out = (struct store_user){.id = ""};
	*field = NULL;

	enum store_status status =
		store->accounts->profile(store, id, profile, out, field);

	if (status != STORE_OK)
		store_user_done(out);
	return status;
}

/* Ends the sessions; the wrong passwords so far still count. NOT_FOUND: no such
 * user, or one with another password than was verified. */
static inline enum store_status
store_user_password(struct store *store, const char *id,
		    const struct store_password *password)
{
	return store->accounts->password(store, id, password);
}

static inline enum store_status
store_user_role(struct store *store, const char *id, enum store_role role)
{
	return store->accounts->role(store, id, role);
}

/* To disable ends all sessions. */
static inline enum store_status
store_user_disable(struct store *store, const char *id, bool disabled)
{
	return store->accounts->disable(store, id, disabled);
}

#endif
