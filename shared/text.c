#include "text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "eight.h"
#include "mem.h"
#include "text_plain.h"

/* Eight bytes, and none of them NUL. */
static bool text_is_ascii(const uint8_t *at)
{
	uint64_t eight = eight_at((const char *)at);

	return (eight_below(eight, 1) | (eight & EIGHT_HIGH)) == 0;
}

bool text_valid(const char *text, size_t len)
{
	const uint8_t *at = (const uint8_t *)text;
	const uint8_t *end = at + len;

	while (at < end) {
		utf8proc_int32_t point;

		if (end - at >= 8 && text_is_ascii(at)) { /* most text */
			at += 8;
			continue;
		}
		if (*at > 0 && *at < 0x80) {
			at++;
			continue;
		}
		utf8proc_ssize_t took = utf8proc_iterate(at, end - at, &point);

		if (took <= 0 || point == 0)
			return false;
		at += took;
	}
	return true;
}

/* How many bytes of a character that never ends are its beginning (Unicode
 * 15, table 3-7). */
static size_t text_broken_len(const uint8_t *at, size_t len)
{
	size_t want = *at >= 0xf0 ? 4 : *at >= 0xe0 ? 3 : 2;
	uint8_t low = 0x80, high = 0xbf;

	if (*at < 0xc2 || *at > 0xf4)
		return 1;
	if (*at == 0xe0)
		low = 0xa0;
	if (*at == 0xf0)
		low = 0x90;
	if (*at == 0xed)
		high = 0x9f;
	if (*at == 0xf4)
		high = 0x8f;

	size_t took = 1;

	while (took < want && took < len && at[took] >= low &&
	       at[took] <= high) {
		low = 0x80;
		high = 0xbf;
		took++;
	}
	return took;
}

char *text_repair(const char *bytes, size_t len)
{
	const uint8_t *at = (const uint8_t *)bytes;
	const uint8_t *end = at + len;
	char *text = xmalloc(3 * len + 1); /* one byte may become U+FFFD */
	char *to = text;

	while (at < end) {
		utf8proc_int32_t point;
		utf8proc_ssize_t took = utf8proc_iterate(at, end - at, &point);

		if (took > 0 && point != 0) {
			memcpy(to, at, (size_t)took);
			to += took;
			at += took;
		} else {
			at += *at == 0
				      ? 1
				      : text_broken_len(at, (size_t)(end - at));
			memcpy(to, "\xef\xbf\xbd", 3);
			to += 3;
		}
	}
	*to = '\0';
	return text;
}

size_t text_length(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += ((uint8_t)*text & 0xc0) != 0x80;
	return count;
}

static bool is_line_break(utf8proc_int32_t point)
{
	utf8proc_category_t category = utf8proc_category(point);

	return point == '\n' || category == UTF8PROC_CATEGORY_ZL ||
	       category == UTF8PROC_CATEGORY_ZP;
}

static bool is_control(utf8proc_int32_t point)
{
	utf8proc_category_t category = utf8proc_category(point);

	/* The joiners make emoji, and the words of Persian and of India: they
	 * are no disguise, for folding drops them. */
	if (point == 0x200c || point == 0x200d)
		return false;
	return category == UTF8PROC_CATEGORY_CC ||
	       category == UTF8PROC_CATEGORY_CF ||
	       (category == UTF8PROC_CATEGORY_CN &&
		!text_is_emoji_to_be(point)) ||
	       is_line_break(point);
}

static bool text_is_space(utf8proc_int32_t point)
{
	utf8proc_category_t category = utf8proc_category(point);

	return category == UTF8PROC_CATEGORY_ZS ||
	       category == UTF8PROC_CATEGORY_ZL ||
	       category == UTF8PROC_CATEGORY_ZP ||
	       (point >= 0x09 && point <= 0x0d) || point == 0x85 ||
	       point == 0x2800; /* in Braille the cell without a dot */
}

static bool any(const char *text, bool (*test)(utf8proc_int32_t))
{
	const uint8_t *at = (const uint8_t *)text;

	while (*at != '\0') {
		utf8proc_int32_t point;
		utf8proc_ssize_t took = utf8proc_iterate(at, -1, &point);

		if (took <= 0 || test(point))
			return true;
		at += took;
	}
	return false;
}

bool text_has_control(const char *text)
{
	return any(text, is_control);
}

static size_t character_len(const char *text)
{
	size_t len = 1;

	while (((unsigned char)text[len] & 0xc0) == 0x80)
		len++;
	return len;
}

