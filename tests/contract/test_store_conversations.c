#include "contract.h"

#include <stdio.h>
#include <string.h>

#include "mem.h"

static struct store_read_marks move(struct contract *c, const char *user,
				    const char *conversation, int64_t received,
				    int64_t read)
{
	struct store_read_marks marks;

	assert_ok(store_mark_read(c->store, AS(user), conversation,
				  &(struct store_reach){received, read},
				  ++c->now, &marks));
	return marks;
}

static const struct store_member *
member_of(const struct store_conversation *conversation, const char *user)
{
	for (size_t i = 0; i < conversation->member_count; i++) {
		if (strcmp(conversation->members[i].user_id, user) == 0)
			return &conversation->members[i];
	}
	fail_msg("%s is no member", user);
	return NULL;
}

/* ---- conversations as a member sees them ---- */

static void a_member_sees_the_other_one_and_the_newest_message(void **state)
{
	struct contract *c = *state;
	struct store_conversation seen;

	contract_place(c, c->ann, c->bob, "old");
	struct contract_place new = contract_place(c, c->ann, c->bob, "new");

	assert_ok(store_conversation_get(c->store, AS(c->bob), new.conversation,
					 &seen));
	assert_string_equal(seen.id, new.conversation);
	assert_int_equal(seen.kind, CONVERSATION_DIRECT);
	assert_string_equal(seen.title, "");
	assert_int_equal(seen.last_seq, 2);
	assert_int_equal(seen.last_change, 0);
	assert_int_equal(seen.updated_at, c->now);
	assert_int_equal(seen.member_count, 2);
	assert_int_equal(member_of(&seen, c->ann)->read_seq, 2);
	assert_int_equal(member_of(&seen, c->bob)->read_seq, 0);
	assert_string_equal(seen.me.user_id, c->bob);
	assert_int_equal(seen.me.read_seq, 0);
	assert_int_equal(seen.me.joined_seq, 1);
	assert_false(seen.me.owner);
	assert_string_equal(seen.other->id, c->ann);
	assert_string_equal(seen.other->username, "Ann");
	assert_null(seen.other->password_hash);
	assert_string_equal(seen.last_message->id, new.id);
	assert_string_equal(seen.last_message->content, "new");
	store_conversation_done(&seen);
	assert_int_equal(store_conversation_get(c->store, AS(c->cat),
						new.conversation, &seen),
			 STORE_NOT_FOUND);
	assert_int_equal(
		store_conversation_get(c->store, AS(c->cat), "x", &seen),
		STORE_NOT_FOUND);
	assert_null(seen.title);
}

static void the_newest_message_is_shown_as_it_is_now(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "a");
	struct store_conversation seen;

	contract_edit(c, c->ann, place.id, NULL);
	assert_ok(store_conversation_get(c->store, AS(c->bob),
					 place.conversation, &seen));
	assert_true(seen.last_message->deleted);
	assert_string_equal(seen.last_message->content, "");
	assert_int_equal(seen.last_change, 1);
	store_conversation_done(&seen);
}

static void the_list_is_mine_newest_first_and_cut_at_its_limit(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	struct contract_place bob = contract_place(c, c->ann, c->bob, "1");
	struct contract_place cat = contract_place(c, c->cat, c->ann, "2");

	contract_place(c, c->bob, c->cat, "not Ann's");
	assert_ok(store_conversations(c->store, AS(c->ann), LIST(10),
				      contract_each_conversation, rows));
	assert_int_equal(rows->conversations, 2);
	assert_string_equal(rows->conversation[0].id, cat.conversation);
	assert_string_equal(rows->conversation[1].id, bob.conversation);
	contract_place(c, c->bob, c->ann, "3");
	rows->conversations = 0;
	assert_ok(store_conversations(c->store, AS(c->ann), LIST(1),
				      contract_each_conversation, rows));
	assert_int_equal(rows->conversations, 1);
	assert_string_equal(rows->conversation[0].id, bob.conversation);
	assert_int_equal(rows->conversation[0].last_seq, 2);
	contract_rows_free(rows);
}

