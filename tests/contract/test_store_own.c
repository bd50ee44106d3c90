/* What a user alone has of a conversation. */
#include "group.h"

#include <stdio.h>
#include <string.h>

#include "mem.h"
#include "palabre_limits.h"

static void mute(struct contract *c, const char *who, const char *id,
		 int64_t until, int64_t number)
{
	const struct store_own_change change = {.muted_until = &until};
	struct store_own own;
	bool changed;

	assert_ok(store_own_change(c->store, AS(who), id, &change, &own,
				   &changed));
	assert_int_equal(own.muted_until, until);
	assert_string_equal(own.conversation, id);
	assert_int_equal(own.number, number);
	store_own_done(&own);
}

/* Its texts live until the next one is looked at. */
static struct store_own own_of(struct contract *c, const char *who,
			       const char *id)
{
	static struct store_conversation seen;

	store_conversation_done(&seen);
	assert_ok(store_conversation_get(c->store, AS(who), id, &seen));
	return seen.own;
}

static int64_t muted_until(struct contract *c, const char *who, const char *id)
{
	return own_of(c, who, id).muted_until;
}

static bool change(struct contract *c, const char *who, const char *id,
		   struct store_own_change said)
{
	struct store_own own;
	bool changed;

	said.now_ms = ++c->now;
	assert_ok(
		store_own_change(c->store, AS(who), id, &said, &own, &changed));
	store_own_done(&own);
	return changed;
}

static const bool yes = true, no = false;

struct heard {
	size_t count, wanted;
	struct store_own own[5];
};

static bool hear(const struct store_own *own, void *context)
{
	struct heard *heard = context;

	if (heard->count == heard->wanted)
		return false;
	heard->own[heard->count++] = *own;
	return true;
}

static struct heard since(struct contract *c, const char *who, int64_t number,
			  size_t wanted, int64_t newest)
{
	struct heard heard = {.wanted = wanted};
	int64_t said;

	assert_ok(store_own_since(c->store, AS(who), number, hear, &heard,
				  &said));
	assert_int_equal(said, newest);
	return heard;
}

static void a_conversation_is_muted_for_one_of_its_members(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");

	assert_int_equal(muted_until(c, c->bob, place.conversation), 0);
	mute(c, c->bob, place.conversation, c->now + 500, 1);
	assert_int_equal(muted_until(c, c->bob, place.conversation),
			 c->now + 500);
	assert_int_equal(muted_until(c, c->ann, place.conversation), 0);
	mute(c, c->bob, place.conversation, STORE_FOREVER, 2);
	mute(c, c->bob, place.conversation, 0, 3);
	assert_int_equal(muted_until(c, c->bob, place.conversation), 0);
}

static void the_same_again_is_no_change(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");
	int64_t until = 0;
	const struct store_own_change same = {.muted_until = &until};
	const struct store_own_change none = {.muted_until = NULL};
	struct store_own own;
	bool changed;

	assert_ok(store_own_change(c->store, AS(c->bob), place.conversation,
				   &same, &own, &changed));
	assert_false(changed);
	mute(c, c->bob, place.conversation, c->now + 500, 1);
	assert_ok(store_own_change(c->store, AS(c->bob), place.conversation,
				   &none, &own, &changed));
	assert_false(changed);
	assert_int_equal(own.number, 1);
	mute(c, c->bob, place.conversation, c->now + 500, 1);
}

static void only_ones_own_conversations_are_muted(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");
	int64_t until = STORE_FOREVER;
	const struct store_own_change change = {.muted_until = &until};
	struct store_own own;
	bool changed;

	assert_int_equal(store_own_change(c->store, AS(c->cat),
					  place.conversation, &change, &own,
					  &changed),
			 STORE_NOT_FOUND);
	assert_int_equal(store_own_change(c->store, AS(c->ann),
					  "0123456789abcdef01234567", &change,
					  &own, &changed),
			 STORE_NOT_FOUND);
}

static void what_changed_since_a_number_is_given_in_order(void **state)
{
	struct contract *c = *state;
	struct contract_place bob = contract_place(c, c->ann, c->bob, "x");
	struct contract_place cat = contract_place(c, c->ann, c->cat, "x");
	struct heard heard;

	assert_int_equal(since(c, c->ann, 0, 5, 0).count, 0);
	mute(c, c->ann, bob.conversation, STORE_FOREVER, 1);
	mute(c, c->ann, cat.conversation, STORE_FOREVER, 2);
	mute(c, c->ann, bob.conversation, 0, 3);
	heard = since(c, c->ann, 0, 5, 3);
	assert_int_equal(heard.count, 2);
	assert_string_equal(heard.own[0].conversation, cat.conversation);
	assert_int_equal(heard.own[0].muted_until, STORE_FOREVER);
	assert_string_equal(heard.own[1].conversation, bob.conversation);
	assert_int_equal(heard.own[1].muted_until, 0);
	assert_int_equal(heard.own[1].number, 3);
	assert_int_equal(since(c, c->ann, 2, 5, 3).count, 1);
	assert_int_equal(since(c, c->ann, 3, 5, 3).count, 0);
	assert_int_equal(since(c, c->ann, 0, 1, 3).count, 1);
	assert_int_equal(since(c, c->bob, 0, 5, 0).count, 0);
}

