/*
 * text_words - a text as the words that people look for in it.
 */
#include "text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "mem.h"
#include "text_plain.h"

/* Written without blanks between words: each sign is a word of its own. */
static const struct {
	utf8proc_int32_t first, last;
} blankless[] = {
	{0xe00, 0xeff},	    /* Thai, Lao */
	{0x1000, 0x109f},   /* Burmese */
	{0x1780, 0x17ff},   /* Khmer */
	{0x3005, 0x3007},   /* Han, beside its blocks */
	{0x3040, 0x30ff},   /* Hiragana, Katakana */
	{0x31f0, 0x31ff},   /* Katakana for Ainu */
	{0x3400, 0x4dbf},   /* Han */
	{0x4e00, 0x9fff},   /* Han */
	{0xf900, 0xfaff},   /* Han for compatibility */
	{0x20000, 0x3ffff}, /* Han */
};

enum sign { SIGN_BETWEEN, SIGN_LETTER, SIGN_WORD };

static enum sign sign_of(utf8proc_int32_t point)
{
	switch (utf8proc_category(point)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL:
	case UTF8PROC_CATEGORY_NO:
		break;
	case UTF8PROC_CATEGORY_SO: /* emoji, above all */
		return SIGN_WORD;
	default:
		return text_is_emoji_to_be(point) ? SIGN_WORD : SIGN_BETWEEN;
	}
	for (size_t i = 0; i < COUNT_OF(blankless); i++) {
		if (point >= blankless[i].first && point <= blankless[i].last)
			return SIGN_WORD;
	}
	return SIGN_LETTER;
}

/* The words so far: each begins with a blank. */
struct words {
	char *to;
	bool open; /* letters go on with the last of them */
};

static void words_put(struct words *words, utf8proc_int32_t point)
{
	enum sign sign = sign_of(point);
	const char *plain = text_plain(point);

	if (sign == SIGN_BETWEEN) {
		words->open = false;
		return;
	}
	if (sign == SIGN_WORD || !words->open)
		*words->to++ = ' ';
	words->open = sign == SIGN_LETTER;
	if (plain != NULL)
		words->to = stpcpy(words->to, plain);
	else
		words->to += utf8proc_encode_char(point, (uint8_t *)words->to);
}

static bool is_ascii(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text >= 0x80)
			return false;
	}
	return true;
}

static void words_put_ascii(struct words *words, char c)
{
	if (c >= 'A' && c <= 'Z')
		c = (char)(c + 'a' - 'A');
	if ((c < 'a' || c > 'z') && (c < '0' || c > '9')) {
		words->open = false;
		return;
	}
	if (!words->open)
		*words->to++ = ' ';
	words->open = true;
	*words->to++ = c;
}

static void words_fold(struct words *words, const char *folded)
{
	for (const uint8_t *at = (const uint8_t *)folded; *at != '\0';) {
		utf8proc_int32_t point;

		at += utf8proc_iterate(at, -1, &point);
		words_put(words, point);
	}
}

char *text_words(const char *text)
{
	static const utf8proc_option_t fold =
		UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_DECOMPOSE |
		UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE |
		UTF8PROC_STRIPMARK;
	bool plain = is_ascii(text); /* as most are: six times as fast */
	uint8_t *folded = NULL;

	if (!plain && utf8proc_map((const uint8_t *)text, 0, &folded, fold) < 0)
		return xstrdup(" ");

	/* A blank before each sign at most, and one at the end. */
	const char *from = plain ? text : (const char *)folded;
	char *out = xmalloc(2 * strlen(from) + 2);
	struct words words = {.to = out};

	if (plain)
		for (; *from != '\0'; from++)
			words_put_ascii(&words, *from);
	else
		words_fold(&words, from);
	*words.to++ = ' ';
	*words.to = '\0';
	free(folded);
	return out;
}
