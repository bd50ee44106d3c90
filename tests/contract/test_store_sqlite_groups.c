/*
 * Conversations of more than two, which no verb makes yet: they are planted
 * with raw SQL, and seen and written to as any other.
 */
#include "sqlite_fault.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

#define GROUP "0123456789abcdef01234567"
#define OPERATOR(id) (&(const struct store_viewer){(id), ROLE_OPERATOR})

static void plant(struct contract *c, enum store_conversation_kind kind)
{
	sqlite3 *raw = fault_open_raw(c);
	char *sql = xasprintf(
		"INSERT INTO conversation (id, n, kind, title, made)"
		" VALUES (x'" GROUP "', 50, %d, 'a title', zeroblob(12))",
		kind);

	fault_run_raw(raw, sql);
	free(sql);
	sqlite3_close(raw);
}

static void join(struct contract *c, const char *user, int joined)
{
	sqlite3 *raw = fault_open_raw(c);
	char *sql = xasprintf(
		"INSERT INTO member (n, user_id, joined_seq) VALUES (50, x'%s',"
		" %d); INSERT INTO inbox (user_id, conversation, n, kind)"
		" SELECT x'%s', id, n, kind FROM conversation WHERE n = 50",
		user, joined, user);

	fault_run_raw(raw, sql);
	free(sql);
	sqlite3_close(raw);
}

static enum store_status say(struct contract *c, const char *from,
			     struct store_sent *sent)
{
	const struct store_send send = {
		.sender_name = "n",
		.conversation = GROUP,
		.content = "x",
		.now_ms = ++c->now,
	};

	return store_send(c->store, AS(from), &send, sent);
}

static int64_t say_ok(struct contract *c, const char *from, char id[ID_SIZE])
{
	struct store_sent sent;

	assert_ok(say(c, from, &sent));

	int64_t seq = sent.message.seq;

	memcpy(id, sent.message.id, ID_SIZE);
	assert_string_equal(sent.message.recipient, "");
	store_sent_done(&sent);
	return seq;
}

static size_t count_seen(struct contract *c, const struct store_viewer *viewer)
{
	struct contract_rows *rows = contract_rows_new();
	enum store_status status =
		store_messages(c->store, viewer, GROUP, RANGE(1, 99),
			       contract_each_message, rows);
	size_t count = rows->messages;

	assert_true(status == STORE_OK || status == STORE_NOT_FOUND);
	contract_rows_free(rows);
	return count;
}

/* ---- groups ---- */

static void who_came_late_sees_nothing_of_before(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	struct store_conversation seen;
	struct store_message message;
	char first[ID_SIZE], third[ID_SIZE];

	plant(c, CONVERSATION_GROUP);
	join(c, c->ann, 1);
	say_ok(c, c->ann, first);
	say_ok(c, c->ann, third);
	join(c, c->bob, 3);
	assert_ok(store_conversation_get(c->store, AS(c->bob), GROUP, &seen));
	assert_null(seen.last_message);
	assert_int_equal(seen.first_seq, 3);
	store_conversation_done(&seen);
	say_ok(c, c->ann, third);
	assert_int_equal(count_seen(c, AS(c->ann)), 3);
	assert_int_equal(count_seen(c, AS(c->bob)), 1);
	assert_int_equal(
		store_message_get(c->store, AS(c->bob), first, &message),
		STORE_NOT_FOUND);
	assert_ok(store_message_get(c->store, AS(c->bob), third, &message));
	store_message_done(&message);
	for (int i = 0; i < 2; i++) {
		contract_edit(c, c->ann, i == 0 ? first : third, "y");
	}
	assert_ok(store_changes(c->store, AS(c->bob), GROUP, RANGE(1, 99),
				contract_each_change, rows));
	assert_int_equal(rows->changes, 1);
	assert_int_equal(rows->change[0].change, 2);
	assert_ok(store_conversation_get(c->store, AS(c->bob), GROUP, &seen));
	assert_string_equal(seen.last_message->id, third);
	assert_string_equal(seen.title, "a title");
	assert_null(seen.other);
	assert_int_equal(seen.me.joined_seq, 3);
	assert_int_equal(seen.member_count, 2);
	store_conversation_done(&seen);
	contract_rows_free(rows);
}

static void a_reply_in_a_group_answers_what_its_writer_sees(void **state)
{
	struct contract *c = *state;
	char first[ID_SIZE], second[ID_SIZE];
	struct store_send send = {.conversation = GROUP, .content = "x"};

	plant(c, CONVERSATION_GROUP);
	join(c, c->ann, 1);
	say_ok(c, c->ann, first);
	join(c, c->bob, 2);
	say_ok(c, c->ann, second);
	send.reply_to = first;
	assert_int_equal(contract_try(c, c->bob, &send), STORE_NOT_FOUND);
	assert_ok(contract_try(c, c->ann, &send));
	send.reply_to = second;
	assert_ok(contract_try(c, c->bob, &send));
}

