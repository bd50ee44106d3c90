#include "contract.h"

#include <stdio.h>
#include <string.h>

#include "mem.h"

#define DAY_MS INT64_C(86400000)

/* ---- profile ---- */

static enum store_status change(struct contract *c, const char *id,
				const struct store_profile *profile,
				struct store_user *out, const char **field)
{
	enum store_status status =
		store_user_profile(c->store, id, profile, out, field);

	assert_int_equal(*field != NULL, status == STORE_TAKEN);
	if (status != STORE_OK)
		assert_null(out->username);
	return status;
}

static void change_ok(struct contract *c, const char *id,
		      const struct store_profile *profile)
{
	struct store_user user;
	const char *field;

	assert_ok(change(c, id, profile, &user, &field));
	store_user_done(&user);
}

static void a_profile_changes_what_is_given_and_keeps_the_rest(void **state)
{
	struct contract *c = *state;
	struct store_user user;
	const char *field;

	assert_ok(change(c, c->ann,
			 &(struct store_profile){.display_name = "Ann Ève",
						 .email = "Ann@Groß.Example",
						 .status_text = "away"},
			 &user, &field));
	assert_string_equal(user.username, "Ann");
	assert_string_equal(user.display_name, "Ann Ève");
	assert_string_equal(user.email, "ann@groß.example");
	assert_string_equal(user.status_text, "away");
	store_user_done(&user);

	assert_ok(change(
		c, c->ann,
		&(struct store_profile){.username = "Änn", .avatar = "🦊"},
		&user, &field));
	assert_string_equal(user.username, "Änn");
	assert_string_equal(user.avatar, "🦊");
	assert_string_equal(user.display_name, "Ann Ève");
	assert_string_equal(user.email, "ann@groß.example");
	assert_string_equal(user.status_text, "away");
	store_user_done(&user);

	assert_ok(store_user_by_login(c->store, "äNN", &user));
	assert_string_equal(user.id, c->ann);
	store_user_done(&user);
	assert_int_equal(store_user_by_login(c->store, "Ann", &user),
			 STORE_NOT_FOUND);
}

static void a_new_display_name_is_found_by_search(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	struct store_user_query query = {.text = "lovelace", .limit = 10};

	change_ok(c, c->ann,
		  &(struct store_profile){.display_name = "Ada LOVELACE"});
	assert_ok(store_user_list(c->store, &query, contract_each_user, rows,
				  NULL));
	assert_int_equal(rows->users, 1);
	assert_string_equal(rows->username[0], "Ann");
	contract_rows_free(rows);
}

static void a_name_or_email_of_another_is_taken_and_nothing_changes(void **s)
{
	struct contract *c = *s;
	struct store_user user;
	const char *field;

	change_ok(c, c->bob, &(struct store_profile){.email = "b@x.example"});
	assert_int_equal(change(c, c->ann,
				&(struct store_profile){.username = "bOB",
							.avatar = "x"},
				&user, &field),
			 STORE_TAKEN);
	assert_string_equal(field, "username");
	assert_int_equal(change(c, c->ann,
				&(struct store_profile){.email = "B@X.example",
							.avatar = "x"},
				&user, &field),
			 STORE_TAKEN);
	assert_string_equal(field, "email");
	assert_ok(store_user_get(c->store, c->ann, &user));
	assert_string_equal(user.username, "Ann");
	assert_string_equal(user.avatar, "");
	store_user_done(&user);
}

static void ones_own_name_in_another_spelling_is_free(void **state)
{
	struct contract *c = *state;
	struct store_user user;
	const char *field;

	change_ok(c, c->ann, &(struct store_profile){.email = "a@x.example"});
	assert_ok(change(c, c->ann,
			 &(struct store_profile){.username = "ANN",
						 .email = "A@x.example"},
			 &user, &field));
	assert_string_equal(user.username, "ANN");
	store_user_done(&user);
}

static void an_email_can_be_taken_away(void **state)
{
	struct contract *c = *state;
	struct store_user user;

	change_ok(c, c->ann, &(struct store_profile){.email = "a@x.example"});
	change_ok(c, c->ann, &(struct store_profile){.email = ""});
	change_ok(c, c->bob, &(struct store_profile){.email = ""});
	assert_ok(store_user_get(c->store, c->ann, &user));
	assert_null(user.email);
	store_user_done(&user);
	change_ok(c, c->bob, &(struct store_profile){.email = "a@x.example"});
}

static void an_older_message_keeps_its_writers_name(void **state)
{
	struct contract *c = *state;
	struct contract_place place =
		contract_place(c, c->ann, c->bob, "before");
	struct store_message message;

	change_ok(c, c->ann, &(struct store_profile){.username = "Renamed"});
	assert_ok(store_message_get(c->store, AS(c->bob), place.id, &message));
	assert_string_not_equal(message.sender_name, "Renamed");
	store_message_done(&message);
}

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

