/* A person goes. Here it is bob. */
#include "group.h"

#include <string.h>

#include "mem.h"

#define HASH "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

struct gone {
	size_t steps, changes, left, hashes;
	char conversation[9][ID_SIZE];
};

static void note_hash(const char *hash, void *context)
{
	struct gone *gone = context;

	assert_string_equal(hash, HASH);
	gone->hashes++;
}

/* One step; false: it was the last. */
static bool step(struct contract *c, struct gone *gone)
{
	struct store_erased erased;
	enum store_status status =
		store_erase_step(c->store, ++c->now, note_hash, gone, &erased);

	if (status == STORE_NOT_FOUND)
		return false;
	assert_ok(status);
	gone->steps++;
	gone->left += erased.left.message.seq > 0;
	if (erased.change.change > 0)
		memcpy(gone->conversation[gone->changes++ % 9],
		       erased.change.conversation, ID_SIZE);
	store_erased_done(&erased);
	return true;
}

static struct gone erase(struct contract *c, const char *who)
{
	struct gone gone = {.steps = 0};

	assert_ok(store_erase_begin(c->store, who, ++c->now));
	while (step(c, &gone))
		;
	return gone;
}

static struct contract_rows *read_all(struct contract *c, const char *who,
				      const char *id)
{
	struct contract_rows *rows = contract_rows_new();

	assert_ok(store_messages(c->store, AS(who), id, RANGE(1, 99),
				 contract_each_message, rows));
	assert_ok(store_changes(c->store, AS(who), id, RANGE(1, 99),
				contract_each_change, rows));
	return rows;
}

static void what_somebody_wrote_goes_and_each_keeps_its_seq(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->bob, c->ann, "mine");
	struct contract_rows *rows;
	struct store_conversation seen;
	struct store_user user;
	struct gone gone;

	contract_place(c, c->ann, c->bob, "hers");
	gone = erase(c, c->bob);
	assert_int_equal(gone.changes, 1);
	rows = read_all(c, c->ann, place.conversation);
	assert_int_equal(rows->messages, 2);
	assert_string_equal(rows->message[0].content, "");
	assert_string_equal(rows->message[0].sender_name, "");
	assert_string_equal(rows->message[0].sender, c->bob);
	assert_true(rows->message[0].deleted);
	assert_string_equal(rows->message[1].content, "hers");
	assert_int_equal(rows->changes, 1);
	assert_int_equal(rows->change[0].kind, CHANGE_ERASE);
	assert_int_equal(rows->change[0].change, 1);
	assert_string_equal(rows->change[0].message.sender, c->bob);
	assert_ok(store_conversation_get(c->store, AS(c->ann),
					 place.conversation, &seen));
	assert_null(seen.other);
	assert_int_equal(seen.last_change, 1);
	store_conversation_done(&seen);
	assert_int_equal(store_user_get(c->store, c->bob, &user),
			 STORE_NOT_FOUND);
	contract_rows_free(rows);
}

static void what_they_were_writing_goes(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");
	const struct store_own_change draft = {.draft = "{}"};
	struct store_own own;
	bool changed;

	assert_ok(store_own_change(c->store, AS(c->bob), place.conversation,
				   &draft, &own, &changed));
	store_own_done(&own);
	erase(c, c->bob);
	assert_ok(store_own_change(c->store, AS(c->bob), place.conversation,
				   &(const struct store_own_change){0}, &own,
				   &changed));
	assert_null(own.draft);
	store_own_done(&own);
}

static void they_are_found_by_nobody_as_soon_as_it_begins(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	struct store_send send = {
		.sender_name = "Ann",
		.to = c->bob,
		.content = "x",
		.now_ms = ++c->now,
	};
	struct store_user user;

	assert_ok(store_erase_begin(c->store, c->bob, ++c->now));
	assert_int_equal(store_user_by_login(c->store, "bob", &user),
			 STORE_NOT_FOUND);
	assert_ok(store_user_list(c->store,
				  &(struct store_user_query){.limit = 9},
				  contract_each_user, rows, NULL));
	assert_int_equal(rows->users, 2);
	assert_int_equal(contract_try(c, c->ann, &send), STORE_NOT_FOUND);
	assert_ok(store_erase_begin(c->store, c->bob, ++c->now));
	contract_rows_free(rows);
}

static void their_name_may_be_taken_by_another(void **state)
{
	struct contract *c = *state;
	char id[ID_SIZE];

	assert_ok(store_erase_begin(c->store, c->bob, ++c->now));
	contract_add_user(c, "bob", id);
}

