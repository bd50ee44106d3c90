#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chat_fixture.h"
#include "file_place.h"
#include "file_sweep.h"
#include "ids.h"
#include "mem.h"
#include "store.h"

/* All in one folder. */
#define ONE "abf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define TWO "abe1ba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824f2"
#define HOUR_MS (INT64_C(3600) * 1000)

struct sweeping {
	struct chat *chat;
	char dir[32];
};

static int set_up(void **state)
{
	struct sweeping *s = xcalloc(1, sizeof(*s));
	void *chat;

	if (chat_set_up(&chat) != 0)
		return -1;
	s->chat = chat;
	strcpy(s->dir, "/tmp/palabre-sweep-XXXXXX");
	*state = s;
	return mkdtemp(s->dir) != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	struct sweeping *s = *state;
	void *chat = s->chat;
	char *command = xasprintf("rm -rf '%s'", s->dir);
	int status = system(command);

	free(command);
	free(s);
	return chat_tear_down(&chat) != 0 ? -1 : status;
}

/* Bytes and their preview, as old as that. */
static void put(const struct sweeping *s, const char *hash, int64_t age_ms)
{
	struct timespec when[2] = {
		{.tv_sec = (s->chat->now_ms - age_ms) / 1000},
		{.tv_sec = (s->chat->now_ms - age_ms) / 1000},
	};
	char path[FILE_PLACE_MAX];
	int lock = file_place_lock(s->dir, hash, false);

	assert_true(lock >= 0);
	for (int preview = 0; preview < 2; preview++) {
		assert_true(file_place(s->dir, hash, preview != 0, path));

		int fd = open(path, O_CREAT | O_WRONLY, 0600);

		assert_true(fd >= 0);
		assert_int_equal(futimens(fd, when), 0);
		close(fd);
	}
	close(lock);
}

static int there(const struct sweeping *s, const char *hash)
{
	char path[FILE_PLACE_MAX];
	int count = 0;

	for (int preview = 0; preview < 2; preview++) {
		assert_true(file_place(s->dir, hash, preview != 0, path));
		count += access(path, F_OK) == 0;
	}
	return count;
}

static void add(const struct sweeping *s, const char *hash, char id[ID_SIZE])
{
	struct store_file file = {
		.name = (char *)"a.png",
		.mime = (char *)"image/png",
		.size = 1,
		.created_at = s->chat->now_ms,
	};

	memcpy(file.owner, s->chat->people[ANN].id, ID_SIZE);
	memcpy(file.hash, hash, sizeof(file.hash));
	assert_int_equal(store_file_add(s->chat->app.store, &file, 1000),
			 STORE_OK);
	memcpy(id, file.id, ID_SIZE);
}

static void use(const struct sweeping *s, const char *id)
{
	const struct store_viewer ann = {s->chat->people[ANN].id, ROLE_USER};
	const struct store_send send = {
		.sender_name = "ann",
		.to = s->chat->people[BOB].id,
		.kind = MESSAGE_FILE,
		.content = "",
		.attachment = id,
		.now_ms = s->chat->now_ms,
	};
	struct store_sent sent;

	assert_int_equal(store_send(s->chat->app.store, &ann, &send, &sent),
			 STORE_OK);
	store_sent_done(&sent);
}

static void sweep_unused(const struct sweeping *s, int64_t later_ms)
{
	struct file_sweep sweep = {.folder = 0};
	bool more = true;

	while (more)
		assert_int_equal(
			file_sweep_unused(&sweep, s->chat->app.store, s->dir,
					  s->chat->now_ms + later_ms, &more),
			STORE_OK);
}

/* Strange ones are counted. */
static size_t sweep_folders(const struct sweeping *s, int64_t later_ms)
{
	struct file_sweep sweep = {.folder = 0};

	for (int i = 0; i < FILE_FOLDERS; i++)
		assert_int_equal(file_sweep_folder(&sweep, s->chat->app.store,
						   s->dir,
						   s->chat->now_ms + later_ms),
				 STORE_OK);
	assert_int_equal(sweep.folder, 0);
	return sweep.strange;
}

