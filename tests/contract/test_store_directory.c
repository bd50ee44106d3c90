/* Who is listed, to whom, and in which order. */
#include "contract.h"

#include <string.h>

#include "mem.h"

static void add(struct contract *c, const char *username,
		const char *display_name, enum store_role role)
{
	struct store_user user = {
		.username = xstrdup(username),
		.display_name = xstrdup(display_name),
		.role = role,
		.created_at = ++c->now,
	};
	const char *field;

	assert_ok(store_user_add(c->store, &user, &field));
	store_user_done(&user);
}

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

	add(c, "aaron", "", ROLE_USER);
	add(c, "Ärzte", "", ROLE_OPERATOR);
	add(c, "guest", "", ROLE_GUEST);
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
	const char *online[] = {NULL, c->bob};

	add(c, "Abe", "", ROLE_GUEST);
	add(c, "Zoe", "", ROLE_GUEST);
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

	add(c, "dan", "", ROLE_USER);
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

/* names: one, or "" for nobody. */
static void assert_each_finds(struct contract *c, const char *const *texts,
			      size_t count, const char *names)
{
	for (size_t i = 0; i < count; i++)
		assert_listed(c, &(struct store_user_query){.text = texts[i]},
			      names, names[0] != '\0');
}

static void search_finds_any_part_of_either_name_in_any_case(void **state)
{
	struct contract *c = *state;
	static const char *const found[] = {"0%_", "\\", "ЛАДИ", "SURE",
					    "１００"};
	static const char *const not_found[] = {"%a", "'", "10%", "\"", "*"};

	add(c, "100%_\\sure", "ВЛАДИмир", ROLE_USER);
	assert_each_finds(c, found, COUNT_OF(found), "100%_\\sure");
	assert_each_finds(c, not_found, COUNT_OF(not_found), "");
	assert_listed(c, &(struct store_user_query){.text = "N"}, "Ann", 1);
	assert_listed(c, &(struct store_user_query){.text = ""},
		      "100%_\\sure Ann Bob Cat", 4);
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

	add(c, "len17", "Hélène  d’Arc", ROLE_USER);
	assert_each_finds(c, of_lena, COUNT_OF(of_lena), "len17");
	assert_each_finds(c, of_nobody, COUNT_OF(of_nobody), "");
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
	add(c, "len17", letters, ROLE_USER);
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

	add(c, "dan", "", ROLE_USER);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(who_is_online_comes_first_then_by_name),
		CONTRACT_TEST(
			guests_are_listed_while_they_are_here_where_they_may_be),
		CONTRACT_TEST(pages_together_are_the_whole_list),
		CONTRACT_TEST(search_finds_any_part_of_either_name_in_any_case),
		CONTRACT_TEST(
			search_forgives_accents_order_blanks_and_apostrophes),
		CONTRACT_TEST(words_are_sought_however_many_and_often),
		CONTRACT_TEST(behind_a_name_come_all_others_whoever_is_online),
	};

	return contract_run("directory", tests, COUNT_OF(tests));
}
