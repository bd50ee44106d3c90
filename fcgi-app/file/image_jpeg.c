/*
 * image_jpeg - a file of T.81, annex B:
 *
 *     FFD8 (FF marker length.. bytes)* FFDA length.. header scan
 *          ((FF marker length.. bytes)* FFDA length.. header scan)* FFD9
 *
 * In a scan FF00 is a byte FF, and FFD0 to FFD7 stand alone. Between segments
 * decoders look for the next marker, whatever is before it; so does this.
 */
#include <string.h>

#include "image_format.h"

enum {
	TEM = 0x01,
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
	SOF55 = 0xf7, /* JPEG-LS: ITU-T T.87, annex C */
	LSE = 0xf8,
};

static bool jpeg_is(const uint8_t *data, size_t len)
{
	return len > 3 && data[0] == 0xff && data[1] == SOI && data[2] == 0xff;
}

#define SEGMENT_HEAD 4 /* its marker and its length */
#define JFIF_LEN 14    /* of its body, the small copy left out */

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

static bool jpeg_is_alone(unsigned marker)
{
	return marker == TEM || (marker >= RST0 && marker <= RST7);
}

/* Frames, tables and scans, and what says what their colours mean. */
static bool jpeg_is_kept(unsigned marker, const uint8_t *body, size_t len)
{
	switch (marker) {
	case APP0:
		return len >= JFIF_LEN && begins(body, len, "JFIF", 5);
	case APP2:
		return begins(body, len, "ICC_PROFILE", 12);
	case APP14:
		return begins(body, len, "Adobe", 5);
	case SOF55:
	case LSE:
		return true;
	default:
		return marker >= SOF0 && marker < APP0 &&
		       !jpeg_is_alone(marker);
	}
}

static bool jpeg_is_frame(unsigned marker)
{
	return (marker >= SOF0 && marker <= SOF15 && marker != DHT &&
		marker != JPG && marker != DAC) ||
	       marker == SOF55;
}

static void jpeg_learn(unsigned marker, const uint8_t *body, size_t len,
		       struct image_info *info)
{
	if (jpeg_is_frame(marker) && len >= 5) {
		info->height = image_be16(body + 1);
		info->width = image_be16(body + 3);
	} else if (marker == APP1 && info->orientation == 1 &&
		   begins(body, len, "Exif\0", 6)) {
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

/* A segment that is kept; JFIF's without its small copy of the picture. */
static void jpeg_emit(const uint8_t *segment, size_t len, struct image_out *out)
{
	static const uint8_t head[] = {0xff, APP0, 0, JFIF_LEN + 2};

	if (segment[1] != APP0) {
		image_out(out, segment, len);
		return;
	}
	image_out(out, head, sizeof(head));
	image_out(out, segment + sizeof(head), JFIF_LEN - 2);
	image_out(out, "\0", 2); /* its width and height */
}

/* Where the next marker is; len: there is none. */
static size_t jpeg_marker(const uint8_t *data, size_t len, size_t at)
{
	for (; at + 1 < len; at++) {
		const uint8_t *ff = memchr(data + at, 0xff, len - at - 1);

		if (ff == NULL)
			return len;
		at = (size_t)(ff - data);
		if (data[at + 1] != 0x00 && data[at + 1] != 0xff)
			return at;
	}
	return len;
}

/* The end of the scan that starts at `at`: the marker behind it, or the end.
 * What is below the first marker of a segment is damage that decoders pass. */
static size_t jpeg_scan_end(const uint8_t *data, size_t len, size_t at)
{
	while ((at = jpeg_marker(data, len, at)) < len &&
	       (data[at + 1] < SOF0 || jpeg_is_alone(data[at + 1])))
		at += 2;
	return at;
}

/* Of the segment at the start of what is left, its marker and all, but not its
 * scan; 0: it is not whole. */
static size_t jpeg_segment_len(const uint8_t *segment, size_t left)
{
	if (jpeg_is_alone(segment[1]))
		return 2;
	if (left < SEGMENT_HEAD)
		return 0;

	size_t size = image_be16(segment + 2);

	if (size < 2) /* decoders go on behind such a length */
		return SEGMENT_HEAD;
	return size <= left - 2 ? size + 2 : 0;
}

struct jpeg {
	const uint8_t *data;
	size_t len;
	struct image_info *info;
	struct image_out *out;
	bool scanned;
};

/* Behind the segment at `at`, with its scan; 0: it is not whole. */
static size_t jpeg_segment(struct jpeg *jpeg, size_t at)
{
	const uint8_t *segment = jpeg->data + at, *body = segment + 4;
	unsigned marker = segment[1];
	size_t whole = jpeg_segment_len(segment, jpeg->len - at);
	size_t body_len = whole > SEGMENT_HEAD ? whole - SEGMENT_HEAD : 0;

	if (whole == 0)
		return 0;
	if (!jpeg->scanned)
		jpeg_learn(marker, body, body_len, jpeg->info);
	if (marker == SOS) {
		jpeg->scanned = true;
		whole = jpeg_scan_end(jpeg->data, jpeg->len, at + whole) - at;
	}
	if (jpeg_is_kept(marker, body, body_len))
		jpeg_emit(segment, whole, jpeg->out);
	return at + whole;
}

static bool jpeg_walk(const uint8_t *data, size_t len, struct image_info *info,
		      struct image_out *out)
{
	static const uint8_t end[] = {0xff, EOI};
	struct jpeg jpeg = {data, len, info, out, false};
	size_t next = 2;

	image_out(out, data, 2);
	if (info->orientation > 1)
		emit_orientation(info->orientation, out);
	while (next > 0) {
		size_t at = jpeg_marker(data, len, next);

		if (at == len || data[at + 1] == EOI || data[at + 1] == SOI)
			break;
		next = jpeg_segment(&jpeg, at);
	}
	image_out(out, end, sizeof(end));
	return jpeg.scanned;
}

const struct image_format image_jpeg = {"image/jpeg", jpeg_is, jpeg_walk};