static void the_list_goes_on_behind_any_of_them(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	struct contract_place bob = contract_place(c, c->ann, c->bob, "1");
	struct contract_place cat = contract_place(c, c->cat, c->ann, "2");
	const struct store_list behind_cat = {.before = cat.conversation,
					      .limit = 10};
	const struct store_list behind_bob = {.before = bob.conversation,
					      .limit = 10};
	struct contract_place theirs =
		contract_place(c, c->bob, c->cat, "not Ann's");
	const struct store_list behind_theirs = {.before = theirs.conversation,
						 .limit = 10};
	const struct store_list behind_none = {.before = c->ann, .limit = 10};

	assert_ok(store_conversations(c->store, AS(c->ann), &behind_cat,
				      contract_each_conversation, rows));
	assert_int_equal(rows->conversations, 1);
	assert_string_equal(rows->conversation[0].id, bob.conversation);
	assert_ok(store_conversations(c->store, AS(c->ann), &behind_bob,
				      contract_each_conversation, rows));
	assert_ok(store_conversations(c->store, AS(c->ann), &behind_none,
				      contract_each_conversation, rows));
	assert_ok(store_conversations(c->store, AS(c->ann), &behind_theirs,
				      contract_each_conversation, rows));
	assert_int_equal(rows->conversations, 1);
	contract_rows_free(rows);
}

static void assert_position(struct contract *c, const char *user,
			    const char *conversation)
{
	struct store_conversation whole, position;

	assert_ok(store_conversation_get(c->store, AS(user), conversation,
					 &whole));
	assert_ok(store_conversation_position(c->store, AS(user), conversation,
					      &position));
	assert_string_equal(position.id, whole.id);
	assert_int_equal(position.kind, whole.kind);
	assert_int_equal(position.first_seq, whole.first_seq);
	assert_int_equal(position.last_seq, whole.last_seq);
	assert_int_equal(position.last_change, whole.last_change);
	assert_int_equal(position.hides, whole.hides);
	assert_int_equal(position.me.read_seq, whole.me.read_seq);
	assert_int_equal(position.member_count, whole.member_count);
	for (size_t i = 0; i < whole.member_count; i++) {
		const struct store_member *member = &position.members[i];

		assert_string_equal(member->user_id, whole.members[i].user_id);
		assert_int_equal(member->read_seq, whole.members[i].read_seq);
		assert_int_equal(member->received_seq,
				 whole.members[i].received_seq);
	}
	store_conversation_done(&whole);
	store_conversation_done(&position);
}

static void where_one_stands_is_known_without_the_rest(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "1");
	struct store_conversation seen;

	contract_place(c, c->bob, c->ann, "2");
	assert_position(c, c->ann, place.conversation);
	assert_position(c, c->bob, place.conversation);
	contract_block(c, c->ann, c->bob, true);
	contract_place(c, c->bob, c->ann, "hidden");
	assert_position(c, c->ann, place.conversation);
	assert_position(c, c->bob, place.conversation);
	assert_int_equal(store_conversation_position(c->store, AS(c->cat),
						     place.conversation, &seen),
			 STORE_NOT_FOUND);
}

static bool keep_one(const struct store_conversation *row, void *rows)
{
	contract_each_conversation(row, rows);
	return false;
}

static void a_list_ends_when_no_more_is_wanted(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();

	contract_place(c, c->ann, c->bob, "1");
	contract_place(c, c->cat, c->ann, "2");
	assert_ok(store_conversations(c->store, AS(c->ann), LIST(10), keep_one,
				      rows));
	assert_int_equal(rows->conversations, 1);
	assert_ok(store_positions(c->store, AS(c->ann), 10, keep_one, rows));
	assert_int_equal(rows->conversations, 2);
	contract_rows_free(rows);
}

