/* Where users are signed in, their passwords and roles, and the disabled. */
#include "contract.h"

#include <stdio.h>
#include <string.h>

#include "mem.h"

/* ---- sessions ---- */

static void sign_in(struct contract *c, const char *user, int64_t at,
		    char id[ID_SIZE])
{
	struct store_session session = {
		.created_at = at,
		.expires_at = at + 1000,
		.agent = xstrdup("Mozilla/5.0"),
		.address = xstrdup("::1"),
	};

	memcpy(session.user_id, user, ID_SIZE);
	assert_ok(store_session_open(c->store, &session, NULL));
	memcpy(id, session.id, ID_SIZE);
	store_session_done(&session);
}

static bool lives(struct contract *c, const char *id)
{
	struct store_session session;
	struct store_user user;
	enum store_status status =
		store_session_get(c->store, id, 1500, &session, &user);

	if (status != STORE_OK) {
		assert_int_equal(status, STORE_NOT_FOUND);
		return false;
	}
	store_session_done(&session);
	store_user_done(&user);
	return true;
}

struct listed {
	char ids[400];
};

static void each_session(const struct store_session *session, void *context)
{
	struct listed *listed = context;
	size_t at = strlen(listed->ids);

	assert_string_equal(session->agent, "Mozilla/5.0");
	assert_string_equal(session->address, "::1");
	snprintf(listed->ids + at, sizeof(listed->ids) - at, "%s ",
		 session->id);
}

static void living_sessions_are_listed_last_used_first(void **state)
{
	struct contract *c = *state;
	char old[ID_SIZE], one[ID_SIZE], two[ID_SIZE], bobs[ID_SIZE];
	char expected[100];
	struct listed listed = {""};

	sign_in(c, c->ann, 400, old);
	sign_in(c, c->ann, 1000, one);
	sign_in(c, c->ann, 1001, two);
	sign_in(c, c->bob, 1002, bobs);
	assert_ok(store_session_touch(c->store, one, 1100, 2100));

	assert_ok(store_sessions(c->store, c->ann, 1400, 10, each_session,
				 &listed));
	snprintf(expected, sizeof(expected), "%s %s ", one, two);
	assert_string_equal(listed.ids, expected);

	listed.ids[0] = '\0';
	assert_ok(store_sessions(c->store, c->ann, 1399, 2, each_session,
				 &listed));
	assert_string_equal(listed.ids, expected);
	listed.ids[0] = '\0';
	assert_ok(store_sessions(c->store, c->cat, 1400, 10, each_session,
				 &listed));
	assert_string_equal(listed.ids, "");
}

/* ---- password, role, end ---- */

static void a_new_password_ends_the_sessions_but_the_one_kept(void **state)
{
	struct contract *c = *state;
	char one[ID_SIZE], two[ID_SIZE], bobs[ID_SIZE];
	struct store_user user;

	sign_in(c, c->ann, 1000, one);
	sign_in(c, c->ann, 1000, two);
	sign_in(c, c->bob, 1000, bobs);

	assert_ok(store_user_password(
		c->store, c->ann,
		&(struct store_password){.hash = "$new", .keep = one}));
	assert_true(lives(c, one));
	assert_false(lives(c, two));
	assert_true(lives(c, bobs));
	assert_ok(store_user_get(c->store, c->ann, &user));
	assert_string_equal(user.password_hash, "$new");
	store_user_done(&user);

	assert_ok(store_user_password(
		c->store, c->ann,
		&(struct store_password){.hash = "$newer", .keep = NULL}));
	assert_false(lives(c, one));
	assert_true(lives(c, bobs));
}

static void who_is_disabled_has_no_session_until_enabled(void **state)
{
	struct contract *c = *state;
	char one[ID_SIZE], bobs[ID_SIZE];
	struct store_session session = {.created_at = 1000, .expires_at = 2000};

	sign_in(c, c->ann, 1000, one);
	sign_in(c, c->bob, 1000, bobs);
	memcpy(session.user_id, c->ann, ID_SIZE);
	assert_ok(store_user_disable(c->store, c->ann, true));
	assert_false(lives(c, one));
	assert_true(lives(c, bobs));
	assert_int_equal(store_session_open(c->store, &session, NULL),
			 STORE_NOT_FOUND);
	assert_ok(store_user_disable(c->store, c->ann, false));
	assert_false(lives(c, one));
	sign_in(c, c->ann, 1000, one);
	assert_true(lives(c, one));
}

static void a_role_is_seen_by_the_next_look_at_a_session(void **state)
{
	struct contract *c = *state;
	struct store_session session;
	struct store_user user;
	char id[ID_SIZE];

	sign_in(c, c->ann, 1000, id);
	assert_ok(store_user_role(c->store, c->ann, ROLE_OPERATOR));
	assert_ok(store_session_get(c->store, id, 1500, &session, &user));
	assert_int_equal(user.role, ROLE_OPERATOR);
	store_session_done(&session);
	store_user_done(&user);
}

static void operators_see_all_accounts_in_pages(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	struct store_user_query query = {.limit = 2};

	assert_ok(store_user_role(c->store, c->ann, ROLE_GUEST));
	assert_ok(store_user_disable(c->store, c->bob, true));
	assert_ok(store_user_accounts(c->store, &query, contract_each_user,
				      rows));
	assert_int_equal(rows->users, 2);
	query.after = rows->username[1];
	assert_ok(store_user_accounts(c->store, &query, contract_each_user,
				      rows));
	assert_int_equal(rows->users, 3); /* and never the server */
	assert_string_equal(rows->username[0], "Ann");
	assert_string_equal(rows->username[1], "Bob");
	assert_string_equal(rows->username[2], "Cat");
	query = (struct store_user_query){.text = "b", .limit = 9};
	assert_ok(store_user_accounts(c->store, &query, contract_each_user,
				      rows));
	assert_int_equal(rows->users, 4);
	contract_rows_free(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(living_sessions_are_listed_last_used_first),
		CONTRACT_TEST(
			a_new_password_ends_the_sessions_but_the_one_kept),
		CONTRACT_TEST(who_is_disabled_has_no_session_until_enabled),
		CONTRACT_TEST(a_role_is_seen_by_the_next_look_at_a_session),
		CONTRACT_TEST(operators_see_all_accounts_in_pages),
	};

	return contract_run("accounts", tests, COUNT_OF(tests));
}
