#include "contract.h"

#include <string.h>

#include "clock.h"
#include "mem.h"

static enum store_status add(struct contract *c, const char *username,
			     const char *email, enum store_role role,
			     const char **field)
{
	struct store_user user = {
		.username = xstrdup(username),
		.email = email != NULL ? xstrdup(email) : NULL,
		.display_name = xstrdup(""),
		.role = role,
		.created_at = ++c->now,
	};
	enum store_status status = store_user_add(c->store, &user, field);

	assert_int_equal(id_valid(user.id), status == STORE_OK);
	store_user_done(&user);
	return status;
}

/* ---- who is who ---- */

static void assert_is_zoe(struct store_user *user, const char *id)
{
	assert_string_equal(user->id, id);
	assert_string_equal(user->username, "Zoë");
	assert_string_equal(user->email, "zoë@example.org");
	assert_string_equal(user->display_name, "Zoë from Łódź");
	assert_string_equal(user->avatar, "🦊");
	assert_string_equal(user->status_text, "");
	assert_string_equal(user->password_hash, "$argon2id$x");
	assert_int_equal(user->role, ROLE_OPERATOR);
	assert_false(user->disabled);
	assert_int_equal(user->created_at, 12345);
	assert_int_equal(user->last_seen, 0);
	store_user_done(user);
}

static void a_user_is_found_by_id_name_and_email(void **state)
{
	struct contract *c = *state;
	struct store_user user = {
		.username = xstrdup("Zoë"),
		.email = xstrdup("ZOË@Example.org"),
		.display_name = xstrdup("Zoë from Łódź"),
		.avatar = xstrdup("🦊"),
		.password_hash = xstrdup("$argon2id$x"),
		.role = ROLE_OPERATOR,
		.created_at = 12345,
	};
	struct store_user got;
	const char *field;

	assert_ok(store_user_add(c->store, &user, &field));
	assert_string_equal(user.email, "zoë@example.org");
	assert_ok(store_user_get(c->store, user.id, &got));
	assert_is_zoe(&got, user.id);
	assert_ok(store_user_by_login(c->store, "zOË", &got));
	assert_is_zoe(&got, user.id);
	assert_ok(store_user_by_login(c->store, "zoë@EXAMPLE.org", &got));
	assert_is_zoe(&got, user.id);
	store_user_done(&user);
}

static void who_had_an_id_elsewhere_keeps_it(void **state)
{
	struct contract *c = *state;
	/* As MongoDB made it in 2024. */
	static const char id[] = "65e1a0f00123456789abcdef";
	struct store_user user = {
		.username = xstrdup("Old"),
		.display_name = xstrdup(""),
		.created_at = 1709285616000,
		.last_seen = 1709290000000,
	};
	struct store_user got;
	const char *field;

	memcpy(user.id, id, ID_SIZE);
	assert_ok(store_user_add(c->store, &user, &field));
	assert_string_equal(user.id, id);
	assert_ok(store_user_by_login(c->store, "old", &got));
	assert_string_equal(got.id, id);
	assert_int_equal(got.last_seen, 1709290000000);
	store_user_done(&got);
	store_user_done(&user);
}

static void nobody_is_not_found(void **state)
{
	struct contract *c = *state;
	static const char *const ids[] = {"", "x", "' OR 1=1 --",
					  "0123456789abcdef01234567"};
	struct store_user user;

	for (size_t i = 0; i < COUNT_OF(ids); i++) {
		assert_int_equal(store_user_get(c->store, ids[i], &user),
				 STORE_NOT_FOUND);
		assert_int_equal(store_user_by_login(c->store, ids[i], &user),
				 STORE_NOT_FOUND);
		assert_null(user.username);
	}
	assert_int_equal(store_user_by_login(c->store, "nobody@x.org", &user),
			 STORE_NOT_FOUND);
}

static void names_that_differ_by_case_alone_are_taken_in_any_script(void **s)
{
	struct contract *c = *s;
	static const char *const pairs[][2] = {
		{"Dora", "dORA"},
		{"İstanbul", "i̇stanbul"},
		{"Straße", "STRASSE"},
		{"ΟΔΟΣ", "οδος"},
		{"Привет", "пРИВЕТ"},
		{"Ａｎｎａ", "anna"},
		{"Ǆemal", "ǆEMAL"},
		{"ﬁnn", "FINN"},
		{"Zoe\u0308", "zo\u00cb"},
		/* IRMAK is either's capitals, which of them only Turks know. */
		{"ırmak", "IRMAK"},
		{"İpek", "ipek"},
	};
	const char *field;

	for (size_t i = 0; i < COUNT_OF(pairs); i++) {
		assert_ok(add(c, pairs[i][0], NULL, ROLE_USER, &field));
		assert_int_equal(add(c, pairs[i][1], NULL, ROLE_GUEST, &field),
				 STORE_TAKEN);
		assert_string_equal(field, "username");
	}
}

static void names_that_are_different_words_are_not(void **state)
{
	struct contract *c = *state;
	static const char *const names[] = {"rené", "rene", "σas", "cas"};
	const char *field;

	for (size_t i = 0; i < COUNT_OF(names); i++)
		assert_ok(add(c, names[i], NULL, ROLE_USER, &field));
}