/* Since that moment the store would know of bytes that were put there. */
static int64_t known_since(const struct sweeping *s)
{
	char epoch[ID_SIZE];

	assert_int_equal(store_epoch(s->chat->app.store, epoch), STORE_OK);
	return id_time(epoch) + HOUR_MS - s->chat->now_ms;
}

static void
a_file_that_nothing_names_for_a_day_goes_and_a_used_one_stays(void **state)
{
	struct sweeping *s = *state;
	char unused[ID_SIZE], used[ID_SIZE];

	put(s, ONE, 0);
	put(s, TWO, 0);
	add(s, ONE, unused);
	add(s, TWO, used);
	use(s, used);
	sweep_unused(s, 23 * HOUR_MS);
	assert_int_equal(there(s, ONE), 2);
	sweep_unused(s, 25 * HOUR_MS);
	assert_int_equal(there(s, ONE), 0);
	assert_int_equal(there(s, TWO), 2);
}

static void of_two_files_of_equal_bytes_the_used_one_keeps_them(void **state)
{
	struct sweeping *s = *state;
	char unused[ID_SIZE], used[ID_SIZE];

	put(s, ONE, 0);
	add(s, ONE, unused);
	add(s, ONE, used);
	use(s, used);
	sweep_unused(s, 25 * HOUR_MS);
	assert_int_equal(there(s, ONE), 2);
}

static void bytes_that_no_file_is_of_go_after_a_day(void **state)
{
	struct sweeping *s = *state;
	int64_t at = known_since(s) + 1000;
	char known[ID_SIZE], path[64];

	put(s, ONE, -at);
	put(s, TWO, -at);
	add(s, TWO, known);
	snprintf(path, sizeof(path), "%s/ab/strange", s->dir);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	/* Whoever puts them there may be about to say so. */
	assert_int_equal(sweep_folders(s, at + 23 * HOUR_MS), 0);
	assert_int_equal(there(s, ONE), 2);
	assert_int_equal(sweep_folders(s, at + 25 * HOUR_MS), 0);
	assert_int_equal(there(s, ONE), 0);
	assert_int_equal(there(s, TWO), 2);
	assert_int_equal(access(path, F_OK), 0);
}

/* Another store's, or of a state that a copy was restored over. */
static void
what_the_store_does_not_know_from_before_its_epoch_stays(void **state)
{
	struct sweeping *s = *state;
	int64_t since = known_since(s);
	char known[ID_SIZE];
	struct file_gone gone = {.count = 0};

	put(s, ONE, 72 * HOUR_MS);
	put(s, TWO, 72 * HOUR_MS);
	add(s, TWO, known);
	assert_int_equal(sweep_folders(s, since + 100 * HOUR_MS), 2);
	assert_int_equal(there(s, ONE), 2);
	assert_int_equal(there(s, TWO), 2);
	/* As long as clocks may differ. */
	put(s, ONE, -(since - 1000));
	assert_int_equal(sweep_folders(s, since + 100 * HOUR_MS), 2);
	assert_int_equal(there(s, ONE), 2);
	/* What the store had and has no more goes, however old. */
	put(s, ONE, 72 * HOUR_MS);
	file_sweep_note(ONE, &gone);
	assert_int_equal(file_sweep_gone(&gone, s->chat->app.store, s->dir),
			 STORE_OK);
	assert_int_equal(there(s, ONE), 0);
}

static void
bytes_of_a_refused_file_go_at_once_unless_another_has_them(void **state)
{
	struct sweeping *s = *state;
	char known[ID_SIZE];

	put(s, ONE, 0);
	put(s, TWO, 0);
	add(s, TWO, known);
	assert_int_equal(file_sweep_bytes(ONE, s->chat->app.store, s->dir),
			 STORE_OK);
	assert_int_equal(file_sweep_bytes(TWO, s->chat->app.store, s->dir),
			 STORE_OK);
	assert_int_equal(there(s, ONE), 0);
	assert_int_equal(there(s, TWO), 2);
}

#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_that_nothing_names_for_a_day_goes_and_a_used_one_stays),
		TEST(of_two_files_of_equal_bytes_the_used_one_keeps_them),
		TEST(bytes_that_no_file_is_of_go_after_a_day),
		TEST(what_the_store_does_not_know_from_before_its_epoch_stays),
		TEST(bytes_of_a_refused_file_go_at_once_unless_another_has_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
