/* A link to join a group by: until when it lets in, and which code it has. */
#include "group.h"

#include "mem.h"

#define CODE "AAAAAAAAAAAAAAAAAAAAAA"
#define OTHER "CAAAAAAAAAAAAAAAAAAAAA"
#define LINK(...) (&(struct store_link){__VA_ARGS__})

static enum store_status join_by(struct contract *c, const char *user,
				 const char *code, int64_t now_ms,
				 struct store_group_done *done)
{
	struct store_group_act act = group_act_of(c, GROUP_JOINED);

	act.now_ms = now_ms;
	return store_group_join(c->store, AS(user), code, &act, done);
}

/* Asks for one; which code and which end were given? */
static void assert_link(struct contract *c, const char *id,
			const struct store_link *asked, const char *code,
			int64_t expires_at)
{
	struct store_link link = *asked;

	assert_ok(store_link_make(c->store, AS(c->ann), id, &link, c->now));
	assert_string_equal(link.code, code);
	assert_int_equal(link.expires_at, expires_at);
}

static void a_link_lets_in_until_it_ends_or_is_revoked(void **state)
{
	struct contract *c = *state;
	struct store_link link = {CODE, c->now + 1000, false};
	struct store_group_done done;
	char id[ID_SIZE];

	group_make(c, id);
	assert_int_equal(
		store_link_make(c->store, AS(c->bob), id, &link, c->now),
		STORE_FORBIDDEN);
	assert_ok(store_link_make(c->store, AS(c->ann), id, &link, c->now));
	assert_int_equal(
		join_by(c, c->cat, "BAAAAAAAAAAAAAAAAAAAAA", c->now, &done),
		STORE_NOT_FOUND);
	assert_int_equal(join_by(c, c->cat, CODE, link.expires_at, &done),
			 STORE_EXPIRED);
	assert_ok(join_by(c, c->cat, CODE, c->now, &done));
	assert_int_equal(done.joined_count, 1);
	assert_string_equal(done.joined[0], c->cat);
	store_group_done_free(&done);

	/* Once more: they are in it. */
	assert_ok(join_by(c, c->cat, CODE, c->now, &done));
	assert_int_equal(done.message.seq, 0);
	assert_string_equal(done.message.conversation, id);
	store_group_done_free(&done);

	group_assert_done(c, c->cat, id, GROUP_LEFT, NULL, "left");
	assert_ok(store_link_end(c->store, AS(c->ann), id));
	assert_int_equal(join_by(c, c->cat, CODE, c->now, &done),
			 STORE_REVOKED);
}

static void who_comes_where_nobody_is_left_is_the_owner(void **state)
{
	struct contract *c = *state;
	const int64_t late = c->now + 1000;
	struct store_group_done done;
	char id[ID_SIZE];

	group_make(c, id);
	assert_link(c, id, LINK(CODE, late, false), CODE, late);
	group_assert_done(c, c->ann, id, GROUP_LEFT, NULL, "Bob");
	group_assert_done(c, c->bob, id, GROUP_LEFT, NULL, "\"count\":0");
	assert_ok(join_by(c, c->cat, CODE, c->now, &done));
	store_group_done_free(&done);
	assert_ok(join_by(c, c->bob, CODE, c->now, &done));
	store_group_done_free(&done);
	assert_true(group_is_owner(c, c->cat, id));
	assert_false(group_is_owner(c, c->bob, id));
	contract_assert_clean(c->store);
}

static void a_link_that_lives_keeps_its_code_and_moves_its_end(void **state)
{
	struct contract *c = *state;
	const int64_t soon = c->now + 5, late = c->now + 1000,
		      later = c->now + 2000;
	struct store_group_done done;
	char id[ID_SIZE];

	group_make(c, id);
	assert_link(c, id, LINK(CODE, late, false), CODE, late);
	assert_link(c, id, LINK(OTHER, late, false), CODE, late);
	assert_link(c, id, LINK(OTHER, later, false), CODE, later);
	assert_ok(join_by(c, c->cat, CODE, later - 1, &done));
	store_group_done_free(&done);
	assert_link(c, id, LINK(OTHER, soon, false), CODE, soon);
	assert_int_equal(join_by(c, c->cat, CODE, soon, &done), STORE_EXPIRED);
	assert_link(c, id, LINK(OTHER, late, true), CODE, late);
	assert_link(c, id, LINK(OTHER, soon, true), CODE, late);
	contract_assert_clean(c->store);
}

static void a_link_has_a_new_code_once_it_ended_or_is_taken_back(void **state)
{
	struct contract *c = *state;
	const int64_t soon = c->now + 5, late = c->now + 1000;
	struct store_group_done done;
	char id[ID_SIZE];

	group_make(c, id);
	assert_link(c, id, LINK(CODE, soon, false), CODE, soon);
	c->now = soon;
	assert_link(c, id, LINK(OTHER, late, true), OTHER, late);
	assert_int_equal(join_by(c, c->cat, CODE, soon, &done), STORE_EXPIRED);
	assert_ok(store_link_end(c->store, AS(c->ann), id));
	assert_link(c, id, LINK("DAAAAAAAAAAAAAAAAAAAAA", late, false),
		    "DAAAAAAAAAAAAAAAAAAAAA", late);
	assert_int_equal(join_by(c, c->cat, OTHER, soon, &done), STORE_REVOKED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(a_link_lets_in_until_it_ends_or_is_revoked),
		CONTRACT_TEST(who_comes_where_nobody_is_left_is_the_owner),
		CONTRACT_TEST(
			a_link_that_lives_keeps_its_code_and_moves_its_end),
		CONTRACT_TEST(
			a_link_has_a_new_code_once_it_ended_or_is_taken_back),
	};

	return contract_run("links", tests, COUNT_OF(tests));
}
