/* Recent, and batches: what spans several verbs or conversations. */
#include "contract.h"

#include <string.h>

#include "mem.h"

/* ---- recent ---- */

struct heard {
	char id[100][ID_SIZE]; /* of messages, and of changes' messages */
	bool is_change[100];
	size_t count, marks, most; /* most: then no more; 0: all */
	struct store_read_marks mark[10];
};

static bool hear_message(const struct store_message *message, void *context)
{
	struct heard *heard = context;

	assert_string_equal(message->content, "x");
	assert_int_equal(message->conversation_kind, CONVERSATION_DIRECT);
	assert_true(id_valid(message->recipient));
	memcpy(heard->id[heard->count++], message->id, ID_SIZE);
	return heard->count != heard->most;
}

static bool hear_change(const struct store_change *change,
			const struct store_conversation *in, void *context)
{
	struct heard *heard = context;

	heard->is_change[heard->count] = true;
	assert_string_equal(in->id, change->conversation);
	assert_int_equal(in->member_count, 2);
	assert_true(id_valid(change->message.recipient));
	memcpy(heard->id[heard->count++], change->message.id, ID_SIZE);
	return heard->count != heard->most;
}

static bool hear_marks(const struct store_read_marks *marks, void *context)
{
	struct heard *heard = context;

	heard->mark[heard->marks++] = *marks;
	return true;
}

static struct store_recent recent_after(const char *after, size_t limit,
					struct heard *heard)
{
	struct store_recent recent = {
		.limit = limit,
		.message = hear_message,
		.change = hear_change,
		.marks = hear_marks,
		.context = heard,
	};

	memcpy(recent.after, after, ID_SIZE);
	return recent;
}

static int hear(struct contract *c, const char *after, size_t limit,
		struct heard *heard)
{
	struct store_recent recent = recent_after(after, limit, heard);
	bool more = true;
	int pages = 0;

	*heard = (struct heard){0};
	for (; more; pages++) {
		size_t before = heard->count;

		assert_ok(store_recent(c->store, &recent, &more));
		assert_true(heard->count - before <= limit);
	}
	return pages;
}

static void edit(struct contract *c, const char *user, const char *id)
{
	struct store_change change;

	/* The text stays "x", which hear_message() wants. */
	assert_ok(store_message_change(c->store, AS(user), id,
				       &(struct store_edit){.kind = CHANGE_EDIT,
							    .content = NULL,
							    .now_ms = ++c->now},
				       &change));
	store_change_done(&change);
}

static void recent_gives_all_since_oldest_first_on_any_page_size(void **state)
{
	struct contract *c = *state;
	const char *expected[5];
	bool changes[] = {false, true, false, false, true};
	char after[ID_SIZE], none[ID_SIZE];
	struct contract_place a, b, d;
	struct heard heard;

	id_floor(0, none);
	assert_ok(store_newest(c->store, after));
	assert_string_equal(after, none);
	contract_place(c, c->ann, c->bob, "x");
	assert_ok(store_newest(c->store, after));
	a = contract_place(c, c->ann, c->bob, "x");
	edit(c, c->ann, a.id);
	b = contract_place(c, c->cat, c->bob, "x");
	d = contract_place(c, c->ann, c->bob, "x");
	edit(c, c->cat, b.id);
	expected[0] = expected[1] = a.id;
	expected[2] = expected[4] = b.id;
	expected[3] = d.id;
	for (size_t limit = 1; limit < 8; limit++) {
		int pages = hear(c, after, limit, &heard);

		assert_int_equal(heard.count, 5);
		/* A backend that is slow ends one early. */
		assert_in_range(pages, (5 + limit - 1) / limit, 5);
		for (size_t i = 0; i < 5; i++) {
			assert_string_equal(heard.id[i], expected[i]);
			assert_int_equal(heard.is_change[i], changes[i]);
		}
	}
	assert_ok(store_newest(c->store, after));
	hear(c, after, 10, &heard);
	assert_int_equal(heard.count, 0);
	hear(c, none, 10, &heard);
	assert_int_equal(heard.count, 6);
}

/* What one has, and nothing but what is written from then on: in any process,
 * and whatever happens to the clock. */
