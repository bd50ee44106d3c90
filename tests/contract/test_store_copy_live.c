/* What changes in a store while it is copied is in the copy at its end. */
#include "copies.h"
#include "everything.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "store_copy.h"
#include "store_records.h"

/* Once in use, and once not any more: it is the same then. */
static void what_changes_while_it_is_copied_is_copied_at_its_end(void **state)
{
	struct contract *c = *state;
	const struct backend *first = copies_next(NULL);

	for (const struct backend *b = first; b != NULL; b = copies_next(b)) {
		struct copies_place there = copies_open(b);
		struct copies_place back = copies_open(contract_backend());
		struct everything all;

		everything_add(c, &all);
		copies_make_live(c->store, there.c.store);
		everything_change(c, &all);
		copies_make_live(c->store, there.c.store);
		contract_erase(c, c->cat);
		contract_place(c, c->ann, c->bob, "the last");
		copies_make(c->store, there.c.store);
		copies_make(there.c.store, back.c.store);
		contract_assert_clean(there.c.store);
		contract_assert_clean(back.c.store);
		everything_goes_on(c, there.c.store, &all);
		copies_close(&there);
		copies_close(&back);
	}
}

/* ---- single records ---- */

struct records {
	char keys[100][64];
	size_t count;
};

static void note_key(const char *key, const char *record, void *context)
{
	struct records *records = context;

	(void)record;
	assert_true(records->count < COUNT_OF(records->keys));
	snprintf(records->keys[records->count++], sizeof(records->keys[0]),
		 "%s", key);
}

static struct records records_of(struct store *store, enum store_part part)
{
	struct records records = {.count = 0};

	assert_ok(store->copy->read(store, part, "", COUNT_OF(records.keys),
				    note_key, &records));
	return records;
}

static void drop_part(struct store *store, enum store_part part)
{
	struct records records = records_of(store, part);
	const char *keys[COUNT_OF(records.keys)];

	assert_true(records.count > 0);
	for (size_t i = 0; i < records.count; i++)
		keys[i] = records.keys[i];
	assert_ok(store->copy->drop(store, part, keys, records.count));
	records = records_of(store, part);
	assert_true(records.count == 0 || part == PART_CONVERSATIONS);
}

/* What may be named by others last; of conversations only those that have
 * messages are seen. Audit rows never become others. */
static void drop_all(struct store *store)
{
	for (int p = STORE_PARTS - 1; p >= 0; p--) {
		if (p == PART_MESSAGES)
			drop_part(store, PART_CONVERSATIONS);
		if (p != PART_AUDIT && p != PART_CONVERSATIONS)
			drop_part(store, (enum store_part)p);
	}
}

static void what_is_dropped_is_gone_and_written_anew(void **state)
{
	struct contract *c = *state;
	struct everything all;

	everything_add(c, &all);
	for (const struct backend *b = copies_next(NULL); b != NULL;
	     b = copies_next(b)) {
		struct copies_place there = copies_open(b);

		copies_make_live(c->store, there.c.store);
		drop_all(there.c.store);
		copies_make(c->store, there.c.store);
		contract_assert_clean(there.c.store);
		copies_close(&there);
	}
}

struct message {
	char *key, *record;
};

static void note_message(const char *key, const char *record, void *context)
{
	struct message *message = context;

	free(message->key);
	free(message->record);
	*message = (struct message){xstrdup(key), xstrdup(record)};
}

/* The newest of a store whose messages are all of one conversation. */
static struct message newest_of(struct store *store)
{
	struct message newest = {NULL, NULL};

	assert_ok(store->copy->read(store, PART_MESSAGES, "", 100, note_message,
				    &newest));
	return newest;
}

/* Where a message came to the copy before the one that it follows, as in a
 * database of which ids are made before they are written. */
static void one_that_came_late_is_counted_by_those_behind_it(void **state)
{
	struct contract *c = *state;
	struct message ours;

	contract_place(c, c->ann, c->bob, "one");
	contract_place(c, c->bob, c->ann, "two");
	contract_place(c, c->ann, c->bob, "three");
	ours = newest_of(c->store);
	for (const struct backend *b = copies_next(NULL); b != NULL;
	     b = copies_next(b)) {
		struct copies_place there = copies_open(b);

		copies_make_live(c->store, there.c.store);
		drop_part(there.c.store, PART_MESSAGES);
		assert_ok(there.c.store->copy->write(
			there.c.store, PART_MESSAGES,
			(const char *const *)&ours.record, 1));
		copies_make(c->store, there.c.store);
		copies_close(&there);
	}
	free(ours.key);
	free(ours.record);
}

