#include "auth.h"

#include <string.h>

#include "app.h"
#include "palabre_options.h"
#include "session_answer.h"
#include "store.h"
#include "token.h"

#define TOUCH_EVERY_MS 60000

enum auth_status auth_token(struct app *app, const char *token, int64_t now_ms,
			    struct token_claims *claims)
{
	if (token == NULL)
		return AUTH_UNAUTHORIZED;
	switch (token_check(app->keys, token, now_ms, claims)) {
	case TOKEN_OK:
		return AUTH_OK;
	case TOKEN_EXPIRED:
		return AUTH_EXPIRED;
	case TOKEN_INVALID:
		break;
	}
	return AUTH_UNAUTHORIZED;
}

bool auth_is_welcome(const struct app *app, const struct store_user *user)
{
	return user->role != ROLE_GUEST || app->options->guests;
}

bool auth_roll_on(struct app *app, const struct store_user *user,
		  const struct store_session *session, int64_t now_ms)
{
	int64_t ago = now_ms - session->last_used;

	/* It is below zero when the clock was ahead. */
	return (ago >= 0 && ago < TOUCH_EVERY_MS) ||
	       store_session_touch(app->store, session->id, now_ms,
				   session_until(app, user->role, now_ms)) !=
		       STORE_UNAVAILABLE;
}

enum auth_status auth_session(struct app *app,
			      const struct token_claims *claims, int64_t now_ms,
			      struct store_session *session,
			      struct store_user *user)
{
	*session = (struct store_session){0};
	*user = (struct store_user){0};
	switch (store_session_get(app->store, claims->session, now_ms, session,
				  user)) {
	case STORE_OK:
		break;
	case STORE_UNAVAILABLE:
		return AUTH_UNAVAILABLE;
	default:
		return AUTH_EXPIRED;
	}
	bool theirs = strcmp(session->user_id, claims->user) == 0;

	if (!theirs || !auth_is_welcome(app, user)) {
		store_session_done(session);
		store_user_done(user);
		return theirs ? AUTH_EXPIRED : AUTH_UNAUTHORIZED;
	}
	if (session->expires_at > claims->expires_at)
		session->expires_at = claims->expires_at;
	return AUTH_OK;
}

enum refusal auth_refusal(enum auth_status status)
{
	static const enum refusal refusals[] = {
		[AUTH_OK] = REFUSAL_INTERNAL, /* it is none */
		[AUTH_UNAUTHORIZED] = REFUSAL_UNAUTHORIZED,
		[AUTH_EXPIRED] = REFUSAL_SESSION_EXPIRED,
		[AUTH_UNAVAILABLE] = REFUSAL_UNAVAILABLE,
	};

	return refusals[status];
}