char *text_harmless(const char *text)
{
	char *repaired = text_repair(text, strlen(text));
	char *out = repaired;

	for (const char *at = repaired; *at != '\0';) {
		char character[5] = {0};
		size_t len = character_len(at);

		memcpy(character, at, len);
		at += len;
		if (any(character, is_line_break)) {
			strcpy(character, " ");
			len = 1;
		}
		if (*character == '\t' || !text_has_control(character)) {
			memmove(out, character, len);
			out += len;
		}
	}
	*out = '\0';
	return repaired;
}

char *text_harmless_print(const char *format, va_list values)
{
	char *printed = xvasprintf(format, values);
	char *harmless = text_harmless(printed);

	free(printed);
	return harmless;
}

bool text_has_space(const char *text)
{
	return any(text, text_is_space);
}

/* What case changes in some languages, and folding, which knows none, keeps.
 * Turkish and Azeri write I without a dot as ı and İ with one as i; Lithuanian
 * keeps the dot of i and j below an accent. Greek capitals have no accents.
 * U+034F stands for nothing: folding drops it. */
static utf8proc_int32_t forget_marks(utf8proc_int32_t point, void *context)
{
	utf8proc_int32_t *letter = context;
	const utf8proc_property_t *property = utf8proc_get_property(point);
	utf8proc_propval_t class = property->combining_class;
	bool greek = *letter >= 0x370 && *letter <= 0x3ff;
	bool dotted = *letter == 'i' || *letter == 'j';

	if ((class == 230 && greek) || (point == 0x307 && dotted))
		return 0x34f;
	if (point == 0x131)
		point = 'i';
	if (class == 0 && !property->ignorable)
		*letter = utf8proc_tolower(point);
	return point;
}

static utf8proc_ssize_t fold_points(const uint8_t *text,
				    utf8proc_int32_t *points,
				    utf8proc_ssize_t count,
				    utf8proc_option_t fold)
{
	utf8proc_int32_t letter = 0;

	return utf8proc_decompose_custom(text, 0, points, count, fold,
					 forget_marks, &letter);
}

/* Decomposed first: a folded iota subscript is a letter, which the marks that
 * follow it would else stand on (Unicode, 3.13, D145). */
char *text_fold(const char *text)
{
	static const utf8proc_option_t fold =
		UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE |
		UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
	uint8_t *apart = utf8proc_NFKD((const uint8_t *)text);

	if (apart == NULL) /* invalid UTF-8, which no caller lets through */
		return xstrdup("");

	utf8proc_ssize_t count = fold_points(apart, NULL, 0, fold);
	utf8proc_int32_t *points = xcalloc((size_t)count + 1, sizeof(*points));

	fold_points(apart, points, count, fold);
	utf8proc_reencode(points, count, fold);
	free(apart);
	return (char *)points;
}

static utf8proc_int32_t lower(utf8proc_int32_t point, void *unused)
{
	(void)unused;
	return utf8proc_tolower(point);
}

char *text_lower(const char *text)
{
	static const utf8proc_option_t composed =
		UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE;
	uint8_t *plain = utf8proc_NFKC((const uint8_t *)text);
	uint8_t *lowered = NULL;

	if (plain != NULL)
		utf8proc_map_custom(plain, 0, &lowered, composed, lower, NULL);
	free(plain);
	return lowered != NULL ? (char *)lowered : xstrdup("");
}

char *text_compose(const char *text)
{
	uint8_t *composed = utf8proc_NFKC((const uint8_t *)text);

	return composed != NULL ? (char *)composed : xstrdup("");
}

/* ---- as people look for names ---- */

/* Letters that Unicode does not take apart, where others write plain ones. */
static const struct {
	utf8proc_int32_t point;
	const char *plain;
} plain_letters[] = {
	{0xe6, "ae"}, {0xf0, "d"},  {0xf8, "o"},  {0xfe, "th"},	 {0x111, "d"},
	{0x127, "h"}, {0x131, "i"}, {0x142, "l"}, {0x153, "oe"}, {0x167, "t"},
};

static bool is_apostrophe(utf8proc_int32_t point)
{
	static const utf8proc_int32_t all[] = {
		'\'',  '`',    0xb4,   0x2b9,  0x2bb,  0x2bc,
		0x2bd, 0x2018, 0x2019, 0x201b, 0x2032,
	};

	for (size_t i = 0; i < COUNT_OF(all); i++) {
		if (point == all[i])
			return true;
	}
	return false;
}

const char *text_plain(int32_t point)
{
	for (size_t i = 0; i < COUNT_OF(plain_letters); i++) {
		if (point == plain_letters[i].point)
			return plain_letters[i].plain;
	}
	return NULL;
}

