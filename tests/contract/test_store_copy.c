/* All that a store holds, into another one of each backend that can hold it,
 * and back: nothing is missing, and clients go on. */
#include "copies.h"
#include "everything.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "mem.h"
#include "store_copy.h"

static void assert_goes_on(struct contract *c, struct store *copy,
			   const struct store_session *session,
			   const struct store_link *link)
{
	char client_id[32];
	struct store_send send = {
		.sender_name = "a name",
		.to = c->bob,
		.content = "once",
		.client_id = client_id,
		.now_ms = c->now + 1,
	};
	struct store_sent before, again, next;
	struct store_session seen;
	struct store_user user;
	struct store_group_act join = {
		.event = GROUP_JOINED,
		.actor_name = "x",
		.now_ms = c->now + 2,
	};
	struct store_group_done done;

	snprintf(client_id, sizeof(client_id), "%" PRId64, c->now);
	assert_ok(store_session_get(copy, session->id, c->now, &seen, &user));
	assert_string_equal(user.id, c->ann);
	assert_string_equal(seen.agent, "tests");
	assert_true(user.hides_last_seen && user.hides_receipts);
	store_session_done(&seen);
	store_user_done(&user);
	assert_ok(store_send(c->store, AS(c->ann), &send, &before));
	assert_false(before.duplicate);
	assert_ok(store_send(copy, AS(c->ann), &send, &again));
	assert_int_equal(again.message.seq, before.message.seq);
	assert_ok(store_send(copy, AS(c->ann), &send, &next));
	assert_true(next.duplicate);
	store_sent_done(&before);
	store_sent_done(&again);
	store_sent_done(&next);
	/* A member already. */
	assert_ok(store_group_join(copy, AS(c->bob), link->code, &join, &done));
	assert_int_equal(done.message.seq, 0);
	store_group_done_free(&done);
}

static void a_store_goes_to_any_other_and_back(void **state)
{
	struct contract *c = *state;
	const struct backend *first = copies_next(NULL);
	struct everything all;
	char epoch[ID_SIZE], its[ID_SIZE];

	everything_add(c, &all);
	for (const struct backend *b = first; b != NULL; b = copies_next(b)) {
		struct copies_place there = copies_open(b);
		struct copies_place back = copies_open(contract_backend());

		copies_make(c->store, there.c.store);
		copies_make(there.c.store, back.c.store);
		contract_assert_clean(there.c.store);
		contract_assert_clean(back.c.store);
		assert_ok(store_epoch(c->store, epoch));
		assert_ok(store_epoch(back.c.store, its));
		assert_string_equal(epoch, its);
		/* Only the first place sends: the next copy has it, too. */
		if (b == first)
			assert_goes_on(c, there.c.store, &all.session,
				       &all.link);
		copies_close(&there);
		copies_close(&back);
	}
}

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
		assert_goes_on(c, there.c.store, &all.session, &all.link);
		copies_close(&there);
		copies_close(&back);
	}
}

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

