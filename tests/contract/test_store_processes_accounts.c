/* What is promised of accounts and sessions, under several processes. */
#include "children.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "mem.h"

#define PATIENCE_MS 60000

/* ---- one name, many at once ---- */

static int register_same(struct contract *c, int number, int report)
{
	static const char *const names[] = {"Ωμέγα", "ΩΜΈΓΑ"};
	struct store_user user = {.username = xstrdup(names[number % 2]),
				  .created_at = c->now};
	const char *field;
	enum store_status status;
	int tries = 0;

	do
		status = store_user_add(c->store, &user, &field);
	while (children_try_again(status, &tries));
	dprintf(report, "%d\n", status);
	store_user_done(&user);
	return 0;
}

static void a_name_taken_by_many_at_once_goes_to_one(void **state)
{
	struct contract *c = *state;
	struct children children;
	int status, count = 0, won = 0;

	children_start(&children, c, 6, register_same);
	FILE *in = fdopen(dup(children.report), "r");

	for (; fscanf(in, "%d", &status) == 1; count++) {
		assert_true(status == STORE_OK || status == STORE_TAKEN);
		won += status == STORE_OK;
	}
	fclose(in);
	children_wait(&children, c, NULL);
	assert_int_equal(count, 6);
	assert_int_equal(won, 1);
}

/* ---- what one verb does is there whole or not at all ---- */

#define REGISTERED 300

static int register_many(struct contract *c, int number, int report)
{
	(void)number;
	for (int i = 0; i < REGISTERED; i++) {
		struct store_user user = {.username = xasprintf("user%d", i),
					  .created_at = 1000};
		struct store_session session = {.created_at = 1000,
						.expires_at = 9000};
		const char *field;
		enum store_status status;
		int tries = 0;

		do
			status = store_register(c->store, &user, &session,
						&field);
		while (children_try_again(status, &tries));
		/* Taken: by a try that got no answer. */
		if (status != STORE_OK && (status != STORE_TAKEN || tries == 0))
			return 1;
		store_user_done(&user);
	}
	dprintf(report, "done\n");
	return 0;
}

static void count_session(const struct store_session *session, void *count)
{
	(void)session;
	(*(int *)count)++;
}

/* Looks for each user from before they are there: as soon as they are, so is
 * their session. */
static void nobody_sees_who_registers_without_their_session(void **state)
{
	struct contract *c = *state;
	struct children children;
	int64_t until = clock_mono_ms() + PATIENCE_MS;
	struct store *watch;

	children_start(&children, c, 1, register_many);
	watch = contract_open(c);
	for (int i = 0; i < REGISTERED; i++) {
		char *name = xasprintf("user%d", i);
		struct store_user user;
		int sessions = 0;

		while (store_user_by_login(watch, name, &user) != STORE_OK)
			assert_true(clock_mono_ms() < until);
		assert_ok(store_sessions(watch, user.id, 1500, 10,
					 count_session, &sessions));
		assert_int_equal(sessions, 1);
		store_user_done(&user);
		free(name);
	}
	store_free(watch);
	children_wait(&children, c, NULL);
}

#define SIGN_INS 200

/* Each verifies a password as a route does, and is then slow. What it verified
 * is written into its session. */
static int sign_in_many(struct contract *c, int number, int report)
{
	(void)number;
	(void)report;
	for (int i = 0; i < SIGN_INS; i++) {
		struct store_session session = {.created_at = 1000,
						.expires_at = 9000};
		struct store_user user;
		enum store_status status;

		int tries = 0;

		do
			status = store_user_get(c->store, c->ann, &user);
		while (children_try_again(status, &tries));
		if (status != STORE_OK)
			return 1;
		usleep(200);
		memcpy(session.user_id, c->ann, ID_SIZE);
		session.agent = user.password_hash;
		status = store_session_open(c->store, &session,
					    user.password_hash);
		store_user_done(&user);
		if (status != STORE_OK && status != STORE_NOT_FOUND &&
		    status != STORE_UNAVAILABLE)
			return 2;
	}
	return 0;
}

static void assert_agent(const struct store_session *session, void *hash)
{
	assert_string_equal(session->agent, hash);
}

/* A new password ends all sessions: none may open with the old one behind it.
 */
static void no_session_outlives_the_password_it_was_opened_with(void **state)
{
	struct contract *c = *state;
	struct children children;
	struct store *other;
	char hash[20] = "$0";

	assert_ok(store_user_password(c->store, c->ann,
				      &(struct store_password){.hash = hash}));
	children_start(&children, c, 2, sign_in_many);
	other = contract_open(c);
	for (int i = 1; i < SIGN_INS; i++) {
		snprintf(hash, sizeof(hash), "$%d", i);
		assert_ok(store_user_password(
			other, c->ann, &(struct store_password){.hash = hash}));
		usleep(300);
		assert_ok(store_sessions(other, c->ann, 1500, 1000,
					 assert_agent, hash));
	}
	store_free(other);
	children_wait(&children, c, NULL);
	assert_ok(store_sessions(c->store, c->ann, 1500, 1000, assert_agent,
				 hash));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(a_name_taken_by_many_at_once_goes_to_one),
		CONTRACT_TEST(nobody_sees_who_registers_without_their_session),
		CONTRACT_TEST(
			no_session_outlives_the_password_it_was_opened_with),
	};

	return contract_run("processes with accounts", tests, COUNT_OF(tests));
}
