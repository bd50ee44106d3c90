#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "eio_ledger.h"
#include "mem.h"

#define HOLDS 200
#define ADDRESSES 40
#define STEPS 20000

static struct eio_ledger ledger;

static void zeros(void *out, size_t len)
{
	memset(out, 0, len);
}

static int start(void **state)
{
	(void)state;
	eio_ledger_init(&ledger, zeros);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	eio_ledger_done(&ledger);
	return 0;
}

static void an_address_of_ipv6_is_its_network(void **state)
{
	static const struct {
		const char *one, *other;
		bool same;
	} pairs[] = {
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"::1", "0.0.0.0", false},
		{"::1", "0.0.0.1", false},
		{"::1", "192.0.2.1", false},
		{"", "unix:", true},
		{"", "192.0.2.1", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(pairs); i++)
		assert_int_equal(eio_address_key(pairs[i].one) ==
					 eio_address_key(pairs[i].other),
				 pairs[i].same);
}

static void the_worst_is_the_oldest_of_the_address_that_holds_most(void **state)
{
	struct eio_hold a = {0}, b = {0}, c = {0}, d = {0};
	size_t weight;

	(void)state;
	assert_null(eio_ledger_worst(&ledger));
	eio_ledger_set(&ledger, &a, 1, 5);
	assert_ptr_equal(eio_ledger_worst(&ledger), &a);
	eio_ledger_set(&ledger, &b, 2, 3);
	eio_ledger_set(&ledger, &c, 2, 3);
	assert_ptr_equal(eio_ledger_worst(&ledger), &b);
	assert_int_equal(ledger.weight, 11);
	eio_ledger_set(&ledger, &a, 1, 9);
	assert_ptr_equal(eio_ledger_worst(&ledger), &a);
	eio_ledger_set(&ledger, &d, 1, 1);
	eio_ledger_remove(&ledger, &a);
	assert_ptr_equal(eio_ledger_worst(&ledger), &b);
	assert_ptr_equal(eio_ledger_oldest(&ledger, 1, &weight), &d);
	assert_int_equal(weight, 1);
	eio_ledger_set(&ledger, &b, 2, 0);
	assert_ptr_equal(eio_ledger_oldest(&ledger, 2, &weight), &c);
	assert_null(eio_ledger_oldest(&ledger, 3, &weight));
	eio_ledger_remove(&ledger, &c);
	eio_ledger_remove(&ledger, &c);
	eio_ledger_remove(&ledger, &d);
	assert_int_equal(ledger.weight, 0);
}

/* What the ledger must say, found by looking at everything. */
static void check(const struct eio_hold holds[HOLDS], const int born[HOLDS])
{
	size_t by_address[ADDRESSES] = {0}, all = 0, most = 0;
	const struct eio_hold *worst = eio_ledger_worst(&ledger);

	for (size_t i = 0; i < HOLDS; i++) {
		by_address[i % ADDRESSES] += holds[i].weight;
		all += holds[i].weight;
	}
	assert_int_equal(ledger.weight, all);
	for (size_t i = 0; i < ADDRESSES; i++)
		most = by_address[i] > most ? by_address[i] : most;
	if (worst == NULL) {
		assert_int_equal(all, 0);
		return;
	}
	size_t at = (size_t)(worst - holds);

	assert_int_equal(by_address[at % ADDRESSES], most);
	for (size_t i = at % ADDRESSES; i < HOLDS; i += ADDRESSES)
		assert_true(holds[i].weight == 0 || born[i] >= born[at]);
}

static void it_is_right_after_any_number_of_changes(void **state)
{
	static struct eio_hold holds[HOLDS];
	static int born[HOLDS];
	uint64_t random = 1;

	(void)state;
	for (int step = 1; step <= STEPS; step++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		size_t i = (size_t)(random >> 33) % HOLDS;
		/* Now a crowd, now hardly anybody. */
		bool rare = step / 4000 % 2 == 1 && step % 20 != 0;
		size_t weight = rare ? 0 : (size_t)(random >> 50) % 7;

		if (holds[i].peer == NULL)
			born[i] = step;
		eio_ledger_set(&ledger, &holds[i], i % ADDRESSES, weight);
		if (step % 10 == 0)
			check(holds, born);
	}
	for (size_t i = 0; i < HOLDS; i++)
		eio_ledger_remove(&ledger, &holds[i]);
	assert_int_equal(ledger.len, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_of_ipv6_is_its_network),
		TEST(the_worst_is_the_oldest_of_the_address_that_holds_most),
		TEST(it_is_right_after_any_number_of_changes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