/* Those that can ever be others. */
static void drop_all(struct store *store)
{
	for (int p = STORE_PARTS - 1; p >= 0; p--) {
		struct records records = records_of(store, (enum store_part)p);
		const char *keys[COUNT_OF(records.keys)];

		for (size_t i = 0; i < records.count; i++)
			keys[i] = records.keys[i];
		if (p == PART_AUDIT)
			continue;
		assert_true(records.count > 0 || p == PART_CONVERSATIONS);
		assert_ok(store->copy->drop(store, (enum store_part)p, keys,
					    records.count));
		records = records_of(store, (enum store_part)p);
		assert_int_equal(records.count, 0);
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

static void assert_reactions(struct contract *c, const char *id,
			     const char *const emoji[3])
{
	struct store_message message;
	const char *at;

	assert_ok(store_message_get(c->store, AS(c->ann), id, &message));
	at = message.reactions;
	for (size_t i = 0; i < 3 && at != NULL; i++)
		at = strstr(at, emoji[i]);
	if (at == NULL)
		fail_msg("%s", message.reactions);
	store_message_done(&message);
}

/* There somebody else reacts, and who is erased leaves their place to others:
 * it is all in its order when it has come back, and goes on so. */
static void assert_reactions_come_back(struct contract *c, const char *id,
				       const struct backend *by)
{
	struct copies_place there = copies_open(by);
	struct copies_place back = copies_open(contract_backend());
	struct contract at = *c;
	const char *const then[] = {THUMB, GRIN, PARTY};
	const char *const now[] = {THUMB, PARTY, GRIN};

	copies_make(c->store, there.c.store);
	at.store = there.c.store;
	everything_react(&at, c->cat, id, PARTY, true);
	contract_erase(&at, c->bob);
	assert_reactions(&at, id, then);
	copies_make(there.c.store, back.c.store);
	at.store = back.c.store;
	assert_reactions(&at, id, then);
	everything_react(&at, c->ann, id, GRIN, false);
	everything_react(&at, c->cat, id, GRIN, true);
	assert_reactions(&at, id, now);
	contract_assert_clean(back.c.store);
	copies_close(&there);
	copies_close(&back);
}

static void what_is_reacted_in_a_copy_comes_back(void **state)
{
	struct contract *c = *state;
	struct contract_place place =
		contract_place_in_lobby(c, c->ann, "all react");

	everything_react(c, c->bob, place.id, THUMB, true);
	everything_react(c, c->ann, place.id, GRIN, true);
	everything_react(c, c->ann, place.id, THUMB, true);
	for (const struct backend *b = copies_next(NULL); b != NULL;
	     b = copies_next(b))
		assert_reactions_come_back(c, place.id, b);
}

static void one_that_broke_off_goes_on(void **state)
{
	struct contract *c = *state;
	struct copies_place there = copies_open(contract_backend());

	for (int i = 0; i < 1200; i++)
		contract_place(c, c->ann, c->bob, "many");
	copies_assert_refused(c->store, there.c.store, 700, "given up");
	copies_assert_refused(c->store, there.c.store, 1100, "given up");
	copies_make(c->store, there.c.store);
	contract_assert_clean(there.c.store);
	copies_close(&there);
}

static void nothing_is_copied_over_something(void **state)
{
	struct contract *c = *state;
	struct copies_place other = copies_open(contract_backend());
	struct copies_place third = copies_open(contract_backend());
	struct store_user user = {
		.username = (char *)"Eve",
		.created_at = ++c->now,
	};
	const char *field;

	assert_ok(store_user_add(other.c.store, &user, &field));
	copies_assert_refused(c->store, other.c.store, INT64_MAX,
			      "in it already");
	contract_place(c, c->ann, c->bob, "something");
	copies_assert_refused(c->store, third.c.store, 2, "given up");
	copies_assert_refused(other.c.store, third.c.store, INT64_MAX,
			      "half a copy of another");
	copies_close(&other);
	copies_close(&third);
}

static void a_copy_that_was_used_since_is_none(void **state)
{
	struct contract *c = *state;
	struct copies_place there = copies_open(contract_backend());
	struct contract used = *c;

	contract_place(c, c->ann, c->bob, "something");
	copies_make(c->store, there.c.store);
	copies_make(c->store, there.c.store);
	used.store = there.c.store;
	everything_hide(&used);
	copies_assert_refused(c->store, there.c.store, INT64_MAX,
			      " is another one");
	everything_hide(c);
	copies_make(c->store, there.c.store);
	contract_place(&used, c->ann, c->cat, "more");
	copies_assert_refused(c->store, there.c.store, INT64_MAX,
			      " is in one alone");
	copies_close(&there);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CONTRACT_TEST(a_store_goes_to_any_other_and_back),
		CONTRACT_TEST(
			what_changes_while_it_is_copied_is_copied_at_its_end),
		CONTRACT_TEST(what_is_dropped_is_gone_and_written_anew),
		CONTRACT_TEST(what_another_one_had_goes_to_its_new_owner),
		CONTRACT_TEST(what_is_reacted_in_a_copy_comes_back),
		CONTRACT_TEST(one_that_broke_off_goes_on),
		CONTRACT_TEST(nothing_is_copied_over_something),
		CONTRACT_TEST(a_copy_that_was_used_since_is_none),
	};

	return contract_run("copy", tests, COUNT_OF(tests));
}
