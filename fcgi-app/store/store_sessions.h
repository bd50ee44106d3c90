/*
 * store_sessions - who is signed in where. The row decides: one that is gone
 * is a session that has ended.
 */
#ifndef STORE_SESSIONS_H
#define STORE_SESSIONS_H

#include "store_base.h"

typedef void store_each_session(const struct store_session *session,
				void *context);

struct store_session_verbs {
	enum store_status (*sign_up)(struct store *, struct store_user *,
				     struct store_session *,
				     const char **field);
	enum store_status (*open)(struct store *, struct store_session *,
				  const char *verified);
	enum store_status (*get)(struct store *, const char *id, int64_t now_ms,
				 struct store_session *, struct store_user *);
	enum store_status (*touch)(struct store *, const char *id,
				   int64_t now_ms, int64_t expires_at);
	enum store_status (*end)(struct store *, const char *user_id,
				 const char *id);
	enum store_status (*list)(struct store *, const char *user_id,
				  int64_t now_ms, size_t limit,
				  store_each_session *, void *);
};

/* A user as store_user_add() takes one, and their first session: both or
 * neither, so that nobody is left with a name that is taken and no answer.
 * Fills the session's user_id, too. */
static inline enum store_status store_register(struct store *store,
					       struct store_user *user,
					       struct store_session *session,
					       const char **field)
{
	return store->sessions->sign_up(store, user, session, field);
}

/* In: user_id, created_at, expires_at, agent, address. Fills id. NOT_FOUND: no
 * such user or a disabled one, or one whose password is not any more the one
 * that was verified (its hash; NULL: none was), which takes long enough for
 * that. */
static inline enum store_status
store_session_open(struct store *store, struct store_session *session,
		   const char *verified)
{
	return store->sessions->open(store, session, verified);
}

/* The session and its user in one look, for every request: of the session
 * without agent and address, maybe. NOT_FOUND also when it has expired at
 * now_ms, or the user is disabled. */
static inline enum store_status
store_session_get(struct store *store, const char *id, int64_t now_ms,
		  struct store_session *out, struct store_user *user)
{
	*out = (struct store_session){.id = ""};
	*user = (struct store_user){.id = ""};

	enum store_status status =
		store->sessions->get(store, id, now_ms, out, user);

	if (status != STORE_OK) {
		store_session_done(out);
		store_user_done(user);
	}
	return status;
}

/* Roll on: last_used and expires_at. */
static inline enum store_status store_session_touch(struct store *store,
						    const char *id,
						    int64_t now_ms,
						    int64_t expires_at)
{
	return store->sessions->touch(store, id, now_ms, expires_at);
}

/* One session of the user, or all of them (id NULL). */
static inline enum store_status
store_session_end(struct store *store, const char *user_id, const char *id)
{
	return store->sessions->end(store, user_id, id);
}

/* The user's, not expired at now_ms, last used first. */
static inline enum store_status
store_sessions(struct store *store, const char *user_id, int64_t now_ms,
	       size_t limit, store_each_session *each, void *context)
{
	return store->sessions->list(store, user_id, now_ms, limit, each,
				     context);
}

#endif
