/* What is several writes, or one that nobody answers, on a server that fails
 * meanwhile: it is known what is there, and the rest is done later. */
#include "outage.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "mem.h"

/* ---- what nobody knows ---- */

static void a_write_concern_that_timed_out_is_looked_up(void **state)
{
	struct outage *o = *state;

	outage_fail_with(
		o, "{'times': 1}", "'insert'",
		"'writeConcernError': {'code': 64, 'errmsg': 'timed out'}");
	outage_assert_known(o, "Bob");
	outage_fail_no_more(o);
}

/* What only this server has may be lost with it. */
static void what_no_majority_has_is_not_known(void **state)
{
	struct outage *o = *state;
	char id[ID_SIZE];

	outage_fail_with(
		o, "'alwaysOn'", OUTAGE_WRITES,
		"'writeConcernError': {'code': 64, 'errmsg': 'timed out'}");
	assert_int_equal(outage_add(o, "Bob", id), STORE_UNAVAILABLE);
	outage_fail_no_more(o);
}

static void one_who_hangs_up_once_is_asked_again(void **state)
{
	struct outage *o = *state;

	outage_fail_with(o, "{'times': 1}", "'insert'",
			 "'closeConnection': true");
	outage_assert_known(o, "Bob");
	outage_fail_with(
		o, "{'times': 1}", "'insert'",
		"'errorCode': 10107, 'errorLabels': ['RetryableWriteError']");
	outage_assert_known(o, "Cat");
	outage_fail_no_more(o);
}

/* ---- more than one thing at once ---- */

static enum store_status look_back(struct outage *o)
{
	struct contract_rows *rows = contract_rows_new();
	bool more;
	enum store_status status =
		contract_rows_recent(o->store, NULL, rows, &more);

	contract_rows_free(rows);
	return status;
}

/* The others are closed by what their connection was (a sanitizer sees it). */
static void one_read_of_several_may_fail(void **state)
{
	struct outage *o = *state;
	enum store_status status = STORE_OK;

	assert_ok(look_back(o));
	for (int skip = 1; skip < 5; skip++) {
		char *mode = xasprintf("{'skip': %d}", skip);

		outage_fail_with(o, mode, "'find'", "'errorCode': 10107");
		status = look_back(o);
		outage_fail_no_more(o);
		assert_int_equal(status, STORE_UNAVAILABLE);
		outage_assert_over(o);
		free(mode);
	}
}

/* What was to come after a write that failed is not written. */
static void nobody_is_signed_up_by_half(void **state)
{
	struct outage *o = *state;
	struct store_user user = {.username = xstrdup("Dan"),
				  .created_at = 1000};
	struct store_session session = {.created_at = 1000, .expires_at = 9000};
	const char *field = NULL;
	enum store_status status;

	outage_fail_with(o, "{'times': 2}", "'insert'",
			 "'closeConnection': true");
	status = store_register(o->store, &user, &session, &field);
	outage_fail_no_more(o);
	assert_int_equal(status, STORE_UNAVAILABLE);
	outage_assert_over(o);
	assert_ok(store_register(o->store, &user, &session, &field));
	store_user_done(&user);
}

static enum store_status see(struct outage *o, const struct store_session *s)
{
	struct store_session session;
	struct store_user user;
	enum store_status status = store_session_get(
		o->store, s->id, s->created_at, &session, &user);

	if (status == STORE_OK) {
		store_session_done(&session);
		store_user_done(&user);
	}
	return status;
}

static void count_session(const struct store_session *session, void *context)
{
	(void)session;
	++*(int *)context;
}

static int count_sessions(struct outage *o)
{
	int count = 0;

	assert_ok(store_sessions(o->store, o->ann, 1000, 10, count_session,
				 &count));
	return count;
}

static void open_session(struct outage *o, struct store_session *session)
{
	*session =
		(struct store_session){.created_at = 1000, .expires_at = 9000};
	memcpy(session->user_id, o->ann, ID_SIZE);
	assert_ok(store_session_open(o->store, session, NULL));
}

