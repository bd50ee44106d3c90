/* How MongoDB finds what the store asks for. */
#include "mongodb_asked.h"

#include <stdio.h>
#include <string.h>

#include <mongoc/mongoc.h>

#include "group.h"
#include "mem.h"
#include "store_search.h"

/* ---- a store with enough in it ---- */

#define OTHERS 60
#define MESSAGES 120
#define PAGE 40

struct filled {
	char conversation[ID_SIZE], newest[ID_SIZE];
};

static struct filled fill(struct contract *c)
{
	struct filled filled;
	struct contract_place place;
	char name[20], other[ID_SIZE];

	assert_ok(store_batch_begin(c->store));
	for (int i = 0; i < OTHERS; i++) {
		snprintf(name, sizeof(name), "user%d", i);
		contract_add_user(c, name, other);
		contract_place(c, other, c->ann, "x");
	}
	for (int i = 0; i < MESSAGES; i++) {
		place = contract_place(c, i % 2 ? c->ann : c->bob,
				       i % 2 ? c->bob : c->ann, "x");
		if (i % 10 == 0)
			contract_edit(c, c->bob, place.id, "y");
	}
	assert_ok(store_batch_commit(c->store));
	memcpy(filled.conversation, place.conversation, ID_SIZE);
	memcpy(filled.newest, place.id, ID_SIZE);
	return filled;
}

/* ---- how it is found ---- */

static void assert_range(struct contract *c, const char *id, int64_t first)
{
	struct contract_rows *rows = contract_rows_new();

	mongodb_asked_begin();
	assert_ok(store_messages(c->store, AS(c->ann), id,
				 RANGE(first, first + PAGE - 1),
				 contract_each_message, rows));
	assert_int_equal(rows->messages, PAGE);
	mongodb_asked_assert_well(c, true);
	contract_rows_free(rows);
}

static void assert_list(struct contract *c, const char *before)
{
	const struct store_list list = {.before = before, .limit = PAGE};
	struct contract_rows *rows = contract_rows_new();

	mongodb_asked_begin();
	assert_ok(store_conversations(c->store, AS(c->ann), &list,
				      contract_each_conversation, rows));
	assert_true(rows->conversations > 0);
	mongodb_asked_assert_well(c, true);
	contract_rows_free(rows);
}

static void assert_recent(struct contract *c)
{
	struct contract_rows *rows = contract_rows_new();
	char newest[ID_SIZE];
	bool more;

	mongodb_asked_begin();
	assert_ok(contract_rows_recent(c->store, NULL, rows, &more));
	assert_ok(store_newest(c->store, newest));
	assert_true(more);
	mongodb_asked_assert_well(c, true);
	contract_rows_free(rows);
}

/* Of all conversations, and of one; of a word that each message has. */
static void assert_search(struct contract *c, const char *in,
			  const char *before)
{
	struct contract_rows *rows = contract_rows_new();
	struct store_terms terms;
	struct store_search search = {
		.terms = &terms,
		.conversation = in,
		.before = before,
		.limit = PAGE,
	};

	assert_true(store_terms_read("x", &terms));
	mongodb_asked_begin();
	assert_ok(store_search(c->store, AS(c->ann), &search,
			       contract_each_message, rows));
	assert_int_equal(rows->messages, PAGE);
	assert_string_not_equal(search.next, "");
	mongodb_asked_assert_well(c, true);
	contract_rows_free(rows);
}

/* The newest message of somebody else is behind one's own newest ones. */
static void assert_writes(struct contract *c, const struct filled *filled)
{
	struct store_read_marks marks;
	struct store_sent sent;

	mongodb_asked_begin();
	contract_place(c, c->ann, c->bob, "z");
	sent = contract_say(c, c->bob, c->ann, "z", "key");
	store_sent_done(&sent);
	sent = contract_say(c, c->bob, c->ann, "z", "key");
	store_sent_done(&sent);
	contract_edit(c, c->ann, filled->newest, "edited");
	assert_ok(store_mark_read(c->store, AS(c->ann), filled->conversation,
				  &(struct store_reach){MESSAGES, MESSAGES},
				  ++c->now, &marks));
	mongodb_asked_assert_well(c, false);
}

/* All of a user's conversations are looked through for these, by their index.
 */
static void assert_rooms(struct contract *c)
{
	struct contract_rows *rows = contract_rows_new();

	mongodb_asked_begin();
	assert_ok(store_rooms(c->store, AS(c->ann), contract_each_id, rows));
	assert_ok(store_contacts(c->store, AS(c->ann), 100, contract_each_id,
				 rows));
	assert_int_equal(rows->ids, OTHERS + 1);
	mongodb_asked_assert_well(c, false);
	contract_rows_free(rows);
}

