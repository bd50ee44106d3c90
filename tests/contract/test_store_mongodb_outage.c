/* A server that is gone, hangs, or is not the one to ask. */
#include "outage.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "mem.h"

/* As is promised. */
#define ANSWER_MS 2000

/* ---- what is promised ---- */

static void assert_down(struct outage *o, enum store_status status,
			int64_t began)
{
	const char *error = store_error(o->store);

	assert_int_equal(status, STORE_UNAVAILABLE);
	assert_in_range(clock_mono_ms() - began, 0, ANSWER_MS);
	assert_non_null(strstr(error, "MongoDB"));
	assert_null(strchr(error, '\n'));
}

/* For a while, whatever is asked first. */
static void assert_writes_fail(struct outage *o)
{
	char id[ID_SIZE];
	int64_t end = clock_mono_ms() + 1500;

	while (clock_mono_ms() < end) {
		int64_t began = clock_mono_ms();

		assert_down(o, store_try_write(o->store), began);
		began = clock_mono_ms();
		assert_down(o, outage_add(o, "Zoe", id), began);
		outage_nap();
	}
}

static void assert_all_fails(struct outage *o)
{
	int64_t end = clock_mono_ms() + 2500;
	int64_t slow = 0;

	while (clock_mono_ms() < end) {
		int64_t began = clock_mono_ms();
		enum store_status status = outage_look(o, o->ann);

		assert_down(o, status, began);
		slow += clock_mono_ms() - began >= 300;
		outage_nap();
	}
	/* Only now and then does one try: nobody else waits. */
	assert_in_range(slow, 0, 8);
	assert_writes_fail(o);
}

/* ---- how it may be ---- */

static void one_that_is_gone(void **state)
{
	struct outage *o = *state;

	mongodb_server_kill(&o->server);
	assert_all_fails(o);
	mongodb_server_start_again(&o->server);
	outage_assert_over(o);
}

static void one_that_hangs(void **state)
{
	struct outage *o = *state;

	mongodb_server_hang(&o->server);
	assert_all_fails(o);
	kill(o->server.pid, SIGCONT);
	outage_assert_over(o);
}

/* Whatever it is asked; how: as of outage_fail_with(). */
static void assert_fails_with(struct outage *o, const char *how)
{
	outage_fail_with(o, "'alwaysOn'", OUTAGE_ALL, how);
	assert_all_fails(o);
	outage_fail_no_more(o);
	outage_assert_over(o);
}

static void one_that_is_not_primary_any_more(void **state)
{
	assert_fails_with(*state, "'errorCode': 10107");
}

static void one_that_hangs_up(void **state)
{
	assert_fails_with(*state, "'closeConnection': true");
}

static void one_that_is_slow_by_a_second(void **state)
{
	assert_fails_with(*state,
			  "'blockConnection': true, 'blockTimeMS': 1000");
}

static void one_that_is_only_read(void **state)
{
	struct outage *o = *state;

	/* Unauthorized: a user who may not write. */
	outage_fail_with(o, "'alwaysOn'", OUTAGE_WRITES, "'errorCode': 13");
	assert_writes_fail(o);
	assert_ok(outage_look(o, o->ann));
	outage_fail_no_more(o);
	outage_assert_over(o);
}

/* What a URI may say, and does not decide. */
static void no_option_takes_a_promise_away(void **state)
{
	struct outage *o = *state;
	char *uri = xasprintf(
		"mongodb://%s/palabre?w=2&journal=false&wtimeoutMS=60000"
		"&readPreference=secondary&readConcernLevel=linearizable"
		"&serverSelectionTryOnce=false&serverSelectionTimeoutMS=9000",
		o->server.address);

	store_free(o->store);
	o->store = mongodb_open(uri);
	free(uri);
	outage_assert_known(o, "Bob");
	mongodb_server_kill(&o->server);
	assert_all_fails(o);
	mongodb_server_start_again(&o->server);
	outage_assert_over(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OUTAGE_TEST(one_that_is_gone),
		OUTAGE_TEST(one_that_hangs),
		OUTAGE_TEST(one_that_is_not_primary_any_more),
		OUTAGE_TEST(one_that_hangs_up),
		OUTAGE_TEST(one_that_is_slow_by_a_second),
		OUTAGE_TEST(one_that_is_only_read),
		OUTAGE_TEST(no_option_takes_a_promise_away),
	};

	return contract_run_on("mongodb", "a MongoDB that fails", tests,
			       COUNT_OF(tests));
}
