/*
 * image - what the first bytes of a picture say of it, and the same picture
 * without what cameras and editors wrote beside it: EXIF, XMP, IPTC, comments,
 * previews, and whatever follows its end. How it is turned and its colour
 * profile stay, for without them it would look different.
 *
 * Of a damaged picture stays what is whole up to the damage, with an end; in
 * JPEG, bytes between two segments are passed, as decoders pass them.
 *
 * Pure: nothing is decoded, only the containers are walked. JPEG: ITU-T T.81
 * annex B; PNG: https://www.w3.org/TR/png-3/; GIF: GIF89a;
 * WebP: RFC 9649, section 2.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum image_type { IMAGE_NONE, IMAGE_JPEG, IMAGE_PNG, IMAGE_GIF, IMAGE_WEBP };

struct image_info {
	enum image_type type;
	uint32_t width, height; /* as it is shown: turned, in pixels */
	unsigned orientation;	/* 1 to 8, EXIF's (TIFF tag 274) */
};

/* By its first bytes alone. */
enum image_type image_type(const uint8_t *data, size_t len);
const char *image_mime(enum image_type type); /* "image/jpeg"; static */

/* False: no picture of these four types, or one too damaged to draw anything
 * of; *info is then all zero. */
bool image_read(const uint8_t *data, size_t len, struct image_info *info);

/* Called with one piece of the result after the other, in order. */
typedef void image_emit(const void *bytes, size_t len, void *context);

/*
 * Emits the picture without its metadata. False as image_read() says it, and
 * what was emitted by then is to be thrown away.
 */
bool image_strip(const uint8_t *data, size_t len, image_emit *emit,
		 void *context);

#endif
