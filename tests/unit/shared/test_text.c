#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <utf8proc.h>

#include "mem.h"
#include "text.h"

static void only_strict_utf8_is_valid(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t len;
		bool valid;
	} cases[] = {
		{"", 0, true},
		{"plain", 5, true},
		{"\xc3\xa9", 2, true},		/* é */
		{"\xf0\x9f\x99\x82", 4, true},	/* U+1F642 */
		{"\xc0\xaf", 2, false},		/* overlong / */
		{"\xe0\x80\xaf", 3, false},	/* overlong / */
		{"\xed\xa0\x80", 3, false},	/* a surrogate */
		{"\xf4\x90\x80\x80", 4, false}, /* above U+10FFFF */
		{"\xc3", 1, false},		/* cut */
		{"\x80", 1, false},		/* a stray tail */
		{"a\0b", 3, false},		/* NUL */
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(text_valid(cases[i].bytes, cases[i].len),
				 cases[i].valid);
}

static void a_bad_byte_is_found_wherever_it_is(void **state)
{
	(void)state;
	char text[] = "twenty plain letters";

	assert_true(text_valid(text, strlen(text)));
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		char kept = text[i];

		text[i] = '\0';
		assert_false(text_valid(text, sizeof(text) - 1));
		text[i] = '\x80';
		assert_false(text_valid(text, sizeof(text) - 1));
		text[i] = kept;
	}
}

static void length_counts_code_points(void **state)
{
	(void)state;
	assert_int_equal(text_length(""), 0);
	assert_int_equal(text_length("na\xc3\xafve"), 5);
	assert_int_equal(text_length("\xf0\x9f\x99\x82!"), 2);
}

static void names_that_differ_by_case_alone_fold_alike(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {
		{"ANN", "ann"},
		{"STRASSE", "stra\xc3\x9f"
			    "e"},
		{"\xd0\x98\xd0\x92\xd0\x90\xd0\x9d",	      /* ИВАН */
		 "\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd"},	      /* иван */
		{"\xce\xa3\xce\xa3", "\xcf\x83\xcf\x82"},     /* ΣΣ, σς */
		{"\xef\xbc\xa1nn", "ann"},		      /* full-width A */
		{"e\xcc\x81", "\xc3\xa9"},		      /* é both ways */
		{"I\xc5\x9eIK", "\xc4\xb1\xc5\x9f\xc4\xb1k"}, /* IŞIK, ışık */
		{"\xc4\xb0PEK", "ipek"},		      /* İPEK */
		{"i\xcc\xa7\xcc\x87", "I\xcc\xa7"}, /* a cedilla between */
		{"\xe1\xbe\xb3\xcc\x81", "\xe1\xbe\xb4"}, /* ᾳ and ´, ᾴ */
		{"\xce\x9c\xce\x91\xce\xaa\xce\x9f\xce\xa3",
		 "\xce\xbc\xce\xac\xce\xb9\xce\xbf\xcf\x82"}, /* ΜΑΪΟΣ, μάιος */
		{"J\xcc\x83", "j\xcc\x87\xcc\x83"}, /* J̃ in Lithuanian */
		/* A joiner changes nothing: none, before and behind a mark. */
		{"\xcc\x81\xce\xb1", "\xcc\x81\xce\xb1\xe2\x80\x8d"},
		{"\xce\xb1", "\xce\xb1\xe2\x80\x8d\xcc\x81"},
	};

	for (size_t i = 0; i < COUNT_OF(pairs); i++) {
		char *left = text_fold(pairs[i][0]);
		char *right = text_fold(pairs[i][1]);

		assert_string_equal(left, right);
		free(left);
		free(right);
	}
}

/* One code point as UTF-8. */
static char *encode(utf8proc_int32_t point)
{
	char text[5] = "";

	utf8proc_encode_char(point, (utf8proc_uint8_t *)text);
	return xstrdup(text);
}

static void
no_letter_of_any_script_has_a_case_that_folds_otherwise(void **state)
{
	(void)state;
	for (utf8proc_int32_t point = 1; point <= 0x10ffff; point++) {
		const utf8proc_int32_t cases[] = {
			utf8proc_tolower(point),
			utf8proc_toupper(point),
			utf8proc_totitle(point),
		};

		for (size_t i = 0; i < COUNT_OF(cases); i++) {
			if (cases[i] == point)
				continue;
			char *one = encode(point), *other = encode(cases[i]);
			char *left = text_fold(one), *right = text_fold(other);

			assert_string_equal(left, right);
			free(left);
			free(right);
			free(one);
			free(other);
		}
	}
}

