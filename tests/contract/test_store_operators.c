/* What operators look at and do, the audit of it, and blocked addresses. */
#include "contract.h"

#include <stdio.h>
#include <string.h>

#include "mem.h"

#define OPERATOR(user) (&(const struct store_viewer){(user), ROLE_OPERATOR})
#define ROWS 10

struct rows {
	char act[ROWS][20], user[ROWS][ID_SIZE], by[ROWS][ID_SIZE];
	char id[ROWS][ID_SIZE], detail[ROWS][40], name[ROWS][20];
	int64_t until[ROWS];
	size_t count;
};

static bool keep_row(const struct store_audit *row, void *context)
{
	struct rows *rows = context;
	size_t at = rows->count++;

	snprintf(rows->act[at], sizeof(rows->act[at]), "%s", row->act);
	snprintf(rows->detail[at], sizeof(rows->detail[at]), "%s", row->detail);
	snprintf(rows->name[at], sizeof(rows->name[at]), "%s",
		 row->user_name != NULL ? row->user_name : "-");
	memcpy(rows->user[at], row->user, ID_SIZE);
	memcpy(rows->by[at], row->by, ID_SIZE);
	memcpy(rows->id[at], row->id, ID_SIZE);
	rows->until[at] = row->until;
	return true;
}

static struct rows audit(struct contract *c, const char *before, size_t limit)
{
	const struct store_list list = {.before = before, .limit = limit};
	struct rows rows = {.count = 0};

	assert_ok(store_audit(c->store, &list, keep_row, &rows));
	return rows;
}

static enum store_status act(struct contract *c, enum store_act what,
			     const char *user, int64_t until,
			     const char *detail)
{
	const struct store_deed deed = {
		.act = what,
		.user = user,
		.until = until,
		.detail = detail,
		.now_ms = ++c->now,
	};

	return store_operator_act(c->store, OPERATOR(c->cat), &deed);
}

/* cat is an operator. */
static void hire(struct contract *c)
{
	assert_ok(store_user_role(c->store, c->cat, ROLE_OPERATOR));
}

static void each_act_is_written_down_newest_first(void **state)
{
	struct contract *c = *state;
	struct rows rows;

	hire(c);
	assert_ok(act(c, ACT_CLIENTS, NULL, 0, NULL));
	assert_ok(act(c, ACT_MESSAGES, c->ann, 0, NULL));
	assert_ok(act(c, ACT_BROADCAST, NULL, 0, "hello"));
	rows = audit(c, NULL, 2);
	assert_int_equal(rows.count, 2);
	assert_string_equal(rows.act[0], "broadcast");
	assert_string_equal(rows.detail[0], "hello");
	assert_string_equal(rows.by[0], c->cat);
	assert_string_equal(rows.act[1], "messages");
	assert_string_equal(rows.user[1], c->ann);
	assert_string_equal(rows.name[1], "Ann");
	rows = audit(c, rows.id[1], 9);
	assert_int_equal(rows.count, 1);
	assert_string_equal(rows.act[0], "clients");
	assert_string_equal(rows.user[0], "");
}

static bool name_of_first(const struct store_audit *row, void *context)
{
	snprintf(context, 17, "%s %s", row->by_name, row->act);
	return false;
}

static void what_palabrectl_does_has_its_name(void **state)
{
	struct contract *c = *state;
	const struct store_viewer ctl = {ID_CTL, ROLE_OPERATOR};
	const struct store_deed deed = {
		.act = ACT_TOKEN, .user = c->cat, .now_ms = c->now};
	const struct store_list list = {.limit = 9};
	char name[17];

	hire(c);
	assert_ok(store_operator_act(c->store, &ctl, &deed));
	assert_ok(store_audit(c->store, &list, name_of_first, name));
	assert_string_equal(name, "palabrectl token");
}

