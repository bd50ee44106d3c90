/* Ann looks for what was said. */
#include "children.h"
#include "group.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "store_import.h"
#include "store_search.h"

#define MANY 30
#define MUCH 5500
#define LONG "\u00e9l\u00e8ve\u00e9l\u00e8ve\u00e9l\u00e8ve\u00e9l\u00e8ve"

/* Housekeeping has done its work. */
static void keep(struct contract *c)
{
	int64_t again_ms;

	contract_reopen(c);
	for (int i = 0; i < 10; i++)
		assert_ok(store_keep(c->store, ++c->now, &again_ms));
}

/* A test server on a busy machine may take longer for much of it than a verb
 * may. */
static void find_page(struct contract *c, const char *who,
		      struct store_search *search, struct contract_rows *rows)
{
	size_t before = rows->messages;
	enum store_status status;
	int tries = 0;

	do {
		while (rows->messages > before)
			store_message_done(&rows->message[--rows->messages]);
		status = store_search(c->store, AS(who), search,
				      contract_each_message, rows);
	} while (children_try_again(status, &tries));
	assert_ok(status);
}

/* What is found, newest first, as "one two"; of all pages, each of limit. */
static char *find_pages(struct contract *c, const char *who, const char *query,
			struct store_search search, size_t pages)
{
	struct contract_rows *rows = contract_rows_new();
	char *text = xstrdup(""), *longer;
	struct store_terms terms;
	char before[ID_SIZE];

	assert_true(store_terms_read(query, &terms));
	search.terms = &terms;
	for (size_t i = 0; i < pages; i++) {
		find_page(c, who, &search, rows);
		if (search.next[0] == '\0')
			break;
		memcpy(before, search.next, ID_SIZE);
		search.before = before;
	}
	for (size_t i = 0; i < rows->messages; i++) {
		longer = xasprintf("%s%s%s", text, i > 0 ? "|" : "",
				   rows->message[i].content);
		free(text);
		text = longer;
	}
	contract_rows_free(rows);
	return text;
}

static void assert_finds(struct contract *c, const char *who, const char *query,
			 const char *want)
{
	char *found =
		find_pages(c, who, query, (struct store_search){.limit = 9}, 9);

	if (strcmp(found, want) != 0)
		fail_msg("%s: '%s', not '%s'", query, found, want);
	free(found);
}

/* Whether it is indexed or not. */
static void assert_found(struct contract *c, const char *query,
			 const char *want)
{
	assert_finds(c, c->ann, query, want);
	keep(c);
	assert_finds(c, c->ann, query, want);
}

static void words_are_found_in_any_order_and_by_a_beginning(void **state)
{
	struct contract *c = *state;

	contract_place(c, c->ann, c->bob, "The quick brown fox");
	contract_place(c, c->bob, c->ann, "a quick one");
	contract_place(c, c->bob, c->cat, "quick, not for ann");
	for (int i = 0; i < 2; i++) {
		assert_finds(c, c->ann, "quick",
			     "a quick one|The quick brown "
			     "fox");
		assert_finds(c, c->ann, "fox quick", "The quick brown fox");
		assert_finds(c, c->ann, "brow", "The quick brown fox");
		assert_finds(c, c->ann, "quick bro", "The quick brown fox");
		assert_finds(c, c->ann, "bro quick", "");
		assert_finds(c, c->ann, "brown\"", "The quick brown fox");
		assert_finds(c, c->ann, "qu",
			     "a quick one|The quick brown "
			     "fox");
		assert_finds(c, c->ann, "qui",
			     "a quick one|The quick brown "
			     "fox");
		assert_finds(c, c->ann, "quic",
			     "a quick one|The quick brown "
			     "fox");
		assert_finds(c, c->ann, "quick ",
			     "a quick one|The quick brown "
			     "fox");
		assert_finds(c, c->ann, "quic ", "");
		assert_finds(c, c->ann, "a", "a quick one");
		assert_finds(c, c->ann, "o", "");
		assert_finds(c, c->ann, "quickest", "");
		keep(c);
	}
}

static void phrases_are_words_in_a_row(void **state)
{
	struct contract *c = *state;

	contract_place(c, c->ann, c->bob, "red and blue");
	contract_place(c, c->ann, c->bob, "Blue and red");
	assert_found(c, "red blue", "Blue and red|red and blue");
	assert_found(c, "\"red and\"", "red and blue");
	assert_found(c, "\"and re\"", "");
	assert_found(c, "\xc2\xab and red \xc2\xbb blu", "Blue and red");
}

