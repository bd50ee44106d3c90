/* Copies of the SQLite file: made while others write, and what tells them from
 * the file they were made of. */
#include "copies.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypt.h"
#include "mem.h"
#include "sqlite_fault.h"
#include "store_sqlite.h"

#define TEXTS 300
#define TEXT_SIZE 20000 /* bytes of each: 1 MiB is copied at a time */

struct watch {
	struct contract *c;
	struct store *other;
	int calls, stop_at; /* 0: never */
};

static void send_long(struct contract *c, struct store *store)
{
	static char text[TEXT_SIZE + 1];
	struct store_send send = {
		.sender_name = "Ann",
		.to = c->bob,
		.content = text,
		.now_ms = ++c->now,
	};
	struct store_sent sent;

	memset(text, 'x', TEXT_SIZE);
	assert_ok(store_send(store, AS(c->ann), &send, &sent));
	store_sent_done(&sent);
}

static int64_t count_texts(struct contract *c, struct store *store)
{
	struct store_conversation in;
	char direct[ID_SIZE];

	id_direct(c->ann, c->bob, direct);
	assert_ok(store_conversation_get(store, AS(c->ann), direct, &in));
	int64_t count = in.last_seq;

	store_conversation_done(&in);
	return count;
}

/* Somebody writes between any two pieces of the copy. */
static bool write_meanwhile(int64_t done, int64_t total, void *context)
{
	struct watch *watch = context;

	assert_true(done <= total);
	send_long(watch->c, watch->other);
	return ++watch->calls != watch->stop_at;
}

static char *path_of(const struct contract *c, const char *end)
{
	return xasprintf("%s%s", strchr(c->uri, ':') + 1, end);
}

static char *back_up(struct contract *c, const char *path, struct watch *watch)
{
	assert_ok(store_read_begin(c->store));
	char *error = store_backup(c->store, path, write_meanwhile, watch);

	store_read_end(c->store);
	return error;
}

static struct store *open_at(const char *path, bool prepare)
{
	char *uri = xasprintf("sqlite:%s", path), *error = NULL;
	const struct store_config config = {.uri = uri, .random = crypt_random};
	struct store *store = store_new(&config, &error);

	assert_non_null(store);
	if (prepare)
		error = store_prepare(store);
	assert_null(error);
	free(uri);
	return store;
}

static void a_copy_ends_though_others_write_at_each_piece_of_it(void **state)
{
	struct contract *c = *state;
	struct watch watch = {.c = c, .other = contract_open(c)};
	char *path = path_of(c, ".copy");
	struct stat file;

	for (int i = 0; i < TEXTS; i++)
		send_long(c, c->store);
	assert_null(back_up(c, path, &watch));
	assert_true(watch.calls >= 4);
	assert_true(watch.calls < 20);
	assert_int_equal(count_texts(c, c->store), TEXTS + watch.calls);

	assert_int_equal(stat(path, &file), 0);
	assert_int_equal(file.st_mode & 0777, 0600);
	struct store *copy = open_at(path, false);

	assert_int_equal(count_texts(c, copy), TEXTS);
	contract_assert_clean(copy);
	store_free(copy);
	store_free(watch.other);
	unlink(path);
	free(path);
}

static void a_copy_that_is_given_up_or_in_the_way_leaves_nothing(void **state)
{
	struct contract *c = *state;
	struct watch watch = {.c = c, .other = contract_open(c), .stop_at = 1};
	char *path = path_of(c, ".copy");

	for (int i = 0; i < TEXTS; i++)
		send_long(c, c->store);
	char *error = back_up(c, path, &watch);

	assert_string_equal(error, "interrupted");
	free(error);
	assert_int_equal(access(path, F_OK), -1);

	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_int_equal(write(fd, "mine", 4), 4);
	close(fd);
	error = back_up(c, path, &watch);
	assert_non_null(strstr(error, "File exists"));
	free(error);
	assert_int_equal(truncate(path, 4), 0);
	store_free(watch.other);
	unlink(path);
	free(path);
}

/* ---- which file it is ---- */

static void epoch_of(struct contract *c, char out[ID_SIZE])
{
	char *error;

	contract_reopen(c);
	error = store_prepare(c->store);
	assert_null(error);
	assert_ok(store_epoch(c->store, out));
}

