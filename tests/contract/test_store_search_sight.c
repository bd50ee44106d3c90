/* Who finds what was said: as they may read it, wherever it was. */
#include "found.h"
#include "group.h"

#include <stdlib.h>

#include "mem.h"

static void the_lobby_is_looked_through_as_well(void **state)
{
	struct contract *c = *state;
	struct store_search from = {.from = c->ann, .limit = 9};
	char *found;

	contract_place(c, c->ann, c->bob, "apple for bob");
	contract_place_in_lobby(c, c->bob, "apple for all");
	found_assert_always(c, "apple", "apple for all|apple for bob");
	found_assert(c, c->cat, "apple", "apple for all");
	found = found_pages(c, c->bob, "apple", from, 1);
	assert_string_equal(found, "apple for bob");
	free(found);
}

/* Each look at it is written down, and this would be none. */
static void operators_find_nothing_of_support_by_their_role(void **state)
{
	struct contract *c = *state;
	const struct store_viewer boss = {c->bob, ROLE_OPERATOR};
	struct contract_place place =
		contract_place(c, c->ann, ID_SERVER, "apple help");
	struct contract_rows *rows = contract_rows_new();
	struct store_terms terms;
	struct store_search all = {.terms = &terms, .limit = 9};
	struct store_search one = {.terms = &terms,
				   .conversation = place.conversation,
				   .limit = 9};

	assert_true(store_terms_read("apple", &terms));
	assert_ok(store_search(c->store, &boss, &all, contract_each_message,
			       rows));
	assert_int_equal(rows->messages, 0);
	assert_int_equal(store_search(c->store, &boss, &one,
				      contract_each_message, rows),
			 STORE_NOT_FOUND);
	contract_rows_free(rows);
}

static void an_edit_a_deletion_and_an_erase_are_followed(void **state)
{
	struct contract *c = *state;
	struct contract_place one = contract_place(c, c->ann, c->bob, "apple");
	struct contract_place two =
		contract_place(c, c->ann, c->bob, "apple 2");

	for (int i = 0; i < 2; i++) {
		contract_edit(c, c->ann, one.id, i == 0 ? "pear" : "plum");
		found_assert(c, c->bob, "apple", "apple 2");
		found_assert(c, c->bob, i == 0 ? "pear" : "plum",
			     i == 0 ? "pear" : "plum");
		if (i == 1)
			found_assert(c, c->bob, "pear", "");
		found_keep(c);
	}
	contract_edit(c, c->ann, two.id, NULL);
	found_assert(c, c->bob, "apple", "");
	found_keep(c);
	found_assert(c, c->bob, "plum", "plum");
}

static void a_hidden_edit_is_found_by_its_sender(void **state)
{
	struct contract *c = *state;
	struct contract_place place =
		contract_place(c, c->bob, c->ann, "apple");

	contract_block(c, c->ann, c->bob, true);
	contract_edit(c, c->bob, place.id, "pear");
	for (int i = 0; i < 2; i++) {
		found_assert(c, c->bob, "pear", "pear");
		found_assert(c, c->bob, "apple", "");
		found_assert(c, c->ann, "pear", "");
		found_assert(c, c->ann, "apple", "apple");
		found_keep(c);
	}
	contract_edit(c, c->bob, place.id, "plum");
	found_assert(c, c->bob, "pear", "");
	found_assert(c, c->bob, "plum", "plum");
	found_assert(c, c->ann, "apple", "apple");
}

static void nobody_finds_what_somebody_erased_wrote(void **state)
{
	struct contract *c = *state;
	contract_place(c, c->ann, c->bob, "apple");
	contract_place(c, c->bob, c->ann, "apple pie");
	found_keep(c);
	contract_place(c, c->ann, c->bob, "apple juice");
	contract_erase(c, c->ann);
	found_assert(c, c->bob, "apple", "apple pie");
	found_keep(c);
	found_assert(c, c->bob, "apple", "apple pie");
}

static void what_is_hidden_only_its_sender_finds(void **state)
{
	struct contract *c = *state;
	contract_place(c, c->ann, c->bob, "apple one");
	contract_block(c, c->bob, c->ann, true);
	contract_place(c, c->ann, c->bob, "apple two");
	for (int i = 0; i < 2; i++) {
		found_assert(c, c->bob, "apple", "apple one");
		found_assert(c, c->ann, "apple", "apple two|apple one");
		found_keep(c);
	}
}

static void who_came_late_finds_nothing_of_what_was_before(void **state)
{
	struct contract *c = *state;
	char id[ID_SIZE];
	struct store_send send = {.sender_name = "x", .conversation = id};

	group_make_of(c, c->ann, NULL, 0, id);
	send.content = "apple before";
	send.now_ms = ++c->now;
	assert_ok(contract_try(c, c->ann, &send));
	group_assert_done(c, c->ann, id, GROUP_ADDED, c->bob, "Bob");
	send.content = "apple after";
	send.now_ms = ++c->now;
	assert_ok(contract_try(c, c->ann, &send));
	for (int i = 0; i < 2; i++) {
		found_assert(c, c->bob, "apple", "apple after");
		found_assert(c, c->ann, "apple", "apple after|apple before");
		found_assert(c, c->cat, "apple", "");
		found_keep(c);
	}
}

static void it_is_of_one_conversation_or_person_where_one_says_so(void **state)
{
	struct contract *c = *state;
	struct contract_place with_bob =
		contract_place(c, c->ann, c->bob, "apple one");
	struct store_search in = {.conversation = with_bob.conversation,
				  .limit = 9};
	struct store_search from = {.from = c->cat, .limit = 9};
	struct store_search both = {.conversation = with_bob.conversation,
				    .from = c->bob,
				    .limit = 9};
	struct store_terms terms;

	contract_place(c, c->cat, c->ann, "apple two");
	contract_place(c, c->bob, c->ann, "apple three");
	assert_true(store_terms_read("apple", &terms));
	for (int i = 0; i < 2; i++) {
		char *found[] = {
			found_pages(c, c->ann, "apple", in, 1),
			found_pages(c, c->ann, "apple", from, 1),
			found_pages(c, c->ann, "apple", both, 1),
		};

		assert_string_equal(found[0], "apple three|apple one");
		assert_string_equal(found[1], "apple two");
		assert_string_equal(found[2], "apple three");
		for (size_t n = 0; n < COUNT_OF(found); n++)
			free(found[n]);
		in.terms = &terms;
		assert_int_equal(store_search(c->store, AS(c->cat), &in,
					      contract_each_message, NULL),
				 STORE_NOT_FOUND);
		found_keep(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(the_lobby_is_looked_through_as_well),
		CONTRACT_TEST(operators_find_nothing_of_support_by_their_role),
		CONTRACT_TEST(an_edit_a_deletion_and_an_erase_are_followed),
		CONTRACT_TEST(a_hidden_edit_is_found_by_its_sender),
		CONTRACT_TEST(nobody_finds_what_somebody_erased_wrote),
		CONTRACT_TEST(what_is_hidden_only_its_sender_finds),
		CONTRACT_TEST(who_came_late_finds_nothing_of_what_was_before),
		CONTRACT_TEST(
			it_is_of_one_conversation_or_person_where_one_says_so),
	};

	return contract_run("who finds what", tests, COUNT_OF(tests));
}
