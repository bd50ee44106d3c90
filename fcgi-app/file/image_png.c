/*
 * image_png - 89 "PNG" 0D 0A 1A 0A, then chunks until IEND:
 *
 *     offset  size  field
 *          0     4  length of the data, big endian
 *          4     4  type
 *          8   len  data
 *      8+len     4  CRC
 */
#include <string.h>

#include "image_format.h"

#define SIGNATURE "\x89PNG\r\n\x1a\n"
#define SIGNATURE_LEN 8
#define AROUND 12 /* of a chunk, its data left out */

static bool png_is(const uint8_t *data, size_t len)
{
	return len >= SIGNATURE_LEN &&
	       memcmp(data, SIGNATURE, SIGNATURE_LEN) == 0;
}

/* What the picture is drawn by; text, times and EXIF are not. */
static bool png_is_kept(const uint8_t *type)
{
	static const char kept[][5] = {
		"IHDR", "PLTE", "IDAT", "tRNS", "gAMA", "cHRM",
		"sRGB", "iCCP", "sBIT", "bKGD", "pHYs", "cICP",
		"mDCV", "cLLI", "acTL", "fcTL", "fdAT",
	};

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		if (memcmp(type, kept[i], 4) == 0)
			return true;
	}
	return false;
}

static bool png_is_type(const uint8_t *type)
{
	for (size_t i = 0; i < 4; i++) {
		uint8_t lower = type[i] | 0x20;

		if (lower < 'a' || lower > 'z')
			return false;
	}
	return true;
}

/*
 * Of the chunk at the start of what is left, all in all; 0: the picture ends
 * here. A chunk is believed where another one follows it: by a length that is
 * wrong it would take along, as what is drawn, the metadata behind it.
 */
static size_t png_chunk_len(const uint8_t *data, size_t left)
{
	if (left < AROUND || memcmp(data + 4, "IEND", 4) == 0)
		return 0;

	size_t size = image_be32(data);

	if (size > left - AROUND)
		return 0;
	size += AROUND;
	return left - size < 8 || png_is_type(data + size + 4) ? size : 0;
}

static bool png_learn(const uint8_t *data, size_t left, struct image_info *info)
{
	if (left < AROUND + 13 || memcmp(data, "\0\0\0\x0dIHDR", 8) != 0)
		return false;
	info->width = image_be32(data + 8);
	info->height = image_be32(data + 12);
	return true;
}

static bool png_walk(const uint8_t *data, size_t len, struct image_info *info,
		     struct image_out *out)
{
	static const char end[AROUND] = "\0\0\0\0IEND\xae\x42\x60\x82";
	size_t at = SIGNATURE_LEN, whole;
	bool drawn = false;

	if (!png_learn(data + at, len - at, info))
		return false;
	image_out(out, data, SIGNATURE_LEN);
	while ((whole = png_chunk_len(data + at, len - at)) > 0) {
		const uint8_t *type = data + at + 4;

		drawn = drawn || memcmp(type, "IDAT", 4) == 0;
		if (png_is_kept(type))
			image_out(out, data + at, whole);
		at += whole;
	}
	image_out(out, end, sizeof(end));
	return drawn;
}

const struct image_format image_png = {"image/png", png_is, png_walk};
