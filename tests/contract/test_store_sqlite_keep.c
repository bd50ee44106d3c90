/* Housekeeping: who copies SQLite's log, how long it gets, what is forgotten.
 */
#include "children.h"
#include "slow_vfs.h"
#include "sqlite_fault.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "mem.h"

#define MIB (1024 * 1024)
#define LONG_TEXT 100000
#define IN_TIME_MS 4000 /* 1.5 s are promised, of a machine of its own */
#define DAY_MS (INT64_C(24) * 3600 * 1000)

static int64_t size_of(const struct contract *c, const char *suffix)
{
	char *path = fault_beside(c, suffix);
	struct stat st = {.st_size = 0};

	stat(path, &st);
	free(path);
	return st.st_size;
}

static int write_long(struct contract *c, int count)
{
	char *text = xcalloc(1, LONG_TEXT + 1);
	int refused = 0;

	memset(text, 'x', LONG_TEXT);
	for (int i = 0; i < count; i++) {
		const struct store_send send = {
			.sender_name = "n",
			.to = c->bob,
			.content = text,
			.now_ms = ++c->now,
		};
		struct store_sent sent;

		if (store_send(c->store, AS(c->ann), &send, &sent) == STORE_OK)
			store_sent_done(&sent);
		else
			refused++;
	}
	free(text);
	return refused;
}

/* As the process does, but not by the clock. */
static int64_t keep(struct store *store, int64_t now_ms)
{
	int64_t again_ms = 0;

	assert_ok(store_keep(store, now_ms, &again_ms));
	assert_in_range(again_ms, 1, 60000);
	return again_ms;
}

/* ---- the log ---- */

static void no_commit_copies_the_log_and_housekeeping_does(void **state)
{
	struct contract *c = *state;
	struct store *keeper = contract_open(c);
	struct slow_counts before, after;

	keep(keeper, c->now);
	slow_vfs_counts(&before);
	assert_int_equal(write_long(c, 300), 0);
	slow_vfs_counts(&after);
	assert_int_equal(after.file_writes, before.file_writes);
	assert_true(size_of(c, "-wal") > 25 * MIB);
	assert_true(size_of(c, "") < 5 * MIB);
	keep(keeper, c->now);
	assert_true(size_of(c, "") > 25 * MIB);
	/* Copied, it begins anew instead of growing on. */
	int64_t log = size_of(c, "-wal");

	assert_int_equal(write_long(c, 100), 0);
	assert_int_equal(size_of(c, "-wal"), log);
	store_free(keeper);
}

static int write_on(struct contract *c, int number, int report)
{
	(void)number;
	(void)report;
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* also of a test that failed */
	for (;;) {
		write_long(c, 1);
		usleep(500);
	}
	return 0;
}

static int read_on(struct contract *c, int number, int report)
{
	struct store_conversation seen;
	char direct[ID_SIZE];

	(void)number;
	(void)report;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	id_direct(c->ann, c->bob, direct);
	for (;;) {
		/* One state of the store, for a few milliseconds. */
		if (store_read_begin(c->store) != STORE_OK)
			continue;
		if (store_conversation_get(c->store, AS(c->ann), direct,
					   &seen) == STORE_OK)
			store_conversation_done(&seen);
		usleep(3000);
		store_read_end(c->store);
	}
	return 0;
}

static void end_children(struct children *children)
{
	for (int i = 0; i < children->count; i++) {
		kill(children->pid[i], SIGKILL);
		waitpid(children->pid[i], NULL, 0);
	}
}

static void the_log_stays_short_though_writing_and_reading_never_ends(void **s)
{
	struct contract *c = *s;
	struct children readers, writers;
	int64_t most = 0, written = 0;
	struct store *keeper;

	children_start(&writers, c, 1, write_on);
	children_start(&readers, c, 3, read_on);
	keeper = contract_open(c);
	while (written < 200 * MIB) {
		int64_t again_ms = keep(keeper, c->now);
		struct slow_counts counts;
		int64_t log = size_of(c, "-wal");

		slow_vfs_counts(&counts);
		written = counts.log_bytes;
		most = log > most ? log : most;
		usleep((useconds_t)again_ms * 1000);
	}
	end_children(&writers);
	end_children(&readers);
	store_free(keeper);
	contract_reopen(c);
	/* The machine may have had no time for us for a while. */
	assert_in_range(most, MIB, 140 * MIB);
}

static void a_long_reader_is_named_and_then_the_log_gets_short(void **state)
{
	struct contract *c = *state;
	struct store *keeper = contract_open(c), *reader = contract_open(c);

	assert_ok(store_read_begin(reader));
	assert_int_equal(write_long(c, 1000), 0);
	keep(keeper, c->now);
	assert_non_null(
		strstr(store_notice(keeper), "somebody has been reading"));
	assert_non_null(strstr(store_notice(keeper), fault_path(c)));
	keep(keeper, c->now);
	assert_string_equal(store_notice(keeper), ""); /* once a minute */
	store_read_end(reader);
	usleep(700000); /* it tries again after half a second */
	keep(keeper, c->now);

	int64_t log = size_of(c, "-wal");

	assert_int_equal(write_long(c, 100), 0);
	assert_int_equal(size_of(c, "-wal") > log, 0);
	store_free(reader);
	store_free(keeper);
}

