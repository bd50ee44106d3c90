/* Promises 2 and 3 under several processes that write messages at once. */
#include "backends.h"
#include "children.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"

#define WRITERS 4
#define EACH 60

/* In a child there is no cmocka: a failed step is an exit status. */
static enum store_status send_once(struct contract *c, const char *from,
				   const char *to, const char *client_id,
				   struct store_sent *sent)
{
	struct store_send send = {
		.sender_name = "n",
		.to = to,
		.content = "x",
		.client_id = client_id,
		.now_ms = ++c->now,
	};

	return store_send(c->store, AS(from), &send, sent);
}

static enum store_status send_text(struct contract *c, const char *from,
				   const char *to, const char *client_id,
				   struct store_sent *sent)
{
	enum store_status status;
	int tries = 0;

	do
		status = send_once(c, from, to, client_id, sent);
	while (children_try_again(status, &tries));
	return status;
}

/* What each sends has a name, so that it can be tried again. */
static const char *name_of(int number, int i, char out[24])
{
	snprintf(out, 24, "%d-%d", number, i);
	return out;
}

/* ---- no hole, no repeat ---- */

static int write_many(struct contract *c, int number, int report)
{
	const char *from = number % 2 ? c->ann : c->bob;
	const char *to = number % 2 ? c->bob : c->ann;

	for (int i = 0; i < EACH; i++) {
		struct store_sent sent;
		char name[24];

		if (send_text(c, from, to, name_of(number, i, name), &sent) !=
		    STORE_OK)
			return 1;
		dprintf(report, "%lld\n", (long long)sent.message.seq);
		store_sent_done(&sent);
	}
	return 0;
}

/* Sixteen per commit, one refused among them. */
static enum store_status write_batch(struct contract *c, int number, int first,
				     int last, int64_t *seq)
{
	const char *from = number % 2 ? c->ann : c->bob;
	const char *to = number % 2 ? c->bob : c->ann;
	enum store_status status = store_batch_begin(c->store);
	struct store_sent sent;
	char name[24];

	if (status != STORE_OK)
		return status;
	status = send_once(c, from, "nobody", NULL, &sent);
	if (status == STORE_NOT_FOUND)
		status = STORE_OK;
	for (int i = first; i < last && status == STORE_OK; i++) {
		status =
			send_once(c, from, to, name_of(number, i, name), &sent);
		seq[i] = sent.message.seq;
		if (status == STORE_OK)
			store_sent_done(&sent);
	}
	if (status == STORE_OK)
		return store_batch_commit(c->store);
	store_batch_rollback(c->store);
	return status;
}

static int write_batches(struct contract *c, int number, int report)
{
	int64_t seq[EACH];

	for (int i = 0, last; i < EACH; i = last) {
		enum store_status status;
		int tries = 0;

		last = i + 16 < EACH ? i + 16 : EACH;
		do
			status = write_batch(c, number, i, last, seq);
		while (children_try_again(status, &tries));
		if (status != STORE_OK)
			return 1;
		for (int j = i; j < last; j++)
			dprintf(report, "%lld\n", (long long)seq[j]);
	}
	return 0;
}

static void assert_each_seq_once(struct contract *c, child_main *run)
{
	bool seen[WRITERS * EACH + 1] = {false};
	struct contract_rows *rows = contract_rows_new();
	struct children children;
	char direct[ID_SIZE];
	long long seq;
	int count = 0;

	children_start(&children, c, WRITERS, run);
	FILE *in = fdopen(dup(children.report), "r");

	for (; fscanf(in, "%lld", &seq) == 1; count++) {
		assert_in_range(seq, 1, WRITERS * EACH);
		assert_false(seen[seq]);
		seen[seq] = true;
	}
	fclose(in);
	children_wait(&children, c, NULL);
	assert_int_equal(count, WRITERS * EACH);
	id_direct(c->ann, c->bob, direct);
	assert_ok(store_messages(c->store, AS(c->ann), direct,
				 RANGE(1, INT64_MAX), contract_each_message,
				 rows));
	assert_int_equal(rows->messages, WRITERS * EACH);
	contract_rows_free(rows);
}

static void writers_at_once_leave_no_hole_and_no_repeat(void **state)
{
	assert_each_seq_once(*state, write_many);
}

static void batches_at_once_leave_no_hole_and_no_repeat(void **state)
{
	assert_each_seq_once(*state, write_batches);
}

/* ---- racing first messages ---- */

static int open_direct(struct contract *c, int number, int report)
{
	const char *from = number % 2 ? c->ann : c->bob;
	const char *to = number % 2 ? c->bob : c->ann;
	struct store_sent sent;
	char name[24];

	if (send_text(c, from, to, name_of(number, 0, name), &sent) != STORE_OK)
		return 1;
	dprintf(report, "%s %d\n", sent.message.conversation, sent.opened);
	store_sent_done(&sent);
	return 0;
}

static void racing_first_messages_make_one_direct_conversation(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	char direct[ID_SIZE], got[100];
	struct children children;
	int opened, openings = 0, count = 0;

	id_direct(c->ann, c->bob, direct);
	children_start(&children, c, 8, open_direct);
	FILE *in = fdopen(dup(children.report), "r");

	for (; fscanf(in, "%99s %d", got, &opened) == 2; count++) {
		assert_string_equal(got, direct);
		openings += opened;
	}
	fclose(in);
	children_wait(&children, c, NULL);
	assert_int_equal(count, 8);
	assert_int_equal(openings, 1);
	assert_ok(store_conversations(c->store, AS(c->ann), LIST(10),
				      contract_each_conversation, rows));
	assert_int_equal(rows->conversations, 1);
	assert_int_equal(rows->conversation[0].last_seq, 8);
	contract_rows_free(rows);
}

