/* Ann looks for what was said. */
#include "found.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends.h"
#include "mem.h"
#include "store_import.h"

#define MANY 30
#define MUCH 5500
#define LONG "\u00e9l\u00e8ve\u00e9l\u00e8ve\u00e9l\u00e8ve\u00e9l\u00e8ve"

static void words_are_found_in_any_order_and_by_a_beginning(void **state)
{
	struct contract *c = *state;

	contract_place(c, c->ann, c->bob, "The quick brown fox");
	contract_place(c, c->bob, c->ann, "a quick one");
	contract_place(c, c->bob, c->cat, "quick, not for ann");
	for (int i = 0; i < 2; i++) {
		found_assert(c, c->ann, "quick",
			     "a quick one|The quick brown "
			     "fox");
		found_assert(c, c->ann, "fox quick", "The quick brown fox");
		found_assert(c, c->ann, "brow", "The quick brown fox");
		found_assert(c, c->ann, "quick bro", "The quick brown fox");
		found_assert(c, c->ann, "bro quick", "");
		found_assert(c, c->ann, "brown\"", "The quick brown fox");
		found_assert(c, c->ann, "qu",
			     "a quick one|The quick brown "
			     "fox");
		found_assert(c, c->ann, "qui",
			     "a quick one|The quick brown "
			     "fox");
		found_assert(c, c->ann, "quic",
			     "a quick one|The quick brown "
			     "fox");
		found_assert(c, c->ann, "quick ",
			     "a quick one|The quick brown "
			     "fox");
		found_assert(c, c->ann, "quic ", "");
		found_assert(c, c->ann, "a", "a quick one");
		found_assert(c, c->ann, "o", "");
		found_assert(c, c->ann, "quickest", "");
		found_keep(c);
	}
}

static void phrases_are_words_in_a_row(void **state)
{
	struct contract *c = *state;

	contract_place(c, c->ann, c->bob, "red and blue");
	contract_place(c, c->ann, c->bob, "Blue and red");
	found_assert_always(c, "red blue", "Blue and red|red and blue");
	found_assert_always(c, "\"red and\"", "red and blue");
	found_assert_always(c, "\"and re\"", "");
	found_assert_always(c, "\xc2\xab and red \xc2\xbb blu", "Blue and red");
}

static void accents_case_and_signs_do_not_count(void **state)
{
	struct contract *c = *state;

	contract_place(c, c->ann, c->bob, "L'École, déjà vu: œuvre!");
	contract_place(c, c->ann, c->bob, "Straße \u0130STANBUL");
	found_assert_always(c, "ecole", "L'École, déjà vu: œuvre!");
	found_assert_always(c, "l’ecole DEJA", "L'École, déjà vu: œuvre!");
	found_assert_always(c, "oeuvre", "L'École, déjà vu: œuvre!");
	found_assert_always(c, "strasse", "Straße \u0130STANBUL");
	found_assert_always(c, "istanbul", "Straße \u0130STANBUL");
}

static void what_has_no_blanks_is_found_by_any_part(void **state)
{
	struct contract *c = *state;

	contract_place(c, c->ann, c->bob, "我昨天去了东京大学");
	contract_place(c, c->ann, c->bob, "東京タワーに行きました 🎉");
	contract_place(c, c->ann, c->bob, "안녕하세요 여러분");
	found_assert_always(c, "东京", "我昨天去了东京大学");
	found_assert_always(c, "学", "我昨天去了东京大学");
	found_assert_always(c, "京东", "");
	found_assert_always(c, "タワー", "東京タワーに行きました 🎉");
	found_assert_always(c, "行きま 東京", "東京タワーに行きました 🎉");
	found_assert_always(c, "🎉", "東京タワーに行きました 🎉");
	found_assert_always(c, "안녕", "안녕하세요 여러분");
}

/* Longer than what an index may have of one. */
static void a_word_is_found_however_long_it_is(void **state)
{
	struct contract *c = *state;
	char *one = xstrdup(LONG LONG "a"), *other = xstrdup(LONG LONG "b");

	contract_place(c, c->ann, c->bob, one);
	contract_place(c, c->ann, c->bob, other);
	found_assert_always(c, one, one);
	found_assert_always(c, LONG LONG, LONG LONG "b|" LONG LONG "a");
	found_assert_always(c, LONG LONG " ", "");
	found_assert_always(c, LONG LONG "B ", other);
	free(one);
	free(other);
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
	found_keep(c);
	import.now_ms = ++c->now;
	assert_ok(store_import_messages(c->store, &import, &added));
	assert_int_equal(added, 1);
	found_assert_always(c, "apple", "apple of now|apple of old");
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
			found_keep(c);
	}
	for (size_t limit = 1; limit <= MANY; limit += 3) {
		char *found = found_pages(c, c->ann, "apple",
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
	char *first;

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
	found_keep(c);
	found_keep(c);
	first = found_pages(c, c->ann, "conference",
			    (struct store_search){.limit = 9}, 1);
	/* One page ends before all was looked at, and says where. Others have
	 * an index of whole words, and look at nothing else. */
	if (strcmp(contract_backend()->name, "sqlite") == 0)
		assert_string_equal(first, "");
	free(first);
	found_assert(c, c->ann, "conference",
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
		CONTRACT_TEST(what_is_brought_over_from_long_ago_is_found),
		CONTRACT_TEST(pages_give_each_once_newest_first),
		CONTRACT_TEST(what_is_much_keeps_nothing_from_being_found),
		CONTRACT_TEST(what_is_looked_for_has_a_word),
	};

	return contract_run("search", tests, COUNT_OF(tests));
}
