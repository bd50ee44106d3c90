/*
 * image_webp - RFC 9649, section 2: "RIFF" size "WEBP", then chunks:
 *
 *     offset  size  field
 *          0     4  type
 *          4     4  length of the data, little endian
 *          8   len  data, and one byte more where len is odd
 */
#include <string.h>

#include "image_format.h"

#define HEAD_LEN 12
#define CHUNK_HEAD 8
#define FLAG_EXIF 0x08
#define FLAG_XMP 0x04

static bool webp_is(const uint8_t *data, size_t len)
{
	return len >= HEAD_LEN && memcmp(data, "RIFF", 4) == 0 &&
	       memcmp(data + 8, "WEBP", 4) == 0;
}

static bool webp_chunk_is(const uint8_t *chunk, const char *type)
{
	return memcmp(chunk, type, 4) == 0;
}

static bool webp_is_kept(const uint8_t *chunk)
{
	static const char kept[][5] = {"VP8 ", "VP8L", "VP8X", "ALPH",
				       "ANIM", "ANMF", "ICCP"};

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		if (webp_chunk_is(chunk, kept[i]))
			return true;
	}
	return false;
}

/* The size is in the first chunk, whatever its kind (section 2.5 to 2.7). */
static void webp_learn(const uint8_t *chunk, size_t len,
		       struct image_info *info)
{
	const uint8_t *body = chunk + CHUNK_HEAD;

	if (webp_chunk_is(chunk, "VP8X") && len >= 10) {
		info->width = (image_le32(body + 4) & 0xffffff) + 1;
		info->height = (image_le32(body + 6) >> 8) + 1;
	} else if (webp_chunk_is(chunk, "VP8L") && len >= 5 &&
		   body[0] == 0x2f) {
		uint32_t bits = image_le32(body + 1);

		info->width = (bits & 0x3fff) + 1;
		info->height = (bits >> 14 & 0x3fff) + 1;
	} else if (webp_chunk_is(chunk, "VP8 ") && len >= 10 &&
		   memcmp(body + 3, "\x9d\x01\x2a", 3) == 0) {
		info->width = image_le16(body + 6) & 0x3fff;
		info->height = image_le16(body + 8) & 0x3fff;
	}
}

/* One that says what there is beside the picture: nothing any more. */
static void webp_emit(const uint8_t *chunk, size_t len, struct image_out *out)
{
	uint8_t head[CHUNK_HEAD + 1];

	if (!webp_chunk_is(chunk, "VP8X") || len < sizeof(head)) {
		image_out(out, chunk, len);
	} else {
		memcpy(head, chunk, sizeof(head));
		head[CHUNK_HEAD] &= (uint8_t) ~(FLAG_EXIF | FLAG_XMP);
		image_out(out, head, sizeof(head));
		image_out(out, chunk + sizeof(head), len - sizeof(head));
	}
	image_out(out, "", len & 1); /* may be missing where the file ends */
}

static bool webp_is_type(const uint8_t *type)
{
	for (size_t i = 0; i < 4; i++) {
		if (type[i] < ' ' || type[i] > '~')
			return false;
	}
	return true;
}

/*
 * Of the chunk at the start of what is left, head and data; 0: the picture ends
 * here. A chunk is believed where another one follows it: by a length that is
 * wrong it would take along, as what is drawn, the metadata behind it.
 */
static size_t webp_chunk_len(const uint8_t *chunk, size_t left)
{
	if (left < CHUNK_HEAD || image_le32(chunk + 4) > left - CHUNK_HEAD)
		return 0;

	size_t len = CHUNK_HEAD + image_le32(chunk + 4);
	size_t next = len + (len & 1);

	return next + CHUNK_HEAD > left || webp_is_type(chunk + next) ? len : 0;
}

static bool webp_chunks(const uint8_t *data, size_t end,
			struct image_info *info, struct image_out *out)
{
	size_t at = HEAD_LEN, whole;
	bool drawn = false;

	while (at < end && (whole = webp_chunk_len(data + at, end - at)) > 0) {
		const uint8_t *chunk = data + at;

		if (at == HEAD_LEN)
			webp_learn(chunk, whole - CHUNK_HEAD, info);
		drawn = drawn || webp_chunk_is(chunk, "VP8 ") ||
			webp_chunk_is(chunk, "VP8L") ||
			webp_chunk_is(chunk, "ANMF");
		if (webp_is_kept(chunk))
			webp_emit(chunk, whole, out);
		at += whole + (whole & 1);
	}
	return drawn;
}

/* As its head says it, but never beyond the file, of which a part may be
 * missing. */
static size_t webp_end(const uint8_t *data, size_t len)
{
	size_t size = image_le32(data + 4);

	return size < len - 8 ? size + 8 : len;
}

static bool webp_walk(const uint8_t *data, size_t len, struct image_info *info,
		      struct image_out *out)
{
	struct image_out counted = {NULL, NULL, 4}; /* "WEBP" */
	uint8_t head[HEAD_LEN];
	size_t end = webp_end(data, len);

	if (!webp_chunks(data, end, info, &counted))
		return false;
	memcpy(head, data, HEAD_LEN);
	for (unsigned i = 0; i < 4; i++)
		head[4 + i] = (uint8_t)(counted.len >> 8 * i);
	image_out(out, head, sizeof(head));
	return webp_chunks(data, end, info, out);
}

const struct image_format image_webp = {"image/webp", webp_is, webp_walk};
