/*
 * text_emoji - what one emoji is: the grammar of UTS #51 (ED-17) over the
 * pictographs that Unicode's property names (Extended_Pictographic, UTS #51),
 * those to come among them: of some of these utf8proc does not know the
 * property.
 *
 *     emoji   = flag | keycap | element *( ZWJ element )
 *     flag    = regional regional
 *     keycap  = ( digit | "#" | "*" ) [ VS16 ] U+20E3
 *     element = pictograph [ VS16 | tone ] [ 1*tag end-of-tags ]
 */
#include "text.h"

#include <string.h>
#include <utf8proc.h>

#include "palabre_limits.h"

#define ZWJ 0x200d
#define VS16 0xfe0f
#define KEYCAP 0x20e3
#define TAG_END 0xe007f

/* What is left of it, of which the next code point is looked at. */
struct emoji {
	const utf8proc_uint8_t *at;
};

static utf8proc_int32_t emoji_peek(const struct emoji *emoji)
{
	utf8proc_int32_t c;

	return utf8proc_iterate(emoji->at, -1, &c) > 0 ? c : -1;
}

static void emoji_skip(struct emoji *emoji)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t len = utf8proc_iterate(emoji->at, -1, &c);

	if (len > 0)
		emoji->at += len;
}

static bool emoji_take(struct emoji *emoji, utf8proc_int32_t first,
		       utf8proc_int32_t last)
{
	utf8proc_int32_t c = emoji_peek(emoji);

	if (c < first || c > last)
		return false;
	emoji_skip(emoji);
	return true;
}

static bool emoji_take_one(struct emoji *emoji, utf8proc_int32_t c)
{
	return emoji_take(emoji, c, c);
}

bool text_is_emoji_to_be(int32_t point)
{
	return ((point >= 0x1f000 && point <= 0x1faff) ||
		(point >= 0x1fc00 && point <= 0x1fffd)) &&
	       utf8proc_category(point) == UTF8PROC_CATEGORY_CN;
}

static bool emoji_take_pictograph(struct emoji *emoji)
{
	utf8proc_int32_t c = emoji_peek(emoji);

	if (c < 0 || (utf8proc_get_property(c)->boundclass !=
			      UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC &&
		      !text_is_emoji_to_be(c)))
		return false;
	emoji_skip(emoji);
	return true;
}

static bool emoji_take_tags(struct emoji *emoji)
{
	if (!emoji_take(emoji, 0xe0020, 0xe007e))
		return true;
	while (emoji_take(emoji, 0xe0020, 0xe007e))
		;
	return emoji_take_one(emoji, TAG_END);
}

static bool emoji_take_element(struct emoji *emoji)
{
	if (!emoji_take_pictograph(emoji))
		return false;
	if (!emoji_take_one(emoji, VS16))
		emoji_take(emoji, 0x1f3fb, 0x1f3ff);
	return emoji_take_tags(emoji);
}

static bool emoji_take_flag(struct emoji *emoji)
{
	bool first = emoji_take(emoji, 0x1f1e6, 0x1f1ff);

	return first && emoji_take(emoji, 0x1f1e6, 0x1f1ff);
}

static bool emoji_take_keycap(struct emoji *emoji)
{
	if (!emoji_take(emoji, '0', '9') && !emoji_take_one(emoji, '#') &&
	    !emoji_take_one(emoji, '*'))
		return false;
	emoji_take_one(emoji, VS16);
	return emoji_take_one(emoji, KEYCAP);
}

static bool emoji_take_joined(struct emoji *emoji)
{
	do {
		if (!emoji_take_element(emoji))
			return false;
	} while (emoji_take_one(emoji, ZWJ));
	return true;
}

bool text_is_emoji(const char *text)
{
	static bool (*const forms[])(struct emoji *) = {
		emoji_take_flag,
		emoji_take_keycap,
		emoji_take_joined,
	};

	if (strlen(text) > LIMIT_EMOJI)
		return false;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct emoji emoji = {(const utf8proc_uint8_t *)text};

		if (forms[i](&emoji) && *emoji.at == '\0')
			return true;
	}
	return false;
}
