/*
 * A process killed between two of its writes on MongoDB: nothing wrong is seen,
 * and the next who comes by, reading or writing, mends what it left.
 *
 * Kill points are read once in a process, so this one passes none: whatever
 * writes, or mends a change, is a child.
 */
#include "children.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "mem.h"
#include "store_copy.h"
#include "store_import.h"

#define VARIABLE "PALABRE_TEST_KILL"

/* ---- children that write ---- */

static char found_id[ID_SIZE]; /* of the message to change */

static int say(struct contract *c, const char *from, const char *to,
	       const char *text)
{
	struct store_send send = {
		.sender_name = "n",
		.to = to,
		.content = text,
		.client_id = text,
		.now_ms = c->now,
	};
	struct store_sent sent;
	int64_t seq = 0;

	if (store_send(c->store, AS(from), &send, &sent) == STORE_OK) {
		seq = sent.duplicate ? -sent.message.seq : sent.message.seq;
		store_sent_done(&sent);
	}
	return (int)seq;
}

static int send_one(struct contract *c, int number, int report)
{
	(void)number;
	dprintf(report, "%d\n", say(c, c->ann, c->bob, "one"));
	return 0;
}

static int send_two(struct contract *c, int number, int report)
{
	send_one(c, number, report);
	dprintf(report, "%d\n", say(c, c->ann, c->bob, "two"));
	return 0;
}

static int send_back(struct contract *c, int number, int report)
{
	(void)number;
	dprintf(report, "%d\n", say(c, c->bob, c->ann, "back"));
	return 0;
}

static int change_to(struct contract *c, const char *text)
{
	const struct store_edit edit = {
		.kind = text != NULL ? CHANGE_EDIT : CHANGE_DELETE,
		.content = text,
		.now_ms = c->now,
	};
	struct store_change change;
	int64_t number = 0;

	if (store_message_change(c->store, AS(c->ann), found_id, &edit,
				 &change) == STORE_OK) {
		number = change.change;
		store_change_done(&change);
	}
	return (int)number;
}

static int edit_it(struct contract *c, int number, int report)
{
	(void)number;
	dprintf(report, "%d\n", change_to(c, "edited"));
	return 0;
}

static int delete_it(struct contract *c, int number, int report)
{
	(void)number;
	dprintf(report, "%d\n", change_to(c, NULL));
	return 0;
}

/* Says its change, and how long its text is. */
static int read_it(struct contract *c, int number, int report)
{
	struct store_message got;

	(void)number;
	if (store_message_get(c->store, AS(c->bob), found_id, &got) != STORE_OK)
		return 1;
	dprintf(report, "%d %zu\n", (int)got.change, strlen(got.content));
	store_message_done(&got);
	return 0;
}

/* Killed by that rule, or not at all (NULL). What it said is in numbers, of
 * which there are so many. */
static void run(struct contract *c, child_main *what, const char *rule,
		const int *numbers, size_t count)
{
	struct children children;
	int statuses[CHILDREN_MAX], number = 0;
	size_t said = 0;

	if (rule != NULL)
		setenv(VARIABLE, rule, 1);
	children_start(&children, c, 1, what);
	unsetenv(VARIABLE);
	FILE *in = fdopen(dup(children.report), "r");

	for (; fscanf(in, "%d", &number) == 1; said++)
		if (said < count)
			assert_int_equal(number, numbers[said]);
	fclose(in);
	children_wait(&children, c, statuses);
	assert_int_equal(said, count);
	if (rule != NULL)
		assert_true(WIFSIGNALED(statuses[0]) &&
			    WTERMSIG(statuses[0]) == SIGKILL);
	else
		assert_int_equal(statuses[0], 0);
}
#define SAYS(...)                                                              \
	(const int[]){__VA_ARGS__}, sizeof((int[]){__VA_ARGS__}) / sizeof(int)

#define SAYS_NOTHING (const int[]){0}, 0

/* ---- what others see ---- */

static void direct_of(struct contract *c, char id[ID_SIZE])
{
	id_direct(c->ann, c->bob, id);
}

static void assert_list_says(struct contract *c, const char *user, int64_t seq,
			     int64_t change)
{
	struct contract_rows *rows = contract_rows_new();

	assert_ok(store_conversations(c->store, AS(user), LIST(10),
				      contract_each_conversation, rows));
	assert_int_equal(rows->conversations, seq > 0);
	if (seq > 0) {
		assert_int_equal(rows->conversation[0].last_seq, seq);
		assert_int_equal(rows->conversation[0].last_change, change);
	}
	contract_rows_free(rows);
}