/* ---- syncs ---- */

static int write_some(struct contract *c, int number, int report)
{
	const char *from = number % 2 ? c->ann : c->bob;
	const char *to = number % 2 ? c->bob : c->ann;

	(void)report;
	for (int i = 0; i < 20; i++) {
		const struct store_send send = {
			.sender_name = "n",
			.to = to,
			.content = "x",
			.now_ms = ++c->now,
		};
		struct store_sent sent;

		if (store_send(c->store, AS(from), &send, &sent) != STORE_OK)
			return 1;
		store_sent_done(&sent);
	}
	return 0;
}

/* Each waits for a sync of its own, but not for those of the others. */
static void writers_sync_beside_each_other_and_each_before_its_answer(void **s)
{
	struct contract *c = *s;
	struct slow_counts before, after;
	struct children children;

	slow_vfs_use(5000);
	slow_vfs_reset();
	slow_vfs_counts(&before);
	children_start(&children, c, 4, write_some);
	children_wait(&children, c, NULL);
	slow_vfs_counts(&after);
	slow_vfs_use(0);
	assert_true(after.syncs - before.syncs >= 4 * 20);
	assert_in_range(after.most_syncing, 2, 4);
}

static int write_once(struct contract *c, int number, int report)
{
	const struct store_send send = {
		.sender_name = "n",
		.to = number % 2 ? c->bob : c->ann,
		.content = "x",
		.now_ms = ++c->now,
	};
	struct store_sent sent;
	int64_t began = clock_mono_ms();

	(void)report;
	if (store_send(c->store, AS(number % 2 ? c->ann : c->bob), &send,
		       &sent) != STORE_OK)
		return 1;
	store_sent_done(&sent);
	return clock_mono_ms() - began < IN_TIME_MS ? 0 : 2;
}

/* One behind the other they would take over five seconds, or be refused. */
static void on_a_disk_that_takes_long_for_a_sync_all_write_in_time(void **s)
{
	struct contract *c = *s;
	struct children children;

	slow_vfs_use(700000);
	children_start(&children, c, 8, write_once);
	children_wait(&children, c, NULL);
	slow_vfs_use(0);
}

/* It may be there, it may be gone: whoever wrote asks again. */
static void a_commit_that_could_not_be_synced_is_not_acknowledged(void **state)
{
	struct contract *c = *state;
	struct slow_counts before, after;

	assert_ok(fault_send(c, "one"));
	slow_vfs_break(true);
	assert_int_equal(fault_send(c, "two"), STORE_UNAVAILABLE);
	assert_non_null(strstr(store_error(c->store), fault_path(c)));
	assert_int_equal(fault_send(c, "two"), STORE_UNAVAILABLE);
	slow_vfs_break(false);
	/* Not by the log alone, which may have a hole now. */
	slow_vfs_counts(&before);
	assert_ok(fault_send(c, "two"));
	slow_vfs_counts(&after);
	assert_true(after.file_writes > before.file_writes);
	assert_ok(fault_send(c, "three"));
	slow_vfs_counts(&before);
	assert_int_equal(after.file_writes, before.file_writes);
	contract_assert_clean(c->store);
}

/* ---- events ---- */

static bool ignore_message(const struct store_message *message, void *context)
{
	(void)message;
	(*(int *)context)++;
	return true;
}

static bool ignore_change(const struct store_change *change,
			  const struct store_conversation *in, void *context)
{
	(void)change;
	(void)in;
	(*(int *)context)++;
	return true;
}

static bool ignore_marks(const struct store_read_marks *marks, void *context)
{
	(void)marks;
	(*(int *)context)++;
	return true;
}

static struct store_recent ask_recent(struct contract *c, const char *after,
				      int *count)
{
	struct store_recent recent = {
		.limit = 5000,
		.message = ignore_message,
		.change = ignore_change,
		.marks = ignore_marks,
		.context = count,
	};
	bool more;

	*count = 0;
	memcpy(recent.after, after, ID_SIZE);
	assert_ok(store_recent(c->store, &recent, &more));
	return recent;
}

static void what_happened_is_forgotten_after_a_day_and_said_so(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");
	struct store_read_marks marks;
	char before[ID_SIZE], after[ID_SIZE];
	int64_t then = c->now;
	int count;

	assert_ok(store_newest(c->store, before));
	assert_ok(store_mark_read(c->store, AS(c->bob), place.conversation,
				  &(struct store_reach){1, 1}, ++c->now,
				  &marks));
	c->now += DAY_MS;
	contract_place(c, c->ann, c->bob, "y");
	assert_ok(store_newest(c->store, after));
	assert_ok(store_mark_read(c->store, AS(c->bob), place.conversation,
				  &(struct store_reach){2, 2}, ++c->now,
				  &marks));
	keep(c->store, then + DAY_MS - 1000);
	assert_false(ask_recent(c, before, &count).lost);
	assert_int_equal(count, 3);
	contract_reopen(c);
	keep(c->store, then + DAY_MS + 1000);
	assert_true(ask_recent(c, before, &count).lost);
	assert_int_equal(count, 2);
	assert_false(ask_recent(c, after, &count).lost);
	assert_int_equal(count, 1);
}

