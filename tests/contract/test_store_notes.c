/* A direct conversation of one member: ann's notes. */
#include "contract.h"

#include <string.h>

#include "mem.h"

static void assert_alone(struct contract *c, const char *id, int64_t last_seq)
{
	struct store_conversation seen;

	assert_ok(store_conversation_get(c->store, AS(c->ann), id, &seen));
	assert_int_equal(seen.kind, CONVERSATION_DIRECT);
	assert_int_equal(seen.member_count, 1);
	assert_string_equal(seen.members[0].user_id, c->ann);
	assert_int_equal(seen.members[0].read_seq, last_seq);
	assert_string_equal(seen.other->id, c->ann);
	assert_int_equal(seen.last_seq, last_seq);
	assert_int_equal(seen.unread, 0);
	store_conversation_done(&seen);
}

static void one_notes_something_and_has_read_it(void **state)
{
	struct contract *c = *state;
	struct store_sent sent =
		contract_say(c, c->ann, c->ann, "milk", "milk-1");
	char id[ID_SIZE];

	memcpy(id, sent.message.conversation, ID_SIZE);
	assert_true(sent.opened);
	assert_string_equal(sent.message.recipient, c->ann);
	assert_false(sent.marks.read_moved);
	store_sent_done(&sent);
	assert_alone(c, id, 1);
	sent = contract_say(c, c->ann, c->ann, "milk", "milk-1");
	assert_true(sent.duplicate);
	store_sent_done(&sent);
	assert_int_equal(contract_place(c, c->ann, c->ann, "eggs").seq, 2);
	assert_alone(c, id, 2);
}

static void they_are_in_ones_list_once_and_in_no_others(void **state)
{
	struct contract *c = *state;
	struct contract_place notes = contract_place(c, c->ann, c->ann, "x");
	struct contract_place talk = contract_place(c, c->ann, c->bob, "x");
	struct contract_rows *rows = contract_rows_new();
	struct store_conversation seen;

	assert_ok(store_conversations(c->store, AS(c->ann), LIST(9),
				      contract_each_conversation, rows));
	assert_int_equal(rows->conversations, 2);
	assert_string_equal(rows->conversation[0].id, talk.conversation);
	assert_string_equal(rows->conversation[1].id, notes.conversation);
	assert_int_equal(store_conversation_get(c->store, AS(c->bob),
						notes.conversation, &seen),
			 STORE_NOT_FOUND);
	assert_int_equal(store_messages(c->store, AS(c->bob),
					notes.conversation, RANGE(1, 9),
					contract_each_message, rows),
			 STORE_NOT_FOUND);
	assert_ok(store_contacts(c->store, AS(c->ann), 9, contract_each_id,
				 rows));
	assert_int_equal(rows->ids, 1);
	assert_string_equal(rows->id[0], c->bob);
	contract_rows_free(rows);
}

static void they_are_edited_read_and_archived_as_others_are(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->ann, "x");
	const struct store_reach reach = {.received_seq = 1, .read_seq = 1};
	struct store_read_marks marks;
	struct contract_rows *rows = contract_rows_new();

	contract_edit(c, c->ann, place.id, "y");
	contract_edit(c, c->ann, place.id, NULL);
	assert_ok(store_changes(c->store, AS(c->ann), place.conversation,
				RANGE(1, 9), contract_each_change, rows));
	assert_int_equal(rows->changes, 2);
	assert_string_equal(rows->change[1].message.recipient, c->ann);
	assert_ok(store_mark_read(c->store, AS(c->ann), place.conversation,
				  &reach, ++c->now, &marks));
	assert_false(marks.read_moved);
	contract_rows_free(rows);
}

static void they_go_with_whose_they_are(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->ann, "x");
	struct store_conversation seen;

	contract_place(c, c->bob, c->bob, "his");
	contract_erase(c, c->ann);
	assert_ok(store_conversation_get(c->store, AS(c->ann),
					 place.conversation, &seen));
	assert_string_equal(seen.last_message->content, "");
	assert_true(seen.last_message->deleted);
	store_conversation_done(&seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(one_notes_something_and_has_read_it),
		CONTRACT_TEST(they_are_in_ones_list_once_and_in_no_others),
		CONTRACT_TEST(they_are_edited_read_and_archived_as_others_are),
		CONTRACT_TEST(they_go_with_whose_they_are),
	};

	return contract_run("notes", tests, COUNT_OF(tests));
}