static void recent_misses_nothing_when_the_clock_is_set_back(void **state)
{
	struct contract *c = *state;
	struct store *mine = c->store, *other = contract_open(c);
	struct store_read_marks marks;
	struct contract_place place;
	char after[ID_SIZE];
	struct heard heard;

	contract_place(c, c->ann, c->bob, "x");
	assert_ok(store_newest(c->store, after));
	c->now -= 7200000;
	place = contract_place(c, c->ann, c->bob, "x");
	c->store = other;
	edit(c, c->ann, place.id);
	place = contract_place(c, c->ann, c->bob, "x");
	c->store = mine;
	assert_ok(store_mark_read(c->store, AS(c->bob), place.conversation,
				  &(struct store_reach){3, 0}, c->now -= 5000,
				  &marks));
	c->now -= 7200000;
	contract_place(c, c->ann, c->bob, "x");
	hear(c, after, 100, &heard);
	assert_int_equal(heard.count, 4);
	assert_true(heard.is_change[1]);
	assert_string_equal(heard.id[2], place.id);
	assert_int_equal(heard.marks, 1);
	store_free(other);
}

/* By a process whose clock is behind, and that has seen nothing yet. */
static void what_is_written_from_now_on_is_behind_the_position(void **state)
{
	struct contract *c = *state;
	struct store *mine = c->store, *other = contract_open(c);
	struct contract_place place;
	char after[ID_SIZE];
	struct heard heard;

	contract_place(c, c->ann, c->bob, "x");
	assert_ok(store_position(c->store, c->now, after));
	c->now -= 1000;
	c->store = other;
	place = contract_place(c, c->cat, c->bob, "x");
	c->store = mine;
	hear(c, after, 100, &heard);
	assert_in_range(heard.count, 1, 2);
	assert_true(strcmp(heard.id[0], place.id) == 0 ||
		    strcmp(heard.id[1], place.id) == 0);
	store_free(other);
}

static void the_position_of_a_store_that_rests_is_its_newest(void **state)
{
	struct contract *c = *state;
	char newest[ID_SIZE], position[ID_SIZE];

	contract_place(c, c->ann, c->bob, "x");
	c->now += 10000;
	assert_ok(store_newest(c->store, newest));
	assert_ok(store_position(c->store, c->now, position));
	assert_string_equal(position, newest);
}

static void recent_goes_on_where_no_more_was_wanted(void **state)
{
	struct contract *c = *state;
	struct heard heard = {.most = 1};
	struct store_recent recent;
	char after[ID_SIZE];
	bool more;

	assert_ok(store_newest(c->store, after));
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");

	edit(c, c->ann, place.id);
	contract_place(c, c->ann, c->bob, "x");
	recent = recent_after(after, 100, &heard);
	for (; heard.most <= 3; heard.most++) {
		assert_ok(store_recent(c->store, &recent, &more));
		assert_int_equal(heard.count, heard.most);
		assert_int_equal(more, heard.most < 3);
	}
	assert_false(heard.is_change[0]);
	assert_true(heard.is_change[1]);
	assert_false(heard.is_change[2]);
}

static void recent_gives_marks_that_moved(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");
	struct store_read_marks p;
	struct heard heard;
	char after[ID_SIZE];

	assert_ok(store_mark_read(c->store, AS(c->bob), place.conversation,
				  &(struct store_reach){1, 0}, ++c->now, &p));
	assert_ok(store_newest(c->store, after));
	contract_place(c, c->ann, c->bob, "x");
	contract_place(c, c->ann, c->bob, "x");
	hear(c, after, 10, &heard);
	assert_int_equal(heard.marks, 0);
	assert_ok(store_mark_read(c->store, AS(c->bob), place.conversation,
				  &(struct store_reach){0, 2}, ++c->now, &p));
	hear(c, after, 1, &heard);
	assert_int_equal(heard.marks, 1);
	assert_string_equal(heard.mark[0].user_id, c->bob);
	assert_string_equal(heard.mark[0].other, c->ann);
	assert_string_equal(heard.mark[0].conversation, place.conversation);
	assert_int_equal(heard.mark[0].conversation_kind, CONVERSATION_DIRECT);
	assert_int_equal(heard.mark[0].read_seq, 2);
	assert_int_equal(heard.mark[0].received_seq, 2);
	assert_true(heard.mark[0].read_moved && heard.mark[0].received_moved);
	assert_string_equal(heard.mark[0].read_message, p.read_message);
	/* One that did not move is none. */
	assert_ok(store_newest(c->store, after));
	assert_ok(store_mark_read(c->store, AS(c->bob), place.conversation,
				  &(struct store_reach){0, 2}, ++c->now, &p));
	hear(c, after, 10, &heard);
	assert_int_equal(heard.marks, 0);
	/* Writing moves past what was unread: that is news, too. */
	contract_place(c, c->bob, c->ann, "x");
	hear(c, after, 10, &heard);
	assert_int_equal(heard.count, 1);
	assert_int_equal(heard.marks, 1);
	assert_string_equal(heard.mark[0].user_id, c->bob);
	assert_int_equal(heard.mark[0].read_seq, 4);
	assert_ok(store_newest(c->store, after));
	contract_place(c, c->bob, c->ann, "x");
	hear(c, after, 10, &heard);
	assert_int_equal(heard.marks, 0);
}

