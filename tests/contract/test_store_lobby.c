/* The lobby: everyone is in it by their role, and only its end is kept. */
#include "contract.h"

#include <string.h>

#include "mem.h"
#include "palabre_limits.h"

#define GUEST(user) (&(const struct store_viewer){(user), ROLE_GUEST})
#define BEYOND 30 /* messages that nobody sees any more */

static struct contract_rows *read_all(struct contract *c)
{
	struct contract_rows *rows = contract_rows_new();

	assert_ok(store_messages(c->store, AS(c->cat), ID_LOBBY,
				 RANGE(1, LIMIT_NUMBER), contract_each_message,
				 rows));
	return rows;
}

static void its_first_message_makes_it_and_all_see_it(void **state)
{
	struct contract *c = *state;
	struct store_conversation seen;
	struct store_read_marks marks;
	struct store_sent sent;

	assert_int_equal(
		store_conversation_get(c->store, AS(c->ann), ID_LOBBY, &seen),
		STORE_NOT_FOUND);
	sent = contract_say_in_lobby(c, GUEST(c->ann), "hello");
	assert_true(sent.opened);
	assert_int_equal(sent.message.conversation_kind, CONVERSATION_LOBBY);
	assert_string_equal(sent.marks.user_id, "");
	store_sent_done(&sent);
	sent = contract_say_in_lobby(c, AS(c->bob), "hello");
	assert_false(sent.opened);
	assert_int_equal(sent.message.seq, 2);
	store_sent_done(&sent);
	assert_ok(store_conversation_get(c->store, GUEST(c->cat), ID_LOBBY,
					 &seen));
	assert_int_equal(seen.member_count, 0);
	assert_int_equal(seen.last_seq, 2);
	store_conversation_done(&seen);
	assert_int_equal(store_mark_read(c->store, AS(c->cat), ID_LOBBY,
					 &(struct store_reach){1, 1}, ++c->now,
					 &marks),
			 STORE_NOT_FOUND);
}

/* The last but a few answers one that goes then. */
static void fill(struct contract *c)
{
	char id[ID_SIZE];

	assert_ok(store_batch_begin(c->store));
	for (int i = 1; i <= LIMIT_LOBBY + BEYOND; i++) {
		struct store_sent sent;
		struct store_send send = {
			.sender_name = "x",
			.conversation = ID_LOBBY,
			.content = "hello",
			.now_ms = ++c->now,
		};

		if (i == LIMIT_LOBBY - 1)
			send.reply_to = id;
		assert_ok(store_send(c->store, AS(c->ann), &send, &sent));
		if (i == 5)
			memcpy(id, sent.message.id, ID_SIZE);
		store_sent_done(&sent);
	}
	assert_ok(store_batch_commit(c->store));
}

static void edit_first(struct contract *c)
{
	struct contract_rows *rows = contract_rows_new();

	assert_ok(store_messages(c->store, AS(c->ann), ID_LOBBY, RANGE(1, 1),
				 contract_each_message, rows));
	contract_edit(c, c->ann, rows->message[0].id, "edited");
	contract_rows_free(rows);
}

static size_t trim(struct contract *c, size_t limit)
{
	size_t count;

	assert_ok(store_lobby_trim(c->store, limit, &count));
	return count;
}

static void only_its_end_is_seen_and_kept(void **state)
{
	struct contract *c = *state;
	struct store_conversation seen;
	struct contract_rows *rows;
	struct store_sent sent = contract_say_in_lobby(c, AS(c->ann), "hello");

	store_sent_done(&sent);
	edit_first(c);
	assert_int_equal(trim(c, 100), 0);
	fill(c);
	rows = read_all(c);
	assert_int_equal(rows->messages, LIMIT_LOBBY);
	assert_int_equal(rows->message[0].seq, BEYOND + 2);
	contract_rows_free(rows);
	assert_int_equal(trim(c, BEYOND - 9), BEYOND - 9);
	assert_int_equal(trim(c, 100), 10);
	assert_int_equal(trim(c, 100), 0);
	rows = read_all(c);
	assert_int_equal(rows->messages, LIMIT_LOBBY);
	contract_rows_free(rows);
	assert_ok(
		store_conversation_get(c->store, AS(c->bob), ID_LOBBY, &seen));
	assert_int_equal(seen.first_seq, BEYOND + 2);
	assert_int_equal(seen.last_change, 1);
	store_conversation_done(&seen);
	contract_assert_clean(c->store);
	sent = contract_say_in_lobby(c, AS(c->ann), "hello");
	assert_int_equal(sent.message.seq, LIMIT_LOBBY + BEYOND + 2);
	store_sent_done(&sent);
}

static void react(struct contract *c, const char *user, const char *id, bool on)
{
	const struct store_reaction reaction = {"\U0001f44d", on, ++c->now};
	struct store_change change;

	assert_ok(store_message_react(c->store, AS(user), id, &reaction,
				      &change));
	store_change_done(&change);
}

/* Of what is there, and of what is there no more. */
static void who_is_erased_leaves_no_reaction_in_it(void **state)
{
	struct contract *c = *state;
	struct store_sent sent = contract_say_in_lobby(c, AS(c->ann), "hello");
	struct contract_rows *rows = contract_rows_new();

	react(c, c->bob, sent.message.id, true);
	react(c, c->cat, sent.message.id, true);
	react(c, c->cat, sent.message.id, false);
	contract_erase(c, c->cat);
	assert_ok(store_changes(c->store, AS(c->ann), ID_LOBBY,
				RANGE(1, LIMIT_NUMBER), contract_each_change,
				rows));
	assert_int_equal(rows->changes, 3);
	assert_non_null(rows->change[0].emoji);
	assert_null(rows->change[1].emoji);
	assert_null(rows->change[2].emoji);
	store_sent_done(&sent);
	contract_rows_free(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(its_first_message_makes_it_and_all_see_it),
		CONTRACT_TEST(only_its_end_is_seen_and_kept),
		CONTRACT_TEST(who_is_erased_leaves_no_reaction_in_it),
	};

	return contract_run("lobby", tests, COUNT_OF(tests));
}