/* All messages up to the newest. */
static void assert_reads(struct contract *c, const char *user, size_t count)
{
	struct contract_rows *rows = contract_rows_new();
	char id[ID_SIZE];

	direct_of(c, id);
	store_messages(c->store, AS(user), id, RANGE(1, INT64_MAX),
		       contract_each_message, rows);
	assert_int_equal(rows->messages, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(rows->message[i].seq, i + 1);
	if (count > 0)
		memcpy(found_id, rows->message[count - 1].id, ID_SIZE);
	contract_rows_free(rows);
}

static void assert_changes(struct contract *c, size_t count)
{
	struct contract_rows *rows = contract_rows_new();
	char id[ID_SIZE];

	direct_of(c, id);
	assert_ok(store_changes(c->store, AS(c->bob), id, RANGE(1, INT64_MAX),
				contract_each_change, rows));
	assert_int_equal(rows->changes, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(rows->change[i].change, i + 1);
	contract_rows_free(rows);
}

/* ---- a message without its step ---- */

#define AT_SECOND "between-writes:@2"

static void who_reads_the_newest_makes_its_step(void **state)
{
	struct contract *c = *state;

	run(c, send_two, AT_SECOND, SAYS(1));
	assert_list_says(c, c->bob, 1, 0); /* nobody was told of the second */
	assert_reads(c, c->bob, 2);
	assert_list_says(c, c->bob, 2, 0);
	run(c, send_back, NULL, SAYS(3));
}

static void who_writes_next_makes_its_step(void **state)
{
	struct contract *c = *state;

	run(c, send_two, AT_SECOND, SAYS(1));
	run(c, send_back, NULL, SAYS(3));
	assert_list_says(c, c->bob, 3, 0);
	assert_reads(c, c->ann, 3);
}

static void who_sends_it_again_is_answered_the_same_message(void **state)
{
	struct contract *c = *state;

	run(c, send_two, AT_SECOND, SAYS(1));
	run(c, send_two, NULL, SAYS(-1, -2));
	assert_list_says(c, c->bob, 2, 0);
}

static void a_first_message_without_its_step_opens_nothing_yet(void **state)
{
	struct contract *c = *state;
	struct store_conversation none;
	char id[ID_SIZE];

	direct_of(c, id);
	run(c, send_one, "between-writes:@1", SAYS_NOTHING);
	assert_list_says(c, c->ann, 0, 0);
	assert_int_equal(
		store_conversation_get(c->store, AS(c->ann), id, &none),
		STORE_NOT_FOUND);
	run(c, send_back, NULL, SAYS(2));
	assert_reads(c, c->ann, 2);
	assert_list_says(c, c->ann, 2, 0);
	run(c, send_one, NULL, SAYS(-1));
}

static void a_conversation_without_a_message_is_none(void **state)
{
	struct contract *c = *state;

	run(c, send_one, "before-commit:@1", SAYS_NOTHING);
	assert_list_says(c, c->ann, 0, 0);
	run(c, send_back, NULL, SAYS(1));
	assert_list_says(c, c->ann, 1, 0);
}

static void what_was_written_lately_is_announced_and_stepped(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();

	run(c, send_two, AT_SECOND, SAYS(1));
	contract_recent(c, rows);
	assert_int_equal(rows->messages, 2);
	assert_list_says(c, c->bob, 2, 0);
	contract_rows_free(rows);
}

/* ---- a change without its number ---- */

static void an_edit_that_is_folded_in_is_numbered_by_who_reads_it(void **state)
{
	struct contract *c = *state;

	run(c, send_one, NULL, SAYS(1));
	assert_reads(c, c->bob, 1);
	run(c, edit_it, "folded:@1", SAYS_NOTHING);
	assert_list_says(c, c->bob, 1, 0);
	run(c, read_it, NULL, SAYS(1, 6));
	assert_list_says(c, c->bob, 1, 1);
	assert_changes(c, 1);
	run(c, edit_it, NULL, SAYS(1));
	run(c, delete_it, NULL, SAYS(2));
}

static bool announce_change(const struct store_change *change,
			    const struct store_conversation *conversation,
			    void *rows)
{
	(void)conversation;
	return contract_each_change(change, rows);
}

/* Says how many changes it hears of. */
static int hear_it(struct contract *c, int number, int report)
{
	struct contract_rows *rows = contract_rows_new();
	struct store_recent recent = {
		.limit = 10,
		.message = contract_each_message,
		.change = announce_change,
		.marks = contract_each_marks,
		.context = rows,
	};
	bool more;

	(void)number;
	id_floor(0, recent.after);
	if (store_recent(c->store, &recent, &more) != STORE_OK)
		return 1;
	dprintf(report, "%d\n", (int)rows->changes);
	contract_rows_free(rows);
	return 0;
}

static void an_edit_that_is_folded_in_is_announced_to_who_asks(void **state)
{
	struct contract *c = *state;

	run(c, send_one, NULL, SAYS(1));
	assert_reads(c, c->bob, 1);
	run(c, edit_it, "folded:@1", SAYS_NOTHING);
	run(c, hear_it, NULL, SAYS(1));
	assert_changes(c, 1);
}

static void an_edit_that_has_its_row_is_not_numbered_twice(void **state)
{
	struct contract *c = *state;

	run(c, send_one, NULL, SAYS(1));
	assert_reads(c, c->bob, 1);
	run(c, edit_it, "between-changes:@1", SAYS_NOTHING);
	run(c, edit_it, NULL, SAYS(1));
	run(c, delete_it, NULL, SAYS(2));
	run(c, read_it, NULL, SAYS(2, 0));
	assert_changes(c, 2);
	assert_list_says(c, c->bob, 1, 2);
}

static void a_deletion_goes_on_where_the_edit_before_it_was_left(void **state)
{
	struct contract *c = *state;

	run(c, send_one, NULL, SAYS(1));
	assert_reads(c, c->bob, 1);
	run(c, edit_it, "folded:@1", SAYS_NOTHING);
	run(c, delete_it, "folded:@1", SAYS_NOTHING);
	run(c, read_it, NULL, SAYS(2, 0));
	assert_changes(c, 2);
	run(c, delete_it, NULL, SAYS(2));
}

/* ---- a copy ---- */

static int begin_copy(struct contract *c, int number, int report)
{
	int64_t records = 0;

	(void)number;
	if (c->store->copy->begin(c->store, &records) != STORE_OK)
		return 1;
	dprintf(report, "1\n");
	return 0;
}

static void who_copies_makes_the_first_step_of_a_conversation(void **state)
{
	struct contract *c = *state;

	run(c, send_one, "between-writes:@1", SAYS_NOTHING);
	assert_list_says(c, c->ann, 0, 0);
	run(c, begin_copy, NULL, SAYS(1));
	assert_list_says(c, c->ann, 1, 0);
}

/* ---- an import ---- */

/* Says how many were added. */
static int import_all(struct contract *c, int number, int report)
{
	struct store_import_message rows[] = {
		contract_imported(c->ann, "first", 1000),
		contract_imported(c->ann, "changed", 2000),
		contract_imported(c->ann, "gone", 3000),
	};
	const struct store_import import = {
		.user = c->ann,
		.other = c->bob,
		.messages = rows,
		.count = COUNT_OF(rows),
		.now_ms = c->now,
	};
	size_t added = 0;

	(void)number;
	rows[1].read = rows[1].message.edited = true;
	rows[2].message.edited = rows[2].message.deleted = true;
	if (store_import_messages(c->store, &import, &added) != STORE_OK)
		return 1;
	dprintf(report, "%zu\n", added);
	return 0;
}

/* Changes, and whether all is as it was there. */
static int look_at_all(struct contract *c, int number, int report)
{
	struct contract_rows *rows = contract_rows_new();
	struct store_conversation seen;
	char id[ID_SIZE];

	(void)number;
	direct_of(c, id);
	store_messages(c->store, AS(c->bob), id, RANGE(1, 10),
		       contract_each_message, rows);
	store_changes(c->store, AS(c->bob), id, RANGE(1, 10),
		      contract_each_change, rows);
	dprintf(report, "%zu %zu %d %d %d\n", rows->messages, rows->changes,
		rows->message[1].edited, rows->message[2].edited,
		rows->message[2].deleted);
	contract_rows_free(rows);
	assert_ok(store_conversation_get(c->store, AS(c->bob), id, &seen));
	dprintf(report, "%d %d\n", (int)seen.me.read_seq, (int)seen.unread);
	store_conversation_done(&seen);
	return 0;
}

static void an_import_goes_on_where_it_was_left(void **state)
{
	struct contract *c = *state;

	run(c, import_all, "between-writes:@1", SAYS_NOTHING);
	assert_list_says(c, c->bob, 0, 0);
	run(c, import_all, NULL, SAYS(0));
	run(c, look_at_all, NULL, SAYS(3, 3, 1, 1, 1, 2, 1));
	run(c, import_all, NULL, SAYS(0));
	run(c, look_at_all, NULL, SAYS(3, 3, 1, 1, 1, 2, 1));
}

static void who_reads_half_an_import_sees_it_as_it_was(void **state)
{
	struct contract *c = *state;

	run(c, import_all, "between-changes:@1", SAYS_NOTHING);
	run(c, look_at_all, NULL, SAYS(3, 2, 1, 0, 1, 2, 1));
	run(c, import_all, NULL, SAYS(0));
	run(c, look_at_all, NULL, SAYS(3, 3, 1, 1, 1, 2, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(who_reads_the_newest_makes_its_step),
		CONTRACT_TEST(who_writes_next_makes_its_step),
		CONTRACT_TEST(who_sends_it_again_is_answered_the_same_message),
		CONTRACT_TEST(
			a_first_message_without_its_step_opens_nothing_yet),
		CONTRACT_TEST(a_conversation_without_a_message_is_none),
		CONTRACT_TEST(what_was_written_lately_is_announced_and_stepped),
		CONTRACT_TEST(
			an_edit_that_is_folded_in_is_numbered_by_who_reads_it),
		CONTRACT_TEST(
			an_edit_that_is_folded_in_is_announced_to_who_asks),
		CONTRACT_TEST(an_edit_that_has_its_row_is_not_numbered_twice),
		CONTRACT_TEST(
			a_deletion_goes_on_where_the_edit_before_it_was_left),
		CONTRACT_TEST(
			who_copies_makes_the_first_step_of_a_conversation),
		CONTRACT_TEST(an_import_goes_on_where_it_was_left),
		CONTRACT_TEST(who_reads_half_an_import_sees_it_as_it_was),
	};

	return contract_run_on("mongodb", "killed between writes", tests,
			       COUNT_OF(tests));
}