static void nobody_is_erased_who_is_needed(void **state)
{
	struct contract *c = *state;

	assert_ok(store_user_role(c->store, c->bob, ROLE_OPERATOR));
	assert_int_equal(store_erase_begin(c->store, c->bob, ++c->now),
			 STORE_FORBIDDEN);
	assert_int_equal(store_erase_begin(c->store, ID_SERVER, ++c->now),
			 STORE_FORBIDDEN);
	assert_ok(store_user_role(c->store, c->ann, ROLE_OPERATOR));
	erase(c, c->bob);
	assert_int_equal(store_erase_begin(c->store, "0123456789abcdef01234567",
					   ++c->now),
			 STORE_NOT_FOUND);
}

/* Of bob, with ann and cat. */
static void make_group(struct contract *c, char id[ID_SIZE])
{
	const char *users[] = {c->ann, c->cat};

	group_make_of(c, c->bob, users, 2, id);
}

static void they_leave_their_groups_and_another_is_the_owner(void **state)
{
	struct contract *c = *state;
	struct store_conversation seen;
	struct contract_rows *rows;
	struct gone gone;
	char id[ID_SIZE];
	bool owner = false;

	make_group(c, id);
	gone = erase(c, c->bob);
	assert_int_equal(gone.left, 1);
	assert_int_equal(gone.changes, 1);
	assert_ok(store_conversation_get(c->store, AS(c->ann), id, &seen));
	assert_int_equal(seen.member_count, 2);
	for (size_t i = 0; i < 2; i++)
		owner |= seen.members[i].owner;
	assert_true(owner);
	store_conversation_done(&seen);
	rows = read_all(c, c->ann, id);
	assert_int_equal(rows->messages, 2);
	assert_string_equal(rows->message[0].sender_name, "");
	assert_non_null(strstr(rows->message[0].content, "\"event\":\"made\""));
	assert_false(rows->message[0].deleted);
	assert_non_null(strstr(rows->message[1].content, "\"event\":\"left\""));
	contract_rows_free(rows);
}

static void their_name_goes_where_it_happened_to_them(void **state)
{
	struct contract *c = *state;
	const char *users[] = {c->cat, c->bob};
	struct contract_rows *rows;
	char id[ID_SIZE];

	group_make_of(c, c->ann, users, 2, id);
	rows = read_all(c, c->ann, id);
	assert_non_null(strstr(rows->message[0].content, "\"name\":\"Bob\""));
	contract_rows_free(rows);
	erase(c, c->bob);
	rows = read_all(c, c->ann, id);
	assert_null(strstr(rows->message[0].content, "Bob"));
	assert_non_null(strstr(rows->message[0].content, c->bob));
	assert_non_null(strstr(rows->message[0].content, "\"name\":\"Cat\""));
	contract_rows_free(rows);
}

static void their_name_goes_where_they_were_mentioned(void **state)
{
	struct contract *c = *state;
	struct store_mention mentions[] = {
		{.start = 2, .length = 6},
		{.start = 13, .length = 4},
	};
	struct store_send send = {
		.sender_name = "Ann",
		.content = "\xf0\x9f\x8c\xb3 @Bobby and @Cat!",
		.mentions = mentions,
		.mention_count = 2,
	};
	struct contract_rows *rows;
	char id[ID_SIZE];

	memcpy(mentions[0].user, c->bob, ID_SIZE);
	memcpy(mentions[1].user, c->cat, ID_SIZE);
	make_group(c, id);
	send.conversation = id;
	send.now_ms = ++c->now;
	assert_ok(contract_try(c, c->ann, &send));
	erase(c, c->bob);
	rows = read_all(c, c->ann, id);
	assert_string_equal(rows->message[1].content,
			    "\xf0\x9f\x8c\xb3 @\xe2\x80\xa6 and @Cat!");
	assert_non_null(
		strstr(rows->message[1].mentions, "\"start\":2,\"length\":2"));
	assert_non_null(
		strstr(rows->message[1].mentions, "\"start\":9,\"length\":4"));
	assert_string_equal(rows->message[1].sender_name, "Ann");
	assert_false(rows->message[1].deleted);
	contract_rows_free(rows);
}

static void add_file(struct contract *c, const char *owner, char id[ID_SIZE])
{
	struct store_file file = {
		.hash = HASH,
		.name = (char *)"a.txt",
		.mime = (char *)"text/plain",
		.size = 1,
		.created_at = ++c->now,
	};

	memcpy(file.owner, owner, ID_SIZE);
	assert_ok(store_file_add(c->store, &file, 100));
	memcpy(id, file.id, ID_SIZE);
}