static void nobody_cannot_be_changed(void **state)
{
	struct contract *c = *state;
	static const char nobody[] = "0123456789abcdef01234567";
	struct store_user user;
	const char *field;

	assert_int_equal(change(c, nobody,
				&(struct store_profile){.username = "new"},
				&user, &field),
			 STORE_NOT_FOUND);
	assert_int_equal(
		store_user_password(
			c->store, nobody,
			&(struct store_password){.hash = "$x", .keep = NULL}),
		STORE_NOT_FOUND);
	assert_int_equal(store_user_role(c->store, nobody, ROLE_USER),
			 STORE_NOT_FOUND);
	assert_int_equal(store_user_disable(c->store, nobody, true),
			 STORE_NOT_FOUND);
}

/* ---- names that were somebody's ---- */

static enum store_status rename_to(struct contract *c, const char *id,
				   const char *name, int64_t now_ms)
{
	const struct store_profile profile = {.username = name,
					      .now_ms = now_ms};
	struct store_user user;
	const char *field;
	enum store_status status =
		store_user_profile(c->store, id, &profile, &user, &field);

	if (status == STORE_OK)
		store_user_done(&user);
	else
		assert_string_equal(field, "username");
	return status;
}

static void a_name_changes_three_times_a_day(void **state)
{
	struct contract *c = *state;
	int64_t now = CONTRACT_NOW;

	assert_ok(rename_to(c, c->ann, "Anne", now));
	assert_ok(rename_to(c, c->ann, "Anna", now + 1));
	/* Another spelling is no other name. */
	assert_ok(rename_to(c, c->ann, "ANNA", now + 2));
	assert_ok(rename_to(c, c->ann, "Anne", now + 3));
	assert_int_equal(rename_to(c, c->ann, "Annika", now + 4),
			 STORE_TOO_OFTEN);
	assert_ok(rename_to(c, c->ann, "anne", now + 5));
	assert_ok(rename_to(c, c->ann, "Annika", now + DAY_MS));
}

static void an_old_name_is_kept_for_its_user_a_month(void **state)
{
	struct contract *c = *state;
	int64_t now = CONTRACT_NOW;
	struct store_user user = {.username = (char *)"ANN",
				  .display_name = (char *)"",
				  .avatar = (char *)"",
				  .status_text = (char *)"",
				  .created_at = now + 29 * DAY_MS};
	const char *field;

	assert_ok(rename_to(c, c->ann, "Anne", now));
	assert_int_equal(rename_to(c, c->bob, "ann", now + 1), STORE_TAKEN);
	assert_int_equal(store_user_add(c->store, &user, &field), STORE_TAKEN);
	assert_string_equal(field, "username");
	/* Back to it any time. */
	assert_ok(rename_to(c, c->ann, "Ann", now + 2));
	assert_ok(rename_to(c, c->ann, "Anne", now + 3));
	assert_ok(rename_to(c, c->bob, "ann", now + 3 + 30 * DAY_MS));
}

/* ---- guesses ---- */

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
		CONTRACT_TEST(
			a_profile_changes_what_is_given_and_keeps_the_rest),
		CONTRACT_TEST(a_new_display_name_is_found_by_search),
		CONTRACT_TEST(
			a_name_or_email_of_another_is_taken_and_nothing_changes),
		CONTRACT_TEST(ones_own_name_in_another_spelling_is_free),
		CONTRACT_TEST(an_email_can_be_taken_away),
		CONTRACT_TEST(an_older_message_keeps_its_writers_name),
		CONTRACT_TEST(living_sessions_are_listed_last_used_first),
		CONTRACT_TEST(
			a_new_password_ends_the_sessions_but_the_one_kept),
		CONTRACT_TEST(who_is_disabled_has_no_session_until_enabled),
		CONTRACT_TEST(a_role_is_seen_by_the_next_look_at_a_session),
		CONTRACT_TEST(nobody_cannot_be_changed),
		CONTRACT_TEST(a_name_changes_three_times_a_day),
		CONTRACT_TEST(an_old_name_is_kept_for_its_user_a_month),
		CONTRACT_TEST(
			guesses_are_counted_in_any_spelling_and_forgotten),
		CONTRACT_TEST(each_place_has_guesses_of_its_own),
		CONTRACT_TEST(the_newest_networks_of_a_user_are_known),
		CONTRACT_TEST(operators_see_all_accounts_in_pages),
	};

	return contract_run("accounts", tests, COUNT_OF(tests));
}
