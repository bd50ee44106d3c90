#include "text.h"

#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

#include "mem.h"

bool text_valid(const char *text, size_t len)
{
	const uint8_t *at = (const uint8_t *)text;
	const uint8_t *end = at + len;

	while (at < end) {
		utf8proc_int32_t point;

		if (*at > 0 && *at < 0x80) { /* most text */
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

static bool is_control(utf8proc_int32_t point)
{
	utf8proc_category_t category = utf8proc_category(point);

	/* The joiners make emoji, and the words of Persian and of India: they
	 * are no disguise, for folding drops them. */
	if (point == 0x200c || point == 0x200d)
		return false;
	return category == UTF8PROC_CATEGORY_CC ||
	       category == UTF8PROC_CATEGORY_CF ||
	       category == UTF8PROC_CATEGORY_CN;
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
