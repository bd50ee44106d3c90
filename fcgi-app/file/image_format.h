/*
 * image_format - one container of pictures, for image.c alone.
 *
 * walk() goes through the whole file once: it fills *info, and emits what is
 * kept where emit is not NULL. info is then what a walk before has found.
 * False: nothing of what is kept would be drawn.
 */
#ifndef IMAGE_FORMAT_H
#define IMAGE_FORMAT_H

#include "image.h"

struct image_out {
	image_emit *emit; /* NULL: only look */
	void *context;
	size_t len; /* of all that was or would have been emitted */
};

void image_out(struct image_out *out, const void *bytes, size_t len);

struct image_format {
	const char *mime;
	bool (*is)(const uint8_t *data, size_t len);
	bool (*walk)(const uint8_t *data, size_t len, struct image_info *info,
		     struct image_out *out);
};

extern const struct image_format image_jpeg, image_png, image_gif, image_webp;

static inline uint32_t image_be16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

static inline uint32_t image_be32(const uint8_t *at)
{
	return image_be16(at) << 16 | image_be16(at + 2);
}

static inline uint32_t image_le16(const uint8_t *at)
{
	return (uint32_t)at[1] << 8 | at[0];
}

static inline uint32_t image_le32(const uint8_t *at)
{
	return image_le16(at + 2) << 16 | image_le16(at);
}

#endif