static void accents_case_and_signs_do_not_count(void **state)
{
	struct contract *c = *state;

	contract_place(c, c->ann, c->bob, "L'École, déjà vu: œuvre!");
	contract_place(c, c->ann, c->bob, "Straße \u0130STANBUL");
	assert_found(c, "ecole", "L'École, déjà vu: œuvre!");
	assert_found(c, "l’ecole DEJA", "L'École, déjà vu: œuvre!");
	assert_found(c, "oeuvre", "L'École, déjà vu: œuvre!");
	assert_found(c, "strasse", "Straße \u0130STANBUL");
	assert_found(c, "istanbul", "Straße \u0130STANBUL");
}

static void what_has_no_blanks_is_found_by_any_part(void **state)
{
	struct contract *c = *state;

	contract_place(c, c->ann, c->bob, "我昨天去了东京大学");
	contract_place(c, c->ann, c->bob, "東京タワーに行きました 🎉");
	contract_place(c, c->ann, c->bob, "안녕하세요 여러분");
	assert_found(c, "东京", "我昨天去了东京大学");
	assert_found(c, "学", "我昨天去了东京大学");
	assert_found(c, "京东", "");
	assert_found(c, "タワー", "東京タワーに行きました 🎉");
	assert_found(c, "行きま 東京", "東京タワーに行きました 🎉");
	assert_found(c, "🎉", "東京タワーに行きました 🎉");
	assert_found(c, "안녕", "안녕하세요 여러분");
}

/* Longer than what an index may have of one. */
static void a_word_is_found_however_long_it_is(void **state)
{
	struct contract *c = *state;
	char *one = xstrdup(LONG LONG "a"), *other = xstrdup(LONG LONG "b");

	contract_place(c, c->ann, c->bob, one);
	contract_place(c, c->ann, c->bob, other);
	assert_found(c, one, one);
	assert_found(c, LONG LONG, LONG LONG "b|" LONG LONG "a");
	assert_found(c, LONG LONG " ", "");
	assert_found(c, LONG LONG "B ", other);
	free(one);
	free(other);
}

static void the_lobby_is_looked_through_as_well(void **state)
{
	struct contract *c = *state;
	struct store_send send = {
		.sender_name = "Bob",
		.conversation = ID_LOBBY,
		.content = "apple for all",
		.now_ms = ++c->now,
	};

	struct store_search from = {.from = c->ann, .limit = 9};
	char *found;

	contract_place(c, c->ann, c->bob, "apple for bob");
	assert_ok(contract_try(c, c->bob, &send));
	assert_found(c, "apple", "apple for all|apple for bob");
	assert_finds(c, c->cat, "apple", "apple for all");
	found = find_pages(c, c->bob, "apple", from, 1);
	assert_string_equal(found, "apple for bob");
	free(found);
}

/* Each look at it is written down, and this would be none. */
static void operators_find_nothing_of_support_by_their_role(void **state)
{
	struct contract *c = *state;
	const struct store_viewer boss = {c->bob, ROLE_OPERATOR};
	struct contract_place place =
		contract_place(c, c->ann, ID_SERVER, "apple help");
	struct contract_rows *rows = contract_rows_new();
	struct store_terms terms;
	struct store_search all = {.terms = &terms, .limit = 9};
	struct store_search one = {.terms = &terms,
				   .conversation = place.conversation,
				   .limit = 9};

	assert_true(store_terms_read("apple", &terms));
	assert_ok(store_search(c->store, &boss, &all, contract_each_message,
			       rows));
	assert_int_equal(rows->messages, 0);
	assert_int_equal(store_search(c->store, &boss, &one,
				      contract_each_message, rows),
			 STORE_NOT_FOUND);
	contract_rows_free(rows);
}

static void an_edit_a_deletion_and_an_erase_are_followed(void **state)
{
	struct contract *c = *state;
	struct contract_place one = contract_place(c, c->ann, c->bob, "apple");
	struct contract_place two =
		contract_place(c, c->ann, c->bob, "apple 2");

	for (int i = 0; i < 2; i++) {
		contract_edit(c, c->ann, one.id, i == 0 ? "pear" : "plum");
		assert_finds(c, c->bob, "apple", "apple 2");
		assert_finds(c, c->bob, i == 0 ? "pear" : "plum",
			     i == 0 ? "pear" : "plum");
		if (i == 1)
			assert_finds(c, c->bob, "pear", "");
		keep(c);
	}
	contract_edit(c, c->ann, two.id, NULL);
	assert_finds(c, c->bob, "apple", "");
	keep(c);
	assert_finds(c, c->bob, "plum", "plum");
}

