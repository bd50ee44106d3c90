/* What a user alone has of a conversation. */
#include "group.h"

#include <string.h>

#include "mem.h"

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
}

static int64_t muted_until(struct contract *c, const char *who, const char *id)
{
	struct store_conversation seen;
	int64_t until;

	assert_ok(store_conversation_get(c->store, AS(who), id, &seen));
	until = seen.muted_until;
	store_conversation_done(&seen);
	return until;
}

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
		CONTRACT_TEST(who_comes_back_is_told_that_it_is_not_muted),
	};

	return contract_run("own", tests, COUNT_OF(tests));
}