static void what_is_pinned_says_since_when(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");
	const char *id = place.conversation;

	assert_true(change(c, c->bob, id,
			   (struct store_own_change){.pinned = &yes}));
	assert_int_equal(own_of(c, c->bob, id).pinned_at, c->now);
	assert_int_equal(own_of(c, c->ann, id).pinned_at, 0);
	assert_false(change(c, c->bob, id,
			    (struct store_own_change){.pinned = &yes}));
	assert_int_equal(own_of(c, c->bob, id).pinned_at, c->now - 1);
	assert_true(change(c, c->bob, id,
			   (struct store_own_change){.pinned = &no}));
	assert_int_equal(own_of(c, c->bob, id).pinned_at, 0);
}

static void at_most_five_are_pinned(void **state)
{
	struct contract *c = *state;
	const struct store_own_change pin = {.pinned = &yes};
	struct store_own own;
	char first[ID_SIZE], last[ID_SIZE];
	bool changed;

	for (int i = 0; i <= LIMIT_PINNED; i++) {
		char name[20], user[ID_SIZE];

		snprintf(name, sizeof(name), "friend%d", i);
		contract_add_user(c, name, user);
		memcpy(last, contract_place(c, c->ann, user, "x").conversation,
		       ID_SIZE);
		if (i == 0)
			memcpy(first, last, ID_SIZE);
		if (i < LIMIT_PINNED)
			assert_true(change(c, c->ann, last, pin));
	}
	assert_int_equal(store_own_change(c->store, AS(c->ann), last, &pin,
					  &own, &changed),
			 STORE_FULL);
	assert_false(changed);
	assert_int_equal(own_of(c, c->ann, last).number, 0);
	assert_false(change(c, c->ann, first, pin));
	change(c, c->ann, first, (struct store_own_change){.pinned = &no});
	assert_true(change(c, c->ann, last, pin));
}

static void a_group_that_one_left_is_none_of_the_five(void **state)
{
	struct contract *c = *state;
	const struct store_own_change pin = {.pinned = &yes};
	char group[ID_SIZE], name[20], user[ID_SIZE];

	group_make(c, group);
	assert_true(change(c, c->bob, group, pin));
	for (int i = 1; i <= LIMIT_PINNED; i++) {
		if (i == LIMIT_PINNED)
			group_assert_done(c, c->bob, group, GROUP_LEFT, NULL,
					  "left");
		snprintf(name, sizeof(name), "friend%d", i);
		contract_add_user(c, name, user);
		assert_true(change(
			c, c->bob,
			contract_place(c, c->bob, user, "x").conversation,
			pin));
	}
}

static void what_is_archived_knows_its_newest_message_then(void **state)
{
	struct contract *c = *state;
	const struct store_own_change archive = {.archived = &yes};
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");
	const char *id = place.conversation;

	assert_true(change(c, c->bob, id, archive));
	assert_true(own_of(c, c->bob, id).archived);
	assert_int_equal(own_of(c, c->bob, id).archived_seq, 1);
	assert_false(own_of(c, c->ann, id).archived);
	assert_false(change(c, c->bob, id, archive));
	contract_place(c, c->ann, c->bob, "y");
	assert_int_equal(own_of(c, c->bob, id).archived_seq, 1);
	assert_true(change(c, c->bob, id, archive));
	assert_int_equal(own_of(c, c->bob, id).archived_seq, 2);
	assert_true(change(c, c->bob, id,
			   (struct store_own_change){.archived = &no}));
	assert_false(own_of(c, c->bob, id).archived);
	assert_false(change(c, c->bob, id,
			    (struct store_own_change){.archived = &no}));
}

static void what_came_back_is_not_archived_by_being_muted(void **state)
{
	struct contract *c = *state;
	const int64_t ever = STORE_FOREVER, soon = c->now + 500;
	const struct store_own_change archive = {.archived = &yes};
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");
	const char *id = place.conversation;

	change(c, c->bob, id, archive);
	change(c, c->bob, id, (struct store_own_change){.muted_until = &ever});
	assert_true(own_of(c, c->bob, id).archived);
	contract_place(c, c->ann, c->bob, "quiet");
	change(c, c->bob, id, (struct store_own_change){.muted_until = &soon});
	assert_true(own_of(c, c->bob, id).archived);
	change(c, c->bob, id, (struct store_own_change){.archived = &no});
	mute(c, c->bob, id, 0, 5);
	change(c, c->bob, id, archive);
	contract_place(c, c->ann, c->bob, "back");
	change(c, c->bob, id, (struct store_own_change){.muted_until = &ever});
	assert_false(own_of(c, c->bob, id).archived);
}

