/*
 * login_guard - is this their password? Wrong ones are counted, and after a few
 * no more are looked at for a while that doubles with each.
 *
 * A name that is nobody's costs the same, is counted the same and hears the
 * same words: who guesses does not learn who has an account.
 */
#ifndef LOGIN_GUARD_H
#define LOGIN_GUARD_H

struct app;
struct request;
struct response;
struct store_user;

enum login_guard {
	LOGIN_RIGHT,
	LOGIN_WRONG,
	LOGIN_ANSWERED, /* 429 `locked` + Retry-After, or 503 */
};

/* user is empty when login, the name they gave, is nobody's. */
enum login_guard login_guard_check(struct app *app,
				   const struct request *request,
				   const struct store_user *user,
				   const char *login, const char *password,
				   struct response *response);

#endif
