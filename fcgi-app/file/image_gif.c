/*
 * image_gif - GIF89a: "GIF87a" or "GIF89a", the screen, its colours, then
 *
 *     21 label (size bytes)* 00         an extension
 *     2C position, size, colours, code size, (size bytes)* 00     a frame
 *     3B                                the end
 */
#include <string.h>

#include "image_format.h"

#define HEAD_LEN 13

/* labels of extensions */
enum { TEXT = 0x01, TIMING = 0xf9, PROGRAM = 0xff };

static bool gif_is(const uint8_t *data, size_t len)
{
	return len >= HEAD_LEN && (memcmp(data, "GIF87a", 6) == 0 ||
				   memcmp(data, "GIF89a", 6) == 0);
}

/* Bytes of a table of colours, as a field of flags says it. */
static size_t gif_colours(uint8_t flags)
{
	return (flags & 0x80) != 0 ? (size_t)3 << ((flags & 7) + 1) : 0;
}

/* Behind the sub-blocks at `at`; 0: they do not end. */
static size_t gif_blocks_end(const uint8_t *data, size_t len, size_t at)
{
	while (at < len && data[at] != 0)
		at += (size_t)data[at] + 1;
	return at < len ? at + 1 : 0;
}

/* Timing, loops and drawn text; not comments, not what a program added. */
static bool gif_is_kept(const uint8_t *extension, size_t len)
{
	static const char *const programs[] = {"NETSCAPE2.0", "ANIMEXTS1.0"};

	if (extension[1] != PROGRAM)
		return extension[1] == TIMING || extension[1] == TEXT;
	for (size_t i = 0; i < 2; i++) {
		if (len > 14 && extension[2] == 11 &&
		    memcmp(extension + 3, programs[i], 11) == 0)
			return true;
	}
	return false;
}

/* Behind what starts at `at`; 0: it is not whole, and the picture ends here. */
static size_t gif_next(const uint8_t *data, size_t len, size_t at)
{
	if (data[at] == 0x21)
		return len - at > 2 ? gif_blocks_end(data, len, at + 2) : 0;
	if (data[at] != 0x2c || len - at < 11)
		return 0;

	size_t colours = gif_colours(data[at + 9]);

	return len - at > 11 + colours
		       ? gif_blocks_end(data, len, at + 11 + colours)
		       : 0;
}

static bool gif_walk(const uint8_t *data, size_t len, struct image_info *info,
		     struct image_out *out)
{
	size_t at = HEAD_LEN + gif_colours(data[10]);
	bool drawn = false;

	if (at > len)
		return false;
	info->width = image_le16(data + 6);
	info->height = image_le16(data + 8);
	image_out(out, data, at);
	while (at < len && data[at] != 0x3b) {
		size_t next = gif_next(data, len, at);

		if (next == 0)
			break;
		drawn = drawn || data[at] == 0x2c;
		if (data[at] == 0x2c || gif_is_kept(data + at, next - at))
			image_out(out, data + at, next - at);
		at = next;
	}
	image_out(out, "\x3b", 1);
	return drawn;
}

const struct image_format image_gif = {"image/gif", gif_is, gif_walk};