static void a_hidden_message_brings_nothing_back(void **state)
{
	struct contract *c = *state;
	const int64_t ever = STORE_FOREVER;
	const struct store_own_change archive = {.archived = &yes};
	struct contract_place place = contract_place(c, c->bob, c->ann, "x");
	const char *id = place.conversation;

	contract_block(c, c->ann, c->bob, true);
	change(c, c->ann, id, archive);
	contract_place(c, c->bob, c->ann, "hidden");
	assert_false(change(c, c->ann, id, archive));
	change(c, c->ann, id, (struct store_own_change){.muted_until = &ever});
	assert_true(own_of(c, c->ann, id).archived);
	assert_int_equal(own_of(c, c->ann, id).archived_seq, 1);
}

static void what_is_pinned_is_not_archived(void **state)
{
	struct contract *c = *state;
	struct contract_place at = contract_place(c, c->ann, c->bob, "x");
	const char *place = at.conversation;

	change(c, c->bob, place, (struct store_own_change){.pinned = &yes});
	change(c, c->bob, place, (struct store_own_change){.archived = &yes});
	assert_int_equal(own_of(c, c->bob, place).pinned_at, 0);
	assert_true(own_of(c, c->bob, place).archived);
	change(c, c->bob, place, (struct store_own_change){.pinned = &yes});
	assert_true(own_of(c, c->bob, place).pinned_at > 0);
	assert_false(own_of(c, c->bob, place).archived);
}

static void what_is_marked_unread_stays_so_until_it_is_said(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");
	const char *id = place.conversation;

	assert_true(change(c, c->bob, id,
			   (struct store_own_change){.marked_unread = &yes}));
	assert_true(own_of(c, c->bob, id).marked_unread);
	assert_false(own_of(c, c->ann, id).marked_unread);
	assert_true(change(c, c->bob, id,
			   (struct store_own_change){.marked_unread = &no}));
	assert_false(own_of(c, c->bob, id).marked_unread);
}

static void a_draft_is_kept_until_there_is_none(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");
	const char *id = place.conversation;
	const struct store_own_change draft = {.draft = "{\"content\":\"h\"}"};
	struct heard heard;

	assert_true(change(c, c->bob, id, draft));
	assert_string_equal(own_of(c, c->bob, id).draft, draft.draft);
	assert_null(own_of(c, c->ann, id).draft);
	assert_false(change(c, c->bob, id, draft));
	change(c, c->bob, id, (struct store_own_change){.pinned = &yes});
	assert_string_equal(own_of(c, c->bob, id).draft, draft.draft);
	heard = since(c, c->bob, 1, 5, 2);
	assert_int_equal(heard.count, 1);
	assert_true(heard.own[0].pinned_at > 0);
	assert_true(
		change(c, c->bob, id, (struct store_own_change){.draft = ""}));
	assert_null(own_of(c, c->bob, id).draft);
}

static void who_comes_back_is_told_that_it_is_not_muted(void **state)
{
	struct contract *c = *state;
	char id[ID_SIZE];
	struct heard heard;

	group_make(c, id);
	mute(c, c->bob, id, STORE_FOREVER, 1);
	group_assert_done(c, c->bob, id, GROUP_LEFT, NULL, "left");
	assert_int_equal(since(c, c->bob, 0, 5, 1).count, 0);
	group_assert_done(c, c->ann, id, GROUP_ADDED, c->bob, "Bob");
	heard = since(c, c->bob, 1, 5, 2);
	assert_int_equal(heard.count, 1);
	assert_int_equal(heard.own[0].muted_until, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(a_conversation_is_muted_for_one_of_its_members),
		CONTRACT_TEST(the_same_again_is_no_change),
		CONTRACT_TEST(only_ones_own_conversations_are_muted),
		CONTRACT_TEST(what_changed_since_a_number_is_given_in_order),
		CONTRACT_TEST(what_is_pinned_says_since_when),
		CONTRACT_TEST(at_most_five_are_pinned),
		CONTRACT_TEST(a_group_that_one_left_is_none_of_the_five),
		CONTRACT_TEST(what_is_archived_knows_its_newest_message_then),
		CONTRACT_TEST(what_came_back_is_not_archived_by_being_muted),
		CONTRACT_TEST(a_hidden_message_brings_nothing_back),
		CONTRACT_TEST(what_is_pinned_is_not_archived),
		CONTRACT_TEST(what_is_marked_unread_stays_so_until_it_is_said),
		CONTRACT_TEST(a_draft_is_kept_until_there_is_none),
		CONTRACT_TEST(who_comes_back_is_told_that_it_is_not_muted),
	};

	return contract_run("own", tests, COUNT_OF(tests));
}
