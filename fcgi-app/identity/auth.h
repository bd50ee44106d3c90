/*
 * auth - whose token this is: the token names a session, the session's row
 * decides.
 */
#ifndef AUTH_H
#define AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "refusals.h"

struct app;
struct store_session;
struct store_user;
struct token_claims;

enum auth_status {
	AUTH_OK,
	AUTH_UNAUTHORIZED, /* no token, or none of ours */
	AUTH_EXPIRED,	   /* ours, but the token or its session is over */
	AUTH_UNAVAILABLE,  /* the store does not answer */
};

/* What the token alone shows; it may be NULL. */
enum auth_status auth_token(struct app *app, const char *token, int64_t now_ms,
			    struct token_claims *claims);

/*
 * What its session's row says. On AUTH_OK *session and *user are the caller's
 * (store_..._done()); both are zeroed otherwise. session->expires_at is the
 * sooner of the row's and the token's end. Only reads.
 */
enum auth_status auth_session(struct app *app,
			      const struct token_claims *claims, int64_t now_ms,
			      struct store_session *session,
			      struct store_user *user);

/* May a session of theirs be used here? Guests only where guests may come. */
bool auth_is_welcome(const struct app *app, const struct store_user *user);

/* The session was used: rolls it on, at most once a minute. False: the store
 * takes no writes. */
bool auth_roll_on(struct app *app, const struct store_user *user,
		  const struct store_session *session, int64_t now_ms);

enum refusal auth_refusal(enum auth_status status);

#endif
