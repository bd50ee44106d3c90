/* A server that is gone, hangs, is not the one to ask, or keeps nothing. */
#include "contract.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "mem.h"
#include "mongodb_fault.h"

/* What is promised. */
#define ANSWER_MS 2000
#define BACK_MS 3000

struct outage {
	struct mongodb_server server;
	struct store *store;
	char ann[ID_SIZE];
	int64_t now;
};

static enum store_status add(struct outage *o, const char *name,
			     char id[ID_SIZE])
{
	struct store_user user = {
		.username = xstrdup(name),
		.created_at = ++o->now,
	};
	const char *field;
	enum store_status status = store_user_add(o->store, &user, &field);

	memcpy(id, user.id, ID_SIZE);
	store_user_done(&user);
	return status;
}

static enum store_status look(struct outage *o, const char *id)
{
	struct store_user user;
	enum store_status status = store_user_get(o->store, id, &user);

	if (status == STORE_OK)
		store_user_done(&user);
	return status;
}

static int set_up(void **state)
{
	struct outage *o = xcalloc(1, sizeof(*o));
	char *uri, *error;

	mongodb_server_start(&o->server);
	uri = xasprintf("mongodb://%s/palabre", o->server.address);
	o->store = mongodb_open(uri);
	error = store_prepare(o->store);
	if (error != NULL)
		fail_msg("%s", error);
	/* As a worker has it, which is in a hurry. */
	store_free(o->store);
	o->store = mongodb_open(uri);
	assert_ok(add(o, "Ann", o->ann));
	free(uri);
	*state = o;
	return 0;
}

static int tear_down(void **state)
{
	struct outage *o = *state;

	store_free(o->store);
	mongodb_server_done(&o->server);
	free(o);
	return 0;
}

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

static void nap(void)
{
	const struct timespec pause = {.tv_nsec = 20000000};

	nanosleep(&pause, NULL);
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
		assert_down(o, add(o, "Zoe", id), began);
		nap();
	}
}

static void assert_all_fails(struct outage *o)
{
	int64_t end = clock_mono_ms() + 2500;
	int64_t slow = 0;

	while (clock_mono_ms() < end) {
		int64_t began = clock_mono_ms();
		enum store_status status = look(o, o->ann);

		assert_down(o, status, began);
		slow += clock_mono_ms() - began >= 300;
		nap();
	}
	/* Only now and then does one try: nobody else waits. */
	assert_in_range(slow, 0, 8);
	assert_writes_fail(o);
}

static void assert_is_back(struct outage *o)
{
	int64_t began = clock_mono_ms();

	while (look(o, o->ann) != STORE_OK ||
	       store_try_write(o->store) != STORE_OK) {
		assert_in_range(clock_mono_ms() - began, 0, BACK_MS);
		nap();
	}
}

/* ---- how it may be ---- */

static void one_that_is_gone(void **state)
{
	struct outage *o = *state;

	mongodb_server_kill(&o->server);
	assert_all_fails(o);
	mongodb_server_start_again(&o->server);
	assert_is_back(o);
}

static void one_that_hangs(void **state)
{
	struct outage *o = *state;

	mongodb_server_hang(&o->server);
	assert_all_fails(o);
	kill(o->server.pid, SIGCONT);
	assert_is_back(o);
}

static void fail_with(struct outage *o, const char *mode, const char *commands,
		      const char *how)
{
	char *json =
		xasprintf("{'configureFailPoint': 'failCommand',"
			  " 'mode': %s, 'data': {'failCommands': [%s]%s%s}}",
			  mode, commands, *how != '\0' ? ", " : "", how);

	mongodb_server_run(&o->server, json);
	free(json);
}

#define WRITES "'insert', 'update', 'delete', 'findAndModify'"
#define ALL WRITES ", 'find', 'count', 'createIndexes', 'dbStats'"

static void fail_no_more(struct outage *o)
{
	fail_with(o, "'off'", "'insert'", "");
}

