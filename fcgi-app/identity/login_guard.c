#include "login_guard.h"

#include <stdio.h>
#include <string.h>

#include "app.h"
#include "mem.h"
#include "network.h"
#include "palabre_options.h"
#include "password.h"
#include "request.h"
#include "response.h"

#define DAY_MS INT64_C(86400000)
#define LATELY_MS (90 * DAY_MS)

#define PLACE_ELSEWHERE ""
#define PLACE_SESSION "session"

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

/* How long no guess is looked at. The clock may have been set back since: no
 * lock is longer than the longest. */
static int64_t left_ms(const struct palabre_options *options,
		       const struct store_guesses *guesses, int64_t now_ms)
{
	int64_t left = guesses->locked_until - now_ms;
	int64_t most = options->login_lock_max_ms;

	return left < most ? left : most;
}

static enum store_status note(struct app *app, const struct request *request,
			      const struct store_guess_key *key,
			      const struct store_guesses *before, bool right)
{
	int64_t now = request->now_ms, forget_before = now - DAY_MS;
	int64_t failures =
		before->at < forget_before ? 1 : before->failures + 1;
	const struct store_guesses wrong = {
		.failures = failures,
		.locked_until = lock_until(app->options, failures, now),
		.at = now,
	};

	if (!right)
		return store_guesses_add(app->store, key, &wrong,
					 forget_before);
	return before->failures > 0 ? store_guesses_forget(app->store, key)
				    : STORE_OK;
}

static enum login_guard judge(struct app *app, const struct request *request,
			      const struct store_guess_key *key,
			      const char *hash, const char *password,
			      struct response *response)
{
	struct store_guesses guesses;
	enum store_status status = store_guesses_get(app->store, key, &guesses);
	int64_t left = left_ms(app->options, &guesses, request->now_ms);
	bool right = false;

	if (status == STORE_OK && left > 0) {
		response_refuse_for(response, REFUSAL_LOCKED,
				    (left + 999) / 1000);
		return LOGIN_ANSWERED;
	}
	if (status == STORE_OK) {
		right = password_verify(hash, password);
		status = note(app, request, key, &guesses, right);
	}
	/* A guess that does not count is not judged. */
	if (status != STORE_OK) {
		response_store_error(response, status);
		return LOGIN_ANSWERED;
	}
	return right ? LOGIN_RIGHT : LOGIN_WRONG;
}

enum login_guard login_guard_check(struct app *app,
				   const struct request *request,
				   const struct store_user *user,
				   const char *login, const char *password,
				   struct response *response)
{
	char network[NETWORK_SIZE];
	bool known;

	network_of(request->address, network);

	enum store_status status =
		store_network_known(app->store, user->id, network,
				    request->now_ms - LATELY_MS, &known);
	const struct store_guess_key key = {
		.login = login,
		.place = known ? network : PLACE_ELSEWHERE,
	};

	if (status == STORE_OK)
		return judge(app, request, &key, user->password_hash, password,
			     response);
	response_store_error(response, status);
	return LOGIN_ANSWERED;
}

enum login_guard login_guard_check_own(struct app *app,
				       const struct request *request,
				       const char *password,
				       struct response *response)
{
	const struct store_guess_key key = {
		.login = request->session.id,
		.place = PLACE_SESSION,
	};

	return judge(app, request, &key, request->user.password_hash, password,
		     response);
}

void login_guard_welcome(struct app *app, const struct request *request,
			 const struct store_user *user)
{
	char network[NETWORK_SIZE];

	network_of(request->address, network);
	/* Where this fails, they are a stranger's equal there next time. */
	store_network_seen(app->store, user->id, network, request->now_ms);
}

/* ---- unlocking ---- */

struct places {
	char names[STORE_NETWORKS_MAX][NETWORK_SIZE];
	size_t count;
};

static void keep_place(const char *network, void *context)
{
	struct places *places = context;

	if (places->count < STORE_NETWORKS_MAX)
		snprintf(places->names[places->count++], NETWORK_SIZE, "%s",
			 network);
}

static enum store_status
forget_at(struct store *store, const struct store_user *user, const char *place)
{
	const char *const logins[] = {user->username, user->email};
	enum store_status status = STORE_OK;

	for (size_t i = 0; status == STORE_OK && i < COUNT_OF(logins); i++) {
		const struct store_guess_key key = {logins[i], place};

		if (logins[i] != NULL)
			status = store_guesses_forget(store, &key);
	}
	return status;
}

enum store_status login_guard_unlock(struct store *store,
				     const struct store_user *user)
{
	struct places places = {.count = 0};
	enum store_status status =
		store_networks(store, user->id, keep_place, &places);

	if (status == STORE_OK)
		status = forget_at(store, user, PLACE_ELSEWHERE);
	for (size_t i = 0; status == STORE_OK && i < places.count; i++)
		status = forget_at(store, user, places.names[i]);
	return status;
}