static void send_file(struct contract *c, const char *from, const char *to,
		      const char *id)
{
	struct store_send send = {
		.sender_name = "n",
		.to = to,
		.kind = MESSAGE_FILE,
		.content = "",
		.attachment = id,
		.now_ms = ++c->now,
	};

	assert_ok(contract_try(c, from, &send));
}

static void their_files_go_but_what_others_sent_on(void **state)
{
	struct contract *c = *state;
	char unsent[ID_SIZE], sent[ID_SIZE], passed[ID_SIZE];
	struct store_file file;

	add_file(c, c->bob, unsent);
	add_file(c, c->bob, sent);
	add_file(c, c->bob, passed);
	send_file(c, c->bob, c->ann, sent);
	send_file(c, c->bob, c->ann, passed);
	send_file(c, c->ann, c->cat, passed);
	assert_int_equal(erase(c, c->bob).hashes, 2);
	assert_int_equal(store_file_get(c->store, AS(c->ann), sent, &file),
			 STORE_NOT_FOUND);
	assert_ok(store_file_get(c->store, AS(c->cat), passed, &file));
	store_file_done(&file);
}

static void it_goes_on_where_it_was_left(void **state)
{
	struct contract *c = *state;
	struct contract_place ann = contract_place(c, c->bob, c->ann, "1");
	struct contract_place cat = contract_place(c, c->bob, c->cat, "2");
	struct gone gone = {.steps = 0};
	struct contract_rows *rows;
	size_t first;

	assert_ok(store_erase_begin(c->store, c->bob, ++c->now));
	assert_true(step(c, &gone));
	contract_reopen(c);
	while (step(c, &gone))
		;
	assert_int_equal(gone.changes, 2);
	/* Each backend has its order. */
	first = strcmp(gone.conversation[0], ann.conversation) == 0 ? 0 : 1;
	assert_string_equal(gone.conversation[first], ann.conversation);
	assert_string_equal(gone.conversation[1 - first], cat.conversation);
	rows = read_all(c, c->cat, cat.conversation);
	assert_string_equal(rows->message[0].content, "");
	assert_int_equal(rows->changes, 1);
	contract_rows_free(rows);
}

static void
of_many_messages_each_step_takes_some_and_one_change_says_it(void **state)
{
	struct contract *c = *state;
	struct contract_place place = {.seq = 0};
	struct gone gone;

	assert_ok(store_batch_begin(c->store));
	for (int i = 0; i < 4500; i++) {
		if (i % 500 == 499) {
			assert_ok(store_batch_commit(c->store));
			assert_ok(store_batch_begin(c->store));
		}
		place = contract_place(c, c->bob, c->ann, "x");
	}
	assert_ok(store_batch_commit(c->store));
	gone = erase(c, c->bob);
	assert_true(gone.steps >= 4);
	assert_int_equal(gone.changes, 1);

	struct store_message got;

	assert_ok(store_message_get(c->store, AS(c->ann), place.id, &got));
	assert_true(got.deleted);
	store_message_done(&got);
}

static void who_was_blocked_by_them_is_so_no_more(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();

	contract_place(c, c->ann, c->bob, "x");
	contract_block(c, c->bob, c->ann, true);
	contract_place(c, c->ann, c->bob, "hidden");
	erase(c, c->bob);
	assert_ok(
		store_hidden(c->store, AS(c->ann), 9, contract_each_id, rows));
	assert_int_equal(rows->ids, 0);
	contract_rows_free(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(what_somebody_wrote_goes_and_each_keeps_its_seq),
		CONTRACT_TEST(what_they_were_writing_goes),
		CONTRACT_TEST(they_are_found_by_nobody_as_soon_as_it_begins),
		CONTRACT_TEST(their_name_may_be_taken_by_another),
		CONTRACT_TEST(nobody_is_erased_who_is_needed),
		CONTRACT_TEST(they_leave_their_groups_and_another_is_the_owner),
		CONTRACT_TEST(their_name_goes_where_it_happened_to_them),
		CONTRACT_TEST(their_name_goes_where_they_were_mentioned),
		CONTRACT_TEST(their_files_go_but_what_others_sent_on),
		CONTRACT_TEST(it_goes_on_where_it_was_left),
		CONTRACT_TEST(
			of_many_messages_each_step_takes_some_and_one_change_says_it),
		CONTRACT_TEST(who_was_blocked_by_them_is_so_no_more),
	};

	return contract_run("erase", tests, COUNT_OF(tests));
}
