/*
 * login_guard - is this their password? Wrong ones are counted, and after a few
 * no more are looked at for a while that doubles with each. After a day without
 * one they are forgotten.
 *
 * They are counted by what was typed as the name and by where it was typed: a
 * network from which the account signed in lately counts for itself, all others
 * together. So nobody locks somebody else out of where they are at home, a
 * botnet gets no more guesses than one machine, and the lock of a name says
 * nothing of an email address. A name that is nobody's costs the same, is
 * counted the same and hears the same words: who guesses does not learn who has
 * an account.
 */
#ifndef LOGIN_GUARD_H
#define LOGIN_GUARD_H

#include "store.h"

struct app;
struct request;
struct response;

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

/* Of whoever asks, by a session of theirs: counted for that session, so that
 * nobody else can lock it. */
enum login_guard login_guard_check_own(struct app *app,
				       const struct request *request,
				       const char *password,
				       struct response *response);

/* They signed in from here. */
void login_guard_welcome(struct app *app, const struct request *request,
			 const struct store_user *user);

/* Forgets what was guessed at either name, from wherever. */
enum store_status login_guard_unlock(struct store *store,
				     const struct store_user *user);

#endif