/* ---- one clientId, many at once ---- */

static int send_the_same(struct contract *c, int number, int report)
{
	(void)number;
	for (int i = 0; i < 10; i++) {
		struct store_sent sent;

		if (send_text(c, c->ann, c->bob, "k", &sent) != STORE_OK)
			return 1;
		dprintf(report, "%s %d\n", sent.message.id, sent.duplicate);
		store_sent_done(&sent);
	}
	return 0;
}

static void one_client_id_sent_by_many_at_once_is_one_message(void **state)
{
	struct contract *c = *state;
	char first[100] = "", got[100];
	struct children children;
	int duplicate, originals = 0, count = 0;

	children_start(&children, c, 5, send_the_same);
	FILE *in = fdopen(dup(children.report), "r");

	for (; fscanf(in, "%99s %d", got, &duplicate) == 2; count++) {
		if (first[0] == '\0')
			strcpy(first, got);
		assert_string_equal(got, first);
		originals += !duplicate;
	}
	fclose(in);
	children_wait(&children, c, NULL);
	assert_int_equal(count, 50);
	assert_int_equal(originals, 1);
}

/* ---- changes at once ---- */

static int edit_many(struct contract *c, int number, int report)
{
	struct store_sent sent;
	struct store_change change;
	char text[20], name[24];

	(void)report;
	if (send_text(c, number % 2 ? c->ann : c->bob,
		      number % 2 ? c->bob : c->ann, name_of(number, 0, name),
		      &sent) != STORE_OK)
		return 1;
	for (int i = 0; i < 20; i++) {
		const struct store_edit edit = {
			.kind = CHANGE_EDIT,
			.content = text,
			.now_ms = ++c->now,
		};
		enum store_status status;
		int tries = 0;

		snprintf(text, sizeof(text), "%d", i);
		do
			status = store_message_change(
				c->store, AS(sent.message.sender),
				sent.message.id, &edit, &change);
		while (children_try_again(status, &tries));
		if (status != STORE_OK)
			return 2;
		store_change_done(&change);
	}
	store_sent_done(&sent);
	return 0;
}

static void changes_at_once_are_numbered_without_hole_or_repeat(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	struct children children;
	char direct[ID_SIZE];

	id_direct(c->ann, c->bob, direct);
	children_start(&children, c, WRITERS, edit_many);
	children_wait(&children, c, NULL);
	assert_ok(store_changes(c->store, AS(c->ann), direct,
				RANGE(1, INT64_MAX), contract_each_change,
				rows));
	assert_int_equal(rows->changes, WRITERS * 20);
	for (size_t i = 0; i < rows->changes; i++) {
		assert_int_equal(rows->change[i].change, i + 1);
		assert_string_equal(rows->change[i].message.content, "19");
	}
	contract_rows_free(rows);
}

/* ---- starting at once ---- */

static int prepare(struct contract *c, int number, int report)
{
	char epoch[ID_SIZE];
	char *error = store_prepare(c->store);

	(void)number;
	/* Of nodes that start at once one may be all that the backend has. */
	if (error != NULL && strstr(error, "used by another node") != NULL) {
		free(error);
		return 0;
	}
	if (error != NULL) {
		fprintf(stderr, "%s\n", error);
		return 1;
	}
	if (store_epoch(c->store, epoch) != STORE_OK)
		return 2;
	dprintf(report, "%s\n", epoch);
	return 0;
}

static void many_prepare_a_new_store_at_once_and_agree(void **state)
{
	struct contract *c = *state;

	for (int round = 0; round < 30; round++) {
		struct contract fresh = *c;
		char first[100] = "", got[100];
		struct children children;
		int count = 0;

		fresh.uri = xasprintf("%s-%d", c->uri, round);
		fresh.store = NULL;
		children_start(&children, &fresh, 6, prepare);
		FILE *in = fdopen(dup(children.report), "r");

		for (; fscanf(in, "%99s", got) == 1; count++) {
			if (first[0] == '\0')
				strcpy(first, got);
			assert_string_equal(got, first);
		}
		fclose(in);
		children_wait(&children, &fresh, NULL);
		assert_true(id_valid(first));
		store_free(fresh.store);
		/* SQLite's are in the folder of the first one. */
		if (strcmp(contract_backend()->name, "sqlite") == 0)
			assert_int_equal(count, 6);
		else
			contract_backend()->destroy(fresh.uri);
		free(fresh.uri);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(writers_at_once_leave_no_hole_and_no_repeat),
		CONTRACT_TEST(batches_at_once_leave_no_hole_and_no_repeat),
		CONTRACT_TEST(
			racing_first_messages_make_one_direct_conversation),
		CONTRACT_TEST(
			one_client_id_sent_by_many_at_once_is_one_message),
		CONTRACT_TEST(
			changes_at_once_are_numbered_without_hole_or_repeat),
		CONTRACT_TEST(many_prepare_a_new_store_at_once_and_agree),
	};

	return contract_run("processes", tests, COUNT_OF(tests));
}