static void the_newest_event_stays_for_no_position_may_be_below_it(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");
	struct store_read_marks marks;
	char newest[ID_SIZE], still[ID_SIZE];

	assert_ok(store_mark_read(c->store, AS(c->bob), place.conversation,
				  &(struct store_reach){1, 1}, ++c->now,
				  &marks));
	assert_ok(store_newest(c->store, newest));
	keep(c->store, c->now + 3 * DAY_MS);
	contract_reopen(c);
	assert_ok(store_newest(c->store, still));
	assert_string_equal(still, newest);
}

/* ---- what is searched ---- */

/* Is it anywhere in the file, all of which is in it? */
static bool file_has(struct contract *c, const char *word)
{
	sqlite3 *raw = fault_open_raw(c);
	bool has = false;
	char *bytes;
	size_t size;
	FILE *file;

	fault_run_raw(raw, "PRAGMA wal_checkpoint(TRUNCATE)");
	sqlite3_close(raw);
	size = (size_t)size_of(c, "");
	bytes = xmalloc(size);
	file = fopen(fault_path(c), "rb");
	assert_int_equal(fread(bytes, 1, size, file), size);
	fclose(file);
	has = memmem(bytes, size, word, strlen(word)) != NULL;
	free(bytes);
	return has;
}

static void words_that_are_gone_leave_the_file_after_a_day(void **state)
{
	struct contract *c = *state;
	struct contract_place said =
		contract_place(c, c->ann, c->bob, "zanzibar");

	contract_place(c, c->ann, c->bob, "something that stays");
	contract_reopen(c);
	keep(c->store, c->now);
	contract_edit(c, c->ann, said.id, NULL);
	assert_true(file_has(c, "zanzibar"));
	contract_reopen(c);
	keep(c->store, c->now);
	contract_reopen(c);
	keep(c->store, c->now + DAY_MS / 2);
	assert_true(file_has(c, "zanzibar"));
	contract_reopen(c);
	for (int i = 0; i < 5; i++)
		keep(c->store, c->now + 2 * DAY_MS);
	assert_false(file_has(c, "zanzibar"));
	assert_true(file_has(c, "something"));
}

#define SAID_BEFORE 500

static int64_t count_indexed(struct contract *c)
{
	sqlite3 *raw = fault_open_raw(c);
	sqlite3_stmt *stmt;
	int64_t count;

	assert_int_equal(
		sqlite3_prepare_v2(
			raw,
			"SELECT count(*) FROM message WHERE lower(hex(id))"
			" <= (SELECT value FROM meta"
			"  WHERE key = 'search_until')",
			-1, &stmt, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	count = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(raw);
	return count;
}

/* Each of them waits for the transaction that indexes. */
static void few_messages_are_indexed_at_once_while_others_write(void **state)
{
	struct contract *c = *state;
	struct store *other = contract_open(c);
	int64_t first, second, third;

	assert_ok(store_batch_begin(c->store));
	for (int i = 0; i < SAID_BEFORE; i++)
		contract_place(c, c->ann, c->bob, "some words");
	assert_ok(store_batch_commit(c->store));
	keep(other, c->now);
	first = count_indexed(c);
	contract_place(c, c->ann, c->bob, "and more");
	keep(other, c->now);
	second = count_indexed(c) - first;
	keep(other, c->now);
	third = count_indexed(c) - first - second;
	assert_true(first < SAID_BEFORE / 4);
	assert_int_equal(second, first);
	assert_true(third > second);
	store_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(no_commit_copies_the_log_and_housekeeping_does),
		CONTRACT_TEST(
			the_log_stays_short_though_writing_and_reading_never_ends),
		CONTRACT_TEST(
			a_long_reader_is_named_and_then_the_log_gets_short),
		CONTRACT_TEST(
			writers_sync_beside_each_other_and_each_before_its_answer),
		CONTRACT_TEST(
			on_a_disk_that_takes_long_for_a_sync_all_write_in_time),
		CONTRACT_TEST(
			a_commit_that_could_not_be_synced_is_not_acknowledged),
		CONTRACT_TEST(
			what_happened_is_forgotten_after_a_day_and_said_so),
		CONTRACT_TEST(
			the_newest_event_stays_for_no_position_may_be_below_it),
		CONTRACT_TEST(words_that_are_gone_leave_the_file_after_a_day),
		CONTRACT_TEST(
			few_messages_are_indexed_at_once_while_others_write),
	};

	slow_vfs_use(0);
	return contract_run_on("sqlite", "SQLite's housekeeping", tests,
			       COUNT_OF(tests));
}
