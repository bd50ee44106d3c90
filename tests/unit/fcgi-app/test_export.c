#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <unistd.h>

#include "chat_fixture.h"
#include "export.h"
#include "store.h"

/* Of what Ann has, to that place. */
static enum export_status export_to(struct chat *chat, const char *place,
				    atomic_uint *moves)
{
	struct store_user ann;
	int fd = open(place, O_WRONLY | O_CLOEXEC);
	const struct export_job job = {
		.file_dir = chat->dir,
		.now_ms = chat->now_ms,
		.fd = fd,
		.moves = moves,
	};

	assert_true(fd >= 0);
	assert_int_equal(
		store_user_get(chat->app.store, chat->people[ANN].id, &ann),
		STORE_OK);

	enum export_status status = export_write(chat->app.store, &ann, &job);

	store_user_done(&ann);
	close(fd);
	return status;
}

static void it_moves_with_what_it_writes(void **state)
{
	struct chat *chat = *state;
	atomic_uint few = 0, more = 0;

	assert_int_equal(export_to(chat, "/dev/null", &few), EXPORT_OK);
	assert_true(few > 0);
	chat_say(chat, ANN, BOB, "hello");
	assert_int_equal(export_to(chat, "/dev/null", &more), EXPORT_OK);
	assert_true(more > few);
	assert_int_equal(export_to(chat, "/dev/null", NULL), EXPORT_OK);
}

static enum store_status left_by_now(struct store *store,
				     const struct store_viewer *viewer,
				     const char *conversation,
				     const struct store_range *range,
				     store_each_message *each, void *context)
{
	(void)store;
	(void)viewer;
	(void)conversation;
	(void)range;
	(void)each;
	(void)context;
	return STORE_NOT_FOUND;
}

static void what_they_leave_meanwhile_ends_it_not(void **state)
{
	struct chat *chat = *state;
	struct store_message_verbs verbs = *chat->app.store->messages;
	const struct store_message_verbs *whole = chat->app.store->messages;

	chat_say(chat, ANN, BOB, "hello");
	verbs.range = left_by_now;
	chat->app.store->messages = &verbs;

	enum export_status status = export_to(chat, "/dev/null", NULL);

	chat->app.store->messages = whole;
	assert_int_equal(status, EXPORT_OK);
}

static void it_is_stuck_where_nothing_is_taken(void **state)
{
	atomic_uint moves = 0;

	assert_int_equal(export_to(*state, "/dev/full", &moves),
			 EXPORT_NO_SPACE);
	assert_int_equal(moves, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_moves_with_what_it_writes),
		cmocka_unit_test(what_they_leave_meanwhile_ends_it_not),
		cmocka_unit_test(it_is_stuck_where_nothing_is_taken),
	};
	return cmocka_run_group_tests(tests, chat_set_up, chat_tear_down);
}
