/*
 * image_jpeg - a file of T.81, annex B:
 *
 *     FFD8 (FF marker length.. bytes)* FFDA length.. header scan
 *          ((FF marker length.. bytes)* FFDA length.. header scan)* FFD9
 *
 * In a scan FF00 is a byte FF, and FFD0 to FFD7 stand alone.
 */
#include <string.h>

#include "image_format.h"

enum {
	SOF0 = 0xc0,
	DHT = 0xc4,
	JPG = 0xc8,
	DAC = 0xcc,
	SOF15 = 0xcf,
	RST0 = 0xd0,
	RST7 = 0xd7,
	SOI = 0xd8,
	EOI = 0xd9,
	SOS = 0xda,
	APP0 = 0xe0,
	APP1 = 0xe1,
	APP2 = 0xe2,
	APP14 = 0xee,
	APP15 = 0xef,
	COM = 0xfe,
};

static bool jpeg_is(const uint8_t *data, size_t len)
{
	return len > 3 && data[0] == 0xff && data[1] == SOI && data[2] == 0xff;
}

static bool begins(const uint8_t *body, size_t len, const char *name,
		   size_t name_len)
{
	return len >= name_len && memcmp(body, name, name_len) == 0;
}

/* TIFF's first directory, in the byte order it says (TIFF 6.0, section 2). */
static unsigned tiff_orientation(const uint8_t *tiff, size_t len)
{
	if (len < 8)
		return 1;

	bool big = tiff[0] == 'M';
	uint32_t (*two)(const uint8_t *) = big ? image_be16 : image_le16;
	uint32_t (*four)(const uint8_t *) = big ? image_be32 : image_le32;
	size_t at = four(tiff + 4);

	if (two(tiff + 2) != 42 || at > len - 2)
		return 1;

	size_t count = two(tiff + at);

	for (at += 2; count > 0 && at <= len - 2 && len - at >= 12;
	     count--, at += 12) {
		if (two(tiff + at) == 0x0112) {
			unsigned value = two(tiff + at + 8);

			return value >= 1 && value <= 8 ? value : 1;
		}
	}
	return 1;
}

static bool jpeg_is_kept(unsigned marker, const uint8_t *body, size_t len)
{
	if (marker == COM)
		return false;
	if (marker < APP0 || marker > APP15 || marker == APP0 ||
	    marker == APP14) /* APP14: Adobe's, says what the colours mean */
		return true;
	return marker == APP2 && begins(body, len, "ICC_PROFILE", 12);
}

static void jpeg_learn(unsigned marker, const uint8_t *body, size_t len,
		       struct image_info *info)
{
	if (marker >= SOF0 && marker <= SOF15 && marker != DHT &&
	    marker != JPG && marker != DAC && len >= 5) {
		info->height = image_be16(body + 1);
		info->width = image_be16(body + 3);
	} else if (marker == APP1 && begins(body, len, "Exif\0", 6)) {
		info->orientation = tiff_orientation(body + 6, len - 6);
	}
}

/* An EXIF segment that says how the picture is turned, and nothing else. */
static void emit_orientation(unsigned orientation, struct image_out *out)
{
	uint8_t segment[] = {
		0xff, APP1, 0,	 34,			   /* length */
		'E',  'x',  'i', 'f', 0, 0,		   /* */
		'M',  'M',  0,	 42,  0, 0, 0, 8,	   /* TIFF's head */
		0,    1,				   /* one entry: */
		0x01, 0x12, 0,	 3,   0, 0, 0, 1, 0, 0, 0, /* tag, SHORT */
		0,    0,    0,	 0,   0,		   /* no other */
	};

	segment[29] = (uint8_t)orientation;
	image_out(out, segment, sizeof(segment));
}

/* The end of the scan that starts at `at`: the marker behind it, or the end. */
static size_t jpeg_scan_end(const uint8_t *data, size_t len, size_t at)
{
	for (; at + 1 < len; at++) {
		const uint8_t *ff = memchr(data + at, 0xff, len - at - 1);

		if (ff == NULL)
			return len;
		at = (size_t)(ff - data);
		if (data[at + 1] != 0x00 && data[at + 1] != 0xff &&
		    (data[at + 1] < RST0 || data[at + 1] > RST7))
			return at;
	}
	return len;
}

static bool jpeg_walk(const uint8_t *data, size_t len, struct image_info *info,
		      struct image_out *out)
{
	static const uint8_t end[] = {0xff, EOI};
	bool scanned = false;
	size_t at = 2;

	image_out(out, data, 2);
	if (info->orientation > 1)
		emit_orientation(info->orientation, out);
	while (at + 4 <= len && data[at] == 0xff) {
		unsigned marker = data[at + 1];

		if (marker == 0xff) { /* a fill byte */
			at++;
			continue;
		}
		if (marker == EOI)
			break;

		size_t size = image_be16(data + at + 2);

		if (size < 2 || size > len - at - 2)
			return false;

		size_t next = at + 2 + size;

		jpeg_learn(marker, data + at + 4, size - 2, info);
		if (marker == SOS) {
			scanned = true;
			next = jpeg_scan_end(data, len, next);
		}
		if (jpeg_is_kept(marker, data + at + 4, size - 2))
			image_out(out, data + at, next - at);
		at = next;
	}
	image_out(out, end, sizeof(end));
	return scanned;
}

const struct image_format image_jpeg = {"image/jpeg", jpeg_is, jpeg_walk};