static void copy_bytes(const char *from, const char *to)
{
	char *command = xasprintf("cp '%s' '%s'", from, to);

	assert_int_equal(system(command), 0);
	free(command);
}

/* Back to what the file held, in the very same file. */
static void go_back(struct contract *c, const char *copy)
{
	char *path = path_of(c, "");

	store_free(c->store);
	copy_bytes(copy, path);
	c->store = contract_open(c);
	free(path);
}

static void a_file_keeps_its_epoch_until_an_older_one_takes_its_place(void **s)
{
	struct contract *c = *s;
	char *path = path_of(c, ""), *copy = path_of(c, ".copy");
	char first[ID_SIZE], second[ID_SIZE], third[ID_SIZE];

	epoch_of(c, first);
	epoch_of(c, second);
	assert_string_equal(first, second); /* after a kill */
	assert_ok(store_leave(c->store));
	epoch_of(c, second);
	assert_string_equal(first, second);

	store_free(c->store); /* its log is in the file then */
	copy_bytes(path, copy);
	c->store = contract_open(c);
	assert_ok(store_leave(c->store));
	go_back(c, copy);
	epoch_of(c, second);
	assert_string_not_equal(first, second);
	epoch_of(c, third);
	assert_string_equal(second, third);
	unlink(copy);
	free(copy);
	free(path);
}

static void a_lost_stamp_makes_it_another_file(void **state)
{
	struct contract *c = *state;
	char *stamp = path_of(c, "-stamp");
	char first[ID_SIZE], second[ID_SIZE];

	epoch_of(c, first);
	assert_int_equal(unlink(stamp), 0);
	epoch_of(c, second);
	assert_string_not_equal(first, second);
	free(stamp);
}

static void run_raw(const struct contract *c, const char *sql)
{
	sqlite3 *raw = fault_open_raw(c);

	fault_run_raw(raw, sql);
	sqlite3_close(raw);
}

/* What was seen of the last writes may be lost. */
static void a_machine_that_goes_down_under_it_makes_it_another_file(void **s)
{
	static const char other_boot[] =
		"UPDATE meta SET value = substr(value, 1, length(value) - 36)"
		" || '00000000-0000-4000-8000-000000000000'"
		" WHERE key = 'lineage' AND value NOT LIKE '%left'";
	struct contract *c = *s;
	char first[ID_SIZE], second[ID_SIZE], third[ID_SIZE];

	epoch_of(c, first);
	run_raw(c, other_boot);
	epoch_of(c, second);
	assert_string_not_equal(first, second);
	epoch_of(c, third);
	assert_string_equal(second, third);
	assert_ok(store_leave(c->store));
	run_raw(c, other_boot); /* nothing was served any more */
	epoch_of(c, third);
	assert_string_equal(second, third);
}

/* palabrectl copy: what is copied is in the file soon, and not in its log. */
static void a_store_that_is_copied_to_has_a_short_log(void **state)
{
	struct contract *c = *state;
	struct copies_place there = copies_open(contract_backend());
	char *log = xasprintf("%s-wal", store_sqlite_db(there.c.store)->path);
	struct stat file;

	assert_ok(store_batch_begin(c->store));
	for (int i = 0; i < 2000; i++)
		send_long(c, c->store);
	assert_ok(store_batch_commit(c->store));
	copies_make(c->store, there.c.store);
	assert_int_equal(stat(log, &file), 0);
	assert_in_range(file.st_size, 1, 32 * 1024 * 1024);
	free(log);
	copies_close(&there);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(
			a_copy_ends_though_others_write_at_each_piece_of_it),
		CONTRACT_TEST(
			a_copy_that_is_given_up_or_in_the_way_leaves_nothing),
		CONTRACT_TEST(
			a_file_keeps_its_epoch_until_an_older_one_takes_its_place),
		CONTRACT_TEST(a_lost_stamp_makes_it_another_file),
		CONTRACT_TEST(
			a_machine_that_goes_down_under_it_makes_it_another_file),
		CONTRACT_TEST(a_store_that_is_copied_to_has_a_short_log),
	};

	return contract_run_on("sqlite", "sqlite copies", tests,
			       COUNT_OF(tests));
}