static void one_that_is_not_primary_any_more(void **state)
{
	struct outage *o = *state;

	fail_with(o, "'alwaysOn'", ALL, "'errorCode': 10107");
	assert_all_fails(o);
	fail_no_more(o);
	assert_is_back(o);
}

static void one_that_hangs_up(void **state)
{
	struct outage *o = *state;

	fail_with(o, "'alwaysOn'", ALL, "'closeConnection': true");
	assert_all_fails(o);
	fail_no_more(o);
	assert_is_back(o);
}

static void one_that_is_slow_by_a_second(void **state)
{
	struct outage *o = *state;

	fail_with(o, "'alwaysOn'", ALL,
		  "'blockConnection': true, 'blockTimeMS': 1000");
	assert_all_fails(o);
	fail_no_more(o);
	assert_is_back(o);
}

static void one_that_is_only_read(void **state)
{
	struct outage *o = *state;

	/* Unauthorized: a user who may not write. */
	fail_with(o, "'alwaysOn'", WRITES, "'errorCode': 13");
	assert_writes_fail(o);
	assert_ok(look(o, o->ann));
	fail_no_more(o);
	assert_is_back(o);
}

/* ---- what nobody knows ---- */

/* All of these happened, or not at all, and the answer says so. */
static void assert_known(struct outage *o, const char *name)
{
	char id[ID_SIZE];

	if (add(o, name, id) != STORE_OK)
		fail_msg("%s: %s", name, store_error(o->store));
	assert_ok(look(o, id));
}

static void a_write_concern_that_timed_out_is_looked_up(void **state)
{
	struct outage *o = *state;

	fail_with(o, "{'times': 1}", "'insert'",
		  "'writeConcernError': {'code': 64, 'errmsg': 'timed out'}");
	assert_known(o, "Bob");
	fail_no_more(o);
}

/* What only this server has may be lost with it. */
static void what_no_majority_has_is_not_known(void **state)
{
	struct outage *o = *state;
	char id[ID_SIZE];

	fail_with(o, "'alwaysOn'", WRITES,
		  "'writeConcernError': {'code': 64, 'errmsg': 'timed out'}");
	assert_int_equal(add(o, "Bob", id), STORE_UNAVAILABLE);
	fail_no_more(o);
}

static void one_who_hangs_up_once_is_asked_again(void **state)
{
	struct outage *o = *state;

	fail_with(o, "{'times': 1}", "'insert'", "'closeConnection': true");
	assert_known(o, "Bob");
	fail_with(o, "{'times': 1}", "'insert'",
		  "'errorCode': 10107, 'errorLabels': ['RetryableWriteError']");
	assert_known(o, "Cat");
	fail_no_more(o);
}

/* ---- more than one thing at once ---- */

static bool on_no_change(const struct store_change *change,
			 const struct store_conversation *conversation,
			 void *context)
{
	(void)change;
	(void)conversation;
	(void)context;
	return true;
}

static bool on_no_message(const struct store_message *message, void *context)
{
	(void)message;
	(void)context;
	return true;
}

static bool on_no_marks(const struct store_read_marks *marks, void *context)
{
	(void)marks;
	(void)context;
	return true;
}

static enum store_status look_back(struct outage *o)
{
	struct store_recent recent = {
		.limit = 10,
		.message = on_no_message,
		.change = on_no_change,
		.marks = on_no_marks,
	};
	bool more;

	id_floor(0, recent.after);
	return store_recent(o->store, &recent, &more);
}

