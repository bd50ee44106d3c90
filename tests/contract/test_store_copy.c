/* All that a store holds, into another one of each backend that can hold it,
 * and back: nothing is missing, and clients go on. */
#include "copies.h"
#include "everything.h"

#include <string.h>

#include "mem.h"
#include "store_copy.h"

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
		everything_stays_hidden(c, there.c.store, &all);
		everything_stays_hidden(c, back.c.store, &all);
		assert_ok(store_epoch(c->store, epoch));
		assert_ok(store_epoch(back.c.store, its));
		assert_string_equal(epoch, its);
		/* Only the first place sends: the next copy has it, too. */
		if (b == first)
			everything_goes_on(c, there.c.store, &all);
		copies_close(&there);
		copies_close(&back);
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

static void assert_erased(const struct contract *c, struct store *store)
{
	assert_true(contract_was_erased(store, c->bob));
	assert_false(contract_was_erased(store, c->ann));
}

static void who_was_erased_is_known_in_a_copy(void **state)
{
	struct contract *c = *state;

	contract_erase(c, c->bob); /* who never wrote */
	for (const struct backend *b = copies_next(NULL); b != NULL;
	     b = copies_next(b)) {
		struct copies_place there = copies_open(b);
		struct copies_place back = copies_open(contract_backend());

		copies_make(c->store, there.c.store);
		copies_make(there.c.store, back.c.store);
		assert_erased(c, there.c.store);
		assert_erased(c, back.c.store);
		copies_close(&there);
		copies_close(&back);
	}
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

/* ---- which of the two goes on ---- */

static void serve(struct store *store, char epoch[ID_SIZE])
{
	bool half;

	assert_ok(store_copy_serve(store, &half));
	assert_false(half);
	assert_ok(store_epoch(store, epoch));
}

static void assert_serves_as(struct store *store, const char *epoch)
{
	char its[ID_SIZE];

	serve(store, its);
	assert_string_equal(its, epoch);
}

static void one_that_was_moved_is_another_one_where_it_was(void **state)
{
	struct contract *c = *state;
	struct copies_place there = copies_open(contract_backend());
	char epoch[ID_SIZE], again[ID_SIZE];

	contract_place(c, c->ann, c->bob, "something");
	serve(c->store, epoch);
	copies_move(c->store, there.c.store);
	copies_move(c->store, there.c.store);
	assert_serves_as(there.c.store, epoch);
	assert_null(store_prepare(c->store));
	copies_move(c->store, there.c.store);
	serve(c->store, again);
	assert_string_not_equal(again, epoch);
	assert_serves_as(c->store, again);
	assert_serves_as(there.c.store, epoch);
	copies_assert_refused(c->store, there.c.store, INT64_MAX,
			      "in it already");
	copies_close(&there);
}

static void one_that_goes_on_beside_its_copy_stays_itself(void **state)
{
	struct contract *c = *state;
	struct copies_place there = copies_open(contract_backend());
	struct copies_place other = copies_open(contract_backend());
	char epoch[ID_SIZE];

	contract_place(c, c->ann, c->bob, "something");
	serve(c->store, epoch);
	copies_make(c->store, there.c.store);
	copies_make_live(c->store, other.c.store);
	copies_make_live(c->store, other.c.store);
	copies_assert_refused(c->store, there.c.store, 1, "given up");
	assert_serves_as(c->store, epoch);
	copies_close(&other);
	copies_close(&there);
}

/* Before anybody wrote: it is that one again, and the other one is not. */
static void one_that_is_moved_back_goes_on(void **state)
{
	struct contract *c = *state;
	struct copies_place there = copies_open(contract_backend());
	char epoch[ID_SIZE], its[ID_SIZE];

	contract_place(c, c->ann, c->bob, "something");
	serve(c->store, epoch);
	copies_move(c->store, there.c.store);
	copies_move(there.c.store, c->store);
	assert_serves_as(c->store, epoch);
	serve(there.c.store, its);
	assert_string_not_equal(its, epoch);
	copies_close(&there);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CONTRACT_TEST(a_store_goes_to_any_other_and_back),
		CONTRACT_TEST(what_is_reacted_in_a_copy_comes_back),
		CONTRACT_TEST(who_was_erased_is_known_in_a_copy),
		CONTRACT_TEST(one_that_broke_off_goes_on),
		CONTRACT_TEST(nothing_is_copied_over_something),
		CONTRACT_TEST(a_copy_that_was_used_since_is_none),
		CONTRACT_TEST(one_that_was_moved_is_another_one_where_it_was),
		CONTRACT_TEST(one_that_goes_on_beside_its_copy_stays_itself),
		CONTRACT_TEST(one_that_is_moved_back_goes_on),
	};

	return contract_run("copy", tests, COUNT_OF(tests));
}