static void no_hash(const char *hash, void *context)
{
	(void)hash;
	(void)context;
}

static void nobody_finds_what_somebody_erased_wrote(void **state)
{
	struct contract *c = *state;
	struct store_erased erased;

	contract_place(c, c->ann, c->bob, "apple");
	contract_place(c, c->bob, c->ann, "apple pie");
	keep(c);
	contract_place(c, c->ann, c->bob, "apple juice");
	assert_ok(store_erase_begin(c->store, c->ann, ++c->now));
	while (store_erase_step(c->store, ++c->now, no_hash, NULL, &erased) ==
	       STORE_OK)
		store_erased_done(&erased);
	assert_finds(c, c->bob, "apple", "apple pie");
	keep(c);
	assert_finds(c, c->bob, "apple", "apple pie");
}

static void what_is_hidden_only_its_sender_finds(void **state)
{
	struct contract *c = *state;
	const struct store_block block = {c->ann, true, ++c->now};
	bool changed;

	contract_place(c, c->ann, c->bob, "apple one");
	assert_ok(store_block(c->store, AS(c->bob), &block, &changed));
	contract_place(c, c->ann, c->bob, "apple two");
	for (int i = 0; i < 2; i++) {
		assert_finds(c, c->bob, "apple", "apple one");
		assert_finds(c, c->ann, "apple", "apple two|apple one");
		keep(c);
	}
}

static void who_came_late_finds_nothing_of_what_was_before(void **state)
{
	struct contract *c = *state;
	char id[ID_SIZE];
	struct store_send send = {.sender_name = "x", .conversation = id};

	group_make_of(c, c->ann, NULL, 0, id);
	send.content = "apple before";
	send.now_ms = ++c->now;
	assert_ok(contract_try(c, c->ann, &send));
	group_assert_done(c, c->ann, id, GROUP_ADDED, c->bob, "Bob");
	send.content = "apple after";
	send.now_ms = ++c->now;
	assert_ok(contract_try(c, c->ann, &send));
	for (int i = 0; i < 2; i++) {
		assert_finds(c, c->bob, "apple", "apple after");
		assert_finds(c, c->ann, "apple", "apple after|apple before");
		assert_finds(c, c->cat, "apple", "");
		keep(c);
	}
}

static void it_is_of_one_conversation_or_person_where_one_says_so(void **state)
{
	struct contract *c = *state;
	struct contract_place with_bob =
		contract_place(c, c->ann, c->bob, "apple one");
	struct store_search in = {.conversation = with_bob.conversation,
				  .limit = 9};
	struct store_search from = {.from = c->cat, .limit = 9};
	struct store_search both = {.conversation = with_bob.conversation,
				    .from = c->bob,
				    .limit = 9};
	struct store_terms terms;

	contract_place(c, c->cat, c->ann, "apple two");
	contract_place(c, c->bob, c->ann, "apple three");
	assert_true(store_terms_read("apple", &terms));
	for (int i = 0; i < 2; i++) {
		char *found[] = {
			find_pages(c, c->ann, "apple", in, 1),
			find_pages(c, c->ann, "apple", from, 1),
			find_pages(c, c->ann, "apple", both, 1),
		};

		assert_string_equal(found[0], "apple three|apple one");
		assert_string_equal(found[1], "apple two");
		assert_string_equal(found[2], "apple three");
		for (size_t n = 0; n < COUNT_OF(found); n++)
			free(found[n]);
		in.terms = &terms;
		assert_int_equal(store_search(c->store, AS(c->cat), &in,
					      contract_each_message, NULL),
				 STORE_NOT_FOUND);
		keep(c);
	}
}

static void what_is_brought_over_from_long_ago_is_found(void **state)
{
	struct contract *c = *state;
	struct store_import_message old = {
		.message =
			{
				.sender_name = (char *)"Bob",
				.content = (char *)"apple of old",
				.created_at = c->now - 1000000,
			},
	};
	struct store_import import = {
		.user = c->ann,
		.other = c->bob,
		.messages = &old,
		.count = 1,
	};
	size_t added;

	memcpy(old.message.sender, c->bob, ID_SIZE);
	contract_place(c, c->ann, c->cat, "apple of now");
	keep(c);
	import.now_ms = ++c->now;
	assert_ok(store_import_messages(c->store, &import, &added));
	assert_int_equal(added, 1);
	assert_found(c, "apple", "apple of now|apple of old");
}

