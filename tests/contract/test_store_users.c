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

/* ---- the directory ---- */

static void assert_listed(struct contract *c, struct store_user_query *query,
			  const char *names, int64_t matching)
{
	struct contract_rows *rows = contract_rows_new();
	char got[2000] = "";
	int64_t total = -1;

	if (query->limit == 0)
		query->limit = 100;
	assert_ok(store_user_list(c->store, query, contract_each_user, rows,
				  &total));
	for (size_t i = 0; i < rows->users; i++) {
		strcat(got, i > 0 ? " " : "");
		strcat(got, rows->username[i]);
	}
	assert_string_equal(got, names);
	assert_int_equal(total, matching);
	contract_rows_free(rows);
}

static void who_is_online_comes_first_then_by_name(void **state)
{
	struct contract *c = *state;
	const char *online[] = {c->cat, "no id", c->bob};
	const char *field;

	assert_ok(add(c, "aaron", NULL, ROLE_USER, &field));
	assert_ok(add(c, "Ärzte", NULL, ROLE_OPERATOR, &field));
	assert_ok(add(c, "guest", NULL, ROLE_GUEST, &field));
	assert_listed(c, &(struct store_user_query){.text = NULL},
		      "aaron Ann Bob Cat Ärzte", 5);
	assert_listed(
		c,
		&(struct store_user_query){.online = online, .online_count = 3},
		"Bob Cat aaron Ann Ärzte", 5);
	assert_listed(c,
		      &(struct store_user_query){.online = online,
						 .online_count = 3,
						 .except = c->bob},
		      "Cat aaron Ann Ärzte", 4);
}

static void
guests_are_listed_while_they_are_here_where_they_may_be(void **state)
{
	struct contract *c = *state;
	struct store_user here;
	const char *online[] = {NULL, c->bob}, *field;

	assert_ok(add(c, "Abe", NULL, ROLE_GUEST, &field));
	assert_ok(add(c, "Zoe", NULL, ROLE_GUEST, &field));
	assert_ok(store_user_by_login(c->store, "zoe", &here));
	online[0] = here.id;
	struct store_user_query query = {.online = online, .online_count = 2};

	assert_listed(c, &query, "Bob Ann Cat", 3);
	query.guests = true;
	assert_listed(c, &query, "Bob Zoe Ann Cat", 4);
	query.text = "zo";
	assert_listed(c, &query, "Zoe", 1);
	query.text = NULL;
	query.after = "bob";
	assert_listed(c, &query, "Cat Zoe", 4);
	query.online_count = 0;
	assert_listed(c, &query, "Cat", 3);
	store_user_done(&here);
}

static void pages_together_are_the_whole_list(void **state)
{
	struct contract *c = *state;
	const char *online[] = {c->bob, c->cat};
	static const char *const pages[] = {"Bob", "Cat", "Ann", "dan", ""};
	static const char *const pairs[] = {"Bob Cat", "Cat Ann", "Ann dan"};
	const char *field;

	assert_ok(add(c, "dan", NULL, ROLE_USER, &field));
	for (size_t i = 0; i < COUNT_OF(pages); i++)
		assert_listed(c,
			      &(struct store_user_query){.online = online,
							 .online_count = 2,
							 .offset = i,
							 .limit = 1},
			      pages[i], 4);
	for (size_t i = 0; i < COUNT_OF(pairs); i++)
		assert_listed(c,
			      &(struct store_user_query){.online = online,
							 .online_count = 2,
							 .offset = i,
							 .limit = 2},
			      pairs[i], 4);
}

static void search_finds_any_part_of_either_name_in_any_case(void **state)
{
	struct contract *c = *state;
	struct store_user user = {
		.username = xstrdup("100%_\\sure"),
		.display_name = xstrdup("ВЛАДИмир"),
		.created_at = ++c->now,
	};
	static const char *const found[] = {"0%_", "\\", "ЛАДИ", "SURE",
					    "１００"};
	static const char *const not_found[] = {"%a", "'", "10%", "\"", "*"};
	const char *field;

	assert_ok(store_user_add(c->store, &user, &field));
	store_user_done(&user);
	for (size_t i = 0; i < COUNT_OF(found); i++)
		assert_listed(c, &(struct store_user_query){.text = found[i]},
			      "100%_\\sure", 1);
	for (size_t i = 0; i < COUNT_OF(not_found); i++)
		assert_listed(c,
			      &(struct store_user_query){.text = not_found[i]},
			      "", 0);
	assert_listed(c, &(struct store_user_query){.text = "N"}, "Ann", 1);
	assert_listed(c, &(struct store_user_query){.text = ""},
		      "100%_\\sure Ann Bob Cat", 4);
}

