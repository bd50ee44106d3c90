/* What a store tells who watches it, and lets them forbid. */
#include "contract.h"

#include <string.h>

#include "mem.h"

struct watched {
	struct store *store;
	bool closed; /* nothing is to be written */
	int entered, committing, left, durable;
	int told[STORE_TIMES];
};

static void note_time(enum store_time what, int64_t took_us, void *context)
{
	struct watched *watched = context;

	assert_true(took_us >= 0 && took_us < 60000000);
	watched->told[what]++;
}

static bool note_enter(void *context)
{
	struct watched *watched = context;

	assert_int_equal(watched->entered, watched->left);
	watched->entered += !watched->closed;
	return !watched->closed;
}

static void note_commit(void *context)
{
	struct watched *watched = context;

	assert_int_equal(watched->entered, watched->left + 1);
	watched->committing++;
}

static void note_leave(bool durable, void *context)
{
	struct watched *watched = context;

	watched->left++;
	watched->durable += durable;
	assert_int_equal(watched->entered, watched->left);
}

static void watch_open(const struct contract *c, struct watched *watched)
{
	const struct store_watch watch = {
		.timed = note_time,
		.enter = note_enter,
		.commit = note_commit,
		.leave = note_leave,
		.context = watched,
	};

	*watched = (struct watched){.store = NULL};
	watched->store = contract_open_watched(c, &watch);
}

static enum store_status say(const struct contract *c, struct watched *watched,
			     const char *content)
{
	const struct store_viewer ann = {c->ann, ROLE_USER};
	const struct store_send send = {
		.sender_name = "Ann",
		.to = c->bob,
		.kind = MESSAGE_TEXT,
		.content = content,
		.now_ms = c->now,
	};
	struct store_sent sent;
	enum store_status status =
		store_send(watched->store, &ann, &send, &sent);

	if (status == STORE_OK)
		store_sent_done(&sent);
	return status;
}

static enum store_status look(const struct contract *c, struct watched *watched)
{
	struct store_user user;
	enum store_status status =
		store_user_get(watched->store, c->ann, &user);

	if (status == STORE_OK)
		store_user_done(&user);
	return status;
}

static void a_write_is_told_once_when_it_is_durable(void **state)
{
	struct contract *c = *state;
	struct watched watched;

	watch_open(c, &watched);
	assert_ok(say(c, &watched, "x"));
	assert_int_equal(watched.entered, 1);
	assert_int_equal(watched.committing, 1);
	assert_int_equal(watched.durable, 1);
	assert_int_equal(watched.told[STORE_TIME_WRITE], 1);
	assert_int_equal(watched.told[STORE_TIME_COMMIT], 1);
	store_free(watched.store);
}

static void a_read_is_told_and_asks_nobody(void **state)
{
	struct contract *c = *state;
	struct watched watched;

	watch_open(c, &watched);
	watched.closed = true;
	assert_ok(look(c, &watched));
	assert_ok(store_read_begin(watched.store));
	assert_ok(look(c, &watched));
	store_read_end(watched.store);
	assert_int_equal(watched.told[STORE_TIME_READ], 2);
	assert_int_equal(watched.told[STORE_TIME_WRITE], 0);
	assert_int_equal(watched.entered, 0);
	store_free(watched.store);
}

static void a_batch_is_one_write(void **state)
{
	struct contract *c = *state;
	struct watched watched;

	watch_open(c, &watched);
	assert_ok(store_batch_begin(watched.store));
	assert_ok(say(c, &watched, "x"));
	assert_ok(say(c, &watched, "y"));
	assert_int_equal(watched.left, 0);
	assert_ok(store_batch_commit(watched.store));
	assert_int_equal(watched.entered, 1);
	assert_int_equal(watched.durable, 1);
	assert_int_equal(watched.told[STORE_TIME_WRITE], 1);
	assert_int_equal(watched.told[STORE_TIME_COMMIT], 1);

	assert_ok(store_batch_begin(watched.store));
	assert_ok(say(c, &watched, "z"));
	store_batch_rollback(watched.store);
	assert_int_equal(watched.left, 2);
	assert_int_equal(watched.durable, 1);
	store_free(watched.store);
}

static void what_is_refused_leaves_and_is_not_durable(void **state)
{
	struct contract *c = *state;
	struct watched watched;

	watch_open(c, &watched);
	const struct store_viewer ann = {c->ann, ROLE_USER};
	const struct store_send send = {
		.sender_name = "Ann",
		.conversation = "0190000000000000000000b2",
		.kind = MESSAGE_TEXT,
		.content = "x",
		.now_ms = c->now,
	};
	struct store_sent sent;

	assert_int_equal(store_send(watched.store, &ann, &send, &sent),
			 STORE_NOT_FOUND);
	assert_int_equal(watched.left, 1);
	assert_int_equal(watched.durable, 0);
	store_free(watched.store);
}

static void what_may_not_begin_is_unavailable_at_once(void **state)
{
	struct contract *c = *state;
	struct watched watched;

	watch_open(c, &watched);
	watched.closed = true;
	assert_int_equal(say(c, &watched, "x"), STORE_UNAVAILABLE);
	assert_non_null(strstr(store_error(watched.store), "does not answer"));
	assert_int_equal(store_batch_begin(watched.store), STORE_UNAVAILABLE);
	assert_int_equal(store_try_write(watched.store), STORE_UNAVAILABLE);
	assert_int_equal(watched.left, 0);
	watched.closed = false;
	assert_ok(say(c, &watched, "x"));
	assert_int_equal(watched.durable, 1);
	store_free(watched.store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(a_write_is_told_once_when_it_is_durable),
		CONTRACT_TEST(a_read_is_told_and_asks_nobody),
		CONTRACT_TEST(a_batch_is_one_write),
		CONTRACT_TEST(what_is_refused_leaves_and_is_not_durable),
		CONTRACT_TEST(what_may_not_begin_is_unavailable_at_once),
	};

	return contract_run("watch", tests, COUNT_OF(tests));
}