static void a_long_list_keeps_its_order(void **state)
{
	struct contract *c = *state;
	struct contract_rows *whole = contract_rows_new();
	struct contract_rows *positions = contract_rows_new();
	char ids[30][ID_SIZE], name[20];

	assert_ok(store_batch_begin(c->store));
	for (size_t i = 0; i < COUNT_OF(ids); i++) {
		snprintf(name, sizeof(name), "user%zu", i);
		contract_add_user(c, name, ids[i]);
	}
	for (size_t i = 0; i < COUNT_OF(ids); i++)
		contract_place(c, ids[i * 7 % COUNT_OF(ids)], c->ann, "x");
	assert_ok(store_batch_commit(c->store));
	assert_ok(store_conversations(c->store, AS(c->ann), LIST(20),
				      contract_each_conversation, whole));
	assert_ok(store_positions(c->store, AS(c->ann), 20,
				  contract_each_conversation, positions));
	assert_int_equal(whole->conversations, 20);
	assert_int_equal(positions->conversations, 20);
	for (size_t i = 0; i < 20; i++) {
		assert_string_equal(whole->conversation[i].me.user_id, c->ann);
		assert_int_equal(whole->conversation[i].updated_at,
				 whole->conversation[0].updated_at - (int)i);
		assert_string_equal(positions->conversation[i].id,
				    whole->conversation[i].id);
	}
	contract_rows_free(whole);
	contract_rows_free(positions);
}

static void contacts_are_those_one_has_written_with(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();

	contract_place(c, c->ann, c->bob, "hi");
	contract_place(c, c->cat, c->ann, "hi");
	assert_ok(store_contacts(c->store, AS(c->bob), 10, contract_each_id,
				 rows));
	assert_int_equal(rows->ids, 1);
	assert_string_equal(rows->id[0], c->ann);
	rows->ids = 0;
	assert_ok(store_contacts(c->store, AS(c->ann), 10, contract_each_id,
				 rows));
	assert_int_equal(rows->ids, 2);
	rows->ids = 0;
	assert_ok(store_contacts(c->store, AS(c->ann), 1, contract_each_id,
				 rows));
	assert_int_equal(rows->ids, 1);
	rows->ids = 0;
	assert_ok(store_rooms(c->store, AS(c->ann), contract_each_id, rows));
	assert_int_equal(rows->ids, 0); /* direct ones are no rooms */
	contract_rows_free(rows);
}

/* ---- read marks ---- */

static void marks_only_grow_and_stay_within_what_there_is(void **state)
{
	struct contract *c = *state;
	struct contract_place place;
	struct store_read_marks p;

	for (int i = 0; i < 5; i++)
		place = contract_place(c, c->ann, c->bob, "x");
	p = move(c, c->bob, place.conversation, 3, 0);
	assert_true(p.received_moved);
	assert_false(p.read_moved);
	assert_int_equal(p.received_seq, 3);
	assert_int_equal(p.read_seq, 0);
	assert_string_equal(p.conversation, place.conversation);
	assert_string_equal(p.user_id, c->bob);
	assert_string_equal(p.other, c->ann);
	assert_int_equal(p.conversation_kind, CONVERSATION_DIRECT);
	/* What is read was received. */
	p = move(c, c->bob, place.conversation, 0, 4);
	assert_true(p.received_moved && p.read_moved);
	assert_int_equal(p.received_seq, 4);
	assert_int_equal(p.read_seq, 4);
	p = move(c, c->bob, place.conversation, 2, 1);
	assert_false(p.received_moved || p.read_moved);
	assert_int_equal(p.received_seq, 4);
	assert_int_equal(p.read_seq, 4);
	p = move(c, c->bob, place.conversation, 0, INT64_MAX);
	assert_int_equal(p.read_seq, 5);
	assert_true(p.read_moved);
	p = move(c, c->bob, place.conversation, -1, INT64_MIN);
	assert_false(p.received_moved || p.read_moved);
}