static void an_email_belongs_to_one_whatever_its_case(void **state)
{
	struct contract *c = *state;
	const char *field;

	assert_ok(add(c, "one", "Me@Example.ORG", ROLE_USER, &field));
	assert_int_equal(add(c, "two", "mE@example.org", ROLE_USER, &field),
			 STORE_TAKEN);
	assert_string_equal(field, "email");
	assert_int_equal(add(c, "ONE", "me@example.org", ROLE_USER, &field),
			 STORE_TAKEN);
	assert_string_equal(field, "username");
	assert_ok(add(c, "two", NULL, ROLE_USER, &field));
	assert_ok(add(c, "three", NULL, ROLE_USER, &field));
}

/* Two domains, of which one is spelt as the other folds. */
static void an_email_keeps_its_letters(void **state)
{
	struct contract *c = *state;
	const char *field;
	struct store_user got;

	assert_ok(add(c, "one", "Info@STRAẞE.example", ROLE_USER, &field));
	assert_ok(add(c, "two", "info@strasse.example", ROLE_USER, &field));
	assert_ok(store_user_by_login(c->store, "INFO@straße.example", &got));
	assert_string_equal(got.username, "one");
	assert_string_equal(got.email, "info@straße.example");
	store_user_done(&got);
}

static enum store_status add_named(struct contract *c, const char *username,
				   const char *display_name, const char **field)
{
	struct store_user user = {
		.username = xstrdup(username),
		.display_name = xstrdup(display_name),
		.created_at = ++c->now,
	};
	enum store_status status = store_user_add(c->store, &user, field);

	store_user_done(&user);
	return status;
}

static void assert_taken(struct contract *c, const char *username,
			 const char *display_name, const char *expected)
{
	const char *field;

	assert_int_equal(add_named(c, username, display_name, &field),
			 STORE_TAKEN);
	assert_string_equal(field, expected);
}

static void nobody_takes_the_shape_of_another_s_username(void **state)
{
	struct contract *c = *state;
	static const char *const shapes[] = {"Ann",  "ann",	 " ANN ",
					     "@ann", "аnn",	 "АNN",
					     "ａnn", "a\u200dnn"};
	const char *field;

	for (size_t i = 0; i < COUNT_OF(shapes); i++)
		assert_taken(c, "dan", shapes[i], "displayName");
	assert_taken(c, "аnn", "", "username");	       /* with a Cyrillic а */
	assert_ok(add_named(c, "dan", "DAN", &field)); /* their own */
	assert_ok(add_named(c, "eve", "Anna", &field));
	assert_ok(add_named(c, "fay", "Änn", &field));
	assert_ok(add_named(c, "gil", "Ann B.", &field));
}

/* ---- what changes in a user ---- */

static void last_seen_only_grows_and_passes_over_strangers(void **state)
{
	struct contract *c = *state;
	struct store_seen seen[] = {{.at = 500}, {.at = 700}, {.at = 600}};
	struct store_user user;

	memcpy(seen[0].user_id, c->ann, ID_SIZE);
	memcpy(seen[1].user_id, "0123456789abcdef01234567", ID_SIZE);
	memcpy(seen[2].user_id, c->bob, ID_SIZE);
	assert_ok(store_last_seen(c->store, seen, 3));
	seen[0].at = 400;
	seen[2].at = 800;
	assert_ok(store_last_seen(c->store, seen, 3));
	assert_ok(store_user_get(c->store, c->ann, &user));
	assert_int_equal(user.last_seen, 500);
	store_user_done(&user);
	assert_ok(store_user_get(c->store, c->bob, &user));
	assert_int_equal(user.last_seen, 800);
	store_user_done(&user);
}

static void one_that_a_clock_wrote_which_was_ahead_is_put_right(void **state)
{
	struct contract *c = *state;
	struct store_seen seen = {.at = clock_now_ms() + 3600 * 1000};
	struct store_user user;

	memcpy(seen.user_id, c->ann, ID_SIZE);
	assert_ok(store_last_seen(c->store, &seen, 1));
	seen.at = 900;
	assert_ok(store_last_seen(c->store, &seen, 1));
	assert_ok(store_user_get(c->store, c->ann, &user));
	assert_int_equal(user.last_seen, 900);
	store_user_done(&user);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(a_user_is_found_by_id_name_and_email),
		CONTRACT_TEST(who_had_an_id_elsewhere_keeps_it),
		CONTRACT_TEST(nobody_is_not_found),
		CONTRACT_TEST(
			names_that_differ_by_case_alone_are_taken_in_any_script),
		CONTRACT_TEST(names_that_are_different_words_are_not),
		CONTRACT_TEST(an_email_belongs_to_one_whatever_its_case),
		CONTRACT_TEST(an_email_keeps_its_letters),
		CONTRACT_TEST(nobody_takes_the_shape_of_another_s_username),
		CONTRACT_TEST(last_seen_only_grows_and_passes_over_strangers),
		CONTRACT_TEST(
			one_that_a_clock_wrote_which_was_ahead_is_put_right),
	};

	return contract_run("users", tests, COUNT_OF(tests));
}