/* Between a conversation and its messages. */
static void what_is_hidden_while_it_is_copied_is_counted(void **state)
{
	struct contract *c = *state;

	for (int i = 0; i < 600; i++)
		contract_place(c, c->ann, c->bob, "many");
	contract_block(c, c->bob, c->ann, true);
	for (const struct backend *b = copies_next(NULL); b != NULL;
	     b = copies_next(b)) {
		struct copies_place there = copies_open(b);

		copies_assert_refused(c->store, there.c.store, 300, "given up");
		contract_place(c, c->ann, c->bob, "hidden");
		copies_make(c->store, there.c.store);
		copies_close(&there);
	}
}

static void half_a_copy_is_copied_by_nobody(void **state)
{
	struct contract *c = *state;
	struct copies_place half = copies_open(contract_backend());
	struct copies_place there = copies_open(contract_backend());

	contract_place(c, c->ann, c->bob, "one");
	copies_make_live(c->store, half.c.store);
	copies_assert_refused(half.c.store, there.c.store, INT64_MAX,
			      "to copy from is half a copy of another");
	copies_close(&there);
	copies_close(&half);
}

/* Who has another name had one before, too. */
static void change_names(struct contract *c, const char *user, const char *name,
			 const char *email)
{
	struct store_profile profile = {
		.username = name,
		.email = email,
		.now_ms = ++c->now,
	};
	struct store_user after;
	const char *field;

	assert_ok(store_user_profile(c->store, user, &profile, &after, &field));
	store_user_done(&after);
}

/* More than are compared at once have changed, and the first has what the last
 * had before. */
static void what_another_one_had_goes_to_its_new_owner(void **state)
{
	enum { MANY = 510 };
	struct contract *c = *state;
	struct store_seen users[MANY];
	char name[32];

	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "user%d", i);
		contract_add_user(c, name, users[i].user_id);
	}
	for (const struct backend *b = copies_next(NULL); b != NULL;
	     b = copies_next(b)) {
		struct copies_place there = copies_open(b);

		change_names(c, users[0].user_id, NULL, "");
		change_names(c, users[MANY - 1].user_id, NULL,
			     "of@last.example");
		copies_make_live(c->store, there.c.store);
		for (int i = 0; i < MANY; i++)
			users[i].at = ++c->now;
		assert_ok(store_last_seen(c->store, users, MANY));
		change_names(c, users[MANY - 1].user_id, NULL, "");
		snprintf(name, sizeof(name), "was_%s", b->name);
		change_names(c, users[0].user_id, name, "of@last.example");
		copies_make(c->store, there.c.store);
		contract_assert_clean(there.c.store);
		copies_close(&there);
	}
}

static bool go_on(int64_t done, int64_t total, void *context)
{
	(void)done;
	(void)total;
	(void)context;
	return true;
}

static bool refuse(struct store *copy, void *context)
{
	(void)copy;
	(void)context;
	return false;
}

static void what_is_found_to_be_wrong_is_no_copy(void **state)
{
	struct contract *c = *state;
	struct copies_place there = copies_open(contract_backend());
	const struct store_copying how = {
		.from = c->store,
		.to = there.c.store,
		.progress = go_on,
		.accept = refuse,
	};
	int64_t records;
	char *error = store_copy(&how, &records);
	bool half = false;

	assert_string_equal(error, "the copy is not as it should be");
	free(error);
	assert_ok(store_copy_is_half(there.c.store, &half));
	assert_true(half);
	copies_make(c->store, there.c.store);
	copies_close(&there);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CONTRACT_TEST(
			what_changes_while_it_is_copied_is_copied_at_its_end),
		CONTRACT_TEST(what_is_dropped_is_gone_and_written_anew),
		CONTRACT_TEST(what_another_one_had_goes_to_its_new_owner),
		CONTRACT_TEST(one_that_came_late_is_counted_by_those_behind_it),
		CONTRACT_TEST(what_is_hidden_while_it_is_copied_is_counted),
		CONTRACT_TEST(half_a_copy_is_copied_by_nobody),
		CONTRACT_TEST(what_is_found_to_be_wrong_is_no_copy),
	};

	return contract_run("copy", tests, COUNT_OF(tests));
}