static void assert_missed(struct contract *c, const struct filled *filled)
{
	struct contract_rows *rows = contract_rows_new();

	mongodb_asked_begin();
	assert_ok(store_positions(c->store, AS(c->ann), PAGE,
				  contract_each_conversation, rows));
	assert_ok(store_changes(c->store, AS(c->ann), filled->conversation,
				RANGE(3, 8), contract_each_change, rows));
	assert_int_equal(rows->changes, 6);
	mongodb_asked_assert_well(c, true);
	contract_rows_free(rows);
}

static void show(struct contract *c, const char *file)
{
	struct store_send send = {
		.to = c->bob,
		.kind = MESSAGE_FILE,
		.content = "",
		.attachment = file,
	};

	assert_ok(contract_try(c, c->ann, &send));
	contract_place(c, c->ann, c->bob, "words");
}

static void fill_media(struct contract *c)
{
	struct store_file file = {
		.name = (char *)"a",
		.mime = (char *)"text/plain",
		.size = 1,
		.created_at = ++c->now,
	};

	memcpy(file.owner, c->ann, ID_SIZE);
	memset(file.hash, 'a', sizeof(file.hash) - 1);
	assert_ok(store_file_add(c->store, &file, INT64_MAX));
	for (int i = 0; i < 2 * PAGE; i++)
		show(c, file.id);
}

static void assert_media(struct contract *c, const char *id)
{
	struct store_showing showing = {INT64_MAX, PAGE};
	struct contract_rows *rows = contract_rows_new();
	int64_t seq;

	fill_media(c);
	mongodb_asked_begin();
	assert_ok(store_messages_with_files(c->store, AS(c->ann), id, &showing,
					    contract_each_message, rows));
	assert_int_equal(rows->messages, PAGE);
	showing.before = rows->message[PAGE - 1].seq;
	assert_ok(store_messages_with_files(c->store, AS(c->ann), id, &showing,
					    contract_each_message, rows));
	assert_int_equal(rows->messages, 2 * PAGE);
	assert_ok(store_seek(c->store, AS(c->ann), id,
			     rows->message[0].created_at, &seq));
	assert_int_equal(seq, rows->message[0].seq);
	mongodb_asked_assert_well(c, true);
	contract_rows_free(rows);
}

static void fill_guests(struct contract *c)
{
	char name[20];
	const char *field;

	for (int i = 0; i < PAGE; i++) {
		struct store_user guest = {
			.username = name,
			.role = ROLE_GUEST,
			.created_at = ++c->now,
		};

		snprintf(name, sizeof(name), "a guest%d", i);
		assert_ok(store_user_add(c->store, &guest, &field));
	}
}

/* Of guests who are not here none is looked at, though they may be listed. */
static void assert_directory(struct contract *c, bool guests)
{
	const struct store_user_query query = {.guests = guests, .limit = PAGE};
	struct contract_rows *rows = contract_rows_new();
	int64_t total;

	mongodb_asked_begin();
	assert_ok(store_user_list(c->store, &query, contract_each_user, rows,
				  &total));
	assert_int_equal(rows->users, PAGE);
	mongodb_asked_assert_well(c, true);
	contract_rows_free(rows);
}

static void all_that_is_asked_often_is_found_by_an_index(void **state)
{
	struct contract *c = *state;
	struct filled filled = fill(c);
	char middle[ID_SIZE];

	assert_range(c, filled.conversation, MESSAGES - PAGE + 1);
	assert_range(c, filled.conversation, MESSAGES / 2);
	assert_range(c, filled.conversation, 1);
	assert_list(c, NULL);
	id_direct(c->ann, c->bob, middle);
	assert_list(c, middle);
	assert_missed(c, &filled);
	assert_search(c, NULL, NULL);
	assert_search(c, filled.conversation, NULL);
	assert_search(c, filled.conversation, filled.newest);
	assert_recent(c);
	assert_rooms(c);
	assert_writes(c, &filled);
	assert_media(c, filled.conversation);
	fill_guests(c);
	assert_directory(c, false);
	assert_directory(c, true);
}

/* ---- many at once ---- */

#define PEOPLE 150 /* more than of a conversation are read with it */
#define TRIPS 20

/* They let only contacts add them, and have written to Ann. */
static void add_people(struct contract *c, char ids[PEOPLE][ID_SIZE])
{
	struct store_sent sent;
	char name[20];

	assert_ok(store_batch_begin(c->store));
	for (int i = 0; i < PEOPLE; i++) {
		snprintf(name, sizeof(name), "user%d", i);
		contract_add_user(c, name, ids[i]);
		group_contacts_only(c, ids[i]);
		sent = contract_say(c, ids[i], c->ann, "x", "key");
		store_sent_done(&sent);
	}
	assert_ok(store_batch_commit(c->store));
}