static void each_member_has_marks_of_their_own(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	struct store_conversation seen;
	struct store_read_marks marks;
	struct store_sent sent;
	char id[ID_SIZE];

	plant(c, CONVERSATION_GROUP);
	join(c, c->ann, 1);
	join(c, c->bob, 1);
	join(c, c->cat, 1);
	say_ok(c, c->ann, id);
	say_ok(c, c->ann, id);
	assert_ok(store_mark_read(c->store, AS(c->bob), GROUP,
				  &(struct store_reach){2, 1}, ++c->now,
				  &marks));
	assert_int_equal(marks.conversation_kind, CONVERSATION_GROUP);
	assert_string_equal(marks.other, "");
	assert_ok(say(c, c->cat, &sent));
	assert_true(sent.marks.read_moved);
	assert_string_equal(sent.marks.read_message, id);
	assert_string_equal(sent.marks.other, "");
	store_sent_done(&sent);
	assert_ok(store_conversation_get(c->store, AS(c->bob), GROUP, &seen));
	assert_int_equal(seen.member_count, 3);
	for (size_t i = 0; i < 3; i++) {
		const struct store_member *member = &seen.members[i];
		bool bob = strcmp(member->user_id, c->bob) == 0;
		bool cat = strcmp(member->user_id, c->cat) == 0;

		assert_int_equal(member->read_seq, bob ? 1 : cat ? 3 : 2);
		assert_int_equal(member->received_seq, cat ? 3 : 2);
	}
	store_conversation_done(&seen);
	assert_ok(store_contacts(c->store, AS(c->ann), 10, contract_each_id,
				 rows));
	assert_int_equal(rows->ids, 2);
	rows->ids = 0;
	assert_ok(store_rooms(c->store, AS(c->ann), contract_each_id, rows));
	assert_int_equal(rows->ids, 1);
	assert_string_equal(rows->id[0], GROUP);
	contract_rows_free(rows);
}

static void a_list_has_groups_also_empty_ones_in_their_place(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	char id[ID_SIZE];

	contract_place(c, c->bob, c->ann, "x");
	plant(c, CONVERSATION_GROUP);
	join(c, c->ann, 1);
	assert_ok(store_conversations(c->store, AS(c->ann), LIST(10),
				      contract_each_conversation, rows));
	assert_int_equal(rows->conversations, 2);
	assert_string_equal(rows->conversation[1].id, GROUP);
	assert_int_equal(rows->conversation[1].updated_at, 0);
	assert_null(rows->conversation[1].last_message);
	say_ok(c, c->ann, id);
	rows->conversations = 0;
	assert_ok(store_conversations(c->store, AS(c->ann), LIST(10),
				      contract_each_conversation, rows));
	assert_string_equal(rows->conversation[0].id, GROUP);
	assert_int_equal(rows->conversation[0].updated_at, c->now);
	contract_rows_free(rows);
}

/* ---- what a role lets one see ---- */

static void support_is_its_guests_and_the_operators(void **state)
{
	struct contract *c = *state;
	struct store_conversation seen;
	struct store_sent sent;
	char id[ID_SIZE];

	plant(c, CONVERSATION_SUPPORT);
	join(c, c->ann, 1);
	say_ok(c, c->ann, id);
	assert_int_equal(count_seen(c, AS(c->ann)), 1);
	assert_int_equal(count_seen(c, AS(c->bob)), 0);
	assert_int_equal(count_seen(c, OPERATOR(c->bob)), 1);
	assert_ok(store_conversation_get(c->store, OPERATOR(c->bob), GROUP,
					 &seen));
	assert_int_equal(seen.first_seq, 1);
	assert_int_equal(seen.me.read_seq, 0);
	assert_string_equal(seen.me.user_id, c->bob);
	store_conversation_done(&seen);
	assert_int_equal(
		store_conversation_get(c->store, AS(c->bob), GROUP, &seen),
		STORE_NOT_FOUND);
	assert_int_equal(say(c, c->bob, &sent), STORE_NOT_FOUND);
}

static void an_operator_sees_no_group_by_role(void **state)
{
	struct contract *c = *state;
	struct contract_place direct = contract_place(c, c->ann, c->cat, "x");
	struct store_conversation seen;
	char id[ID_SIZE];

	plant(c, CONVERSATION_GROUP);
	join(c, c->ann, 1);
	say_ok(c, c->ann, id);
	assert_int_equal(count_seen(c, OPERATOR(c->bob)), 0);
	assert_int_equal(store_conversation_get(c->store, OPERATOR(c->bob),
						direct.conversation, &seen),
			 STORE_NOT_FOUND);
}

static void everyone_sees_the_lobby_and_writes_there(void **state)
{
	struct contract *c = *state;
	struct store_read_marks marks;
	char id[ID_SIZE];

	plant(c, CONVERSATION_LOBBY);
	assert_int_equal(say_ok(c, c->ann, id), 1);
	assert_int_equal(say_ok(c, c->bob, id), 2);
	assert_int_equal(count_seen(c, AS(c->cat)), 2);
	/* It has no members, and so no marks. */
	assert_int_equal(store_mark_read(c->store, AS(c->cat), GROUP,
					 &(struct store_reach){1, 1}, ++c->now,
					 &marks),
			 STORE_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(who_came_late_sees_nothing_of_before),
		CONTRACT_TEST(a_reply_in_a_group_answers_what_its_writer_sees),
		CONTRACT_TEST(each_member_has_marks_of_their_own),
		CONTRACT_TEST(a_list_has_groups_also_empty_ones_in_their_place),
		CONTRACT_TEST(support_is_its_guests_and_the_operators),
		CONTRACT_TEST(an_operator_sees_no_group_by_role),
		CONTRACT_TEST(everyone_sees_the_lobby_and_writes_there),
	};

	return contract_run_on("sqlite", "groups in SQLite", tests,
			       COUNT_OF(tests));
}
