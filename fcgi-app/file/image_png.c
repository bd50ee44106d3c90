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
		"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA",
		"cHRM", "sRGB", "iCCP", "sBIT", "bKGD", "pHYs",
		"cICP", "mDCV", "cLLI", "acTL", "fcTL", "fdAT",
	};

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		if (memcmp(type, kept[i], 4) == 0)
			return true;
	}
	return false;
}

static bool png_walk(const uint8_t *data, size_t len, struct image_info *info,
		     struct image_out *out)
{
	size_t at = SIGNATURE_LEN;
	bool drawn = false;

	image_out(out, data, SIGNATURE_LEN);
	while (len - at >= AROUND) {
		const uint8_t *type = data + at + 4;
		size_t size = image_be32(data + at);

		if (size > len - at - AROUND)
			return false;
		if (at == SIGNATURE_LEN) {
			if (memcmp(type, "IHDR", 4) != 0 || size != 13)
				return false;
			info->width = image_be32(data + at + 8);
			info->height = image_be32(data + at + 12);
		}
		drawn = drawn || memcmp(type, "IDAT", 4) == 0;
		if (png_is_kept(type))
			image_out(out, data + at, size + AROUND);
		if (memcmp(type, "IEND", 4) == 0)
			return drawn;
		at += size + AROUND;
	}
	return false;
}

const struct image_format image_png = {"image/png", png_is, png_walk};