static void a_mark_names_the_newest_message_of_another(void **state)
{
	struct contract *c = *state;
	struct contract_place one = contract_place(c, c->ann, c->bob, "1");
	struct contract_place two = contract_place(c, c->ann, c->bob, "2");
	struct store_read_marks p;

	contract_place(c, c->bob, c->ann, "3");
	p = move(c, c->bob, one.conversation, 3, 3);
	assert_string_equal(p.read_message, two.id);
	p = move(c, c->ann, one.conversation, 2, 2);
	assert_string_equal(p.read_message, "");
}

static void a_mark_of_one_and_one_of_the_other_name_their_own(void **state)
{
	struct contract *c = *state;
	struct contract_place one = contract_place(c, c->ann, c->bob, "1");
	struct contract_place two = contract_place(c, c->ann, c->bob, "2");
	struct store_read_marks p = move(c, c->bob, one.conversation, 2, 1);

	assert_string_equal(p.received_message, two.id);
	assert_string_equal(p.read_message, one.id);
}

static void who_is_no_member_has_no_marks(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");
	struct store_read_marks p;

	assert_int_equal(store_mark_read(c->store, AS(c->cat),
					 place.conversation,
					 &(struct store_reach){1, 1}, 1, &p),
			 STORE_NOT_FOUND);
	assert_int_equal(store_mark_read(c->store, AS(c->ann), "x",
					 &(struct store_reach){1, 1}, 1, &p),
			 STORE_NOT_FOUND);
}

static void who_writes_has_read(void **state)
{
	struct contract *c = *state;
	struct store_conversation seen;
	struct contract_place two;
	struct store_sent sent;

	contract_place(c, c->ann, c->bob, "1");
	two = contract_place(c, c->ann, c->bob, "2");
	sent = contract_say(c, c->bob, c->ann, "3", NULL);
	assert_true(sent.marks.read_moved);
	assert_true(sent.marks.received_moved);
	assert_int_equal(sent.marks.read_seq, 3);
	assert_int_equal(sent.marks.received_seq, 3);
	assert_string_equal(sent.marks.user_id, c->bob);
	assert_string_equal(sent.marks.other, c->ann);
	assert_string_equal(sent.marks.conversation, two.conversation);
	assert_string_equal(sent.marks.read_message, two.id);
	store_sent_done(&sent);
	/* Nothing unread between: the message alone says it. */
	sent = contract_say(c, c->bob, c->ann, "4", NULL);
	assert_false(sent.marks.read_moved);
	assert_int_equal(sent.marks.read_seq, 4);
	store_sent_done(&sent);
	assert_ok(store_conversation_get(c->store, AS(c->bob), two.conversation,
					 &seen));
	assert_int_equal(seen.me.read_seq, 4);
	assert_int_equal(seen.me.received_seq, 4);
	assert_int_equal(member_of(&seen, c->ann)->read_seq, 2);
	store_conversation_done(&seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(
			a_member_sees_the_other_one_and_the_newest_message),
		CONTRACT_TEST(the_newest_message_is_shown_as_it_is_now),
		CONTRACT_TEST(
			the_list_is_mine_newest_first_and_cut_at_its_limit),
		CONTRACT_TEST(the_list_goes_on_behind_any_of_them),
		CONTRACT_TEST(where_one_stands_is_known_without_the_rest),
		CONTRACT_TEST(a_list_ends_when_no_more_is_wanted),
		CONTRACT_TEST(a_long_list_keeps_its_order),
		CONTRACT_TEST(contacts_are_those_one_has_written_with),
		CONTRACT_TEST(marks_only_grow_and_stay_within_what_there_is),
		CONTRACT_TEST(a_mark_names_the_newest_message_of_another),
		CONTRACT_TEST(
			a_mark_of_one_and_one_of_the_other_name_their_own),
		CONTRACT_TEST(who_is_no_member_has_no_marks),
		CONTRACT_TEST(who_writes_has_read),
	};

	return contract_run("conversations", tests, COUNT_OF(tests));
}
