/*
 * Promise 1 at its narrowest: a process killed right before or after the
 * commit. This program's parent never writes a message, so that its children
 * are the first to pass a kill point and read the variable.
 */
#include "killed.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mem.h"

#define MESSAGES 60
#define BATCH 4

/* ---- one message, killed at an exact place ---- */

static enum store_status send_keyed(struct contract *c, int key,
				    struct store_sent *sent)
{
	char client_id[20], text[20];
	struct store_send send = {
		.sender_name = "Ann",
		.to = c->bob,
		.content = text,
		.client_id = client_id,
		.now_ms = ++c->now,
	};

	snprintf(client_id, sizeof(client_id), "k%d", key);
	snprintf(text, sizeof(text), "%d", key);
	return store_send(c->store, AS(c->ann), &send, sent);
}

static int send_three(struct contract *c, int number, int report)
{
	(void)number;
	for (int key = 0; key < 3; key++) {
		struct store_sent sent;

		if (send_keyed(c, key, &sent) != STORE_OK)
			return 1;
		dprintf(report, "%d\n", key);
		store_sent_done(&sent);
	}
	return 0;
}

static size_t stored(struct contract *c, struct contract_rows *rows)
{
	char direct[ID_SIZE];

	id_direct(c->ann, c->bob, direct);
	assert_ok(store_messages(c->store, AS(c->ann), direct,
				 RANGE(1, INT64_MAX), contract_each_message,
				 rows));
	return rows->messages;
}

/* Killed at the second message: how many are stored, of one acknowledged? */
static void assert_stored(struct contract *c, const char *rule, size_t count)
{
	struct contract_rows *rows = contract_rows_new();

	killed_says(c, send_three, rule, SAYS(0));
	assert_int_equal(stored(c, rows), count);
	contract_rows_free(rows);
}

static void killed_before_the_commit_it_was_never_there(void **state)
{
	assert_stored(*state, "before-commit:@2", 1);
}

static void killed_after_the_commit_it_is_there(void **state)
{
	assert_stored(*state, "after-commit:@2", 2);
}

/* ---- a sender that starts again and again until all is acknowledged ---- */

static int first_missing; /* the parent's memory of what is acknowledged */

static int send_rest(struct contract *c, int number, int report)
{
	(void)number;
	for (int key = first_missing; key < MESSAGES;) {
		int last = key + BATCH < MESSAGES ? key + BATCH : MESSAGES;

		if (store_batch_begin(c->store) != STORE_OK)
			return 1;
		for (int i = key; i < last; i++) {
			struct store_sent sent;

			if (send_keyed(c, i, &sent) != STORE_OK)
				return 2;
			store_sent_done(&sent);
		}
		if (store_batch_commit(c->store) != STORE_OK)
			return 3;
		for (; key < last; key++)
			dprintf(report, "%d\n", key);
	}
	return 0;
}

static void assert_in_order_once(struct contract *c)
{
	struct contract_rows *rows = contract_rows_new();

	assert_int_equal(stored(c, rows), MESSAGES);
	for (int i = 0; i < MESSAGES; i++) {
		char text[20];

		snprintf(text, sizeof(text), "%d", i);
		assert_string_equal(rows->message[i].content, text);
	}
	contract_rows_free(rows);
}

static void send_until_done(struct contract *c, const char *rule, int *kills)
{
	setenv(KILLED_BY, rule, 1);
	for (first_missing = 0; first_missing < MESSAGES;) {
		struct children children;
		int statuses[CHILDREN_MAX];
		int key;

		children_start(&children, c, 1, send_rest);
		FILE *in = fdopen(dup(children.report), "r");

		while (fscanf(in, "%d", &key) == 1) {
			assert_int_equal(key, first_missing);
			first_missing++;
		}
		fclose(in);
		children_wait(&children, c, statuses);
		assert_true(statuses[0] == 0 || WIFSIGNALED(statuses[0]));
		*kills += WIFSIGNALED(statuses[0]);
		contract_assert_clean(c->store);
	}
	unsetenv(KILLED_BY);
}

/* Two batches of fifteen are acknowledged before the third kills. */
static void assert_once_for_all_kills(struct contract *c, const char *rule)
{
	int kills = 0;

	send_until_done(c, rule, &kills);
	assert_in_order_once(c);
	assert_in_range(kills, 4, 7);
}

static void what_is_sent_again_after_a_kill_before_commit_is_there(void **s)
{
	assert_once_for_all_kills(*s, "before-commit:@3");
}

static void
what_is_sent_again_after_a_kill_behind_commit_is_there_once(void **s)
{
	assert_once_for_all_kills(*s, "after-commit:@3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(killed_before_the_commit_it_was_never_there),
		CONTRACT_TEST(killed_after_the_commit_it_is_there),
		CONTRACT_TEST(
			what_is_sent_again_after_a_kill_before_commit_is_there),
		CONTRACT_TEST(
			what_is_sent_again_after_a_kill_behind_commit_is_there_once),
	};

	return contract_run("kill", tests, COUNT_OF(tests));
}