/* ---- batches ---- */

static void what_is_refused_in_a_batch_leaves_the_rest_alone(void **state)
{
	struct contract *c = *state;
	struct store_send bad[] = {
		{.to = "nobody", .content = "x"},
		{.to = c->cat,
		 .content = "x",
		 .reply_to = "0123456789abcdef01234567"},
	};
	struct contract_place first, last;
	struct store_conversation none;
	struct store_read_marks p;
	struct contract_rows *rows = contract_rows_new();

	assert_ok(store_batch_begin(c->store));
	first = contract_place(c, c->ann, c->bob, "one");
	assert_int_equal(contract_try(c, c->ann, &bad[0]), STORE_NOT_FOUND);
	assert_int_equal(contract_try(c, c->ann, &bad[1]), STORE_NOT_FOUND);
	assert_ok(store_mark_read(c->store, AS(c->bob), first.conversation,
				  &(struct store_reach){0, 1}, ++c->now, &p));
	last = contract_place(c, c->bob, c->ann, "two");
	assert_ok(store_batch_commit(c->store));
	assert_int_equal(first.seq, 1);
	assert_int_equal(last.seq, 2);
	contract_reopen(c);
	assert_ok(store_messages(c->store, AS(c->ann), first.conversation,
				 RANGE(1, 9), contract_each_message, rows));
	assert_int_equal(rows->messages, 2);
	assert_string_equal(rows->message[0].content, "one");
	assert_string_equal(rows->message[1].content, "two");
	contract_rows_free(rows);
	id_direct(c->ann, c->cat, p.conversation);
	assert_int_equal(store_conversation_get(c->store, AS(c->ann),
						p.conversation, &none),
			 STORE_NOT_FOUND);
}

static void a_client_id_is_known_within_its_batch(void **state)
{
	struct contract *c = *state;
	struct store_send reused = {
		.to = c->bob, .content = "y", .client_id = "k"};
	struct store_sent a, b;

	assert_ok(store_batch_begin(c->store));
	a = contract_say(c, c->ann, c->bob, "x", "k");
	b = contract_say(c, c->ann, c->bob, "x", "k");
	assert_int_equal(contract_try(c, c->ann, &reused), STORE_REUSED);
	assert_ok(store_batch_commit(c->store));
	assert_false(a.duplicate);
	assert_true(b.duplicate);
	assert_string_equal(a.message.id, b.message.id);
	store_sent_done(&a);
	store_sent_done(&b);
}

/* ---- the store itself ---- */

static void the_epoch_outlives_the_connection(void **state)
{
	struct contract *c = *state;
	char first[ID_SIZE], second[ID_SIZE];

	assert_ok(store_epoch(c->store, first));
	assert_true(id_valid(first));
	contract_reopen(c);
	assert_null(store_prepare(c->store));
	assert_ok(store_epoch(c->store, second));
	assert_string_equal(first, second);
}

static void a_uri_that_no_backend_takes_is_one_clear_line(void **state)
{
	(void)state;
	static const char *const uris[] = {
		"",	   "sqlite",	      "sqlite:",
		"foo:bar", "sqlite::memory:", "/some/path"};

	for (size_t i = 0; i < COUNT_OF(uris); i++) {
		struct store_config config = {.uri = uris[i]};
		char *error = NULL;

		assert_null(store_new(&config, &error));
		assert_non_null(strstr(error, "sqlite:PATH"));
		assert_null(strchr(error, '\n'));
		free(error);
	}
	store_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(
			recent_gives_all_since_oldest_first_on_any_page_size),
		CONTRACT_TEST(recent_goes_on_where_no_more_was_wanted),
		CONTRACT_TEST(
			what_is_written_from_now_on_is_behind_the_position),
		CONTRACT_TEST(the_position_of_a_store_that_rests_is_its_newest),
		CONTRACT_TEST(recent_gives_marks_that_moved),
		CONTRACT_TEST(recent_misses_nothing_when_the_clock_is_set_back),
		CONTRACT_TEST(what_is_refused_in_a_batch_leaves_the_rest_alone),
		CONTRACT_TEST(a_client_id_is_known_within_its_batch),
		CONTRACT_TEST(the_epoch_outlives_the_connection),
		CONTRACT_TEST(a_uri_that_no_backend_takes_is_one_clear_line),
	};

	return contract_run("spans", tests, COUNT_OF(tests));
}