static char *put_seek(char *to, utf8proc_int32_t point, bool first)
{
	const char *plain = text_plain(point);

	if (plain != NULL)
		return stpcpy(to, plain);
	if (is_apostrophe(point))
		return to;
	if (!text_is_space(point))
		return to + utf8proc_encode_char(point, (uint8_t *)to);
	if (!first && to[-1] != ' ')
		*to++ = ' ';
	return to;
}

char *text_seek(const char *text)
{
	static const utf8proc_option_t seek =
		UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_DECOMPOSE |
		UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE |
		UTF8PROC_STRIPMARK;
	uint8_t *folded = NULL;

	if (utf8proc_map((const uint8_t *)text, 0, &folded, seek) < 0)
		return xstrdup("");

	/* No plain letter is longer than the one that it stands for. */
	char *out = xmalloc(strlen((char *)folded) + 1);
	char *to = out;

	for (const uint8_t *at = folded; *at != '\0';) {
		utf8proc_int32_t point;

		at += utf8proc_iterate(at, -1, &point);
		to = put_seek(to, point, to == out);
	}
	if (to > out && to[-1] == ' ')
		to--;
	*to = '\0';
	free(folded);
	return out;
}

/* ---- what a name looks like ---- */

/* Folded letters of Greek and Cyrillic which, small or as capitals, are drawn
 * as a Latin one. */
static const struct {
	uint16_t point;
	char latin;
} lookalikes[] = {
	{0x3b1, 'a'}, {0x3b2, 'b'}, {0x3b5, 'e'}, {0x3b6, 'z'}, {0x3b7, 'h'},
	{0x3b9, 'i'}, {0x3ba, 'k'}, {0x3bc, 'm'}, {0x3bd, 'n'}, {0x3bf, 'o'},
	{0x3c1, 'p'}, {0x3c4, 't'}, {0x3c5, 'y'}, {0x3c7, 'x'}, {0x3f3, 'j'},
	{0x430, 'a'}, {0x432, 'b'}, {0x435, 'e'}, {0x43a, 'k'}, {0x43c, 'm'},
	{0x43d, 'h'}, {0x43e, 'o'}, {0x440, 'p'}, {0x441, 'c'}, {0x442, 't'},
	{0x443, 'y'}, {0x445, 'x'}, {0x455, 's'}, {0x456, 'i'}, {0x458, 'j'},
	{0x4af, 'y'}, {0x4bb, 'h'}, {0x4cf, 'l'}, {0x501, 'd'}, {0x51b, 'q'},
	{0x51d, 'w'},
};

static utf8proc_int32_t as_latin(utf8proc_int32_t point, void *unused)
{
	(void)unused;
	for (size_t i = 0; i < COUNT_OF(lookalikes); i++) {
		if (point == lookalikes[i].point)
			return lookalikes[i].latin;
	}
	return point;
}

/* Mapped when apart, for a letter with a mark looks like one with that mark;
 * names that fold alike have one shape. */
char *text_shape(const char *text)
{
	static const utf8proc_option_t composed =
		UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE;
	char *trimmed = text_trim(text);
	char *folded = text_fold(trimmed);
	uint8_t *apart =
		utf8proc_NFKD((const uint8_t *)folded + strspn(folded, "@"));
	uint8_t *shape = NULL;

	if (apart != NULL)
		utf8proc_map_custom(apart, 0, &shape, composed, as_latin, NULL);
	free(apart);
	free(folded);
	free(trimmed);
	return shape != NULL ? (char *)shape : xstrdup("");
}

/* ---- what of a text is kept ---- */

char *text_trim(const char *text)
{
	const uint8_t *at = (const uint8_t *)text;
	const uint8_t *first = NULL;
	const uint8_t *end = at;

	while (*at != '\0') {
		utf8proc_int32_t point;
		utf8proc_ssize_t took = utf8proc_iterate(at, -1, &point);

		if (took <= 0)
			break;
		if (!text_is_space(point)) {
			if (first == NULL)
				first = at;
			end = at + took;
		}
		at += took;
	}
	if (first == NULL)
		return xstrdup("");
	return xstrndup((const char *)first, (size_t)(end - first));
}

static bool is_seen(utf8proc_int32_t point)
{
	bool annotates = point >= 0xfff9 && point <= 0xfffb;

	return !text_is_space(point) && !annotates &&
	       utf8proc_category(point) != UTF8PROC_CATEGORY_CC &&
	       !utf8proc_get_property(point)->ignorable;
}

bool text_is_visible(const char *text)
{
	return any(text, is_seen);
}
