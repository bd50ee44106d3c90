/* What batches and snapshots are on SQLite, where each is one transaction. No
 * caller may rely on it: on MongoDB a verb is written when it answers. */
#include "contract.h"

#include "mem.h"

static size_t count_messages(const struct contract *c, struct store *store,
			     const char *conversation)
{
	struct contract_rows *rows = contract_rows_new();
	size_t count;

	assert_ok(store_messages(store, AS(c->ann), conversation,
				 RANGE(1, INT64_MAX), contract_each_message,
				 rows));
	count = rows->messages;
	contract_rows_free(rows);
	return count;
}

/* ---- batches ---- */

static void a_batch_is_seen_by_others_when_it_is_committed(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "0");
	struct store *other = contract_open(c);

	assert_ok(store_batch_begin(c->store));
	contract_place(c, c->ann, c->bob, "1");
	contract_place(c, c->ann, c->bob, "2");
	assert_int_equal(count_messages(c, c->store, place.conversation), 3);
	assert_int_equal(count_messages(c, other, place.conversation), 1);
	assert_ok(store_batch_commit(c->store));
	assert_int_equal(count_messages(c, other, place.conversation), 3);
	store_free(other);
}

static void a_batch_rolled_back_or_left_behind_wrote_nothing(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "0");

	store_batch_rollback(c->store); /* none is under way */
	assert_ok(store_batch_begin(c->store));
	contract_place(c, c->ann, c->bob, "1");
	store_batch_rollback(c->store);
	assert_int_equal(count_messages(c, c->store, place.conversation), 1);
	assert_ok(store_batch_begin(c->store));
	contract_place(c, c->ann, c->bob, "1");
	contract_reopen(c);
	assert_int_equal(count_messages(c, c->store, place.conversation), 1);
	assert_int_equal(contract_place(c, c->ann, c->bob, "1").seq, 2);
}

/* ---- snapshots ---- */

static void reads_between_begin_and_end_see_one_state(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "0");
	struct store *reader = contract_open(c);
	struct store_conversation seen;

	assert_ok(store_read_begin(reader));
	contract_place(c, c->ann, c->bob, "1");
	assert_int_equal(count_messages(c, reader, place.conversation), 1);
	contract_place(c, c->bob, c->ann, "2");
	assert_ok(store_conversation_get(reader, AS(c->ann), place.conversation,
					 &seen));
	assert_int_equal(seen.last_seq, 1);
	store_conversation_done(&seen);
	/* Not being there is no failure: the state stays. */
	assert_int_equal(store_conversation_get(reader, AS(c->ann), "x", &seen),
			 STORE_NOT_FOUND);
	assert_int_equal(count_messages(c, reader, place.conversation), 1);
	store_read_end(reader);
	assert_int_equal(count_messages(c, reader, place.conversation), 3);
	store_free(reader);
}

/* The seq behind the newest, which is how a seek into the future ends. */
static int64_t behind_newest(struct contract *c, struct store *store,
			     const char *conversation)
{
	int64_t seq = 0;

	assert_ok(store_seek(store, AS(c->ann), conversation, INT64_MAX / 2,
			     &seq));
	return seq;
}

static void assert_not_theirs(struct store *store, const char *user,
			      const char *conversation)
{
	struct store_conversation seen;

	assert_int_equal(
		store_conversation_get(store, AS(user), conversation, &seen),
		STORE_NOT_FOUND);
	assert_int_equal(store_messages(store, AS(user), conversation,
					RANGE(1, 9), contract_each_message,
					NULL),
			 STORE_NOT_FOUND);
}

/* A snapshot keeps which conversation was found last. */
static void who_found_one_in_a_snapshot_found_it_for_nobody_else(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "0");
	struct store *reader = contract_open(c);
	struct store_conversation seen;

	for (int64_t newest = 1; newest < 4; newest++) {
		assert_ok(store_read_begin(reader));
		assert_not_theirs(reader, c->cat, place.conversation);
		assert_ok(store_conversation_get(reader, AS(c->ann),
						 place.conversation, &seen));
		assert_int_equal(seen.last_seq, newest);
		store_conversation_done(&seen);
		assert_int_equal(behind_newest(c, reader, place.conversation),
				 newest + 1);
		assert_not_theirs(reader, c->cat, place.conversation);
		store_read_end(reader);
		contract_place(c, c->ann, c->bob, "more");
		assert_int_equal(behind_newest(c, reader, place.conversation),
				 newest + 2);
	}
	store_free(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(a_batch_is_seen_by_others_when_it_is_committed),
		CONTRACT_TEST(a_batch_rolled_back_or_left_behind_wrote_nothing),
		CONTRACT_TEST(reads_between_begin_and_end_see_one_state),
		CONTRACT_TEST(
			who_found_one_in_a_snapshot_found_it_for_nobody_else),
	};

	return contract_run_on("sqlite", "sqlite spans", tests,
			       COUNT_OF(tests));
}
