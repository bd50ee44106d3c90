/* What is kept of attempts to sign in: the failed ones, and the networks that
 * users signed in from. */
#include "contract.h"

#include <stdio.h>

#include "mem.h"

static const struct store_guess_key anywhere = {"Nobody", ""};

static void guesses_are_counted_in_any_spelling_and_forgotten(void **state)
{
	struct contract *c = *state;
	struct store_guesses guesses;
	const struct store_guess_key upper = {"NOBODY", ""};
	const struct store_guess_key other = {"another", ""};

	assert_ok(store_guesses_get(c->store, &anywhere, &guesses));
	assert_int_equal(guesses.failures, 0);
	assert_int_equal(guesses.locked_until, 0);
	assert_ok(store_guesses_add(c->store, &anywhere,
				    &(struct store_guesses){1, 0, 100}, 50));
	/* Two at once, which both have read none. */
	assert_ok(store_guesses_add(c->store, &upper,
				    &(struct store_guesses){1, 5000, 101}, 51));
	assert_ok(store_guesses_get(c->store, &upper, &guesses));
	assert_int_equal(guesses.failures, 2);
	assert_int_equal(guesses.locked_until, 5000);
	assert_int_equal(guesses.at, 101);
	assert_ok(store_guesses_get(c->store, &other, &guesses));
	assert_int_equal(guesses.failures, 0);
	/* After long it is the first again. */
	assert_ok(store_guesses_add(c->store, &upper,
				    &(struct store_guesses){1, 0, 900}, 102));
	assert_ok(store_guesses_get(c->store, &anywhere, &guesses));
	assert_int_equal(guesses.failures, 1);
	assert_ok(store_guesses_forget(c->store, &upper));
	assert_ok(store_guesses_get(c->store, &anywhere, &guesses));
	assert_int_equal(guesses.failures, 0);
}

static void each_place_has_guesses_of_its_own(void **state)
{
	struct contract *c = *state;
	struct store_guesses guesses;
	const struct store_guess_key there = {"Nobody", "192.0.2.1"};
	const struct store_guess_key sly = {"192.0.2.1\nNobody", ""};

	assert_ok(store_guesses_add(c->store, &there,
				    &(struct store_guesses){7, 5000, 100}, 0));
	assert_ok(store_guesses_get(c->store, &anywhere, &guesses));
	assert_int_equal(guesses.failures, 0);
	assert_ok(store_guesses_get(c->store, &sly, &guesses));
	assert_int_equal(guesses.failures, 0);
	assert_ok(store_guesses_get(c->store, &there, &guesses));
	assert_int_equal(guesses.failures, 7);
}

static bool is_known(struct contract *c, const char *user, const char *network,
		     int64_t since)
{
	bool known;

	assert_ok(store_network_known(c->store, user, network, since, &known));
	return known;
}

static void count_network(const char *network, void *context)
{
	assert_true(network[0] == 'n');
	++*(int *)context;
}

static void the_newest_networks_of_a_user_are_known(void **state)
{
	struct contract *c = *state;
	int count = 0;

	for (int i = 0; i < 20; i++) {
		char network[8];

		snprintf(network, sizeof(network), "n%d", i);
		assert_ok(store_network_seen(c->store, c->ann, network, i));
	}
	assert_true(is_known(c, c->ann, "n19", 19));
	assert_false(is_known(c, c->ann, "n19", 20));
	assert_true(is_known(c, c->ann, "n4", 0));
	assert_false(is_known(c, c->ann, "n3", 0));
	assert_false(is_known(c, c->bob, "n19", 0));
	assert_false(is_known(c, "", "n19", 0));
	assert_ok(store_network_seen(c->store, c->ann, "n4", 50));
	assert_true(is_known(c, c->ann, "n4", 50));
	assert_ok(store_networks(c->store, c->ann, count_network, &count));
	assert_int_equal(count, 16);
	assert_ok(store_network_seen(c->store, "", "n1", 50));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(
			guesses_are_counted_in_any_spelling_and_forgotten),
		CONTRACT_TEST(each_place_has_guesses_of_its_own),
		CONTRACT_TEST(the_newest_networks_of_a_user_are_known),
	};

	return contract_run("guesses", tests, COUNT_OF(tests));
}
