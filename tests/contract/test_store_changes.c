#include "contract.h"

#include <string.h>

#include "mem.h"

static void an_edit_is_folded_in_and_numbered(void **state)
{
	struct contract *c = *state;
	struct contract_place one = contract_place(c, c->ann, c->bob, "one");
	struct contract_place two = contract_place(c, c->bob, c->ann, "two");
	struct store_change change;
	struct store_message got;

	assert_ok(store_message_change(c->store, AS(c->bob), two.id,
				       &(struct store_edit){.kind = CHANGE_EDIT,
							    .content = "zwei",
							    .now_ms = ++c->now},
				       &change));
	assert_int_equal(change.change, 1);
	store_change_done(&change);
	assert_ok(store_message_change(c->store, AS(c->ann), one.id,
				       &(struct store_edit){.kind = CHANGE_EDIT,
							    .content = "eins",
							    .now_ms = ++c->now},
				       &change));
	assert_int_equal(change.change, 2);
	assert_int_equal(change.kind, CHANGE_EDIT);
	assert_int_equal(change.created_at, c->now);
	assert_string_equal(change.conversation, one.conversation);
	assert_string_equal(change.message.id, one.id);
	assert_string_equal(change.message.content, "eins");
	assert_int_equal(change.message.seq, 1);
	assert_true(change.message.edited);
	assert_false(change.message.deleted);
	assert_ok(store_message_get(c->store, AS(c->bob), one.id, &got));
	contract_assert_same(&got, &change.message);
	store_message_done(&got);
	store_change_done(&change);
}

static void a_deleted_message_stays_without_its_text(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "oops");
	struct store_change change;
	struct store_message got;

	assert_ok(
		store_message_change(c->store, AS(c->ann), place.id,
				     &(struct store_edit){.kind = CHANGE_DELETE,
							  .content = NULL,
							  .now_ms = ++c->now},
				     &change));
	assert_int_equal(change.kind, CHANGE_DELETE);
	assert_true(change.message.deleted);
	assert_string_equal(change.message.content, "");
	assert_ok(store_message_get(c->store, AS(c->bob), place.id, &got));
	contract_assert_same(&got, &change.message);
	store_message_done(&got);
	store_change_done(&change);
	assert_int_equal(
		store_message_change(c->store, AS(c->ann), place.id,
				     &(struct store_edit){.kind = CHANGE_EDIT,
							  .content = "back",
							  .now_ms = ++c->now},
				     &change),
		STORE_FORBIDDEN);
	assert_null(change.message.content);
}

static void assert_change(struct contract *c, const char *id,
			  enum store_change_kind kind, const char *content,
			  int64_t number, int64_t at)
{
	struct store_change change;

	assert_ok(store_message_change(c->store, AS(c->ann), id,
				       &(struct store_edit){.kind = kind,
							    .content = content,
							    .now_ms = ++c->now},
				       &change));
	assert_int_equal(change.change, number);
	assert_int_equal(change.created_at, at == 0 ? c->now : at);
	store_change_done(&change);
}

static void the_same_change_again_is_the_first_one(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "a");
	int64_t at;

	assert_change(c, place.id, CHANGE_EDIT, "b", 1, 0);
	at = c->now;
	assert_change(c, place.id, CHANGE_EDIT, "b", 1, at);
	assert_change(c, place.id, CHANGE_EDIT, NULL, 1, at);
	assert_change(c, place.id, CHANGE_EDIT, "a", 2, 0);
	assert_change(c, place.id, CHANGE_DELETE, NULL, 3, 0);
	at = c->now;
	assert_change(c, place.id, CHANGE_DELETE, NULL, 3, at);
}

static void an_edit_without_a_text_keeps_it_and_counts(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "a");
	struct store_change change;

	assert_ok(store_message_change(c->store, AS(c->ann), place.id,
				       &(struct store_edit){.kind = CHANGE_EDIT,
							    .content = NULL,
							    .now_ms = ++c->now},
				       &change));
	assert_true(change.message.edited);
	assert_string_equal(change.message.content, "a");
	assert_int_equal(change.change, 1);
	store_change_done(&change);
}

static void only_its_writer_changes_a_message(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "mine");
	static const enum store_change_kind kinds[] = {CHANGE_EDIT,
						       CHANGE_DELETE};
	struct store_change change;

	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		assert_int_equal(
			store_message_change(
				c->store, AS(c->bob), place.id,
				&(struct store_edit){.kind = kinds[i],
						     .content = "x",
						     .now_ms = ++c->now},
				&change),
			STORE_FORBIDDEN);
		assert_int_equal(
			store_message_change(
				c->store, AS(c->cat), place.id,
				&(struct store_edit){.kind = kinds[i],
						     .content = "x",
						     .now_ms = ++c->now},
				&change),
			STORE_NOT_FOUND);
		assert_int_equal(
			store_message_change(
				c->store, AS(c->ann), "x",
				&(struct store_edit){.kind = kinds[i],
						     .content = "x",
						     .now_ms = ++c->now},
				&change),
			STORE_NOT_FOUND);
	}
}

static void a_range_of_changes_shows_messages_as_they_are_now(void **state)
{
	struct contract *c = *state;
	struct contract_place one = contract_place(c, c->ann, c->bob, "1");
	struct contract_place two = contract_place(c, c->ann, c->bob, "2");
	struct contract_rows *rows = contract_rows_new();

	assert_change(c, one.id, CHANGE_EDIT, "1b", 1, 0);
	assert_change(c, two.id, CHANGE_EDIT, "2b", 2, 0);
	assert_change(c, one.id, CHANGE_DELETE, NULL, 3, 0);
	assert_ok(store_changes(c->store, AS(c->ann), one.conversation,
				RANGE(1, 2), contract_each_change, rows));
	assert_int_equal(rows->changes, 2);
	assert_int_equal(rows->change[0].change, 1);
	assert_int_equal(rows->change[0].kind, CHANGE_EDIT);
	assert_string_equal(rows->change[0].message.id, one.id);
	assert_string_equal(rows->change[0].message.content, "");
	assert_true(rows->change[0].message.deleted);
	assert_string_equal(rows->change[1].conversation, one.conversation);
	assert_string_equal(rows->change[1].message.content, "2b");
	assert_string_equal(rows->change[1].message.recipient, c->bob);
	contract_rows_free(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(an_edit_is_folded_in_and_numbered),
		CONTRACT_TEST(a_deleted_message_stays_without_its_text),
		CONTRACT_TEST(the_same_change_again_is_the_first_one),
		CONTRACT_TEST(an_edit_without_a_text_keeps_it_and_counts),
		CONTRACT_TEST(only_its_writer_changes_a_message),
		CONTRACT_TEST(
			a_range_of_changes_shows_messages_as_they_are_now),
	};

	return contract_run("changes", tests, COUNT_OF(tests));
}
