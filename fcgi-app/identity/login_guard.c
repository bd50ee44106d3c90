#include "login_guard.h"

#include "app.h"
#include "palabre_options.h"
#include "password.h"
#include "request.h"
#include "response.h"
#include "store.h"

static void refuse_locked(struct response *response, int64_t left_ms)
{
	response_refuse_for(response, REFUSAL_LOCKED, (left_ms + 999) / 1000);
}

/* When the lock after that many failures ends; 0: none. */
static int64_t lock_until(const struct palabre_options *options,
			  int64_t failures, int64_t now_ms)
{
	int64_t lock = options->login_lock_ms;
	int64_t most = options->login_lock_max_ms;

	if (failures < options->login_failures)
		return 0;
	for (int64_t i = options->login_failures; i < failures && lock < most;
	     i++)
		lock *= 2;
	return now_ms + (lock < most ? lock : most);
}

static bool is_known(const struct store_user *user)
{
	return user->id[0] != '\0';
}

static enum store_status read_guesses(struct app *app,
				      const struct store_user *user,
				      const char *login,
				      struct store_guesses *out)
{
	if (!is_known(user))
		return store_guesses_get(app->store, login, out);
	out->failures = user->failures;
	out->locked_until = user->locked_until;
	return STORE_OK;
}

static enum store_status note_wrong(struct app *app,
				    const struct request *request,
				    const struct store_user *user,
				    const char *login, int64_t before)
{
	struct store_guesses guesses = {
		.failures = before + 1,
		.locked_until =
			lock_until(app->options, before + 1, request->now_ms),
	};

	if (!is_known(user))
		return store_guesses_add(app->store, login, &guesses);
	return store_user_failures(app->store, user->id, guesses.failures,
				   guesses.locked_until);
}

static enum store_status note_right(struct app *app,
				    const struct store_user *user)
{
	if (user->failures == 0)
		return STORE_OK;
	return store_user_failures(app->store, user->id, 0, 0);
}

enum login_guard login_guard_check(struct app *app,
				   const struct request *request,
				   const struct store_user *user,
				   const char *login, const char *password,
				   struct response *response)
{
	struct store_guesses guesses;
	enum store_status status = read_guesses(app, user, login, &guesses);
	bool right = false;

	if (status == STORE_OK && guesses.locked_until > request->now_ms) {
		refuse_locked(response, guesses.locked_until - request->now_ms);
		return LOGIN_ANSWERED;
	}
	if (status == STORE_OK) {
		right = password_verify(user->password_hash, password);
		status = right ? note_right(app, user)
			       : note_wrong(app, request, user, login,
					    guesses.failures);
	}
	/* A guess that does not count is not judged. */
	if (status == STORE_UNAVAILABLE) {
		response_store_error(response, status);
		return LOGIN_ANSWERED;
	}
	return right ? LOGIN_RIGHT : LOGIN_WRONG;
}