/* Half of it indexed, in two conversations: each once, newest first, whatever
 * the length of a page. */
static void pages_give_each_once_newest_first(void **state)
{
	struct contract *c = *state;
	char *want = xstrdup(""), *longer;
	char text[40];

	for (int i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), "apple %d", i);
		contract_place(c, i % 3 == 0 ? c->bob : c->ann,
			       i % 3 == 0 ? c->ann : c->cat, text);
		longer = xasprintf("%s%s%s", text, i > 0 ? "|" : "", want);
		free(want);
		want = longer;
		if (i == MANY / 2)
			keep(c);
	}
	for (size_t limit = 1; limit <= MANY; limit += 3) {
		char *found = find_pages(c, c->ann, "apple",
					 (struct store_search){.limit = limit},
					 MANY + 1);

		assert_string_equal(found, want);
		free(found);
	}
	free(want);
}

/* More is looked through than at once, in the conversation that is always the
 * first: the others come in their turn all the same. */
static void what_is_much_keeps_nothing_from_being_found(void **state)
{
	struct contract *c = *state;
	struct store_import_message *much = xcalloc(MUCH, sizeof(*much));
	struct store_import import = {
		.user = c->ann,
		.other = c->bob,
		.messages = much,
		.count = MUCH,
	};
	size_t added;

	for (size_t i = 0; i < MUCH; i++) {
		much[i].message.sender_name = (char *)"Bob";
		much[i].message.content = (char *)"confident";
		much[i].message.created_at = c->now - 1;
		memcpy(much[i].message.sender, c->bob, ID_SIZE);
	}
	contract_place(c, c->ann, c->cat, "conference of old");
	import.now_ms = ++c->now;
	assert_ok(store_import_messages(c->store, &import, &added));
	free(much);
	contract_place(c, c->ann, c->cat, "conference now");
	contract_place(c, c->bob, c->ann, "hello");
	keep(c);
	keep(c);
	assert_finds(c, c->ann, "conference",
		     "conference now|conference of old");
}

static void what_is_looked_for_has_a_word(void **state)
{
	static const char *const nothing[] = {"", "  ", "\"\"", "!?",
					      "\"-\" ."};
	char much[STORE_TERM_SIZE + 10];
	struct store_terms terms;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(nothing); i++)
		assert_false(store_terms_read(nothing[i], &terms));
	memset(much, 'x', sizeof(much));
	much[sizeof(much) - 1] = '\0';
	assert_false(store_terms_read(much, &terms));
	assert_true(store_terms_read("a b c d e f g h i j k l", &terms));
	assert_int_equal(terms.count, STORE_TERMS);
	assert_true(store_terms_read("NEAR(a b) OR * ^c: {d} -e \"f", &terms));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(words_are_found_in_any_order_and_by_a_beginning),
		CONTRACT_TEST(phrases_are_words_in_a_row),
		CONTRACT_TEST(accents_case_and_signs_do_not_count),
		CONTRACT_TEST(what_has_no_blanks_is_found_by_any_part),
		CONTRACT_TEST(a_word_is_found_however_long_it_is),
		CONTRACT_TEST(the_lobby_is_looked_through_as_well),
		CONTRACT_TEST(operators_find_nothing_of_support_by_their_role),
		CONTRACT_TEST(an_edit_a_deletion_and_an_erase_are_followed),
		CONTRACT_TEST(nobody_finds_what_somebody_erased_wrote),
		CONTRACT_TEST(what_is_hidden_only_its_sender_finds),
		CONTRACT_TEST(who_came_late_finds_nothing_of_what_was_before),
		CONTRACT_TEST(
			it_is_of_one_conversation_or_person_where_one_says_so),
		CONTRACT_TEST(what_is_brought_over_from_long_ago_is_found),
		CONTRACT_TEST(pages_give_each_once_newest_first),
		CONTRACT_TEST(what_is_much_keeps_nothing_from_being_found),
		CONTRACT_TEST(what_is_looked_for_has_a_word),
	};

	return contract_run("search", tests, COUNT_OF(tests));
}