static void add_named(struct contract *c, const char *username,
		      const char *display_name)
{
	struct store_user user = {
		.username = xstrdup(username),
		.display_name = xstrdup(display_name),
		.created_at = ++c->now,
	};
	const char *field;

	assert_ok(store_user_add(c->store, &user, &field));
	store_user_done(&user);
}

static void search_forgives_accents_order_blanks_and_apostrophes(void **state)
{
	struct contract *c = *state;
	static const char *const of_lena[] = {
		"helene",
		"HÉLÈNE",
		"d'arc helene",
		"darc",
		"  hélène\t\td’ARC ",
		"len17 helene",
		"d`arc",
		"arc le",
	};
	static const char *const of_nobody[] = {"helene anne", "lenhelene",
						"d arc x", "’"};

	add_named(c, "len17", "Hélène  d’Arc");
	for (size_t i = 0; i < COUNT_OF(of_lena); i++)
		assert_listed(c, &(struct store_user_query){.text = of_lena[i]},
			      "len17", 1);
	for (size_t i = 0; i < COUNT_OF(of_nobody); i++)
		assert_listed(c,
			      &(struct store_user_query){.text = of_nobody[i]},
			      "", 0);
}

static void words_are_sought_however_many_and_often(void **state)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	struct contract *c = *state;
	char often[4096], many[2 * sizeof(letters)] = "";

	for (size_t i = 0; i < sizeof(often) - 1; i++)
		often[i] = i % 2 == 0 ? 'h' : ' ';
	often[sizeof(often) - 1] = '\0';
	for (size_t i = 0; letters[i] != '\0'; i++) {
		many[2 * i] = letters[i];
		many[2 * i + 1] = ' ';
	}
	add_named(c, "len17", letters);
	assert_listed(c, &(struct store_user_query){.text = often}, "len17", 1);
	many[2 * 32] = '\0';
	assert_listed(c, &(struct store_user_query){.text = many}, "len17", 1);
}

static void behind_a_name_come_all_others_whoever_is_online(void **state)
{
	struct contract *c = *state;
	const char *online[] = {c->cat};
	struct store_user_query query = {
		.online = online,
		.online_count = 1,
		.after = "ANN",
		.limit = 1,
	};

	add_named(c, "dan", "");
	assert_listed(c, &query, "Bob", 4);
	query.after = "bob";
	query.limit = 10;
	assert_listed(c, &query, "Cat dan", 4);
	query.after = "";
	query.except = c->bob;
	assert_listed(c, &query, "Ann Cat dan", 3);
	query.after = "dan";
	assert_listed(c, &query, "", 3);
}

static void assert_taken(struct contract *c, const char *username,
			 const char *display_name, const char *expected)
{
	struct store_user user = {
		.username = xstrdup(username),
		.display_name = xstrdup(display_name),
		.created_at = ++c->now,
	};
	const char *field;

	assert_int_equal(store_user_add(c->store, &user, &field), STORE_TAKEN);
	assert_string_equal(field, expected);
	store_user_done(&user);
}

static void nobody_takes_the_shape_of_another_s_username(void **state)
{
	struct contract *c = *state;
	static const char *const shapes[] = {"Ann",  "ann",	 " ANN ",
					     "@ann", "аnn",	 "АNN",
					     "ａnn", "a\u200dnn"};

	for (size_t i = 0; i < COUNT_OF(shapes); i++)
		assert_taken(c, "dan", shapes[i], "displayName");
	assert_taken(c, "аnn", "", "username"); /* with a Cyrillic а */
	add_named(c, "dan", "DAN");		/* their own */
	add_named(c, "eve", "Anna");
	add_named(c, "fay", "Änn");
	add_named(c, "gil", "Ann B.");
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
		CONTRACT_TEST(who_is_online_comes_first_then_by_name),
		CONTRACT_TEST(
			guests_are_listed_while_they_are_here_where_they_may_be),
		CONTRACT_TEST(pages_together_are_the_whole_list),
		CONTRACT_TEST(search_finds_any_part_of_either_name_in_any_case),
		CONTRACT_TEST(words_are_sought_however_many_and_often),
		CONTRACT_TEST(
			search_forgives_accents_order_blanks_and_apostrophes),
		CONTRACT_TEST(behind_a_name_come_all_others_whoever_is_online),
		CONTRACT_TEST(nobody_takes_the_shape_of_another_s_username),
		CONTRACT_TEST(last_seen_only_grows_and_passes_over_strangers),
		CONTRACT_TEST(
			one_that_a_clock_wrote_which_was_ahead_is_put_right),
	};

	return contract_run("users", tests, COUNT_OF(tests));
}