static void lower_case_keeps_the_letters(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"Ann@X.Example", "ann@x.example"},
		{"INFO@STRA\xe1\xba\x9e"
		 "E.DE", /* with a capital ß */
		 "info@stra\xc3\x9f"
		 "e.de"},
		{"I\xc5\x9eIK@x", "i\xc5\x9fik@x"}, /* IŞIK */
		{"\xc4\xb1\xc5\x9f\xc4\xb1k@x",
		 "\xc4\xb1\xc5\x9f\xc4\xb1k@x"},	  /* ışık */
		{"\xef\xbc\xa1nn\xef\xbc\xa0x", "ann@x"}, /* full-width */
		{"E\xcc\x81@x", "\xc3\xa9@x"},		  /* é */
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *lower = text_lower(cases[i][0]);

		assert_string_equal(lower, cases[i][1]);
		free(lower);
	}
}

static void controls_and_bidi_marks_are_seen(void **state)
{
	(void)state;
	assert_false(text_has_control("Ann \xf0\x9f\x91\xa9"));
	/* woman, ZWJ, laptop: one emoji */
	assert_false(text_has_control(
		"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb"));
	/* Ali and Reza with a ZWNJ between, as Persian writes it */
	assert_false(text_has_control("\xd8\xb9\xd9\x84\xdb\x8c\xe2\x80\x8c"
				      "\xd8\xb1\xd8\xb6\xd8\xa7"));
	assert_false(text_has_control("\U0001faff")); /* no emoji yet */
	assert_true(text_has_control("\U000e0fff"));
	assert_true(text_has_control("a\nb"));
	assert_true(text_has_control("a\x7f"));
	assert_true(text_has_control("a\xc2\x85"));	/* NEL, C1 */
	assert_true(text_has_control("a\xe2\x80\xa8")); /* line separator */
	assert_true(text_has_control("a\xe2\x80\xae")); /* right-to-left */
	assert_true(text_has_control("a\xe2\x80\x8b")); /* zero width */
}

static void what_is_harmless_does_nothing_to_a_terminal(void **state)
{
	static const struct {
		const char *text, *harmless;
	} rows[] = {
		{"Zo\xc3\xab \t1", "Zo\xc3\xab \t1"},
		{"a\033[31mb\007", "a[31mb"},
		{"one\ntwo\r", "one two"},
		{"one\xe2\x80\xa8two\xe2\x80\xa9"
		 "3",
		 "one two 3"}, /* line and paragraph separator */
		{"a\xc2\x9b"
		 "31m",
		 "a31m"}, /* CSI, C1 */
		{"a\xe2\x80\xae"
		 "b",
		 "ab"}, /* right-to-left */
		{"a\xff\x1b"
		 "b",
		 "a\xef\xbf\xbd"
		 "b"}, /* not UTF-8 */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char *harmless = text_harmless(rows[i].text);

		assert_string_equal(harmless, rows[i].harmless);
		free(harmless);
	}
}

static void every_script_s_white_space_is_seen_and_trimmed(void **state)
{
	(void)state;
	assert_false(text_has_space("ann"));
	assert_true(text_has_space("a n"));
	assert_true(text_has_space("a\xc2\xa0n"));     /* no-break */
	assert_true(text_has_space("a\xe3\x80\x80n")); /* ideographic */
	assert_true(text_has_space("a\xe2\xa0\x80n")); /* Braille */

	char *trimmed = text_trim(" \t\xe3\x80\x80"
				  "a b\xc2\xa0\n");

	assert_string_equal(trimmed, "a b");
	free(trimmed);
	trimmed = text_trim(" \n ");
	assert_string_equal(trimmed, "");
	free(trimmed);
}

static void assert_all(char *(*make)(const char *),
		       const char *const pairs[][2], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *made = make(pairs[i][0]);

		assert_string_equal(made, pairs[i][1]);
		free(made);
	}
}

static void
names_are_sought_without_accents_apostrophes_and_blanks(void **state)
{
	static const char *const pairs[][2] = {
		{"Hélène", "helene"},
		{"  Jean   PAUL\t", "jean paul"},
		{"O’Hara", "ohara"},
		{"O'Hara", "ohara"},
		{"Łukasz Øst", "lukasz ost"},
		{"Straße", "strasse"},
		{"Æsop œuvre Đorđe Þór", "aesop oeuvre dorde thor"},
		{"ΆΝΝΑ ά", "αννα α"},
		{"ﬁnn Ａｎｎ", "finn ann"},
		{"Ёлка", "елка"},
		{"ıİ", "ii"},
		{"a\u200db", "ab"},
		{"'’ \u00a0", ""},
	};

	(void)state;
	assert_all(text_seek, pairs, COUNT_OF(pairs));
}