/* Nobody comes back to delete it. */
static void no_session_outlives_its_password(void **state)
{
	struct outage *o = *state;
	struct store_session old, kept, new;

	open_session(o, &old);
	open_session(o, &kept);
	outage_fail_with(o, "'alwaysOn'", "'delete'",
			 "'closeConnection': true");
	assert_int_equal(store_user_password(o->store, o->ann,
					     &(struct store_password){
						     .hash = "$new",
						     .keep = kept.id,
					     }),
			 STORE_UNAVAILABLE);
	outage_fail_no_more(o);
	outage_assert_over(o);
	assert_int_equal(see(o, &old), STORE_NOT_FOUND);
	assert_ok(see(o, &kept));
	open_session(o, &new);
	assert_ok(see(o, &new));
	assert_int_equal(count_sessions(o), 2);
}

static void no_session_outlives_that_its_user_was_disabled(void **state)
{
	struct outage *o = *state;
	struct store_session old;

	open_session(o, &old);
	outage_fail_with(o, "'alwaysOn'", "'delete'",
			 "'closeConnection': true");
	assert_int_equal(store_user_disable(o->store, o->ann, true),
			 STORE_UNAVAILABLE);
	outage_fail_no_more(o);
	outage_assert_over(o);
	assert_ok(store_user_disable(o->store, o->ann, false));
	assert_int_equal(see(o, &old), STORE_NOT_FOUND);
}

/* ---- erasing ---- */

static void write_to(struct outage *o, const char *to, int count)
{
	for (int i = 0; i < count; i++) {
		const struct store_send send = {
			.sender_name = "Ann",
			.to = to,
			.content = "x",
			.now_ms = ++o->now,
		};
		struct store_sent sent;

		assert_ok(store_send(o->store, AS(o->ann), &send, &sent));
		store_sent_done(&sent);
	}
}

/* False: nobody is to be erased. */
static bool erase_on(struct outage *o)
{
	struct store_erased erased;
	enum store_status status = store_erase_step(
		o->store, ++o->now, contract_no_hash, NULL, &erased);

	if (status == STORE_NOT_FOUND)
		return false;
	assert_ok(status);
	store_erased_done(&erased);
	return true;
}

/* Housekeeping is to be seen to move, and goes on where it was. */
static void a_step_of_erasing_ends_however_slow_each_write_is(void **state)
{
	struct outage *o = *state;
	int64_t began;

	write_to(o, ID_SERVER, 20);
	assert_ok(store_erase_begin(o->store, o->ann, ++o->now));
	outage_fail_with(o, "'alwaysOn'", "'update'",
			 "'blockConnection': true, 'blockTimeMS': 300");
	for (int i = 0; i < 2; i++) {
		began = clock_mono_ms();
		assert_true(erase_on(o));
		assert_in_range(clock_mono_ms() - began, 2000, 6000);
	}
	outage_fail_no_more(o);
	while (erase_on(o))
		;
}

#define OPERATOR(user) (&(const struct store_viewer){(user), ROLE_OPERATOR})

/* The user is gone, and what comes behind that is not done. */
static void what_is_left_of_somebody_goes_with_the_next_step(void **state)
{
	struct outage *o = *state;
	struct store_conversation seen;
	char support[ID_SIZE];

	write_to(o, ID_SERVER, 1);
	outage_fail_with(o, "{'skip': 1}", "'delete'",
			 "'closeConnection': true");
	assert_int_equal(store_erase_begin(o->store, o->ann, ++o->now),
			 STORE_UNAVAILABLE);
	outage_fail_no_more(o);
	while (outage_look(o, ID_SERVER) == STORE_UNAVAILABLE)
		outage_nap();
	while (erase_on(o))
		;
	id_direct(o->ann, ID_SERVER, support);
	assert_ok(store_conversation_get(o->store, OPERATOR(ID_SERVER), support,
					 &seen));
	assert_string_equal(seen.title, "");
	store_conversation_done(&seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OUTAGE_TEST(a_write_concern_that_timed_out_is_looked_up),
		OUTAGE_TEST(what_no_majority_has_is_not_known),
		OUTAGE_TEST(one_who_hangs_up_once_is_asked_again),
		OUTAGE_TEST(one_read_of_several_may_fail),
		OUTAGE_TEST(nobody_is_signed_up_by_half),
		OUTAGE_TEST(a_step_of_erasing_ends_however_slow_each_write_is),
		OUTAGE_TEST(what_is_left_of_somebody_goes_with_the_next_step),
		OUTAGE_TEST(no_session_outlives_its_password),
		OUTAGE_TEST(no_session_outlives_that_its_user_was_disabled),
	};

	return contract_run_on("mongodb", "interrupted by a MongoDB that fails",
			       tests, COUNT_OF(tests));
}
