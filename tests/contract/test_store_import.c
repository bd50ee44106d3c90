/* What another system kept, as it was there. */
#include "contract.h"

#include <string.h>

#include "mem.h"

static const char *const gone = "0123456789ab0123456789ab";

static size_t import(struct contract *c, const char *user, const char *other,
		     const struct store_import_message *rows, size_t count)
{
	const struct store_import import = {
		.user = user,
		.other = other,
		.title = "Gone",
		.messages = rows,
		.count = count,
		.now_ms = ++c->now,
	};
	size_t added;

	assert_ok(store_import_messages(c->store, &import, &added));
	return added;
}

static struct contract_rows *
read(struct contract *c, const struct store_viewer *viewer, const char *id)
{
	struct contract_rows *rows = contract_rows_new();

	assert_ok(store_messages(c->store, viewer, id, RANGE(1, 100),
				 contract_each_message, rows));
	return rows;
}

static void what_two_wrote_is_theirs_with_its_times_and_marks(void **state)
{
	struct contract *c = *state;
	struct store_import_message rows[] = {
		contract_imported(c->ann, "one", 1000),
		contract_imported(c->bob, "two", 2000),
		contract_imported(c->ann, "three", 3000),
		contract_imported(c->ann, "four", 4000),
	};
	struct store_conversation seen;
	struct contract_rows *read_rows;
	char id[ID_SIZE];

	rows[2].read = true;
	rows[3].received = true;
	memcpy(rows[3].message.id, "000000000fa0ffffffffffff", ID_SIZE);
	assert_int_equal(import(c, c->ann, c->bob, rows, COUNT_OF(rows)), 4);
	id_direct(c->ann, c->bob, id);
	read_rows = read(c, AS(c->bob), id);
	assert_int_equal(read_rows->messages, 4);
	for (size_t i = 0; i < 4; i++) {
		const struct store_message *message = &read_rows->message[i];

		assert_string_equal(message->content, rows[i].message.content);
		assert_string_equal(message->sender, rows[i].message.sender);
		assert_string_equal(message->sender_name, "then");
		assert_int_equal(message->created_at, 1000 * (i + 1));
		assert_int_equal(message->seq, i + 1);
	}
	assert_string_equal(read_rows->message[3].id, rows[3].message.id);
	contract_rows_free(read_rows);
	assert_ok(store_conversation_get(c->store, AS(c->bob), id, &seen));
	assert_int_equal(seen.me.read_seq, 3);
	assert_int_equal(seen.me.received_seq, 4);
	assert_int_equal(seen.unread, 1);
	store_conversation_done(&seen);
}

/* Of what ann and bob wrote there are three. */
static void assert_three(struct contract *c, const char *last)
{
	struct contract_rows *there;
	char id[ID_SIZE];

	id_direct(c->ann, c->bob, id);
	there = read(c, AS(c->ann), id);
	assert_int_equal(there->messages, 3);
	assert_string_equal(there->message[2].content, last);
	contract_rows_free(there);
}

static void what_is_there_is_passed_over(void **state)
{
	struct contract *c = *state;
	struct store_import_message rows[] = {
		contract_imported(c->ann, "one", 1000),
		contract_imported(c->bob, "two", 2000),
		contract_imported(c->ann, "three", 3000),
	};
	const char *known = "0000000007d0bbccddeeff00";
	char id[ID_SIZE];
	bool has;

	rows[1].message.client_id = NULL;
	memcpy(rows[1].message.id, known, ID_SIZE);
	id_direct(c->ann, c->bob, id);
	assert_ok(store_import_has(c->store, id, c->ann, "one", &has));
	assert_false(has);
	assert_int_equal(import(c, c->ann, c->bob, rows, 2), 2);
	assert_ok(store_import_has(c->store, id, c->ann, "one", &has));
	assert_true(has);
	assert_ok(store_import_has(c->store, id, c->bob, "one", &has));
	assert_false(has);
	assert_int_equal(import(c, c->ann, c->bob, rows, 3), 1);
	assert_int_equal(import(c, c->ann, c->bob, rows, 3), 0);
	assert_three(c, "three");
}