static void names_that_look_alike_have_one_shape(void **state)
{
	static const char *const pairs[][2] = {
		{"ann", "ann"},
		{" ANN ", "ann"},
		{"@Ann", "ann"},
		{"аnn", "ann"},
		{"АNN", "ann"},
		{"ａｎｎ", "ann"},
		{"a\u200dnn", "ann"},
		{"ΑΝΝ", "ann"},
		{"рosё", "posë"},
		{"МАХ", "max"},
		{"Jean Paul", "jean paul"},
		{"änn", "änn"},
	};

	(void)state;
	assert_all(text_shape, pairs, COUNT_OF(pairs));
}

static void what_cannot_be_seen_is_nothing(void **state)
{
	static const char *const nothing[] = {
		"",
		" \t\n",
		"\u00a0\u2003\u3000",
		"\u200b\u200d\u2060\ufeff",
		"\u00ad",
		"\u034f\u061c\u180e",
		"\u115f\u1160\u3164\uffa0",
		"\u2800",
		"\u202a\u202e\u2066\u2069",
		"\ufe0f\U000e0100",
		"\U000e0001\U000e0061",
		"\a\x1b",
		"\ufff9\ufffb",
	};
	static const char *const seen[] = {"x",	 "\u200b.", "👍",     "\u0301",
					   "한", "\u0600",  "\ufffd", "⠁"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(nothing); i++)
		assert_false(text_is_visible(nothing[i]));
	for (size_t i = 0; i < COUNT_OF(seen); i++)
		assert_true(text_is_visible(seen[i]));
}

static void one_emoji_is_known_from_anything_else(void **state)
{
	static const char *const emoji[] = {
		"👍",
		"👍🏽",
		"❤",
		"❤️",
		"☝🏿",
		"🇫🇷",
		"1️⃣",
		"#⃣",
		"👩‍💻",
		"👨‍👩‍👧‍👦",
		"👩🏽‍❤️‍💋‍👨🏿",
		"🏳️‍🌈",
		"🏋️‍♀️",
		"🧑🏻‍🚀",
		"🏴󠁧󠁢󠁥󠁮󠁧󠁿",
		"🪿",
		"\U0001fae9", /* of Unicode 16 */
		"\U0001faff", /* of none yet */
		"©️",
	};
	static const char *const none[] = {
		"",
		"a",
		"1",
		"é",
		"👍👍",
		"👍a",
		"a👍",
		"🇫",
		"🇫🇷🇩",
		"👍 ",
		"\ufe0f",
		"\u200d",
		"👩\u200d",
		"\u200d👩",
		"1️",
		"漢",
		":)",
		"🏽",
		"🏴\U000e0067",
		"👍\u0301",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(emoji); i++)
		if (!text_is_emoji(emoji[i]))
			fail_msg("%s is one", emoji[i]);
	for (size_t i = 0; i < COUNT_OF(none); i++)
		if (text_is_emoji(none[i]))
			fail_msg("'%s' is none", none[i]);
	assert_false(text_is_emoji("\U0001faff\U0001faff"));
	assert_false(text_is_emoji("\U0001fbfb"));
	assert_true(text_is_emoji("\U0001fc00"));

	char *words = text_words("so \U0001fae9");

	assert_non_null(strstr(words, "\U0001fae9"));
	free(words);
}

static void whatever_bytes_become_text(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *text;
	} rows[] = {
		{"plain", 5, "plain"},
		{"\xc3\xa9", 2, "\xc3\xa9"},
		{"a\0b", 3,
		 "a\xef\xbf\xbd"
		 "b"},
		{"\xf0\x9f\x99z", 4, "\xef\xbf\xbdz"},	     /* one cut off */
		{"\xc0\xaf", 2, "\xef\xbf\xbd\xef\xbf\xbd"}, /* overlong */
		{"\xe2\x82", 2, "\xef\xbf\xbd"},
		{"", 0, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = text_repair(rows[i].bytes, rows[i].len);

		assert_string_equal(text, rows[i].text);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_harmless_does_nothing_to_a_terminal),
		cmocka_unit_test(only_strict_utf8_is_valid),
		cmocka_unit_test(a_bad_byte_is_found_wherever_it_is),
		cmocka_unit_test(length_counts_code_points),
		cmocka_unit_test(names_that_differ_by_case_alone_fold_alike),
		cmocka_unit_test(
			no_letter_of_any_script_has_a_case_that_folds_otherwise),
		cmocka_unit_test(lower_case_keeps_the_letters),
		cmocka_unit_test(controls_and_bidi_marks_are_seen),
		cmocka_unit_test(
			every_script_s_white_space_is_seen_and_trimmed),
		cmocka_unit_test(
			names_are_sought_without_accents_apostrophes_and_blanks),
		cmocka_unit_test(names_that_look_alike_have_one_shape),
		cmocka_unit_test(what_cannot_be_seen_is_nothing),
		cmocka_unit_test(one_emoji_is_known_from_anything_else),
		cmocka_unit_test(whatever_bytes_become_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