static void what_is_refused_is_not_written_down(void **state)
{
	struct contract *c = *state;
	const struct store_deed deed = {.act = ACT_CLIENTS, .now_ms = c->now};

	hire(c);
	assert_int_equal(store_operator_act(c->store, AS(c->ann), &deed),
			 STORE_FORBIDDEN);
	assert_int_equal(act(c, ACT_KICK, c->cat, 0, NULL), STORE_FORBIDDEN);
	assert_int_equal(act(c, ACT_MUTE, ID_SERVER, 9, NULL), STORE_FORBIDDEN);
	assert_int_equal(act(c, ACT_KICK, "0190000000000000000000b2", 0, NULL),
			 STORE_NOT_FOUND);
	assert_int_equal(act(c, ACT_UNLOCK, "no id", 0, NULL), STORE_NOT_FOUND);
	assert_int_equal(act(c, ACT_UNBLOCK, NULL, 0, "192.0.2.1"),
			 STORE_NOT_FOUND);
	assert_int_equal(audit(c, NULL, 9).count, 0);
	assert_ok(act(c, ACT_UNLOCK, c->cat, 0, NULL));
}

static void who_is_kicked_has_no_session_and_who_is_muted_is(void **state)
{
	struct contract *c = *state;
	struct store_session session = {.expires_at = c->now + 1000}, found;
	struct store_user user;

	hire(c);
	memcpy(session.user_id, c->ann, ID_SIZE);
	assert_ok(store_session_open(c->store, &session, NULL));
	assert_ok(act(c, ACT_MUTE, c->ann, 777, NULL));
	assert_ok(
		store_session_get(c->store, session.id, c->now, &found, &user));
	assert_int_equal(user.muted_until, 777);
	store_session_done(&found);
	store_user_done(&user);
	assert_ok(act(c, ACT_KICK, c->ann, 0, NULL));
	assert_int_equal(
		store_session_get(c->store, session.id, c->now, &found, &user),
		STORE_NOT_FOUND);
	assert_int_equal(audit(c, NULL, 9).until[1], 777);
}

struct blocks {
	char network[ROWS][46];
	int64_t until[ROWS];
	size_t count;
};

static void keep_block(const struct store_address_block *block, void *context)
{
	struct blocks *blocks = context;
	size_t at = blocks->count++;

	snprintf(blocks->network[at], sizeof(blocks->network[at]), "%s",
		 block->network);
	blocks->until[at] = block->until;
}

static struct blocks blocks_at(struct contract *c, int64_t now)
{
	struct blocks blocks = {.count = 0};

	assert_ok(
		store_address_blocks(c->store, now, ROWS, keep_block, &blocks));
	return blocks;
}

static void a_network_is_blocked_until_then(void **state)
{
	struct contract *c = *state;
	struct blocks blocks;

	hire(c);
	assert_ok(act(c, ACT_BLOCK, NULL, c->now + 500, "192.0.2.1"));
	assert_ok(act(c, ACT_BLOCK, NULL, c->now + 900, "2001:db8::"));
	blocks = blocks_at(c, c->now);
	assert_int_equal(blocks.count, 2);
	assert_string_equal(blocks.network[0], "2001:db8::");
	assert_int_equal(blocks_at(c, c->now + 600).count, 1);
	assert_ok(act(c, ACT_BLOCK, NULL, c->now + 2000, "192.0.2.1"));
	blocks = blocks_at(c, c->now);
	assert_int_equal(blocks.count, 2);
	assert_string_equal(blocks.network[0], "192.0.2.1");
	assert_ok(act(c, ACT_UNBLOCK, NULL, 0, "192.0.2.1"));
	assert_int_equal(blocks_at(c, c->now).count, 1);
	assert_int_equal(blocks_at(c, c->now + 5000).count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(each_act_is_written_down_newest_first),
		CONTRACT_TEST(what_palabrectl_does_has_its_name),
		CONTRACT_TEST(what_is_refused_is_not_written_down),
		CONTRACT_TEST(who_is_kicked_has_no_session_and_who_is_muted_is),
		CONTRACT_TEST(a_network_is_blocked_until_then),
	};

	return contract_run("operators", tests, COUNT_OF(tests));
}
