/* With a clock of its own, over a real store. */
#include "chat_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "login_guard.h"
#include "mem.h"
#include "password.h"
#include "request.h"
#include "response_out.h"

#define DAY_MS INT64_C(86400000)
#define FAILURES 5	  /* by default, until the first lock */
#define LONGEST_MS 900000 /* by default */

struct guess {
	struct chat *chat;
	struct store_user user;
	char hash[CRYPT_PASSWORD_HASH_SIZE];
};

static int set_up(void **state)
{
	struct guess *guess = xcalloc(1, sizeof(*guess));

	assert_int_equal(chat_set_up(state), 0);
	guess->chat = *state;
	password_hash("right", guess->hash);
	guess->user = (struct store_user){.username = (char *)"ann",
					  .password_hash = guess->hash};
	memcpy(guess->user.id, guess->chat->people[ANN].id, ID_SIZE);
	*state = guess;
	return 0;
}

static int tear_down(void **state)
{
	struct guess *guess = *state;
	void *chat = guess->chat;

	free(guess);
	return chat_tear_down(&chat);
}

static enum login_guard say(struct guess *guess, const char *password,
			    int64_t at_ms)
{
	const struct request request = {.address = "192.0.2.1",
					.now_ms = at_ms};
	struct response response;

	response_init(&response);

	enum login_guard got =
		login_guard_check(&guess->chat->app, &request, &guess->user,
				  "ann", password, &response);

	response_done(&response);
	return got;
}

static void say_wrong(struct guess *guess, int times, int64_t at_ms)
{
	for (int i = 0; i < times; i++)
		assert_int_equal(say(guess, "wrong", at_ms), LOGIN_WRONG);
}

static void wrong_passwords_are_forgotten_after_a_day_without_one(void **state)
{
	struct guess *guess = *state;
	int64_t now = guess->chat->now_ms;

	say_wrong(guess, FAILURES - 1, now);
	say_wrong(guess, FAILURES - 1, now + DAY_MS + 1);
	assert_int_equal(say(guess, "right", now + DAY_MS + 2), LOGIN_RIGHT);
	/* Within the day they go on counting. */
	say_wrong(guess, FAILURES - 1, now + 2 * DAY_MS);
	say_wrong(guess, 1, now + 3 * DAY_MS - 1);
	assert_int_equal(say(guess, "right", now + 3 * DAY_MS), LOGIN_ANSWERED);
}

static void a_clock_set_back_makes_no_lock_longer_than_the_longest(void **state)
{
	struct guess *guess = *state;
	int64_t now = guess->chat->now_ms;

	say_wrong(guess, FAILURES, now);
	assert_int_equal(say(guess, "right", now), LOGIN_ANSWERED);

	/* A year earlier: the lock ends after fifteen minutes there. */
	const struct request request = {.address = "192.0.2.1",
					.now_ms = now - 365 * DAY_MS};
	struct response response;

	response_init(&response);
	assert_int_equal(login_guard_check(&guess->chat->app, &request,
					   &guess->user, "ann", "right",
					   &response),
			 LOGIN_ANSWERED);
	assert_int_equal(response.status, 429);
	assert_string_equal(response.headers[0].name, "Retry-After");
	assert_true(strtol(response.headers[0].value, NULL, 10) <=
		    LONGEST_MS / 1000);
	response_done(&response);
}

static void a_right_one_forgets_them_all(void **state)
{
	struct guess *guess = *state;
	int64_t now = guess->chat->now_ms;

	for (int i = 0; i < 3; i++) {
		say_wrong(guess, FAILURES - 1, now + i);
		assert_int_equal(say(guess, "right", now + i), LOGIN_RIGHT);
	}
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(wrong_passwords_are_forgotten_after_a_day_without_one),
		CASE(a_clock_set_back_makes_no_lock_longer_than_the_longest),
		CASE(a_right_one_forgets_them_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