/* The others are closed by what their connection was (a sanitizer sees it). */
static void one_read_of_several_may_fail(void **state)
{
	struct outage *o = *state;
	enum store_status status = STORE_OK;

	assert_ok(look_back(o));
	for (int skip = 1; skip < 5; skip++) {
		char *mode = xasprintf("{'skip': %d}", skip);

		fail_with(o, mode, "'find'", "'errorCode': 10107");
		status = look_back(o);
		fail_no_more(o);
		assert_int_equal(status, STORE_UNAVAILABLE);
		assert_is_back(o);
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

	fail_with(o, "{'times': 2}", "'insert'", "'closeConnection': true");
	status = store_register(o->store, &user, &session, &field);
	fail_no_more(o);
	assert_int_equal(status, STORE_UNAVAILABLE);
	assert_is_back(o);
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
	fail_with(o, "'alwaysOn'", "'delete'", "'closeConnection': true");
	assert_int_equal(store_user_password(o->store, o->ann,
					     &(struct store_password){
						     .hash = "$new",
						     .keep = kept.id,
					     }),
			 STORE_UNAVAILABLE);
	fail_no_more(o);
	assert_is_back(o);
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
	fail_with(o, "'alwaysOn'", "'delete'", "'closeConnection': true");
	assert_int_equal(store_user_disable(o->store, o->ann, true),
			 STORE_UNAVAILABLE);
	fail_no_more(o);
	assert_is_back(o);
	assert_ok(store_user_disable(o->store, o->ann, false));
	assert_int_equal(see(o, &old), STORE_NOT_FOUND);
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
	assert_known(o, "Bob");
	mongodb_server_kill(&o->server);
	assert_all_fails(o);
	mongodb_server_start_again(&o->server);
	assert_is_back(o);
}

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

static void ignore_hash(const char *hash, void *context)
{
	(void)hash;
	(void)context;
}

/* False: nobody is to be erased. */
static bool erase_on(struct outage *o)
{
	struct store_erased erased;
	enum store_status status = store_erase_step(o->store, ++o->now,
						    ignore_hash, NULL, &erased);

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
	fail_with(o, "'alwaysOn'", "'update'",
		  "'blockConnection': true, 'blockTimeMS': 300");
	for (int i = 0; i < 2; i++) {
		began = clock_mono_ms();
		assert_true(erase_on(o));
		assert_in_range(clock_mono_ms() - began, 2000, 6000);
	}
	fail_no_more(o);
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
	fail_with(o, "{'skip': 1}", "'delete'", "'closeConnection': true");
	assert_int_equal(store_erase_begin(o->store, o->ann, ++o->now),
			 STORE_UNAVAILABLE);
	fail_no_more(o);
	while (look(o, ID_SERVER) == STORE_UNAVAILABLE)
		nap();
	while (erase_on(o))
		;
	id_direct(o->ann, ID_SERVER, support);
	assert_ok(store_conversation_get(o->store, OPERATOR(ID_SERVER), support,
					 &seen));
	assert_string_equal(seen.title, "");
	store_conversation_done(&seen);
}

#define OUTAGE_TEST(function)                                                  \
	cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OUTAGE_TEST(one_that_is_gone),
		OUTAGE_TEST(one_that_hangs),
		OUTAGE_TEST(one_that_is_not_primary_any_more),
		OUTAGE_TEST(one_that_hangs_up),
		OUTAGE_TEST(one_that_is_slow_by_a_second),
		OUTAGE_TEST(one_that_is_only_read),
		OUTAGE_TEST(a_write_concern_that_timed_out_is_looked_up),
		OUTAGE_TEST(what_no_majority_has_is_not_known),
		OUTAGE_TEST(one_who_hangs_up_once_is_asked_again),
		OUTAGE_TEST(one_read_of_several_may_fail),
		OUTAGE_TEST(nobody_is_signed_up_by_half),
		OUTAGE_TEST(a_step_of_erasing_ends_however_slow_each_write_is),
		OUTAGE_TEST(what_is_left_of_somebody_goes_with_the_next_step),
		OUTAGE_TEST(no_option_takes_a_promise_away),
		OUTAGE_TEST(no_session_outlives_its_password),
		OUTAGE_TEST(no_session_outlives_that_its_user_was_disabled),
	};

	return contract_run_on("mongodb", "a MongoDB that fails", tests,
			       COUNT_OF(tests));
}