/* Into the one of that id, which is made first or there; how many joined. */
static size_t bring(struct contract *c, char id[ID_SIZE], bool made,
		    char (*ids)[ID_SIZE], size_t count)
{
	struct store_group_act act =
		group_act_of(c, made ? GROUP_MADE : GROUP_ADDED);
	const char *users[PEOPLE];
	struct store_group_done done;
	size_t joined;

	for (size_t i = 0; i < count; i++)
		users[i] = ids[i];
	act.users = users;
	act.user_count = count;
	mongodb_asked_begin();
	assert_ok(
		made ? store_group_make(c->store, AS(c->ann), &act, &done)
		     : store_group_act(c->store, AS(c->ann), id, &act, &done));
	assert_in_range(mongodb_asked_count(), 1, TRIPS);
	mongodb_asked_assert_well(c, false);
	joined = done.joined_count;
	memcpy(id, done.message.conversation, ID_SIZE);
	store_group_done_free(&done);
	return joined;
}

static void many_come_into_a_group_by_few_round_trips(void **state)
{
	struct contract *c = *state;
	char ids[PEOPLE][ID_SIZE], id[ID_SIZE];

	add_people(c, ids);
	assert_int_equal(bring(c, id, true, ids, PEOPLE - 10), PEOPLE - 10 + 1);
	assert_int_equal(bring(c, id, false, ids, PEOPLE), 10);
}

/* ---- a file that was sent to many ---- */

static void a_file_that_many_have_is_looked_for_by_few_round_trips(void **state)
{
	struct contract *c = *state;
	char ids[PEOPLE][ID_SIZE];
	struct store_file file = {
		.name = (char *)"a.txt",
		.mime = (char *)"text/plain",
		.size = 1,
		.created_at = ++c->now,
	};
	struct store_file found;

	add_people(c, ids);
	memcpy(file.owner, c->ann, ID_SIZE);
	memset(file.hash, 'a', sizeof(file.hash) - 1);
	assert_ok(store_file_add(c->store, &file, 100));
	for (int i = 0; i < PEOPLE; i++) {
		struct store_send send = {
			.to = ids[i],
			.kind = MESSAGE_FILE,
			.content = "",
			.attachment = file.id,
		};

		assert_ok(contract_try(c, c->ann, &send));
	}
	mongodb_asked_begin();
	assert_ok(
		store_file_get(c->store, AS(ids[PEOPLE - 1]), file.id, &found));
	store_file_done(&found);
	assert_int_equal(store_file_get(c->store, AS(c->cat), file.id, &found),
			 STORE_NOT_FOUND);
	store_file_done(&found);
	assert_in_range(mongodb_asked_count(), 1, TRIPS);
	mongodb_asked_assert_well(c, false);
}

/* ---- sharding ---- */

/* A unique index is one on each shard by itself, so it must begin with what
 * says which shard a document is on. */
static void assert_unique_begins(const bson_t *index, const char *key)
{
	bson_iter_t iter, keys;

	if (!bson_iter_init_find(&iter, index, "unique") ||
	    !bson_iter_as_bool(&iter))
		return;
	assert_true(bson_iter_init_find(&iter, index, "key") &&
		    bson_iter_recurse(&iter, &keys) && bson_iter_next(&keys));
	assert_string_equal(bson_iter_key(&keys), key);
}

static int look_at_indexes(const struct contract *c, const char *collection,
			   const char *key)
{
	mongoc_uri_t *uri = mongoc_uri_new(c->uri);
	mongoc_client_t *client = mongoc_client_new_from_uri(uri);
	mongoc_collection_t *in = mongoc_client_get_collection(
		client, mongoc_uri_get_database(uri), collection);
	mongoc_cursor_t *rows =
		mongoc_collection_find_indexes_with_opts(in, NULL);
	const bson_t *index;
	int count = 0;

	for (; mongoc_cursor_next(rows, &index); count++)
		assert_unique_begins(index, key);
	mongoc_cursor_destroy(rows);
	mongoc_collection_destroy(in);
	mongoc_client_destroy(client);
	mongoc_uri_destroy(uri);
	return count;
}

static void what_is_unique_about_a_message_is_so_in_its_conversation(void **s)
{
	struct contract *c = *s;

	assert_true(look_at_indexes(c, "message", "c") >= 6);
	assert_true(look_at_indexes(c, "change", "c") >= 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(all_that_is_asked_often_is_found_by_an_index),
		CONTRACT_TEST(many_come_into_a_group_by_few_round_trips),
		CONTRACT_TEST(
			a_file_that_many_have_is_looked_for_by_few_round_trips),
		CONTRACT_TEST(
			what_is_unique_about_a_message_is_so_in_its_conversation),
	};

	return contract_run_on("mongodb", "plans", tests, COUNT_OF(tests));
}
