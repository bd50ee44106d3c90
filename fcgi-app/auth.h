/*
 * auth - whose token this is: the token names a session, the session's row
 * decides.
 */
#ifndef AUTH_H
#define AUTH_H

#include <stdint.h>

struct app;
struct store_session;
struct store_user;

enum auth_status {
	AUTH_OK,
	AUTH_UNAUTHORIZED, /* no token, or none of ours */
	AUTH_EXPIRED,	   /* ours, but the token or its session is over */
	AUTH_UNAVAILABLE,  /* the store does not answer */
};

/*
 * On AUTH_OK *session and *user are the caller's (store_..._done()); both are
 * zeroed otherwise. session->expires_at is the sooner of the row's and the
 * token's end. Rolls the session on, at most once a minute.
 */
enum auth_status auth_check(struct app *app, const char *token, int64_t now_ms,
			    struct store_session *session,
			    struct store_user *user);

/* "unauthorized", "session_expired", "unavailable" */
const char *auth_code(enum auth_status status);

#endif