static void it_comes_behind_what_was_written_since(void **state)
{
	struct contract *c = *state;
	struct contract_place place =
		contract_place(c, c->bob, c->ann, "written here");
	struct store_import_message row =
		contract_imported(c->ann, "older", 1000);
	struct contract_rows *rows;

	memcpy(row.message.id, "0000000000ffffffffffffff", ID_SIZE);
	assert_int_equal(import(c, c->bob, c->ann, &row, 1), 1);
	rows = read(c, AS(c->ann), place.conversation);
	assert_int_equal(rows->messages, 2);
	assert_string_equal(rows->message[1].content, "older");
	assert_int_equal(rows->message[1].created_at, 1000);
	assert_true(strcmp(rows->message[1].id, place.id) > 0);
	contract_rows_free(rows);
	place = contract_place(c, c->ann, c->bob, "and on");
	assert_int_equal(place.seq, 3);
}

static void what_was_edited_or_deleted_is_so(void **state)
{
	struct contract *c = *state;
	struct store_import_message rows[] = {
		contract_imported(c->ann, "edited", 1000),
		contract_imported(c->ann, "deleted", 2000),
	};
	struct contract_rows *there;
	char id[ID_SIZE];

	rows[0].message.edited = true;
	rows[1].message.deleted = true;
	assert_int_equal(import(c, c->ann, c->bob, rows, 2), 2);
	id_direct(c->ann, c->bob, id);
	there = read(c, AS(c->bob), id);
	assert_true(there->message[0].edited);
	assert_string_equal(there->message[0].content, "edited");
	assert_true(there->message[1].deleted);
	assert_string_equal(there->message[1].content, "");
	assert_ok(store_changes(c->store, AS(c->bob), id, RANGE(1, 10),
				contract_each_change, there));
	assert_int_equal(there->changes, 2);
	contract_rows_free(there);
}

static void what_somebody_wrote_to_themselves_is_in_their_notes(void **state)
{
	struct contract *c = *state;
	const struct store_import_message rows[] = {
		contract_imported(c->ann, "remember", 1000),
		contract_imported(c->ann, "and this", 2000),
	};
	struct store_conversation seen;
	struct contract_rows *there;
	char id[ID_SIZE];

	assert_int_equal(import(c, c->ann, c->ann, rows, 2), 2);
	assert_int_equal(import(c, c->ann, c->ann, rows, 2), 0);
	id_direct(c->ann, c->ann, id);
	there = read(c, AS(c->ann), id);
	assert_int_equal(there->messages, 2);
	contract_rows_free(there);
	assert_ok(store_conversation_get(c->store, AS(c->ann), id, &seen));
	assert_int_equal(seen.me.read_seq, 2);
	assert_int_equal(seen.unread, 0);
	store_conversation_done(&seen);
	assert_int_equal(contract_place(c, c->ann, c->ann, "more").seq, 3);
}

static void what_a_client_wrote_to_the_server_operators_read(void **state)
{
	struct contract *c = *state;
	const struct store_viewer server = {ID_SERVER, ROLE_OPERATOR};
	struct store_import_message rows[] = {
		contract_imported(gone, "hello", 1000),
		contract_imported(ID_SERVER, "yes?", 2000),
		contract_imported(gone, "bye", 3000),
	};
	struct contract_rows *list = contract_rows_new(), *there;
	struct store_conversation seen;
	char id[ID_SIZE];

	assert_int_equal(import(c, gone, ID_SERVER, rows, 3), 3);
	id_direct(gone, ID_SERVER, id);
	assert_ok(store_conversations(c->store, &server, LIST(10),
				      contract_each_conversation, list));
	assert_int_equal(list->conversations, 1);
	assert_string_equal(list->conversation[0].id, id);
	contract_rows_free(list);
	assert_ok(store_conversation_get(c->store, &server, id, &seen));
	assert_int_equal(seen.kind, CONVERSATION_SUPPORT);
	assert_string_equal(seen.title, "Gone");
	assert_int_equal(seen.unread, 1);
	store_conversation_done(&seen);
	there = read(c, &server, id);
	assert_int_equal(there->messages, 3);
	contract_rows_free(there);
	assert_int_equal(
		store_conversation_get(c->store, AS(c->ann), id, &seen),
		STORE_NOT_FOUND);
}

