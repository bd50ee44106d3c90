/* Rows of MongoDB's that no copy has, nor whoever looks. */
#include "copies.h"
#include "mongodb_fault.h"

#include "buf.h"
#include "mem.h"
#include "palabre_limits.h"
#include "store_records.h"

#define NOBODY "000001000000000000000001"

/* As many as one may have, and more than are read at once: of guests who went,
 * before their blocks went with them. */
static void leave_blocks(struct contract *c)
{
	struct buf json;

	_Static_assert(LIMIT_BLOCKS > STORE_RECORDS_MAX, "one page");
	buf_init(&json, 1 << 20);
	buf_adds(&json, "{'insert': 'user_block', 'documents': [");
	for (int i = 1; i <= LIMIT_BLOCKS; i++)
		buf_addf(&json,
			 "%s{'blocker': {'$oid': '%s'}, 'blocked': {'$oid':"
			 " '000001%018d'}, 'received': 0, 'read': 0, 'at': 1}",
			 i > 1 ? ", " : "", c->ann, i);
	buf_adds(&json, "]}");
	mongodb_run(c, json.data);
	buf_done(&json);
}

static enum store_status set_block(struct contract *c, const char *blocked,
				   bool blocks)
{
	const struct store_block block = {blocked, blocks, ++c->now};
	bool changed;

	return store_block(c->store, AS(c->ann), &block, &changed);
}

static void assert_blocks_one(struct store *store, const char *viewer)
{
	struct contract_rows *rows = contract_rows_new();

	assert_ok(store_blocked(store, AS(viewer), contract_each_user, rows));
	assert_int_equal(rows->users, 1);
	contract_rows_free(rows);
}

static void a_block_of_nobody_goes_when_it_is_met(void **state)
{
	struct contract *c = *state;

	leave_blocks(c);
	assert_int_equal(set_block(c, c->bob, true), STORE_FULL);
	assert_int_equal(set_block(c, NOBODY, false), STORE_NOT_FOUND);
	assert_ok(set_block(c, c->bob, true));
}

static void a_block_of_nobody_is_not_copied(void **state)
{
	struct contract *c = *state;

	assert_ok(set_block(c, c->bob, true));
	leave_blocks(c);
	for (const struct backend *b = copies_next(NULL); b != NULL;
	     b = copies_next(b)) {
		struct copies_place there = copies_open(b);

		copies_make(c->store, there.c.store);
		assert_blocks_one(there.c.store, c->ann);
		copies_close(&there);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CONTRACT_TEST(a_block_of_nobody_goes_when_it_is_met),
		CONTRACT_TEST(a_block_of_nobody_is_not_copied),
	};

	return contract_run_on("mongodb", "copies of MongoDB's", tests,
			       COUNT_OF(tests));
}