static void a_file_comes_with_its_message(void **state)
{
	struct contract *c = *state;
	struct store_file file = {
		.name = (char *)"notes.txt",
		.mime = (char *)"text/plain",
		.size = 5,
		.created_at = c->now,
	};
	struct store_import_message row = contract_imported(gone, "", 1000);
	struct contract_rows *there;
	char id[ID_SIZE];

	memcpy(file.owner, gone, ID_SIZE);
	memset(file.hash, 'a', sizeof(file.hash) - 1);
	assert_ok(store_file_add(c->store, &file, INT64_MAX));
	row.file = file.id;
	row.message.kind = MESSAGE_FILE;
	assert_int_equal(import(c, gone, ID_SERVER, &row, 1), 1);
	id_direct(gone, ID_SERVER, id);
	there = read(c, &(const struct store_viewer){ID_SERVER, ROLE_OPERATOR},
		     id);
	assert_int_equal(there->message[0].kind, MESSAGE_FILE);
	assert_non_null(strstr(there->message[0].attachment, "notes.txt"));
	contract_rows_free(there);
}

/* Their messages have no clientId any more. */
static void assert_come_not_again(struct contract *c,
				  const struct store_import_message *rows,
				  size_t count)
{
	assert_true(contract_was_erased(c->store, c->bob));
	assert_false(contract_was_erased(c->store, c->ann));
	assert_int_equal(import(c, c->bob, c->ann, rows, count), 0);
	assert_int_equal(import(c, c->ann, c->bob, rows, count), 0);
	assert_int_equal(import(c, c->bob, c->cat, rows, 2), 0);
	assert_three(c, "hers");
}

static void what_somebody_wrote_who_was_erased_comes_not_again(void **state)
{
	struct contract *c = *state;
	struct store_import_message rows[] = {
		contract_imported(c->bob, "one", 1000),
		contract_imported(c->bob, "two", 2000),
		contract_imported(c->ann, "hers", 3000),
	};

	rows[1].message.edited = rows[1].message.deleted = true;
	assert_int_equal(import(c, c->bob, c->ann, rows, 3), 3);
	assert_false(contract_was_erased(c->store, c->bob));
	assert_ok(store_erase_begin(c->store, c->bob, ++c->now));
	assert_come_not_again(c, rows, 3);
	contract_erase_on(c);
	assert_come_not_again(c, rows, 3);
	rows[2] = contract_imported(c->ann, "and more of hers", 4000);
	assert_int_equal(import(c, c->bob, c->ann, rows, 3), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CONTRACT_TEST(
			what_two_wrote_is_theirs_with_its_times_and_marks),
		CONTRACT_TEST(what_is_there_is_passed_over),
		CONTRACT_TEST(it_comes_behind_what_was_written_since),
		CONTRACT_TEST(what_was_edited_or_deleted_is_so),
		CONTRACT_TEST(
			what_somebody_wrote_to_themselves_is_in_their_notes),
		CONTRACT_TEST(what_a_client_wrote_to_the_server_operators_read),
		CONTRACT_TEST(a_file_comes_with_its_message),
		CONTRACT_TEST(
			what_somebody_wrote_who_was_erased_comes_not_again),
	};

	return contract_run("import", tests, COUNT_OF(tests));
}
